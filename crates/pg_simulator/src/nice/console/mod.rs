//! The simulator's own console: a page for people at `/nice/`, and the same switches as addresses under
//! `/nice/_control`. Each takes JSON and answers JSON; a form gets the console page back.
//!
//! | address | fields |
//! |---|---|
//! | POST `authenticate` | the fields of `requestPay` (`clientId`, `method`, `amount`, `orderId`, …) → the form for the return address |
//! | POST `window` | `parameters` (what the script is given), `outcome?` (approve, decline, close) → `{return}`: the same form |
//! | POST `deposit` | `orderId`, `amount?` (won), `forced?` |
//! | POST `resend` | `orderId` |
//! | POST `faults` | `fault`, and `operation?` with `times?` (the next calls of anybody) or `rate` (a share of all), or `orderId` (that payment's) |
//! | GET `faults` | what is in force |
//! | POST `faults/clear` | |
//! | POST `certificate` | `certificate`: good, expired, wrong-host, untrusted |
//! | POST `settings` | `latencyMs?`, `hangMs?`, `slowMs?` |
//! | POST `notice-urls` | `mid`, `urls` (separated by spaces or commas) |
//! | GET `truth/{orderId}` | what the PG knows: status, approved, balance, number of approvals |
//! | GET `truths` | the same for every order that was approved |

mod page;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};

pub(crate) use page::show;

use super::control::{Deposit, Truth};
use super::fields::Fields;
use super::window::Outcome;
use super::window::params::WindowRequest;
use super::{Code, Pg, notice};
use crate::faults::Plan;
use crate::faults::control::{self, Done};

pub(crate) fn switches() -> Router<Pg> {
    Router::new()
        .route("/authenticate", post(authenticate))
        .route("/window", post(visit))
        .route("/deposit", post(deposit))
        .route("/resend", post(resend))
        .route("/faults", get(faults_in_force).post(plan_fault))
        .route("/faults/clear", post(clear_faults))
        .route("/certificate", post(certificate))
        .route("/settings", post(settings))
        .route("/notice-urls", post(notice_urls))
        .route("/truth/{order_id}", get(truth))
        .route("/truths", get(truths))
}

/// Reads a form or JSON, acts, and answers its sender in kind.
fn switch(headers: &HeaderMap, body: &[u8], act: impl FnOnce(&Fields) -> Done) -> Response {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let by_form = kind.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if !by_form {
        let fields = Fields::from_body(body).map_err(|_| (StatusCode::BAD_REQUEST, "INVALID_JSON"));
        return answer(fields.and_then(|fields| act(&fields)));
    }
    match act(&Fields::parse(body)) {
        Ok(_) => Redirect::to("/nice/").into_response(),
        Err((_, name)) => Redirect::to(&format!("/nice/?refused={name}")).into_response(),
    }
}

fn answer(done: Done) -> Response {
    let (status, value) = match done {
        Ok(value) => (StatusCode::OK, value),
        Err((status, name)) => (status, json!({ "code": name })),
    };
    (
        status,
        [(header::CONTENT_TYPE, "application/json")],
        notice::json(&value),
    )
        .into_response()
}

fn needed<'a>(fields: &'a Fields, name: &str) -> Result<&'a str, (StatusCode, &'static str)> {
    fields.get(name).ok_or((StatusCode::BAD_REQUEST, "MISSING_FIELD"))
}

/// The PG's own HTTP status for a refusal is 200, which here would say that all went well.
fn refused(code: Code) -> (StatusCode, &'static str) {
    (StatusCode::BAD_REQUEST, code.as_str())
}

async fn authenticate(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    switch(&headers, &body, |fields| {
        let request = WindowRequest::parse(fields).map_err(refused)?;
        let form = pg.visit(request, fields, Outcome::Approve).map_err(refused)?;
        Ok(json!(form))
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Visit {
    parameters: Map<String, Value>,
    outcome: Option<String>,
}

/// The window without a browser, in the shape that every simulated PG has it.
async fn visit(State(pg): State<Pg>, body: Bytes) -> Response {
    let Ok(visit) = serde_json::from_slice::<Visit>(&body) else {
        return answer(Err((StatusCode::BAD_REQUEST, "INVALID_JSON")));
    };
    let outcome = visit.outcome.as_deref().unwrap_or("approve");
    let Some(outcome) = Outcome::parse(outcome) else {
        return answer(Err((StatusCode::BAD_REQUEST, "UNKNOWN_OUTCOME")));
    };
    let fields = Fields::from_json(&visit.parameters);
    let request = WindowRequest::parse(&fields);
    let form = request.and_then(|request| pg.visit(request, &fields, outcome));
    answer(form.map(|form| json!({ "return": form })).map_err(refused))
}

async fn deposit(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    switch(&headers, &body, |fields| {
        let deposit = Deposit {
            amount: fields.won("amount").map_err(refused)?,
            forced: fields.flag("forced"),
        };
        pg.make_deposit(needed(fields, "orderId")?, deposit)
            .map_err(|refused| (StatusCode::CONFLICT, refused.as_str()))?;
        Ok(json!({ "result": true }))
    })
}

async fn resend(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    switch(&headers, &body, |fields| {
        pg.resend_notice(needed(fields, "orderId")?).map_err(refused)?;
        Ok(json!({ "result": true }))
    })
}

async fn plan_fault(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    switch(&headers, &body, |fields| {
        let Some(order_id) = fields.get("orderId") else {
            return control::ask(&pg.0.line, |name| fields.get(name));
        };
        let plan = Plan::parse(needed(fields, "fault")?).ok_or((StatusCode::BAD_REQUEST, "UNKNOWN_FAULT"))?;
        pg.plan_fault_for(order_id, plan).map_err(refused)?;
        Ok(json!({ "result": true }))
    })
}

async fn faults_in_force(State(pg): State<Pg>) -> Response {
    answer(Ok(control::in_force(&pg.0.line)))
}

async fn clear_faults(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    switch(&headers, &body, |_| control::clear(&pg.0.line))
}

async fn certificate(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    switch(&headers, &body, |fields| {
        control::certificate(&pg.0.line, |name| fields.get(name))
    })
}

async fn settings(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    switch(&headers, &body, |fields| {
        control::settings(&pg.0.line, |name| fields.get(name))
    })
}

async fn notice_urls(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    switch(&headers, &body, |fields| {
        let urls = fields.get("urls").unwrap_or_default();
        let urls: Vec<&str> = urls.split([' ', ',']).filter(|url| !url.is_empty()).take(8).collect();
        if urls.iter().any(|url| url::Url::parse(url).is_err()) {
            return Err((StatusCode::BAD_REQUEST, "NOT_AN_ADDRESS"));
        }
        let mid = needed(fields, "mid")?;
        if !pg.0.merchants.values().any(|merchant| merchant.mid == mid) {
            return Err((StatusCode::NOT_FOUND, "UNKNOWN_MERCHANT"));
        }
        pg.set_notice_urls(mid, &urls);
        Ok(json!({ "result": true }))
    })
}

fn truth_view(order_id: &str, truth: &Truth) -> Value {
    json!({
        "orderId": order_id,
        "tid": truth.tid,
        "status": truth.status.as_str(),
        "approved": truth.approved.minor,
        "balance": truth.balance.minor,
        "approvals": truth.approvals,
        "cancels": truth.cancels,
    })
}

async fn truth(State(pg): State<Pg>, Path(order_id): Path<String>) -> Response {
    let truth = pg.truth(&order_id).map(|truth| truth_view(&order_id, &truth));
    answer(truth.ok_or((StatusCode::NOT_FOUND, "UNKNOWN_ORDER")))
}

async fn truths(State(pg): State<Pg>) -> Response {
    let truths = pg.truths();
    let approved = truths.iter().filter(|(_, truth)| truth.approvals > 0);
    let views = approved.map(|(order_id, truth)| truth_view(order_id, truth));
    answer(Ok(Value::Array(views.collect())))
}

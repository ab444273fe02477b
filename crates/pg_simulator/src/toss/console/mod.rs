//! The simulator's own console: a page for people at `/toss/`, and the same switches as addresses under
//! `/toss/_control`. Each takes JSON and answers JSON; a form gets the console page back.
//!
//! | address | fields |
//! |---|---|
//! | POST `authenticate` | the window's fields (`clientKey`, `method`, `amount`, `orderId`, `orderName`, …) → `{paymentKey}` |
//! | POST `window` | `parameters` (what the script is given), `outcome?` (approve, decline, close) → `{return}`: what the browser comes back with |
//! | POST `deposit` | `orderId`, `amount?` (minor units), `depositorName?`, `forced?` |
//! | POST `take-back` | `orderId` |
//! | POST `resend` | `orderId` |
//! | POST `faults` | `fault`, and `operation?` with `times?` (the next calls of anybody) or `rate` (a share of all), or `orderId` (that payment's) |
//! | GET `faults` | what is in force |
//! | POST `faults/clear` | |
//! | POST `certificate` | `certificate`: good, expired, wrong-host, untrusted |
//! | POST `settings` | `latencyMs?`, `hangMs?`, `slowMs?` |
//! | POST `notice-urls` | `mid`, `urls` (separated by spaces or commas) |
//! | GET `payments` | the newest payments |
//! | GET `truth/{orderId}` | what the PG knows: status, approved, balance, number of approvals |
//! | GET `truths` | the same for every order that was approved |
//! | GET `notices` | the latest notices tried, and how many wait |

mod page;
mod shopper;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use bytes::Bytes;
use serde::Serialize;
use serde_json::json;
use vocabulary::Timestamp;

pub(crate) use page::show;

use super::amount::Amount;
use super::control::{Deposit, Truth};
use super::window::fields::Fields;
use super::window::params::WindowRequest;
use super::wire::Reader;
use super::{Code, Lang, Pg, notice};
use crate::faults::control::{self, Done};
use crate::faults::{NoticePlan, Plan};

/// Payments shown at a time.
const SHOWN_MAX: usize = 50;

pub(crate) fn switches() -> Router<Pg> {
    Router::new()
        .route("/authenticate", post(authenticate))
        .route("/window", post(shopper::visit))
        .route("/deposit", post(deposit))
        .route("/take-back", post(take_back))
        .route("/resend", post(resend))
        .route("/faults", get(faults_in_force).post(plan_fault))
        .route("/faults/clear", post(clear_faults))
        .route("/certificate", post(certificate))
        .route("/settings", post(settings))
        .route("/notice-urls", post(notice_urls))
        .route("/payments", get(payments))
        .route("/truth/{order_id}", get(truth))
        .route("/truths", get(truths))
        .route("/notices", get(notices))
}

/// The fields of a body, and how its sender wants to be answered.
struct Asked {
    fields: Fields,
    by_form: bool,
}

impl Asked {
    fn read(headers: &HeaderMap, body: &[u8]) -> Result<Asked, (StatusCode, &'static str)> {
        let kind = headers
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default();
        if kind.starts_with("application/x-www-form-urlencoded") {
            return Ok(Asked {
                fields: Fields::parse(body),
                by_form: true,
            });
        }
        let text = if body.is_empty() { b"{}" } else { body };
        match serde_json::from_slice(text) {
            Ok(object) => Ok(Asked {
                fields: Fields::from_json(&object),
                by_form: false,
            }),
            Err(_) => Err((StatusCode::BAD_REQUEST, "INVALID_JSON")),
        }
    }

    fn needed(&self, name: &str) -> Result<&str, (StatusCode, &'static str)> {
        self.fields.get(name).ok_or((StatusCode::BAD_REQUEST, "MISSING_FIELD"))
    }

    fn number(&self, name: &str) -> Result<Option<i64>, (StatusCode, &'static str)> {
        let number = self.fields.get(name).map(str::parse).transpose();
        number.map_err(|_| (StatusCode::BAD_REQUEST, "NOT_A_NUMBER"))
    }
}

fn switch(headers: &HeaderMap, body: &[u8], act: impl FnOnce(&Asked) -> Done) -> Response {
    let asked = match Asked::read(headers, body) {
        Ok(asked) => asked,
        Err(refused) => return answer(Err(refused)),
    };
    let done = act(&asked);
    if !asked.by_form {
        return answer(done);
    }
    match done {
        Ok(_) => Redirect::to("/toss/").into_response(),
        Err((_, name)) => Redirect::to(&format!("/toss/?refused={name}")).into_response(),
    }
}

fn answer(done: Done) -> Response {
    match done {
        Ok(value) => json_response(StatusCode::OK, &value),
        Err((status, name)) => json_response(status, &json!({ "code": name })),
    }
}

fn json_response(status: StatusCode, value: &impl Serialize) -> Response {
    (
        status,
        [(header::CONTENT_TYPE, "application/json")],
        notice::json(value),
    )
        .into_response()
}

fn refused(code: Code) -> (StatusCode, &'static str) {
    (code.status(), code.as_str())
}

async fn authenticate(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    switch(&headers, &body, |asked| {
        let request = WindowRequest::parse(&asked.fields).map_err(refused)?;
        let order_id = request.order_id.clone();
        let key = pg.authenticate_with(request, &asked.fields).map_err(refused)?;
        Ok(json!({ "paymentKey": key, "orderId": order_id }))
    })
}

async fn deposit(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    switch(&headers, &body, |asked| {
        let deposit = Deposit {
            amount: asked.number("amount")?,
            depositor: asked.fields.get("depositorName").map(str::to_owned),
            forced: asked.fields.flag("forced"),
        };
        let done = pg.make_deposit(asked.needed("orderId")?, deposit);
        done.map_err(|refused| (StatusCode::CONFLICT, refused.as_str()))?;
        Ok(json!({ "result": true }))
    })
}

async fn take_back(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    switch(&headers, &body, |asked| {
        let done = pg.take_deposit_back(asked.needed("orderId")?);
        done.map_err(|refused| (StatusCode::CONFLICT, refused.as_str()))?;
        Ok(json!({ "result": true }))
    })
}

async fn resend(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    switch(&headers, &body, |asked| {
        pg.resend_notice(asked.needed("orderId")?).map_err(refused)?;
        Ok(json!({ "result": true }))
    })
}

async fn plan_fault(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    switch(&headers, &body, |asked| {
        if let Some(order_id) = asked.fields.get("orderId") {
            let plan = Plan::parse(asked.needed("fault")?).ok_or((StatusCode::BAD_REQUEST, "UNKNOWN_FAULT"))?;
            pg.plan_fault_for(order_id, plan).map_err(refused)?;
            return Ok(json!({ "result": true }));
        }
        control::ask(&pg.0.line, |name| asked.fields.get(name))
    })
}

async fn faults_in_force(State(pg): State<Pg>) -> Response {
    json_response(StatusCode::OK, &control::in_force(&pg.0.line))
}

async fn clear_faults(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    switch(&headers, &body, |_| control::clear(&pg.0.line))
}

async fn certificate(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    switch(&headers, &body, |asked| {
        control::certificate(&pg.0.line, |name| asked.fields.get(name))
    })
}

async fn settings(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    switch(&headers, &body, |asked| {
        control::settings(&pg.0.line, |name| asked.fields.get(name))
    })
}

async fn notice_urls(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    switch(&headers, &body, |asked| {
        let urls = asked.fields.get("urls").unwrap_or_default();
        let urls: Vec<&str> = urls.split([' ', ',']).filter(|url| !url.is_empty()).take(8).collect();
        if urls.iter().any(|url| url::Url::parse(url).is_err()) {
            return Err((StatusCode::BAD_REQUEST, "NOT_AN_ADDRESS"));
        }
        let mid = asked.needed("mid")?;
        if !pg.0.mids.contains_key(mid) {
            return Err(refused(Code::NOT_FOUND_MERCHANT));
        }
        pg.set_notice_urls(mid, &urls);
        Ok(json!({ "result": true }))
    })
}

async fn payments(State(pg): State<Pg>) -> Response {
    let newest = pg.newest(SHOWN_MAX);
    let public_url = pg.public_url();
    let reader = Reader {
        lang: Lang::Ko,
        now: pg.now(),
        public_url: &public_url,
    };
    let views: Vec<_> = newest.iter().map(|payment| reader.payment(payment)).collect();
    json_response(StatusCode::OK, &views)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TruthView {
    order_id: String,
    payment_key: String,
    status: &'static str,
    approved: Amount,
    balance: Amount,
    approvals: u32,
    cancels: usize,
}

impl TruthView {
    fn of(order_id: String, truth: Truth) -> TruthView {
        let Truth {
            payment_key,
            status,
            approved,
            balance,
            approvals,
            cancels,
        } = truth;
        let (approved, balance, status) = (Amount(approved), Amount(balance), status.as_str());
        TruthView {
            order_id,
            payment_key,
            status,
            approved,
            balance,
            approvals,
            cancels,
        }
    }
}

async fn truth(State(pg): State<Pg>, Path(order_id): Path<String>) -> Response {
    match pg.truth(&order_id) {
        Some(truth) => json_response(StatusCode::OK, &TruthView::of(order_id, truth)),
        None => answer(Err(refused(Code::NOT_FOUND_PAYMENT))),
    }
}

async fn truths(State(pg): State<Pg>) -> Response {
    let approved = pg.truths().into_iter().filter(|(_, truth)| truth.approvals > 0);
    let views: Vec<_> = approved
        .map(|(order_id, truth)| TruthView::of(order_id, truth))
        .collect();
    json_response(StatusCode::OK, &views)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NoticesView {
    waiting: usize,
    next_due_at: Option<String>,
    /// Found the queue full.
    dropped: u64,
    tried: Vec<TriedView>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct TriedView {
    event: &'static str,
    order_id: String,
    url: String,
    at: String,
    retried: usize,
    status: Option<u16>,
}

async fn notices(State(pg): State<Pg>) -> Response {
    let notices = &pg.0.notices;
    let tried = notices.history().into_iter().map(|sent| TriedView {
        event: sent.event,
        order_id: sent.order_id,
        url: sent.url.to_string(),
        at: sent.at.in_korea(),
        retried: sent.retried,
        status: sent.status,
    });
    let view = NoticesView {
        waiting: notices.waiting(),
        next_due_at: notices.next_due().map(Timestamp::in_korea),
        dropped: notices.dropped(),
        tried: tried.collect(),
    };
    json_response(StatusCode::OK, &view)
}

impl Pg {
    fn newest(&self, count: usize) -> Vec<std::sync::Arc<super::payment::Payment>> {
        self.with(NoticePlan::default(), |store, _| {
            store.newest().take(count).cloned().collect()
        })
    }
}

//! The window's addresses.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use bytes::Bytes;

use super::end::{End, Outcome};
use super::fields::Fields;
use super::params::WindowRequest;
use super::{Window, choice, view};
use crate::faults::{NoticePlan, Operation, Plan, remember};
use crate::tls::Certificate;
use crate::toss::{Code, Lang, Pg, keys};

/// `POST /toss/window`: the fields are listed at [`WindowRequest`].
pub(crate) async fn open_by_form(State(pg): State<Pg>, body: Bytes) -> Response {
    open(&pg, &Fields::parse(&body))
}

/// `GET /toss/window?…`: the same by query.
pub(crate) async fn open_by_query(State(pg): State<Pg>, RawQuery(query): RawQuery) -> Response {
    open(&pg, &Fields::parse(query.unwrap_or_default().as_bytes()))
}

fn open(pg: &Pg, fields: &Fields) -> Response {
    if !fields
        .get("clientKey")
        .is_some_and(|key| pg.0.by_client_key.contains_key(key))
    {
        // Nobody is sent anywhere in the name of an unknown merchant.
        let code = Code::UNAUTHORIZED_KEY;
        return page(
            code.status(),
            view::refusal(code, fields.get("_origin"), None),
            None,
            "*",
        );
    }
    let request = match WindowRequest::parse(fields) {
        Ok(request) => request,
        Err(code) => return refused_unread(fields, code),
    };
    let payment = match pg.begin(&request) {
        Ok(payment) => payment,
        Err(code) => return ended(None, &request, &End::Failure(code)),
    };
    if let Some(outcome) = fields.get("_auto").and_then(Outcome::parse) {
        return match pg.finish(&payment.key, &request, fields, outcome) {
            Ok(end) => ended(None, &request, &end),
            Err(code) => ended(None, &request, &End::Failure(code)),
        };
    }
    let id = keys::window(&pg.0.chance);
    let window = Window {
        payment: payment.key.clone(),
        request: Arc::new(request),
        ended: None,
    };
    pg.with(NoticePlan::default(), |store, _| store.windows.open(id.clone(), window));
    // A page of its own, so that reloading it opens no second payment.
    Redirect::to(&format!("/toss/window/{id}")).into_response()
}

/// The request is wrong. A shop that can be told is told; others see a page.
fn refused_unread(fields: &Fields, code: Code) -> Response {
    let fail_url = fields.get("failUrl").and_then(|text| url::Url::parse(text).ok());
    let mut back = fail_url.filter(|url| matches!(url.scheme(), "http" | "https"));
    if let Some(address) = &mut back {
        address
            .query_pairs_mut()
            .append_pair("code", code.as_str())
            .append_pair("message", code.message(Lang::Ko))
            .append_pair("orderId", fields.get("orderId").unwrap_or_default());
    }
    match back {
        Some(address) if fields.get("windowTarget") != Some("iframe") => Redirect::to(address.as_str()).into_response(),
        back => {
            let html = view::refusal(code, fields.get("_origin"), back.as_ref());
            page(code.status(), html, None, "*")
        }
    }
}

/// `GET /toss/window/{id}`
pub(crate) async fn show(State(pg): State<Pg>, Path(id): Path<String>, RawQuery(query): RawQuery) -> Response {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    match pg.window(&id) {
        None => gone(),
        Some(Window {
            request,
            ended: Some(end),
            ..
        }) => ended(Some(&id), &request, &end),
        Some(window) => step(&pg, &id, &window.request, &fields, false, None),
    }
}

/// `POST /toss/window/{id}`: `outcome` is next, back, approve, decline, decline-limit, decline-lost or close;
/// the other fields are listed at [`choice::read`], `fault` at [`crate::faults`]; `faultOn` is the operation, and
/// `certificate` what new connections see from now on, where TLS is served.
pub(crate) async fn answer(State(pg): State<Pg>, Path(id): Path<String>, body: Bytes) -> Response {
    let fields = Fields::parse(&body);
    let Some(window) = pg.window(&id) else { return gone() };
    if let Some(end) = &window.ended {
        // The same button twice: the first answer again.
        return ended(Some(&id), &window.request, end);
    }
    let outcome = fields.get("outcome").and_then(Outcome::parse).unwrap_or(Outcome::Next);
    match outcome {
        Outcome::Back => step(&pg, &id, &window.request, &fields, false, None),
        Outcome::Next => match choice::read(&window.request, &fields, pg.now()) {
            Ok(_) => step(&pg, &id, &window.request, &fields, true, None),
            Err(code) => step(&pg, &id, &window.request, &fields, false, Some(code)),
        },
        outcome => match pg.finish(&window.payment, &window.request, &fields, outcome) {
            Ok(end) => {
                pg.with(NoticePlan::default(), |store, _| store.windows.end(&id, end.clone()));
                ended(Some(&id), &window.request, &end)
            }
            Err(code @ (Code::NOT_FOUND_PAYMENT_SESSION | Code::ALREADY_PROCESSED_PAYMENT)) => {
                ended(Some(&id), &window.request, &End::Failure(code))
            }
            // A wrong one-time code is asked for again where it was asked for.
            Err(code) => {
                let second = code == Code::INVALID_AUTHORIZE_AUTH;
                step(&pg, &id, &window.request, &fields, second, Some(code))
            }
        },
    }
}

/// `GET /toss/window/{id}/result`: in an iframe, tells the page around it.
pub(crate) async fn result(State(pg): State<Pg>, Path(id): Path<String>) -> Response {
    match pg.window(&id) {
        Some(Window {
            request,
            ended: Some(end),
            ..
        }) => result_page(&request, &end),
        _ => gone(),
    }
}

impl Pg {
    fn window(&self, id: &str) -> Option<Window> {
        self.with(NoticePlan::default(), |store, _| store.windows.get(id))
    }

    /// Ends a payment's window as the shopper chose, together with the faults chosen for it.
    fn finish(&self, key: &str, request: &WindowRequest, fields: &Fields, outcome: Outcome) -> Result<End, Code> {
        let refuse = match outcome {
            Outcome::Close => return Ok(End::Failure(Code::PAY_PROCESS_CANCELED)),
            Outcome::Decline => return Ok(End::Failure(Code::REJECT_CARD_COMPANY)),
            Outcome::DeclineLimit => Some(Code::REJECT_CARD_PAYMENT),
            Outcome::DeclineLost => Some(Code::INVALID_CARD_LOST_OR_STOLEN),
            Outcome::Approve | Outcome::Next | Outcome::Back => fields.get("refuse").and_then(Code::parse),
        };
        self.choose(key, request, fields)?;
        if let Some(certificate) = fields.get("certificate").and_then(Certificate::parse) {
            self.0.line.show_certificate(certificate);
        }
        let fault = fields.get("fault").and_then(Plan::parse).map(|plan| Plan {
            operation: fields.get("faultOn").and_then(Operation::parse).or(plan.operation),
            ..plan
        });
        if refuse.is_some() || fault.is_some() {
            self.with(NoticePlan::default(), |store, _| {
                store.amend(key, |payment| {
                    payment.trouble.refuse = refuse.or(payment.trouble.refuse);
                    if let Some(plan) = fault {
                        remember(&mut payment.trouble.plans, plan);
                    }
                });
            });
        }
        Ok(End::Success {
            payment_key: key.to_owned(),
        })
    }
}

fn step(pg: &Pg, id: &str, request: &WindowRequest, fields: &Fields, second: bool, mistake: Option<Code>) -> Response {
    let status = if mistake.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    page(
        status,
        view::step(id, request, fields, second, mistake, pg.0.line.certificate()),
        Some(request),
        frames(request),
    )
}

/// The way back to the shop: by redirect, or, out of an iframe, by a page that tells the one around it.
fn ended(id: Option<&str>, request: &WindowRequest, end: &End) -> Response {
    match (end.address(request), id) {
        (Some(address), _) if !request.iframe => Redirect::to(address.as_str()).into_response(),
        (_, Some(id)) => Redirect::to(&format!("/toss/window/{id}/result")).into_response(),
        (_, None) => result_page(request, end),
    }
}

fn result_page(request: &WindowRequest, end: &End) -> Response {
    page(
        StatusCode::OK,
        view::result(request, end),
        Some(request),
        frames(request),
    )
}

fn gone() -> Response {
    page(
        StatusCode::NOT_FOUND,
        view::refusal(Code::NOT_FOUND_PAYMENT_SESSION, None, None),
        None,
        "'none'",
    )
}

fn frames(request: &WindowRequest) -> &'static str {
    if request.iframe { "*" } else { "'none'" }
}

/// A page with the strictest policy it works under. Browsers hold a form's whole chain of redirects against
/// `form-action`, and where the shop's return address leads next is not known here: so with one, any is allowed.
fn page(status: StatusCode, html: String, request: Option<&WindowRequest>, frame_ancestors: &str) -> Response {
    let returns = request.is_some_and(|request| request.success_url.is_some());
    let form_action = if returns { "'self' http: https:" } else { "'self'" };
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; \
         form-action {form_action}; frame-ancestors {frame_ancestors}"
    );
    let mut response = (status, axum::response::Html(html)).into_response();
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// `GET /toss/receipt/redirection?transactionId=`: where `receipt.url` leads.
pub(crate) async fn receipt(State(pg): State<Pg>, RawQuery(query): RawQuery) -> Response {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    receipt_page(&pg, fields.get("transactionId").unwrap_or_default())
}

/// `GET /v1/payments/{paymentKey}/checkout`: where `checkout.url` leads.
pub(crate) async fn checkout(State(pg): State<Pg>, Path(key): Path<String>) -> Response {
    receipt_page(&pg, &key)
}

fn receipt_page(pg: &Pg, key: &str) -> Response {
    let found = pg.with(NoticePlan::default(), |store, now| store.get(key, now));
    let status = if found.is_some() {
        StatusCode::OK
    } else {
        StatusCode::NOT_FOUND
    };
    page(status, view::receipt(found.as_deref()), None, "'none'")
}

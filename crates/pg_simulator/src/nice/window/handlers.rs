//! The window's addresses.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use bytes::Bytes;

use super::end::Outcome;
use super::params::WindowRequest;
use super::{Window, view};
use crate::faults::NoticePlan;
use crate::nice::fields::Fields;
use crate::nice::{Code, Pg, keys};
use crate::tls::Certificate;

/// `POST /nice/window`: the fields are listed at [`WindowRequest`].
pub(crate) async fn open_by_form(State(pg): State<Pg>, body: Bytes) -> Response {
    open(&pg, &Fields::parse(&body))
}

/// `GET /nice/window?…`: the same by query.
pub(crate) async fn open_by_query(State(pg): State<Pg>, RawQuery(query): RawQuery) -> Response {
    open(&pg, &Fields::parse(query.unwrap_or_default().as_bytes()))
}

/// A request that is wrong opens no window, and nobody is sent anywhere: the script's `fnError` hears of it, or
/// the person in front of the page.
fn open(pg: &Pg, fields: &Fields) -> Response {
    let request = WindowRequest::parse(fields).and_then(|request| pg.admit(&request).map(|()| request));
    let request = match request {
        Ok(request) => request,
        Err(code) => {
            let html = view::refusal(code, fields.get("_origin"));
            return page(StatusCode::BAD_REQUEST, html, "*");
        }
    };
    let id = keys::window(&pg.0.chance);
    let window = Window {
        request: Arc::new(request),
        ended: None,
    };
    pg.with(NoticePlan::default(), |store, _| store.windows.open(id.clone(), window));
    // A page of its own, so that reloading it opens no second window.
    Redirect::to(&format!("/nice/window/{id}")).into_response()
}

/// `GET /nice/window/{id}`
pub(crate) async fn show(State(pg): State<Pg>, Path(id): Path<String>) -> Response {
    match pg.window(&id) {
        None => gone(),
        Some(Window { ended: Some(_), .. }) => Redirect::to(&format!("/nice/window/{id}/result")).into_response(),
        Some(window) => step(&pg, &id, &window.request, &Fields::default(), None),
    }
}

/// `POST /nice/window/{id}`: `outcome` is approve, decline, decline-later or close; the other fields are listed at
/// `choice::read`, `fault` and `faultOn` at [`crate::faults`].
pub(crate) async fn answer(State(pg): State<Pg>, Path(id): Path<String>, body: Bytes) -> Response {
    let fields = Fields::parse(&body);
    let Some(window) = pg.window(&id) else { return gone() };
    let result = Redirect::to(&format!("/nice/window/{id}/result")).into_response();
    if window.ended.is_some() {
        // The same button twice: the first answer again.
        return result;
    }
    if let Some(certificate) = fields.get("certificate").and_then(Certificate::parse)
        && pg.0.line.certificate() != Some(certificate)
    {
        pg.0.line.show_certificate(certificate);
    }
    let outcome = fields
        .get("outcome")
        .and_then(Outcome::parse)
        .unwrap_or(Outcome::Approve);
    match pg.finish(&window.request, &fields, outcome) {
        Ok(end) => {
            pg.with(NoticePlan::default(), |store, _| store.windows.end(&id, end));
            result
        }
        Err(code) => step(&pg, &id, &window.request, &fields, Some(code)),
    }
}

/// `GET /nice/window/{id}/result`: the form for the shop's return address. In an iframe the page around it sends it.
pub(crate) async fn result(State(pg): State<Pg>, Path(id): Path<String>) -> Response {
    let window = pg.window(&id);
    let Some((request, end)) = window.and_then(|window| Some((window.request, window.ended?))) else {
        return gone();
    };
    match pg.0.merchants.get(&request.client_id) {
        Some(merchant) => page(StatusCode::OK, view::result(&request, &end, merchant), frames(&request)),
        None => gone(),
    }
}

impl Pg {
    fn window(&self, id: &str) -> Option<Window> {
        self.with(NoticePlan::default(), |store, _| store.windows.get(id))
    }
}

fn step(pg: &Pg, id: &str, request: &WindowRequest, fields: &Fields, mistake: Option<Code>) -> Response {
    let status = match mistake {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let html = view::step(id, request, fields, mistake, pg.0.line.certificate());
    page(status, html, frames(request))
}

fn gone() -> Response {
    page(
        StatusCode::NOT_FOUND,
        view::refusal(Code::NOTHING_FOUND, None),
        "'none'",
    )
}

fn frames(request: &WindowRequest) -> &'static str {
    if request.iframe { "*" } else { "'none'" }
}

/// A page with the strictest policy it works under: its form goes to a shop's address, which is not known here.
fn page(status: StatusCode, html: String, frame_ancestors: &str) -> Response {
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; \
         form-action 'self' http: https:; frame-ancestors {frame_ancestors}"
    );
    let mut response = (status, axum::response::Html(html)).into_response();
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// `GET /nice/issue/IssueLoader.do?TID=`: where `receiptUrl` leads.
pub(crate) async fn receipt(State(pg): State<Pg>, RawQuery(query): RawQuery) -> Response {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let tid = fields.get("TID").unwrap_or_default();
    let found = pg.with(NoticePlan::default(), |store, now| store.get(tid, now));
    match found.filter(|payment| payment.is_transaction()) {
        Some(payment) => page(StatusCode::OK, view::receipt(&payment), "'none'"),
        None => gone(),
    }
}

//! The shopper's way: choose, go to the PG's window, come back, see what came of it.

use std::collections::BTreeMap;

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use flows::{Choice, Error, Locale};
use payments::{AttemptState, Refused};
use serde_json::json;
use url::Url;
use vocabulary::{Duration, Method};

use super::compose::{self, failed_because};
use super::pages::WindowPage;
use super::text::Lang;
use super::visit::{Visit, pairs};
use super::{csp, posted, respond};
use crate::asked::read_body;
use crate::limits::{FORM_BYTES_MAX, RETURN_BYTES_MAX};
use crate::request::header_text;
use crate::{Server, assets};

/// The same choice within this time is a second press of the same button.
const SAME_PRESS: Duration = Duration::seconds(10);

pub(crate) fn routes() -> Router<Server> {
    Router::new()
        .route("/checkout/{token}", get(show_checkout))
        .route(
            "/checkout/{token}/attempts",
            post(open_attempt).get(show_checkout_again),
        )
        .route("/checkout/{token}/attempts/{attempt}", get(show_window))
        .route(
            "/checkout/{token}/attempts/{attempt}/success",
            get(come_back).post(come_back_by_form),
        )
        .route(
            "/checkout/{token}/attempts/{attempt}/fail",
            get(come_back).post(come_back_by_form),
        )
        .route("/checkout/{token}/result", get(show_result))
        .route("/checkout/{token}/status", get(show_status))
}

async fn show_checkout(visit: Visit) -> Response {
    if !visit.payable() {
        return respond::see_other(&visit.path("/result"));
    }
    visit.html(compose::checkout_page(&visit))
}

/// Somebody reloads the address to which the form was sent.
async fn show_checkout_again(visit: Visit) -> Response {
    respond::see_other(&visit.path(""))
}

async fn open_attempt(mut visit: Visit, State(server): State<Server>, headers: HeaderMap, body: Body) -> Response {
    if !from_our_page(&headers, &server.public_url) {
        return respond::foreign(visit.text);
    }
    let Ok(form) = read_body(&headers, body, FORM_BYTES_MAX, &server.limits).await else {
        return respond::see_other(&visit.path("?failed=choice"));
    };
    let form = pairs(&form);
    if let Some(lang) = field(&form, "lang").and_then(Lang::from_code) {
        visit.lang_in_query = visit.lang_in_query || lang != visit.text.lang;
        visit.text.lang = lang;
    }
    let Some(choice) = choice(&form) else {
        return respond::see_other(&visit.path("?failed=choice"));
    };
    if let Some(attempt) = pressed_twice(&visit, &choice) {
        return respond::see_other(&visit.path(&format!("/attempts/{attempt}")));
    }
    match flows::checkout::open(&visit.app, visit.payment.scope, visit.payment.id, choice).await {
        Ok((_, attempt)) => respond::see_other(&visit.path(&format!("/attempts/{attempt}"))),
        Err(error) => not_opened(&visit, &error),
    }
}

fn not_opened(visit: &Visit, error: &Error) -> Response {
    match error {
        Error::Refused(Refused::TooManyAttempts) => respond::see_other(&visit.path("?failed=too_many_attempts")),
        // Paid, under way, or over: the result page says which.
        Error::Refused(_) => respond::see_other(&visit.path("/result")),
        Error::Busy | Error::Unavailable(_) | Error::Bug => {
            respond::busy(visit.text, Some(visit.request_id.clone()), false, visit.shop_origin())
        }
        _ => respond::see_other(&visit.path("?failed=choice")),
    }
}

/// Forms come from our own pages. The token is the proof of right; this keeps other sites from pressing the button.
fn from_our_page(headers: &HeaderMap, public_url: &str) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return true;
    };
    let Ok(origin) = origin.to_str() else { return false };
    let ours = Url::parse(public_url).map(|url| url.origin().ascii_serialization());
    let host = header_text(headers, header::HOST);
    // A browser sets both headers itself, so they agree on a page of ours, however it was reached.
    ours.is_ok_and(|ours| ours == origin)
        || origin
            .split_once("://")
            .is_some_and(|(_, authority)| Some(authority) == host)
}

fn field<'f>(form: &'f [(String, String)], name: &str) -> Option<&'f str> {
    form.iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
        .filter(|value| !value.is_empty())
}

/// The form names kind and months per method, so that without a script the hidden ones do no harm.
fn choice(form: &[(String, String)]) -> Option<Choice> {
    let method: Method = field(form, "method")?.parse().ok()?;
    let of_method = |name: &str| field(form, &format!("{name}.{method}")).or_else(|| field(form, name));
    let instalment_months = match of_method("instalmentMonths") {
        Some(months) => Some(months.parse().ok()?),
        None => None,
    };
    Some(Choice {
        method,
        kind: of_method("kind").map(str::to_owned),
        instalment_months,
    })
}

fn pressed_twice(visit: &Visit, choice: &Choice) -> Option<vocabulary::AttemptId> {
    let last = visit.payment.attempts.last()?;
    let same =
        last.method == choice.method && last.kind == choice.kind && last.instalment_months == choice.instalment_months;
    let just_now = last.opened_at + SAME_PRESS > visit.app.clock.now();
    (last.state == AttemptState::Opened && same && just_now && visit.payable()).then_some(last.id)
}

async fn show_window(visit: Visit) -> Response {
    let attempt = visit.attempt.and_then(|id| visit.payment.attempt(id).ok());
    let Some(attempt) = attempt.filter(|attempt| attempt.state == AttemptState::Opened && visit.payable()) else {
        return respond::see_other(&visit.path(""));
    };
    let locale = match visit.text.lang {
        Lang::Korean => Locale::Korean,
        Lang::English => Locale::English,
    };
    let window = match flows::checkout::window(&visit.app, &visit.payment, attempt.id, locale, visit.mobile) {
        Ok(window) => window,
        Err(error) => {
            tracing::warn!(payment.id = %visit.payment.id, %error, "the PG has no window for attempt {}", attempt.id);
            return respond::see_other(&visit.path("?failed=method_unavailable"));
        }
    };
    let Some(opener_url) = assets::opener_url(window.opener) else {
        tracing::error!(opener = window.opener, "no script speaks to this PG's window");
        return respond::see_other(&visit.path("?failed=method_unavailable"));
    };
    let page = WindowPage {
        page: visit.page("window", Some(&format!("/attempts/{}", attempt.id))),
        bill: compose::bill(visit.text, &visit.payment, false),
        method: compose::method_name(visit.text, attempt),
        pg_script_url: window.script_url,
        opener_url,
        parameters: window.parameters,
        back_url: visit.path(""),
    };
    let mut response = respond::html(StatusCode::OK, page);
    csp::with_pg(response.headers_mut(), visit.shop_origin().as_deref(), &window.origins);
    visit.remember_lang(response.headers_mut());
    response
}

/// Both of the PG's ways back. What the address says decides nothing by itself.
async fn come_back(visit: Visit) -> Response {
    let said = visit.query.clone();
    came_back(visit, &said).await
}

/// The same from a PG that posts a form. It comes from the PG's page, so another origin than ours is right
/// here, and no cookie comes along; that it says what is true is for the connector and the PG to find.
async fn come_back_by_form(visit: Visit, State(server): State<Server>, headers: HeaderMap, body: Body) -> Response {
    match read_body(&headers, body, RETURN_BYTES_MAX, &server.limits).await {
        Ok(form) => {
            let mut said = posted::fields(&form);
            said.extend(visit.query.iter().cloned());
            came_back(visit, &said).await
        }
        Err(_) => {
            tracing::warn!(payment.id = %visit.payment.id, "the form of a return to payment {} cannot be read", visit.payment.id);
            let again = visit.path("");
            respond::bad_return(visit.text, visit.request_id.clone(), again, visit.shop_origin())
        }
    }
}

async fn came_back(mut visit: Visit, said: &[(String, String)]) -> Response {
    let Some(attempt) = visit.attempt else {
        return respond::unknown(visit.text, Some(visit.request_id));
    };
    // Of a name given twice the first counts.
    let query: BTreeMap<String, String> = said.iter().rev().cloned().collect();
    match flows::checkout::returned(&visit.app, visit.payment.scope, visit.payment.id, attempt, query).await {
        Ok(payment) => {
            visit.payment = payment;
            if visit.payable() {
                let reason = visit
                    .payment
                    .attempt(attempt)
                    .ok()
                    .and_then(|attempt| attempt.failure.as_ref());
                let reason = reason.map_or(failed_because(&visit.payment), |failure| failure.reason.as_str());
                return respond::see_other(&visit.path(&format!("?failed={reason}")));
            }
            respond::see_other(&visit.path("/result"))
        }
        Err(error) => came_to_nothing(&visit, &error),
    }
}

fn came_to_nothing(visit: &Visit, error: &Error) -> Response {
    match error {
        Error::BadReturn(_) | Error::Refused(Refused::ReturnedAmount { .. } | Refused::ReturnedOrder) => {
            tracing::warn!(payment.id = %visit.payment.id, %error, "a return does not fit payment {}", visit.payment.id);
            respond::bad_return(
                visit.text,
                visit.request_id.clone(),
                visit.path(""),
                visit.shop_origin(),
            )
        }
        Error::Busy | Error::Unavailable(_) | Error::Bug => {
            respond::busy(visit.text, Some(visit.request_id.clone()), true, visit.shop_origin())
        }
        Error::NotFound(_) => respond::unknown(visit.text, Some(visit.request_id.clone())),
        // It is decided already, or not yet.
        _ => respond::see_other(&visit.path("/result")),
    }
}

async fn show_result(visit: Visit) -> Response {
    if visit.payable() {
        return respond::see_other(&visit.path(""));
    }
    visit.html(compose::result_page(&visit))
}

/// For our page and the SDK: what a shopper may know anyway. No secret, so any page may read it.
async fn show_status(visit: Visit) -> Response {
    let state = visit.payment.state;
    let mut response = Json(json!({
        "status": state.as_str(),
        "outcome": compose::outcome(state),
        "final": state.settled(),
        "paymentId": visit.payment.id.to_string(),
        "orderId": visit.payment.order.id.to_string(),
    }))
    .into_response();
    let headers = response.headers_mut();
    csp::own(headers, None);
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

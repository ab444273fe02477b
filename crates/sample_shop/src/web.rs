//! The pages. Each works without scripts; with them, paying happens over the shop's own page.

mod assets;
mod browse;
mod checkout;
mod operator;
mod order;
mod pages;
mod visitor;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use crate::Shop;
use pages::Message;
use visitor::Visitor;

const FORM_BYTES_MAX: usize = 8 * 1024;
const WEBHOOK_BYTES_MAX: usize = 256 * 1024;

pub fn router(shop: Shop) -> Router {
    let pages = Router::new()
        .route("/", get(browse::list_goods))
        .route("/goods/{slug}", get(browse::show_good))
        .route("/cart", get(browse::show_cart).post(browse::change_cart))
        .route("/lang/{lang}", get(browse::choose_lang))
        .route("/checkout", get(checkout::show_form))
        .route("/orders", get(order::list_orders).post(checkout::place_order))
        .route("/orders/{id}", get(order::show_order))
        .route("/orders/{id}/state", get(order::show_state))
        .route("/orders/{id}/pay", post(checkout::pay_order))
        .route("/orders/{id}/cancel", post(order::cancel_order))
        .route("/operator", get(operator::show))
        .fallback(not_found)
        .layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(middleware::from_fn_with_state(shop.clone(), own_pages_only));
    let webhooks = Router::new()
        .route("/webhooks", post(operator::receive_webhook))
        .layer(DefaultBodyLimit::max(WEBHOOK_BYTES_MAX));
    pages
        .merge(webhooks)
        .route("/assets/{file}", get(assets::show))
        .layer(middleware::from_fn_with_state(shop.clone(), with_headers))
        .with_state(shop)
}

/// Forms are taken from the shop's own pages only; the cookie's `SameSite=Lax` says the same again.
async fn own_pages_only(State(_): State<Shop>, visitor: Visitor, request: Request, next: Next) -> Response {
    if request.method() == Method::POST && !same_origin(request.headers()) {
        return refused(&visitor, StatusCode::FORBIDDEN);
    }
    next.run(request).await
}

fn same_origin(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    match (text(ORIGIN), text(HOST)) {
        // Not a browser, or one too old to say.
        (None, _) => true,
        (Some(origin), Some(host)) => origin.split_once("://").is_some_and(|(_, authority)| authority == host),
        (Some(_), None) => false,
    }
}

async fn with_headers(State(shop): State<Shop>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy(&shop.0.sdk_origin)) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Nothing inline, nothing from elsewhere but NaruPay's script and page.
fn policy(naru: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' {naru}; style-src 'self'; img-src 'self'; \
         connect-src 'self' {naru}; frame-src {naru}; form-action 'self' {naru}; \
         frame-ancestors 'self' {naru}; base-uri 'none'"
    )
}

async fn not_found(visitor: Visitor) -> Response {
    missing(&visitor)
}

fn missing(visitor: &Visitor) -> Response {
    let words = visitor.lang.words();
    let message = Message::new(visitor, words.not_found, words.not_found_text);
    (StatusCode::NOT_FOUND, message).into_response()
}

fn refused(visitor: &Visitor, status: StatusCode) -> Response {
    let words = visitor.lang.words();
    let message = Message::new(visitor, words.not_understood, words.not_understood_text);
    (status, message).into_response()
}

//! Which address leads where. Everything is under `/nice`, which clients get as their base address: at the root
//! `/v1/payments/{…}` is Toss's.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get, post};

use super::{Pg, api, console, sdk, window};

/// Larger than any request of the manual.
const BODY_BYTES_MAX: usize = 64 * 1024;

pub(crate) fn router(pg: Pg) -> Router {
    let nice = server_api()
        .route("/", get(console::show))
        .route("/v1/js/", get(sdk::sdk))
        .route("/v1/js", get(sdk::sdk))
        .route("/window", get(window::open_by_query).post(window::open_by_form))
        .route("/window/{id}", get(window::show).post(window::answer))
        .route("/window/{id}/result", get(window::result))
        .nest("/_control", console::switches())
        .route("/issue/IssueLoader.do", get(window::receipt))
        .route("/assets/window.css", get(sdk::window_style))
        .route("/assets/window.js", get(sdk::window_script))
        .route("/assets/icon.svg", get(sdk::icon))
        .fallback(api::no_such_address)
        .method_not_allowed_fallback(api::no_such_method);
    Router::new()
        .nest("/nice", nice)
        .route("/nice/", get(console::show))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(pg)
}

fn server_api() -> Router<Pg> {
    Router::new()
        .route("/v1/access-token", post(api::issue_token))
        .route("/v1/payments/{tid}", get(api::inquire).post(api::approve))
        .route("/v1/payments/{tid}/cancel", post(api::cancel))
        .route("/v1/payments/find/{order_id}", get(api::find))
        .route("/v1/payments/netcancel", post(api::net_cancel))
        .route("/v1/check-amount/{tid}", post(api::check_amount))
        .route("/v1/receipt", post(api::issue_receipt))
        // The manual writes a slash at the end, its samples do not.
        .route("/v1/receipt/", post(api::issue_receipt))
        .route("/v1/receipt/{tid}", get(api::get_receipt))
        .route("/v1/receipt/{tid}/cancel", post(api::cancel_receipt))
        .route("/v1/transactions", get(api::transactions))
        .route("/v1/settlements", get(api::settlements))
        .route("/v1/webhook", get(api::list_hooks).post(api::create_hook))
        .route("/v1/webhook/{method}/update", post(api::update_hook))
        .route("/v1/webhook/{method}/delete", post(api::delete_hook))
        .route("/v1/subscribe/{*rest}", any(api::not_simulated))
        .route("/v1/checkout", any(api::not_simulated))
        .route("/v1/checkout/{*rest}", any(api::not_simulated))
        .route("/v1/payments/checkout/{*rest}", any(api::not_simulated))
        .route("/v1/terms", any(api::not_simulated))
        .route("/v1/card/{*rest}", any(api::not_simulated))
        .route("/v1/epay", any(api::not_simulated))
}

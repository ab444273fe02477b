//! Which address leads where. Everything is under `/toss`; the API and the SDK also answer at the root,
//! for clients that can only be given another host.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get, post};

use super::{Pg, api, console, sdk, window};

/// Larger than any request of the manual.
const BODY_BYTES_MAX: usize = 64 * 1024;

pub(crate) fn router(pg: Pg) -> Router {
    let api = server_api();
    let toss = server_api()
        .route("/", get(console::show))
        .route("/window", get(window::open_by_query).post(window::open_by_form))
        .route("/window/{id}", get(window::show).post(window::answer))
        .route("/window/{id}/result", get(window::result))
        .nest("/_control", console::switches())
        .route("/receipt/redirection", get(window::receipt))
        .route("/assets/window.css", get(sdk::window_style))
        .route("/assets/window.js", get(sdk::window_script))
        .route("/assets/icon.svg", get(sdk::icon));
    Router::new()
        .nest("/toss", toss)
        .route("/toss/", get(console::show))
        .merge(api)
        .fallback(api::unknown)
        .method_not_allowed_fallback(api::unknown)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(pg)
}

fn server_api() -> Router<Pg> {
    Router::new()
        .route("/v2/standard", get(sdk::sdk))
        .route("/v1", get(sdk::sdk))
        .route("/v1/payments/confirm", post(api::confirm))
        .route("/v1/payments/key-in", post(api::key_in))
        .route("/v1/payments/orders/{order_id}", get(api::inquire_by_order))
        .route("/v1/payments/{key}", get(api::inquire).post(api::confirm_legacy))
        .route("/v1/payments/{key}/cancel", post(api::cancel))
        .route("/v1/payments/{key}/checkout", get(window::checkout))
        .route("/v1/virtual-accounts", post(api::virtual_account))
        .route("/v1/cash-receipts", get(api::list_receipts).post(api::issue_receipt))
        .route("/v1/cash-receipts/{key}/cancel", post(api::cancel_receipt))
        .route("/v1/transactions", get(api::transactions))
        // One published client puts a slash at the end.
        .route("/v1/transactions/", get(api::transactions))
        .route("/v1/settlements", get(api::settlements).post(api::request_settlement))
        .route("/v1/billing/{*rest}", any(api::not_simulated))
        .route("/v1/brandpay/{*rest}", any(api::not_simulated))
        .route("/v1/promotions", get(api::not_simulated))
        .route("/v1/promotions/card", get(api::not_simulated))
        .route("/v2/sellers", any(api::not_simulated))
        .route("/v2/sellers/{*rest}", any(api::not_simulated))
        .route("/v2/payouts", any(api::not_simulated))
        .route("/v2/payouts/{*rest}", any(api::not_simulated))
        .route("/v2/balances", get(api::not_simulated))
}

//! The faces to the outside: the API for shops, the checkout pages for shoppers, the door for PGs' notices,
//! and what an operator looks at. Thin: what anything means is decided in `flows`.

mod admission;
mod api;
mod asked;
mod assets;
mod auth;
mod checkout;
mod docs;
mod health;
mod json;
mod limits;
mod listen;
mod metrics;
mod notices;
mod openapi;
mod problem;
mod request;
mod stall;

use std::any::Any;
use std::sync::Arc;

use axum::Router;
use axum::extract::FromRef;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use flows::App;
use metrics_exporter_prometheus::PrometheusHandle;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use admission::Gate;

pub use limits::Limits;
pub use listen::serve;
pub use metrics::{SECONDS_BUCKETS, describe_metrics};
pub use openapi::{openapi, openapi_json};
pub use problem::{MoneyMoved, ProblemCode, problem_codes};

/// What the faces need beside the use cases.
#[derive(Clone, Default)]
pub struct Faces {
    /// Renders `/metrics`; without it there is no such page.
    pub metrics: Option<PrometheusHandle>,
    pub limits: Limits,
}

/// What every handler may use. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Server {
    pub app: Arc<App>,
    pub metrics: Option<PrometheusHandle>,
    pub limits: Arc<Limits>,
    pub public_url: Arc<str>,
    /// A place per request being worked on.
    pub gate: Arc<Gate>,
    /// Hashes what is remembered of requests.
    pub memory_key: aws_lc_rs::hmac::Key,
}

impl FromRef<Server> for Arc<App> {
    fn from_ref(server: &Server) -> Arc<App> {
        server.app.clone()
    }
}

/// All the faces of one installation.
pub fn router(app: Arc<App>, faces: Faces) -> Router {
    let server = Server {
        public_url: app.settings.public_url.as_str().into(),
        gate: Gate::new(faces.limits.in_flight_max),
        limits: Arc::new(faces.limits),
        metrics: faces.metrics,
        memory_key: asked::memory_key(&app),
        app,
    };
    let files = Router::new()
        .route("/assets/{file}", get(assets::show_asset))
        .route("/assets/accent/{file}", get(assets::show_accent))
        .route("/sdk/v1/{file}", get(assets::show_sdk))
        .merge(docs::routes())
        .layer(CompressionLayer::new());
    Router::new()
        .merge(api::routes())
        .merge(checkout::routes())
        .merge(files)
        .route("/notices/{pgAccountId}", post(notices::receive_notice))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::show_metrics))
        .fallback(request::unknown_route)
        .layer(CatchPanicLayer::custom(stopped))
        .layer(middleware::from_fn_with_state(server.clone(), request::dress))
        .with_state(server)
}

/// A broken promise to ourselves ends that request alone.
fn stopped(panic: Box<dyn Any + Send>) -> Response {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or(panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = text.unwrap_or("no text"), "a request was stopped by a bug");
    problem::Problem::new(problem::Code::InternalError).into_response()
}

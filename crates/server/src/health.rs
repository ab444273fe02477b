//! Is the program there, and can it work?

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use store::{Fault, SchemaState};

use crate::Server;

/// `GET /healthz`: the process answers. Says nothing about the database, or a restart loop would follow its every hiccup.
pub(crate) async fn healthz() -> Response {
    Json(json!({ "status": "up" })).into_response()
}

/// For whoever is on call: fixed words only, since a driver's may say more than strangers should read.
fn why(fault: &Fault) -> &'static str {
    match fault {
        Fault::Unavailable { why, .. } => why,
        _ => "the database does not answer",
    }
}

/// `GET /readyz`: requests can be served.
pub(crate) async fn readyz(State(server): State<Server>) -> Response {
    let state = match server.app.store.ping().await {
        Ok(()) => server.app.store.schema().await,
        Err(fault) => Err(fault),
    };
    let why = match state {
        Ok(SchemaState::Current) => return Json(json!({ "status": "ready" })).into_response(),
        Ok(SchemaState::Behind { .. }) => "the database has not been migrated",
        Ok(SchemaState::Newer { .. }) => "the database belongs to a newer program",
        Err(fault) => {
            tracing::warn!(error = %fault, "not ready: {fault}");
            why(&fault)
        }
    };
    (
        StatusCode::SERVICE_UNAVAILABLE,
        Json(json!({ "status": "not ready", "why": why })),
    )
        .into_response()
}

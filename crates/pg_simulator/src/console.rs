//! Placeholder until the console page below is written.
use crate::Simulator;
use axum::Router;
pub fn router(_simulator: Simulator) -> Router {
    Router::new()
}

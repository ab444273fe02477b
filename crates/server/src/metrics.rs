//! What Prometheus reads. Never a label per shop or payment: their number has no limit.

use std::time::Duration;

use axum::extract::State;
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::PrometheusHandle;

use crate::Server;

/// Upper bounds of every histogram's buckets, in seconds; without them they would grow while nobody reads them.
pub const SECONDS_BUCKETS: [f64; 15] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
];

/// Names, units and meanings, once the exporter is installed.
pub fn describe_metrics() {
    describe_counter!(
        "narupay_http_requests",
        Unit::Count,
        "HTTP requests answered, by route and class of status"
    );
    describe_histogram!(
        "narupay_http_seconds",
        Unit::Seconds,
        "Time from a request's headers to its answer"
    );
    describe_gauge!("narupay_http_in_flight", Unit::Count, "HTTP requests being worked on");
    describe_counter!(
        "narupay_admission_refused",
        Unit::Count,
        "Requests that found no place, by class and by whose places were taken"
    );
    describe_gauge!(
        "narupay_pg_breaker",
        Unit::Count,
        "1 for the state a PG account's breaker is in, else 0"
    );
    describe_histogram!(
        "narupay_pg_seconds",
        Unit::Seconds,
        "Time a PG took, by operation and outcome"
    );
    describe_counter!("narupay_webhooks", Unit::Count, "Webhooks sent, by outcome");
    describe_counter!(
        "narupay_notices",
        Unit::Count,
        "Notices that came in a PG's name, by what became of them"
    );
    describe_counter!(
        "narupay_payments_needing_a_person",
        Unit::Count,
        "Looks at payments whose outcome stays unknown"
    );
    describe_counter!(
        "narupay_questions_parked",
        Unit::Count,
        "Questions to a PG that are not asked by themselves any more"
    );
    describe_counter!(
        "narupay_store_groups",
        Unit::Count,
        "Commits, each of a group of change sets"
    );
    describe_counter!("narupay_store_sets", Unit::Count, "Change sets saved");
    describe_counter!("narupay_store_conflicts", Unit::Count, "Change sets that lost a race");
    describe_counter!(
        "narupay_store_faults",
        Unit::Count,
        "Change sets that the database failed"
    );
    describe_gauge!("narupay_store_queued", Unit::Count, "Change sets waiting for a commit");
    describe_gauge!(
        "narupay_outbox_depth",
        Unit::Count,
        "Events and webhooks that wait to be sent"
    );
    describe_gauge!(
        "narupay_store_commit_seconds_mean",
        Unit::Seconds,
        "Mean time of a commit since the start"
    );
}

pub(crate) fn request(method: &Method, route: &str, status: StatusCode, took: Duration) {
    let class = match status.as_u16() / 100 {
        1 | 2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    };
    // A stranger may make up methods without end.
    let method = match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    };
    let labels = [
        ("method", method.to_owned()),
        ("route", route.to_owned()),
        ("status", class.to_owned()),
    ];
    counter!("narupay_http_requests", &labels).increment(1);
    histogram!("narupay_http_seconds", "method" => method, "route" => route.to_owned()).record(took);
}

/// `GET /metrics`
pub(crate) async fn show_metrics(State(server): State<Server>) -> Response {
    let Some(handle) = &server.metrics else {
        return StatusCode::NOT_FOUND.into_response();
    };
    read_store(&server).await;
    gauge!("narupay_http_in_flight").set(server.gate.in_flight() as f64);
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        rendered(handle),
    )
        .into_response()
}

fn rendered(handle: &PrometheusHandle) -> String {
    handle.run_upkeep();
    handle.render()
}

async fn read_store(server: &Server) {
    let stats = server.app.store.stats();
    counter!("narupay_store_groups").absolute(stats.groups);
    counter!("narupay_store_sets").absolute(stats.sets);
    counter!("narupay_store_conflicts").absolute(stats.conflicts);
    counter!("narupay_store_faults").absolute(stats.faults);
    gauge!("narupay_store_queued").set(stats.queued as f64);
    let mean = if stats.groups == 0 {
        0.0
    } else {
        stats.latency_sum_us as f64 / stats.groups as f64 / 1_000_000.0
    };
    gauge!("narupay_store_commit_seconds_mean").set(mean);
    match server.app.store.outbox_depth().await {
        Ok(depth) => gauge!("narupay_outbox_depth").set(depth as f64),
        Err(fault) => tracing::warn!(error = %fault, "the outbox could not be counted"),
    }
}

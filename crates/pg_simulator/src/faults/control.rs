//! What the control addresses of every simulated PG do to its line, and what they tell of it.

use axum::http::StatusCode;
use serde_json::{Value, json};
use vocabulary::Duration;

use super::{Fault, Line, Operation, Plan, Rate};
use crate::tls::Certificate;

/// The longest latency, hang or slowness that can be asked for.
const WAIT_MS_MAX: i64 = 90_000;

/// An answer, or the status and name of what stood in the way.
pub type Done = Result<Value, (StatusCode, &'static str)>;

const UNKNOWN_FAULT: (StatusCode, &str) = (StatusCode::BAD_REQUEST, "UNKNOWN_FAULT");
const NOT_A_NUMBER: (StatusCode, &str) = (StatusCode::BAD_REQUEST, "NOT_A_NUMBER");
const UNKNOWN_CERTIFICATE: (StatusCode, &str) = (StatusCode::BAD_REQUEST, "UNKNOWN_CERTIFICATE");
const NO_TLS: (StatusCode, &str) = (StatusCode::CONFLICT, "NO_TLS");

/// `POST faults`: `fault`, with `operation?` and either `times?` (the next calls) or `rate` (a share of all, 0 ends
/// it). The fault may also be a whole spec, `cancel-timeout-after-x3`.
pub fn ask<'a>(line: &Line, field: impl Fn(&str) -> Option<&'a str>) -> Done {
    let fault = field("fault").ok_or((StatusCode::BAD_REQUEST, "MISSING_FIELD"))?;
    let mut plan = Plan::parse(fault).ok_or(UNKNOWN_FAULT)?;
    if let Some(name) = field("operation") {
        plan.operation = Some(Operation::parse(name).ok_or(UNKNOWN_FAULT)?);
    }
    if let Some(text) = field("rate") {
        let rate: f64 = text.parse().map_err(|_| NOT_A_NUMBER)?;
        if !(0.0..=1.0).contains(&rate) {
            return Err(NOT_A_NUMBER);
        }
        line.set_rate(Rate {
            operation: plan.operation,
            fault: plan.fault,
            rate,
        });
        return Ok(in_force(line));
    }
    if let Some(text) = field("times") {
        let times = text.parse().map_err(|_| NOT_A_NUMBER)?;
        plan.left = Plan::times(times);
    }
    line.plan(plan);
    Ok(in_force(line))
}

/// `GET faults`: what is in force, and what there is to ask for.
pub fn in_force(line: &Line) -> Value {
    let plans = line.plans().into_iter().map(|plan| {
        json!({
            "operation": plan.operation.map(Operation::as_str),
            "fault": plan.fault.as_str(),
            "left": plan.left,
        })
    });
    let rates = line.rates().into_iter().map(|rate| {
        json!({
            "operation": rate.operation.map(Operation::as_str),
            "fault": rate.fault.as_str(),
            "rate": rate.rate,
        })
    });
    json!({
        "result": true,
        "next": plans.collect::<Vec<_>>(),
        "rates": rates.collect::<Vec<_>>(),
        "certificate": line.certificate().map(Certificate::as_str),
        "faults": Fault::ALL.map(Fault::as_str),
        "operations": Operation::ALL.map(Operation::as_str),
    })
}

/// `POST faults/clear`
pub fn clear(line: &Line) -> Done {
    line.clear();
    Ok(in_force(line))
}

/// `POST certificate`: `certificate`, of all PGs of this simulator.
pub fn certificate<'a>(line: &Line, field: impl Fn(&str) -> Option<&'a str>) -> Done {
    let wanted = field("certificate").and_then(Certificate::parse);
    if !line.show_certificate(wanted.ok_or(UNKNOWN_CERTIFICATE)?) {
        return Err(NO_TLS);
    }
    Ok(in_force(line))
}

/// `POST settings`: `latencyMs?`, `hangMs?`, `slowMs?`
pub fn settings<'a>(line: &Line, field: impl Fn(&str) -> Option<&'a str>) -> Done {
    let wait = |name: &str| match field(name).map(str::parse::<i64>) {
        None => Ok(None),
        Some(Ok(millis)) => Ok(Some(Duration::millis(millis.clamp(0, WAIT_MS_MAX)))),
        Some(Err(_)) => Err(NOT_A_NUMBER),
    };
    let (latency, hang, slow) = (wait("latencyMs")?, wait("hangMs")?, wait("slowMs")?);
    if let Some(latency) = latency {
        line.set_latency(latency);
    }
    if let Some(hang) = hang {
        line.set_hang(hang);
    }
    if let Some(slow) = slow {
        line.set_slow(slow);
    }
    Ok(json!({ "result": true }))
}

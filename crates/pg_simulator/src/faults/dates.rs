//! A PG whose clock is off: every date in a JSON answer, moved.

use bytes::Bytes;
use jiff::civil::DateTime;
use serde_json::Value;
use vocabulary::Duration;

use super::CLOCK_SKEW;

/// `2026-03-02T10:15:00`, the part that moves.
const SECONDS_CHARS: usize = 19;

/// The same JSON with every moment in it [`CLOCK_SKEW`] later; texts that are no moments stay. For PGs whose
/// answers are not signed: a signature over a date wants the date moved first.
pub fn skewed(body: &Bytes) -> Bytes {
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else {
        return body.clone();
    };
    walk(&mut value);
    serde_json::to_vec(&value)
        .map(Bytes::from)
        .unwrap_or_else(|_| body.clone())
}

fn walk(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(later) = moved(text, CLOCK_SKEW) {
                *text = later;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(walk),
        Value::Object(fields) => fields.values_mut().for_each(walk),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A moment later, written as before: with or without fractions and offset.
pub fn moved(text: &str, by: Duration) -> Option<String> {
    let (time, rest) = text.split_at_checked(SECONDS_CHARS)?;
    if time.as_bytes()[10] != b'T' {
        return None;
    }
    let time: DateTime = time.parse().ok()?;
    let later = time
        .checked_add(jiff::SignedDuration::from_secs(by.as_seconds()))
        .ok()?;
    Some(format!("{}{rest}", later.strftime("%Y-%m-%dT%H:%M:%S")))
}

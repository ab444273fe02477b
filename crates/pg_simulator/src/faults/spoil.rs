//! Answers that leave, and are not what they should be.

use std::io;
use std::task::Poll;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Map, Value, json};
use vocabulary::Chance;

use super::Spoil;

/// No answer of any PG is larger.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// What a proxy in between shows when it feels responsible.
const PAGE: &str = "<!doctype html><html lang=\"ko\"><head><meta charset=\"utf-8\"><title>서비스 점검 안내</title></head>\
                    <body><h1>시스템 점검 중입니다</h1><p>잠시 후 다시 이용해 주세요.</p></body></html>";

pub async fn spoiled(how: Spoil, answer: Response, chance: &Chance) -> Response {
    let (mut parts, body) = answer.into_parts();
    let Ok(body) = to_bytes(body, ANSWER_BYTES_MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    let body = match how {
        Spoil::Truncated => {
            parts
                .headers
                .insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
            return Response::from_parts(parts, half(body));
        }
        Spoil::Html => {
            parts.status = StatusCode::OK;
            says(&mut parts.headers, "text/html; charset=utf-8");
            Bytes::from_static(PAGE.as_bytes())
        }
        Spoil::EucKr => {
            says(&mut parts.headers, "application/json; charset=euc-kr");
            euc_kr(&body)
        }
        Spoil::WrongTypes => with_json(&body, |value| wrong_types(value, Mistake::drawn(chance))),
        Spoil::WrongOrder => with_json(&body, wrong_order),
    };
    Response::from_parts(parts, Body::from(body))
}

fn says(headers: &mut HeaderMap, kind: &'static str) {
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
}

/// The first half, one breath for it to leave, and then the connection breaks.
fn half(body: Bytes) -> Body {
    let mut first = Some(body.slice(..body.len() / 2));
    let mut breathed = false;
    Body::from_stream(futures_util::stream::poll_fn(move |context| {
        if let Some(first) = first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        if !breathed {
            breathed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::ConnectionAborted))))
    }))
}

fn euc_kr(body: &[u8]) -> Bytes {
    let text = String::from_utf8_lossy(body);
    let (encoded, _, _) = encoding_rs::EUC_KR.encode(&text);
    Bytes::copy_from_slice(&encoded)
}

fn with_json(body: &Bytes, change: impl FnOnce(&mut Value)) -> Bytes {
    let Ok(mut value) = serde_json::from_slice(body) else {
        return body.clone();
    };
    change(&mut value);
    serde_json::to_vec(&value)
        .map(Bytes::from)
        .unwrap_or_else(|_| body.clone())
}

/// The ways in which types are wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mistake {
    NumbersAsTexts,
    NumbersAsObjects,
    TextsAsLists,
    ObjectsAsLists,
    AllInAList,
    Nothing,
}

impl Mistake {
    const ALL: [Mistake; 6] = [
        Mistake::NumbersAsTexts,
        Mistake::NumbersAsObjects,
        Mistake::TextsAsLists,
        Mistake::ObjectsAsLists,
        Mistake::AllInAList,
        Mistake::Nothing,
    ];

    fn drawn(chance: &Chance) -> Mistake {
        Mistake::ALL[chance.below(Mistake::ALL.len() as u64) as usize]
    }
}

fn wrong_types(value: &mut Value, mistake: Mistake) {
    match mistake {
        Mistake::AllInAList => *value = json!([value.take()]),
        Mistake::Nothing => *value = Value::Null,
        Mistake::NumbersAsTexts | Mistake::NumbersAsObjects | Mistake::TextsAsLists | Mistake::ObjectsAsLists => {
            mistaken(value, mistake, true);
        }
    }
}

fn mistaken(value: &mut Value, mistake: Mistake, outermost: bool) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| mistaken(item, mistake, false)),
        Value::Object(fields) => fields.values_mut().for_each(|field| mistaken(field, mistake, false)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    let changed = match (mistake, &*value) {
        (Mistake::NumbersAsTexts, Value::Number(number)) => Some(json!(number.to_string())),
        (Mistake::NumbersAsObjects, Value::Number(number)) => Some(json!({ "value": number })),
        (Mistake::TextsAsLists, Value::String(text)) => Some(json!([text])),
        (Mistake::ObjectsAsLists, Value::Object(fields)) if !outermost => Some(listed(fields)),
        (Mistake::ObjectsAsLists, Value::Array(items)) => Some(json!({ "items": items })),
        _ => None,
    };
    if let Some(changed) = changed {
        *value = changed;
    }
}

fn listed(fields: &Map<String, Value>) -> Value {
    Value::Array(fields.values().cloned().collect())
}

/// Another order's id, wherever the answer names the order.
fn wrong_order(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(wrong_order),
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                match field {
                    Value::String(id) if name.eq_ignore_ascii_case("orderId") || name.eq_ignore_ascii_case("moid") => {
                        *id = neighbour(id);
                    }
                    other => wrong_order(other),
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// An id as good as `id`, of another order.
fn neighbour(id: &str) -> String {
    let mut letters: Vec<char> = id.chars().collect();
    match letters.last_mut() {
        Some(last) => *last = if *last == '0' { '1' } else { '0' },
        None => letters.push('0'),
    }
    letters.into_iter().collect()
}

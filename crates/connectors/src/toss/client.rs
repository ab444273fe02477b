use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use serde::Serialize;

use super::config::{Config, PG};
use super::map;
use super::wire::ErrorBody;
use crate::http::{ANSWER_BYTES_MAX, Request, Transport, TransportError};

/// Toss asks for at least 30 s on approves and cancels.
pub(super) const APPROVE_DEADLINE: Duration = Duration::from_secs(30);
pub(super) const CANCEL_DEADLINE: Duration = Duration::from_secs(30);
/// Not stated there; it moves nothing, and the sweep asks again.
pub(super) const INQUIRY_DEADLINE: Duration = Duration::from_secs(10);
pub(super) const RECEIPT_DEADLINE: Duration = Duration::from_secs(30);

const KEY_CHARS_MAX: usize = 200;
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Sends, times out, reads. What an answer means is for `map`.
pub(super) struct Client {
    transport: Arc<dyn Transport>,
}

/// One call, as the log names it.
pub(super) struct Call<'a> {
    pub(super) name: &'static str,
    /// The order id at the PG, which is an attempt's id. None for calls about receipts.
    pub(super) attempt: Option<&'a str>,
    /// The attempt, or the receipt.
    pub(super) about: &'a str,
    pub(super) path: String,
    pub(super) deadline: Duration,
}

/// Why there is no answer to read.
pub(super) enum NoAnswer {
    /// Toss answered with an error of its own form.
    Refused(Refusal),
    /// The request did not leave: nothing happened there.
    NotSent(String),
    /// Anything may have happened.
    Unclear(String),
}

pub(super) struct Refusal {
    pub(super) status: StatusCode,
    /// Empty when there was none.
    pub(super) code: String,
    pub(super) message: String,
}

impl Client {
    pub(super) fn new(transport: Arc<dyn Transport>) -> Client {
        Client { transport }
    }

    pub(super) async fn get(&self, config: &Config, call: Call<'_>) -> Result<Bytes, NoAnswer> {
        self.send(config, call, Method::GET, Bytes::new(), None).await
    }

    pub(super) async fn post(
        &self,
        config: &Config,
        call: Call<'_>,
        body: &impl Serialize,
        idempotency_key: &str,
    ) -> Result<Bytes, NoAnswer> {
        let body = serde_json::to_vec(body).map_err(|_| NoAnswer::NotSent("the request cannot be written".into()))?;
        self.send(config, call, Method::POST, body.into(), Some(idempotency_key))
            .await
    }

    async fn send(
        &self,
        config: &Config,
        call: Call<'_>,
        method: Method,
        body: Bytes,
        idempotency_key: Option<&str>,
    ) -> Result<Bytes, NoAnswer> {
        let headers = headers(config, &method, idempotency_key)?;
        let url = format!("{}{}", config.api_url, call.path);
        let started = Instant::now();
        let answer = self
            .transport
            .send(Request {
                method,
                url,
                headers,
                body,
                deadline: call.deadline,
            })
            .await;
        let duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let read = match answer {
            Ok(answer) => read(answer.status, answer.body),
            Err(TransportError::NotSent(text)) => Err(NoAnswer::NotSent(text)),
            Err(TransportError::NoAnswer(text)) => Err(NoAnswer::Unclear(text)),
        };
        log(&call, duration_ms, read.as_ref().err());
        read
    }
}

fn headers(config: &Config, method: &Method, idempotency_key: Option<&str>) -> Result<HeaderMap, NoAnswer> {
    let unwritable = |_| NoAnswer::NotSent("a header of the request cannot be written".into());
    let key = config.secret_key.reveal_for("toss authorization");
    let mut authorization =
        HeaderValue::try_from(format!("Basic {}", STANDARD.encode(format!("{key}:")))).map_err(unwritable)?;
    authorization.set_sensitive(true);
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, authorization);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    if *method == Method::POST {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if let Some(key) = idempotency_key {
        headers.insert(IDEMPOTENCY_KEY, HeaderValue::try_from(key).map_err(unwritable)?);
    }
    Ok(headers)
}

fn read(status: StatusCode, body: Bytes) -> Result<Bytes, NoAnswer> {
    if body.len() > ANSWER_BYTES_MAX {
        return Err(NoAnswer::Unclear(format!(
            "the answer is over {ANSWER_BYTES_MAX} bytes"
        )));
    }
    if status.is_success() {
        return Ok(body);
    }
    match serde_json::from_slice::<ErrorBody>(&body) {
        Ok(error) => Err(NoAnswer::Refused(Refusal {
            status,
            code: map::clean(&error.code, map::CODE_CHARS_MAX),
            message: map::clean(error.message.as_deref().unwrap_or_default(), map::MESSAGE_CHARS_MAX),
        })),
        // Rate limits stand in front of the API and answer as they like.
        Err(_) if status == StatusCode::TOO_MANY_REQUESTS => Err(NoAnswer::Refused(Refusal {
            status,
            code: String::new(),
            message: String::new(),
        })),
        Err(_) => Err(NoAnswer::Unclear(format!(
            "status {} without an error of Toss's form",
            status.as_u16()
        ))),
    }
}

fn log(call: &Call<'_>, duration_ms: u64, problem: Option<&NoAnswer>) {
    let Call {
        name, attempt, about, ..
    } = call;
    match problem {
        None => tracing::debug!(
            pg = PG,
            attempt.id = attempt,
            duration_ms,
            "toss answered the {name} of {about}"
        ),
        Some(NoAnswer::Refused(Refusal { status, code, .. })) => tracing::info!(
            pg = PG,
            attempt.id = attempt,
            duration_ms,
            pg_code = code.as_str(),
            "toss refused the {name} of {about}: {} {code}",
            status.as_u16()
        ),
        Some(NoAnswer::NotSent(text)) => {
            tracing::warn!(
                pg = PG,
                attempt.id = attempt,
                duration_ms,
                "the {name} of {about} was not sent to toss: {text}"
            );
        }
        Some(NoAnswer::Unclear(text)) => {
            tracing::warn!(
                pg = PG,
                attempt.id = attempt,
                duration_ms,
                "toss gave no clear answer to the {name} of {about}: {text}"
            );
        }
    }
}

/// A key or order id as one segment of a path.
///
/// A segment of dots alone would, even when escaped, climb up in the path: such keys exist
/// nowhere but in an attack, and are refused.
pub(super) fn segment(key: &str) -> Option<String> {
    if !well_formed_key(key, KEY_CHARS_MAX) || key.bytes().all(|byte| byte == b'.') {
        return None;
    }
    let mut segment = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => segment.push(char::from(byte)),
            _ => segment.push_str(&format!("%{byte:02X}")),
        }
    }
    Some(segment)
}

/// Keys and order ids are short and printable; anything else was not made by Toss or us.
pub(super) fn well_formed_key(key: &str, chars_max: usize) -> bool {
    (1..=chars_max).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
}

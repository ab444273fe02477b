use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::Serialize;
use vocabulary::{Clock, Secret, Timestamp};

use super::config::{Auth, Config, PG};
use super::wire::{AccessToken, Head, Nothing, Signed};
use super::{map, sign};
use crate::http::{ANSWER_BYTES_MAX, Request, Transport, TransportError};

/// The manual's read time-out; after it a net cancel may follow.
pub(super) const APPROVE_DEADLINE: Duration = Duration::from_secs(30);
pub(super) const CANCEL_DEADLINE: Duration = Duration::from_secs(30);
pub(super) const RECEIPT_DEADLINE: Duration = Duration::from_secs(30);
/// Not stated there. They are asked again when they fail.
pub(super) const NET_CANCEL_DEADLINE: Duration = Duration::from_secs(15);
pub(super) const INQUIRY_DEADLINE: Duration = Duration::from_secs(10);
const TOKEN_DEADLINE: Duration = Duration::from_secs(5);

const KEY_CHARS_MAX: usize = 64;
const TOKEN_CHARS_MAX: usize = 500;
/// A token is not used in its last minute, in which it might run out on the way.
const TOKEN_REST: vocabulary::Duration = vocabulary::Duration::minutes(1);
/// What the manual says, where an answer does not.
const TOKEN_LIFE: vocabulary::Duration = vocabulary::Duration::minutes(30);
pub(super) const SUCCESS: &str = "0000";

/// Sends, signs, times out, reads. What an answer means is for `map`.
pub(super) struct Client {
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    token: Mutex<Option<Token>>,
}

#[derive(Clone)]
struct Token {
    value: Secret<String>,
    use_until: Timestamp,
}

/// One call, as the log names it.
pub(super) struct Call<'a> {
    pub(super) name: &'static str,
    /// The order id at the PG, which is an attempt's id. None for calls about receipts and days.
    pub(super) attempt: Option<&'a str>,
    pub(super) about: &'a str,
    pub(super) path: String,
    pub(super) deadline: Duration,
}

/// Why there is no answer to read.
pub(super) enum NoAnswer {
    /// NICE answered with a code other than success, whatever the HTTP status.
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
    /// The whole answer: it may hold the payment it is about.
    pub(super) body: Bytes,
}

impl Client {
    pub(super) fn new(transport: Arc<dyn Transport>, clock: Arc<dyn Clock>) -> Client {
        Client {
            transport,
            clock,
            token: Mutex::default(),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What a request's body proves itself with; `parts` are what the manual signs before the date.
    pub(super) fn signed(&self, config: &Config, parts: &[&str]) -> Signed {
        let edi_date = sign::edi_date(self.now());
        let parts: Vec<&str> = parts.iter().copied().chain([edi_date.as_str()]).collect();
        Signed {
            sign_data: sign::sign(&parts, &config.secret_key),
            edi_date,
            return_char_set: "utf-8",
        }
    }

    pub(super) async fn get(&self, config: &Config, call: Call<'_>) -> Result<Bytes, NoAnswer> {
        self.ask(config, call, Method::GET, Bytes::new()).await
    }

    pub(super) async fn post(&self, config: &Config, call: Call<'_>, body: &impl Serialize) -> Result<Bytes, NoAnswer> {
        let body = serde_json::to_vec(body).map_err(|_| NoAnswer::NotSent("the request cannot be written".into()))?;
        self.ask(config, call, Method::POST, body.into()).await
    }

    async fn ask(&self, config: &Config, call: Call<'_>, method: Method, body: Bytes) -> Result<Bytes, NoAnswer> {
        if config.auth == Auth::Basic {
            return self.send(config, &call, method, body, basic(config)?).await;
        }
        let (token, fresh) = self.token(config).await?;
        let answer = self
            .send(config, &call, method.clone(), body.clone(), bearer(&token)?)
            .await;
        match &answer {
            // Turned away at the door, so nothing happened there, and once more does no harm.
            Err(NoAnswer::Refused(refusal)) if refusal.status == StatusCode::UNAUTHORIZED => {
                *self.token.lock().unwrap_or_else(PoisonError::into_inner) = None;
                if fresh {
                    return answer;
                }
                let (token, _) = self.token(config).await?;
                self.send(config, &call, method, body, bearer(&token)?).await
            }
            _ => answer,
        }
    }

    /// The kept token, or a new one and `true`. Two callers may ask at once: NICE gives both the same.
    async fn token(&self, config: &Config) -> Result<(Secret<String>, bool), NoAnswer> {
        let now = self.now();
        let kept = self.token.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(token) = kept.filter(|token| now < token.use_until) {
            return Ok((token.value, false));
        }
        let call = Call {
            name: "access token",
            attempt: None,
            about: "this PG account",
            path: "/v1/access-token".into(),
            deadline: TOKEN_DEADLINE,
        };
        let body = serde_json::to_vec(&Nothing {}).unwrap_or_default();
        // However this ends, the call itself was not sent.
        let answer = match self
            .send(config, &call, Method::POST, body.into(), basic(config)?)
            .await
        {
            Ok(answer) => answer,
            Err(NoAnswer::Refused(refusal)) => return Err(NoAnswer::Refused(refusal)),
            Err(NoAnswer::NotSent(text) | NoAnswer::Unclear(text)) => {
                return Err(NoAnswer::NotSent(format!("no access token: {text}")));
            }
        };
        let unreadable = || NoAnswer::NotSent("the access token cannot be read".into());
        let answer: AccessToken = serde_json::from_slice(&answer).map_err(|_| unreadable())?;
        if !well_formed_key(&answer.access_token, TOKEN_CHARS_MAX) {
            return Err(unreadable());
        }
        let ends = answer.expire_at.as_deref().and_then(map::time);
        let token = Token {
            value: Secret::new(answer.access_token),
            use_until: ends.unwrap_or(now + TOKEN_LIFE) - TOKEN_REST,
        };
        *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
        Ok((token.value, true))
    }

    async fn send(
        &self,
        config: &Config,
        call: &Call<'_>,
        method: Method,
        body: Bytes,
        authorization: HeaderValue,
    ) -> Result<Bytes, NoAnswer> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if method == Method::POST {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json;charset=utf-8"));
        }
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
        log(call, duration_ms, read.as_ref().err());
        read
    }
}

fn basic(config: &Config) -> Result<HeaderValue, NoAnswer> {
    let key = config.secret_key.reveal_for("nice authorization");
    authorization(format!(
        "Basic {}",
        STANDARD.encode(format!("{}:{key}", config.client_id))
    ))
}

fn bearer(token: &Secret<String>) -> Result<HeaderValue, NoAnswer> {
    authorization(format!("Bearer {}", token.reveal_for("nice authorization")))
}

fn authorization(text: String) -> Result<HeaderValue, NoAnswer> {
    let mut value = HeaderValue::try_from(text)
        .map_err(|_| NoAnswer::NotSent("a header of the request cannot be written".into()))?;
    value.set_sensitive(true);
    Ok(value)
}

fn read(status: StatusCode, body: Bytes) -> Result<Bytes, NoAnswer> {
    if body.len() > ANSWER_BYTES_MAX {
        return Err(NoAnswer::Unclear(format!(
            "the answer is over {ANSWER_BYTES_MAX} bytes"
        )));
    }
    let refused = |code: &str, message: &str, body| {
        Err(NoAnswer::Refused(Refusal {
            status,
            code: map::clean(code, map::CODE_CHARS_MAX),
            message: map::clean(message, map::MESSAGE_CHARS_MAX),
            body,
        }))
    };
    match serde_json::from_slice::<Head>(&body) {
        Ok(head) if status.is_success() && head.result_code == SUCCESS => Ok(body),
        Ok(head) => refused(&head.result_code, head.result_msg.as_deref().unwrap_or_default(), body),
        // Rate limits stand in front of the API and answer as they like.
        Err(_) if status == StatusCode::TOO_MANY_REQUESTS => refused("", "", Bytes::new()),
        Err(_) => Err(NoAnswer::Unclear(format!(
            "status {} without an answer of NICE's form",
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
            "nice answered the {name} of {about}"
        ),
        Some(NoAnswer::Refused(Refusal { status, code, .. })) => tracing::info!(
            pg = PG,
            attempt.id = attempt,
            duration_ms,
            pg_code = code.as_str(),
            "nice refused the {name} of {about}: {} {code}",
            status.as_u16()
        ),
        Some(NoAnswer::NotSent(text)) => tracing::warn!(
            pg = PG,
            attempt.id = attempt,
            duration_ms,
            "the {name} of {about} was not sent to nice: {text}"
        ),
        Some(NoAnswer::Unclear(text)) => tracing::warn!(
            pg = PG,
            attempt.id = attempt,
            duration_ms,
            "nice gave no clear answer to the {name} of {about}: {text}"
        ),
    }
}

/// A transaction id or order id as one segment of a path.
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

/// Ids and keys are short and printable; anything else was not made by NICE or us.
pub(super) fn well_formed_key(key: &str, chars_max: usize) -> bool {
    (1..=chars_max).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
}

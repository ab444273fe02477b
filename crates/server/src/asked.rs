//! A request's body and idempotency key, read strictly.

use std::collections::BTreeMap;

use aws_lc_rs::hmac;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, HeaderName, header};
use flows::{App, Memo};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::json::{self, Node};
use crate::limits::BODY_BYTES_MAX;
use crate::problem::{Code, Problem};
use crate::request::header_text;
use crate::{Limits, Server};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const KEY_CHARS_MAX: usize = 255;

/// A POST: what is asked, and under which key it is remembered.
pub(crate) struct Asked<T> {
    pub body: T,
    pub memo: Memo,
}

impl<T: DeserializeOwned> FromRequest<Server> for Asked<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, server: &Server) -> Result<Asked<T>, Problem> {
        let (parts, body) = request.into_parts();
        let key = idempotency_key(&parts.headers)?;
        let bytes = json_bytes(&parts.headers, body, &server.limits).await?;
        let (body, node) = json::read::<T>(&bytes)?;
        let mut context = hmac::Context::with_key(&server.memory_key);
        // The path holds no line break, so the three parts cannot be mistaken for one another.
        context.update(format!("{} {}\n", parts.method, parts.uri.path()).as_bytes());
        context.update(&bytes);
        let mut request_hash = [0; 32];
        request_hash.copy_from_slice(context.sign().as_ref());
        let fields = field_hashes(&server.memory_key, &node);
        Ok(Asked {
            body,
            memo: Memo {
                key,
                request_hash,
                fields,
            },
        })
    }
}

/// Hashes what is remembered of requests. With a key, because a refund account or a phone number has too
/// few digits to hide behind a hash that anyone can compute for all of them.
pub(crate) fn memory_key(app: &App) -> hmac::Key {
    derive(
        app.settings
            .signing_key
            .reveal_for("deriving the key of remembered requests"),
    )
}

fn derive(signing_key: &[u8]) -> hmac::Key {
    let root = hmac::Key::new(hmac::HMAC_SHA256, signing_key);
    let derived = hmac::sign(&root, b"narupay remembered requests 1");
    hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref())
}

/// A PATCH: it may be repeated without a key, because it says how things should be.
pub(crate) struct Changes<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Server> for Changes<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, server: &Server) -> Result<Changes<T>, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = json_bytes(&parts.headers, body, &server.limits).await?;
        Ok(Changes(json::read::<T>(&bytes)?.0))
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<String, Problem> {
    let mut all = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = all.next() else {
        return Err(Problem::new(Code::IdempotencyKeyRequired));
    };
    let visible = value.as_bytes().iter().all(u8::is_ascii_graphic);
    let fits = (1..=KEY_CHARS_MAX).contains(&value.as_bytes().len());
    match value.to_str() {
        Ok(key) if visible && fits && all.next().is_none() => Ok(key.to_owned()),
        _ => Err(Problem::saying(
            Code::InvalidHeader,
            "Idempotency-Key takes 1 to 255 visible ASCII characters, once.",
            "Idempotency-Key에는 1~255자의 눈에 보이는 ASCII 글자를 한 번만 써 주세요.",
        )
        .at("Idempotency-Key")),
    }
}

async fn json_bytes(headers: &HeaderMap, body: Body, limits: &Limits) -> Result<Bytes, Problem> {
    let bytes = read_body(headers, body, BODY_BYTES_MAX, limits).await?;
    match header_text(headers, header::CONTENT_TYPE) {
        Some(kind) if is_json(kind) => Ok(bytes),
        // What has no body needs no type.
        None if bytes.is_empty() && headers.get(header::CONTENT_TYPE).is_none() => Ok(bytes),
        _ => Err(Problem::new(Code::UnsupportedMediaType)),
    }
}

/// `application/json`, with no other charset than UTF-8.
fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim);
    let json = parts
        .next()
        .is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    let mut charsets = parts
        .filter_map(|part| part.split_once('='))
        .filter(|(name, _)| name.eq_ignore_ascii_case("charset"));
    json && charsets.all(|(_, charset)| charset.trim_matches('"').eq_ignore_ascii_case("utf-8"))
}

/// The whole body, within its size and time.
pub(crate) async fn read_body(headers: &HeaderMap, body: Body, max: usize, limits: &Limits) -> Result<Bytes, Problem> {
    let announced = header_text(headers, header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if announced.is_some_and(|length| length > max as u64) {
        return Err(Problem::new(Code::BodyTooLarge));
    }
    match timeout(limits.body_read(), Limited::new(body, max).collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Problem::new(Code::BodyTooLarge)),
        // The peer hung up; whatever is said now, nobody hears it.
        Ok(Err(_)) => Err(Problem::new(Code::InvalidJson)),
        Err(_) => Err(Problem::new(Code::RequestTimeout)),
    }
}

/// A short hash of each of the body's fields: enough to say which one differs, too little to tell what it was.
fn field_hashes(key: &hmac::Key, node: &Node) -> String {
    let Node::Map(pairs) = node else { return "{}".to_owned() };
    let short = |name: &str, value: &Node| {
        let tag = hmac::sign(key, format!("{name}\n{value:?}").as_bytes());
        tag.as_ref()
            .iter()
            .take(4)
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let hashes: BTreeMap<&str, String> = pairs
        .iter()
        .map(|(name, value)| (name.as_str(), short(name, value)))
        .collect();
    serde_json::to_string(&hashes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_json_in_utf_8_is_json() {
        for yes in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/json;charset=\"utf-8\"",
        ] {
            assert!(is_json(yes), "{yes}");
        }
        for no in [
            "",
            "text/json",
            "application/json; charset=euc-kr",
            "application/x-www-form-urlencoded",
        ] {
            assert!(!is_json(no), "{no}");
        }
    }

    #[test]
    fn whoever_has_no_key_cannot_guess_what_a_hash_hides() {
        let node = Node::Map(vec![(
            "accountNumber".to_owned(),
            Node::Text("1002123456789".to_owned()),
        )]);
        let (ours, theirs) = (derive(&[7; 32]), derive(&[8; 32]));
        assert_eq!(field_hashes(&ours, &node), field_hashes(&ours, &node));
        assert_ne!(field_hashes(&ours, &node), field_hashes(&theirs, &node));
        let plain = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
        assert_ne!(
            field_hashes(&ours, &node),
            field_hashes(&plain, &node),
            "a key of its own"
        );
    }
}

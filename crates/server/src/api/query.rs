use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use url::form_urlencoded;
use vocabulary::Timestamp;

use crate::json::{self, Node};
use crate::problem::{Code, Problem};

const LIMIT_DEFAULT: u32 = 20;

/// The address's parameters, read as strictly as a body: nothing unknown, nothing twice.
pub(crate) struct Parameters<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Parameters<T>, Problem> {
        let pairs = form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let pairs = pairs
            .map(|(name, value)| (name.into_owned(), Node::Text(value.into_owned())))
            .collect();
        let read = json::read_node(&Node::Map(pairs));
        read.map(Parameters)
            .map_err(|wrong| Problem::from(wrong).coded(Code::InvalidQuery))
    }
}

pub(super) fn limit(text: Option<&str>) -> Result<u32, Problem> {
    let Some(text) = text else { return Ok(LIMIT_DEFAULT) };
    let limit = text.parse().ok().filter(|limit| (1..=store::PAGE_MAX).contains(limit));
    limit.ok_or_else(|| wrong("limit", "a whole number from 1 to 100", "1~100의 정수"))
}

pub(super) fn time(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    let read = |text: &str| {
        let time = Timestamp::parse(text).filter(|time| (0..Timestamp::MAX.as_micros()).contains(&time.as_micros()));
        time.ok_or_else(|| {
            wrong(
                name,
                "an RFC 3339 time such as 2026-11-25T09:00:00+09:00",
                "2026-11-25T09:00:00+09:00 같은 시각",
            )
        })
    };
    text.map(read).transpose()
}

pub(super) fn wrong(name: &str, english: &str, korean: &str) -> Problem {
    Problem::saying(
        Code::InvalidQuery,
        format!("`{name}` takes {english}."),
        format!("`{name}`에는 {korean}을(를) 써 주세요."),
    )
    .at(name)
}

/// A cursor that no listing gave; any other fault is ours.
pub(super) fn listing(fault: store::Fault) -> Problem {
    match fault {
        store::Fault::Cursor => wrong("cursor", "the nextCursor of the page before", "앞 페이지의 nextCursor"),
        other => flows::Error::from(other).into(),
    }
}

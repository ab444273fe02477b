//! Where PGs tell us things. Checked and answered fast; looked into later.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use vocabulary::PgAccountId;

use crate::Server;
use crate::asked::read_body;
use crate::problem::{Problem, not_found};

/// Headers read of one notice; a PG sends a dozen.
const HEADERS_MAX: usize = 40;
/// Of each header; longer ones are no PG's.
const HEADER_CHARS_MAX: usize = 1_000;

/// `POST /notices/{pgAccountId}`
pub(crate) async fn receive_notice(
    State(server): State<Server>,
    Path(account): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let account: PgAccountId = account.parse().map_err(|_| not_found("PG account"))?;
    let body = read_body(&headers, body, flows::notices::BODY_BYTES_MAX, &server.limits).await?;
    let answer = flows::notices::receive(&server.app, account, readable(&headers), body).await?;
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    Ok((
        status,
        [(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type))],
        answer.body,
    )
        .into_response())
}

/// Everything but what our own proxies may have put in to prove who they are.
fn readable(headers: &HeaderMap) -> BTreeMap<String, String> {
    let text = |value: &HeaderValue| {
        value
            .to_str()
            .ok()
            .map(|text| text.chars().take(HEADER_CHARS_MAX).collect())
    };
    headers
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "authorization" | "cookie" | "proxy-authorization"))
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), text(value)?)))
        .take(HEADERS_MAX)
        .collect()
}

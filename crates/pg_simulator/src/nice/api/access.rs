//! Basic authentication with client id and secret key, and the half-hour tokens that can stand for it.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Serialize;
use vocabulary::{Duration, Timestamp};

use super::{Ask, Subject, perform};
use crate::faults::Operation;
use crate::nice::merchant::Merchant;
use crate::nice::{Code, Pg, dates, keys, notice};

/// Some client libraries leave the padding out.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
/// Source: the manual, "Access token".
const TOKEN_VALID: Duration = Duration::minutes(30);

/// One token for each client id at a time, so as many as there are merchants.
#[derive(Default)]
pub struct Tokens(HashMap<String, (String, Timestamp)>);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Token<'a> {
    result_code: &'static str,
    result_msg: &'static str,
    access_token: &'a str,
    token_type: &'static str,
    expire_at: String,
    now: String,
}

/// `POST /v1/access-token`: within its half hour the same token again.
pub(crate) async fn issue_token(State(pg): State<Pg>, headers: HeaderMap) -> Response {
    let ask = Ask {
        operation: Operation::Other,
        subject: Subject::None,
        headers: &headers,
    };
    perform(&pg, ask, |call| {
        let fresh = keys::access_token(&pg.0.chance);
        let mut tokens = pg.tokens();
        let valid = tokens.0.get(&call.merchant.client_id);
        let (token, until) = match valid.filter(|(_, until)| *until > call.now) {
            Some(valid) => valid.clone(),
            None => (fresh, call.now + TOKEN_VALID),
        };
        tokens.0.insert(call.merchant.client_id.clone(), (token.clone(), until));
        Ok(notice::json(&Token {
            result_code: Code::SUCCESS.as_str(),
            result_msg: Code::SUCCESS.message(),
            access_token: &token,
            token_type: "Bearer",
            expire_at: dates::to_millis(until),
            now: dates::to_millis(call.now),
        }))
    })
    .await
}

pub fn caller(pg: &Pg, headers: &HeaderMap) -> Result<Arc<Merchant>, Code> {
    let given = headers.get(header::AUTHORIZATION).ok_or(Code::KEY_MISSING)?;
    let (scheme, credentials) = given
        .to_str()
        .ok()
        .and_then(|text| text.split_once(' '))
        .ok_or(Code::KEY_UNREADABLE)?;
    let credentials = credentials.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return bearer(pg, credentials);
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(Code::KEY_UNREADABLE);
    }
    let decoded = LENIENT.decode(credentials).map_err(|_| Code::KEY_UNREADABLE)?;
    let text = String::from_utf8(decoded).map_err(|_| Code::KEY_UNREADABLE)?;
    let (client_id, secret_key) = text.split_once(':').ok_or(Code::KEY_UNREADABLE)?;
    let merchant = pg.0.merchants.get(client_id).ok_or(Code::KEY_UNKNOWN)?;
    if merchant.secret_key == secret_key {
        Ok(merchant.clone())
    } else {
        Err(Code::KEY_UNKNOWN)
    }
}

fn bearer(pg: &Pg, token: &str) -> Result<Arc<Merchant>, Code> {
    let tokens = pg.tokens();
    let known = tokens.0.iter().find(|(_, (known, _))| known == token);
    let (client_id, (_, until)) = known.ok_or(Code::TOKEN_EXPIRED)?;
    if *until <= pg.now() {
        return Err(Code::TOKEN_EXPIRED);
    }
    pg.0.merchants.get(client_id).cloned().ok_or(Code::KEY_UNKNOWN)
}

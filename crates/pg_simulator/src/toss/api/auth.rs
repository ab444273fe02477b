//! Basic authentication with a secret key and no password, read as leniently as the PG reads it.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::toss::merchant::{Merchant, Pair};
use crate::toss::{Code, Pg};

/// Some client libraries leave the padding out.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The merchant, the pair its key is of, and the secret key.
pub fn caller(pg: &Pg, headers: &HeaderMap) -> Result<(Arc<Merchant>, Pair, String), Code> {
    let given = headers.get(header::AUTHORIZATION).ok_or(Code::UNAUTHORIZED_KEY)?;
    let secret = secret_key(given.to_str().unwrap_or_default()).ok_or(Code::INCORRECT_BASIC_AUTH_FORMAT)?;
    let (merchant, pair) = pg.0.by_secret_key.get(&secret).ok_or(Code::UNAUTHORIZED_KEY)?;
    Ok((merchant.clone(), *pair, secret))
}

fn secret_key(header: &str) -> Option<String> {
    let (scheme, credentials) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = LENIENT.decode(credentials.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (user, _password) = text.split_once(':')?;
    Some(user.to_owned())
}

//! How a shop knows that a webhook is NaruPay's: Standard Webhooks 1.0, symmetric signatures.
//! The signature is HMAC-SHA256 over `id.timestamp.body`, the key is the base64 after `whsec_`.
//! During a change of secret the header holds several signatures; one that fits is enough.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use thiserror::Error;
use vocabulary::{Duration, Secret, Timestamp};

/// A webhook signed longer ago, or further ahead, may be a recording played back.
pub const TOLERANCE: Duration = Duration::minutes(5);

/// The three headers, as they came.
#[derive(Debug, Clone, Copy, Default)]
pub struct Headers<'a> {
    pub id: &'a str,
    pub timestamp: &'a str,
    pub signature: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Forged {
    #[error("a webhook header is missing or malformed")]
    Headers,
    #[error("the time signed is more than five minutes from now")]
    Time,
    #[error("no signature fits")]
    Signature,
    #[error("the secret is not whsec_ and base64")]
    Secret,
}

/// Is `body`, byte for byte, what NaruPay signed? Compare before parsing it.
pub fn verify(secret: &Secret<String>, headers: Headers<'_>, body: &[u8], now: Timestamp) -> Result<(), Forged> {
    let signed_at: i64 = headers.timestamp.parse().map_err(|_| Forged::Headers)?;
    if headers.id.is_empty() || headers.id.contains('.') {
        return Err(Forged::Headers);
    }
    if signed_at.abs_diff(now.as_seconds()) > TOLERANCE.as_seconds().unsigned_abs() {
        return Err(Forged::Time);
    }
    let key = key(secret)?;
    let signed = [headers.id.as_bytes(), headers.timestamp.as_bytes(), body].join(&b'.');
    let fits = |signature: &str| match signature.strip_prefix("v1,").map(|text| BASE64.decode(text)) {
        // `hmac::verify` takes as long for a near miss as for a far one.
        Some(Ok(tag)) => hmac::verify(&key, &signed, &tag).is_ok(),
        _ => false,
    };
    if headers.signature.split(' ').any(fits) {
        Ok(())
    } else {
        Err(Forged::Signature)
    }
}

fn key(secret: &Secret<String>) -> Result<hmac::Key, Forged> {
    let text = secret
        .reveal_for("verifying a webhook")
        .strip_prefix("whsec_")
        .ok_or(Forged::Secret)?;
    let bytes = Secret::new(BASE64.decode(text).map_err(|_| Forged::Secret)?);
    Ok(hmac::Key::new(
        hmac::HMAC_SHA256,
        bytes.reveal_for("verifying a webhook"),
    ))
}

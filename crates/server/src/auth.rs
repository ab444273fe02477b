//! Whose request it is: the secret key opens one shop in one mode.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};
use flows::{App, ShopSide};
use vocabulary::{Scope, Secret};

use crate::Server;
use crate::problem::{Code, Problem};
use crate::request::header_text;

/// Some clients leave the padding out.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The shop, in the mode of its key.
pub(crate) struct Shop(pub Arc<ShopSide>);

impl FromRequestParts<Server> for Shop {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Shop, Problem> {
        let key = header_text(&parts.headers, AUTHORIZATION)
            .and_then(key)
            .ok_or(Problem::new(Code::Unauthorized))?;
        let key = key.reveal_for("looking up the shop");
        match server.app.directory.by_secret_key(key) {
            Some(side) => Ok(Shop(side)),
            None if key.starts_with("ck_") => Err(Problem::saying(
                Code::Unauthorized,
                "This is a client key, which is for browsers. The API takes the secret key, sk_…, from the shop's server.",
                "브라우저에서 쓰는 클라이언트 키예요. API에는 상점 서버에서 시크릿 키(sk_…)를 보내 주세요.",
            )),
            None => Err(Problem::new(Code::Unauthorized)),
        }
    }
}

/// Whose request it claims to be, before anything else of it is looked at.
pub(crate) fn shop_of(app: &App, headers: &HeaderMap) -> Option<Scope> {
    let key = header_text(headers, AUTHORIZATION).and_then(key)?;
    let side = app.directory.by_secret_key(key.reveal_for("looking up the shop"))?;
    Some(side.scope)
}

/// The key in `Bearer …`, or in `Basic …` as the user name.
fn key(header: &str) -> Option<Secret<String>> {
    let (scheme, value) = header.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(Secret::new(value.trim().to_owned()));
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(LENIENT.decode(value.trim()).ok()?).ok()?;
    let user = text.split_once(':').map_or(text.as_str(), |(user, _)| user);
    Some(Secret::new(user.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_is_found_in_both_forms() {
        let found = |header: &str| key(header).map(|key| key.reveal_for("a test").clone());
        assert_eq!(found("Bearer sk_test_1").as_deref(), Some("sk_test_1"));
        assert_eq!(found("Basic c2tfdGVzdF8xOg==").as_deref(), Some("sk_test_1"));
        assert_eq!(
            found("basic c2tfdGVzdF8xOg").as_deref(),
            Some("sk_test_1"),
            "no padding"
        );
        assert_eq!(found("Basic c2tfdGVzdF8x").as_deref(), Some("sk_test_1"), "no colon");
        for none in ["", "Bearer", "Digest x", "Basic ???", "Basic /w=="] {
            assert_eq!(found(none), None, "{none}");
        }
    }
}

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE, COOKIE, HeaderName, HeaderValue, SET_COOKIE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};

use crate::Shop;
use crate::sessions::{Cart, SessionId};
use crate::words::Lang;

const SESSION_COOKIE: &str = "sample_shop";
const LANG_COOKIE: &str = "sample_shop_lang";
const COOKIE_SECONDS_MAX: u32 = 30 * 24 * 60 * 60;

/// Who asks for a page: the browser's session if it has one, its language and its cart.
pub struct Visitor {
    pub session: Option<SessionId>,
    pub lang: Lang,
    pub cart: Cart,
    /// The page asked for, to come back to from the language switch.
    pub path: String,
    /// A script asks, not a person.
    pub wants_json: bool,
    secure: bool,
}

impl FromRequestParts<Shop> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, shop: &Shop) -> Result<Visitor, Infallible> {
        let header = |name: HeaderName| {
            let value = parts.headers.get(name).and_then(|value| value.to_str().ok());
            value.unwrap_or_default()
        };
        let cookies = header(COOKIE);
        let session = cookie(cookies, SESSION_COOKIE).and_then(SessionId::parse);
        let chosen = cookie(cookies, LANG_COOKIE).and_then(Lang::parse);
        let cart = session
            .as_ref()
            .and_then(|id| shop.desk().sessions.get(id).map(|session| session.cart.clone()))
            .unwrap_or_default();
        Ok(Visitor {
            session,
            lang: chosen.unwrap_or_else(|| Lang::preferred(header(ACCEPT_LANGUAGE))),
            cart,
            path: String::from(parts.uri.path()),
            wants_json: header(ACCEPT).starts_with("application/json"),
            secure: shop.0.public_url.starts_with("https://"),
        })
    }
}

impl Visitor {
    /// A redirect that hands out `session`, for a browser's first goods.
    pub fn welcome(&self, session: &SessionId, to: &str) -> Response {
        self.with_cookie(SESSION_COOKIE, session.as_str(), to)
    }

    pub fn speaks(&self, lang: Lang, to: &str) -> Response {
        self.with_cookie(LANG_COOKIE, lang.code(), to)
    }

    fn with_cookie(&self, name: &str, value: &str, to: &str) -> Response {
        let secure = if self.secure { "; Secure" } else { "" };
        let cookie = format!("{name}={value}; Path=/; Max-Age={COOKIE_SECONDS_MAX}; HttpOnly; SameSite=Lax{secure}");
        let mut response = Redirect::to(to).into_response();
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().insert(SET_COOKIE, cookie);
        }
        response
    }
}

fn cookie<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let named = |part: &'a str| part.trim().strip_prefix(name)?.strip_prefix('=');
    header.split(';').find_map(named)
}

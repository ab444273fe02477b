//! Who looks at which payment, and in what language.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use axum::http::header::{ACCEPT_LANGUAGE, COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use flows::{App, Error, ShopSide, token};
use payments::Payment;
use url::form_urlencoded;
use vocabulary::{AttemptId, Mode};

use super::pages::Page;
use super::text::{Lang, Text};
use super::{Colour, csp, respond};
use crate::Server;
use crate::request::{Context, header_text};

/// Remembers the language that somebody chose.
pub(super) const LANG_COOKIE: &str = "naru_lang";
/// Pairs read of a query or form; PGs send a handful.
pub(super) const PAIRS_MAX: usize = 40;
/// Longer values are no PG's.
pub(super) const VALUE_BYTES_MAX: usize = 4_000;

/// A payment found by the token in the address, with all that its pages need.
pub(super) struct Visit {
    pub app: Arc<App>,
    pub side: Arc<ShopSide>,
    pub payment: Payment,
    pub token: String,
    pub attempt: Option<AttemptId>,
    pub text: Text,
    /// The language stands in the address, so links keep it.
    pub lang_in_query: bool,
    pub query: Vec<(String, String)>,
    pub mobile: bool,
    pub request_id: String,
}

impl FromRequestParts<Server> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Visit, Response> {
        let context = Context::from_request_parts(parts, server)
            .await
            .map_err(axum::response::IntoResponse::into_response)?;
        let query = pairs(parts.uri.query().unwrap_or_default().as_bytes());
        let asked_for = query
            .iter()
            .find(|(name, _)| name == "lang")
            .and_then(|(_, code)| Lang::from_code(code));
        let text = Text::new(asked_for.unwrap_or_else(|| preferred(&parts.headers)));
        let unknown = || respond::unknown(text, Some(context.id.clone()));
        // Not valid UTF-8 in the path, or a path that ends early: no token of ours.
        let Ok(Path(place)) = Path::<Place>::from_request_parts(parts, server).await else {
            return Err(unknown());
        };
        let attempt = match place.attempt.as_deref().map(str::parse) {
            Some(Err(_)) => return Err(unknown()),
            Some(Ok(id)) => Some(id),
            None => None,
        };
        let Some((scope, id)) = token::read(&server.app, &place.token) else {
            return Err(unknown());
        };
        let found = server.app.store.payment(scope, id).await.map_err(Error::from);
        let found = found.map_err(|_| respond::busy(text, Some(context.id.clone()), false, None))?;
        let (Some(payment), Some(side)) = (found, server.app.directory.side(scope)) else {
            return Err(unknown());
        };
        if attempt.is_some_and(|attempt| payment.attempt(attempt).is_err()) {
            return Err(unknown());
        }
        Ok(Visit {
            app: server.app.clone(),
            side,
            payment,
            token: place.token,
            attempt,
            text,
            lang_in_query: asked_for.is_some(),
            query,
            mobile: is_phone(&parts.headers),
            request_id: context.id,
        })
    }
}

#[derive(serde::Deserialize)]
struct Place {
    token: String,
    attempt: Option<String>,
}

impl Visit {
    /// Path of one of this payment's pages; `rest` begins with a slash or is empty.
    pub fn path(&self, rest: &str) -> String {
        let separator = if rest.contains('?') { '&' } else { '?' };
        let lang = if self.lang_in_query {
            format!("{separator}lang={}", self.text.lang.code())
        } else {
            String::new()
        };
        format!("/checkout/{}{rest}{lang}", self.token)
    }

    pub fn shop_origin(&self) -> Option<String> {
        self.payment.terms.return_url.as_deref().and_then(csp::origin)
    }

    /// `here`: the page's own path after the token, for the link to the other language.
    pub fn page(&self, name: &'static str, here: Option<&str>) -> Page {
        let other = self.text.lang.other().code();
        Page {
            name,
            text: self.text,
            shop: Some(self.side.name.clone()),
            test: self.side.scope.mode == Mode::Test,
            accent: self.side.accent.as_deref().and_then(Colour::parse).map(Colour::hex),
            shop_origin: self.shop_origin(),
            other_lang_url: here.map(|here| format!("/checkout/{}{here}?lang={other}", self.token)),
        }
    }

    /// Nothing happened and the time to pay has not run out.
    pub fn payable(&self) -> bool {
        self.payment.state == payments::State::Ready && self.app.clock.now() < self.payment.expires_at
    }

    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn html(&self, page: impl askama::Template) -> Response {
        let mut response = respond::html(StatusCode::OK, page);
        csp::own(response.headers_mut(), self.shop_origin().as_deref());
        self.remember_lang(response.headers_mut());
        response
    }

    /// The address may lose its language on the way through the PG.
    pub fn remember_lang(&self, headers: &mut HeaderMap) {
        if !self.lang_in_query {
            return;
        }
        let secure = if self.app.settings.public_url.starts_with("https://") {
            "; Secure"
        } else {
            ""
        };
        let cookie = format!(
            "{LANG_COOKIE}={}; Path=/checkout; Max-Age=86400; HttpOnly; SameSite=Lax{secure}",
            self.text.lang.code()
        );
        if let Ok(cookie) = cookie.parse() {
            headers.insert(axum::http::header::SET_COOKIE, cookie);
        }
    }
}

/// Names and values of a query or form. More than a PG would send is left out.
pub(super) fn pairs(bytes: &[u8]) -> Vec<(String, String)> {
    let pairs = form_urlencoded::parse(bytes).take(PAIRS_MAX);
    let fits = |(_, value): &(std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| value.len() <= VALUE_BYTES_MAX;
    pairs
        .filter(fits)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

/// What was chosen before, else what the browser prefers, else Korean.
fn preferred(headers: &HeaderMap) -> Lang {
    let cookies = header_text(headers, COOKIE).unwrap_or_default().split(';');
    let chosen = cookies
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == LANG_COOKIE);
    let chosen = chosen.and_then(|(_, code)| Lang::from_code(code));
    chosen
        .or_else(|| header_text(headers, ACCEPT_LANGUAGE).and_then(Lang::preferred))
        .unwrap_or(Lang::Korean)
}

/// On a phone a PG's window takes the whole page.
fn is_phone(headers: &HeaderMap) -> bool {
    let hint = headers.get("sec-ch-ua-mobile").map(|value| value.as_bytes() == b"?1");
    hint.unwrap_or_else(|| {
        header_text(headers, USER_AGENT).is_some_and(|agent| agent.contains("Mobi") || agent.contains("Android"))
    })
}

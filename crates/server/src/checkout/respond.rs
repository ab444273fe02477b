//! Pages for where there is nothing to pay, and the way any page is sent.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::csp;
use super::pages::{MessagePage, Mood, Page};
use super::text::Text;

pub(super) fn html(status: StatusCode, page: impl Template) -> Response {
    match page.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// After a POST, and whenever another page is the right one.
pub(super) fn see_other(path: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    match HeaderValue::from_str(path) {
        Ok(place) => headers.insert(header::LOCATION, place),
        Err(_) => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    csp::own(headers, None);
    response
}

pub(super) fn unknown(text: Text, request_id: Option<String>) -> Response {
    message(
        StatusCode::NOT_FOUND,
        text,
        [text.say("unknown-title"), text.say("unknown-text")],
        Around::default(),
        request_id,
    )
}

/// `asked`: a PG may have been asked to move money meanwhile. `shop_origin`: of the page that may hold it in a
/// frame, where it is known.
pub(super) fn busy(text: Text, request_id: Option<String>, asked: bool, shop_origin: Option<String>) -> Response {
    let said = if asked {
        text.say("busy-unknown-text")
    } else {
        text.say("busy-text")
    };
    let mut response = message(
        StatusCode::SERVICE_UNAVAILABLE,
        text,
        [text.say("busy-title"), said],
        Around {
            shop_origin,
            back_url: None,
        },
        request_id,
    );
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from_static("3"));
    response
}

pub(super) fn bad_return(text: Text, request_id: String, back: String, shop_origin: Option<String>) -> Response {
    let said = [text.say("bad-return-title"), text.say("bad-return-text")];
    let around = Around {
        shop_origin,
        back_url: Some(back),
    };
    message(StatusCode::BAD_REQUEST, text, said, around, Some(request_id))
}

pub(super) fn foreign(text: Text) -> Response {
    message(
        StatusCode::FORBIDDEN,
        text,
        [text.say("foreign-title"), text.say("foreign-text")],
        Around::default(),
        None,
    )
}

/// Where a message stands, and where it leads.
#[derive(Default)]
struct Around {
    shop_origin: Option<String>,
    back_url: Option<String>,
}

fn message(
    status: StatusCode,
    text: Text,
    [title, lines]: [String; 2],
    Around { shop_origin, back_url }: Around,
    request_id: Option<String>,
) -> Response {
    let page = Page {
        name: "message",
        text,
        shop: None,
        test: false,
        accent: None,
        shop_origin: shop_origin.clone(),
        other_lang_url: None,
    };
    let mood = if status == StatusCode::SERVICE_UNAVAILABLE {
        Mood::Waiting
    } else {
        Mood::Bad
    };
    let mut response = html(
        status,
        MessagePage {
            page,
            mood,
            title,
            lines,
            back_url,
            request_id,
        },
    );
    csp::own(response.headers_mut(), shop_origin.as_deref());
    response
}

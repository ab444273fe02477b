//! The files a browser loads: the script, and the window's own style and script.

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};

const SDK: &str = include_str!("assets/sdk.js");
const WINDOW_SCRIPT: &str = include_str!("assets/window.js");
const WINDOW_STYLE: &str = include_str!("../assets/window.css");
const ICON: &str = include_str!("../assets/icon.svg");

/// `GET /nice/v1/js/`
pub(crate) async fn sdk() -> Response {
    file("text/javascript; charset=utf-8", SDK)
}

pub(crate) async fn window_style() -> Response {
    file("text/css; charset=utf-8", WINDOW_STYLE)
}

pub(crate) async fn window_script() -> Response {
    file("text/javascript; charset=utf-8", WINDOW_SCRIPT)
}

pub(crate) async fn icon() -> Response {
    file("image/svg+xml", ICON)
}

fn file(kind: &'static str, text: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        // Pages that demand it (COEP) may load the script from another origin.
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        ),
    ];
    (headers, text).into_response()
}

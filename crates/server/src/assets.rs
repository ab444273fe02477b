//! Styles and scripts, part of the program. A file's name holds a hash of its content, so that it may be kept
//! for ever and never be the wrong one.

use std::sync::LazyLock;

use aws_lc_rs::digest;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::checkout::Colour;

/// One hour: a fix of the SDK reaches every shop within it.
const SDK_CACHE: &str = "public, max-age=3600, stale-while-revalidate=86400";
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const SVG: &str = "image/svg+xml";

pub(crate) struct Asset {
    /// `checkout.9f2c….css`
    file: String,
    kind: &'static str,
    text: &'static str,
}

impl Asset {
    fn new(stem: &str, ending: &str, kind: &'static str, text: &'static str) -> Asset {
        Asset {
            file: format!("{stem}.{}.{ending}", hash(text)),
            kind,
            text,
        }
    }

    pub fn url(&self) -> String {
        format!("/assets/{}", self.file)
    }
}

pub(crate) static CHECKOUT_STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("checkout", "css", STYLE, include_str!("../assets/checkout.css")));
pub(crate) static CHECKOUT_SCRIPT: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("checkout", "js", SCRIPT, include_str!("../assets/checkout.js")));
pub(crate) static MARK: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("mark", "svg", SVG, include_str!("../assets/mark.svg")));
pub(crate) static DOCS_STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("docs", "css", STYLE, include_str!("../assets/docs.css")));
static OPEN_TOSS: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("open-toss", "js", SCRIPT, include_str!("../assets/open-toss.js")));
static OPEN_NICE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("open-nice", "js", SCRIPT, include_str!("../assets/open-nice.js")));

const SDK: &str = include_str!("../assets/narupay.js");
const SDK_TYPES: &str = include_str!("../assets/narupay.d.ts");
static SDK_MODULE: LazyLock<String> = LazyLock::new(|| {
    // In a module there is no current script to ask for our address.
    format!(
        "globalThis.__narupaySrc = import.meta.url;\n{SDK}export const NaruPay = globalThis.NaruPay;\nexport default NaruPay;\n"
    )
});

/// The small script that speaks to a PG's own; one per kind of window.
pub(crate) fn opener_url(opener: &str) -> Option<String> {
    match opener {
        "nice" => Some(OPEN_NICE.url()),
        "toss" => Some(OPEN_TOSS.url()),
        _ => None,
    }
}

/// `GET /assets/{file}`
pub(crate) async fn show_asset(Path(file): Path<String>) -> Response {
    let all = [
        &CHECKOUT_STYLE,
        &CHECKOUT_SCRIPT,
        &MARK,
        &DOCS_STYLE,
        &OPEN_NICE,
        &OPEN_TOSS,
    ];
    match all.into_iter().find(|asset| asset.file == file) {
        Some(asset) => served(asset.kind, FOR_EVER, asset.text.to_owned()),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `GET /assets/accent/{file}`: a shop's colour as a style sheet, `2457d6.css`.
pub(crate) async fn show_accent(Path(file): Path<String>) -> Response {
    match file
        .strip_suffix(".css")
        .filter(|hex| !hex.starts_with('#'))
        .and_then(Colour::parse)
    {
        Some(colour) => served(STYLE, FOR_EVER, colour.style()),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// `GET /sdk/v1/{file}`: what a shop's page loads.
pub(crate) async fn show_sdk(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let (kind, text) = match file.as_str() {
        "narupay.js" => (SCRIPT, SDK.to_owned()),
        "narupay.mjs" => (SCRIPT, SDK_MODULE.clone()),
        "narupay.d.ts" => ("text/plain; charset=utf-8", SDK_TYPES.to_owned()),
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let etag = format!("\"{}\"", hash(&text));
    let known = headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|value| value.as_bytes() == etag.as_bytes());
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        served(kind, SDK_CACHE, text)
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(SDK_CACHE));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    // Modules are always fetched with CORS.
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    response
}

fn served(kind: &'static str, cache: &'static str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, text).into_response()
}

/// Twelve hex digits of the SHA-256.
fn hash(text: &str) -> String {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    digest
        .as_ref()
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

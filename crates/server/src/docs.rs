//! The documentation that the server carries: the API's page, and a page for each error code.

use std::sync::{Arc, LazyLock};

use askama::Template;
use axum::extract::Path;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::{Router, routing::get};
use utoipa_swagger_ui::Config;

use crate::openapi::openapi_json;
use crate::problem::{Code, MoneyMoved, ProblemCode};
use crate::{Server, assets};

/// Swagger UI sets styles on its elements and shows images it brings along; it loads nothing from elsewhere.
const SWAGGER_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; connect-src 'self'; font-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; base-uri 'none'; \
    frame-ancestors 'none'";

static SWAGGER: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| Arc::new(Config::from("/openapi.json")));

pub(crate) fn routes() -> Router<Server> {
    Router::new()
        .route("/openapi.json", get(show_openapi))
        .route("/docs", get(|| async { Redirect::permanent("/docs/") }))
        .route("/docs/", get(|| async { swagger("") }))
        .route(
            "/docs/{file}",
            get(|Path(file): Path<String>| async move { swagger(&file) }),
        )
        .route("/docs/errors/", get(list_errors))
        .route("/docs/errors/{code}", get(show_error))
}

async fn show_openapi() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, openapi_json()).into_response()
}

fn swagger(file: &str) -> Response {
    match utoipa_swagger_ui::serve(file, SWAGGER.clone()) {
        Ok(Some(found)) => {
            let mut response = found.bytes.into_owned().into_response();
            let headers = response.headers_mut();
            if let Ok(kind) = HeaderValue::from_str(&found.content_type) {
                headers.insert(header::CONTENT_TYPE, kind);
            }
            if found.gzpipped {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            }
            headers.insert(
                header::CONTENT_SECURITY_POLICY,
                HeaderValue::from_static(SWAGGER_POLICY),
            );
            headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
            headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
            response
        }
        Ok(None) | Err(_) => StatusCode::NOT_FOUND.into_response(),
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    info: &'static ProblemCode,
    money_known: bool,
    style_url: String,
}

#[derive(Template)]
#[template(path = "errors.html")]
struct ErrorList {
    codes: Vec<&'static ProblemCode>,
    style_url: String,
}

async fn show_error(Path(code): Path<String>) -> Response {
    let Some(code) = Code::ALL.iter().find(|known| known.info().code == code) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let info = code.info();
    let page = ErrorPage {
        info,
        money_known: info.money_moved == MoneyMoved::No,
        style_url: assets::DOCS_STYLE.url(),
    };
    html(page.render())
}

async fn list_errors() -> Response {
    let codes = Code::ALL.iter().map(|code| code.info()).collect();
    html(
        ErrorList {
            codes,
            style_url: assets::DOCS_STYLE.url(),
        }
        .render(),
    )
}

fn html(rendered: askama::Result<String>) -> Response {
    let Ok(text) = rendered else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, Html(text)).into_response()
}

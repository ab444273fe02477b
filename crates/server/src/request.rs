//! What every request gets: an id, a language, a version, a time, and an answer that carries them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use flows::pg_time;
use tracing::Instrument;
use vocabulary::RequestId;

use crate::admission::{Class, Full, Place};
use crate::checkout::Lang;
use crate::problem::{Code, Problem};
use crate::{Server, auth, metrics};

/// Versions of the API, newest last. A request without one gets the newest.
const VERSIONS: [&str; 1] = ["2026-11-25"];
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
const VERSION: HeaderName = HeaderName::from_static("naru-version");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Who asks in which language, and under which id it is found in the log.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub id: String,
    pub lang: Lang,
    pub public_url: Arc<str>,
}

impl<S: Send + Sync> FromRequestParts<S> for Context {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Context, Problem> {
        // `dress` is around every route.
        parts
            .extensions
            .get::<Context>()
            .cloned()
            .ok_or(Problem::new(Code::InternalError))
    }
}

/// The outermost layer.
pub(crate) async fn dress(State(server): State<Server>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let context = Context {
        id: RequestId::new(server.app.clock.now(), &server.app.chance).to_string(),
        lang: header_text(request.headers(), header::ACCEPT_LANGUAGE)
            .and_then(Lang::preferred)
            .unwrap_or(Lang::English),
        public_url: server.public_url.clone(),
    };
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unknown", MatchedPath::as_str)
        .to_owned();
    let (method, api) = (request.method().clone(), request.uri().path().starts_with("/v1/"));
    request.extensions_mut().insert(context.clone());
    let place = place(&server, &request, &route, api);
    let refused = match (&place, api.then(|| form(request.headers())).flatten()) {
        (Err(full), _) => Some(come_again(&server, *full)),
        (Ok(_), problem) => problem,
    };
    let (response, pg) = match refused {
        Some(problem) => (problem.into_response(), Duration::ZERO),
        None => {
            let span = tracing::info_span!("request", request.id = %context.id, %method, route);
            pg_time::measured(next.run(request)).instrument(span).await
        }
    };
    let mut response = finished(response, &context, api);
    let took = begun.elapsed();
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&context.id) {
        headers.insert(REQUEST_ID, id);
    }
    if api {
        headers.insert(VERSION, HeaderValue::from_static(VERSIONS[VERSIONS.len() - 1]));
    }
    if let Ok(timing) = HeaderValue::from_str(&timing(took, pg)) {
        headers.insert(SERVER_TIMING, timing);
    }
    note(&method, &route, response.status(), took, &context);
    response
}

/// A place to be worked on; what says that we are alive needs none.
fn place(server: &Server, request: &Request, route: &str, api: bool) -> Result<Option<Place>, Full> {
    if always_answered(route) {
        return Ok(None);
    }
    let shop = api.then(|| auth::shop_of(&server.app, request.headers())).flatten();
    let class = Class::of(request.method(), route);
    let waiting = server.app.store.waiting();
    let place = server.gate.enter(class, shop, waiting, server.app.clock.now());
    if let Err(full) = &place {
        let why = match full {
            Full::Server => "server_full",
            Full::Shop => "shop_share",
        };
        ::metrics::counter!("narupay_admission_refused", "class" => class.as_str(), "why" => why).increment(1);
    }
    place.map(Some)
}

/// Not all at the same moment.
fn come_again(server: &Server, full: Full) -> Problem {
    let code = match full {
        Full::Server => Code::Busy,
        Full::Shop => Code::TooManyRequests,
    };
    Problem::new(code).retry_after(Some(1 + server.app.chance.below(3)))
}

/// An overloaded server must still say that it is alive.
fn always_answered(route: &str) -> bool {
    matches!(route, "/healthz" | "/readyz" | "/metrics")
}

/// What can be said of an API request before its route is known.
fn form(headers: &HeaderMap) -> Option<Problem> {
    if let Some(version) = headers.get(VERSION)
        && !VERSIONS.iter().any(|known| version == known)
    {
        let known = VERSIONS.join(", ");
        return Some(Problem::saying(
            Code::UnknownVersion,
            format!("Naru-Version must be one of {known}."),
            format!("Naru-Version에 쓸 수 있는 값: {known}"),
        ));
    }
    let accepts = headers.get_all(header::ACCEPT);
    let json = |value: &HeaderValue| {
        let ranges = value.to_str().unwrap_or_default().split(',');
        ranges.filter_map(|range| range.split(';').next()).any(|range| {
            matches!(
                range.trim(),
                "" | "*/*" | "application/*" | "application/json" | "application/problem+json"
            )
        })
    };
    let none = accepts.iter().next().is_some() && !accepts.iter().any(json);
    none.then(|| Problem::new(Code::NotAcceptable))
}

/// Problems get their bodies, now that language and id are known; so does a method that the route does not take.
fn finished(mut response: Response, context: &Context, api: bool) -> Response {
    let problem = response.extensions_mut().remove::<Problem>();
    let allow = response.headers().get(header::ALLOW).cloned();
    match problem {
        Some(problem) => problem.into_answered(context),
        None if api && response.status() == StatusCode::METHOD_NOT_ALLOWED => {
            let problem = Problem::new(Code::MethodNotAllowed);
            let problem = allow.map_or(problem.clone(), |allow| problem.with_header(header::ALLOW, allow));
            problem.into_answered(context)
        }
        None => response,
    }
}

fn timing(total: Duration, pg: Duration) -> String {
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    format!(
        "total;dur={:.3}, pg;dur={:.3}, own;dur={:.3}",
        ms(total),
        ms(pg),
        ms(total.saturating_sub(pg))
    )
}

fn note(method: &Method, route: &str, status: StatusCode, took: Duration, context: &Context) {
    metrics::request(method, route, status, took);
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    if status.is_server_error() {
        tracing::warn!(request.id = %context.id, %method, route, status = status.as_u16(), duration_ms, "{method} {route} failed with {}", status.as_u16());
    } else {
        tracing::debug!(request.id = %context.id, %method, route, status = status.as_u16(), duration_ms, "{method} {route} {}", status.as_u16());
    }
}

pub(crate) fn header_text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

pub(crate) async fn unknown_route() -> Problem {
    Problem::new(Code::RouteNotFound)
}

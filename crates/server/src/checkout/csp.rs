//! What a page may load, and who may hold it in a frame. Nothing inline, anywhere.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use url::Url;

/// Headers of a page that loads nothing but ours.
pub(super) fn own(headers: &mut HeaderMap, shop_origin: Option<&str>) {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors {}",
        shop_origin.unwrap_or("'none'")
    );
    set(headers, &policy, "payment=()");
}

/// Headers of the one page that also loads a PG's script.
pub(super) fn with_pg(headers: &mut HeaderMap, shop_origin: Option<&str>, pg_origins: &[String]) {
    let pg: Vec<&str> = pg_origins
        .iter()
        .map(String::as_str)
        .filter(|origin| is_source(origin))
        .collect();
    let pg = pg.join(" ");
    let policy = format!(
        "default-src 'none'; script-src 'self' {pg}; style-src 'self' {pg}; img-src 'self' data: {pg}; \
         connect-src 'self' {pg}; frame-src {pg}; form-action 'self' {pg}; base-uri 'none'; frame-ancestors {}",
        shop_origin.unwrap_or("'none'")
    );
    let exact: Vec<String> = pg_origins
        .iter()
        .filter(|origin| !origin.contains('*') && is_source(origin))
        .map(|origin| format!("\"{origin}\""))
        .collect();
    set(headers, &policy, &format!("payment=(self {})", exact.join(" ")));
}

fn set(headers: &mut HeaderMap, policy: &str, payment: &str) {
    let permissions = format!("{payment}, camera=(), geolocation=(), microphone=()");
    if let (Ok(policy), Ok(permissions)) = (HeaderValue::from_str(policy), HeaderValue::from_str(&permissions)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        headers.insert(HeaderName::from_static("permissions-policy"), permissions);
    }
    // The address is the key to the page: others learn our origin alone.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("strict-origin"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // A PG may open a window that must find its way back.
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin-allow-popups"),
    );
}

/// One origin, perhaps with `*.` before the host: nothing that could add to the policy.
fn is_source(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or(text.strip_prefix("http://"));
    rest.is_some_and(|host| {
        !host.is_empty()
            && host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-:*[]".contains(&byte))
    })
}

/// The origin of a shop's address: the only one that may frame the page. A host may hold `*` or `;`, which mean
/// something else in a policy; then there is none.
pub(super) fn origin(address: &str) -> Option<String> {
    let origin = Url::parse(address).ok()?.origin();
    Some(origin.ascii_serialization()).filter(|text| origin.is_tuple() && is_source(text) && !text.contains('*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_origins_reach_the_policy() {
        assert_eq!(
            origin("https://shop.example/a?b=;script-src *").as_deref(),
            Some("https://shop.example")
        );
        assert_eq!(
            origin("http://127.0.0.1:3000/x").as_deref(),
            Some("http://127.0.0.1:3000")
        );
        assert_eq!(origin("http://[::1]:3000/x").as_deref(), Some("http://[::1]:3000"));
        assert_eq!(origin("https://한글.kr/").as_deref(), Some("https://xn--bj0bj06e.kr"));
        for none in [
            "data:text/html,x",
            "https://*.example/a",
            "https://a;sandbox/",
            "https://a'b/",
        ] {
            assert_eq!(origin(none), None, "{none}");
        }
        let mut headers = HeaderMap::new();
        let origins = [
            "https://js.pg.example".to_owned(),
            "https://x; script-src *".to_owned(),
            "https://*.pg.example".to_owned(),
        ];
        with_pg(&mut headers, None, &origins);
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(
            policy.contains("script-src 'self' https://js.pg.example https://*.pg.example;"),
            "{policy}"
        );
        assert!(
            policy.ends_with("frame-ancestors 'none'")
                && !policy.contains("script-src *")
                && !policy.contains("inline")
        );
    }
}

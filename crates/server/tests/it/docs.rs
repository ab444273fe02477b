//! What the server says about itself.

use axum::http::header;

use crate::kit::World;

#[tokio::test]
async fn every_described_operation_is_there() {
    let world = World::new().await;
    let api = world.get("/openapi.json").send().await.json();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let path = path
                .replace("{paymentId}", "x")
                .replace("{orderId}", "x")
                .replace("{eventId}", "x");
            let path = path.replace("{endpointId}", "x").replace("{deliveryId}", "x");
            let got = world.ask(&method.to_uppercase(), &path).send().await;
            let status = got.status.to_string();
            assert!(
                operation["responses"][&status].is_object(),
                "{method} {path} answered {status}: {}",
                got.text
            );
            assert!(
                got.status != 405 && !got.text.contains("route_not_found"),
                "{method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn the_api_has_a_page_that_loads_nothing_from_elsewhere() {
    let world = World::new().await;
    assert_eq!(world.get("/docs").send().await.header(header::LOCATION), "/docs/");
    let page = world.get("/docs/").send().await;
    page.shows("swagger-initializer.js");
    assert!(
        !page.text.contains("http://") && !page.text.contains("https://"),
        "{}",
        page.text
    );
    let policy = page.header(header::CONTENT_SECURITY_POLICY);
    assert!(policy.contains("script-src 'self';"), "{policy}");
    world
        .get("/docs/swagger-initializer.js")
        .send()
        .await
        .shows("/openapi.json");
    assert_eq!(world.get("/docs/nothing.js").send().await.status, 404);
}

#[tokio::test]
async fn every_code_has_a_page_in_both_languages() {
    let world = World::new().await;
    for info in server::problem_codes() {
        let page = world.get(&format!("/docs/errors/{}", info.code)).send().await;
        page.shows(&info.title_en.replace('\'', "&#39;")).shows(info.title_ko);
    }
    world.get("/docs/errors/").send().await.shows("exceeds_paid");
    assert_eq!(world.get("/docs/errors/nothing").send().await.status, 404);
}

#[tokio::test]
async fn the_sdk_is_small_cached_and_a_module_too() {
    let world = World::new().await;
    let sdk = world.get("/sdk/v1/narupay.js").send().await;
    assert!(sdk.text.len() < 6 * 1024, "{} bytes", sdk.text.len());
    let etag = sdk.header(header::ETAG).to_owned();
    assert!(sdk.header(header::CACHE_CONTROL).contains("max-age="));
    assert_eq!(
        world
            .get("/sdk/v1/narupay.js")
            .header("if-none-match", &etag)
            .send()
            .await
            .status,
        304
    );
    world.get("/sdk/v1/narupay.mjs").send().await.shows("export default");
    world
        .get("/sdk/v1/narupay.d.ts")
        .send()
        .await
        .shows("waiting_for_deposit");
    assert_eq!(world.get("/sdk/v1/other.js").send().await.status, 404);
}

#[tokio::test]
async fn health_is_told_apart_from_readiness() {
    let world = World::new().await;
    assert_eq!(world.get("/healthz").send().await.status, 200);
    assert_eq!(world.get("/readyz").send().await.json()["status"], "ready");
    assert_eq!(world.get("/metrics").send().await.status, 404, "no exporter was given");
}

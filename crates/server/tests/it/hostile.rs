//! Bad input costs nothing: a clear answer, and nothing half done.

use serde_json::{Value, json};

use crate::kit::{KEY, World, order_of};

fn with(name: &str, value: Value) -> Value {
    let mut body = order_of("order-bad");
    body[name] = value;
    body
}

#[tokio::test]
async fn values_that_cannot_be_are_named_with_their_place() {
    let world = World::new().await;
    let world = &world;
    let create = |body: Value| async move { world.post("/v1/payments", &body).problem().await };
    for (amount, code) in [
        (json!(0), "invalid_value"),
        (json!(-1), "invalid_value"),
        (json!(1.5), "invalid_value"),
        (json!(15_000.0), "invalid_value"),
        (json!("15000"), "invalid_value"),
        (json!(null), "invalid_value"),
        (json!(9_223_372_036_854_775_807_i64), "invalid_value"),
        (json!(18_446_744_073_709_551_615_u64), "invalid_value"),
        (json!([15_000]), "invalid_value"),
    ] {
        create(with("amount", amount)).await.is(400, code).at("amount");
    }
    create(with("orderId", json!("짧다")))
        .await
        .is(400, "invalid_value")
        .at("orderId");
    create(with("orderName", json!("")))
        .await
        .is(400, "invalid_value")
        .at("orderName");
    create(with("orderName", json!("a\u{0}b")))
        .await
        .is(400, "invalid_value")
        .at("orderName");
    create(with("currency", json!("XXX")))
        .await
        .is(400, "invalid_value")
        .at("currency");
    create(with("currency", json!("krw")))
        .await
        .is(400, "invalid_value")
        .at("currency");
    create(with("taxFreeAmount", json!(15_001)))
        .await
        .is(400, "invalid_value")
        .at("taxFreeAmount");
    create(with("expiresInMinutes", json!(0)))
        .await
        .is(400, "invalid_value")
        .at("expiresInMinutes");
    create(with("expiresInMinutes", json!(4_294_967_296_i64)))
        .await
        .is(400, "invalid_value")
        .at("expiresInMinutes");
    create(with("instalmentMonthsMax", json!(300)))
        .await
        .is(400, "invalid_value")
        .at("instalmentMonthsMax");
    create(with("methods", json!(["CASH"])))
        .await
        .is(400, "invalid_value")
        .at("methods.0")
        .says("VIRTUAL_ACCOUNT");
    create(with("returnUrl", json!("javascript:alert(1)")))
        .await
        .is(400, "invalid_value")
        .at("returnUrl");
    create(with("returnUrl", json!("https://user:pass@shop.example/")))
        .await
        .at("returnUrl");
    create(with("customer", json!({ "email": "nobody" })))
        .await
        .at("customer.email");
    create(with("customer", json!({ "phone": "0101234abcd" })))
        .await
        .at("customer.phone");
    create(with("metadata", json!({ "a": 1 })))
        .await
        .is(400, "invalid_value")
        .at("metadata.a");
    create(with("kind", json!("TOSSPAY")))
        .await
        .is(400, "invalid_value")
        .at("kind");
    create(with(
        "escrow",
        json!({ "items": [{ "id": "1", "name": "펜", "code": "p", "unitPrice": 1, "quantity": 0 }] }),
    ))
    .await
    .at("escrow.items");
    let list = world.get("/v1/payments").send().await.json();
    assert_eq!(list["items"], json!([]), "nothing was made");
}

#[tokio::test]
async fn what_the_rules_refuse_is_told_apart_from_what_cannot_be_read() {
    let world = World::new().await;
    let world = &world;
    let create = |body: Value| async move { world.post("/v1/payments", &body).problem().await };
    let mut little = with("amount", json!(50));
    little["methods"] = json!(["CARD"]);
    create(little)
        .await
        .is(422, "below_minimum")
        .at("amount")
        .says("100 KRW");
    create(with("currency", json!("EUR")))
        .await
        .is(422, "currency_unavailable")
        .at("currency");
}

#[tokio::test]
async fn names_are_checked_and_the_nearest_is_offered() {
    let world = World::new().await;
    let unknown = world
        .post("/v1/payments", &with("orderNmae", json!("x")))
        .problem()
        .await;
    unknown.is(400, "unknown_field").at("orderNmae").says("`orderName`");
    let korean = world
        .post("/v1/payments", &with("orderNmae", json!("x")))
        .header("accept-language", "ko-KR,en;q=0.5");
    korean.problem().await.says("`orderName`인가요?");
    let twice = br#"{"orderId":"order-x","orderName":"x","amount":100,"amount":200}"#;
    world
        .post_raw("/v1/payments", twice.to_vec())
        .problem()
        .await
        .is(400, "duplicate_field")
        .at("amount");
    let missing = world
        .post("/v1/payments", &json!({ "orderId": "order-1" }))
        .problem()
        .await;
    missing.is(400, "missing_field").at("orderName");
    let nested = world
        .post("/v1/payments", &with("customer", json!({ "mail": "a@b" })))
        .problem()
        .await;
    nested.is(400, "unknown_field").at("customer.mail").says("`email`");
}

#[tokio::test]
async fn bodies_that_are_no_json_are_refused_by_what_they_are() {
    let world = World::new().await;
    let raw = |body: &[u8]| world.post_raw("/v1/payments", body.to_vec());
    raw(b"{\"orderId\":\"\xff\"}")
        .problem()
        .await
        .is(400, "invalid_json")
        .says("UTF-8");
    raw(b"{\"orderId\"")
        .problem()
        .await
        .is(400, "invalid_json")
        .says("line 1");
    raw(b"[]").problem().await.is(400, "invalid_value");
    raw("[".repeat(60_000).as_bytes())
        .problem()
        .await
        .is(400, "invalid_json");
    raw(b"{\"amount\":1e400}").problem().await.is(400, "invalid_json");
    raw(&vec![b' '; 1_000_000]).problem().await.is(413, "body_too_large");
    raw(b"{}")
        .header("content-type", "text/plain")
        .problem()
        .await
        .is(415, "unsupported_media_type");
    raw(b"{}")
        .without("content-type")
        .problem()
        .await
        .is(415, "unsupported_media_type");
    raw(b"{}")
        .header("content-type", "application/json; charset=euc-kr")
        .problem()
        .await
        .is(415, "unsupported_media_type");
}

#[tokio::test]
async fn headers_are_checked_before_anything_is_done() {
    let world = World::new().await;
    let post = || world.post("/v1/payments", &order_of("order-h"));
    post()
        .without("idempotency-key")
        .problem()
        .await
        .is(400, "idempotency_key_required");
    post().key("").problem().await.is(400, "invalid_header");
    post().key(&"k".repeat(256)).problem().await.is(400, "invalid_header");
    post().key("with space").problem().await.is(400, "invalid_header");
    let nobody = post().without("authorization").problem().await;
    assert!(nobody.is(401, "unauthorized").headers.contains_key("www-authenticate"));
    post().shop("sk_test_wrong").problem().await.is(401, "unauthorized");
    post()
        .shop(&KEY.replacen("sk_", "ck_", 1))
        .problem()
        .await
        .is(401, "unauthorized")
        .says("client key");
    post()
        .header("naru-version", "2020-01-01")
        .problem()
        .await
        .is(400, "unknown_version")
        .says("2026-11-25");
    post()
        .header("accept", "text/html")
        .problem()
        .await
        .is(406, "not_acceptable");
    assert_eq!(
        post()
            .header("accept", "text/html, application/json;q=0.1")
            .send()
            .await
            .status,
        201
    );
}

#[tokio::test]
async fn addresses_that_lead_nowhere_say_so() {
    let world = World::new().await;
    world.get("/v1/nothing").problem().await.is(404, "route_not_found");
    world.get("/nothing").problem().await.is(404, "route_not_found");
    let wrong = world.ask("PUT", "/v1/payments").problem().await;
    assert!(
        wrong.is(405, "method_not_allowed").headers["allow"]
            .to_str()
            .unwrap()
            .contains("POST")
    );
    for id in [
        "x",
        "pay_",
        "evt_00000000000000000000000000",
        "%FF",
        "pay_00000000000000000000000000",
    ] {
        world
            .get(&format!("/v1/payments/{id}"))
            .problem()
            .await
            .is(404, "not_found");
        world
            .post(&format!("/v1/payments/{id}/cancel"), &json!({ "reason": "x" }))
            .problem()
            .await
            .is(404, "not_found");
    }
    world.get("/v1/orders/%FF/payment").problem().await.is(404, "not_found");
}

#[tokio::test]
async fn queries_are_read_as_strictly_as_bodies() {
    let world = World::new().await;
    for (query, field) in [
        ("status=PAID", "status"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
        ("from=yesterday", "from"),
        ("to=9999999-01-01T00:00:00Z", "to"),
        ("cursor=x", "cursor"),
        ("orderId=x", "orderId"),
        ("colour=red", "colour"),
        ("limit=1&limit=2", "limit"),
    ] {
        world
            .get(&format!("/v1/payments?{query}"))
            .problem()
            .await
            .is(400, "invalid_query")
            .at(field);
    }
    world
        .get("/v1/events?type=payment.nope")
        .problem()
        .await
        .is(400, "invalid_query")
        .at("type");
    world
        .get("/v1/webhook-deliveries?status=LOST")
        .problem()
        .await
        .is(400, "invalid_query")
        .at("status");
}

#[tokio::test]
async fn a_database_that_is_away_is_said_so_and_nothing_is_half_done() {
    let world = World::new().await;
    let path = world.checkout("order-before").await;
    world.app.store.close().await;
    let away = world.post("/v1/payments", &order_of("order-away")).problem().await;
    assert_eq!(away.is(503, "unavailable").headers["retry-after"], "5");
    let page = world
        .ask("POST", &format!("{path}/attempts"))
        .form("method=CARD")
        .send()
        .await;
    assert_eq!(page.status, 503);
    page.shows("돈이 나가지 않았어요");
    world
        .get("/v1/orders/order-away/payment")
        .problem()
        .await
        .is(404, "not_found");
}

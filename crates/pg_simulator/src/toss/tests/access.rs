use super::*;

#[tokio::test]
async fn keys_are_checked_as_the_pg_checks_them() {
    use base64::Engine;
    let counter = Counter::open().await;
    let key = counter.authenticated(Product::Card, "order-0001", 15_000);
    let path = format!("/v1/payments/{key}");
    let encode = |text: &str| format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(text));
    for (header, wanted) in [
        (encode("test_sk_shop"), (403, "INCORRECT_BASIC_AUTH_FORMAT")),
        ("Bearer test_sk_shop".to_owned(), (403, "INCORRECT_BASIC_AUTH_FORMAT")),
        (encode("test_sk_nobody:"), (401, "UNAUTHORIZED_KEY")),
        (encode("test_gsk_shop:"), (403, "FORBIDDEN_REQUEST")),
        (encode("test_sk_newer:"), (404, "NOT_FOUND_PAYMENT")),
    ] {
        let answer = counter
            .call(Method::GET, &path, &[("authorization", &header)], None)
            .await;
        assert_eq!(no(&answer), wanted, "{header}");
    }
    let unpadded = encode("test_sk_shop:").trim_end_matches('=').to_owned();
    assert_eq!(
        counter
            .call(Method::GET, &path, &[("authorization", &unpadded)], None)
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn wrong_addresses_and_bodies_have_answers_too() {
    let counter = Counter::open().await;
    assert_eq!(no(&counter.get("/v1/nothing").await), (404, "NOT_FOUND_HTTP_METHOD"));
    assert_eq!(
        no(&counter.get("/v1/payments/confirm/now").await),
        (404, "NOT_FOUND_HTTP_METHOD")
    );
    let wrong_method = counter.call(Method::DELETE, "/v1/payments/confirm", &[], None).await;
    assert_eq!(no(&wrong_method), (404, "NOT_FOUND_HTTP_METHOD"));
    assert_eq!(
        no(&counter.post("/v1/payments/confirm", json!([1])).await),
        (400, "INVALID_REQUEST")
    );
    assert_eq!(
        no(&counter.post("/v1/billing/authorizations/issue", json!({})).await),
        (400, "NOT_SUPPORTED_METHOD")
    );
}

#[tokio::test]
async fn the_answer_is_in_english_and_of_the_merchants_version_when_asked() {
    let counter = Counter::open().await;
    let request = WindowRequest::new("test_ck_newer", Product::Card, Money::krw(1_000), "order-0001");
    let key = counter.simulator.toss().authenticate(request).unwrap();
    let newer = reqwest::Client::new()
        .post(format!("{}/v1/payments/confirm", counter.url))
        .basic_auth("test_sk_newer", Some(""))
        .header("accept-language", "en-US")
        .body(json!({ "paymentKey": key, "orderId": "order-0001", "amount": "1000" }).to_string());
    let paid: Value = serde_json::from_str(&newer.send().await.unwrap().text().await.unwrap()).unwrap();
    assert_eq!(
        (&paid["version"], &paid["method"]),
        (&json!("2024-06-01"), &json!("CARD"))
    );
    assert_eq!(paid["card"]["cardType"], "CREDIT");
}

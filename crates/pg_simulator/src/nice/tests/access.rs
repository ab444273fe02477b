use super::*;

#[tokio::test]
async fn wrong_keys_are_401() {
    let counter = Counter::open().await;
    for (authorization, expected) in [
        ("Basic bm9ib2R5OnNlY3JldA==", "U102"),
        ("Basic !", "U304"),
        ("Digest x", "U304"),
        ("Bearer nothing", "U305"),
    ] {
        let answer = counter
            .call(Method::GET, "/v1/payments/x", &[("authorization", authorization)], None)
            .await;
        assert_eq!((answer.0, code(&answer)), (401, expected), "{authorization}");
    }
    let bare = counter.http.get(format!("{}/nice/v1/payments/x", counter.url)).send();
    assert_eq!(bare.await.unwrap().status(), 401);
}

#[tokio::test]
async fn a_token_stands_for_the_keys_for_half_an_hour() {
    let counter = Counter::open().await;
    let (_, first) = counter.post("/v1/access-token", json!({})).await;
    assert_eq!(
        (&first["tokenType"], &first["expireAt"]),
        (&json!("Bearer"), &json!("2026-03-02T10:45:00.000+0900"))
    );
    counter.wait(Duration::minutes(29));
    let (_, again) = counter.post("/v1/access-token", json!({})).await;
    assert_eq!(first["accessToken"], again["accessToken"]);
    assert_eq!(first["expireAt"], again["expireAt"], "asking again does not prolong it");
    let bearer = format!("Bearer {}", first["accessToken"].as_str().unwrap());
    let ask = async || {
        counter
            .call(Method::GET, "/v1/payments/nothing", &[("authorization", &bearer)], None)
            .await
    };
    assert_eq!(code(&ask().await), "U107");
    counter.wait(Duration::minutes(1));
    let late = ask().await;
    assert_eq!((late.0, code(&late)), (401, "U305"));
}

#[tokio::test]
async fn others_payments_and_addresses_are_not_there() {
    let counter = Counter::open().await;
    let request = WindowRequest::new(FORMS.0, Product::Card, Money::krw(15_000), "order-0001");
    let theirs = counter.form_of(request)["tid"].clone();
    assert_eq!(code(&counter.approve(&theirs, 15_000).await), "U107");
    assert_eq!(code(&counter.cancel(&theirs, "order-0001", json!({})).await), "2012");
    let unknown = counter.get("/v2/anything").await;
    assert_eq!((unknown.0, code(&unknown)), (404, "U320"));
    let method = counter.call(Method::DELETE, "/v1/payments/x", &[], None).await;
    assert_eq!((method.0, code(&method)), (405, "U308"));
    let billing = counter.post("/v1/subscribe/regist", json!({})).await;
    assert_eq!((billing.0, code(&billing)), (403, "U108"));
}

#[test]
fn codes_are_written_once() {
    for code in Code::ALL {
        assert_eq!(
            Code::parse(code.as_str()).map(Code::message),
            Some(code.message()),
            "{code:?}"
        );
    }
}

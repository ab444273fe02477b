use super::*;
use crate::nice::fields::Fields;

#[tokio::test]
async fn the_merchant_hears_of_every_change_with_a_signature() {
    let counter = Counter::open().await;
    counter.paid(Product::Vbank, "order-0001", 33_000).await;
    counter.pg().make_deposit("order-0001", Default::default()).unwrap();
    let tid = counter.paid(Product::Card, "order-0002", 15_000).await;
    counter.cancel(&tid, "refund-1", json!({ "cancelAmt": 5_000 })).await;
    counter.net_cancel("order-0002").await;
    let heard = counter.heard().await;
    let bodies: Vec<Value> = heard
        .iter()
        .map(|(_, body)| serde_json::from_str(body).unwrap())
        .collect();
    let mut statuses: Vec<_> = bodies.iter().map(|body| body["status"].as_str().unwrap()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, ["paid", "paid", "partialCancelled", "ready"]);
    assert!(bodies.iter().all(is_signed), "{bodies:?}");
    assert!(heard.iter().all(|(kind, _)| kind == "application/json;charset=utf-8"));
}

#[tokio::test]
async fn only_200_with_ok_is_an_answer() {
    let counter = Counter::open().await;
    counter.shop_answers(StatusCode::OK, "fine");
    counter.paid(Product::Card, "order-0001", 15_000).await;
    assert_eq!(counter.statuses().await, ["paid"]);
    counter.wait(Duration::minutes(1));
    counter.shop_answers(StatusCode::CREATED, "OK");
    assert_eq!(counter.statuses().await, ["paid"]);
    counter.wait(Duration::minutes(10));
    counter.shop_answers(StatusCode::OK, "<html>OK</html>");
    assert_eq!(counter.statuses().await, ["paid"]);
    counter.wait(Duration::days(2));
    assert!(counter.heard().await.is_empty());
    counter.pg().resend_notice("order-0001").unwrap();
    assert_eq!(counter.statuses().await, ["paid"]);
}

#[tokio::test]
async fn a_merchant_may_have_its_notices_as_forms() {
    let counter = Counter::open().await;
    let request = WindowRequest::new(FORMS.0, Product::Card, Money::krw(15_000), "order-0001");
    let tid = counter.form_of(request)["tid"].clone();
    let request = counter.http.post(format!("{}/nice/v1/payments/{tid}", counter.url));
    let request = request
        .basic_auth(FORMS.0, Some(FORMS.1))
        .json(&json!({ "amount": 15_000 }));
    assert_eq!(request.send().await.unwrap().status(), 200);
    let heard = counter.heard().await;
    assert_eq!(heard[0].0, "application/x-www-form-urlencoded;charset=utf-8");
    let fields = Fields::parse(heard[0].1.as_bytes());
    let read = |name: &str| fields.get(name).unwrap_or_default().to_owned();
    assert_eq!(read("signature"), sign(&[&tid, "15000", &read("ediDate"), FORMS.1]));
    assert_eq!((read("status"), read("cardCode")), ("paid".to_owned(), "04".to_owned()));
}

#[tokio::test]
async fn an_address_is_tried_out_before_it_is_registered() {
    let counter = Counter::open().await;
    let hook = json!({ "method": "card", "url": counter.ear, "managerEmail": "shop@example.com" });
    let add = async || counter.post("/v1/webhook", hook.clone()).await;
    counter.shop_answers(StatusCode::OK, "no");
    assert_eq!(code(&add().await), "U338");
    counter.shop_answers(StatusCode::NO_CONTENT, "");
    assert_eq!(code(&add().await), "U337");
    let nowhere = json!({ "method": "card", "url": "http://127.0.0.1:1/" });
    assert_eq!(code(&counter.post("/v1/webhook", nowhere).await), "U336");
    counter.shop_answers(StatusCode::OK, "OK");
    counter.heard().await;
    assert_eq!(code(&add().await), "0000");
    let trial: Value = serde_json::from_str(&counter.heard().await[0].1).unwrap();
    assert!(!is_signed(&trial) && trial["amount"] == 10_000, "{trial}");
    assert_eq!(code(&add().await), "U333");
    assert_eq!(
        counter.get("/v1/webhook").await.1["urls"][0]["url"],
        counter.ear.as_str()
    );

    counter.pg().set_notice_urls(MID, &[]);
    counter.heard().await;
    counter.paid(Product::Bank, "order-0001", 15_000).await;
    counter.paid(Product::Card, "order-0002", 15_000).await;
    assert_eq!(counter.statuses().await, ["paid"], "only cards are registered");
    let update = json!({ "url": counter.ear });
    assert_eq!(
        code(&counter.post("/v1/webhook/card/update", update.clone()).await),
        "0000"
    );
    assert_eq!(code(&counter.post("/v1/webhook/bank/update", update).await), "U334");
    assert_eq!(code(&counter.post("/v1/webhook/card/delete", json!({})).await), "0000");
    assert_eq!(code(&counter.post("/v1/webhook/card/delete", json!({})).await), "U334");
}

//! The API as a shop uses it.

use serde_json::json;

use crate::kit::{NEIGHBOUR, World, order_of};

#[tokio::test]
async fn a_payment_is_made_read_and_found_again() {
    let world = World::new().await;
    let got = world.post("/v1/payments", &order_of("order-1")).send().await;
    assert_eq!(got.status, 201);
    let made = got.json();
    assert_eq!(
        (&made["status"], &made["amount"], &made["vat"]),
        (&json!("READY"), &json!(15_000), &json!(1_364))
    );
    assert!(got.headers.contains_key("server-timing") && got.headers.contains_key("naru-version"));
    let id = made["id"].as_str().unwrap();
    assert_eq!(world.get(&format!("/v1/payments/{id}")).send().await.json(), made);
    assert_eq!(world.get("/v1/orders/order-1/payment").send().await.json(), made);
    let list = world.get("/v1/payments?status=READY,DONE&limit=1").send().await.json();
    assert_eq!(list["items"], json!([made]));
}

#[tokio::test]
async fn asking_twice_gets_the_first_answer_byte_for_byte() {
    let world = World::new().await;
    let ask = |amount: i64| {
        let mut body = order_of("order-2");
        body["amount"] = json!(amount);
        world.post("/v1/payments", &body).key("same-key")
    };
    let (first, again) = (ask(15_000).send().await, ask(15_000).send().await);
    assert_eq!((first.status, &first.text), (again.status, &again.text));
    assert_eq!(again.headers["idempotent-replay"], "true");
    assert!(!first.headers.contains_key("idempotent-replay"));
    let other = ask(16_000).problem().await;
    other.is(422, "idempotency_key_reused");
    assert_eq!(other.body["differs"], json!(["amount"]));
    world
        .post("/v1/payments", &order_of("order-2"))
        .problem()
        .await
        .is(409, "order_id_taken");
}

#[tokio::test]
async fn refusals_are_remembered_too() {
    let world = World::new().await;
    let id = world.payment("order-3").await["id"].as_str().unwrap().to_owned();
    let ask = || {
        world
            .post(&format!("/v1/payments/{id}/confirm"), &json!({}))
            .key("decide")
    };
    let (first, again) = (ask().send().await, ask().send().await);
    assert_eq!((first.status, &first.text), (409, &again.text));
    assert_eq!(again.headers["content-type"], "application/problem+json");
}

#[tokio::test]
async fn a_payment_is_paid_and_given_back_in_parts() {
    let world = World::new().await;
    let id = world.payment("order-4").await["id"].as_str().unwrap().to_owned();
    let pay = world.post(
        &format!("/v1/test/payments/{id}/pay"),
        &json!({ "method": "CARD", "outcome": "approve" }),
    );
    let paid = pay.send().await;
    assert_eq!(paid.json()["status"], "DONE", "{}", paid.text);
    let cancel = |body| world.post(&format!("/v1/payments/{id}/cancel"), &body);
    let part = cancel(json!({ "amount": 5_000, "reason": "한 개 반품", "expectedBalance": 15_000 }))
        .send()
        .await;
    assert_eq!(
        (part.status, &part.json()["balance"]),
        (200, &json!(10_000)),
        "{}",
        part.text
    );
    let too_much = cancel(json!({ "amount": 10_001, "reason": "반품" })).problem().await;
    too_much.is(422, "exceeds_paid").at("amount").says("10000 KRW");
    cancel(json!({ "reason": "반품", "expectedBalance": 1 }))
        .problem()
        .await
        .is(409, "balance_differs");
    let rest = cancel(json!({ "reason": "모두 반품" })).send().await.json();
    assert_eq!((&rest["status"], &rest["balance"]), (&json!("CANCELED"), &json!(0)));
    let events = world
        .get(&format!("/v1/events?paymentId={id}&type=payment.canceled"))
        .send()
        .await
        .json();
    assert_eq!(events["items"][0]["data"]["status"], "CANCELED");
    let event = events["items"][0]["id"].as_str().unwrap();
    assert_eq!(
        world.get(&format!("/v1/events/{event}")).send().await.json(),
        events["items"][0]
    );
}

#[tokio::test]
async fn a_virtual_account_waits_for_its_deposit_and_needs_an_account_to_refund() {
    let world = World::new().await;
    let id = world.payment("order-5").await["id"].as_str().unwrap().to_owned();
    let body = json!({ "method": "VIRTUAL_ACCOUNT", "outcome": "approve" });
    let waiting = world
        .post(&format!("/v1/test/payments/{id}/pay"), &body)
        .send()
        .await
        .json();
    assert_eq!(waiting["status"], "WAITING_FOR_DEPOSIT");
    let paid = world
        .post(&format!("/v1/test/payments/{id}/deposit"), &json!({}))
        .send()
        .await;
    assert_eq!(paid.json()["status"], "DONE", "{}", paid.text);
    let cancel = world.post(&format!("/v1/payments/{id}/cancel"), &json!({ "reason": "반품" }));
    cancel
        .problem()
        .await
        .is(422, "refund_account_needed")
        .at("refundAccount");
}

#[tokio::test]
async fn the_shop_has_the_last_word_if_it_wants() {
    let world = World::new().await;
    let mut body = order_of("order-6");
    body["confirm"] = json!("BY_SHOP");
    let id = world.create(body).await["id"].as_str().unwrap().to_owned();
    let agreed = json!({ "method": "CARD", "outcome": "approve" });
    let agreed = world
        .post(&format!("/v1/test/payments/{id}/pay"), &agreed)
        .send()
        .await
        .json();
    assert_eq!(agreed["status"], "IN_PROGRESS");
    // An empty body says as much as an empty object.
    let sold = world
        .post(&format!("/v1/payments/{id}/confirm"), &json!({}))
        .body(Vec::new())
        .without("content-type");
    assert_eq!(sold.send().await.json()["status"], "DONE");
}

#[tokio::test]
async fn webhook_endpoints_are_made_changed_and_given_up() {
    let world = World::new().await;
    let body = json!({ "url": "https://shop.example/hooks", "types": ["payment.done"] });
    let made = world.post("/v1/webhook-endpoints", &body).send().await;
    assert_eq!(made.status, 201);
    let made = made.json();
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    let path = format!("/v1/webhook-endpoints/{}", made["id"].as_str().unwrap());
    assert_eq!(
        world.get(&path).send().await.json()["secret"],
        json!(null),
        "a secret is shown once"
    );
    let rotated = world
        .post(&format!("{path}/rotate-secret"), &json!({ "overlapHours": 1 }))
        .send()
        .await
        .json();
    assert!(rotated["secret"].as_str().unwrap().starts_with("whsec_") && rotated["secret"] != made["secret"]);
    let changed = world.ask("PATCH", &path).header("content-type", "application/json");
    let changed = changed.body(br#"{"types":[]}"#.to_vec()).send().await.json();
    assert_eq!((&changed["types"], &changed["enabled"]), (&json!([]), &json!(true)));
    assert_eq!(world.ask("DELETE", &path).send().await.json()["enabled"], false);
    assert_eq!(
        world.get("/v1/webhook-endpoints").send().await.json()["items"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    for refused in ["http://shop.example/", "https://127.0.0.1/", "nonsense"] {
        let body = json!({ "url": refused });
        world
            .post("/v1/webhook-endpoints", &body)
            .problem()
            .await
            .is(422, "webhook_url_refused")
            .at("url");
    }
    world
        .post(
            "/v1/webhook-endpoints",
            &json!({ "url": "https://a.kr", "types": ["payment.nope"] }),
        )
        .problem()
        .await
        .at("types");
    assert_eq!(
        world.get("/v1/webhook-deliveries?status=PENDING").send().await.json()["items"],
        json!([])
    );
}

#[tokio::test]
async fn nobody_sees_what_is_the_neighbours() {
    let world = World::new().await;
    let payment = world.payment("order-7").await;
    let path = format!("/v1/payments/{}", payment["id"].as_str().unwrap());
    world.get(&path).shop(NEIGHBOUR).problem().await.is(404, "not_found");
    world
        .get("/v1/orders/order-7/payment")
        .shop(NEIGHBOUR)
        .problem()
        .await
        .is(404, "not_found");
    let cancel = world
        .post(&format!("{path}/cancel"), &json!({ "reason": "x" }))
        .shop(NEIGHBOUR);
    cancel.problem().await.is(404, "not_found");
    // Test and live keys of one shop are as far apart as two shops.
    world
        .get(&path)
        .shop("sk_live_server000000000000000000000")
        .problem()
        .await
        .is(404, "not_found");
    let list = world.get("/v1/payments").shop(NEIGHBOUR).send().await.json();
    assert_eq!(list["items"], json!([]));
    let live = world.post(
        "/v1/test/payments/pay_00000000000000000000000000/pay",
        &json!({ "method": "CARD", "outcome": "approve" }),
    );
    live.shop("sk_live_server000000000000000000000")
        .problem()
        .await
        .is(403, "test_only");
}

#[tokio::test]
async fn the_pgs_say_what_they_can_do() {
    let world = World::new().await;
    let pgs = world.get("/v1/pgs").send().await.json();
    assert_eq!(
        (&pgs["items"][0]["pg"], &pgs["items"][0]["simulated"]),
        (&json!("toss"), &json!(true))
    );
    assert!(
        pgs["items"][0]["methods"]
            .as_array()
            .unwrap()
            .iter()
            .any(|method| method["method"] == "CARD")
    );
}

#[tokio::test]
async fn a_notice_is_answered_whether_it_is_known_or_rubbish() {
    let world = World::new().await;
    let account = world.get("/v1/pgs").send().await.json()["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let notice = |body: &[u8]| {
        world
            .post_raw(&format!("/notices/{account}"), body.to_vec())
            .without("authorization")
    };
    for body in [&br#"{"eventType":"PAYMENT_STATUS_CHANGED"}"#[..], b"\xff\xfe", b""] {
        assert_eq!(notice(body).send().await.status, 200);
    }
    notice(&vec![b'x'; 70_000]).problem().await.is(413, "body_too_large");
    let nobody = world.post_raw("/notices/pga_00000000000000000000000000", Vec::new());
    nobody.problem().await.is(404, "not_found");
}

use super::*;

const CARD_KEYS: [&str; 12] = [
    "issuerCode",
    "acquirerCode",
    "number",
    "amount",
    "installmentPlanMonths",
    "isInterestFree",
    "interestPayer",
    "approveNo",
    "useCardPoint",
    "cardType",
    "ownerType",
    "acquireStatus",
];

#[tokio::test]
async fn a_card_payment_is_confirmed_with_the_manuals_fields() {
    let counter = Counter::open().await;
    let key = counter.authenticated(Product::Card, "order-0001", 15_000);
    assert!(key.starts_with("tviva20260302101500") && key.len() == 24, "{key}");
    counter.wait(Duration::seconds(31));
    let (status, paid) = counter.confirm(&key, "order-0001", 15_000).await;
    assert_eq!(status, 200);
    has_exactly(&paid, &PAYMENT_KEYS);
    has_exactly(&paid["card"], &CARD_KEYS);
    assert_eq!(paid["status"], "DONE");
    assert_eq!(paid["method"], "카드");
    assert_eq!(paid["version"], "2022-11-16");
    assert_eq!((&paid["suppliedAmount"], &paid["vat"]), (&json!(13_636), &json!(1_364)));
    assert_eq!(paid["requestedAt"], "2026-03-02T10:15:00+09:00");
    assert_eq!(paid["approvedAt"], "2026-03-02T10:15:31+09:00");
    assert_eq!(paid["card"]["number"], "43301212****123*");
    assert_eq!(paid["card"]["approveNo"], "00000000");
    for path in [
        format!("/v1/payments/{key}"),
        "/v1/payments/orders/order-0001".to_owned(),
    ] {
        assert_eq!(
            counter.get(&path).await,
            (200, paid.clone()),
            "an inquiry shows the same"
        );
    }
    let truth = counter.simulator.toss().truth("order-0001").unwrap();
    assert_eq!(
        (truth.approved, truth.balance, truth.approvals),
        (Money::krw(15_000), Money::krw(15_000), 1)
    );
}

#[tokio::test]
async fn a_confirm_that_does_not_fit_is_refused_and_may_be_corrected() {
    let counter = Counter::open().await;
    let key = counter.authenticated(Product::Card, "order-0001", 15_000);
    assert_eq!(
        no(&counter.confirm(&key, "order-0001", 14_000).await),
        (400, "INVALID_REQUEST")
    );
    assert_eq!(
        no(&counter.confirm(&key, "order-0002", 15_000).await),
        (400, "INVALID_REQUEST")
    );
    assert_eq!(
        no(&counter.confirm("tviva0000", "order-0001", 15_000).await),
        (404, "NOT_FOUND_PAYMENT")
    );
    let nothing = counter.post("/v1/payments/confirm", json!({ "paymentKey": key })).await;
    assert_eq!(no(&nothing), (400, "INVALID_REQUIRED_PARAM"));
    assert_eq!(counter.confirm(&key, "order-0001", 15_000).await.0, 200);
    assert_eq!(
        no(&counter.confirm(&key, "order-0001", 15_000).await),
        (400, "ALREADY_PROCESSED_PAYMENT")
    );
    let second = counter.simulator.toss().authenticate(WindowRequest::new(
        CLIENT_KEY,
        Product::Card,
        Money::krw(15_000),
        "order-0001",
    ));
    assert_eq!(second, Err(super::super::Code::DUPLICATED_ORDER_ID));
}

#[tokio::test]
async fn two_windows_of_one_order_are_charged_once() {
    let counter = Counter::open().await;
    let first = counter.authenticated(Product::Card, "order-0001", 15_000);
    let second = counter.authenticated(Product::Card, "order-0001", 15_000);
    assert_eq!(counter.confirm(&second, "order-0001", 15_000).await.0, 200);
    assert_eq!(
        no(&counter.confirm(&first, "order-0001", 15_000).await),
        (400, "DUPLICATED_ORDER_ID")
    );
    let (_, found) = counter.get("/v1/payments/orders/order-0001").await;
    assert_eq!(found["paymentKey"], json!(second), "the order is the one that was paid");
}

#[tokio::test]
async fn time_runs_out_after_ten_minutes_and_after_thirty() {
    let counter = Counter::open().await;
    let key = counter.authenticated(Product::Card, "order-0001", 15_000);
    counter.wait(Duration::minutes(10));
    assert_eq!(
        no(&counter.confirm(&key, "order-0001", 15_000).await),
        (404, "NOT_FOUND_PAYMENT_SESSION")
    );
    let (_, expired) = counter.get(&format!("/v1/payments/{key}")).await;
    assert_eq!(
        (&expired["status"], &expired["failure"]["code"]),
        (&json!("EXPIRED"), &json!("EXPIRED_PAYMENT"))
    );
    for empty in [
        "method",
        "approvedAt",
        "useEscrow",
        "lastTransactionKey",
        "receipt",
        "secret",
    ] {
        assert_eq!(expired[empty], Value::Null, "{empty}");
    }
    assert_eq!(counter.notices().await, ["EXPIRED"]);
}

#[tokio::test]
async fn a_refused_confirm_leaves_the_payment_aborted() {
    let counter = Counter::open().await;
    let key = counter.authenticated(Product::Card, "order-0001", 900_101);
    assert_eq!(
        no(&counter.confirm(&key, "order-0001", 900_101).await),
        (403, "REJECT_CARD_PAYMENT")
    );
    let (_, found) = counter.get(&format!("/v1/payments/{key}")).await;
    assert_eq!(
        (&found["status"], &found["failure"]["code"]),
        (&json!("ABORTED"), &json!("REJECT_CARD_PAYMENT"))
    );
    assert_eq!(counter.notices().await, ["ABORTED"]);
    assert_eq!(counter.simulator.toss().truth("order-0001").unwrap().approvals, 0);
}

#[tokio::test]
async fn each_method_answers_with_its_own_part() {
    let counter = Counter::open().await;
    let cases = [
        (Product::Transfer, "계좌이체", "transfer"),
        (Product::MobilePhone, "휴대폰", "mobilePhone"),
        (Product::CultureGift, "문화상품권", "giftCertificate"),
        (Product::BookGift, "도서문화상품권", "giftCertificate"),
        (Product::GameGift, "게임문화상품권", "giftCertificate"),
    ];
    for (index, (product, method, part)) in cases.into_iter().enumerate() {
        let order_id = format!("order-{index:04}");
        let key = counter.paid(product, &order_id, 5_000).await;
        let (_, paid) = counter.get(&format!("/v1/payments/{key}")).await;
        assert_eq!(paid["method"], method);
        assert!(paid[part].is_object() && paid["card"].is_null(), "{paid}");
    }
}

#[tokio::test]
async fn easy_pay_is_split_into_card_and_balance() {
    let counter = Counter::open().await;
    let authenticate = json!({
        "clientKey": CLIENT_KEY, "method": "CARD", "amount": 20000, "orderId": "order-0001", "orderName": "의자",
        "easyPay": "TOSSPAY", "flowMode": "DIRECT",
    });
    let (status, body) = counter.post("/_control/authenticate", authenticate.clone()).await;
    assert_eq!(status, 200, "{body}");
    let (_, paid) = counter
        .confirm(body["paymentKey"].as_str().unwrap(), "order-0001", 20_000)
        .await;
    assert_eq!(paid["method"], "간편결제");
    assert_eq!(
        paid["easyPay"],
        json!({ "provider": "토스페이", "amount": 0, "discountAmount": 0 })
    );
    assert_eq!(paid["card"]["amount"], 20_000);
    let mut by_balance = authenticate;
    by_balance["orderId"] = json!("order-0002");
    by_balance["payWith"] = json!("balance");
    let (_, body) = counter.post("/_control/authenticate", by_balance).await;
    let (_, paid) = counter
        .confirm(body["paymentKey"].as_str().unwrap(), "order-0002", 20_000)
        .await;
    assert_eq!(
        (&paid["card"], &paid["easyPay"]["amount"]),
        (&Value::Null, &json!(20_000))
    );
}

#[tokio::test]
async fn metadata_comes_back_as_it_was_sent() {
    let counter = Counter::open().await;
    let mut authenticate = json!({
        "clientKey": CLIENT_KEY, "method": "CARD", "amount": 20000, "orderId": "order-0001", "orderName": "의자",
        "metadata": { "cart": "7", "색": "빨강" },
    });
    let (_, body) = counter.post("/_control/authenticate", authenticate.clone()).await;
    let (_, paid) = counter
        .confirm(body["paymentKey"].as_str().unwrap(), "order-0001", 20_000)
        .await;
    assert_eq!(paid["metadata"], authenticate["metadata"]);
    authenticate["metadata"] = json!({ "1": "", "2": "", "3": "", "4": "", "5": "", "6": "" });
    assert_eq!(
        no(&counter.post("/_control/authenticate", authenticate).await),
        (400, "INVALID_METADATA")
    );
}

#[tokio::test]
async fn the_truth_about_every_order_is_there_to_be_compared() {
    let counter = Counter::open().await;
    let key = counter.paid(Product::Card, "order-0001", 15_000).await;
    counter.authenticated(Product::Card, "order-0002", 15_000);
    counter.cancel(&key, json!({ "cancelAmount": 5000 })).await;
    let wanted = json!([{
        "orderId": "order-0001", "paymentKey": key, "status": "PARTIAL_CANCELED", "approved": 15000, "balance": 10000,
        "approvals": 1, "cancels": 1,
    }]);
    assert_eq!(counter.get("/_control/truths").await, (200, wanted));
    assert_eq!(counter.simulator.toss().truths().len(), 2);
    assert_eq!(
        no(&counter.get("/_control/truth/order-0003").await),
        (404, "NOT_FOUND_PAYMENT")
    );
}

#[tokio::test]
async fn dollars_keep_their_cents() {
    let counter = Counter::open().await;
    let authenticate = json!({
        "clientKey": CLIENT_KEY, "method": "FOREIGN_EASY_PAY", "amount": "10.50", "currency": "USD",
        "orderId": "order-0001", "orderName": "chair", "provider": "PAYPAL",
    });
    let (_, body) = counter.post("/_control/authenticate", authenticate).await;
    let key = body["paymentKey"].as_str().unwrap().to_owned();
    let confirm = json!({ "paymentKey": key, "orderId": "order-0001", "amount": 10.5 });
    let (status, paid) = counter.post("/v1/payments/confirm", confirm).await;
    assert_eq!(
        (status, &paid["method"], &paid["totalAmount"]),
        (200, &json!("해외간편결제"), &json!(10.5))
    );
    let part = json!({ "cancelAmount": 0.5 });
    assert_eq!(no(&counter.cancel(&key, part).await), (400, "INVALID_CURRENCY"));
    let (_, left) = counter
        .cancel(&key, json!({ "cancelAmount": 0.5, "currency": "USD" }))
        .await;
    assert_eq!(left["balanceAmount"], 10.0);
}

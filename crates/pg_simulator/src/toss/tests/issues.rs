use super::*;

const ACCOUNT_KEYS: [&str; 10] = [
    "accountType",
    "accountNumber",
    "bankCode",
    "customerName",
    "depositorName",
    "dueDate",
    "refundStatus",
    "expired",
    "settlementStatus",
    "refundReceiveAccount",
];

#[tokio::test]
async fn cards_are_keyed_in_and_never_kept() {
    let counter = Counter::open().await;
    let body = json!({
        "amount": 60000, "orderId": "order-0001", "orderName": "의자", "cardNumber": "4330121234561234",
        "cardExpirationYear": "30", "cardExpirationMonth": "07", "customerIdentityNumber": "881212",
        "cardPassword": "12", "cardInstallmentPlan": 3,
    });
    let (status, paid) = counter.post("/v1/payments/key-in", body.clone()).await;
    assert_eq!(
        (status, &paid["card"]["number"]),
        (200, &json!("43301212****123*")),
        "{paid}"
    );
    assert_eq!(
        (&paid["card"]["issuerCode"], &paid["card"]["installmentPlanMonths"]),
        (&json!("61"), &json!(3))
    );
    for (field, value, code) in [
        ("cardNumber", "1234", "INVALID_CARD_NUMBER"),
        ("cardExpirationMonth", "13", "INVALID_CARD_EXPIRATION"),
        ("cardExpirationYear", "26", "ok"),
        ("cardExpirationYear", "25", "INVALID_CARD_EXPIRATION"),
        ("customerIdentityNumber", "1", "INVALID_CARD_IDENTITY"),
        ("cardPassword", "1", "INVALID_CARD_PASSWORD"),
    ] {
        let mut body = body.clone();
        body[field] = json!(value);
        body["orderId"] = json!(format!("order-{field}-{value}"));
        let answer = counter.post("/v1/payments/key-in", body).await;
        assert_eq!(answer.1["code"].as_str().unwrap_or("ok"), code, "{field}");
    }
}

#[tokio::test]
async fn a_virtual_account_waits_for_its_deposit() {
    let counter = Counter::open().await;
    let body = json!({
        "amount": 33000, "orderId": "order-0002", "orderName": "원목 의자", "customerName": "박구매", "bank": "우리은행",
        "validHours": 168, "cashReceipt": { "type": "소득공제", "registrationNumber": "01012345678" },
    });
    let (status, issued) = counter.post("/v1/virtual-accounts", body).await;
    assert_eq!(status, 200, "{issued}");
    has_exactly(&issued, &PAYMENT_KEYS);
    has_exactly(&issued["virtualAccount"], &ACCOUNT_KEYS);
    assert_eq!(
        (&issued["status"], &issued["approvedAt"]),
        (&json!("WAITING_FOR_DEPOSIT"), &Value::Null)
    );
    assert_eq!(issued["virtualAccount"]["dueDate"], "2026-03-09T10:15:00+09:00");
    assert!(
        issued["virtualAccount"]["accountNumber"]
            .as_str()
            .unwrap()
            .starts_with('X')
    );
    let wrong = counter
        .post("/_control/deposit", json!({ "orderId": "order-0002", "amount": 32000 }))
        .await;
    assert_eq!(no(&wrong), (409, "WRONG_AMOUNT"));
    let right = json!({ "orderId": "order-0002", "depositorName": "박입금" });
    assert_eq!(counter.post("/_control/deposit", right).await.0, 200);
    let (_, paid) = counter.get("/v1/payments/orders/order-0002").await;
    assert_eq!(
        (&paid["status"], &paid["virtualAccount"]["depositorName"]),
        (&json!("DONE"), &json!("박입금"))
    );
    assert_eq!(paid["cashReceipt"]["amount"], 33_000);
    assert_eq!(
        counter
            .post("/_control/take-back", json!({ "orderId": "order-0002" }))
            .await
            .0,
        200
    );
    let (_, waits) = counter.get("/v1/payments/orders/order-0002").await;
    assert_eq!(
        (&waits["status"], &waits["approvedAt"]),
        (&json!("WAITING_FOR_DEPOSIT"), &Value::Null)
    );
    assert_eq!(waits["secret"], issued["secret"], "the value to check notices by stays");
    counter.wait(Duration::hours(168));
    let (_, late) = counter.get("/v1/payments/orders/order-0002").await;
    assert_eq!(
        (&late["status"], &late["virtualAccount"]["expired"]),
        (&json!("WAITING_FOR_DEPOSIT"), &json!(true))
    );
    assert_eq!(
        no(&counter
            .post("/_control/deposit", json!({ "orderId": "order-0002" }))
            .await),
        (409, "TOO_LATE")
    );
}

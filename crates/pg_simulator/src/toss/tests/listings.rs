use super::*;

#[tokio::test]
async fn transactions_list_every_movement_of_the_merchant() {
    let counter = Counter::open().await;
    let key = counter.paid(Product::Card, "order-0001", 15_000).await;
    counter.cancel(&key, json!({ "cancelAmount": 5000 })).await;
    counter.paid(Product::VirtualAccount, "order-0002", 7_000).await;
    let (_, rows) = counter
        .get("/v1/transactions?startDate=2026-03-02&endDate=2026-03-03T00:00:00")
        .await;
    let amounts: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["amount"].as_i64().unwrap())
        .collect();
    assert_eq!(amounts, [15_000, -5_000, 0]);
    let first = rows[0]["transactionKey"].as_str().unwrap();
    let path = format!("/v1/transactions/?startDate=2026-03-02&endDate=2026-03-03&startingAfter={first}&limit=1");
    let (_, rest) = counter.get(&path).await;
    assert_eq!(
        (rest.as_array().unwrap().len(), &rest[0]["amount"]),
        (1, &json!(-5_000))
    );
    for (query, code) in [
        ("startDate=2026-03-02T00:00:00Z&endDate=2026-03-03", "INVALID_DATE"),
        (
            "startDate=2026-03-02&endDate=2026-03-03&limit=5001",
            "EXCEED_MAX_QUERY_LIMIT",
        ),
        ("startDate=2026-03-02", "INVALID_REQUIRED_PARAM"),
    ] {
        assert_eq!(no(&counter.get(&format!("/v1/transactions?{query}")).await).1, code);
    }
}

#[tokio::test]
async fn settlements_appear_the_day_after_and_add_up() {
    let counter = Counter::open().await;
    let key = counter.paid(Product::Card, "order-0001", 15_000).await;
    counter.cancel(&key, json!({ "cancelAmount": 5000 })).await;
    let path = "/v1/settlements?startDate=2026-03-02&endDate=2026-03-02";
    assert_eq!(counter.get(path).await.1, json!([]), "not on the same day");
    counter.wait(Duration::days(1));
    let (_, rows) = counter.get(path).await;
    assert_eq!(rows.as_array().unwrap().len(), 2);
    let sale = &rows[0];
    assert_eq!(
        (&sale["fees"][0]["fee"], &sale["vat"], &sale["payOutAmount"]),
        (&json!(435), &json!(44), &json!(14_521))
    );
    assert_eq!(
        (&sale["soldDate"], &sale["paidOutDate"]),
        (&json!("2026-03-02"), &json!("2026-03-04"))
    );
    let refund = &rows[1];
    assert_eq!(
        (&refund["amount"], &refund["payOutAmount"]),
        (&json!(-5_000), &json!(-4_840))
    );
    assert_eq!(refund["cancel"]["cancelAmount"], 5_000);
    let by_payout = "/v1/settlements?startDate=2026-03-04&endDate=2026-03-04&dateType=paidOutDate&size=1&page=2";
    assert_eq!(counter.get(by_payout).await.1[0]["amount"], -5_000);
    let by_hand = counter.post("/v1/settlements", json!({ "paymentKey": key })).await;
    assert_eq!(by_hand, (200, json!({ "result": true })));
}

#[tokio::test]
async fn cash_receipts_are_issued_canceled_and_listed() {
    let counter = Counter::open().await;
    let issue = |number: &str| json!({ "amount": 10000, "orderId": "order-0001", "orderName": "의자", "type": "소득공제", "customerIdentityNumber": number });
    let (status, receipt) = counter.post("/v1/cash-receipts", issue("01012345678")).await;
    assert_eq!(
        (status, &receipt["issueStatus"]),
        (200, &json!("IN_PROGRESS")),
        "{receipt}"
    );
    assert_eq!(counter.post("/v1/cash-receipts", issue("0000000000")).await.0, 200);
    let path = format!("/v1/cash-receipts/{}/cancel", receipt["receiptKey"].as_str().unwrap());
    let (_, part) = counter.post(&path, json!({ "amount": 4000 })).await;
    assert!(part["receiptKey"].as_str().unwrap().starts_with("c_"));
    let (_, rest) = counter.call(Method::POST, &path, &[], None).await;
    assert_eq!(
        (&rest["amount"], &rest["transactionType"]),
        (&json!(6_000), &json!("CANCEL"))
    );
    assert_eq!(
        no(&counter.call(Method::POST, &path, &[], None).await),
        (400, "ALREADY_CANCELED_PAYMENT")
    );
    counter.wait(Duration::days(1));
    let (_, page) = counter.get("/v1/cash-receipts?requestDate=2026-03-02&limit=2").await;
    assert_eq!((&page["hasNext"], &page["lastCursor"]), (&json!(true), &json!(2)));
    assert_eq!(
        (&page["data"][0]["issueStatus"], &page["data"][1]["issueStatus"]),
        (&json!("COMPLETED"), &json!("FAILED"))
    );
    assert_eq!(page["data"][1]["failure"]["code"], "NTS_ERROR");
    let (_, page) = counter.get("/v1/cash-receipts?requestDate=2026-03-02&cursor=2").await;
    assert_eq!(
        (&page["hasNext"], page["data"].as_array().unwrap().len()),
        (&json!(false), 2)
    );
    assert_eq!(
        no(&counter.get("/v1/cash-receipts?requestDate=today").await),
        (400, "INVALID_DATE")
    );
}

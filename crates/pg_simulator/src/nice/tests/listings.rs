use super::*;

#[tokio::test]
async fn a_days_movements_are_listed_page_by_page() {
    let counter = Counter::open().await;
    let first = counter.paid(Product::Card, "order-0001", 15_000).await;
    counter.paid(Product::Vbank, "order-0002", 33_000).await;
    counter.pg().make_deposit("order-0002", Default::default()).unwrap();
    counter.cancel(&first, "refund-1", json!({ "cancelAmt": 5_000 })).await;
    counter.wait(Duration::days(1));
    counter.paid(Product::Bank, "order-0003", 1_000).await;

    let (_, page) = counter.get("/v1/transactions?date=20260302&limit=2").await;
    let rows = page["transactions"].as_array().unwrap();
    let amounts: Vec<_> = rows.iter().map(|row| row["amount"].as_i64().unwrap()).collect();
    assert_eq!(amounts, [15_000, 33_000], "an account that waits is no movement");
    assert_eq!(
        (&page["pagination"]["hasMore"], &page["pagination"]["count"]),
        (&json!(true), &json!(2))
    );
    let next = &page["pagination"]["nextSequence"];
    let (_, page) = counter
        .get(&format!("/v1/transactions?date=20260302&startingSequence={next}"))
        .await;
    let row = &page["transactions"][0];
    assert_eq!((&row["amount"], &row["originalTid"]), (&json!(-5_000), &json!(first)));
    assert_eq!(
        (&row["transactionStatus"], &page["pagination"]["hasMore"]),
        (&json!("partialCancelled"), &json!(false))
    );
    for (query, expected) in [
        ("", "P001"),
        ("?date=2026-03-02", "P010"),
        ("?date=20260302&limit=501", "P012"),
    ] {
        assert_eq!(
            code(&counter.get(&format!("/v1/transactions{query}")).await),
            expected,
            "{query}"
        );
    }
}

#[tokio::test]
async fn settlements_say_what_is_paid_out_and_when() {
    let counter = Counter::open().await;
    counter.paid(Product::Card, "order-0001", 110_000).await;
    let (_, page) = counter.get("/v1/settlements?type=transactionDate&date=20260302").await;
    let row = &page["settlements"][0];
    assert_eq!((&row["amount"], &row["supplyAmt"]), (&json!(110_000), &json!(100_000)));
    assert_eq!((&row["fee"], &row["vat"]), (&json!(3_190), &json!(319)));
    assert_eq!(
        (&row["net"]["krw"], &row["paidOutDate"]),
        (&json!(106_491), &json!("20260311"))
    );
    let other = counter.get("/v1/settlements?type=paidOutDate&date=20260302").await;
    assert_eq!(code(&other), "P012");
}

use super::*;

#[tokio::test]
async fn a_cancel_in_parts_goes_down_to_nothing() {
    let counter = Counter::open().await;
    let key = counter.paid(Product::Card, "order-0001", 15_000).await;
    let (status, left) = counter
        .cancel(&key, json!({ "cancelAmount": 5000, "refundableAmount": 15000 }))
        .await;
    assert_eq!((status, &left["status"]), (200, &json!("PARTIAL_CANCELED")));
    assert_eq!(
        (&left["totalAmount"], &left["balanceAmount"]),
        (&json!(15_000), &json!(10_000))
    );
    assert_eq!((&left["suppliedAmount"], &left["vat"]), (&json!(9_091), &json!(909)));
    assert_eq!(left["cancels"][0]["refundableAmount"], 10_000);
    assert_eq!(left["cancels"][0]["transactionKey"], left["lastTransactionKey"]);
    let stale = counter
        .cancel(&key, json!({ "cancelAmount": 5000, "refundableAmount": 15000 }))
        .await;
    assert_eq!(no(&stale), (400, "NOT_MATCHES_REFUNDABLE_AMOUNT"));
    assert_eq!(
        no(&counter.cancel(&key, json!({ "cancelAmount": 10001 })).await),
        (403, "NOT_CANCELABLE_AMOUNT")
    );
    assert_eq!(
        no(&counter.cancel(&key, json!({ "cancelAmount": 0 })).await),
        (400, "INVALID_REFUND_AMOUNT")
    );
    let (_, gone) = counter.cancel(&key, json!({})).await;
    assert_eq!(
        (&gone["status"], &gone["balanceAmount"]),
        (&json!("CANCELED"), &json!(0))
    );
    assert_eq!(
        no(&counter.cancel(&key, json!({})).await),
        (400, "ALREADY_CANCELED_PAYMENT")
    );
    assert_eq!(counter.notices().await.len(), 3);
}

#[tokio::test]
async fn parallel_cancels_never_exceed_what_was_paid() {
    let counter = Counter::open().await;
    let key = counter.paid(Product::Card, "order-0001", 15_000).await;
    let cancels = (0..8).map(|_| counter.cancel(&key, json!({ "cancelAmount": 4000 })));
    let answers = futures_util::future::join_all(cancels).await;
    assert_eq!(answers.iter().filter(|(status, _)| *status == 200).count(), 3);
    assert_eq!(
        counter.simulator.toss().truth("order-0001").unwrap().balance,
        Money::krw(3_000)
    );
}

#[tokio::test]
async fn tax_free_parts_are_taken_from_what_is_left_of_them() {
    let counter = Counter::open().await;
    let mut request = WindowRequest::new(CLIENT_KEY, Product::Card, Money::krw(10_000), "order-0001");
    request.tax_free = Money::krw(3_000);
    let key = counter.simulator.toss().authenticate(request).unwrap();
    let (_, paid) = counter.confirm(&key, "order-0001", 10_000).await;
    assert_eq!((&paid["vat"], &paid["suppliedAmount"]), (&json!(636), &json!(6_364)));
    assert_eq!(
        no(&counter.cancel(&key, json!({ "cancelAmount": 8000 })).await),
        (403, "NOT_CANCELABLE_AMOUNT")
    );
    let (_, left) = counter
        .cancel(&key, json!({ "cancelAmount": 8000, "taxFreeAmount": 1000 }))
        .await;
    assert_eq!((&left["taxFreeAmount"], &left["vat"]), (&json!(2_000), &json!(0)));
    let (_, gone) = counter.cancel(&key, json!({})).await;
    assert_eq!(
        (&gone["taxFreeAmount"], &gone["cancels"][1]["taxFreeAmount"]),
        (&json!(0), &json!(2_000))
    );
}

#[tokio::test]
async fn an_account_is_given_up_whole_before_the_deposit() {
    let counter = Counter::open().await;
    let key = counter.paid(Product::VirtualAccount, "order-0001", 15_000).await;
    let part = counter.cancel(&key, json!({ "cancelAmount": 5000 })).await;
    assert_eq!(no(&part), (403, "NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT"));
    let (_, given_up) = counter.cancel(&key, json!({})).await;
    assert_eq!(
        (&given_up["status"], &given_up["approvedAt"]),
        (&json!("CANCELED"), &Value::Null)
    );
    assert_eq!(given_up["virtualAccount"]["refundStatus"], "NONE");
}

#[tokio::test]
async fn a_deposit_is_refunded_to_an_account_of_its_owner() {
    let counter = Counter::open().await;
    let key = counter.paid(Product::VirtualAccount, "order-0001", 15_000).await;
    counter
        .simulator
        .toss()
        .make_deposit("order-0001", super::super::Deposit::default())
        .unwrap();
    let account = |bank: &str, number: &str, holder: &str| json!({ "refundReceiveAccount": { "bank": bank, "accountNumber": number, "holderName": holder } });
    assert_eq!(
        no(&counter.cancel(&key, json!({})).await),
        (400, "INVALID_REFUND_ACCOUNT_INFO")
    );
    for (body, code) in [
        (account("없는은행", "100212345678", "박구매"), "INVALID_BANK"),
        (account("20", "계좌", "박구매"), "INVALID_REFUND_ACCOUNT_NUMBER"),
        (account("20", "100212349999", "박구매"), "INVALID_REFUND_ACCOUNT_INFO"),
        (account("20", "100212345678", ""), "INVALID_REFUND_ACCOUNT_INFO"),
    ] {
        assert_eq!(no(&counter.cancel(&key, body).await), (400, code));
    }
    let (status, refunded) = counter.cancel(&key, account("WOORI", "100212345678", "박구매")).await;
    assert_eq!(
        (status, &refunded["virtualAccount"]["refundStatus"]),
        (200, &json!("PENDING"))
    );
    counter.wait(Duration::days(2));
    let (_, later) = counter.get(&format!("/v1/payments/{key}")).await;
    assert_eq!(later["virtualAccount"]["refundStatus"], "COMPLETED");
}

#[tokio::test]
async fn each_means_has_its_time_and_its_parts() {
    let counter = Counter::open().await;
    let mobile = counter.paid(Product::MobilePhone, "order-0001", 5_000).await;
    let transfer = counter.paid(Product::Transfer, "order-0002", 5_000).await;
    let book = counter.paid(Product::BookGift, "order-0003", 5_000).await;
    let open = counter.authenticated(Product::Card, "order-0004", 5_000);
    let part = json!({ "cancelAmount": 1000 });
    assert_eq!(
        no(&counter.cancel(&book, part.clone()).await),
        (403, "NOT_ALLOWED_PARTIAL_REFUND")
    );
    assert_eq!(
        no(&counter.cancel(&open, json!({})).await),
        (403, "NOT_CANCELABLE_PAYMENT")
    );
    assert_eq!(counter.cancel(&mobile, part.clone()).await.0, 200);
    counter.wait(Duration::days(30));
    assert_eq!(
        no(&counter.cancel(&mobile, json!({})).await),
        (403, "EXCEED_MAX_REFUND_DUE"),
        "another month"
    );
    assert_eq!(counter.cancel(&transfer, part).await.0, 200);
    counter.wait(Duration::days(180));
    assert_eq!(
        no(&counter.cancel(&transfer, json!({})).await),
        (403, "EXCEED_MAX_REFUND_DUE")
    );
    let unexplained = counter
        .post(&format!("/v1/payments/{transfer}/cancel"), json!({}))
        .await;
    assert_eq!(no(&unexplained), (400, "INVALID_REQUIRED_PARAM"));
}

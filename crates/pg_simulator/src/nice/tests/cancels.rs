use super::*;

#[tokio::test]
async fn cancels_in_parts_have_order_ids_of_their_own() {
    let counter = Counter::open().await;
    let tid = counter.paid(Product::Card, "order-0001", 15_000).await;
    let (_, part) = counter.cancel(&tid, "refund-1", json!({ "cancelAmt": 5_000 })).await;
    assert_eq!(
        (&part["status"], &part["balanceAmt"]),
        (&json!("partialCancelled"), &json!(10_000))
    );
    assert_eq!(
        (&part["amount"], &part["orderId"]),
        (&json!(15_000), &json!("order-0001"))
    );
    assert!(is_signed(&part) && part["cancelledTid"] != part["tid"], "{part}");
    assert_eq!(
        (&part["cancels"][0]["tid"], &part["cancels"][0]["amount"]),
        (&part["cancelledTid"], &json!(5_000))
    );
    for (order_id, body, expected) in [
        ("refund-1", json!({ "cancelAmt": 5_000 }), "2156"),
        ("order-0001", json!({ "cancelAmt": 5_000 }), "2156"),
        ("refund-2", json!({ "cancelAmt": 10_001 }), "2032"),
        ("refund-2", json!({ "cancelAmt": 0 }), "2010"),
        ("refund-2", json!({ "cancelAmt": -1 }), "2010"),
    ] {
        let answer = counter.cancel(&tid, order_id, body.clone()).await;
        assert_eq!((answer.0, code(&answer)), (200, expected), "{order_id} {body}");
    }
    let (_, rest) = counter.cancel(&tid, "refund-2", json!({})).await;
    assert_eq!((&rest["status"], &rest["balanceAmt"]), (&json!("cancelled"), &json!(0)));
    assert_eq!(rest["cancels"].as_array().unwrap().len(), 2);
    assert_eq!(code(&counter.cancel(&tid, "refund-3", json!({})).await), "2013");
    assert_eq!(counter.pg().truth("order-0001").unwrap().cancels, 2);
}

#[tokio::test]
async fn a_whole_cancel_may_name_the_order_itself_and_ignores_amount() {
    let counter = Counter::open().await;
    let tid = counter.paid(Product::Card, "order-0001", 15_000).await;
    let (_, gone) = counter.cancel(&tid, "order-0001", json!({ "amount": 5_000 })).await;
    assert_eq!((&gone["status"], &gone["balanceAmt"]), (&json!("cancelled"), &json!(0)));
    assert_eq!(gone["cancelledTid"], tid.as_str());
}

#[tokio::test]
async fn a_cancel_has_rules() {
    let counter = Counter::open().await;
    let tid = counter.paid(Product::Card, "order-0001", 15_000).await;
    let path = format!("/v1/payments/{tid}/cancel");
    assert_eq!(code(&counter.post(&path, json!({ "orderId": "x" })).await), "P001");
    assert_eq!(code(&counter.post(&path, json!({ "reason": "변심" })).await), "P001");
    let edi_date = "2026-03-02T10:15:00.000+0900";
    let signed = |secret: &str| json!({ "ediDate": edi_date, "signData": sign(&[&tid, edi_date, secret]) });
    assert_eq!(code(&counter.cancel(&tid, "order-0001", signed("other")).await), "U312");
    assert_eq!(code(&counter.cancel("nothing", "order-0001", json!({})).await), "2012");
    counter.wait(Duration::days(366));
    assert_eq!(code(&counter.cancel(&tid, "order-0001", signed(SECRET)).await), "2016");
}

#[tokio::test]
async fn the_tax_free_part_is_kept_apart() {
    let counter = Counter::open().await;
    let mut request = WindowRequest::new(CLIENT_ID, Product::Card, Money::krw(15_000), "order-0001");
    request.tax_free = Money::krw(4_000);
    let tid = counter.form_of(request)["tid"].clone();
    counter.approve(&tid, 15_000).await;
    for (tax_free, expected) in [(4_001, "U319"), (-1, "U319"), (0, "U319"), (1_000, "0000")] {
        let body = json!({ "cancelAmt": 12_000, "taxFreeAmt": tax_free });
        let answer = counter.cancel(&tid, &format!("refund{tax_free}"), body).await;
        assert_eq!(code(&answer), expected, "{tax_free}");
    }
}

#[tokio::test]
async fn money_from_an_account_goes_back_to_one() {
    let counter = Counter::open().await;
    let tid = counter.paid(Product::Vbank, "order-0001", 33_000).await;
    let part = counter.cancel(&tid, "refund-1", json!({ "cancelAmt": 1_000 })).await;
    assert_eq!(code(&part), "2028", "no part of what is not there yet");
    counter.pg().make_deposit("order-0001", Default::default()).unwrap();
    let account = |number: &str| json!({ "cancelAmt": 1_000, "refundAccount": number, "refundBankCode": "020", "refundHolder": "박구매" });
    assert_eq!(
        code(&counter.cancel(&tid, "refund-1", json!({ "cancelAmt": 1_000 })).await),
        "P001"
    );
    assert_eq!(
        code(&counter.cancel(&tid, "refund-1", account("1002123459999")).await),
        "4109"
    );
    assert_eq!(
        code(&counter.cancel(&tid, "refund-1", account("1002123456789")).await),
        "0000"
    );
    counter.wait(Duration::days(181));
    assert_eq!(
        code(&counter.cancel(&tid, "refund-2", account("1002123456789")).await),
        "2016"
    );

    let waiting = counter.paid(Product::Vbank, "order-0002", 33_000).await;
    let (_, gone) = counter.cancel(&waiting, "order-0002", json!({})).await;
    assert_eq!((&gone["status"], &gone["paidAt"]), (&json!("cancelled"), &json!("0")));
    assert!(counter.pg().make_deposit("order-0002", Default::default()).is_err());
}

#[tokio::test]
async fn escrow_phones_and_the_sandbox_cancel_only_whole() {
    let counter = Counter::open().await;
    let mut escrow = WindowRequest::new(CLIENT_ID, Product::Card, Money::krw(15_000), "order-0001");
    escrow.use_escrow = true;
    let escrow = counter.form_of(escrow)["tid"].clone();
    counter.approve(&escrow, 15_000).await;
    let phone = counter.paid(Product::Cellphone, "order-0002", 15_000).await;
    let part = json!({ "cancelAmt": 1_000 });
    assert_eq!(code(&counter.cancel(&escrow, "refund-1", part.clone()).await), "2052");
    assert_eq!(code(&counter.cancel(&phone, "refund-1", part.clone()).await), "2028");

    let request = WindowRequest::new(SANDBOX.0, Product::Card, Money::krw(15_000), "order-0003");
    let tid = counter.form_of(request)["tid"].clone();
    let post = async |path: String, body: Value| {
        let request = counter.http.post(format!("{}/nice{path}", counter.url)).json(&body);
        let answer = request.basic_auth(SANDBOX.0, Some(SANDBOX.1)).send().await.unwrap();
        answer.json::<Value>().await.unwrap()
    };
    let paid = post(format!("/v1/payments/{tid}"), json!({ "amount": 15_000 })).await;
    assert_eq!(
        (&paid["card"]["cardNum"], &paid["approveNo"]),
        (&json!("123412******1234"), &json!("000000"))
    );
    let path = format!("/v1/payments/{tid}/cancel");
    let part = post(
        path.clone(),
        json!({ "reason": "변심", "orderId": "refund-1", "cancelAmt": 1_000 }),
    )
    .await;
    assert_eq!(part["resultCode"], "U128");
    let whole = post(path, json!({ "reason": "변심", "orderId": "refund-1" })).await;
    assert_eq!(whole["status"], "cancelled");
}

#[tokio::test]
async fn a_net_cancel_undoes_an_approve_within_the_hour() {
    let counter = Counter::open().await;
    assert_eq!(code(&counter.post("/v1/payments/netcancel", json!({})).await), "P001");
    assert_eq!(code(&counter.net_cancel("order-0001").await), "2012");
    counter.authenticated(Product::Card, "order-0001", 15_000);
    assert_eq!(
        code(&counter.net_cancel("order-0001").await),
        "2012",
        "nothing is approved"
    );
    counter.paid(Product::Card, "order-0002", 15_000).await;
    counter.wait(Duration::minutes(60));
    let (_, gone) = counter.net_cancel("order-0002").await;
    assert_eq!((&gone["status"], &gone["balanceAmt"]), (&json!("cancelled"), &json!(0)));
    assert!(is_signed(&gone));
    assert_eq!(code(&counter.net_cancel("order-0002").await), "2013");

    counter.paid(Product::Card, "order-0003", 15_000).await;
    counter.wait(Duration::seconds(3_601));
    assert_eq!(code(&counter.net_cancel("order-0003").await), "2020");
    let tid = counter.paid(Product::Card, "order-0004", 15_000).await;
    counter.cancel(&tid, "refund-1", json!({ "cancelAmt": 1_000 })).await;
    assert_eq!(code(&counter.net_cancel("order-0004").await), "2014");
}

use super::*;

/// The members of the manual's example answer, in its order.
const MEMBERS: [&str; 31] = [
    "resultCode",
    "resultMsg",
    "tid",
    "cancelledTid",
    "orderId",
    "ediDate",
    "signature",
    "status",
    "paidAt",
    "failedAt",
    "cancelledAt",
    "payMethod",
    "amount",
    "balanceAmt",
    "goodsName",
    "mallReserved",
    "useEscrow",
    "currency",
    "channel",
    "approveNo",
    "buyerName",
    "buyerTel",
    "buyerEmail",
    "receiptUrl",
    "mallUserId",
    "issuedCashReceipt",
    "coupon",
    "card",
    "vbank",
    "cancels",
    "cashReceipts",
];

#[test]
fn the_published_signatures_come_out() {
    let secret = "9eb85607103646da9f9c02b128f2e5ee";
    let client = "S2_af4543a0be4d49a98122e01ec2059a56";
    let older = "4f13ca267dfa4fc6964148bedcda15ef";
    let older_client = "58e3b578555e45738d6b569e53d5ae54";
    let vectors: [(&[&str], &str); 4] = [
        (
            &["NICEUNTTB06096FF8F653AA366E7EEED1101AAAE", client, "1004", secret],
            "99ea68bf15681741e793ece56ab87891b9bdc94cd54abdcb55b2884f4336155a",
        ),
        (
            &[
                "UT0000113m01012111051714341073",
                "1004",
                "2021-11-05T17:14:35.150+0900",
                secret,
            ],
            "63b251b31c909eebef1a9f4fcc19e77bdcb8f64fc1066a29670f8627186865cd",
        ),
        (
            &["NICEUNTT9FBBD87FD2393AFEE45A7DCA61C194AA", older_client, "1004", older],
            "7cc95c592e2a12f0292e1a20d68dd9eb8132fd3c0af675b981a4c1c2ce63a93b",
        ),
        (
            &[
                "UT0000113m01012110051656331001",
                "1004",
                "2021-10-05T16:56:34.447+0900",
                older,
            ],
            "28c2e8bae912847541d4885db17648f963c7cc8e8249ff010097d6f1395df993",
        ),
    ];
    for (parts, signature) in vectors {
        assert_eq!(sign(parts), signature);
    }
}

#[tokio::test]
async fn a_card_is_authenticated_approved_and_found() {
    let counter = Counter::open().await;
    let request = WindowRequest::new(CLIENT_ID, Product::Card, Money::krw(15_000), "order-0001");
    let form = counter.form_of(request);
    let (tid, token) = (form["tid"].clone(), form["authToken"].clone());
    assert_eq!(form["authResultCode"], "0000");
    assert_eq!(form["signature"], sign(&[&token, CLIENT_ID, "15000", SECRET]));
    assert!(
        tid.starts_with("UT0000113m0101260302101500") && tid.len() == 30,
        "{tid}"
    );
    assert!(token.starts_with("NICEUNTT") && token.len() == 40);
    let before = counter.get(&format!("/v1/payments/{tid}")).await;
    assert_eq!(code(&before), "U107", "before its approve it is no transaction");

    let (status, paid) = counter.approve(&tid, 15_000).await;
    assert_eq!(
        (status, &paid["resultCode"], &paid["status"]),
        (200, &json!("0000"), &json!("paid"))
    );
    assert_eq!(paid["ediDate"], "2026-03-02T10:15:00.000+0900");
    assert_eq!(
        (&paid["paidAt"], &paid["failedAt"]),
        (&json!("2026-03-02T10:15:00.000+0900"), &json!("0"))
    );
    assert_eq!(
        (&paid["card"]["cardCode"], &paid["card"]["cardQuota"]),
        (&json!("04"), &json!(0))
    );
    assert!(is_signed(&paid), "{paid}");
    let found = counter.get(&format!("/v1/payments/{tid}")).await;
    assert_eq!(found.1["balanceAmt"], 15_000);
    let by_order = counter.get("/v1/payments/find/order-0001?orderDate=20260302").await;
    assert_eq!(by_order.1["tid"], tid.as_str());
    for (query, expected) in [
        ("", "P001"),
        ("?orderDate=2026-03-02", "P010"),
        ("?orderDate=20260301", "U107"),
    ] {
        let answer = counter.get(&format!("/v1/payments/find/order-0001{query}")).await;
        assert_eq!(code(&answer), expected, "{query}");
    }
}

#[tokio::test]
async fn an_answer_has_the_manuals_members_in_their_order() {
    let counter = Counter::open().await;
    let tid = counter.paid(Product::Card, "order-0001", 15_000).await;
    let text = counter
        .http
        .get(format!("{}/nice/v1/payments/{tid}", counter.url))
        .basic_auth(CLIENT_ID, Some(SECRET))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let mut places = MEMBERS.map(|name| {
        text.find(&format!("\"{name}\":"))
            .unwrap_or_else(|| panic!("{name}: {text}"))
    });
    let found = places;
    places.sort_unstable();
    assert_eq!(found, places, "{text}");
    let members = serde_json::from_str::<Value>(&text).unwrap().as_object().unwrap().len();
    assert_eq!(members, MEMBERS.len());
}

#[tokio::test]
async fn what_does_not_fit_is_refused_with_http_200() {
    let counter = Counter::open().await;
    let tid = counter.authenticated(Product::Card, "order-0001", 15_000);
    let path = format!("/v1/payments/{tid}");
    let edi_date = "2026-03-02T10:15:00.000+0900";
    let signed = |amount: &str| sign(&[&tid, amount, edi_date, SECRET]);
    let wrong: [(Value, &str); 5] = [
        (json!({}), "P001"),
        (json!({ "amount": "many" }), "P010"),
        (json!({ "amount": 14_999 }), "A123"),
        (
            json!({ "amount": 15_000, "ediDate": edi_date, "signData": "0".repeat(64) }),
            "U312",
        ),
        (
            json!({ "amount": 15_000, "ediDate": edi_date, "signData": signed("15001") }),
            "U312",
        ),
    ];
    for (body, expected) in wrong {
        let answer = counter.post(&path, body.clone()).await;
        assert_eq!((answer.0, code(&answer)), (200, expected), "{body}");
    }
    let nobody = counter.approve("UT0000113m01012603021015000000", 15_000).await;
    assert_eq!((nobody.0, code(&nobody)), (200, "U107"));
    // A text for an amount, and a right signature: the official samples send the one, careful shops the other.
    let body = json!({ "amount": "15000", "ediDate": edi_date, "signData": signed("15000") });
    assert_eq!(code(&counter.post(&path, body).await), "0000");
    assert_eq!(code(&counter.approve(&tid, 15_000).await), "2201");
    assert_eq!(counter.pg().truth("order-0001").unwrap().approvals, 1);
}

#[tokio::test]
async fn an_order_is_paid_once() {
    let counter = Counter::open().await;
    let first = counter.authenticated(Product::Card, "order-0001", 15_000);
    let second = counter.authenticated(Product::Bank, "order-0001", 15_000);
    assert_eq!(code(&counter.approve(&first, 15_000).await), "0000");
    assert_eq!(code(&counter.approve(&second, 15_000).await), "U112");
    let request = WindowRequest::new(CLIENT_ID, Product::Card, Money::krw(15_000), "order-0001");
    assert_eq!(counter.pg().authenticate(request), Err(Code::ORDER_PAID_AT_WINDOW));
    assert_eq!(counter.pg().truth("order-0001").unwrap().approvals, 1);
}

#[tokio::test]
async fn an_authentication_is_good_for_half_an_hour() {
    let counter = Counter::open().await;
    let tid = counter.authenticated(Product::Card, "order-0001", 15_000);
    counter.wait(Duration::minutes(30));
    assert_eq!(code(&counter.approve(&tid, 15_000).await), "A245");
    assert_eq!(counter.pg().truth("order-0001").unwrap().approvals, 0);
}

#[tokio::test]
async fn refusals_by_amount_end_the_payment() {
    let counter = Counter::open().await;
    for (index, refusal) in super::super::REFUSALS.into_iter().enumerate() {
        let (order_id, won) = (format!("order-{index}"), 900_101 + index as i64);
        let tid = counter.authenticated(Product::Card, &order_id, won);
        let (status, failed) = counter.approve(&tid, won).await;
        assert_eq!((status, &failed["resultCode"]), (200, &json!(refusal.as_str())));
        assert_eq!(
            (&failed["status"], &failed["signature"]),
            (&json!("failed"), &Value::Null)
        );
        assert_eq!(failed["failedAt"], "2026-03-02T10:15:00.000+0900");
        assert_eq!(code(&counter.approve(&tid, won).await), "A225", "a tid is used once");
        let found = counter
            .get(&format!("/v1/payments/find/{order_id}?orderDate=20260302"))
            .await;
        assert_eq!(found.1["status"], "failed");
    }
    assert!(counter.heard().await.is_empty(), "nobody is told of what failed");
}

#[tokio::test]
async fn every_method_pays() {
    let counter = Counter::open().await;
    for product in Product::ALL {
        let order_id = format!("order-{}", product.as_str());
        let mut request = WindowRequest::new(CLIENT_ID, product, Money::krw(60_000), &order_id);
        if product == Product::DirectCard {
            request.issuers = vec![&super::super::orgs::CARDS[1]];
            request.quotas = vec![3];
        }
        let tid = counter.form_of(request)["tid"].clone();
        let (_, paid) = counter.approve(&tid, 60_000).await;
        let wanted = if product == Product::Vbank { "ready" } else { "paid" };
        assert_eq!(paid["status"], wanted, "{product:?}: {paid}");
        let method = match product.easy_pay() {
            Some((name, _)) => name,
            None if product.takes_cards() => "card",
            None => product.as_str(),
        };
        assert_eq!(paid["payMethod"], method);
        match product {
            Product::DirectCard => assert_eq!(
                (&paid["card"]["cardCode"], &paid["card"]["cardQuota"]),
                (&json!("06"), &json!(3))
            ),
            Product::KakaopayMoney => assert_eq!(paid["card"], Value::Null),
            Product::Bank => assert_eq!(paid["bank"]["bankCode"], "088"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn an_account_waits_is_paid_into_or_runs_out() {
    let counter = Counter::open().await;
    let tid = counter.authenticated(Product::Vbank, "order-0001", 33_000);
    let (_, issued) = counter.approve(&tid, 33_000).await;
    assert_eq!((&issued["status"], &issued["paidAt"]), (&json!("ready"), &json!("0")));
    assert_eq!(issued["vbank"]["vbankExpDate"], "2026-03-09T23:59:59.000+0900");
    assert_eq!(issued["vbank"]["vbankNumber"].as_str().unwrap().len(), 14);
    assert!(counter.simulator.truth("order-0001").unwrap().waiting);
    let deposit = |amount| super::super::Deposit { amount, forced: false };
    assert_eq!(
        counter.pg().make_deposit("order-0001", deposit(Some(32_999))),
        Err(super::super::DepositRefused::WrongAmount)
    );
    counter.pg().make_deposit("order-0001", deposit(None)).unwrap();
    let (_, paid) = counter.get(&format!("/v1/payments/{tid}")).await;
    assert_eq!((&paid["status"], &paid["balanceAmt"]), (&json!("paid"), &json!(33_000)));
    assert!(counter.pg().make_deposit("order-0001", deposit(None)).is_err());

    let mut request = WindowRequest::new(CLIENT_ID, Product::Vbank, Money::krw(33_000), "order-0002");
    request.deposit_until = Some(super::super::DepositUntil::Hours(2));
    let late = counter.form_of(request)["tid"].clone();
    counter.approve(&late, 33_000).await;
    counter.wait(Duration::hours(2));
    assert!(counter.pg().make_deposit("order-0002", deposit(None)).is_err());
    let (_, expired) = counter.get(&format!("/v1/payments/{late}")).await;
    assert_eq!(expired["status"], "expired");
    assert_eq!(code(&counter.cancel(&late, "order-0002", json!({})).await), "2014");
}

#[tokio::test]
async fn an_amount_can_be_checked() {
    let counter = Counter::open().await;
    let tid = counter.authenticated(Product::Card, "order-0001", 15_000);
    let path = format!("/v1/check-amount/{tid}");
    let right = counter.post(&path, json!({ "amount": 15_000 })).await;
    let wrong = counter.post(&path, json!({ "amount": 15_001 })).await;
    assert_eq!(
        (&right.1["isValid"], &wrong.1["isValid"]),
        (&json!(true), &json!(false))
    );
}

#[tokio::test]
async fn the_oldest_finished_payments_make_room() {
    let counter = Counter::open().await;
    let mut store = super::super::store::Store::holding(3);
    let now = counter.pg().now();
    let one = counter.paid(Product::Card, "order-0001", 15_000).await;
    let template = counter
        .pg()
        .with(Default::default(), |store, _| store.peek(&one).cloned())
        .unwrap();
    for number in 0..10 {
        let mut payment = (*template).clone();
        payment.tid = Arc::from(format!("tid-{number}"));
        payment.order_id = Arc::from(format!("order-{number}"));
        store.add(payment);
    }
    assert!(store.get("tid-6", now).is_none() && store.get("tid-7", now).is_some());
    assert_eq!((store.newest().count(), store.order_ids().count()), (3, 3));
}

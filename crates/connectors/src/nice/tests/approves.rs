use vocabulary::Method;
use vocabulary::pg::{Means, Standing};

use super::*;

#[test]
fn the_published_signatures_are_ours() {
    let key = |key: &str| Secret::new(key.to_owned());
    let (first, second) = (
        key("9eb85607103646da9f9c02b128f2e5ee"),
        key("4f13ca267dfa4fc6964148bedcda15ef"),
    );
    let vectors = [
        (
            &first,
            [
                "NICEUNTTB06096FF8F653AA366E7EEED1101AAAE",
                "S2_af4543a0be4d49a98122e01ec2059a56",
                "1004",
            ],
            "99ea68bf15681741e793ece56ab87891b9bdc94cd54abdcb55b2884f4336155a",
        ),
        (
            &first,
            ["UT0000113m01012111051714341073", "1004", "2021-11-05T17:14:35.150+0900"],
            "63b251b31c909eebef1a9f4fcc19e77bdcb8f64fc1066a29670f8627186865cd",
        ),
        (
            &second,
            [
                "NICEUNTT9FBBD87FD2393AFEE45A7DCA61C194AA",
                "58e3b578555e45738d6b569e53d5ae54",
                "1004",
            ],
            "7cc95c592e2a12f0292e1a20d68dd9eb8132fd3c0af675b981a4c1c2ce63a93b",
        ),
        (
            &second,
            ["UT0000113m01012110051656331001", "1004", "2021-10-05T16:56:34.447+0900"],
            "28c2e8bae912847541d4885db17648f963c7cc8e8249ff010097d6f1395df993",
        ),
    ];
    for (key, parts, signature) in vectors {
        assert_eq!(sign::sign(&parts, key), signature);
        assert!(sign::verify(signature, &parts, key) && !sign::verify(&signature[1..], &parts, key));
        assert!(!sign::verify(&signature.to_uppercase(), &parts, key) && !sign::verify("", &parts, key));
    }
}

#[test]
fn an_approve_asks_once_signed_with_our_sum() {
    let pg = pg().say(200, payment());
    reported(approve(&pg));
    let (method, path, body) = pg.request(0);
    assert_eq!((method.as_str(), path), ("POST", format!("/v1/payments/{TID}")));
    let edi_date = "2026-11-25T10:15:31.000+0900";
    let sign_data = sign::sign(&[TID, "15000", edi_date], &Secret::new(SECRET_KEY.to_owned()));
    assert_eq!(
        body,
        json!({"amount": 15000, "ediDate": edi_date, "signData": sign_data, "returnCharSet": "utf-8"})
    );
    let key = "UzJfYWY0NTQzYTBiZTRkNDlhOTgxMjJlMDFlYzIwNTlhNTY6OWViODU2MDcxMDM2NDZkYTlmOWMwMmIxMjhmMmU1ZWU=";
    assert_eq!(pg.header(0, "authorization").unwrap(), format!("Basic {key}"));
    assert_eq!(pg.header(0, "content-type").unwrap(), "application/json;charset=utf-8");
    assert_eq!(pg.seen.lock().unwrap()[0].deadline.as_secs(), 30);
    assert!(
        !format!("{:?}", pg.seen.lock().unwrap()).contains("UzJf"),
        "a key is not printed"
    );
    assert_eq!(pg.count(), 1);
}

#[test]
fn a_card_payment_is_read() {
    let report = reported(approve(&pg().say(200, payment())));
    assert_eq!(
        (report.standing, report.method),
        (Standing::Approved, Some(Method::Card))
    );
    assert_eq!((report.pg_key.as_str(), report.pg_order_id.as_str()), (TID, ORDER));
    assert_eq!(
        (report.amount, report.balance),
        (Money::krw(15_000), Money::krw(15_000))
    );
    assert_eq!(report.approved_at, Timestamp::parse("2026-11-25T01:15:31Z"));
    let Means::Card(card) = report.means else { panic!() };
    assert_eq!(
        (card.issuer.as_str(), card.number_masked.as_str()),
        ("삼성", "123412******1234")
    );
    assert_eq!((card.instalment_months, card.interest_free), (3, true));
    let as_texts = json!({"card": {"cardCode": "77", "cardName": "새카드", "cardNum": "1234123412341234", "cardQuota": "03",
                                   "isInterestFree": "true", "canPartCancel": "false"}});
    let report = reported(approve(&pg().say(200, with(as_texts))));
    let Means::Card(card) = report.means else { panic!() };
    assert_eq!(
        (card.issuer.as_str(), card.number_masked.as_str()),
        ("새카드", "1234123412******")
    );
    assert_eq!(
        (
            card.instalment_months,
            card.interest_free,
            report.partial_cancel_allowed
        ),
        (3, true, false)
    );
}

#[test]
fn what_is_not_signed_rightly_is_never_a_yes() {
    let wrong = [
        spoilt(json!({"signature": "0".repeat(64)})),
        spoilt(json!({"signature": null})),
        spoilt(json!({"signature": ""})),
        spoilt(json!({"signature": 7})),
        spoilt(json!({"ediDate": "2026-11-25T10:15:32.150+0900"})),
        spoilt(json!({"amount": 14_999, "balanceAmt": 14_999})),
    ];
    for answer in wrong {
        assert!(unknown(approve(&pg().say(200, &answer))).contains("signed"), "{answer}");
        assert!(
            unknown(inquire(&pg().say(200, &answer), Some(TID))).contains("signed"),
            "{answer}"
        );
    }
    let another_sum = with(json!({"amount": 14_999, "balanceAmt": 14_999}));
    let report = reported(approve(&pg().say(200, another_sum)));
    assert_eq!(report.amount, Money::krw(14_999), "passed on; the payment rules judge");
}

#[test]
fn another_payment_or_one_that_makes_no_sense_is_not_believed() {
    assert!(unknown(approve(&pg().say(200, with(json!({"orderId": "att_other"}))))).contains("another order"));
    let other = "UT0000113m01012611251015309999";
    assert!(unknown(approve(&pg().say(200, with(json!({"tid": other}))))).contains("another tid"));
    for wrong in [
        json!({"amount": "15000"}),
        json!({"amount": 15000.5}),
        json!({"amount": null}),
        json!({"balanceAmt": 15001}),
        json!({"balanceAmt": -1}),
        json!({"balanceAmt": "15000"}),
        json!({"currency": "USD"}),
        json!({"currency": 410}),
        json!({"status": "pondering"}),
        json!({"status": null}),
        json!({"cancels": "none"}),
        json!({"cancels": [{"tid": "a b", "amount": 1, "cancelledAt": "0"}]}),
    ] {
        unknown(approve(&pg().say(200, with(wrong.clone()))));
    }
}

#[test]
fn every_method_says_with_what_was_paid() {
    let means = |changes: Value| {
        let report = reported(approve(&pg().say(200, with(changes))));
        (report.method, report.means)
    };
    let bank = json!({"payMethod": "bank", "card": null, "bank": {"bankCode": "092", "bankName": "토스뱅크"}});
    let toss = Means::Transfer { bank: "토스".into() };
    assert_eq!(means(bank), (Some(Method::Transfer), toss));
    let phone = json!({"payMethod": "cellphone", "card": null, "buyerTel": "01012345678"});
    let phone_masked = "010****5678".into();
    assert_eq!(means(phone), (Some(Method::Mobile), Means::Mobile { phone_masked }));
    for (answered, name) in [
        ("naverpay", "네이버페이"),
        ("kakaopay", "카카오페이"),
        ("samsungpay", "삼성페이"),
        ("payco", "페이코"),
        ("ssgpay", "SSG페이"),
    ] {
        let (method, paid) = means(json!({"payMethod": answered}));
        assert_eq!(method, Some(Method::EasyPay));
        assert!(
            matches!(paid, Means::EasyPay { provider, card: Some(_) } if provider == name),
            "{answered}"
        );
    }
    let points = json!({"payMethod": "naverpay", "card": {"cardCode": "42", "cardNum": null}});
    assert!(matches!(means(points).1, Means::EasyPay { card: None, .. }));
    assert_eq!(means(json!({"card": {"cardCode": "25"}})).0, Some(Method::OverseasCard));
    assert_eq!(
        means(json!({"payMethod": "quantum", "card": null})),
        (None, Means::Unknown)
    );
    assert_eq!(means(json!({"card": "none"})).1, Means::Unknown);
}

#[test]
fn a_virtual_account_waits_is_paid_or_runs_out() {
    let account = |status: &str, due: &str| {
        let vbank = json!({"vbankCode": "088", "vbankName": "신한은행", "vbankNumber": "56211105948400",
                           "vbankExpDate": due, "vbankHolder": "우리상점"});
        with(json!({"status": status, "payMethod": "vbank", "card": null, "vbank": vbank, "paidAt": "0"}))
    };
    let end = Timestamp::parse("2026-12-02T14:59:59Z");
    for due in [
        "2026-12-02T23:59:59.000+0900",
        "2026-12-02T23:59:59+09:00",
        "2026-12-02T23:59:59",
        "2026-12-02",
        "20261202",
        "20261202235959",
    ] {
        let report = reported(approve(&pg().say(200, account("ready", due))));
        assert_eq!(
            (report.standing, report.approved_at),
            (Standing::WaitingForDeposit, None)
        );
        let Means::VirtualAccount(account) = report.means else {
            panic!()
        };
        assert_eq!(
            (account.bank.as_str(), account.number.as_str()),
            ("신한", "56211105948400")
        );
        assert_eq!(
            (account.holder.as_str(), account.due_at, account.expired),
            ("우리상점", end, false),
            "{due}"
        );
    }
    let report = reported(inquire(&pg().say(200, account("expired", "0")), Some(TID)));
    assert_eq!(report.standing, Standing::WaitingForDeposit);
    assert!(matches!(report.means, Means::VirtualAccount(account) if account.expired && account.due_at.is_none()));
    let mut paid = account("paid", "202612022359");
    paid["cashReceipts"] = json!([{"receiptTid": "UT0000113m04012611251100004321", "orgTid": TID, "status": "issueRequested",
        "amount": 15000, "taxFreeAmt": 0, "receiptType": "individual", "issueNo": "G1", "receiptUrl": "https://x.kr"}]);
    let report = reported(inquire(&pg().say(200, paid), Some(TID)));
    assert_eq!(report.standing, Standing::Approved);
    assert_eq!(report.cash_receipt.unwrap().amount, Money::krw(15_000));
}

#[test]
fn a_request_that_never_left_is_a_no_and_a_lost_answer_is_not() {
    let closed = pg().push(Err(TransportError::NotSent("closed".into())));
    assert_eq!(refused(approve(&closed)).0, Reason::PgUnavailable);
    unknown(approve(&pg()));
    let climbing = Approve {
        pg_key: "..".into(),
        ..approve_ask()
    };
    let pg = pg();
    refused(nice(&pg).approve(&climbing).now_or_never().unwrap());
    assert_eq!(pg.count(), 0);
    assert!(!nice(&pg).capabilities().approve_repeatable);
}

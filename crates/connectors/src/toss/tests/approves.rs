use vocabulary::Method;
use vocabulary::pg::{CashReceiptKind, Means, Standing};

use super::*;

#[test]
fn an_approve_asks_once_with_our_key_and_sum() {
    let pg = pg().say(200, payment());
    reported(approve(&pg));
    let (method, path, body) = pg.request(0);
    assert_eq!((method.as_str(), path.as_str()), ("POST", "/v1/payments/confirm"));
    assert_eq!(body, json!({"paymentKey": KEY, "orderId": ORDER, "amount": 15000}));
    assert_eq!(
        pg.header(0, "authorization").unwrap(),
        "Basic dGVzdF9za19uYXJ1MHNlY3JldDo=",
        "key, colon, nothing"
    );
    assert_eq!(pg.header(0, "idempotency-key").unwrap(), "approve-1");
    assert_eq!(pg.header(0, "content-type").unwrap(), "application/json");
    assert_eq!(pg.seen.lock().unwrap()[0].deadline.as_secs(), 30);
    assert_eq!(pg.count(), 1);
}

#[test]
fn a_card_payment_is_read_in_both_versions() {
    for version in ["2022-11-16", "2024-06-01"] {
        let report = reported(approve(&pg().say(200, with(json!({"version": version})))));
        assert_eq!(report.standing, Standing::Approved);
        assert_eq!((report.pg_key.as_str(), report.pg_order_id.as_str()), (KEY, ORDER));
        assert_eq!(
            (report.amount, report.balance),
            (Money::krw(15_000), Money::krw(15_000))
        );
        assert_eq!(report.approved_at, Timestamp::parse("2026-11-25T01:15:31Z"));
        assert_eq!(report.method, Some(Method::Card));
        assert_eq!(report.notice_secret.as_deref(), Some("ps_naru"));
        assert!(report.partial_cancel_allowed && report.cancels.is_empty());
        let Means::Card(card) = report.means else {
            panic!("{:?}", report.means)
        };
        assert_eq!(
            (card.issuer.as_str(), card.number_masked.as_str()),
            ("현대", "43301234****123*")
        );
        assert_eq!(
            (
                card.instalment_months,
                card.interest_free,
                card.approval_number.as_str()
            ),
            (3, true, "00000000")
        );
    }
}

#[test]
fn a_version_other_than_the_pinned_one_is_shown_and_not_fatal() {
    let pg = pg()
        .say(200, with(json!({"version": "2027-01-01"})))
        .say(200, with(json!({"version": "2027-01-01"})));
    let toss = toss(&pg);
    assert!(toss.remarks().is_empty());
    let ask = Inquiry {
        pg_key: None,
        pg_order_id: ORDER.into(),
        opened_at: Timestamp::from_seconds(0),
    };
    for _ in 0..2 {
        reported(toss.inquire(&ask).now_or_never().unwrap());
    }
    assert_eq!(toss.remarks().len(), 1);
    assert!(toss.remarks()[0].contains("2027-01-01") && toss.remarks()[0].contains("2022-11-16"));
}

#[test]
fn every_method_says_with_what_was_paid() {
    let means = |changes: Value| {
        let report = reported(approve(&pg().say(200, with(changes))));
        (report.method, report.means)
    };
    let bank =
        json!({"card": null, "method": "계좌이체", "transfer": {"bankCode": "92", "settlementStatus": "INCOMPLETED"}});
    assert_eq!(
        means(bank),
        (Some(Method::Transfer), Means::Transfer { bank: "토스".into() })
    );
    let phone = json!({"card": null, "method": "휴대폰", "mobilePhone": {"customerMobilePhone": "01012345678"}});
    assert_eq!(
        means(phone),
        (
            Some(Method::Mobile),
            Means::Mobile {
                phone_masked: "010****5678".into()
            }
        )
    );
    for voucher in [
        "문화상품권",
        "도서문화상품권",
        "게임문화상품권",
        "BOOK_GIFT_CERTIFICATE",
    ] {
        let voucher = json!({"card": null, "method": voucher, "giftCertificate": {"approveNo": "1", "settlementStatus": "COMPLETED"}});
        assert_eq!(means(voucher), (Some(Method::GiftVoucher), Means::GiftVoucher));
    }
    let purse = json!({"card": null, "method": "간편결제", "easyPay": {"provider": "NAVERPAY", "amount": 15000, "discountAmount": 0}});
    assert_eq!(
        means(purse),
        (
            Some(Method::EasyPay),
            Means::EasyPay {
                provider: "네이버페이".into(),
                card: None
            }
        )
    );
    let (method, with_card) = means(json!({"method": "EASY_PAY", "easyPay": {"provider": "토스페이", "amount": 0}}));
    assert_eq!(method, Some(Method::EasyPay));
    assert!(matches!(with_card, Means::EasyPay { card: Some(card), .. } if card.issuer == "현대"));
    let abroad = json!({"card": {"issuerCode": "4V", "number": "411111******1111"}});
    assert_eq!(means(abroad).0, Some(Method::OverseasCard));
    let paypal = json!({"card": null, "method": "해외간편결제", "easyPay": {"provider": "PAYPAL"}, "currency": "USD",
                        "totalAmount": 10.99, "balanceAmount": 10.99});
    assert_eq!(means(paypal).0, Some(Method::OverseasEasyPay));
    let future = json!({"card": null, "method": "양자결제"});
    assert_eq!(means(future), (None, Means::Unknown));
}

#[test]
fn a_virtual_account_waits_and_then_is_paid() {
    let account = |due: &str, depositor: Value, expired: bool| {
        json!({"accountType": "일반", "accountNumber": "X6505636518308", "bankCode": "20", "customerName": "나루",
               "depositorName": depositor, "dueDate": due, "refundStatus": "NONE", "expired": expired,
               "settlementStatus": "INCOMPLETED", "refundReceiveAccount": null})
    };
    let waiting = |due: &str, expired: bool| {
        with(
            json!({"status": "WAITING_FOR_DEPOSIT", "approvedAt": null, "method": "가상계좌", "card": null,
                    "virtualAccount": account(due, Value::Null, expired)}),
        )
    };
    for due in [
        "2026-12-02T10:20:00+09:00",
        "2026-12-02T10:20:00",
        "2026-12-02T01:20:00Z",
    ] {
        let report = reported(approve(&pg().say(200, waiting(due, false))));
        assert_eq!(
            (report.standing, report.approved_at),
            (Standing::WaitingForDeposit, None)
        );
        let Means::VirtualAccount(account) = report.means else {
            panic!("{:?}", report.means)
        };
        assert_eq!(
            (account.bank.as_str(), account.number.as_str()),
            ("우리", "X6505636518308")
        );
        assert_eq!(account.due_at, Timestamp::parse("2026-12-02T01:20:00Z"), "{due}");
        assert_eq!(
            (account.holder.as_str(), account.depositor, account.expired),
            ("나루", None, false)
        );
    }
    let report = reported(inquire(&pg().say(200, waiting("soon", true)), Some(KEY)));
    assert!(matches!(report.means, Means::VirtualAccount(account) if account.expired && account.due_at.is_none()));
    let paid = with(json!({"method": "가상계좌", "card": null,
        "virtualAccount": account("2026-12-02T10:20:00+09:00", json!("김뱃사공"), false),
        "cashReceipt": {"type": "소득공제", "receiptKey": "rcp_1", "issueNumber": "123", "receiptUrl": "https://x.kr/1",
                        "amount": 15000, "taxFreeAmount": 0}}));
    let report = reported(inquire(&pg().say(200, paid), Some(KEY)));
    assert_eq!(report.standing, Standing::Approved);
    assert!(matches!(report.means, Means::VirtualAccount(account) if account.depositor.as_deref() == Some("김뱃사공")));
    let receipt = report.cash_receipt.unwrap();
    assert_eq!(
        (receipt.kind, receipt.amount),
        (CashReceiptKind::IncomeDeduction, Money::krw(15_000))
    );
}

#[test]
fn every_status_has_its_standing() {
    let standing = |changes: Value| reported(inquire(&pg().say(200, with(changes)), Some(KEY))).standing;
    let reason = |changes: Value| match standing(changes) {
        Standing::Failed(failure) => failure.reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        standing(json!({"status": "READY", "method": null, "card": null})),
        Standing::NotYet
    );
    assert_eq!(standing(json!({"status": "IN_PROGRESS"})), Standing::NotYet);
    assert_eq!(
        standing(json!({"status": "PARTIAL_CANCELED", "balanceAmount": 5000})),
        Standing::Approved
    );
    assert_eq!(
        standing(json!({"status": "CANCELED", "balanceAmount": 0})),
        Standing::Canceled
    );
    assert_eq!(reason(json!({"status": "EXPIRED", "failure": null})), Reason::Expired);
    assert_eq!(
        reason(json!({"status": "EXPIRED", "failure": error("EXPIRED_PAYMENT")})),
        Reason::Expired
    );
    assert_eq!(
        reason(json!({"status": "ABORTED", "failure": null})),
        Reason::DeclinedByIssuer
    );
    assert_eq!(
        reason(json!({"status": "ABORTED", "failure": error("REJECT_CARD_PAYMENT")})),
        Reason::InsufficientFunds
    );
    assert_eq!(
        reason(json!({"status": "ABORTED", "failure": error("NEVER_SEEN")})),
        Reason::DeclinedByIssuer
    );
    assert!(unknown(approve(&pg().say(200, with(json!({"status": "PONDERING"}))))).contains("PONDERING"));
}

#[test]
fn money_is_exact_or_not_believed() {
    let in_dollars = json!({"currency": "USD", "totalAmount": 10.99, "balanceAmount": 10.99});
    let cent = pg().say(200, with(in_dollars));
    assert_eq!(reported(approve_of(&cent, dollars(1_099))).amount, dollars(1_099));
    assert!(String::from_utf8_lossy(&cent.seen.lock().unwrap()[0].body).contains(r#""amount":10.99"#));
    let another_sum = pg().say(200, with(json!({"totalAmount": 14_999, "balanceAmount": 14_999})));
    assert_eq!(
        reported(approve(&another_sum)).amount,
        Money::krw(14_999),
        "passed on; the payment rules judge"
    );
    for wrong in [
        json!({"totalAmount": 15000.5}),
        json!({"totalAmount": "15000"}),
        json!({"totalAmount": null}),
        json!({"totalAmount": 1e300}),
        json!({"totalAmount": true}),
        json!({"balanceAmount": 15001}),
        json!({"balanceAmount": -1}),
        json!({"currency": "WON"}),
        json!({"currency": "XAU"}),
        json!({"currency": 410}),
    ] {
        unknown(approve(&pg().say(200, with(wrong))));
    }
}

#[test]
fn another_payment_is_not_believed() {
    assert!(unknown(approve(&pg().say(200, with(json!({"orderId": "att_other"}))))).contains("another order"));
    assert!(unknown(approve(&pg().say(200, with(json!({"paymentKey": "tother"}))))).contains("another payment key"));
    unknown(inquire(&pg().say(200, with(json!({"orderId": "att_other"}))), None));
    unknown(inquire(
        &pg().say(200, with(json!({"paymentKey": "../../cancel\n"}))),
        None,
    ));
}

#[test]
fn an_inquiry_goes_by_key_and_falls_back_to_the_order() {
    let known = pg().say(200, payment());
    reported(inquire(&known, Some(KEY)));
    assert_eq!(
        known.request(0),
        ("GET".into(), format!("/v1/payments/{KEY}"), Value::Null)
    );
    assert!(known.header(0, "idempotency-key").is_none() && known.count() == 1);

    let by_order = pg().say(200, payment());
    reported(inquire(&by_order, None));
    assert_eq!(by_order.request(0).1, format!("/v1/payments/orders/{ORDER}"));

    // A key from a forged return: unknown there, or somebody else's payment.
    for first in [
        (404, error("NOT_FOUND_PAYMENT")),
        (200, with(json!({"orderId": "att_of_another"}))),
    ] {
        let forged = pg().say(first.0, first.1).say(200, payment());
        assert_eq!(reported(inquire(&forged, Some("a/../b?c"))).pg_key, KEY);
        assert_eq!(forged.request(0).1, "/v1/payments/a%2F..%2Fb%3Fc");
        assert_eq!(forged.request(1).1, format!("/v1/payments/orders/{ORDER}"));
    }
    let climbing = pg().say(200, payment());
    reported(inquire(&climbing, Some("..")));
    assert_eq!(climbing.request(0).1, format!("/v1/payments/orders/{ORDER}"));
}

#[test]
fn only_not_found_answers_an_inquiry_with_no() {
    let nowhere = pg()
        .say(404, error("NOT_FOUND_PAYMENT"))
        .say(404, error("NOT_FOUND_PAYMENT"));
    assert_eq!(refused(inquire(&nowhere, Some(KEY))).0, Reason::NotFoundAtPg);
    for (status, code) in [
        (401, "UNAUTHORIZED_KEY"),
        (403, "FORBIDDEN_REQUEST"),
        (404, "NOT_FOUND"),
        (500, "COMMON_ERROR"),
    ] {
        assert!(unknown(inquire(&pg().say(status, error(code)), None)).contains(code));
    }
    unknown(inquire(&pg().push(Err(TransportError::NotSent("closed".into()))), None));
    unknown(inquire(&pg(), Some(KEY)));
}

#[test]
fn silence_is_unknown_and_no_connection_is_no() {
    assert!(unknown(approve(&pg())).contains("no answer was prepared"));
    let closed = approve(&pg().push(Err(TransportError::NotSent("closed".into()))));
    assert_eq!(refused(closed), (Reason::PgUnavailable, String::new()));
}

#[test]
fn missing_and_odd_fields_that_only_describe_do_not_lose_a_payment() {
    let bare = without(&[
        "version",
        "card",
        "virtualAccount",
        "receipt",
        "secret",
        "cancels",
        "failure",
        "method",
        "easyPay",
    ]);
    let report = reported(approve(&pg().say(200, bare)));
    assert_eq!(
        (report.method, report.means, report.receipt_url),
        (None, Means::Unknown, None)
    );
    let odd = with(json!({
        "version": 2, "method": ["카드"], "approvedAt": "yesterday", "receipt": "https://x.kr", "secret": {"a": 1},
        "card": {"issuerCode": 61, "installmentPlanMonths": -1, "number": "4330123412341234"}, "isPartialCancelable": "yes",
        "newField": {"deep": [1, 2, {"deeper": null}]}, "virtualAccount": [], "cashReceipt": {"type": "무엇"},
    }));
    let report = reported(approve(&pg().say(200, odd)));
    assert_eq!(
        (report.amount, report.approved_at, report.notice_secret),
        (Money::krw(15_000), None, None)
    );
    let Means::Card(card) = report.means else {
        panic!("{:?}", report.means)
    };
    assert_eq!(
        card.number_masked, "4330123412******",
        "a whole number is masked here if Toss ever forgets to"
    );
    let script = with(json!({"receipt": {"url": "javascript:alert(1)"}}));
    assert_eq!(reported(approve(&pg().say(200, script))).receipt_url, None);
}

#[test]
fn what_is_not_a_payment_is_unknown() {
    let whole = payment().to_string();
    let cut = whole[..whole.len() / 2].to_owned();
    let doubled = whole.replacen("{", r#"{"status":"ABORTED","#, 1);
    let longest = format!("{whole}{}", " ".repeat(crate::http::ANSWER_BYTES_MAX));
    for body in [
        "",
        "null",
        "[]",
        "{}",
        "true",
        "<html>점검 중</html>",
        "\u{feff}{}",
        &cut,
        &doubled,
        &longest,
    ] {
        unknown(approve(&pg().say(200, body)));
        unknown(inquire(&pg().say(200, body), None));
        unknown(approve(&pg().say(500, body)));
        assert!(matches!(
            cancel(&pg().say(200, body), None, 15_000),
            CancelAnswer::Unknown(_)
        ));
    }
    let not_utf8 = Response {
        status: StatusCode::OK,
        headers: HeaderMap::new(),
        body: Bytes::from_static(b"{\"a\":\"\xff\"}"),
    };
    unknown(approve(&pg().push(Ok(not_utf8))));
    unknown(approve(&pg().say(200, error("REJECT_CARD_PAYMENT"))));
    unknown(approve(&pg().say(302, payment())));
    let text = unknown(approve(
        &pg().say(200, with(json!({"status": 4_330_123_412_341_234_i64}))),
    ));
    assert!(!text.contains("4330"), "what stood there is not repeated: {text}");
}

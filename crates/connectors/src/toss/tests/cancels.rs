use vocabulary::Digits;
use vocabulary::pg::{RefundAccount, Refunded, Standing};

use super::*;

const AT: &str = "2026-11-26T10:00:00+09:00";

fn done(answer: CancelAnswer) -> (Report, Option<Refunded>) {
    match answer {
        CancelAnswer::Done { report, refunded } => (*report, refunded),
        other => panic!("not done: {other:?}"),
    }
}

fn unclear(answer: CancelAnswer) -> String {
    match answer {
        CancelAnswer::Unknown(text) => text,
        other => panic!("not unknown: {other:?}"),
    }
}

fn partly(total: i64, cancels: Value, newest: &str) -> Value {
    with(
        json!({"status": "PARTIAL_CANCELED", "balanceAmount": total, "cancels": cancels, "lastTransactionKey": newest}),
    )
}

#[test]
fn a_part_is_canceled_under_the_lock_of_what_is_left() {
    let pg = pg().say(
        200,
        partly(10_000, json!([line("txrd_c1", 5_000, 10_000, AT)]), "txrd_c1"),
    );
    let (report, refunded) = done(cancel(&pg, Some(5_000), 15_000));
    let (method, path, body) = pg.request(0);
    assert_eq!((method, path), ("POST".into(), format!("/v1/payments/{KEY}/cancel")));
    assert_eq!(
        body,
        json!({"cancelReason": "마음이 바뀜", "cancelAmount": 5000, "currency": "KRW", "refundableAmount": 15000})
    );
    assert_eq!(pg.header(0, "idempotency-key").unwrap(), "cancel-1");
    assert_eq!(
        (report.standing, report.balance),
        (Standing::Approved, Money::krw(10_000))
    );
    let refunded = refunded.unwrap();
    assert_eq!(
        (refunded.pg_key.as_str(), refunded.amount),
        ("txrd_c1", Money::krw(5_000))
    );
    assert_eq!(
        (refunded.at, refunded.reason.as_str()),
        (Timestamp::parse(AT).unwrap(), "마음이 바뀜")
    );
}

#[test]
fn the_whole_is_canceled_without_a_sum() {
    let whole = json!({"status": "CANCELED", "balanceAmount": 0, "cancels": [line("txrd_c1", 15_000, 0, AT)], "lastTransactionKey": "txrd_c1"});
    let pg = pg().say(200, with(whole));
    let (report, refunded) = done(cancel(&pg, None, 15_000));
    assert_eq!(report.standing, Standing::Canceled);
    assert_eq!(refunded.unwrap().amount, Money::krw(15_000));
    assert!(pg.request(0).2.get("cancelAmount").is_none());
}

#[test]
fn our_line_is_the_newest_transaction_in_any_order() {
    let lines = json!([
        line("txrd_c2", 3_000, 7_000, "2026-11-27T10:00:00+09:00"),
        line("txrd_c1", 5_000, 10_000, "2026-11-26T10:00:00"),
    ]);
    let (report, refunded) = done(cancel(
        &pg().say(200, partly(7_000, lines, "txrd_c2")),
        Some(3_000),
        10_000,
    ));
    assert_eq!(refunded.unwrap().pg_key, "txrd_c2");
    let listed: Vec<_> = report.cancels.iter().map(|line| line.pg_key.as_str()).collect();
    assert_eq!(listed, ["txrd_c1", "txrd_c2"], "oldest first");

    let mut older = partly(10_000, json!([line("txrd_c1", 5_000, 10_000, AT)]), "");
    older.as_object_mut().unwrap().remove("lastTransactionKey");
    older["transactionKey"] = json!("txrd_c1");
    assert_eq!(
        done(cancel(&pg().say(200, older), Some(5_000), 15_000))
            .1
            .unwrap()
            .pg_key,
        "txrd_c1"
    );
}

#[test]
fn a_cancel_that_is_not_to_be_seen_is_unknown() {
    unclear(cancel(&pg().say(200, payment()), Some(5_000), 15_000));
    let other_sum = partly(9_000, json!([line("txrd_c1", 6_000, 9_000, AT)]), "txrd_c1");
    assert!(unclear(cancel(&pg().say(200, other_sum), Some(5_000), 15_000)).contains("6000 KRW"));
    unclear(cancel(
        &pg().say(200, with(json!({"orderId": "att_other"}))),
        None,
        15_000,
    ));
    unclear(cancel(
        &pg().say(200, with(json!({"paymentKey": "tother"}))),
        None,
        15_000,
    ));
    let dollars = with(json!({"currency": "USD", "status": "CANCELED", "balanceAmount": 0}));
    unclear(cancel(&pg().say(200, dollars), None, 15_000));
    for broken in [
        json!([{"cancelAmount": 5000, "transactionKey": "txrd_c1"}]),
        json!([{"cancelAmount": "5000", "transactionKey": "txrd_c1", "canceledAt": AT}]),
        json!([{"cancelAmount": 5000, "transactionKey": "txrd_c1", "canceledAt": "then"}]),
        json!([{"cancelAmount": -5000, "transactionKey": "txrd_c1", "canceledAt": AT}]),
        json!([{"cancelAmount": 5000, "transactionKey": "a\nb", "canceledAt": AT}]),
        json!([{"cancelAmount": 5000, "transactionKey": "txrd_c1", "canceledAt": AT, "cancelStatus": "MAYBE"}]),
        json!({"cancelAmount": 5000}),
    ] {
        unclear(cancel(
            &pg().say(200, partly(10_000, broken, "txrd_c1")),
            Some(5_000),
            15_000,
        ));
    }
    unclear(cancel(&pg(), None, 15_000));
    let long = Value::Array(vec![line("txrd_c1", 1, 1, AT); 1001]);
    unclear(cancel(
        &pg().say(200, partly(10_000, long, "txrd_c1")),
        Some(5_000),
        15_000,
    ));
}

#[test]
fn before_the_deposit_an_account_may_go_without_a_line() {
    let gone = json!({"status": "CANCELED", "balanceAmount": 0, "cancels": null, "method": "가상계좌", "card": null});
    let (report, refunded) = done(cancel(&pg().say(200, with(gone)), None, 15_000));
    assert_eq!((report.standing, refunded), (Standing::Canceled, None));
}

#[test]
fn overseas_easy_pay_ends_later() {
    let with_status = |status: &str| {
        let mut line = line("txrd_c1", 15_000, 0, AT);
        line["cancelStatus"] = json!(status);
        with(json!({"cancels": [line], "lastTransactionKey": "txrd_c1"}))
    };
    assert_eq!(
        cancel(&pg().say(200, with_status("IN_PROGRESS")), None, 15_000),
        CancelAnswer::Pending
    );
    let aborted = cancel(&pg().say(200, with_status("ABORTED")), None, 15_000);
    assert!(matches!(aborted, CancelAnswer::No(failure) if failure.reason == Reason::NotCancelable));
    let listed = reported(inquire(&pg().say(200, with_status("IN_PROGRESS")), Some(KEY))).cancels;
    assert!(listed.is_empty(), "no money moved yet");
}

#[test]
fn the_refund_account_and_the_tax_free_part_go_along() {
    let pg = pg();
    let mut ask = cancel_ask(Some(5_000), 15_000);
    ask.tax.tax_free = Money::krw(1_000);
    ask.reason = " ".into();
    ask.refund_account = Some(RefundAccount {
        bank: "20".into(),
        number: Digits::parse("1002-123-456789").unwrap(),
        holder: "김".repeat(80),
    });
    toss(&pg).cancel(&ask).now_or_never().unwrap();
    let body = pg.request(0).2;
    let account = json!({"bank": "20", "accountNumber": "1002123456789", "holderName": "김".repeat(60)});
    assert_eq!(
        (&body["refundReceiveAccount"], &body["taxFreeAmount"]),
        (&account, &json!(1000))
    );
    assert_eq!(body["cancelReason"], "취소");
    let printed = format!("{:?} {ask:?}", pg.seen.lock().unwrap());
    assert!(
        !printed.contains("1002123456789") && !printed.contains("dGVzdF9za19"),
        "{printed}"
    );
}

#[test]
fn refusals_of_a_cancel_are_definite_unless_it_was_done_before() {
    let reason = |status, code| match cancel(&pg().say(status, error(code)), Some(5_000), 15_000) {
        CancelAnswer::No(failure) => failure.reason,
        other => panic!("{code}: {other:?}"),
    };
    assert_eq!(reason(400, "NOT_MATCHES_REFUNDABLE_AMOUNT"), Reason::AlreadyProcessed);
    assert_eq!(reason(403, "NOT_CANCELABLE_PAYMENT"), Reason::NotCancelable);
    assert_eq!(
        reason(403, "NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT"),
        Reason::PartialCancelRefused
    );
    assert_eq!(reason(400, "INVALID_REFUND_ACCOUNT_INFO"), Reason::InvalidRefundAccount);
    assert_eq!(reason(403, "EXCEED_MAX_REFUND_DUE"), Reason::RefundOverLimit);
    for (status, code) in [
        (400, "ALREADY_CANCELED_PAYMENT"),
        (400, "ALREADY_REFUND_PAYMENT"),
        (409, "IDEMPOTENT_REQUEST_PROCESSING"),
        (403, "FORBIDDEN_CONSECUTIVE_REQUEST"),
        (500, "FAILED_PARTIAL_REFUND"),
    ] {
        assert!(unclear(cancel(&pg().say(status, error(code)), None, 15_000)).contains(code));
    }
    let not_sent = cancel(&pg().push(Err(TransportError::NotSent("closed".into()))), None, 15_000);
    assert!(matches!(not_sent, CancelAnswer::No(failure) if failure.reason == Reason::PgUnavailable));
    let mut climbing = cancel_ask(None, 15_000);
    climbing.pg_key = "..".into();
    let pg = pg();
    unclear(toss(&pg).cancel(&climbing).now_or_never().unwrap());
    assert_eq!(pg.count(), 0);
}

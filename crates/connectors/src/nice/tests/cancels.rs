use vocabulary::Digits;
use vocabulary::pg::{RefundAccount, Standing};

use super::*;

const AT: &str = "2026-11-26T10:00:00.000+0900";
const CANCEL_TID: &str = "UT0000113m01012611261000005678";

fn partly(left: i64, cancels: Value) -> Value {
    with(json!({"status": "partialCancelled", "balanceAmt": left, "cancels": cancels, "cancelledTid": CANCEL_TID}))
}

#[test]
fn a_part_is_canceled_under_a_reference_of_its_own() {
    let answer = partly(10_000, json!([line(CANCEL_TID, 5_000, AT)]));
    let pg = pg().say(200, &answer);
    let CancelAnswer::Done { report, refunded } = cancel(&pg, Some(5_000), 15_000) else {
        panic!()
    };
    let refunded = refunded.unwrap();
    assert_eq!(
        (refunded.pg_key.as_str(), refunded.amount),
        (CANCEL_TID, Money::krw(5_000))
    );
    assert_eq!(
        (refunded.at, report.balance),
        (Timestamp::parse("2026-11-26T01:00:00Z").unwrap(), Money::krw(10_000))
    );
    let (method, path, body) = pg.request(0);
    assert_eq!((method.as_str(), path), ("POST", format!("/v1/payments/{TID}/cancel")));
    assert_eq!(
        (&body["orderId"], &body["cancelAmt"], &body["reason"]),
        (&json!("can_1"), &json!(5000), &json!("마음이 바뀜"))
    );
    assert!(body.get("amount").is_none() && body.get("refundAccount").is_none() && body.get("taxFreeAmt").is_none());
    let edi_date = body["ediDate"].as_str().unwrap();
    assert_eq!(
        body["signData"],
        json!(sign::sign(&[TID, edi_date], &Secret::new(SECRET_KEY.to_owned())))
    );
    // Whether the payment's order id is repeated or the cancel's is not documented.
    let mut echoed = answer;
    echoed["orderId"] = json!("can_1");
    let pg = super::pg().say(200, echoed);
    let CancelAnswer::Done { report, .. } = cancel(&pg, Some(5_000), 15_000) else {
        panic!()
    };
    assert_eq!(report.pg_order_id, ORDER);
}

#[test]
fn the_whole_is_canceled_without_a_sum() {
    let whole =
        with(json!({"status": "cancelled", "balanceAmt": 0, "cancelledTid": TID, "cancels": [line(TID, 15_000, AT)]}));
    for amount in [None, Some(15_000)] {
        let pg = pg().say(200, &whole);
        let CancelAnswer::Done { report, refunded } = cancel(&pg, amount, 15_000) else {
            panic!()
        };
        assert_eq!(
            (report.standing, refunded.unwrap().amount),
            (Standing::Canceled, Money::krw(15_000))
        );
        assert!(pg.request(0).2.get("cancelAmt").is_none());
    }
    let given_up = with(json!({"status": "cancelled", "balanceAmt": 0, "payMethod": "vbank", "card": null}));
    assert!(matches!(
        cancel(&pg().say(200, given_up), None, 15_000),
        CancelAnswer::Done { refunded: None, .. }
    ));
}

#[test]
fn a_cancel_that_is_not_to_be_seen_is_unknown() {
    unclear(cancel(&pg().say(200, payment()), Some(5_000), 15_000));
    let other_sum = partly(9_000, json!([line(CANCEL_TID, 6_000, AT)]));
    assert!(unclear(cancel(&pg().say(200, other_sum), Some(5_000), 15_000)).contains("6000 KRW"));
    unclear(cancel(
        &pg().say(200, with(json!({"orderId": "att_other"}))),
        None,
        15_000,
    ));
    let mut unsigned = partly(10_000, json!([line(CANCEL_TID, 5_000, AT)]));
    unsigned["signature"] = Value::Null;
    unclear(cancel(&pg().say(200, unsigned), Some(5_000), 15_000));
    for broken in [
        json!([{"tid": CANCEL_TID, "amount": "5000", "cancelledAt": AT}]),
        json!([{"tid": CANCEL_TID, "amount": 5000, "cancelledAt": "then"}]),
        json!([{"tid": CANCEL_TID, "amount": -5000, "cancelledAt": AT}]),
        json!([{"tid": "a\nb", "amount": 5000, "cancelledAt": AT}]),
        Value::Array(vec![line(CANCEL_TID, 1, AT); 1001]),
    ] {
        unclear(cancel(&pg().say(200, partly(10_000, broken)), Some(5_000), 15_000));
    }
    unclear(cancel(&pg(), None, 15_000));
}

#[test]
fn the_refund_account_and_the_tax_free_part_go_along() {
    let pg = pg();
    let mut ask = cancel_ask(Some(5_000), 15_000);
    ask.tax.tax_free = Money::krw(1_000);
    ask.tax.exempt = Money::krw(300);
    ask.reason = " ".into();
    let account = |bank: &str, number: &str| RefundAccount {
        bank: bank.into(),
        number: Digits::parse(number).unwrap(),
        holder: "김뱃사공".into(),
    };
    ask.refund_account = Some(account("20", "1002-123-456789"));
    nice(&pg).cancel(&ask).now_or_never().unwrap();
    let body = pg.request(0).2;
    assert_eq!(
        (&body["refundAccount"], &body["refundBankCode"]),
        (&json!("1002123456789"), &json!("020"))
    );
    assert_eq!(
        (&body["refundHolder"], &body["taxFreeAmt"], &body["reason"]),
        (&json!("김뱃사"), &json!(1300), &json!("취소"))
    );
    let printed = format!("{:?} {ask:?}", pg.seen.lock().unwrap());
    assert!(!printed.contains("1002123456789"), "{printed}");
    for (bank, code) in [("신한은행", "088"), ("088", "088"), ("국민", "004")] {
        ask.refund_account = Some(account(bank, "1002123456789"));
        nice(&pg).cancel(&ask).now_or_never().unwrap();
        assert_eq!(pg.request(pg.count() - 1).2["refundBankCode"], code);
    }
    ask.refund_account = Some(account("20", "12345678901234567"));
    let before = pg.count();
    let answer = nice(&pg).cancel(&ask).now_or_never().unwrap();
    assert!(matches!(answer, CancelAnswer::No(failure) if failure.reason == Reason::InvalidRefundAccount));
    assert_eq!(pg.count(), before, "it would not fit, and was not sent");
}

#[test]
fn refusals_of_a_cancel_are_definite_unless_it_was_done_before() {
    let reason = |code| match cancel(&pg().say(200, error(code)), Some(5_000), 15_000) {
        CancelAnswer::No(failure) => failure.reason,
        other => panic!("{code}: {other:?}"),
    };
    assert_eq!(reason("2011"), Reason::AlreadyProcessed);
    assert_eq!(reason("2014"), Reason::NotCancelable);
    assert_eq!(reason("2028"), Reason::PartialCancelRefused);
    assert_eq!(reason("U128"), Reason::PartialCancelRefused);
    assert_eq!(reason("2032"), Reason::RefundOverLimit);
    assert_eq!(reason("2016"), Reason::RefundOverLimit);
    for code in ["2013", "2015", "2156", "P015", "A127", "U501", "B777"] {
        assert!(unclear(cancel(&pg().say(200, error(code)), None, 15_000)).contains(code));
    }
    let mut climbing = cancel_ask(None, 15_000);
    climbing.pg_key = "..".into();
    let pg = pg();
    unclear(nice(&pg).cancel(&climbing).now_or_never().unwrap());
    assert_eq!(pg.count(), 0);
}

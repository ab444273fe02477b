use vocabulary::Digits;
use vocabulary::pg::CashReceiptKind;

use super::*;
use crate::{ReceiptAnswer, ReceiptAsk, RecordedReceipt, Unsupported};

fn ask() -> ReceiptAsk {
    ReceiptAsk {
        order_id: "order-0001".into(),
        order_name: "나룻배 모형".into(),
        amount: Money::krw(15_000),
        tax_free: Money::krw(1_000),
        kind: CashReceiptKind::IncomeDeduction,
        made_out_to: Digits::parse("010-0000-1234").unwrap(),
        idempotency_key: "receipt-1".into(),
    }
}

fn receipt(changes: Value) -> Value {
    let mut receipt = json!({
        "receiptKey": "rcp_1", "issueNumber": "123456789", "issueStatus": "IN_PROGRESS", "amount": 15000,
        "taxFreeAmount": 1000, "orderId": "order-0001", "orderName": "나룻배 모형", "type": "소득공제",
        "transactionType": "CONFIRM", "businessNumber": "0000000000", "customerIdentityNumber": "010****1234",
        "failure": null, "requestedAt": "2026-11-25T10:15:00+09:00", "receiptUrl": "https://x.kr/r",
    });
    for (name, value) in changes.as_object().unwrap() {
        receipt[name] = value.clone();
    }
    receipt
}

fn issue(pg: &Arc<Canned>) -> ReceiptAnswer {
    toss(pg).issue_receipt(&ask()).now_or_never().unwrap().unwrap()
}

fn take_back(pg: &Arc<Canned>, amount: Option<i64>) -> ReceiptAnswer {
    let recorded = RecordedReceipt {
        pg_key: "rcp_1".into(),
        idempotency_key: "back-1".into(),
    };
    toss(pg)
        .cancel_receipt(&recorded, amount.map(Money::krw))
        .now_or_never()
        .unwrap()
        .unwrap()
}

#[test]
fn a_receipt_is_issued_and_taken_back() {
    let pg = pg()
        .say(200, receipt(json!({})))
        .say(
            200,
            receipt(json!({"receiptKey": "c_rcp_1", "transactionType": "CANCEL", "amount": 5000})),
        )
        .say(200, receipt(json!({"receiptKey": "c_rcp_2"})));
    let ReceiptAnswer::Issued(issued) = issue(&pg) else {
        panic!()
    };
    assert_eq!(
        (issued.pg_key.as_str(), issued.issue_number.as_str()),
        ("rcp_1", "123456789")
    );
    assert_eq!(
        (issued.kind, issued.amount),
        (CashReceiptKind::IncomeDeduction, Money::krw(15_000))
    );
    let (_, path, body) = pg.request(0);
    assert_eq!(path, "/v1/cash-receipts");
    assert_eq!(
        body,
        json!({"amount": 15000, "orderId": "order-0001", "orderName": "나룻배 모형", "type": "소득공제",
               "customerIdentityNumber": "01000001234", "taxFreeAmount": 1000})
    );
    assert!(matches!(take_back(&pg, Some(5_000)), ReceiptAnswer::Issued(back) if back.amount == Money::krw(5_000)));
    assert_eq!(
        (pg.request(1).1.as_str(), pg.request(1).2),
        ("/v1/cash-receipts/rcp_1/cancel", json!({"amount": 5000}))
    );
    assert!(matches!(take_back(&pg, None), ReceiptAnswer::Issued(_)));
    assert_eq!(pg.request(2).2, json!({}));
    assert_eq!(pg.header(2, "idempotency-key").unwrap(), "back-1");
}

#[test]
fn a_receipt_refused_at_once_or_by_the_answer_is_a_no() {
    let failed = receipt(json!({"issueStatus": "FAILED", "failure": {"code": "NTS_ERROR", "message": "[TS1] 오류"}}));
    assert!(matches!(issue(&pg().say(200, failed)), ReceiptAnswer::No(failure) if failure.pg_code == "NTS_ERROR"));
    let no = issue(&pg().say(404, error("NOT_FOUND_MERCHANT_BUSINESS_NUMBER")));
    assert!(matches!(no, ReceiptAnswer::No(failure) if failure.reason == Reason::Misconfigured));
}

#[test]
fn an_unclear_or_foreign_receipt_is_unknown() {
    for answer in [
        pg(),
        pg().say(200, "<html>"),
        pg().say(200, receipt(json!({"orderId": "order-other"}))),
        pg().say(200, receipt(json!({"amount": 14_999}))),
        pg().say(200, receipt(json!({"amount": 15_000.5}))),
        pg().say(200, receipt(json!({"type": "무엇"}))),
        pg().say(200, receipt(json!({"receiptKey": "a b"}))),
        pg().say(400, error("DUPLICATED_CASH_RECEIPT")),
        pg().say(500, error("COMMON_ERROR")),
    ] {
        assert!(matches!(issue(&answer), ReceiptAnswer::Unknown(_)));
    }
}

#[test]
fn receipts_are_in_won() {
    let abroad = ReceiptAsk {
        amount: dollars(1_000),
        ..ask()
    };
    let pg = pg();
    assert!(matches!(
        toss(&pg).issue_receipt(&abroad).now_or_never().unwrap(),
        Err(Unsupported(_))
    ));
    assert_eq!(pg.count(), 0);
}

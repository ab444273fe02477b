use vocabulary::Digits;
use vocabulary::pg::CashReceiptKind;

use super::super::receipt::parts;
use super::*;
use crate::{ReceiptAnswer, ReceiptAsk, RecordedReceipt};

const RECEIPT_TID: &str = "UT0000113m04012611251015301234";

fn issue(pg: &Arc<Canned>) -> ReceiptAnswer {
    let ask = ReceiptAsk {
        order_id: "order-0001".into(),
        order_name: "나룻배 모형".into(),
        amount: Money::krw(15_000),
        tax_free: Money::krw(1_000),
        kind: CashReceiptKind::ExpenseProof,
        made_out_to: Digits::parse("123-45-67890").unwrap(),
        idempotency_key: "receipt-1".into(),
    };
    nice(pg).issue_receipt(&ask).now_or_never().unwrap().unwrap()
}

fn take_back(pg: &Arc<Canned>, amount: Option<i64>) -> ReceiptAnswer {
    let recorded = RecordedReceipt {
        pg_key: RECEIPT_TID.into(),
        idempotency_key: "back-1".into(),
    };
    let nice = nice(pg);
    let answer = nice.cancel_receipt(&recorded, amount.map(Money::krw));
    answer.now_or_never().unwrap().unwrap()
}

fn receipt(order_id: &str, changes: Value) -> Value {
    let key = Secret::new(SECRET_KEY.to_owned());
    let mut receipt = json!({"resultCode": "0000", "resultMsg": "ok", "tid": RECEIPT_TID, "orderId": order_id,
        "approvedAt": NOW, "approveNo": "123456789", "ediDate": EDI_DATE,
        "signature": sign::sign(&[RECEIPT_TID, order_id, EDI_DATE], &key)});
    for (name, value) in changes.as_object().unwrap() {
        receipt[name] = value.clone();
    }
    receipt
}

#[test]
fn the_four_parts_make_up_the_sum() {
    for (amount, tax_free) in [
        (15_000, 1_000),
        (1, 0),
        (10, 0),
        (16, 0),
        (11_000, 11_000),
        (999_999, 1),
    ] {
        let parts = parts(Money::krw(amount), Money::krw(tax_free)).unwrap();
        assert_eq!(
            parts.supply_amt + parts.goods_vat + parts.tax_free_amt + parts.service_amt,
            amount
        );
        assert!(parts.goods_vat >= 0 && parts.supply_amt >= 0);
    }
    assert!(parts(Money::krw(10), Money::krw(11)).is_none() && parts(Money::krw(10), Money::krw(-1)).is_none());
}

#[test]
fn a_receipt_is_issued_and_taken_back() {
    let pg = pg().say(200, receipt("receipt-1", json!({})));
    let ReceiptAnswer::Issued(issued) = issue(&pg) else {
        panic!()
    };
    assert_eq!(
        (issued.pg_key.as_str(), issued.issue_number.as_str()),
        (RECEIPT_TID, "123456789")
    );
    assert_eq!(
        (issued.kind, issued.amount),
        (CashReceiptKind::ExpenseProof, Money::krw(15_000))
    );
    let (_, path, body) = pg.request(0);
    assert_eq!((path.as_str(), &body["orderId"]), ("/v1/receipt", &json!("receipt-1")));
    assert_eq!(
        (&body["receiptType"], &body["receiptNo"]),
        (&json!("company"), &json!("1234567890"))
    );
    assert_eq!((&body["supplyAmt"], &body["goodsVat"]), (&json!(12_727), &json!(1_273)));
    assert_eq!((&body["taxFreeAmt"], &body["serviceAmt"]), (&json!(1_000), &json!(0)));
    pg.say(200, receipt("back-1", json!({"cancelAmt": 5000, "balanceAmt": 10000})));
    assert!(matches!(take_back(&pg, Some(5_000)), ReceiptAnswer::Issued(back) if back.amount == Money::krw(5_000)));
    let (_, path, body) = pg.request(1);
    assert_eq!(path, format!("/v1/receipt/{RECEIPT_TID}/cancel"));
    assert_eq!(
        (&body["cancelAmt"], &body["supplyAmt"], &body["goodsVat"]),
        (&json!(5000), &json!(4545), &json!(455))
    );
    pg.say(200, receipt("receipt-1", json!({"cancelAmt": 15000, "balanceAmt": 0})));
    assert!(matches!(take_back(&pg, None), ReceiptAnswer::Issued(_)));
    assert!(pg.request(2).2.get("cancelAmt").is_none() && pg.request(2).2.get("supplyAmt").is_none());
}

#[test]
fn an_unclear_or_foreign_receipt_is_unknown() {
    for answer in [
        pg(),
        pg().say(200, "<html>"),
        pg().say(200, receipt("receipt-other", json!({}))),
        pg().say(200, receipt("receipt-1", json!({"signature": null}))),
        pg().say(200, receipt("receipt-1", json!({"signature": "0".repeat(64)}))),
        pg().say(200, receipt("receipt-1", json!({"tid": "UT9"}))),
        pg().say(200, error("7003")),
        pg().say(200, error("7010")),
    ] {
        assert!(matches!(issue(&answer), ReceiptAnswer::Unknown(_)));
    }
    let less = receipt("back-1", json!({"cancelAmt": 4000}));
    assert!(matches!(
        take_back(&pg().say(200, less), Some(5_000)),
        ReceiptAnswer::Unknown(_)
    ));
    assert!(matches!(issue(&pg().say(200, error("P013"))), ReceiptAnswer::No(_)));
}

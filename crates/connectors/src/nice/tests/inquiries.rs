use vocabulary::pg::Standing;

use super::super::ask::days;
use super::*;
use crate::NetCancel;

#[test]
fn an_inquiry_goes_by_tid_and_falls_back_to_order_and_day() {
    let known = pg().say(200, payment());
    reported(inquire(&known, Some(TID)));
    assert_eq!(
        known.request(0),
        ("GET".into(), format!("/v1/payments/{TID}"), Value::Null)
    );
    assert!(known.count() == 1 && known.header(0, "content-type").is_none());

    let find = format!("/v1/payments/find/{ORDER}?orderDate=20261125");
    let by_order = pg().say(200, payment());
    reported(inquire(&by_order, None));
    assert_eq!(by_order.request(0).1, find);
    for first in [error("A118"), with(json!({"orderId": "att_other"}))] {
        let forged_tid = pg().say(200, first).say(200, payment());
        reported(inquire(&forged_tid, Some(TID)));
        assert_eq!(forged_tid.request(1).1, find, "the order id decides");
    }
    let other = pg().say(200, with(json!({"orderId": "att_other"})));
    assert!(unknown(inquire(&other, None)).contains("another order"));
}

#[test]
fn it_is_nowhere_only_when_no_day_has_it() {
    for code in ["U107", "U111", "U126", "A118", "A251", "2012"] {
        assert_eq!(
            refused(inquire(&pg().say(200, error(code)), None)).0,
            Reason::NotFoundAtPg,
            "{code}"
        );
    }
    let ask = Inquiry {
        opened_at: Timestamp::parse("2026-11-24T23:55:00+09:00").unwrap(),
        ..inquiry(None)
    };
    let next_day = pg().say(200, error("A118")).say(200, payment());
    reported(nice(&next_day).inquire(&ask).now_or_never().unwrap());
    assert!(next_day.request(0).1.ends_with("orderDate=20261124"));
    assert!(next_day.request(1).1.ends_with("orderDate=20261125"));
    let nowhere = pg().say(200, error("A118")).say(200, error("A118"));
    refused(nice(&nowhere).inquire(&ask).now_or_never().unwrap());
    let half_known = pg().say(200, error("A118")).say(200, error("U501"));
    unknown(nice(&half_known).inquire(&ask).now_or_never().unwrap());
    unknown(
        nice(&pg().say(200, error("A118")))
            .inquire(&ask)
            .now_or_never()
            .unwrap(),
    );
}

#[test]
fn the_next_day_counts_once_it_has_begun() {
    let at = |text: &str| Timestamp::parse(text).unwrap();
    let opened = at("2026-12-31T23:50:00+09:00");
    assert_eq!(days(opened, at("2026-12-31T23:49:00+09:00")), ["20261231"]);
    assert_eq!(
        days(opened, at("2026-12-31T23:51:00+09:00")),
        ["20261231", "20270101"],
        "their clock may be ahead"
    );
    assert_eq!(days(opened, at("2027-03-01T00:00:00+09:00")), ["20261231", "20270101"]);
    assert_eq!(
        days(at("2026-11-25T00:10:00+09:00"), at("2026-11-25T12:00:00+09:00")),
        ["20261125"]
    );
}

#[test]
fn a_question_that_was_refused_tells_nothing_about_the_payment() {
    for code in ["U102", "U312", "P001", "3095", "B777", "U501"] {
        unknown(inquire(&pg().say(200, error(code)), None));
    }
    unknown(inquire(&pg().say(401, error("U102")), None));
    unknown(inquire(&pg().push(Err(TransportError::NotSent("closed".into()))), None));
    unknown(inquire(&pg(), None));
}

#[test]
fn every_status_has_its_standing() {
    let standing = |changes: Value| reported(inquire(&pg().say(200, with(changes)), Some(TID))).standing;
    let left = json!({"status": "partialCancelled", "balanceAmt": 5000});
    assert_eq!(standing(left), Standing::Approved);
    assert_eq!(
        standing(json!({"status": "cancelled", "balanceAmt": 0})),
        Standing::Canceled
    );
    let failed = |answer: Value| match reported(inquire(&pg().say(200, answer), Some(TID))).standing {
        Standing::Failed(failure) => (failure.reason, failure.pg_code),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        failed(with(json!({"status": "failed"}))),
        (Reason::DeclinedByIssuer, String::new())
    );
    let under_its_code = spoilt(json!({"status": "failed", "resultCode": "3021", "signature": null}));
    assert_eq!(failed(under_its_code), (Reason::InvalidDetails, "3021".into()));
    assert_eq!(failed(with(json!({"status": "expired"}))).0, Reason::Expired);
    let paid_under_a_code = with(json!({"resultCode": "3021"}));
    unknown(inquire(&pg().say(200, paid_under_a_code), Some(TID)));
}

fn net_cancel(pg: &Arc<Canned>) -> CancelAnswer {
    let ask = NetCancel {
        pg_key: Some(TID.into()),
        pg_order_id: ORDER.into(),
        amount: Money::krw(15_000),
        opened_at: inquiry(None).opened_at,
    };
    nice(pg).net_cancel(&ask).now_or_never().unwrap().unwrap()
}

fn canceled() -> Value {
    let lines = json!([line(
        "UT0000113m01012611251016000001",
        15_000,
        "2026-11-25T10:16:00.000+0900"
    )]);
    with(json!({"status": "cancelled", "balanceAmt": 0, "cancels": lines}))
}

#[test]
fn a_net_cancel_undoes_by_order_id() {
    let pg = pg().say(200, canceled());
    let CancelAnswer::Done { report, refunded } = net_cancel(&pg) else {
        panic!()
    };
    assert_eq!(
        (report.standing, refunded.unwrap().amount),
        (Standing::Canceled, Money::krw(15_000))
    );
    let (_, path, body) = pg.request(0);
    assert_eq!(
        (path.as_str(), &body["orderId"]),
        ("/v1/payments/netcancel", &json!(ORDER))
    );
    let edi_date = body["ediDate"].as_str().unwrap();
    let signature = sign::sign(&[ORDER, edi_date], &Secret::new(SECRET_KEY.to_owned()));
    assert_eq!(body["signData"], json!(signature));
    assert_eq!(
        nice(&pg).capabilities().net_cancel_within,
        Some(vocabulary::Duration::hours(1))
    );
}

#[test]
fn a_net_cancel_that_did_nothing_says_why() {
    let reason = |code| match net_cancel(&pg().say(200, error(code))) {
        CancelAnswer::No(failure) => failure.reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(reason("A118"), Reason::NotFoundAtPg);
    assert_eq!(reason("2012"), Reason::NotFoundAtPg);
    assert_eq!(reason("2020"), Reason::RefundOverLimit, "too late");
    for code in ["2015", "P035", "U503", "B777"] {
        unclear(net_cancel(&pg().say(200, error(code))));
    }
    unclear(net_cancel(&pg()));
    unclear(net_cancel(&pg().say(200, payment())));
    unclear(net_cancel(&pg().say(
        200,
        spoilt(json!({"status": "cancelled", "balanceAmt": 0, "signature": null})),
    )));
}

#[test]
fn canceled_before_is_believed_when_the_payment_says_so() {
    let yes = pg().say(200, error("2013")).say(200, canceled());
    assert!(matches!(net_cancel(&yes), CancelAnswer::Done { .. }));
    unclear(net_cancel(&pg().say(200, error("2013")).say(200, payment())));
    unclear(net_cancel(
        &pg()
            .say(200, error("2013"))
            .say(200, error("A118"))
            .say(200, error("A118")),
    ));
    unclear(net_cancel(&pg().say(200, error("2013"))));
}

use super::*;
use crate::{Notice, NoticeRefused, Returned};

fn read(body: impl ToString) -> Result<Notice, NoticeRefused> {
    toss(&pg()).read_notice(&BTreeMap::new(), body.to_string().as_bytes())
}

fn secret(notice: &Notice) -> Option<&str> {
    notice
        .secret
        .as_ref()
        .map(|secret| secret.reveal_for("a test").as_str())
}

fn changed(payment: Value) -> Value {
    json!({"eventType": "PAYMENT_STATUS_CHANGED", "createdAt": "2026-11-25T10:15:32.000000", "data": payment})
}

fn deposit(status: &str) -> Value {
    json!({"createdAt": "2026-11-25T11:00:01.123456", "secret": "ps_naru", "status": status,
           "transactionKey": "txrd_deposit", "orderId": ORDER})
}

#[test]
fn a_change_is_a_reason_to_ask() {
    let notice = read(changed(payment())).unwrap();
    assert_eq!(
        (notice.pg_order_id.as_str(), notice.pg_key.as_deref()),
        (ORDER, Some(KEY))
    );
    assert_eq!(notice.what, "PAYMENT_STATUS_CHANGED DONE");
    assert_eq!((secret(&notice), notice.secret_required), (Some("ps_naru"), false));
    let without_secret = read(changed(with(json!({"secret": null})))).unwrap();
    assert_eq!(secret(&without_secret), None);
}

#[test]
fn a_deposit_stands_or_falls_with_its_secret() {
    let notice = read(deposit("DONE")).unwrap();
    assert_eq!((notice.pg_order_id.as_str(), notice.pg_key.as_deref()), (ORDER, None));
    assert_eq!((secret(&notice), notice.secret_required), (Some("ps_naru"), true));
    assert_eq!(notice.what, "DEPOSIT_CALLBACK DONE");
    for missing in ["secret", "status", "orderId"] {
        let mut body = deposit("DONE");
        body.as_object_mut().unwrap().remove(missing);
        assert!(matches!(read(body), Err(NoticeRefused::Malformed(_))), "{missing}");
    }
    let taken_back = read(deposit("WAITING_FOR_DEPOSIT")).unwrap();
    assert_ne!(taken_back.dedup_key, notice.dedup_key);
}

#[test]
fn the_same_change_sent_twice_has_the_same_dedup_key() {
    let key = |body: Value| read(body).unwrap().dedup_key;
    let later = |mut body: Value| {
        body["createdAt"] = json!("2026-11-25T12:00:00.000000");
        body
    };
    assert_eq!(key(changed(payment())), key(later(changed(payment()))));
    assert_ne!(
        key(changed(payment())),
        key(changed(with(json!({"lastTransactionKey": "txrd_cancel"}))))
    );
    assert_ne!(
        key(changed(payment())),
        key(changed(with(json!({"status": "CANCELED"}))))
    );
    assert_ne!(
        key(changed(payment())),
        key(changed(with(json!({"orderId": "att_other"}))))
    );
    let expired = with(json!({"status": "EXPIRED", "lastTransactionKey": null}));
    assert_ne!(
        key(changed(expired.clone())),
        key(later(changed(expired))),
        "without a transaction the time tells"
    );
    let mut older = without(&["lastTransactionKey"]);
    older["transactionKey"] = json!("txrd_approve");
    assert_eq!(key(changed(payment())), key(changed(older)));
}

#[test]
fn the_end_of_an_overseas_cancel_is_read_when_it_names_its_order() {
    let mut cancel = line("txrd_c1", 5_000, 10_000, "2026-11-26T10:00:00+09:00");
    let body = |cancel: &Value| json!({"eventType": "CANCEL_STATUS_CHANGED", "createdAt": "2026-11-26T10:00:00", "data": cancel});
    assert!(matches!(read(body(&cancel)), Err(NoticeRefused::Irrelevant(_))));
    cancel["orderId"] = json!(ORDER);
    cancel["paymentKey"] = json!(KEY);
    let notice = read(body(&cancel)).unwrap();
    assert_eq!(
        (notice.what.as_str(), notice.pg_key.as_deref()),
        ("CANCEL_STATUS_CHANGED DONE", Some(KEY))
    );
}

#[test]
fn other_events_need_nothing_from_us() {
    for event in [
        "BILLING_DELETED",
        "METHOD_UPDATED",
        "CUSTOMER_STATUS_CHANGED",
        "payout.changed",
        "seller.changed",
        "NEW",
    ] {
        let body = json!({"eventType": event, "createdAt": "2026-11-25T10:15:32.000000", "data": {"billingKey": "b"}, "status": 7});
        assert_eq!(read(body).unwrap_err(), NoticeRefused::Irrelevant(event.into()));
    }
    let Err(NoticeRefused::Irrelevant(named)) = read(json!({"eventType": "X\n".repeat(500)})) else {
        panic!()
    };
    assert!(named.chars().count() == 64 && !named.contains('\n'));
}

#[test]
fn what_cannot_be_read_is_refused() {
    let whole = changed(payment()).to_string();
    let bodies = [
        "",
        "null",
        "[]",
        "{}",
        "orderId=1&status=DONE",
        "<xml/>",
        &whole[..200],
        &whole.replacen('{', r#"{"eventType":"X","#, 1),
    ];
    for body in bodies {
        assert!(matches!(read(body), Err(NoticeRefused::Malformed(_))), "{body}");
    }
    for changes in [
        json!({"orderId": null}),
        json!({"orderId": ""}),
        json!({"orderId": "a b"}),
        json!({"orderId": "a".repeat(65)}),
        json!({"status": null}),
        json!({"status": 1}),
        json!({"paymentKey": "a\nb"}),
        json!({"lastTransactionKey": "k".repeat(201)}),
        json!({"secret": "s".repeat(201)}),
    ] {
        assert!(
            matches!(read(changed(with(changes.clone()))), Err(NoticeRefused::Malformed(_))),
            "{changes}"
        );
    }
    let huge = format!("{whole}{}", " ".repeat(256 * 1024));
    assert_eq!(
        read(huge).unwrap_err(),
        NoticeRefused::Malformed("it is over 262144 bytes".into())
    );
    assert_eq!(toss(&pg()).notice_answer().status, 200);
}

fn came_back(pairs: &[(&str, &str)]) -> Returned {
    let query = pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    toss(&pg()).read_return(&query)
}

#[test]
fn the_browser_comes_back_with_a_claim() {
    let agreed = Returned::Agreed {
        pg_key: KEY.into(),
        pg_order_id: ORDER.into(),
        amount_text: "15000".into(),
    };
    let pairs = [
        ("paymentKey", KEY),
        ("orderId", ORDER),
        ("amount", "15000"),
        ("paymentType", "NORMAL"),
    ];
    assert_eq!(came_back(&pairs), agreed);
    let reason = |code, message| match came_back(&[("code", code), ("message", message)]) {
        Returned::Refused(failure) => (failure.reason, failure.pg_message),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        reason("PAY_PROCESS_CANCELED", "닫음"),
        (Reason::ClosedByShopper, "닫음".into())
    );
    assert_eq!(reason("PAY_PROCESS_ABORTED", "").0, Reason::DeclinedByIssuer);
    assert_eq!(
        reason("REJECT_CARD_COMPANY", "a\r\nb"),
        (Reason::DeclinedByIssuer, "a  b".into())
    );
    assert_eq!(reason("SOMETHING_NEW", "").0, Reason::DeclinedByIssuer);
}

#[test]
fn a_return_that_makes_no_sense_is_malformed() {
    let long = "k".repeat(201);
    for pairs in [
        &[][..],
        &[("orderId", ORDER)],
        &[("paymentKey", KEY)],
        &[("paymentKey", KEY), ("orderId", ORDER)],
        &[("paymentKey", KEY), ("code", "X"), ("orderId", ORDER), ("amount", "1")],
        &[("paymentKey", ""), ("orderId", ORDER), ("amount", "1")],
        &[("paymentKey", &long), ("orderId", ORDER), ("amount", "1")],
        &[("paymentKey", KEY), ("orderId", "a b"), ("amount", "1")],
        &[("paymentKey", KEY), ("orderId", ORDER), ("amount", "만 원")],
        &[("code", "가")],
        &[("code", "")],
    ] {
        assert!(matches!(came_back(pairs), Returned::Malformed(_)), "{pairs:?}");
    }
}

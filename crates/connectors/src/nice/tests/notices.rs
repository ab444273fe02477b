use url::form_urlencoded;

use super::*;
use crate::{Notice, NoticeRefused};

fn read(body: impl ToString) -> Result<Notice, NoticeRefused> {
    nice(&pg()).read_notice(&BTreeMap::new(), body.to_string().as_bytes())
}

fn read_form(body: &[u8]) -> Result<Notice, NoticeRefused> {
    let kind = "application/x-www-form-urlencoded; charset=euc-kr".to_owned();
    nice(&pg()).read_notice(&BTreeMap::from([("content-type".to_owned(), kind)]), body)
}

/// A payment's plain fields as a form.
fn form(payment: &Value) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in payment.as_object().unwrap() {
        match value {
            Value::String(text) => form.append_pair(name, text),
            Value::Number(number) => form.append_pair(name, &number.to_string()),
            _ => &mut form,
        };
    }
    form.finish()
}

#[test]
fn a_signed_notice_is_one_in_both_forms() {
    for notice in [
        read(payment()).unwrap(),
        read_form(form(&payment()).as_bytes()).unwrap(),
    ] {
        assert_eq!(
            (notice.pg_order_id.as_str(), notice.pg_key.as_deref()),
            (ORDER, Some(TID))
        );
        assert_eq!((notice.what.as_str(), notice.signed), ("card paid", true));
        assert!(notice.secret.is_none() && !notice.secret_required);
    }
    assert_eq!(
        read(payment()).unwrap().dedup_key,
        read_form(form(&payment()).as_bytes()).unwrap().dedup_key
    );
    let answer = nice(&pg()).notice_answer();
    assert_eq!(
        (answer.status, answer.content_type, answer.body),
        (200, "text/html", "OK")
    );
}

#[test]
fn a_form_in_euc_kr_reads_the_same() {
    let mut body = form(&payment()).into_bytes();
    body.extend_from_slice(b"&goodsName=\xb3\xaa\xb7\xeb\xb9\xe8&buyerName=%B9%DA%B1%B8%B8%C5");
    assert!(read_form(&body).unwrap().signed);
    let mut first = b"goodsName=\xb3\xaa\xb7\xeb\xb9\xe8&".to_vec();
    first.extend(form(&payment()).into_bytes());
    assert!(read_form(&first).unwrap().signed);
}

#[test]
fn what_is_not_signed_by_nice_is_a_forgery() {
    for forged in [
        spoilt(json!({"signature": "0".repeat(64)})),
        spoilt(json!({"signature": null})),
        spoilt(json!({"amount": 1, "balanceAmt": 1})),
        spoilt(json!({"tid": "UT0000113m01012611251015309999"})),
        spoilt(json!({"ediDate": "0"})),
    ] {
        assert_eq!(read(&forged).unwrap_err(), NoticeRefused::Forged);
        assert_eq!(read_form(form(&forged).as_bytes()).unwrap_err(), NoticeRefused::Forged);
    }
    let hint = read(spoilt(json!({"status": "expired", "signature": null}))).unwrap();
    assert!(!hint.signed, "only what came to nothing goes unsigned");
    assert_eq!(
        read(spoilt(json!({"status": "expired", "signature": "x"}))).unwrap_err(),
        NoticeRefused::Forged
    );
}

#[test]
fn a_test_of_the_address_is_answered_and_not_booked() {
    let test = json!({"resultCode": "0000", "tid": "UTWEBHOOKm01012611251015301234", "orderId": "test", "amount": 10000,
                      "status": "", "signature": "0".repeat(64), "ediDate": EDI_DATE});
    assert!(matches!(read(&test), Err(NoticeRefused::Irrelevant(_))));
    assert!(matches!(
        read_form(form(&test).as_bytes()),
        Err(NoticeRefused::Irrelevant(_))
    ));
}

#[test]
fn the_same_notice_sent_twice_has_the_same_dedup_key() {
    let key = |payment: Value| read(payment).unwrap().dedup_key;
    let again = with(json!({"ediDate": "2026-11-25T12:00:00.000+0900"}));
    assert_eq!(key(payment()), key(again));
    let part = |tid: &str| with(json!({"status": "partialCancelled", "balanceAmt": 9000, "cancelledTid": tid}));
    assert_ne!(key(part("UT1")), key(part("UT2")));
    assert_ne!(
        key(payment()),
        key(with(json!({"status": "cancelled", "balanceAmt": 0})))
    );
    assert_ne!(
        key(payment()),
        key(with(json!({"paidAt": "2026-11-26T10:15:31.000+0900"})))
    );
}

#[test]
fn what_cannot_be_read_is_refused() {
    let whole = payment().to_string();
    let bodies = ["", "null", "[]", "{}", "<xml/>", &whole[..200], "tid=1&amount=2"];
    for body in bodies {
        assert!(matches!(read(body), Err(NoticeRefused::Malformed(_))), "{body}");
    }
    for body in [
        "",
        "tid=1",
        "orderId=a&tid=&status=paid",
        "orderId=a+b&tid=1&status=paid",
    ] {
        assert!(
            matches!(read_form(body.as_bytes()), Err(NoticeRefused::Malformed(_))),
            "{body}"
        );
    }
    for changes in [
        json!({"orderId": ""}),
        json!({"orderId": "a b"}),
        json!({"orderId": "a".repeat(65)}),
        json!({"status": ""}),
        json!({"tid": "t".repeat(31)}),
        json!({"amount": "15000"}),
        json!({"amount": 0.5}),
    ] {
        assert!(
            matches!(read(with(changes.clone())), Err(NoticeRefused::Malformed(_))),
            "{changes}"
        );
    }
    let huge = format!("{whole}{}", " ".repeat(256 * 1024));
    assert!(matches!(read(huge), Err(NoticeRefused::Malformed(text)) if text.contains("262144")));
}

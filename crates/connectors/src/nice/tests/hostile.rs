use proptest::prelude::*;

use super::*;

/// Bytes, text, and payments with one field spoilt before or after they were signed.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let names: Vec<String> = payment().as_object().unwrap().keys().cloned().collect();
    let values = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,300}".prop_map(Value::from),
        Just(json!({})),
        Just(json!([line("k", 1, "2026-11-26T10:00:00.000+0900"), {}])),
    ];
    let changes = (proptest::sample::select(names), values).prop_map(|(name, value)| json!({ name: value }));
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        ".{0,200}".prop_map(String::into_bytes),
        changes
            .clone()
            .prop_map(|changes| with(changes).to_string().into_bytes()),
        changes.prop_map(|changes| spoilt(changes).to_string().into_bytes()),
    ]
}

proptest! {
    #[test]
    fn nothing_a_pg_says_makes_us_panic_or_believe_another_payment(status in 100_u16..1000, body in bodies()) {
        let answer = || pg().say_bytes(status, body.clone());
        for answer in [approve(&answer()), inquire(&answer(), None)] {
            if let Answer::Report(report) = answer {
                prop_assert!(report.pg_order_id == ORDER && report.balance.minor <= report.amount.minor);
            }
        }
        cancel(&answer(), Some(5_000), 15_000);
        for kind in ["application/json", "application/x-www-form-urlencoded"] {
            let headers = BTreeMap::from([("content-type".to_owned(), kind.to_owned())]);
            if let Ok(notice) = nice(&pg()).read_notice(&headers, &body) {
                prop_assert!(!notice.pg_order_id.is_empty() && notice.dedup_key.len() < 500);
            }
        }
    }

    #[test]
    fn nothing_a_browser_says_makes_us_panic(query in proptest::collection::btree_map("authResultCode|tid|orderId|amount|signature|.{0,9}", ".{0,250}", 0..6)) {
        nice(&pg()).read_return(&query);
    }

    #[test]
    fn no_time_makes_us_panic(text in "[0-9TZ:.+-]{0,30}|.{0,30}") {
        super::super::map::time(&text);
    }
}

#[test]
fn half_an_answer_a_page_and_another_encoding_are_unknown() {
    let whole = payment().to_string();
    let half = &whole[..whole.find("paidAt").unwrap()];
    let euc_kr = b"{\"resultCode\":\"0000\",\"resultMsg\":\"\xc1\xa4\xbb\xf3\"}".to_vec();
    let bodies = [
        half.as_bytes().to_vec(),
        b"<html>".to_vec(),
        euc_kr,
        vec![b' '; 1024 * 1024 + 1],
        Vec::new(),
    ];
    for body in bodies {
        unknown(approve(&pg().say_bytes(200, body.clone())));
        unknown(inquire(&pg().say_bytes(200, body.clone()), None));
        unclear(cancel(&pg().say_bytes(200, body), None, 15_000));
    }
}

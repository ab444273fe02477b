use proptest::prelude::*;

use super::*;

/// Bytes, text, and payments with one field spoilt.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let names: Vec<String> = payment().as_object().unwrap().keys().cloned().collect();
    let values = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,300}".prop_map(Value::from),
        proptest::collection::vec(".{0,8}", 0..4).prop_map(Value::from),
        Just(json!({})),
        Just(json!([line("k", 1, 1, "2026-11-26T10:00:00+09:00"), {}])),
    ];
    let spoilt = (proptest::sample::select(names), values).prop_map(|(name, value)| with(json!({ name: value })));
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..200),
        ".{0,200}".prop_map(String::into_bytes),
        spoilt.clone().prop_map(|payment| payment.to_string().into_bytes()),
        spoilt.prop_map(
            |payment| json!({"eventType": "PAYMENT_STATUS_CHANGED", "data": payment})
                .to_string()
                .into_bytes()
        ),
    ]
}

proptest! {
    #[test]
    fn nothing_a_pg_says_makes_us_panic_or_believe_another_payment(status in 100_u16..1000, body in bodies()) {
        let answer = || {
            let status = StatusCode::from_u16(status).unwrap();
            pg().push(Ok(Response { status, headers: HeaderMap::new(), body: Bytes::from(body.clone()) }))
        };
        for answer in [approve(&answer()), inquire(&answer(), None)] {
            if let Answer::Report(report) = answer {
                prop_assert!(report.pg_order_id == ORDER && report.balance.minor <= report.amount.minor);
            }
        }
        cancel(&answer(), Some(5_000), 15_000);
        if let Ok(notice) = toss(&pg()).read_notice(&BTreeMap::new(), &body) {
            prop_assert!(!notice.pg_order_id.is_empty() && notice.dedup_key.len() < 500);
        }
    }

    #[test]
    fn nothing_a_browser_says_makes_us_panic(query in proptest::collection::btree_map("paymentKey|orderId|amount|code|message|.{0,9}", ".{0,250}", 0..6)) {
        toss(&pg()).read_return(&query);
    }

    #[test]
    fn every_key_makes_one_segment_that_stays_where_it_is(key in "[ -~]{0,210}|[.]{1,4}|.{0,20}") {
        if let Some(segment) = super::super::client::segment(&key) {
            let url = url::Url::parse(&format!("http://h/v1/payments/{segment}/cancel")).unwrap();
            let parts: Vec<_> = url.path_segments().unwrap().collect();
            prop_assert_eq!(parts.len(), 4);
            prop_assert_eq!((parts[0], parts[3], url.query()), ("v1", "cancel", None));
        }
    }
}

use super::*;
use crate::{Listed, Listing, TransactionKind};

fn list(pg: &Arc<Canned>, cursor: Option<&str>) -> Listed {
    let at = |text: &str| Timestamp::parse(text).unwrap();
    let ask = Listing {
        from: at("2026-11-24T12:00:00+09:00"),
        until: at("2026-11-26T00:00:00+09:00"),
        cursor: cursor.map(str::to_owned),
    };
    nice(pg).transactions(&ask).now_or_never().unwrap().unwrap()
}

fn booked(status: &str, amount: i64, at: &str) -> Value {
    json!({"sequence": 1, "originlTid": TID, "tid": "UT2", "orderId": ORDER, "currency": "KRW", "amount": amount,
           "method": "card", "useEscrow": false, "transactionStatus": status, "transactionAt": at})
}

fn day(lines: Value, next: Option<u64>) -> Value {
    json!({"resultCode": "0000", "resultMsg": "ok", "transactions": lines,
           "pagination": {"count": 1, "nextSequence": next, "hasMore": next.is_some()}})
}

#[test]
fn the_books_are_read_day_by_day_and_page_by_page() {
    let early = booked("paid", 1_000, "2026-11-24T11:59:59.000+0900");
    let lines = json!([early, booked("paid", 15_000, "2026-11-24T13:00:00.000+0900")]);
    let pg = pg()
        .say(200, day(lines, Some(501)))
        .say(
            200,
            day(
                json!([booked("partialCancelled", -5_000, "2026-11-24T14:00:00.000+0900")]),
                None,
            ),
        )
        .say(200, day(json!([]), None));
    let Listed::Page { lines, next } = list(&pg, None) else {
        panic!()
    };
    assert_eq!(
        (lines.len(), lines[0].kind, lines[0].amount),
        (1, TransactionKind::Payment, Money::krw(15_000))
    );
    assert_eq!((lines[0].pg_key.as_str(), lines[0].pg_order_id.as_str()), (TID, ORDER));
    assert_eq!(pg.request(0).1, "/v1/transactions?date=20261124&limit=500");
    let Listed::Page { lines, next } = list(&pg, next.as_deref()) else {
        panic!()
    };
    assert_eq!(
        pg.request(1).1,
        "/v1/transactions?date=20261124&startingSequence=501&limit=500"
    );
    assert_eq!(
        (lines[0].kind, lines[0].amount),
        (TransactionKind::Cancel, Money::krw(5_000))
    );
    assert_eq!(
        list(&pg, next.as_deref()),
        Listed::Page {
            lines: Vec::new(),
            next: None
        }
    );
    assert_eq!(pg.request(2).1, "/v1/transactions?date=20261125&limit=500");
}

#[test]
fn a_list_that_makes_no_sense_is_unknown() {
    let at = "2026-11-24T13:00:00.000+0900";
    for answer in [
        json!({"resultCode": "0000"}),
        error("U102"),
        day(json!([booked("pondering", 1, at)]), None),
        day(json!([booked("paid", 0, at)]), None),
        day(json!([booked("paid", 1, "then")]), None),
        json!({"resultCode": "0000", "transactions": [], "pagination": {"hasMore": true}}),
    ] {
        assert!(matches!(list(&pg().say(200, answer), None), Listed::Unknown(_)));
    }
    for cursor in ["", "x", "2026-11-24", "20261399", "20261124:x"] {
        assert!(matches!(list(&pg(), Some(cursor)), Listed::Unknown(_)), "{cursor}");
    }
    let round = pg().say(200, day(json!([]), Some(7)));
    assert!(
        matches!(list(&round, Some("20261124:7")), Listed::Unknown(_)),
        "it would never end"
    );
}

use super::*;
use crate::{Listed, Listing, TransactionKind};

fn list(pg: &Arc<Canned>, cursor: Option<&str>) -> Listed {
    let time = |text| Timestamp::parse(text).unwrap();
    let ask = Listing {
        from: time("2026-11-24T15:00:00Z"),
        until: time("2026-11-26T00:00:00+09:00"),
        cursor: cursor.map(Into::into),
    };
    toss(pg).transactions(&ask).now_or_never().unwrap().unwrap()
}

fn line(key: &str, status: &str, amount: i64, at: &str) -> Value {
    json!({"mId": "tvivanaru", "transactionKey": key, "paymentKey": KEY, "orderId": ORDER, "method": "카드",
           "customerKey": null, "useEscrow": false, "receiptUrl": "", "status": status, "transactionAt": at,
           "currency": "KRW", "amount": amount})
}

#[test]
fn a_day_of_korean_time_is_listed_with_what_came_and_what_went_back() {
    let lines = json!([
        line("a", "WAITING_FOR_DEPOSIT", 0, "2026-11-25T09:00:00+09:00"),
        line("b", "DONE", 15_000, "2026-11-25T10:15:31+09:00"),
        line("c", "PARTIAL_CANCELED", -4_000, "2026-11-25T11:00:00+09:00"),
        line("d", "CANCELED", 11_000, "2026-11-25T23:59:59+09:00"),
        line("e", "DONE", 1, "2026-11-26T00:00:00+09:00"),
    ]);
    let pg = pg().say(200, lines);
    let Listed::Page { lines, next } = list(&pg, None) else {
        panic!()
    };
    let read: Vec<_> = lines.iter().map(|line| (line.kind, line.amount.minor)).collect();
    assert_eq!(
        read,
        [
            (TransactionKind::Payment, 15_000),
            (TransactionKind::Cancel, 4_000),
            (TransactionKind::Cancel, 11_000)
        ],
        "what came to nothing and what belongs to the next day is left out"
    );
    assert_eq!(
        (lines[0].pg_order_id.as_str(), lines[0].pg_key.as_str(), next),
        (ORDER, KEY, None)
    );
    let (method, path, _) = pg.request(0);
    assert_eq!(
        (method.as_str(), path.as_str()),
        (
            "GET",
            "/v1/transactions?startDate=2026-11-25T00:00:00&endDate=2026-11-26T00:00:00&limit=1000"
        )
    );
}

#[test]
fn a_full_page_goes_on_behind_its_last_line() {
    let lines: Vec<Value> = (0..1_000)
        .map(|number| line(&format!("k{number}"), "DONE", 1_000, "2026-11-25T10:00:00+09:00"))
        .collect();
    let pg = pg().say(200, json!(lines)).say(200, json!([])).say(200, json!(lines));
    let Listed::Page { next, .. } = list(&pg, None) else {
        panic!()
    };
    assert_eq!(next.as_deref(), Some("k999"));
    assert_eq!(
        list(&pg, Some("k999")),
        Listed::Page {
            lines: Vec::new(),
            next: None
        }
    );
    assert!(pg.request(1).1.ends_with("&startingAfter=k999"));
    assert!(
        matches!(list(&pg, Some("k999")), Listed::Unknown(_)),
        "one that stands still is no list"
    );
}

#[test]
fn what_cannot_be_read_is_no_list() {
    for body in ["<html>", "{}", "[{}]", r#"[{"transactionKey":"a"}]"#] {
        assert!(matches!(list(&pg().say(200, body), None), Listed::Unknown(_)), "{body}");
    }
    let wrong_time = json!([line("a", "DONE", 1_000, "yesterday")]);
    assert!(matches!(list(&pg().say(200, wrong_time), None), Listed::Unknown(_)));
    assert!(matches!(
        list(&pg().say(401, error("UNAUTHORIZED_KEY")), None),
        Listed::Unknown(_)
    ));
    assert!(matches!(list(&pg(), Some("..")), Listed::Unknown(_)));
}

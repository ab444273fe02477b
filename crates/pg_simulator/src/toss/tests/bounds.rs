use vocabulary::{Currency, Round};

use super::super::store::Store;
use super::super::{amount, calendar};
use super::*;

#[tokio::test]
async fn the_oldest_finished_payments_make_room() {
    let counter = Counter::open().await;
    let pg = counter.simulator.toss();
    *pg.0.store.lock().unwrap() = Store::holding(3);
    let open = counter.authenticated(Product::Card, "order-0000", 15_000);
    for index in 1..=5 {
        counter.paid(Product::Card, &format!("order-{index:04}"), 15_000).await;
    }
    let known = |order_id: &str| pg.truth(order_id).is_some();
    assert!(!known("order-0001") && !known("order-0003"), "finished and old");
    assert!(known("order-0004") && known("order-0005"));
    assert_eq!(
        counter.confirm(&open, "order-0000", 15_000).await.0,
        200,
        "an open one is kept"
    );
    let (_, rows) = counter
        .get("/v1/transactions?startDate=2026-03-02&endDate=2026-03-03")
        .await;
    assert_eq!(
        rows.as_array().unwrap().len(),
        3,
        "movements of forgotten payments are not listed"
    );
}

#[test]
fn amounts_are_read_exactly_or_not_at_all() {
    let won = |text: &str| amount::parse(text, Currency::KRW).map(|money| money.minor);
    assert_eq!(
        [won("15000"), won("15000.0"), won("-1"), won("0")],
        [Some(15_000), Some(15_000), Some(-1), Some(0)]
    );
    for wrong in ["", "-", "1.5", "1e3", "0x10", "1,000", " 1", "١", "9999999999999999"] {
        assert_eq!(won(wrong), None, "{wrong}");
    }
    let dollars = |text: &str| amount::parse(text, Currency::USD).map(|money| money.minor);
    assert_eq!(
        [dollars("10"), dollars("10.5"), dollars("10.05"), dollars("10.005")],
        [Some(1_000), Some(1_050), Some(1_005), None]
    );
    assert_eq!(amount::for_people(Money::krw(1_234_567)), "1,234,567원");
    assert_eq!(amount::for_people(Money::new(100_050, Currency::USD)), "$1,000.50");
    assert_eq!(amount::decimal(Money::new(-50, Currency::USD)), "-0.50");
}

#[test]
fn vat_is_an_eleventh_of_what_is_taxed() {
    let vat = |total, untaxed| amount::vat(Money::krw(total), Money::krw(untaxed)).minor;
    assert_eq!(
        [vat(15_000, 0), vat(10_000, 3_000), vat(10_000, 10_000), vat(5, 0)],
        [1_364, 636, 0, 0]
    );
    for total in 1..2_000 {
        let exact = Money::krw(total).share(1, 11, Round::HalfUp).unwrap();
        assert_eq!(vat(total, 0), exact.minor);
    }
}

#[test]
fn dates_are_korean() {
    let moment = |text: &str| calendar::moment(text).map(|moment| moment.in_korea());
    assert_eq!(moment("2026-03-02").as_deref(), Some("2026-03-02T00:00:00+09:00"));
    assert_eq!(
        moment("2026-03-02T10:15:00").as_deref(),
        Some("2026-03-02T10:15:00+09:00")
    );
    assert_eq!(
        moment("2026-03-02T01:15:00+00:00").as_deref(),
        Some("2026-03-02T10:15:00+09:00")
    );
    assert_eq!(
        moment("2026-03-02T01:15:00 00:00").as_deref(),
        Some("2026-03-02T10:15:00+09:00")
    );
    for wrong in ["2026-03-02T10:15:00Z", "2026-02-30", "02.03.2026", "2026-3-2", ""] {
        assert_eq!(moment(wrong), None, "{wrong}");
    }
    let friday = Timestamp::parse("2026-03-06T23:30:00+09:00").unwrap();
    assert_eq!(calendar::business_days_later(friday, 2).korean_date(), "2026-03-10");
}

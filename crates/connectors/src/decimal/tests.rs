use super::*;

fn minor(text: &str, currency: Currency) -> Option<i64> {
    serde_json::from_str::<Decimal>(text)
        .ok()?
        .money(currency)
        .map(|money| money.minor)
}

#[test]
fn amounts_are_exact_in_their_own_currency() {
    assert_eq!(minor("15000", Currency::KRW), Some(15_000));
    assert_eq!(minor("15000.0", Currency::KRW), Some(15_000));
    assert_eq!(minor("1.5e4", Currency::KRW), Some(15_000));
    assert_eq!(minor("10.99", Currency::USD), Some(1_099));
    assert_eq!(minor("10.990", Currency::USD), Some(1_099));
    assert_eq!(minor("0.07", Currency::USD), Some(7));
    assert_eq!(minor("-5000", Currency::KRW), Some(-5_000));
    assert_eq!(
        minor("90071992547409.93", Currency::USD),
        Some(9_007_199_254_740_993),
        "over 2^53"
    );
    assert_eq!(minor("0e999999", Currency::KRW), Some(0));
}

#[test]
fn what_does_not_fit_the_currency_is_refused() {
    for text in [
        "15000.5",
        "1e-1",
        "1e19",
        "9223372036854775808",
        "\"15000\"",
        "null",
        "1e99999999999",
        "true",
        "[]",
    ] {
        assert_eq!(minor(text, Currency::KRW), None, "{text}");
    }
    assert_eq!(minor("10.999", Currency::USD), None);
    assert_eq!(minor(&"9".repeat(CHARS_MAX + 1), Currency::KRW), None);
}

#[test]
fn amounts_are_written_as_they_are_read() {
    for money in [
        Money::krw(15_000),
        Money::new(1_099, Currency::USD),
        Money::new(-7, Currency::USD),
    ] {
        let text = serde_json::to_string(&Major(money)).unwrap();
        assert_eq!(minor(&text, money.currency), Some(money.minor), "{text}");
    }
    assert_eq!(
        serde_json::to_string(&Major(Money::new(1_000, Currency::USD))).unwrap(),
        "10.00"
    );
}

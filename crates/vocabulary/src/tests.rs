use super::*;

#[test]
fn money_prints_with_its_own_decimals() {
    assert_eq!(Money::krw(1000).to_string(), "1000 KRW");
    assert_eq!(Money::new(-5, Currency::USD).to_string(), "-0.05 USD");
    assert_eq!(Money::new(1234, "KWD".parse().unwrap()).to_string(), "1.234 KWD");
    assert_eq!(
        "XAU".parse::<Currency>(),
        Err(MoneyError::UnknownCurrency),
        "gold has no exponent"
    );
    assert_eq!("krw".parse::<Currency>(), Err(MoneyError::UnknownCurrency));
}

#[test]
fn money_refuses_mixed_currencies_and_overflow() {
    let (won, dollar) = (Money::krw(1), Money::new(1, Currency::USD));
    assert!(matches!(won.checked_add(dollar), Err(MoneyError::MixedCurrency { .. })));
    assert_eq!(Money::krw(i64::MAX).checked_add(won), Err(MoneyError::Overflow));
    assert_eq!(Money::krw(i64::MIN).checked_neg(), Err(MoneyError::Overflow));
    assert_eq!(Money::krw(i64::MAX).share(2, 1, Round::Down), Err(MoneyError::Overflow));
}

#[test]
fn rounding_is_as_said() {
    let half = |won, round| Money::krw(won).share(1, 2, round).unwrap().minor;
    assert_eq!(
        [half(5, Round::Down), half(5, Round::HalfUp), half(5, Round::HalfEven)],
        [2, 3, 2]
    );
    assert_eq!(
        [
            half(-5, Round::Down),
            half(-5, Round::HalfUp),
            half(-7, Round::HalfEven)
        ],
        [-2, -3, -4]
    );
    assert_eq!(
        Money::krw(10_000).share_bp(Bp(290), Round::HalfEven).unwrap(),
        Money::krw(290)
    );
}

#[test]
fn ids_sort_by_time_and_parse_only_their_own_kind() {
    let chance = Chance::seeded(7);
    let early = PaymentId::new(Timestamp::from_seconds(1_000), &chance);
    let late = PaymentId::new(Timestamp::from_seconds(1_001), &chance);
    assert!(early < late && early.to_string() < late.to_string());
    assert_eq!(early.to_string().parse::<PaymentId>(), Ok(early));
    let other = early.to_string().replace("pay_", "att_");
    assert!(other.parse::<PaymentId>().is_err());
    assert!(
        "pay_8zzzzzzzzzzzzzzzzzzzzzzzzz".parse::<PaymentId>().is_err(),
        "over 128 bits"
    );
    assert!("pay_".parse::<PaymentId>().is_err() && "pay_가나다".parse::<PaymentId>().is_err());
}

#[test]
fn the_same_seed_gives_the_same_ids() {
    let id = |seed| AttemptId::new(Timestamp::from_seconds(5), &Chance::seeded(seed));
    assert_eq!(id(1), id(1));
    assert_ne!(id(1), id(2));
}

#[test]
fn times_are_read_and_written_in_korean_time() {
    let moment = Timestamp::parse("2026-03-01T10:15:31+09:00").unwrap();
    assert_eq!(moment, Timestamp::parse("2026-03-01T01:15:31Z").unwrap());
    assert_eq!(moment.in_korea(), "2026-03-01T10:15:31+09:00");
    assert_eq!(
        Timestamp::parse("2026-02-28T23:00:00Z").unwrap().korean_date(),
        "2026-03-01"
    );
    assert_eq!(Timestamp::parse("yesterday"), None);
}

#[test]
fn secrets_do_not_print() {
    let account = Digits::parse("1002-123-456789").unwrap();
    assert_eq!(
        format!("{account:?} {:?}", Secret::new(String::from("sk_live"))),
        "Digits(…) Secret(…)"
    );
    assert_eq!(account.reveal_for("a test"), "1002123456789");
    assert!(Digits::parse("12a").is_none() && Digits::parse("").is_none());
}

#[test]
fn words_survive_the_way_to_text_and_back() {
    assert!(
        Method::ALL
            .into_iter()
            .all(|method| method.as_str().parse() == Ok(method))
    );
    assert!(Reason::ALL.iter().all(|reason| reason.as_str().parse() == Ok(*reason)));
    assert!(
        [Mode::Test, Mode::Live]
            .into_iter()
            .all(|mode| mode.as_str().parse() == Ok(mode))
    );
}

use vocabulary::{Chance, Currency, Money, PgAccountId, Timestamp};

use super::*;

fn pg() -> PgAccountId {
    PgAccountId::new(Timestamp::from_seconds(0), &Chance::seeded(1))
}

fn won(amount: i64) -> Money {
    Money::krw(amount)
}

#[test]
fn vat_is_what_receipts_print() {
    let plain = Tax::split(won(15_000), won(0), won(0)).unwrap();
    assert_eq!((plain.supplied, plain.vat), (won(13_636), won(1_364)));
    let mixed = Tax::split(won(10_000), won(3_000), won(0)).unwrap();
    assert_eq!(
        (mixed.supplied, mixed.vat, mixed.tax_free),
        (won(6_364), won(636), won(3_000))
    );
    let dollars = Tax::split(
        Money::new(1099, Currency::USD),
        Money::new(0, Currency::USD),
        Money::new(0, Currency::USD),
    );
    assert_eq!(
        dollars.unwrap().vat,
        Money::new(0, Currency::USD),
        "no Korean VAT abroad"
    );
    assert_eq!(Tax::split(won(10), won(11), won(0)), Err(TaxError::UntaxedPart));
}

#[test]
fn a_chain_of_partial_cancels_ends_at_zero() {
    let mut left = Tax::split(won(10_007), won(3_001), won(100)).unwrap();
    let mut vat = 0;
    for (amount, tax_free, exempt) in [(1_111, 0, 0), (2_222, 2_000, 100), (33, 0, 0), (6_641, 1_001, 0)] {
        let part = left.part(won(amount), won(tax_free), won(exempt)).unwrap();
        assert_eq!(part.total().unwrap(), won(amount));
        vat += part.vat.minor;
        left = left.less(part).unwrap();
    }
    assert_eq!(left.total().unwrap(), won(0));
    assert_eq!(vat, Tax::split(won(10_007), won(3_001), won(100)).unwrap().vat.minor);
}

#[test]
fn a_cancel_cannot_give_back_more_untaxed_goods_than_it_cancels() {
    let sold = Tax::split(won(10_000), won(3_000), won(0)).unwrap();
    assert_eq!(sold.part(won(2_000), won(2_500), won(0)), Err(TaxError::UntaxedPart));
    assert_eq!(
        sold.part(won(8_000), won(0), won(0)),
        Err(TaxError::UntaxedPart),
        "only 7,000 is taxable"
    );
    assert_eq!(sold.part(won(2_000), won(-1), won(0)), Err(TaxError::UntaxedPart));
}

#[test]
fn a_posting_that_does_not_sum_to_zero_cannot_exist() {
    let lines = vec![
        Line {
            account: Account::PgReceivable(pg()),
            amount: won(1_000),
        },
        Line {
            account: Account::Sales,
            amount: won(-999),
        },
    ];
    assert_eq!(
        Posting::new(Kind::Sale, lines),
        Err(Unbalanced::Rest {
            kind: Kind::Sale,
            rest: won(1)
        })
    );
    assert_eq!(Posting::new(Kind::Sale, vec![]), Err(Unbalanced::Empty(Kind::Sale)));
    let mixed = vec![
        Line {
            account: Account::Sales,
            amount: won(5),
        },
        Line {
            account: Account::Suspense,
            amount: Money::new(-5, Currency::USD),
        },
    ];
    assert!(Posting::new(Kind::Held, mixed).is_err(), "each currency by itself");
}

#[test]
fn the_trial_balance_tells_what_the_pg_owes() {
    let sold = Tax::split(won(10_000), won(3_000), won(0)).unwrap();
    let back = sold.part(won(4_000), won(1_000), won(0)).unwrap();
    let postings = [
        sale(pg(), sold).unwrap(),
        refund(pg(), back).unwrap(),
        pg_fee(pg(), won(290), won(29)).unwrap(),
        held(pg(), won(77)).unwrap(),
        held_returned(pg(), won(77)).unwrap(),
    ];
    let mut books = TrialBalance::default();
    for line in postings.iter().flat_map(Posting::lines) {
        books.add(*line).unwrap();
    }
    assert!(books.balanced().unwrap());
    assert_eq!(
        books.balance(Account::PgReceivable(pg()), Currency::KRW),
        Ok(won(10_000 - 4_000 - 319))
    );
    assert_eq!(books.balance(Account::Suspense, Currency::KRW), Ok(won(0)));
    let vat_left = sold.vat.minor - back.vat.minor;
    assert_eq!(books.balance(Account::VatPayable, Currency::KRW), Ok(won(-vat_left)));
}

#[test]
fn a_reversed_sale_leaves_nothing() {
    let sold = Tax::split(won(33_000), won(0), won(0)).unwrap();
    let mut books = TrialBalance::default();
    for posting in [sale(pg(), sold).unwrap(), sale_reversed(pg(), sold).unwrap()] {
        posting.lines().iter().for_each(|line| books.add(*line).unwrap());
    }
    assert!(books.rows().all(|(_, row)| row.balance() == Ok(won(0))));
}

#[test]
fn accounts_and_kinds_survive_the_way_to_text_and_back() {
    for account in [
        Account::PgReceivable(pg()),
        Account::Sales,
        Account::Suspense,
        Account::VatOnFees,
    ] {
        assert_eq!(account.to_string().parse(), Ok(account));
    }
    assert_eq!("refund".parse(), Ok(Kind::Refund));
}

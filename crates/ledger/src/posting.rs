use std::fmt;
use std::str::FromStr;

use thiserror::Error;
use vocabulary::{Money, MoneyError, PgAccountId};

use crate::{Account, Tax};

/// What a posting records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Sale,
    /// A deposit the bank took back after we had posted the sale.
    SaleReversed,
    Refund,
    /// A PG took money it should not have.
    Held,
    HeldReturned,
    PgFee,
}

impl Kind {
    const ALL: [Kind; 6] = [
        Kind::Sale,
        Kind::SaleReversed,
        Kind::Refund,
        Kind::Held,
        Kind::HeldReturned,
        Kind::PgFee,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Sale => "sale",
            Kind::SaleReversed => "sale_reversed",
            Kind::Refund => "refund",
            Kind::Held => "held",
            Kind::HeldReturned => "held_returned",
            Kind::PgFee => "pg_fee",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Kind {
    type Err = ();

    fn from_str(text: &str) -> Result<Kind, ()> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}

/// One side of a posting: a debit if positive, a credit if negative; never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    pub account: Account,
    pub amount: Money,
}

/// A movement of money: two or more lines that sum to zero in each currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    kind: Kind,
    lines: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unbalanced {
    #[error("the lines of a {kind} posting sum to {rest} instead of zero")]
    Rest { kind: Kind, rest: Money },
    #[error("a {0} posting has no lines")]
    Empty(Kind),
    #[error(transparent)]
    Money(#[from] MoneyError),
}

impl Posting {
    /// Checked when made and again when read back: a posting that exists is balanced.
    pub fn new(kind: Kind, lines: Vec<Line>) -> Result<Posting, Unbalanced> {
        let lines: Vec<Line> = lines.into_iter().filter(|line| !line.amount.is_zero()).collect();
        let mut rest = lines.clone();
        while let Some(first) = rest.first().copied() {
            let currency = first.amount.currency;
            let (same, others) = rest
                .into_iter()
                .partition::<Vec<Line>, _>(|line| line.amount.currency == currency);
            let sum = Money::sum(currency, same.into_iter().map(|line| line.amount))?;
            if !sum.is_zero() {
                return Err(Unbalanced::Rest { kind, rest: sum });
            }
            rest = others;
        }
        if lines.is_empty() {
            Err(Unbalanced::Empty(kind))
        } else {
            Ok(Posting { kind, lines })
        }
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// What this posting adds to what the PG owes the shop.
    pub fn receivable(&self) -> Option<Money> {
        self.lines
            .iter()
            .find(|line| matches!(line.account, Account::PgReceivable(_)))
            .map(|line| line.amount)
    }
}

/// The shop sold: the PG owes it the whole amount, part of which is the tax office's.
pub fn sale(pg: PgAccountId, tax: Tax) -> Result<Posting, Unbalanced> {
    let untaxed = tax.tax_free.checked_add(tax.exempt)?;
    Posting::new(
        Kind::Sale,
        vec![
            debit(Account::PgReceivable(pg), tax.total()?),
            credit(Account::Sales, tax.supplied)?,
            credit(Account::TaxFreeSales, untaxed)?,
            credit(Account::VatPayable, tax.vat)?,
        ],
    )
}

/// The deposit behind a sale was taken back: the sale did not happen.
pub fn sale_reversed(pg: PgAccountId, tax: Tax) -> Result<Posting, Unbalanced> {
    let lines = sale(pg, tax)?
        .lines
        .into_iter()
        .map(|line| credit(line.account, line.amount));
    Posting::new(Kind::SaleReversed, lines.collect::<Result<_, _>>()?)
}

/// Part or all of a sale was given back.
pub fn refund(pg: PgAccountId, tax: Tax) -> Result<Posting, Unbalanced> {
    let price = Money::sum(tax.supplied.currency, [tax.supplied, tax.tax_free, tax.exempt])?;
    Posting::new(
        Kind::Refund,
        vec![
            debit(Account::Refunds, price),
            debit(Account::VatPayable, tax.vat),
            credit(Account::PgReceivable(pg), tax.total()?)?,
        ],
    )
}

/// A PG took a sum it should not have; until it is given back it is nobody's income.
pub fn held(pg: PgAccountId, amount: Money) -> Result<Posting, Unbalanced> {
    Posting::new(
        Kind::Held,
        vec![
            debit(Account::PgReceivable(pg), amount),
            credit(Account::Suspense, amount)?,
        ],
    )
}

/// A sum taken by mistake went back to the shopper.
pub fn held_returned(pg: PgAccountId, amount: Money) -> Result<Posting, Unbalanced> {
    Posting::new(
        Kind::HeldReturned,
        vec![
            debit(Account::Suspense, amount),
            credit(Account::PgReceivable(pg), amount)?,
        ],
    )
}

/// What a PG keeps of a payment, known from its settlement.
pub fn pg_fee(pg: PgAccountId, fee: Money, vat: Money) -> Result<Posting, Unbalanced> {
    Posting::new(
        Kind::PgFee,
        vec![
            debit(Account::PgFees, fee),
            debit(Account::VatOnFees, vat),
            credit(Account::PgReceivable(pg), fee.checked_add(vat)?)?,
        ],
    )
}

fn debit(account: Account, amount: Money) -> Line {
    Line { account, amount }
}

fn credit(account: Account, amount: Money) -> Result<Line, MoneyError> {
    Ok(Line {
        account,
        amount: amount.checked_neg()?,
    })
}

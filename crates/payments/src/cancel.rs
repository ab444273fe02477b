use std::fmt;
use std::str::FromStr;

use ledger::Tax;
use vocabulary::pg::RefundAccount;
use vocabulary::{AttemptId, CancelId, Failure, Money, Timestamp};

use crate::Refused;

/// A full or partial refund, or the giving-up of a virtual account before its deposit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancel {
    pub id: CancelId,
    /// The attempt whose money goes back.
    pub attempt: AttemptId,
    pub origin: CancelOrigin,
    pub state: CancelState,
    /// What goes back; all zero when the deposit had not come.
    pub tax: Tax,
    /// Everything that was left, so that the PG need not be told a sum.
    pub whole: bool,
    pub reason: String,
    pub requested_at: Timestamp,
    pub done_at: Option<Timestamp>,
    pub asked_at: Option<Timestamp>,
    pub asks: u32,
    /// As [`crate::Attempt::asking`].
    pub asking: bool,
    /// The refund account is passed on and not kept, so this request cannot be repeated, only asked about.
    pub with_refund_account: bool,
    /// The PG's key of the refund.
    pub pg_key: Option<String>,
    /// As [`crate::Attempt::last_heard`].
    pub last_heard: Option<String>,
    pub failure: Option<Failure>,
}

impl Cancel {
    pub fn amount(&self) -> Money {
        let Tax {
            supplied,
            vat,
            tax_free,
            exempt,
        } = self.tax;
        // A tax split is made from one amount; its parts add up.
        Money::sum(supplied.currency, [supplied, vat, tax_free, exempt]).unwrap_or(Money::zero(supplied.currency))
    }

    /// It was given back, or may be: what a new cancel must leave alone.
    pub fn reserves(&self) -> bool {
        self.state != CancelState::Refused
    }
}

/// What someone asks to be given back. `None` as amount: all that is left.
#[derive(Debug, Clone)]
pub struct CancelOrder {
    pub amount: Option<Money>,
    /// The part of `amount` that is free of VAT. `None`: for all that is left, all of it; else nothing.
    pub tax_free: Option<Money>,
    pub reason: String,
    pub refund_account: Option<RefundAccount>,
    /// What the caller believes is left; refused when it is not.
    pub expected_balance: Option<Money>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CancelOrigin {
    /// The shop asked us.
    Shop,
    /// It happened at the PG, in its console or by its support.
    Pg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CancelState {
    /// The PG is about to be, or being, asked.
    Requested,
    /// Asked; the answer is not known, or the PG will tell later.
    Unknown,
    Done,
    Refused,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CancelMove {
    Unclear,
    Done,
    Refuse,
}

impl CancelState {
    const ALL: [CancelState; 4] = [
        CancelState::Requested,
        CancelState::Unknown,
        CancelState::Done,
        CancelState::Refused,
    ];

    /// The only way a cancel changes state.
    pub(crate) fn on(self, step: CancelMove) -> Result<CancelState, Refused> {
        use CancelState::{Done, Requested, Unknown};
        Ok(match (self, step) {
            (Requested | Unknown, CancelMove::Unclear) => Unknown,
            (Requested | Unknown | Done, CancelMove::Done) => Done,
            (Requested | Unknown | CancelState::Refused, CancelMove::Refuse) => CancelState::Refused,
            (from, _) => return Err(Refused::IllegalCancel { from }),
        })
    }

    pub fn open(self) -> bool {
        matches!(self, CancelState::Requested | CancelState::Unknown)
    }

    /// As the API and the database spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            CancelState::Requested => "REQUESTED",
            CancelState::Unknown => "UNKNOWN",
            CancelState::Done => "DONE",
            CancelState::Refused => "REFUSED",
        }
    }
}

impl CancelOrigin {
    pub fn as_str(self) -> &'static str {
        match self {
            CancelOrigin::Shop => "SHOP",
            CancelOrigin::Pg => "PG",
        }
    }
}

impl fmt::Display for CancelState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for CancelState {
    type Err = ();

    fn from_str(text: &str) -> Result<CancelState, ()> {
        CancelState::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(())
    }
}

impl FromStr for CancelOrigin {
    type Err = ();

    fn from_str(text: &str) -> Result<CancelOrigin, ()> {
        [CancelOrigin::Shop, CancelOrigin::Pg]
            .into_iter()
            .find(|origin| origin.as_str() == text)
            .ok_or(())
    }
}

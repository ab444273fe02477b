use std::fmt;
use std::str::FromStr;

use vocabulary::pg::{CashReceipt, Means};
use vocabulary::{AttemptId, Failure, Method, Money, PgAccountId, Secret, Timestamp};

use crate::Refused;

/// One try to pay through one PG account.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Also the order id the PG sees, so that every attempt can be asked for.
    pub id: AttemptId,
    pub pg_account: PgAccountId,
    pub method: Method,
    /// Easy-pay provider or voucher kind, where the shopper chose one.
    pub kind: Option<String>,
    /// Months chosen before the window opened (0: at once); `None`: the window asks.
    pub instalment_months: Option<u8>,
    pub state: AttemptState,
    pub opened_at: Timestamp,
    /// The PG's key, once the shopper came back or the PG told us.
    pub pg_key: Option<String>,
    /// When a PG was last asked about this attempt, and how often since its state last changed.
    pub asked_at: Option<Timestamp>,
    pub asks: u32,
    /// The PG was asked to undo this approve by net cancel: should it turn out approved all the same, that may not
    /// stand, because the net cancel may yet arrive.
    pub undoing: bool,
    /// Whoever asked at `asked_at` still waits for the answer, or died waiting; false: it came in vain.
    pub asking: bool,
    /// The sum the PG holds for this attempt: equal to the payment's when approved, whatever it is when voiding.
    pub amount_at_pg: Option<Money>,
    pub approved_at: Option<Timestamp>,
    pub means: Means,
    pub partial_cancel_allowed: bool,
    pub receipt_url: Option<String>,
    pub cash_receipt: Option<CashReceipt>,
    /// What the PG repeats in its notices so that we know them.
    pub notice_secret: Option<Secret<String>>,
    /// What we saw when no clear answer came, as long as none has come.
    pub last_heard: Option<String>,
    /// Why it was declined, or why the PG refuses to give money back.
    pub failure: Option<Failure>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttemptState {
    /// The PG's window is open. Nothing can be charged without our approve.
    Opened,
    /// The shopper agreed; the shop decides whether to sell.
    Agreed,
    /// The PG is about to be, or being, asked to move the money.
    Approving,
    /// It was asked and the answer is not known.
    Unknown,
    /// An account is issued; the deposit has not come.
    Waiting,
    Approved,
    /// A definite no.
    Declined,
    /// The PG holds money it must give back: a wrong sum, a second approval, or one that came too late.
    Voiding,
    Voided,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Move {
    /// The shopper agreed in the window. `ask_shop`: the shop wants the last word.
    Agree {
        ask_shop: bool,
    },
    /// The shop said yes.
    Confirm,
    /// A definite no, whoever said it.
    Decline,
    Unclear,
    /// A virtual account was issued.
    Wait,
    Approve,
    /// The PG has money it must give back.
    Hold,
    /// The bank took the deposit back.
    TakenBack,
    /// The PG gave the held money back.
    GivenBack,
}

impl AttemptState {
    const ALL: [AttemptState; 9] = [
        AttemptState::Opened,
        AttemptState::Agreed,
        AttemptState::Approving,
        AttemptState::Unknown,
        AttemptState::Waiting,
        AttemptState::Approved,
        AttemptState::Declined,
        AttemptState::Voiding,
        AttemptState::Voided,
    ];

    /// The only way an attempt changes state.
    pub(crate) fn on(self, step: Move) -> Result<AttemptState, Refused> {
        use AttemptState::*;
        use Move::*;
        Ok(match (self, step) {
            (Opened, Agree { ask_shop: true }) => Agreed,
            (Opened, Agree { ask_shop: false }) | (Agreed, Confirm) => Approving,
            (Approving | Unknown, Unclear) => Unknown,
            (Opened | Agreed | Approving | Unknown | Waiting, Decline) => Declined,
            // The PG may know before we do, and may say yes after it said no.
            (Opened | Agreed | Approving | Unknown | Declined, Wait) => Waiting,
            (Opened | Agreed | Approving | Unknown | Waiting | Declined, Approve) => Approved,
            (Opened | Agreed | Approving | Unknown | Waiting | Declined, Hold) => Voiding,
            (Approved, TakenBack) => Waiting,
            // Taken back after a part of it was given back: nothing more may come in.
            (Approved, Hold) => Voiding,
            (Voiding, GivenBack) => Voided,
            // Told again.
            (Declined, Decline) | (Waiting, Wait) | (Approved, Approve) | (Voiding, Hold) => self,
            (from, step) => {
                return Err(Refused::IllegalAttempt {
                    from,
                    step: step.name(),
                });
            }
        })
    }

    /// Money moves, may move, or may have moved: no other attempt may go ahead.
    pub fn holds_payment(self) -> bool {
        matches!(
            self,
            AttemptState::Agreed
                | AttemptState::Approving
                | AttemptState::Unknown
                | AttemptState::Waiting
                | AttemptState::Approved
                | AttemptState::Voiding
        )
    }

    /// The PG was asked to approve, or is about to be, and what it did is not known.
    pub fn in_doubt(self) -> bool {
        matches!(self, AttemptState::Approving | AttemptState::Unknown)
    }

    /// As the API and the database spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            AttemptState::Opened => "OPENED",
            AttemptState::Agreed => "AGREED",
            AttemptState::Approving => "APPROVING",
            AttemptState::Unknown => "UNKNOWN",
            AttemptState::Waiting => "WAITING_FOR_DEPOSIT",
            AttemptState::Approved => "APPROVED",
            AttemptState::Declined => "DECLINED",
            AttemptState::Voiding => "VOIDING",
            AttemptState::Voided => "VOIDED",
        }
    }
}

impl Attempt {
    /// It holds a deposit that can only go back to an account of the shopper's, which we do not know.
    pub fn needs_refund_account(&self) -> bool {
        self.state == AttemptState::Voiding
            && self.method == Method::VirtualAccount
            && self.amount_at_pg.is_some_and(Money::is_positive)
    }

    /// Nobody asks; the next look is counted from now.
    pub(crate) fn rests(&mut self, now: Timestamp) {
        (self.asked_at, self.asks, self.asking) = (Some(now), 0, false);
    }
}

impl Move {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Move::Agree { .. } => "agree",
            Move::Confirm => "confirm",
            Move::Decline => "decline",
            Move::Unclear => "unclear answer",
            Move::Wait => "wait for deposit",
            Move::Approve => "approve",
            Move::Hold => "hold",
            Move::TakenBack => "deposit taken back",
            Move::GivenBack => "money given back",
        }
    }
}

impl fmt::Display for AttemptState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for AttemptState {
    type Err = ();

    fn from_str(text: &str) -> Result<AttemptState, ()> {
        AttemptState::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(())
    }
}

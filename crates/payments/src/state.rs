use std::fmt;
use std::str::FromStr;

use crate::Refused;

/// Where a payment stands, in the words Korean shops know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// Nothing has happened that could move money.
    Ready,
    /// The shopper agreed in a PG's window; the approve is decided or under way.
    InProgress,
    /// A PG was asked to move money and its answer is not known.
    Confirming,
    WaitingForDeposit,
    Done,
    PartialCanceled,
    Canceled,
    /// Will not be paid: refused for good.
    Aborted,
    Expired,
}

/// What happened to a payment as a whole; the consequence of an attempt's or cancel's change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// The shopper agreed to an attempt.
    Agreed,
    OutcomeUnknown,
    DepositAwaited,
    /// The whole sum is approved.
    Paid,
    /// A definite no; the shopper may try again, or not.
    Declined {
        for_good: bool,
    },
    /// Some of the sum was given back; `all`: nothing is left.
    Refunded {
        all: bool,
    },
    /// The bank took a deposit back.
    DepositTakenBack,
    /// The shop gave the payment up before it was paid.
    Closed,
    TimeUp,
}

impl State {
    const ALL: [State; 9] = [
        State::Ready,
        State::InProgress,
        State::Confirming,
        State::WaitingForDeposit,
        State::Done,
        State::PartialCanceled,
        State::Canceled,
        State::Aborted,
        State::Expired,
    ];

    /// The only way a payment changes state. A line reads: in this state, when this happens, that.
    pub(crate) fn on(self, turn: Turn) -> Result<State, Refused> {
        use State::*;
        use Turn::*;
        Ok(match (self, turn) {
            (Ready, Agreed) => InProgress,
            (Ready | InProgress | Confirming | WaitingForDeposit, OutcomeUnknown) => Confirming,
            (Ready | InProgress | Confirming | WaitingForDeposit, DepositAwaited) => WaitingForDeposit,
            (Ready | InProgress | Confirming | WaitingForDeposit, Paid) => Done,
            // A PG's "yes" that came after all, and that the shop's terms accept.
            (Aborted | Expired, Paid) => Done,
            (Aborted | Expired, DepositAwaited) => WaitingForDeposit,
            (Ready | InProgress | Confirming | WaitingForDeposit, Declined { for_good: false }) => Ready,
            (Ready | InProgress | Confirming | WaitingForDeposit, Declined { for_good: true }) => Aborted,
            // One attempt's end changes nothing once another settled the payment.
            (Done | PartialCanceled | Canceled | Aborted | Expired, Declined { .. }) => self,
            (Done | PartialCanceled, Refunded { all: false }) => PartialCanceled,
            (Done | PartialCanceled, Refunded { all: true }) => Canceled,
            (Done, DepositTakenBack) => WaitingForDeposit,
            (Ready | WaitingForDeposit, Closed) => Canceled,
            (Ready | WaitingForDeposit, TimeUp) => Expired,
            (from, turn) => {
                return Err(Refused::Illegal {
                    from,
                    turn: turn.name(),
                });
            }
        })
    }

    /// The shopper can do nothing more and nothing is outstanding at a PG.
    pub fn settled(self) -> bool {
        matches!(
            self,
            State::Done | State::PartialCanceled | State::Canceled | State::Aborted | State::Expired
        )
    }

    /// The shop has the money, or some of it.
    pub fn paid(self) -> bool {
        matches!(self, State::Done | State::PartialCanceled)
    }

    /// As the API and the database spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Ready => "READY",
            State::InProgress => "IN_PROGRESS",
            State::Confirming => "CONFIRMING",
            State::WaitingForDeposit => "WAITING_FOR_DEPOSIT",
            State::Done => "DONE",
            State::PartialCanceled => "PARTIAL_CANCELED",
            State::Canceled => "CANCELED",
            State::Aborted => "ABORTED",
            State::Expired => "EXPIRED",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for State {
    type Err = ();

    fn from_str(text: &str) -> Result<State, ()> {
        State::ALL.into_iter().find(|state| state.as_str() == text).ok_or(())
    }
}

impl Turn {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Turn::Agreed => "agreed",
            Turn::OutcomeUnknown => "outcome unknown",
            Turn::DepositAwaited => "deposit awaited",
            Turn::Paid => "paid",
            Turn::Declined { .. } => "declined",
            Turn::Refunded { .. } => "refunded",
            Turn::DepositTakenBack => "deposit taken back",
            Turn::Closed => "closed by the shop",
            Turn::TimeUp => "time is up",
        }
    }
}

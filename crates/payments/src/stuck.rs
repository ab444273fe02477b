//! What will not end by itself, or has not for long: a person's work list.

use vocabulary::{Money, Timestamp};

use crate::todo::{ASKS_BEFORE_ALARM, DEPOSIT_ALARM};
use crate::{About, Attempt, AttemptState, Cancel, CancelState, Payment, Receipt, ReceiptState};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StuckKind {
    /// An approve without an answer: the shopper may have been charged.
    ApproveUnknown,
    /// A refund without an answer: money may have gone back.
    CancelUnknown,
    /// The PG holds money it should not, and does not give it back.
    HeldNotReturned,
    /// As before, and it is a deposit: it goes back only to an account that the shop has to name.
    HeldWithoutAccount,
    /// A virtual account whose time was over long ago, and of which the PG says that it still waits.
    AccountNotEnded,
    /// A cash receipt that says more than was paid, or of which it is not known whether it was issued.
    ReceiptUnclear,
}

impl StuckKind {
    pub const ALL: [StuckKind; 6] = [
        StuckKind::ApproveUnknown,
        StuckKind::CancelUnknown,
        StuckKind::HeldNotReturned,
        StuckKind::HeldWithoutAccount,
        StuckKind::AccountNotEnded,
        StuckKind::ReceiptUnclear,
    ];

    /// As the API spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            StuckKind::ApproveUnknown => "APPROVE_UNKNOWN",
            StuckKind::CancelUnknown => "CANCEL_UNKNOWN",
            StuckKind::HeldNotReturned => "HELD_NOT_RETURNED",
            StuckKind::HeldWithoutAccount => "HELD_WITHOUT_ACCOUNT",
            StuckKind::AccountNotEnded => "ACCOUNT_NOT_ENDED",
            StuckKind::ReceiptUnclear => "RECEIPT_UNCLEAR",
        }
    }
}

/// One thing a person should look into, with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    pub kind: StuckKind,
    pub about: About,
    /// When that attempt, cancel or receipt began.
    pub since: Timestamp,
    /// What may be charged, given back or held.
    pub at_stake: Money,
    pub asks: u32,
    pub asked_at: Option<Timestamp>,
    pub last_heard: Option<String>,
    /// When it is asked again by itself; `None`: parked, somebody has to ask.
    pub next_at: Option<Timestamp>,
}

impl Payment {
    /// What a person should look into; empty: nothing.
    pub fn stuck(&self) -> Vec<Stuck> {
        let attempts = self.attempts.iter().filter_map(|attempt| self.stuck_attempt(attempt));
        let cancels = self.cancels.iter().filter_map(|cancel| self.stuck_cancel(cancel));
        let receipt = self.receipt.as_ref().and_then(|receipt| self.stuck_receipt(receipt));
        attempts.chain(cancels).chain(receipt).collect()
    }

    /// Since when a person should look; `None`: nobody has to.
    pub fn attention_at(&self) -> Option<Timestamp> {
        self.stuck().iter().map(|stuck| stuck.since).min()
    }

    /// For the alarm and the work list.
    pub fn needs_a_person(&self) -> bool {
        !self.stuck().is_empty()
    }

    fn stuck_attempt(&self, attempt: &Attempt) -> Option<Stuck> {
        let asked_often = attempt.asks >= ASKS_BEFORE_ALARM;
        let ended = |looked| looked >= self.account_ends(attempt) + DEPOSIT_ALARM;
        let kind = match attempt.state {
            AttemptState::Unknown if asked_often => StuckKind::ApproveUnknown,
            AttemptState::Voiding if attempt.needs_refund_account() => StuckKind::HeldWithoutAccount,
            AttemptState::Voiding if asked_often => StuckKind::HeldNotReturned,
            AttemptState::Waiting if attempt.asked_at.is_some_and(ended) => StuckKind::AccountNotEnded,
            _ => return None,
        };
        let refused = attempt.failure.as_ref().map(|failure| failure.reason.to_string());
        Some(Stuck {
            kind,
            about: About::Attempt(attempt.id),
            since: attempt.opened_at,
            at_stake: attempt.amount_at_pg.unwrap_or(self.order.amount),
            asks: attempt.asks,
            asked_at: attempt.asked_at,
            last_heard: attempt.last_heard.clone().or(refused),
            next_at: self.asked_next(About::Attempt(attempt.id)),
        })
    }

    fn stuck_cancel(&self, cancel: &Cancel) -> Option<Stuck> {
        (cancel.state == CancelState::Unknown && cancel.asks >= ASKS_BEFORE_ALARM).then(|| Stuck {
            kind: StuckKind::CancelUnknown,
            about: About::Cancel(cancel.id),
            since: cancel.requested_at,
            at_stake: cancel.amount(),
            asks: cancel.asks,
            asked_at: cancel.asked_at,
            last_heard: cancel.last_heard.clone(),
            next_at: self.asked_next(About::Cancel(cancel.id)),
        })
    }

    fn stuck_receipt(&self, receipt: &Receipt) -> Option<Stuck> {
        let unclear = match receipt.state {
            ReceiptState::Issued => {
                self.receipt_excess().is_some() && (receipt.failure.is_some() || receipt.asks >= ASKS_BEFORE_ALARM)
            }
            // Money went back, and whether there is a receipt for it only the shop can find out.
            ReceiptState::Requested => self.balance().is_ok_and(|left| left != receipt.amount),
            ReceiptState::Refused | ReceiptState::Canceled => false,
        };
        unclear.then(|| Stuck {
            kind: StuckKind::ReceiptUnclear,
            about: About::Receipt,
            since: receipt.asked_at.unwrap_or(self.created_at),
            at_stake: receipt.amount,
            asks: receipt.asks,
            asked_at: receipt.asked_at,
            last_heard: receipt.failure.as_ref().map(|failure| failure.reason.to_string()),
            next_at: self.asked_next(About::Receipt),
        })
    }

    fn asked_next(&self, about: About) -> Option<Timestamp> {
        self.question(about).and_then(|question| question.due)
    }
}

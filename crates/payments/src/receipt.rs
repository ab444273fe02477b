use std::fmt;
use std::str::FromStr;

use vocabulary::pg::{CashReceipt, CashReceiptKind};
use vocabulary::{AttemptId, Failure, Method, Money, Timestamp};

use crate::{Attempt, Now, Payment, Refused, Step, Told};

/// A cash receipt (현금영수증) asked for after the payment. To whom it is made out is passed on, not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub kind: CashReceiptKind,
    /// The attempt whose PG account issues it.
    pub attempt: AttemptId,
    pub state: ReceiptState,
    /// What it is over, less the parts taken back; of one taken back whole, what that was.
    pub amount: Money,
    pub requested_at: Timestamp,
    pub issued: Option<CashReceipt>,
    /// What the PG is asked to take back of it, from the first question to its answer.
    pub taking_back: Option<TakingBack>,
    pub asked_at: Option<Timestamp>,
    pub asks: u32,
    /// As [`crate::Attempt::asking`].
    pub asking: bool,
    pub failure: Option<Failure>,
}

/// One taking back; a repeat of it is the same to the PG.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakingBack {
    pub amount: Money,
    pub since: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReceiptState {
    /// The PG was asked. To whom it is made out is not kept, so nobody but the shop can ask again: with
    /// the same idempotency key, or with a new one once nobody is asking any more.
    Requested,
    Issued,
    Refused,
    /// Taken back whole, because the money went back.
    Canceled,
}

impl ReceiptState {
    const ALL: [ReceiptState; 4] = [
        ReceiptState::Requested,
        ReceiptState::Issued,
        ReceiptState::Refused,
        ReceiptState::Canceled,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            ReceiptState::Requested => "REQUESTED",
            ReceiptState::Issued => "ISSUED",
            ReceiptState::Refused => "REFUSED",
            ReceiptState::Canceled => "CANCELED",
        }
    }
}

impl fmt::Display for ReceiptState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ReceiptState {
    type Err = ();

    fn from_str(text: &str) -> Result<ReceiptState, ()> {
        ReceiptState::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(())
    }
}

impl Payment {
    pub(crate) fn ask_receipt(&self, kind: CashReceiptKind, now: &Now) -> Result<Step, Refused> {
        let receipt = match &self.receipt {
            // Asked for before, and no answer came: the same request once more, for the PG to answer once. Also
            // after the money went back, for what was issued must then be taken back.
            Some(had) if had.state == ReceiptState::Requested && had.kind == kind && !had.being_asked(now.at) => {
                Receipt {
                    asked_at: Some(now.at),
                    asks: had.asks.saturating_add(1),
                    asking: true,
                    ..had.clone()
                }
            }
            Some(had) if matches!(had.state, ReceiptState::Requested | ReceiptState::Issued) => {
                return Err(Refused::NoReceiptPossible);
            }
            _ => self.new_receipt(kind, now)?,
        };
        let mut payment = self.clone();
        payment.receipt = Some(receipt);
        Ok(Step::of(payment))
    }

    fn new_receipt(&self, kind: CashReceiptKind, now: &Now) -> Result<Receipt, Refused> {
        let cash = |attempt: &&Attempt| matches!(attempt.method, Method::Transfer | Method::VirtualAccount);
        let attempt = self.paid_by().filter(cash).ok_or(Refused::NoReceiptPossible)?;
        if attempt.cash_receipt.is_some() || !self.state.paid() {
            return Err(Refused::NoReceiptPossible);
        }
        Ok(Receipt {
            kind,
            attempt: attempt.id,
            state: ReceiptState::Requested,
            amount: self.balance()?,
            requested_at: now.at,
            issued: None,
            taking_back: None,
            asked_at: Some(now.at),
            asks: 1,
            asking: true,
            failure: None,
        })
    }

    pub(crate) fn receipt_answered(&self, answer: Result<CashReceipt, Failure>) -> Result<Step, Refused> {
        let mut payment = self.clone();
        let receipt = payment.receipt.as_mut().ok_or(Refused::NoReceiptPossible)?;
        if receipt.state != ReceiptState::Requested {
            return Ok(Step::stay(self));
        }
        receipt.unasked();
        let told = match answer {
            Ok(issued) => {
                receipt.state = ReceiptState::Issued;
                receipt.issued = Some(issued);
                receipt.failure = None;
                Told::ReceiptIssued
            }
            Err(failure) => {
                receipt.state = ReceiptState::Refused;
                receipt.failure = Some(failure);
                Told::ReceiptFailed
            }
        };
        Ok(Step::of(payment).tell(told))
    }

    /// What an issued receipt says beyond what the shop still has of the payment: the PG must take it back.
    pub(crate) fn receipt_excess(&self) -> Option<Money> {
        let receipt = self.receipt.as_ref()?;
        let excess = match receipt.taking_back {
            Some(begun) => begun.amount,
            None => receipt.amount.checked_sub(self.balance().ok()?).ok()?,
        };
        (receipt.state == ReceiptState::Issued && excess.is_positive()).then_some(excess)
    }

    pub(crate) fn ask_receipt_back(&mut self, now: &Now) -> Result<(), Refused> {
        let amount = self.receipt_excess().ok_or(Refused::NoReceiptPossible)?;
        let receipt = self.receipt.as_mut().ok_or(Refused::NoReceiptPossible)?;
        receipt.taking_back.get_or_insert(TakingBack { amount, since: now.at });
        receipt.asked_at = Some(now.at);
        receipt.asks = receipt.asks.saturating_add(1);
        receipt.asking = true;
        Ok(())
    }

    pub(crate) fn receipt_back_answered(&self, answer: Result<(), Failure>, now: &Now) -> Result<Step, Refused> {
        let mut payment = self.clone();
        let begun = payment.receipt.as_mut().and_then(|receipt| {
            let begun = receipt.taking_back.take()?;
            Some((receipt, begun))
        });
        let Some((receipt, begun)) = begun else {
            return Ok(Step::stay(self));
        };
        match answer {
            Ok(()) if begun.amount == receipt.amount => {
                receipt.state = ReceiptState::Canceled;
                receipt.unasked();
            }
            Ok(()) => {
                receipt.amount = receipt.amount.checked_sub(begun.amount)?;
                receipt.failure = None;
                // What was canceled meanwhile is the next question.
                receipt.unasked();
            }
            Err(failure) => {
                receipt.failure = Some(failure);
                (receipt.asked_at, receipt.asking) = (Some(now.at), false);
            }
        }
        Ok(Step::of(payment))
    }
}

impl Receipt {
    fn unasked(&mut self) {
        (self.asked_at, self.asks, self.asking) = (None, 0, false);
    }

    /// Someone is asking the PG about it at this moment.
    pub fn being_asked(&self, now: Timestamp) -> bool {
        self.asking
            && self
                .asked_at
                .is_some_and(|asked| now < asked + crate::todo::ASKED_LEASE)
    }
}

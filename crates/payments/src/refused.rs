use thiserror::Error;
use vocabulary::{Method, Money, MoneyError};

use crate::{AttemptState, CancelState, OrderError, State};

/// Why a payment does not do what was asked. Nothing changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refused {
    #[error("a payment that is {from} cannot take \"{turn}\"")]
    Illegal { from: State, turn: &'static str },
    #[error("an attempt that is {from} cannot take \"{step}\"")]
    IllegalAttempt { from: AttemptState, step: &'static str },
    #[error("a cancel that is {from} is over")]
    IllegalCancel { from: CancelState },
    #[error("the payment has no such attempt")]
    NoSuchAttempt,
    #[error("the payment has no such cancel")]
    NoSuchCancel,
    #[error("the payment is {0} and cannot be paid any more")]
    Closed(State),
    #[error("the payment expired")]
    Expired,
    #[error("another attempt of this payment is under way")]
    AnotherUnderWay,
    #[error("the payment has used all its attempts")]
    TooManyAttempts,
    #[error("the payment cannot be paid by {0}")]
    MethodNotAllowed(Method),
    #[error("the browser came back with {claimed}, not the payment's amount")]
    ReturnedAmount { claimed: String },
    #[error("the browser came back with another order")]
    ReturnedOrder,
    #[error("the payment is {0}; there is nothing to cancel")]
    NothingToCancel(State),
    #[error("{asked} cannot be canceled: {left} is left")]
    ExceedsPaid { asked: Money, left: Money },
    #[error("{left} is left to cancel, not {expected}")]
    BalanceDiffers { expected: Money, left: Money },
    #[error("the amount to cancel must be above zero")]
    CancelNotPositive,
    #[error("of this amount, the part free of tax cannot be as given")]
    CancelTax,
    #[error("the PG does not cancel this payment in parts")]
    PartialNotAllowed,
    #[error("a deposit that has come is sent back to an account; none was given")]
    RefundAccountNeeded,
    #[error("another cancel is under way")]
    CancelUnderWay,
    #[error("the payment has used all its cancels")]
    TooManyCancels,
    #[error("the payment does not wait for the shop's decision")]
    NotAwaitingShop,
    #[error("a cash receipt needs a payment by transfer or virtual account that is paid and has none yet")]
    NoReceiptPossible,
    #[error(transparent)]
    Order(#[from] OrderError),
    #[error(transparent)]
    Money(#[from] MoneyError),
    #[error(transparent)]
    Unbalanced(#[from] ledger::Unbalanced),
}

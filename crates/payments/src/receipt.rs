use std::fmt;
use std::str::FromStr;

use vocabulary::pg::{CashReceipt, CashReceiptKind};
use vocabulary::{Failure, Money, Timestamp};

/// A cash receipt (현금영수증) asked for after the payment. To whom it is made out is passed on, not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub kind: CashReceiptKind,
    pub state: ReceiptState,
    pub amount: Money,
    pub requested_at: Timestamp,
    pub issued: Option<CashReceipt>,
    pub failure: Option<Failure>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReceiptState {
    /// The PG was asked; without an answer the shop asks again with the same idempotency key.
    Requested,
    Issued,
    Refused,
    /// Taken back, because the payment was canceled.
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

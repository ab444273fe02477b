//! What is bound to go wrong with one payment: read from its order id and amount, or chosen in the window.

use vocabulary::Money;

use super::errors::Code;
use crate::faults::{self, Plan};

#[derive(Debug, Clone, Default)]
pub struct Trouble {
    pub plans: Vec<Plan>,
    /// The approve is refused with this.
    pub refuse: Option<Code>,
}

/// Amounts 900101, 900102, … are authenticated and then refused at the approve with these codes, in this order.
pub const REFUSALS: [Code; 8] = [
    Code::REJECT_CARD_PAYMENT,
    Code::INVALID_CARD_LOST_OR_STOLEN,
    Code::REJECT_CARD_COMPANY,
    Code::PROVIDER_ERROR,
    Code::FDS_ERROR,
    Code::NOT_AVAILABLE_BANK,
    Code::UNKNOWN_PAYMENT_ERROR,
    Code::REJECT_ACCOUNT_PAYMENT,
];

impl Trouble {
    pub fn of(order_id: &str, amount: Money) -> Trouble {
        let mut trouble = Trouble::default();
        trouble.plans.extend(Plan::in_order_id(order_id));
        let by_amount = faults::for_amount(amount.minor);
        trouble.plans.extend(by_amount.map(|fault| Plan {
            operation: None,
            fault,
            left: 1,
        }));
        let index = amount
            .minor
            .checked_sub(900_101)
            .and_then(|index| usize::try_from(index).ok());
        trouble.refuse = index.and_then(|index| REFUSALS.get(index).copied());
        trouble
    }
}

//! What is bound to go wrong with one payment: read from its order id and amount, or chosen in the window.

use super::Code;
use crate::faults::{self, Plan};

#[derive(Debug, Clone, Default)]
pub struct Trouble {
    pub plans: Vec<Plan>,
    /// The approve is refused with this.
    pub refuse: Option<Code>,
}

/// Amounts 900101, 900102, … are authenticated and then refused at the approve with these codes, in this order.
pub const REFUSALS: [Code; 8] = [
    Code::REFUSED_BY_ISSUER,
    Code::CARD_UNUSABLE,
    Code::CARD_NUMBER_WRONG,
    Code::CARD_EXPIRED,
    Code::INSTALMENT_REFUSED,
    Code::OVER_LIMIT,
    Code::ISSUER_AUTHENTICATION,
    Code::ACCOUNT_NUMBER_WRONG,
];

impl Trouble {
    pub fn of(order_id: &str, won: i64) -> Trouble {
        let mut trouble = Trouble::default();
        trouble.plans.extend(Plan::in_order_id(order_id));
        trouble.plans.extend(faults::for_amount(won).map(|fault| Plan {
            operation: None,
            fault,
            left: 1,
        }));
        let index = won.checked_sub(900_101).and_then(|index| usize::try_from(index).ok());
        trouble.refuse = index.and_then(|index| REFUSALS.get(index).copied());
        trouble
    }
}

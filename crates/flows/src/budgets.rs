//! How long a PG account may take. A budget that ends leaves the outcome unknown; it is never a no.

use std::time::Duration;

/// In milliseconds. The connector's own deadlines still hold: a longer budget changes nothing. What one question
/// may take together stays under the lease of whoever asks it (`todo.rs` in crate `payments`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budgets {
    pub approve_ms: u64,
    pub inquire_ms: u64,
    /// Cancels, net cancels and cash receipts.
    pub cancel_ms: u64,
    /// How long a shopper who came back waits for the answer. Then the page says that we are checking; the asking
    /// goes on.
    pub shopper_ms: u64,
}

/// A setting, with the least and the most it may be.
pub struct Bound {
    pub name: &'static str,
    pub min_ms: u64,
    pub max_ms: u64,
}

impl Budgets {
    pub const APPROVE: Bound = Bound {
        name: "approve_ms",
        min_ms: 1_000,
        max_ms: 30_000,
    };
    pub const INQUIRE: Bound = Bound {
        name: "inquire_ms",
        min_ms: 500,
        max_ms: 10_000,
    };
    pub const CANCEL: Bound = Bound {
        name: "cancel_ms",
        min_ms: 1_000,
        max_ms: 30_000,
    };
    pub const SHOPPER: Bound = Bound {
        name: "shopper_ms",
        min_ms: 1_000,
        max_ms: 45_000,
    };

    pub(crate) fn approve(&self) -> Duration {
        Duration::from_millis(self.approve_ms)
    }

    pub(crate) fn inquire(&self) -> Duration {
        Duration::from_millis(self.inquire_ms)
    }

    pub(crate) fn cancel(&self) -> Duration {
        Duration::from_millis(self.cancel_ms)
    }

    pub(crate) fn shopper(&self) -> Duration {
        Duration::from_millis(self.shopper_ms)
    }
}

/// PGs ask for half a minute on what moves money; nobody watches a page for so long.
impl Default for Budgets {
    fn default() -> Budgets {
        Budgets {
            approve_ms: Budgets::APPROVE.max_ms,
            inquire_ms: Budgets::INQUIRE.max_ms,
            cancel_ms: Budgets::CANCEL.max_ms,
            shopper_ms: 20_000,
        }
    }
}

//! Double entry: every movement of money is a posting whose lines sum to zero.
//! Debits are positive, credits negative, in minor units of one currency.

mod account;
mod balance;
mod posting;
mod tax;

pub use account::Account;
pub use balance::{Row, TrialBalance};
pub use posting::{Kind, Line, Posting, Unbalanced, held, held_returned, pg_fee, refund, sale, sale_reversed};
pub use tax::{Tax, TaxError};

#[cfg(test)]
mod tests;

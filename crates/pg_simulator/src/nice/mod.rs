//! NICE Payments, from the PG's side: window, API, notices, faults.

mod merchant;

pub use merchant::Merchant;

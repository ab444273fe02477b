//! The store's scenarios, each on every database this machine has.

mod kit;
mod spine;

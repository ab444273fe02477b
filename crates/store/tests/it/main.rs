//! The store's scenarios, each on every database this machine has.
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

mod books;
mod chain;
mod conflicts;
mod faults;
mod kit;
mod listings;
mod notices;
mod remembered;
mod round_trip;
mod schema;
mod sealed;
mod server_lost;
mod webhooks;

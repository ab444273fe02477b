//! The store's scenarios, each on every database this machine has.

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
mod server_lost;
mod webhooks;

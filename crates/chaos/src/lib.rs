//! The whole server in a simulated world: one seed decides every fault, every delay and every crash, and
//! the same seed gives the same run again, told by the same hash.
//!
//! Real are the router, the use cases, the rules, the connectors, the store with SQLite, and the PGs'
//! simulators. Thought up are the network between them, the disk's failures, the clock, and the people.

// The same crate, built with a clock that only we move.
extern crate tokio_paused as tokio;

mod check;
mod climate;
mod clock;
mod dice;
mod node;
mod order;
mod run;
mod shopper;
mod story;
mod wire;
mod world;

pub use run::{Outcome, run};

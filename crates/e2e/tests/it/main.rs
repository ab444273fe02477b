//! Flows, store, connector and simulated PG together, over real HTTP on loopback, on every database
//! that is there. The clock stands still until a test moves it.

mod books;

mod cancels;
mod clients;
mod deposits;
mod faults;
mod idempotency;
mod kit;
mod paying;
mod unclear;
mod webhooks;

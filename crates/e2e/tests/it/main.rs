//! Flows, store, connector and simulated PG together, over real HTTP on loopback, on every database
//! that is there. The clock stands still until a test moves it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stdout, reason = "seeds and figures are what a bar's run is for")]

mod asking;
mod books;
mod cancels;
mod certificates;
mod clients;
mod crashes;
mod deposits;
mod failover;
mod faults;
mod idempotency;
mod kit;
mod matrix;
mod net_cancel;
mod nice;
mod notice_bar;
mod notices;
mod paying;
mod recovery;
mod size;
mod unclear;
mod webhook_bar;
mod webhooks;

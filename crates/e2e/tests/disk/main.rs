//! Invariants 10 and 12 on a disk that fails: the real program, with `bad_disk` between it and its files.
//!
//! `NARUPAY_CUTS` says how often the power goes (3 in the suite; a release runs 200, see `cargo xtask bar disk`),
//! `NARUPAY_SEED` replays a run's choices.

#![cfg(all(target_os = "linux", target_pointer_width = "64"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stdout, reason = "the seed and what was counted are the run's result")]

mod disk;
mod failing;
#[path = "../crash/load.rs"]
mod load;
mod power;
#[path = "../crash/server.rs"]
mod server;
mod world;

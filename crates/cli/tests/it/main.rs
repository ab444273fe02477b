//! The program as a person or a supervisor runs it: what it prints, how it ends, what survives.
#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it should be")]

mod answers;
mod bench;
mod crash;
mod demo;
mod kit;
mod sight;

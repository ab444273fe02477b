//! The program as a person or a supervisor runs it: what it prints, how it ends, what survives.

mod answers;
mod crash;
mod demo;
mod kit;

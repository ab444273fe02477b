//! What PGs send us. Anyone can knock at that door, so a notice is checked before anything is kept, and
//! believed never: one that may be real only makes us ask the PG.

mod allowance;
mod look;
mod receive;

pub(crate) use allowance::Allowance;
pub use look::work;
pub use receive::{BODY_BYTES_MAX, receive};

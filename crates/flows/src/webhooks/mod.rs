//! What we send shops: every event to every endpoint that wants it, at least once, signed, in order
//! per payment, for days.

mod address;
mod courier;
mod deliver;
mod endpoints;
mod fan_out;
mod sign;

pub use courier::{Carried, Courier, Letter};
pub use deliver::{Sender, deliver, deliver_and_wait};
pub use endpoints::{ENDPOINTS_MAX, create, disable, replay, rotate_secret, update};
pub use fan_out::fan_out;
pub use sign::signature;

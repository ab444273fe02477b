//! The nouns every other crate shares: money, ids, time, secrets, and the few
//! words in which PGs and shops are spoken of. No I/O, no async, rarely changes.

mod chance;
mod failure;
mod id;
mod method;
mod money;
pub mod pg;
mod scope;
mod secret;
mod time;

pub use chance::Chance;
pub use failure::{Failure, Party, Reason};
pub use id::{
    AttemptId, CancelId, DeliveryId, EndpointId, EventId, IdError, NoticeId, PaymentId, PgAccountId, PostingId,
    RequestId, ShopId,
};
pub use method::Method;
pub use money::{Bp, Currency, Money, MoneyError, Round};
pub use scope::{Mode, Scope};
pub use secret::{Digits, Secret};
pub use time::{Clock, Duration, TestClock, Timestamp};

#[cfg(test)]
mod tests;

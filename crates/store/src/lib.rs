//! The only SQL. Rows in, rows out, on SQLite or PostgreSQL; no opinions about payments.
//!
//! Writing goes through [`ChangeSet`]s: all rows that one decision changes, each with what it expects
//! to find. A committer gathers the sets of many callers, writes each table once per group and answers
//! everyone after one durable commit; a set that lost a race fails alone.

mod chain;
mod change;
mod disk;
mod durable;
mod fault;
mod migrate;
mod options;
mod postgres;
mod queue;
mod records;
mod rows;
mod seal;
mod sqlite;
mod stats;
mod store;
mod value;
mod write;

pub use chain::{BrokenLink, ChainReport};
pub use change::ChangeSet;
pub use disk::Disk;
pub use durable::Durability;
pub use fault::{Cause, Conflict, Fault, NotCommitted};
pub use migrate::{Migrated, SchemaState};
pub use options::Options;
pub use records::{
    Delivery, DeliveryState, DeliveryTry, Endpoint, EventRecord, NoticeState, Page, Remembered, RememberedAnswer,
    StoredEvent, StoredNotice,
};
pub use rows::deliveries::DeliveryFilter;
pub use rows::events::EventFilter;
pub use rows::payments::{DuePayment, PaymentFilter};
pub use rows::shops::PgAccount;
pub use stats::{LATENCY_BOUNDS_US, Stats};
pub use store::Store;

/// Most items on a page of any listing.
pub const PAGE_MAX: u32 = 100;

#[cfg(test)]
mod tests;

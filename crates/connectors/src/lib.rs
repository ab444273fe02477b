//! The port to the PGs: one trait, one folder per PG, one registry. A connector translates; it
//! knows no database, no other connector, and decides nothing about money.

mod decimal;
pub mod http;
#[cfg(test)]
mod logged;
pub mod nice;
mod port;
mod registry;
pub mod toss;

pub use port::{
    Approve, Bill, CancelAsk, Capabilities, Connector, EscrowItem, Inquiry, Listed, Listing, Locale, MethodRules,
    NetCancel, Notice, NoticeAnswer, NoticeRefused, ReceiptAnswer, ReceiptAsk, RecordedReceipt, Returned, TaxShare,
    Transaction, TransactionKind, Unsupported, Window,
};
pub use registry::{ConfigError, Outside, PgConfig, connect, known_pgs};

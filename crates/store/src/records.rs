//! What is stored beside payments, in plain fields.

use vocabulary::{
    AttemptId, DeliveryId, EndpointId, EventId, NoticeId, PaymentId, PgAccountId, Scope, Secret, Timestamp,
};

/// Something that happened to a payment, as the shop is told it. Never changed, never deleted;
/// chained to the one before it by hash.
#[derive(Debug, Clone)]
pub struct EventRecord {
    pub id: EventId,
    pub scope: Scope,
    pub payment: PaymentId,
    /// The payment's version after the change: the order of its events.
    pub sequence: u32,
    /// `payment.done` and its like.
    pub kind: &'static str,
    /// JSON, exactly as webhooks carry it.
    pub body: String,
    pub at: Timestamp,
}

#[derive(Debug, Clone)]
pub struct StoredEvent {
    pub id: EventId,
    pub payment: PaymentId,
    pub sequence: u32,
    pub kind: String,
    pub body: String,
    pub at: Timestamp,
}

/// The memory of one `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    pub key: String,
    /// Of the method, path and raw body.
    pub request_hash: [u8; 32],
    /// Short hashes of the body's fields by name, as JSON, to say which one differs.
    pub fields: String,
    /// `None` while the first request is still at work.
    pub answer: Option<RememberedAnswer>,
    /// Until when the one at work may still be at work; after that another may take over.
    pub lease_until: Timestamp,
    /// What the request works on, so that whoever takes over goes on instead of starting again.
    pub subject: String,
    pub created_at: Timestamp,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RememberedAnswer {
    pub status: u16,
    pub body: String,
}

/// Where a shop wants its webhooks.
#[derive(Debug, Clone)]
pub struct Endpoint {
    pub id: EndpointId,
    pub scope: Scope,
    pub url: String,
    /// Event kinds wanted; empty: all.
    pub kinds: Vec<String>,
    /// Signs what is sent; Standard Webhooks `whsec_…`.
    pub secret: Secret<String>,
    /// The secret before the last rotation, still signing until this moment.
    pub old_secret: Option<(Secret<String>, Timestamp)>,
    pub disabled: bool,
    pub version: u32,
    pub created_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    Pending,
    Delivered,
    /// Given up after days; waits for a replay.
    Parked,
}

/// One event on its way to one endpoint.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub id: DeliveryId,
    pub scope: Scope,
    pub endpoint: EndpointId,
    pub event: EventId,
    pub payment: PaymentId,
    pub sequence: u32,
    pub kind: String,
    pub state: DeliveryState,
    /// How often it was sent.
    pub tries: u32,
    /// Of them, before it was last sent again on demand: those count for no wait.
    pub tries_before: u32,
    /// When it may be sent next; while being sent, when another may take it over.
    pub next_at: Timestamp,
    pub created_at: Timestamp,
    pub version: u32,
}

/// One try of a delivery, for the log that the shop sees.
#[derive(Debug, Clone)]
pub struct DeliveryTry {
    pub delivery: DeliveryId,
    /// 1 for the first.
    pub number: u32,
    pub at: Timestamp,
    pub duration_ms: u32,
    /// HTTP status, or `None` when there was no answer.
    pub status: Option<u16>,
    /// Why it failed, or the first 500 characters of the answer.
    pub note: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeState {
    /// Stored and answered; not yet looked into.
    Received,
    Applied,
    /// It came to nothing; the note says why.
    Ignored,
}

/// The newest notice about an attempt that is worth a question to the PG. Only what that takes is kept: the
/// notice itself may hold a refund account or a phone number.
#[derive(Debug, Clone)]
pub struct StoredNotice {
    pub id: NoticeId,
    pub scope: Scope,
    pub pg_account: PgAccountId,
    /// What it is about; an attempt has one at most.
    pub attempt: AttemptId,
    /// Equal for the same notice sent twice.
    pub dedup_key: String,
    /// In the PG's words.
    pub what: String,
    /// It held the secret that only the PG and we know.
    pub proven: bool,
    pub state: NoticeState,
    pub note: String,
    /// How often it was looked into.
    pub tries: u32,
    /// How often the PG had nothing new to say.
    pub quiet: u32,
    pub next_at: Timestamp,
    pub received_at: Timestamp,
    pub version: u32,
}

/// One page of a listing, newest first.
#[derive(Debug, Clone)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Give it back for the next page; `None`: this was the last.
    pub next_cursor: Option<String>,
}

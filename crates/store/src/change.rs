use std::hash::{DefaultHasher, Hash, Hasher};

use payments::{Payment, Step};
use vocabulary::{EventId, Scope, Timestamp};

use crate::rows;
use crate::value::{Value, scope};
use crate::write::{Op, W};
use crate::{Delivery, DeliveryTry, Endpoint, EventRecord, Remembered, RememberedAnswer, StoredNotice};

/// All that one decision changes: saved together or not at all. Built, then handed to
/// [`crate::Store::commit`]; what it expects of the rows it changes travels with it.
///
/// A set changes a row at most once, though it may change one that it also makes: PostgreSQL applies
/// all changes of one kind together, so a second change would not find the first.
#[derive(Debug)]
pub struct ChangeSet {
    pub(crate) scope: Scope,
    pub(crate) ops: Vec<Op>,
    /// Hashes of the guarded keys it touches.
    pub(crate) keys: Vec<u64>,
}

impl ChangeSet {
    pub fn new(scope: Scope) -> ChangeSet {
        ChangeSet {
            scope,
            ops: Vec::new(),
            keys: Vec::new(),
        }
    }

    /// Nothing to save.
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    /// A payment as decided on `before`; `None` when it is new. Saved with version `before.version + 1`
    /// (1 when new), refused with [`crate::Conflict::Payment`] if someone saved that version first.
    /// A step that changed nothing adds nothing.
    pub fn payment(&mut self, before: Option<&Payment>, step: &Step) {
        if step.changed {
            self.touch("payment", step.payment.id.uuid().as_bytes());
            if before.is_none() {
                self.touch("order", step.payment.order.id.as_str().as_bytes());
            }
            rows::payments::ops(self, before, step);
        }
    }

    /// An event and its place in the outbox.
    pub fn event(&mut self, event: EventRecord) {
        rows::events::ops(self, event);
    }

    /// Takes an event's body away for good, when the person it names asks for it. The chain stays whole: it
    /// holds a salted digest, of which nobody can guess the body. Refused with [`crate::Conflict::Id`] if there
    /// is no such event.
    pub fn erase_event(&mut self, event: EventId) {
        self.touch("event", event.uuid().as_bytes());
        let op = crate::chain::erase(self.scope, event);
        self.add(op);
    }

    /// The first request with an idempotency key; refused with [`crate::Conflict::Key`] if it is not.
    pub fn remember(&mut self, remembered: Remembered) {
        self.touch("key", remembered.key.as_bytes());
        let op = rows::remembered::insert(self.scope, remembered);
        self.add(op);
    }

    /// The answer to a remembered request; refused with [`crate::Conflict::Answer`] if it has one.
    pub fn answer(&mut self, key: &str, answer: RememberedAnswer) {
        self.touch("key", key.as_bytes());
        let op = rows::remembered::answer(self.scope, key, answer);
        self.add(op);
    }

    /// Takes over a remembered request whose lease ran out; refused with [`crate::Conflict::Answer`]
    /// if it was answered or taken over first.
    pub fn take_over(&mut self, key: &str, old_lease: Timestamp, new_lease: Timestamp) {
        self.touch("key", key.as_bytes());
        let op = rows::remembered::take_over(self.scope, key, old_lease, new_lease);
        self.add(op);
    }

    /// A webhook endpoint, new or changed. It is never deleted, only disabled: its deliveries refer to it.
    pub fn endpoint(&mut self, before: Option<&Endpoint>, after: &Endpoint) {
        self.touch("endpoint", after.id.uuid().as_bytes());
        let op = rows::endpoints::op(before, after);
        self.add(op);
    }

    /// Takes an event out of the outbox and puts its deliveries in; refused with
    /// [`crate::Conflict::FannedOut`] if someone did so first.
    pub fn fan_out(&mut self, event: EventId, deliveries: Vec<Delivery>) {
        self.touch("outbox", event.uuid().as_bytes());
        let mut key = scope(self.scope).to_vec();
        key.push(event.uuid().into());
        self.add(Op {
            write: W::OutboxDelete,
            values: key,
        });
        for delivery in &deliveries {
            let op = rows::deliveries::insert(delivery);
            self.add(op);
        }
    }

    /// A delivery as it is after a try, or when it is claimed, parked or sent again.
    pub fn delivery(&mut self, before: &Delivery, after: &Delivery, tried: Option<DeliveryTry>) {
        self.touch("delivery", after.id.uuid().as_bytes());
        let op = rows::deliveries::update(before, after);
        self.add(op);
        if let Some(tried) = tried {
            let op = rows::deliveries::tried(self.scope, tried);
            self.add(op);
        }
    }

    /// The first notice about an attempt; refused with [`crate::Conflict::NoticeKnown`] if there was one before.
    pub fn notice(&mut self, notice: StoredNotice) {
        self.touch("notice", notice.attempt.uuid().as_bytes());
        let op = rows::notices::insert(notice);
        self.add(op);
    }

    /// A notice that was looked into or put off, or in whose place a newer one came; refused with
    /// [`crate::Conflict::Notice`] if someone did so first.
    pub fn notice_changed(&mut self, before: &StoredNotice, after: &StoredNotice) {
        self.touch("notice", after.attempt.uuid().as_bytes());
        let op = rows::notices::update(before, after);
        self.add(op);
    }

    pub(crate) fn add(&mut self, op: Op) {
        self.ops.push(op);
    }

    /// Adds a row whose values begin with the scope.
    pub(crate) fn add_scoped(&mut self, write: W, values: impl IntoIterator<Item = Value>) {
        let values = scope(self.scope).into_iter().chain(values).collect();
        self.add(Op { write, values });
    }

    /// Notes a guarded key. Two different keys that hash alike only wait for each other needlessly.
    pub(crate) fn touch(&mut self, what: &'static str, key: &[u8]) {
        let mut hasher = DefaultHasher::new();
        (self.scope, what, key).hash(&mut hasher);
        self.keys.push(hasher.finish());
    }

    /// In the order in which tables are written.
    pub(crate) fn arrange(&mut self) {
        self.ops.sort_by_key(|op| op.write);
        self.keys.sort_unstable();
        self.keys.dedup();
    }
}

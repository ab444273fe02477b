//! Webhooks in: verified, taken in once, answered at once, and listed for the operator.

use std::collections::VecDeque;

use vocabulary::Timestamp;

use crate::naru::EventBody;
use crate::orders::{Heard, OrderId};
use crate::webhook::{self, Forged, Headers};
use crate::{Desk, Shop};

/// What the shop made of a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    TakenIn,
    /// Told before, or overtaken by something newer.
    Stale,
    /// A sum or currency the order did not ask for.
    Strange,
    /// Signed by NaruPay, about a payment this server knows nothing of.
    NotOurs,
    /// Signed by NaruPay, in a shape this shop does not read.
    NotUnderstood,
    Forged(Forged),
}

/// A line in the operator's list.
#[derive(Debug, Clone)]
pub struct Received {
    pub at: Timestamp,
    /// As the header said; cut to `SHOWN_CHARS_MAX`.
    pub id: String,
    pub kind: String,
    pub order: String,
    pub version: Option<u64>,
    pub verdict: Verdict,
}

/// The sender's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Thanks,
    BadSignature,
    /// No secret yet: let it come again.
    NotReady,
}

/// The latest webhooks, newest first, and the ids already taken in.
#[derive(Default)]
pub struct Inbox {
    received: VecDeque<Received>,
    seen: VecDeque<String>,
}

const RECEIVED_MAX: usize = 200;
const SEEN_MAX: usize = 1_000;
const SHOWN_CHARS_MAX: usize = 60;

impl Inbox {
    pub fn received(&self) -> impl Iterator<Item = &Received> {
        self.received.iter()
    }

    /// False when it was seen before.
    fn first_time(&mut self, id: &str) -> bool {
        if self.seen.iter().any(|seen| seen == id) {
            return false;
        }
        self.seen.push_front(String::from(id));
        self.seen.truncate(SEEN_MAX);
        true
    }

    fn list(&mut self, line: Received) {
        self.received.push_front(line);
        self.received.truncate(RECEIVED_MAX);
    }
}

impl Shop {
    pub(crate) fn receive(&self, headers: Headers<'_>, body: &[u8]) -> Answer {
        let now = self.now();
        let Some(secret) = self.webhook_secret() else {
            return Answer::NotReady;
        };
        let mut line = Received {
            at: now,
            id: headers.id.chars().take(SHOWN_CHARS_MAX).collect(),
            kind: String::new(),
            order: String::new(),
            version: None,
            verdict: Verdict::NotUnderstood,
        };
        let verified = webhook::verify(&secret, headers, body, now);
        let event = verified.map(|()| serde_json::from_slice::<EventBody>(body));
        let order = match event {
            Err(forged) => {
                tracing::warn!(webhook.id = line.id, %forged, "a webhook was not believed");
                line.verdict = Verdict::Forged(forged);
                None
            }
            Ok(Err(error)) => {
                tracing::warn!(webhook.id = line.id, %error, "a webhook was not understood");
                None
            }
            Ok(Ok(event)) => {
                line.kind = event.kind.clone();
                line.order = event.data.order_id.clone();
                line.version = Some(event.data.version);
                let order = OrderId::parse(&event.data.order_id);
                line.verdict = self.take_in(headers.id, order.as_ref(), event);
                order
            }
        };
        let believed = !matches!(line.verdict, Verdict::Forged(_));
        self.desk().inbox.list(line);
        if let Some(order) = order {
            self.decide_if_asked(&order);
        }
        if believed { Answer::Thanks } else { Answer::BadSignature }
    }

    fn take_in(&self, id: &str, order: Option<&OrderId>, event: EventBody) -> Verdict {
        let mut desk = self.desk();
        let Desk {
            shelf, orders, inbox, ..
        } = &mut *desk;
        if !inbox.first_time(id) {
            return Verdict::Stale;
        }
        let Some(order) = order.and_then(|order| orders.get_mut(order)) else {
            return Verdict::NotOurs;
        };
        match order.hear(event.data, shelf) {
            Heard::News => Verdict::TakenIn,
            Heard::Stale => Verdict::Stale,
            Heard::Strange => Verdict::Strange,
        }
    }
}

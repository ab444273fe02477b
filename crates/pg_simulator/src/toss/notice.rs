//! What the PG tells a merchant. Source: "웹훅 이벤트", "웹훅 연결" (2026-06).

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use vocabulary::{Duration, Timestamp};

use super::payment::{Payment, Status};
use super::wire::Reader;
use super::{Lang, calendar, wire};
use crate::faults::{WRONG_BY, dates};
use crate::notices::{Message, Schedule};

/// Seven more tries, over almost four days.
pub const SCHEDULE: Schedule = Schedule {
    after_minutes: &[1, 4, 16, 64, 256, 1024, 4096],
    answer_within: Duration::seconds(10),
};

/// A snapshot of the payment at the moment of the change.
pub struct StatusChanged {
    pub payment: Arc<Payment>,
    pub at: Timestamp,
    pub public_url: Arc<str>,
    /// The PG's clock is off.
    pub skewed: bool,
}

/// Only for virtual accounts. Has neither `eventType` nor `data`.
pub struct DepositCallback {
    pub payment: Arc<Payment>,
    pub at: Timestamp,
    pub skewed: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct StatusChangedBody<'a> {
    event_type: &'static str,
    created_at: String,
    data: wire::Payment<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DepositCallbackBody<'a> {
    created_at: String,
    secret: &'a str,
    status: &'static str,
    transaction_key: &'a str,
    order_id: &'a str,
}

impl Message for StatusChanged {
    fn request(&self, transmission: &str, retried: usize, now: Timestamp) -> (Bytes, Vec<(&'static str, String)>) {
        let reader = Reader {
            lang: Lang::Ko,
            now: self.at,
            public_url: &self.public_url,
        };
        let body = StatusChangedBody {
            event_type: "PAYMENT_STATUS_CHANGED",
            created_at: calendar::without_offset(self.at),
            data: reader.payment(&self.payment),
        };
        (written(&body, self.skewed), headers(transmission, retried, now))
    }

    fn forged(&self) -> Option<Arc<dyn Message>> {
        Some(Arc::new(StatusChanged {
            payment: forged(&self.payment),
            at: self.at,
            public_url: self.public_url.clone(),
            skewed: self.skewed,
        }))
    }

    fn label(&self) -> (&'static str, &str) {
        ("PAYMENT_STATUS_CHANGED", &self.payment.order_id)
    }
}

impl Message for DepositCallback {
    fn request(&self, transmission: &str, retried: usize, now: Timestamp) -> (Bytes, Vec<(&'static str, String)>) {
        let body = DepositCallbackBody {
            created_at: calendar::without_offset(self.at),
            secret: &self.payment.secret,
            status: self.payment.status.as_str(),
            transaction_key: self.payment.last_transaction.as_deref().unwrap_or_default(),
            order_id: &self.payment.order_id,
        };
        (written(&body, self.skewed), headers(transmission, retried, now))
    }

    fn forged(&self) -> Option<Arc<dyn Message>> {
        Some(Arc::new(DepositCallback {
            payment: forged(&self.payment),
            at: self.at,
            skewed: self.skewed,
        }))
    }

    fn label(&self) -> (&'static str, &str) {
        ("DEPOSIT_CALLBACK", &self.payment.order_id)
    }
}

/// What somebody who would gain by it might claim: paid what waits, canceled what is paid, another amount. The
/// secret is a guess.
fn forged(payment: &Payment) -> Arc<Payment> {
    let mut claimed = payment.clone();
    claimed.status = match payment.status {
        Status::Done | Status::PartialCanceled => Status::Canceled,
        _ => Status::Done,
    };
    claimed.total.minor += WRONG_BY;
    claimed.balance.minor = if claimed.status == Status::Done {
        claimed.total.minor
    } else {
        0
    };
    claimed.secret = format!("ps_{}", "0".repeat(payment.secret.len().saturating_sub(3)));
    Arc::new(claimed)
}

fn written(body: &impl Serialize, skewed: bool) -> Bytes {
    let body = json(body);
    if skewed { dates::skewed(&body) } else { body }
}

fn headers(transmission: &str, retried: usize, now: Timestamp) -> Vec<(&'static str, String)> {
    vec![
        ("content-type", "application/json".to_owned()),
        ("tosspayments-webhook-transmission-time", now.in_korea()),
        ("tosspayments-webhook-transmission-retried-count", retried.to_string()),
        ("tosspayments-webhook-transmission-id", transmission.to_owned()),
    ]
}

pub fn json(body: &impl Serialize) -> Bytes {
    // Our bodies have text keys and finite numbers, so this cannot fail.
    serde_json::to_vec(body).map(Bytes::from).unwrap_or_default()
}

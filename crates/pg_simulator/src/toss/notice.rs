//! What the PG tells a merchant. Source: "웹훅 이벤트", "웹훅 연결" (2026-06).

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use vocabulary::{Duration, Timestamp};

use super::payment::Payment;
use super::wire::Reader;
use super::{Lang, calendar, wire};
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
}

/// Only for virtual accounts. Has neither `eventType` nor `data`.
pub struct DepositCallback {
    pub payment: Arc<Payment>,
    pub at: Timestamp,
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
        (json(&body), headers(transmission, retried, now))
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
        (json(&body), headers(transmission, retried, now))
    }

    fn label(&self) -> (&'static str, &str) {
        ("DEPOSIT_CALLBACK", &self.payment.order_id)
    }
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

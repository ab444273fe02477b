//! What a PG would say, made by hand.

use vocabulary::pg::{Means, Refunded, Report, Standing, VirtualAccount};
use vocabulary::{AttemptId, Money, Timestamp};

pub(super) fn report(id: AttemptId, standing: Standing, amount: Money, balance: Money) -> Report {
    Report {
        pg_key: format!("key-{id}"),
        pg_order_id: id.to_string(),
        standing,
        amount,
        balance,
        method: None,
        means: Means::Unknown,
        approved_at: None,
        cancels: Vec::new(),
        notice_secret: None,
        receipt_url: None,
        cash_receipt: None,
        partial_cancel_allowed: true,
    }
}

pub(super) fn account(due_at: Option<Timestamp>, expired: bool) -> Means {
    Means::VirtualAccount(VirtualAccount {
        bank: "우리".to_owned(),
        number: "6505-1".to_owned(),
        holder: "가게".to_owned(),
        due_at,
        depositor: None,
        expired,
    })
}

pub(super) fn line(key: &str, amount: Money) -> Refunded {
    Refunded {
        pg_key: key.to_owned(),
        amount,
        at: Timestamp::from_seconds(1),
        reason: "at the PG".to_owned(),
    }
}

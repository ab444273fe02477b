//! What Toss booked in a span of time. Source: "거래 조회" (2026-06).

use std::time::Duration;

use serde::Deserialize;
use vocabulary::{Currency, Money, Timestamp};

use super::client::{self, Call};
use super::{Toss, map, refusal, said};
use crate::decimal::Decimal;
use crate::{Listed, Listing, Transaction, TransactionKind};

/// The manual warns that it may take so long.
const DEADLINE: Duration = Duration::from_secs(60);
const LINES_PER_PAGE: usize = 1_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    transaction_key: String,
    payment_key: String,
    order_id: String,
    status: String,
    transaction_at: String,
    currency: String,
    amount: Decimal,
}

impl Toss {
    pub(super) async fn list(&self, ask: &Listing) -> Listed {
        let after = match ask.cursor.as_deref().map(client::segment) {
            Some(None) => return Listed::Unknown("the cursor is not one".into()),
            Some(Some(key)) => format!("&startingAfter={key}"),
            None => String::new(),
        };
        let path = format!(
            "/v1/transactions?startDate={}&endDate={}&limit={LINES_PER_PAGE}{after}",
            korean(ask.from),
            korean(ask.until)
        );
        let call = Call {
            name: "listing",
            attempt: None,
            about: "transactions",
            path,
            deadline: DEADLINE,
        };
        let body = match self.client.get(&self.config, call).await {
            Ok(body) => body,
            Err(problem) => {
                return Listed::Unknown(match refusal(problem) {
                    Ok(failure) => said(&failure),
                    Err(text) => text,
                });
            }
        };
        match serde_json::from_slice::<Vec<Line>>(&body) {
            Ok(lines) => page(&lines, ask),
            Err(error) => Listed::Unknown(format!("the list cannot be read: {error}")),
        }
    }
}

fn page(lines: &[Line], ask: &Listing) -> Listed {
    let next = lines.last().filter(|_| lines.len() >= LINES_PER_PAGE);
    let next = next.map(|line| line.transaction_key.clone());
    if next.is_some() && next == ask.cursor {
        return Listed::Unknown("the list does not go on".into());
    }
    let mut read = Vec::with_capacity(lines.len());
    for line in lines {
        match transaction(line) {
            // Toss's end is inclusive, and to the second.
            Some(line) if (ask.from..ask.until).contains(&line.at) && line.amount.is_positive() => read.push(line),
            Some(_) => {}
            None => {
                return Listed::Unknown(format!(
                    "the line {} cannot be read",
                    map::clean(&line.transaction_key, 80)
                ));
            }
        }
    }
    Listed::Page { lines: read, next }
}

fn transaction(line: &Line) -> Option<Transaction> {
    let currency: Currency = line.currency.parse().ok()?;
    let amount = line.amount.money(currency)?;
    let back = amount.minor < 0 || matches!(line.status.as_str(), "CANCELED" | "PARTIAL_CANCELED");
    Some(Transaction {
        pg_key: line.payment_key.clone(),
        pg_order_id: line.order_id.clone(),
        kind: if back {
            TransactionKind::Cancel
        } else {
            TransactionKind::Payment
        },
        amount: Money::new(amount.minor.checked_abs()?, currency),
        at: map::time(&line.transaction_at)?,
    })
}

/// Toss takes Korean time without an offset.
fn korean(at: Timestamp) -> String {
    at.in_korea().chars().take("2026-11-25T10:15:00".len()).collect()
}

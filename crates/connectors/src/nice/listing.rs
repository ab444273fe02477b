//! What NICE booked, day by day: `GET /v1/transactions`, a beta of the English manual.

use vocabulary::{Duration, Money};

use super::client::{self, Call, well_formed_key};
use super::map::{self, ORDER_ID_CHARS_MAX, TID_CHARS_MAX};
use super::{Nice, refusal, said, wire};
use crate::{Listed, Listing, Transaction, TransactionKind};

/// The most NICE gives at once.
const PAGE_LINES_MAX: usize = 500;

impl Nice {
    /// One page of one Korean day. The cursor is that day and NICE's sequence in it.
    pub(super) async fn list(&self, ask: &Listing) -> Listed {
        let first = compact(ask.from);
        let (day, sequence) = match ask.cursor.as_deref() {
            None => (first, None),
            Some(cursor) => match place_of(cursor) {
                Some(place) => place,
                None => return Listed::Unknown("the cursor is not one of ours".into()),
            },
        };
        if ask.from >= ask.until {
            return Listed::Page {
                lines: Vec::new(),
                next: None,
            };
        }
        let from = sequence.map_or(String::new(), |sequence| format!("&startingSequence={sequence}"));
        let call = Call {
            name: "list",
            attempt: None,
            about: &day,
            path: format!("/v1/transactions?date={day}{from}&limit={PAGE_LINES_MAX}"),
            deadline: client::INQUIRY_DEADLINE,
        };
        let body = match self.client.get(&self.config, call).await {
            Ok(body) => body,
            Err(problem) => {
                let text = refusal(problem).map_or_else(|text| text, |failure| said(&failure));
                return Listed::Unknown(format!("the list was not given: {text}"));
            }
        };
        page(ask, &day, sequence, &body).unwrap_or_else(Listed::Unknown)
    }
}

fn page(ask: &Listing, day: &str, sequence: Option<u64>, body: &[u8]) -> Result<Listed, String> {
    let answer: wire::Transactions =
        serde_json::from_slice(body).map_err(|error| format!("the answer is not a list ({})", map::place(&error)))?;
    let mut lines = Vec::new();
    for line in answer.transactions {
        let line = transaction(line)?;
        if line.at >= ask.from && line.at < ask.until {
            lines.push(line);
        }
    }
    let more = answer.pagination.filter(|pagination| pagination.has_more == Some(true));
    let next = match more {
        Some(pagination) => {
            // It must go on, or we would ask for ever.
            let goes_on = |next: &u64| sequence.is_none_or(|before| *next > before);
            let next = pagination.next_sequence.filter(goes_on);
            Some(format!(
                "{day}:{}",
                next.ok_or("the list does not say where it goes on")?
            ))
        }
        None => next_day(day)?.filter(|next| *next <= compact(ask.until - Duration::micros(1))),
    };
    Ok(Listed::Page { lines, next })
}

fn transaction(line: wire::Transaction) -> Result<Transaction, String> {
    let kind = match line.transaction_status.as_str() {
        "paid" => TransactionKind::Payment,
        "canceled" | "cancelled" | "partialCancelled" | "partialCanceled" => TransactionKind::Cancel,
        other => return Err(format!("the status {} is new to us", map::clean(other, 40))),
    };
    if line.currency.as_deref().is_some_and(|currency| currency != "KRW") {
        return Err("a line is not in won".into());
    }
    let amount = map::won(line.amount).and_then(|amount| amount.minor.checked_abs());
    let pg_key = line.original_tid.filter(|tid| !tid.is_empty()).unwrap_or(line.tid);
    if !well_formed_key(&pg_key, TID_CHARS_MAX) || !well_formed_key(&line.order_id, ORDER_ID_CHARS_MAX) {
        return Err("a line's tid or order id is not one".into());
    }
    Ok(Transaction {
        pg_key,
        pg_order_id: line.order_id,
        kind,
        amount: Money::krw(
            amount
                .filter(|won| *won > 0)
                .ok_or("a line's sum is no amount of won")?,
        ),
        at: map::time(&line.transaction_at).ok_or("a line's time cannot be read")?,
    })
}

fn compact(at: vocabulary::Timestamp) -> String {
    at.korean_date().replace('-', "")
}

fn place_of(cursor: &str) -> Option<(String, Option<u64>)> {
    let (day, sequence) = match cursor.split_once(':') {
        Some((day, sequence)) => (day, Some(sequence.parse().ok()?)),
        None => (cursor, None),
    };
    next_day(day).ok()?;
    Some((day.to_owned(), sequence))
}

fn next_day(day: &str) -> Result<Option<String>, String> {
    let date = Some(day).filter(|day| day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit()));
    let date = date
        .and_then(|day| jiff::civil::Date::strptime("%Y%m%d", day).ok())
        .ok_or("the day is not one")?;
    Ok(date.tomorrow().ok().map(|next| next.strftime("%Y%m%d").to_string()))
}

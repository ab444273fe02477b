use std::borrow::Cow;

use payments::{Attempt, AttemptState};
use serde::{Deserialize, Serialize};
use vocabulary::pg::Means;
use vocabulary::{AttemptId, Method, PgAccountId, Scope, Secret, Timestamp};

use super::detail::{FailureJson, MeansJson, MoneyJson, Text, from_json, is_false, is_zero, to_json, word};
use super::receipt_detail::CashReceiptJson;
use crate::Fault;
use crate::seal::{Place, Sealer};
use crate::value::Value;

#[derive(Serialize, Deserialize)]
struct AttemptJson<'a> {
    id: Text<'a>,
    pg_account: Text<'a>,
    method: Text<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    instalment_months: Option<u8>,
    state: Text<'a>,
    opened_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pg_key: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked_at: Option<i64>,
    #[serde(default, skip_serializing_if = "is_zero")]
    asks: u32,
    #[serde(default, skip_serializing_if = "is_false")]
    undoing: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    asking: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    amount_at_pg: Option<MoneyJson<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    approved_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    means: Option<MeansJson<'a>>,
    #[serde(default, skip_serializing_if = "is_false")]
    partial_cancel_allowed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    receipt_url: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cash_receipt: Option<CashReceiptJson<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    notice_secret: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_heard: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure: Option<FailureJson<'a>>,
}

pub(crate) fn encode(attempt: &Attempt) -> String {
    let secret = attempt.notice_secret.as_ref();
    to_json(&AttemptJson {
        id: attempt.id.to_string().into(),
        pg_account: attempt.pg_account.to_string().into(),
        method: attempt.method.as_str().into(),
        kind: attempt.kind.as_deref().map(Cow::from),
        instalment_months: attempt.instalment_months,
        state: attempt.state.as_str().into(),
        opened_at: attempt.opened_at.as_micros(),
        pg_key: attempt.pg_key.as_deref().map(Cow::from),
        asked_at: attempt.asked_at.map(Timestamp::as_micros),
        asks: attempt.asks,
        undoing: attempt.undoing,
        asking: attempt.asking,
        amount_at_pg: attempt.amount_at_pg.map(MoneyJson::from),
        approved_at: attempt.approved_at.map(Timestamp::as_micros),
        means: MeansJson::of(&attempt.means),
        partial_cancel_allowed: attempt.partial_cancel_allowed,
        receipt_url: attempt.receipt_url.as_deref().map(Cow::from),
        cash_receipt: attempt.cash_receipt.as_ref().map(CashReceiptJson::from),
        notice_secret: secret.map(|secret| secret.reveal_for("storing an attempt").as_str().into()),
        last_heard: attempt.last_heard.as_deref().map(Cow::from),
        failure: attempt.failure.as_ref().map(FailureJson::from),
    })
}

/// Seals the one secret in an encoded attempt; the rest is for everyone who may read the database.
pub(crate) fn seal(sealer: &Sealer, place: &Place, text: &str) -> Result<String, Fault> {
    // Most have none, and reading them would cost more than sealing does.
    if !text.contains("\"notice_secret\"") {
        return Ok(text.to_owned());
    }
    let mut json: AttemptJson = from_json("an attempt", text)?;
    let Some(secret) = &json.notice_secret else {
        return Ok(text.to_owned());
    };
    json.notice_secret = Some(sealer.seal(place, secret)?.into());
    Ok(to_json(&json))
}

/// Where an attempt's secret lies; `key` is the payment's id and the attempt's position.
pub(crate) fn place(scope: Scope, key: &[Value]) -> Place<'_> {
    Place {
        table: "attempts",
        column: "detail",
        scope,
        row: key,
    }
}

pub(crate) fn decode(sealer: &Sealer, place: &Place, text: &str) -> Result<Attempt, Fault> {
    let json: AttemptJson = from_json("an attempt", text)?;
    let notice_secret = match &json.notice_secret {
        Some(sealed) => Some(Secret::new(sealer.open(place, sealed)?)),
        None => None,
    };
    Ok(Attempt {
        id: word::<AttemptId>(&json.id)?,
        pg_account: word::<PgAccountId>(&json.pg_account)?,
        method: word::<Method>(&json.method)?,
        kind: json.kind.map(Cow::into_owned),
        instalment_months: json.instalment_months,
        state: word::<AttemptState>(&json.state)?,
        opened_at: Timestamp::from_micros(json.opened_at),
        pg_key: json.pg_key.map(Cow::into_owned),
        asked_at: json.asked_at.map(Timestamp::from_micros),
        asks: json.asks,
        undoing: json.undoing,
        asking: json.asking,
        amount_at_pg: json.amount_at_pg.map(|money| money.money()).transpose()?,
        approved_at: json.approved_at.map(Timestamp::from_micros),
        means: json.means.map_or(Means::Unknown, MeansJson::means),
        partial_cancel_allowed: json.partial_cancel_allowed,
        receipt_url: json.receipt_url.map(Cow::into_owned),
        cash_receipt: json.cash_receipt.map(CashReceiptJson::receipt).transpose()?,
        notice_secret,
        last_heard: json.last_heard.map(Cow::into_owned),
        failure: json.failure.map(FailureJson::failure).transpose()?,
    })
}

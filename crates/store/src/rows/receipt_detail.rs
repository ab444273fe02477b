use std::borrow::Cow;

use payments::{Receipt, ReceiptState, TakingBack};
use serde::{Deserialize, Serialize};
use vocabulary::pg::{CashReceipt, CashReceiptKind};
use vocabulary::{AttemptId, Timestamp};

use super::detail::{FailureJson, MoneyJson, Text, is_false, is_zero, word};
use crate::Fault;

#[derive(Serialize, Deserialize)]
pub(crate) struct CashReceiptJson<'a> {
    kind: Text<'a>,
    pg_key: Text<'a>,
    issue_number: Text<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<Text<'a>>,
    amount: MoneyJson<'a>,
}

pub(crate) fn receipt_kind(kind: CashReceiptKind) -> &'static str {
    match kind {
        CashReceiptKind::IncomeDeduction => "INCOME_DEDUCTION",
        CashReceiptKind::ExpenseProof => "EXPENSE_PROOF",
    }
}

pub(crate) fn parse_receipt_kind(text: &str) -> Result<CashReceiptKind, Fault> {
    match text {
        "INCOME_DEDUCTION" => Ok(CashReceiptKind::IncomeDeduction),
        "EXPENSE_PROOF" => Ok(CashReceiptKind::ExpenseProof),
        other => Err(Fault::corrupt(format!("the cash receipt kind {other:?}"))),
    }
}

impl<'a> From<&'a CashReceipt> for CashReceiptJson<'a> {
    fn from(receipt: &'a CashReceipt) -> CashReceiptJson<'a> {
        CashReceiptJson {
            kind: receipt_kind(receipt.kind).into(),
            pg_key: receipt.pg_key.as_str().into(),
            issue_number: receipt.issue_number.as_str().into(),
            url: receipt.url.as_deref().map(Cow::from),
            amount: receipt.amount.into(),
        }
    }
}

impl CashReceiptJson<'_> {
    pub fn receipt(self) -> Result<CashReceipt, Fault> {
        Ok(CashReceipt {
            kind: parse_receipt_kind(&self.kind)?,
            pg_key: self.pg_key.into_owned(),
            issue_number: self.issue_number.into_owned(),
            url: self.url.map(Cow::into_owned),
            amount: self.amount.money()?,
        })
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct ReceiptJson<'a> {
    kind: Text<'a>,
    attempt: Text<'a>,
    state: Text<'a>,
    amount: MoneyJson<'a>,
    requested_at: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issued: Option<CashReceiptJson<'a>>,
    /// An amount, and since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    taking_back: Option<(MoneyJson<'a>, i64)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    asked_at: Option<i64>,
    #[serde(default, skip_serializing_if = "is_zero")]
    asks: u32,
    #[serde(default, skip_serializing_if = "is_false")]
    asking: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure: Option<FailureJson<'a>>,
}

impl<'a> From<&'a Receipt> for ReceiptJson<'a> {
    fn from(receipt: &'a Receipt) -> ReceiptJson<'a> {
        ReceiptJson {
            kind: receipt_kind(receipt.kind).into(),
            attempt: receipt.attempt.to_string().into(),
            state: receipt.state.as_str().into(),
            amount: receipt.amount.into(),
            requested_at: receipt.requested_at.as_micros(),
            issued: receipt.issued.as_ref().map(CashReceiptJson::from),
            taking_back: receipt
                .taking_back
                .map(|begun| (begun.amount.into(), begun.since.as_micros())),
            asked_at: receipt.asked_at.map(Timestamp::as_micros),
            asks: receipt.asks,
            asking: receipt.asking,
            failure: receipt.failure.as_ref().map(FailureJson::from),
        }
    }
}

impl ReceiptJson<'_> {
    pub fn receipt(self) -> Result<Receipt, Fault> {
        let taking_back = self.taking_back.map(|(amount, since)| {
            Ok::<TakingBack, Fault>(TakingBack {
                amount: amount.money()?,
                since: Timestamp::from_micros(since),
            })
        });
        Ok(Receipt {
            kind: parse_receipt_kind(&self.kind)?,
            attempt: word::<AttemptId>(&self.attempt)?,
            state: word::<ReceiptState>(&self.state)?,
            amount: self.amount.money()?,
            requested_at: Timestamp::from_micros(self.requested_at),
            issued: self.issued.map(CashReceiptJson::receipt).transpose()?,
            taking_back: taking_back.transpose()?,
            asked_at: self.asked_at.map(Timestamp::from_micros),
            asks: self.asks,
            asking: self.asking,
            failure: self.failure.map(FailureJson::failure).transpose()?,
        })
    }
}

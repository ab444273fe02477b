//! NICE's JSON, spelt as its manual spells it. Fields are added there without notice, so unknown ones are
//! passed over. What decides about money is read strictly; what only describes is left out when it is not
//! as documented (the manual's tables and examples differ in types), rather than making a payment unreadable.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use crate::decimal::Decimal;

/// What every answer begins with. HTTP 200 says nothing.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Head {
    pub(super) result_code: String,
    #[serde(default, deserialize_with = "loose")]
    pub(super) result_msg: Option<String>,
}

/// The answer of all payment calls, and the body of a notice.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payment {
    pub(super) tid: String,
    pub(super) order_id: String,
    pub(super) status: String,
    pub(super) amount: Decimal,
    pub(super) balance_amt: Decimal,
    #[serde(default)]
    pub(super) cancels: Option<Vec<Cancel>>,
    #[serde(default)]
    pub(super) cancelled_tid: Option<String>,
    #[serde(default)]
    pub(super) currency: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) result_code: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) result_msg: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) edi_date: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) signature: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) paid_at: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) pay_method: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) approve_no: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) receipt_url: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) buyer_tel: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) card: Option<Card>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) bank: Option<Bank>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) vbank: Option<VirtualAccount>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) cash_receipts: Option<Vec<CashReceipt>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cancel {
    pub(super) tid: String,
    pub(super) amount: Decimal,
    pub(super) cancelled_at: String,
    #[serde(default, deserialize_with = "loose")]
    pub(super) reason: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Card {
    #[serde(default, deserialize_with = "loose")]
    pub(super) card_code: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) card_name: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) card_num: Option<String>,
    /// A number in the examples, a text in the table.
    #[serde(default, deserialize_with = "loose")]
    pub(super) card_quota: Option<Word>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) is_interest_free: Option<Word>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) can_part_cancel: Option<Word>,
}

/// A value of which the manual is not sure whether it is a text.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Word {
    Text(String),
    Number(u64),
    Bool(bool),
}

impl Word {
    pub(super) fn number(&self) -> Option<u8> {
        match self {
            Word::Text(text) => text.trim().parse().ok(),
            Word::Number(number) => u8::try_from(*number).ok(),
            Word::Bool(_) => None,
        }
    }

    pub(super) fn yes(&self) -> Option<bool> {
        match self {
            Word::Bool(yes) => Some(*yes),
            Word::Text(text) => text.trim().parse().ok(),
            Word::Number(_) => None,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bank {
    #[serde(default, deserialize_with = "loose")]
    pub(super) bank_code: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) bank_name: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VirtualAccount {
    pub(super) vbank_number: String,
    #[serde(default, deserialize_with = "loose")]
    pub(super) vbank_code: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) vbank_name: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) vbank_exp_date: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) vbank_holder: Option<String>,
}

/// Of a payment.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CashReceipt {
    pub(super) receipt_tid: String,
    pub(super) amount: Decimal,
    pub(super) receipt_type: String,
    #[serde(default, deserialize_with = "loose")]
    pub(super) status: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) issue_no: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) receipt_url: Option<String>,
}

/// The answer of the cash-receipt calls.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Receipt {
    pub(super) tid: String,
    pub(super) order_id: String,
    #[serde(default, deserialize_with = "loose")]
    pub(super) approve_no: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) edi_date: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) signature: Option<String>,
    /// Of a cancel.
    #[serde(default)]
    pub(super) cancel_amt: Option<Decimal>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccessToken {
    pub(super) access_token: String,
    /// The table's spelling and the example's.
    #[serde(default, alias = "expiredAt", deserialize_with = "loose")]
    pub(super) expire_at: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Transactions {
    #[serde(default, deserialize_with = "loose")]
    pub(super) pagination: Option<Pagination>,
    pub(super) transactions: Vec<Transaction>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pagination {
    #[serde(default, deserialize_with = "loose")]
    pub(super) next_sequence: Option<u64>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) has_more: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Transaction {
    /// The table's spelling beside the right one.
    #[serde(default, alias = "originlTid")]
    pub(super) original_tid: Option<String>,
    pub(super) tid: String,
    pub(super) order_id: String,
    #[serde(default)]
    pub(super) currency: Option<String>,
    pub(super) amount: Decimal,
    pub(super) transaction_status: String,
    pub(super) transaction_at: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Signed {
    pub(super) edi_date: String,
    pub(super) sign_data: String,
    pub(super) return_char_set: &'static str,
}

#[derive(Serialize)]
pub(super) struct Approve {
    pub(super) amount: i64,
    #[serde(flatten)]
    pub(super) signed: Signed,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CancelBody<'a> {
    pub(super) reason: &'a str,
    pub(super) order_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cancel_amt: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tax_free_amt: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refund_account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refund_bank_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refund_holder: Option<&'a str>,
    #[serde(flatten)]
    pub(super) signed: Signed,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NetCancelBody<'a> {
    pub(super) order_id: &'a str,
    #[serde(flatten)]
    pub(super) signed: Signed,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IssueReceipt<'a> {
    pub(super) order_id: &'a str,
    pub(super) amount: i64,
    pub(super) goods_name: &'a str,
    pub(super) receipt_type: &'static str,
    pub(super) receipt_no: &'a str,
    #[serde(flatten)]
    pub(super) parts: Parts,
    #[serde(flatten)]
    pub(super) signed: Signed,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CancelReceipt<'a> {
    pub(super) order_id: &'a str,
    pub(super) reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cancel_amt: Option<i64>,
    #[serde(flatten)]
    pub(super) parts: Option<Parts>,
    #[serde(flatten)]
    pub(super) signed: Signed,
}

/// Of a cash receipt's sum, in won; they add up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parts {
    pub(super) supply_amt: i64,
    pub(super) goods_vat: i64,
    pub(super) tax_free_amt: i64,
    pub(super) service_amt: i64,
}

#[derive(Serialize)]
pub(super) struct Nothing {}

/// `null`, missing, or of another shape than `T`: all are nothing.
pub(super) fn loose<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let raw = Option::<&RawValue>::deserialize(deserializer)?;
    Ok(raw.and_then(|raw| serde_json::from_str(raw.get()).ok()))
}

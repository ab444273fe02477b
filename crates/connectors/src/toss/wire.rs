//! Toss's JSON, spelt as its manual spells it. Fields are added there without a new version,
//! so unknown ones are passed over. What decides about money is read strictly; what only
//! describes is left out when it is not as documented, rather than making a payment unreadable.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use crate::decimal::{Decimal, Major};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payment {
    pub(super) payment_key: String,
    pub(super) order_id: String,
    pub(super) status: String,
    pub(super) currency: String,
    pub(super) total_amount: Decimal,
    pub(super) balance_amount: Decimal,
    #[serde(default)]
    pub(super) cancels: Option<Vec<Cancel>>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) version: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) last_transaction_key: Option<String>,
    /// What versions before 2022-11-16 call `lastTransactionKey`.
    #[serde(default, deserialize_with = "loose")]
    pub(super) transaction_key: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) method: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) approved_at: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) is_partial_cancelable: Option<bool>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) card: Option<Card>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) virtual_account: Option<VirtualAccount>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) transfer: Option<Transfer>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) mobile_phone: Option<MobilePhone>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) easy_pay: Option<EasyPay>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) cash_receipt: Option<CashReceipt>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) failure: Option<ErrorBody>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) secret: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) receipt: Option<Link>,
}

impl Payment {
    pub(super) fn newest_transaction(&self) -> Option<&str> {
        self.last_transaction_key.as_deref().or(self.transaction_key.as_deref())
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Cancel {
    pub(super) cancel_amount: Decimal,
    pub(super) transaction_key: String,
    pub(super) canceled_at: String,
    #[serde(default, deserialize_with = "loose")]
    pub(super) cancel_reason: Option<String>,
    /// `DONE`; overseas easy pay also `IN_PROGRESS` and `ABORTED`. Missing in older answers.
    #[serde(default)]
    pub(super) cancel_status: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Card {
    #[serde(default, deserialize_with = "loose")]
    pub(super) issuer_code: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) number: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) installment_plan_months: Option<u8>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) is_interest_free: Option<bool>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) approve_no: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VirtualAccount {
    pub(super) account_number: String,
    #[serde(default, deserialize_with = "loose")]
    pub(super) bank_code: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) customer_name: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) depositor_name: Option<String>,
    /// With and without an offset, see the manual's text and its examples.
    #[serde(default, deserialize_with = "loose")]
    pub(super) due_date: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) expired: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Transfer {
    #[serde(default, deserialize_with = "loose")]
    pub(super) bank_code: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MobilePhone {
    #[serde(default, deserialize_with = "loose")]
    pub(super) customer_mobile_phone: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct EasyPay {
    #[serde(default, deserialize_with = "loose")]
    pub(super) provider: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Link {
    #[serde(default, deserialize_with = "loose")]
    pub(super) url: Option<String>,
}

/// In a payment, and as the answer of the cash-receipt calls.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CashReceipt {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) receipt_key: String,
    pub(super) amount: Decimal,
    #[serde(default, deserialize_with = "loose")]
    pub(super) issue_number: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) receipt_url: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) order_id: Option<String>,
    /// Of the calls only: `IN_PROGRESS`, `COMPLETED`, `FAILED`.
    #[serde(default, deserialize_with = "loose")]
    pub(super) issue_status: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    pub(super) failure: Option<ErrorBody>,
}

/// What every answer with a status other than 2xx holds.
#[derive(Debug, Deserialize)]
pub(super) struct ErrorBody {
    pub(super) code: String,
    #[serde(default, deserialize_with = "loose")]
    pub(super) message: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Confirm<'a> {
    pub(super) payment_key: &'a str,
    pub(super) order_id: &'a str,
    pub(super) amount: Major,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CancelBody<'a> {
    pub(super) cancel_reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cancel_amount: Option<Major>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refund_receive_account: Option<RefundReceiveAccount<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tax_free_amount: Option<Major>,
    pub(super) currency: &'static str,
    /// Toss refuses the cancel when this is not what is left.
    pub(super) refundable_amount: Major,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RefundReceiveAccount<'a> {
    pub(super) bank: &'a str,
    pub(super) account_number: &'a str,
    pub(super) holder_name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct IssueReceipt<'a> {
    pub(super) amount: Major,
    pub(super) order_id: &'a str,
    pub(super) order_name: &'a str,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) customer_identity_number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tax_free_amount: Option<Major>,
}

#[derive(Serialize)]
pub(super) struct CancelReceipt {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) amount: Option<Major>,
}

/// `null`, missing, or of another shape than `T`: all are nothing.
pub(super) fn loose<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let raw = Option::<&RawValue>::deserialize(deserializer)?;
    Ok(raw.and_then(|raw| serde_json::from_str(raw.get()).ok()))
}

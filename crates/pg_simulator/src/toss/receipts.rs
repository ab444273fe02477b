//! Cash receipts issued by themselves, without a payment here. The tax office answers a day later.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde::Serialize;
use vocabulary::{Duration, Money, Timestamp};

use super::amount::Amount;
use super::errors::Code;
use super::payment::ReceiptKind;
use super::wire::Reader;
use super::words::receipt_kind;

/// The oldest make room beyond this.
const RECEIPTS_MAX: usize = 50_000;
/// Source: cash receipt guide, "1~2일".
const TAX_OFFICE_TAKES: Duration = Duration::days(1);
/// Whoever asks for a receipt under this number is refused by the tax office, later.
const UNKNOWN_TO_TAX_OFFICE: &str = "0000000000";

#[derive(Clone)]
pub struct Receipt {
    pub key: String,
    pub mid: Arc<str>,
    pub issue_number: String,
    pub kind: ReceiptKind,
    pub order_id: String,
    pub order_name: String,
    pub identity: String,
    pub amount: Money,
    pub tax_free: Money,
    pub at: Timestamp,
    /// The receipt this one takes back.
    pub cancels: Option<String>,
}

#[derive(Default)]
pub struct Receipts {
    by_age: VecDeque<Receipt>,
    canceled: HashMap<String, Money>,
}

impl Receipts {
    pub fn add(&mut self, receipt: Receipt) {
        self.by_age.push_back(receipt);
        if self.by_age.len() > RECEIPTS_MAX
            && let Some(oldest) = self.by_age.pop_front()
        {
            self.canceled.remove(&oldest.key);
        }
    }

    /// Takes back `amount`, or what is left, of the merchant's receipt.
    pub fn cancel(
        &mut self,
        mid: &str,
        key: &str,
        amount: Option<Money>,
        new_key: String,
        now: Timestamp,
    ) -> Result<Receipt, Code> {
        let is_it = |receipt: &&Receipt| receipt.key == key && receipt.mid.as_ref() == mid && receipt.cancels.is_none();
        let original = self.by_age.iter().rev().find(is_it).cloned().ok_or(Code::NOT_FOUND)?;
        let gone = self
            .canceled
            .get(key)
            .copied()
            .unwrap_or(Money::zero(original.amount.currency));
        let left = original.amount.minor - gone.minor;
        let amount = amount.unwrap_or(Money::new(left, original.amount.currency));
        if left == 0 {
            return Err(Code::ALREADY_CANCELED_PAYMENT);
        }
        if amount.minor <= 0 || amount.minor > left {
            return Err(Code::NOT_CANCELABLE_AMOUNT);
        }
        self.canceled
            .insert(key.to_owned(), Money::krw(gone.minor + amount.minor));
        let whole = amount == original.amount;
        let tax_free = if whole {
            original.tax_free
        } else {
            Money::zero(amount.currency)
        };
        let cancels = Some(key.to_owned());
        let cancel = Receipt {
            key: format!("c_{new_key}"),
            amount,
            tax_free,
            at: now,
            cancels,
            ..original
        };
        self.add(cancel.clone());
        Ok(cancel)
    }

    /// The merchant's receipts of one Korean day, oldest first, with their place for the cursor.
    pub fn of_day<'a>(&'a self, mid: &'a str, day: &'a str) -> impl Iterator<Item = &'a Receipt> {
        self.by_age
            .iter()
            .filter(move |receipt| receipt.mid.as_ref() == mid && receipt.at.korean_date() == day)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct View<'a> {
    receipt_key: &'a str,
    issue_number: &'a str,
    issue_status: &'static str,
    amount: Amount,
    tax_free_amount: Amount,
    order_id: &'a str,
    order_name: &'a str,
    r#type: &'static str,
    transaction_type: &'static str,
    business_number: &'static str,
    customer_identity_number: &'a str,
    failure: Option<Failure>,
    requested_at: String,
    receipt_url: String,
}

#[derive(Serialize)]
struct Failure {
    code: &'static str,
    message: &'static str,
}

impl Receipt {
    pub fn view<'a>(&'a self, reader: &Reader) -> View<'a> {
        let answered = reader.now >= self.at + TAX_OFFICE_TAKES;
        let refused = answered && self.identity == UNKNOWN_TO_TAX_OFFICE;
        View {
            receipt_key: &self.key,
            issue_number: &self.issue_number,
            issue_status: match (answered, refused) {
                (false, _) => "IN_PROGRESS",
                (true, false) => "COMPLETED",
                (true, true) => "FAILED",
            },
            amount: Amount(self.amount),
            tax_free_amount: Amount(self.tax_free),
            order_id: &self.order_id,
            order_name: &self.order_name,
            r#type: reader.lang.pick(receipt_kind(self.kind)),
            transaction_type: if self.cancels.is_some() { "CANCEL" } else { "CONFIRM" },
            business_number: "1234567890",
            customer_identity_number: &self.identity,
            failure: refused.then_some(Failure {
                code: "NTS_ERROR",
                message: "[TS1] 등록되지 않은 신분확인번호입니다.",
            }),
            requested_at: self.at.in_korea(),
            receipt_url: reader.receipt_url(&self.key),
        }
    }
}

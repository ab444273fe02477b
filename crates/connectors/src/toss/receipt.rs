//! Cash receipts (현금영수증) that stand on their own. Those asked for in the window come with
//! the payment. The tax office's end of it takes a day or two, and is not waited for.

use vocabulary::pg::CashReceipt;
use vocabulary::{Currency, Failure, Money, Reason};

use super::client::{self, Call, NoAnswer, segment};
use super::{Toss, map, refusal, wire};
use crate::decimal::Major;
use crate::{ReceiptAnswer, ReceiptAsk, RecordedReceipt, Unsupported};

const ORDER_NAME_CHARS_MAX: usize = 100;
const ONLY_WON: Unsupported = Unsupported("cash receipts in other currencies than KRW");

impl Toss {
    pub(super) async fn make_receipt(&self, ask: &ReceiptAsk) -> Result<ReceiptAnswer, Unsupported> {
        if ask.amount.currency != Currency::KRW {
            return Err(ONLY_WON);
        }
        let order_name = map::clean(ask.order_name.trim(), ORDER_NAME_CHARS_MAX);
        let body = wire::IssueReceipt {
            amount: Major(ask.amount),
            order_id: &ask.order_id,
            order_name: if order_name.is_empty() {
                &ask.order_id
            } else {
                &order_name
            },
            kind: map::receipt_kind(ask.kind),
            customer_identity_number: ask.made_out_to.reveal_for("toss cash receipt"),
            tax_free_amount: ask.tax_free.is_positive().then_some(Major(ask.tax_free)),
        };
        let call = Call {
            name: "cash receipt",
            attempt: None,
            about: &ask.order_id,
            path: "/v1/cash-receipts".into(),
            deadline: client::RECEIPT_DEADLINE,
        };
        let answer = self.client.post(&self.config, call, &body, &ask.idempotency_key).await;
        Ok(settle(answer, |receipt, order_id| {
            receipt.amount == ask.amount && order_id.is_none_or(|id| id == ask.order_id)
        }))
    }

    pub(super) async fn take_back_receipt(
        &self,
        receipt: &RecordedReceipt,
        amount: Option<Money>,
    ) -> Result<ReceiptAnswer, Unsupported> {
        if amount.is_some_and(|amount| amount.currency != Currency::KRW) {
            return Err(ONLY_WON);
        }
        let Some(segment) = segment(&receipt.pg_key) else {
            return Ok(ReceiptAnswer::No(Failure::ours(Reason::BadRequest)));
        };
        let call = Call {
            name: "cash receipt cancel",
            attempt: None,
            about: &receipt.pg_key,
            path: format!("/v1/cash-receipts/{segment}/cancel"),
            deadline: client::RECEIPT_DEADLINE,
        };
        let body = wire::CancelReceipt {
            amount: amount.map(Major),
        };
        let answer = self
            .client
            .post(&self.config, call, &body, &receipt.idempotency_key)
            .await;
        Ok(settle(answer, |receipt, _| {
            amount.is_none_or(|amount| amount == receipt.amount)
        }))
    }
}

/// `is_ours`: the answer is about what was asked, by its receipt and order id.
fn settle(
    answer: Result<bytes::Bytes, NoAnswer>,
    is_ours: impl Fn(&CashReceipt, Option<&str>) -> bool,
) -> ReceiptAnswer {
    let body = match answer {
        Ok(body) => body,
        Err(problem) => return refusal(problem).map_or_else(ReceiptAnswer::Unknown, ReceiptAnswer::No),
    };
    let receipt: wire::CashReceipt = match serde_json::from_slice(&body) {
        Ok(receipt) => receipt,
        Err(error) => {
            return ReceiptAnswer::Unknown(format!("the answer is not a cash receipt ({})", map::place(&error)));
        }
    };
    if receipt.issue_status.as_deref() == Some("FAILED") {
        let code = receipt
            .failure
            .as_ref()
            .map(|failure| failure.code.as_str())
            .unwrap_or_default();
        let message = receipt
            .failure
            .as_ref()
            .and_then(|failure| failure.message.as_deref())
            .unwrap_or_default();
        return ReceiptAnswer::No(Failure {
            reason: Reason::InvalidDetails,
            pg_code: map::clean(code, map::CODE_CHARS_MAX),
            pg_message: map::clean(message, map::MESSAGE_CHARS_MAX),
        });
    }
    let order_id = receipt.order_id.clone();
    match map::cash_receipt(receipt, Currency::KRW) {
        Some(receipt) if is_ours(&receipt, order_id.as_deref()) => ReceiptAnswer::Issued(receipt),
        Some(_) => ReceiptAnswer::Unknown("the answer is about another cash receipt".into()),
        None => ReceiptAnswer::Unknown("the answer is not a cash receipt as documented".into()),
    }
}

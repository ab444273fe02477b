//! Cash receipts (현금영수증) that stand on their own. The tax office's end of it takes a day or two, and
//! is not waited for.

use vocabulary::pg::{CashReceipt, CashReceiptKind};
use vocabulary::{Currency, Failure, Money, Reason, Round};

use super::client::{self, Call, NoAnswer, segment, well_formed_key};
use super::map::{self, ORDER_ID_CHARS_MAX, TID_CHARS_MAX};
use super::{Nice, refusal, sign, wire};
use crate::{ReceiptAnswer, ReceiptAsk, RecordedReceipt, Unsupported};

const GOODS_NAME_BYTES_MAX: usize = 40;
const ONLY_WON: Unsupported = Unsupported("cash receipts in other currencies than KRW");
/// VAT is a tenth on top: one part in eleven of what includes it.
const VAT_SHARE: i64 = 11;

impl Nice {
    /// The order id is our key: a repeat is refused as a duplicate rather than issued twice, and an order may
    /// have a second receipt after its first was taken back.
    pub(super) async fn make_receipt(&self, ask: &ReceiptAsk) -> Result<ReceiptAnswer, Unsupported> {
        if ask.amount.currency != Currency::KRW {
            return Err(ONLY_WON);
        }
        let Some(parts) = parts(ask.amount, ask.tax_free) else {
            return Ok(ReceiptAnswer::No(Failure::ours(Reason::BadRequest)));
        };
        let order_id = order_id(&ask.idempotency_key);
        let goods_name = map::cut(&ask.order_name, GOODS_NAME_BYTES_MAX);
        let body = wire::IssueReceipt {
            order_id,
            amount: ask.amount.minor,
            goods_name: if goods_name.is_empty() { order_id } else { &goods_name },
            receipt_type: map::receipt_kind(ask.kind),
            receipt_no: ask.made_out_to.reveal_for("nice cash receipt"),
            parts,
            signed: self
                .client
                .signed(&self.config, &[order_id, &ask.amount.minor.to_string()]),
        };
        let call = Call {
            name: "cash receipt",
            attempt: None,
            about: &ask.order_id,
            path: "/v1/receipt".into(),
            deadline: client::RECEIPT_DEADLINE,
        };
        let answer = self.client.post(&self.config, call, &body).await;
        Ok(self.settle(answer, order_id, None, |_| Some((ask.kind, ask.amount))))
    }

    pub(super) async fn take_back_receipt(
        &self,
        receipt: &RecordedReceipt,
        amount: Option<Money>,
    ) -> Result<ReceiptAnswer, Unsupported> {
        if amount.is_some_and(|amount| amount.currency != Currency::KRW) {
            return Err(ONLY_WON);
        }
        let split = amount.map(|amount| parts(amount, Money::krw(0)));
        let (Some(segment), None | Some(Some(_))) = (segment(&receipt.pg_key), split) else {
            return Ok(ReceiptAnswer::No(Failure::ours(Reason::BadRequest)));
        };
        let order_id = order_id(&receipt.idempotency_key);
        let body = wire::CancelReceipt {
            order_id,
            reason: "취소",
            cancel_amt: amount.map(|amount| amount.minor),
            parts: split.flatten(),
            signed: self.client.signed(&self.config, &[&receipt.pg_key]),
        };
        let call = Call {
            name: "cash receipt cancel",
            attempt: None,
            about: &receipt.pg_key,
            path: format!("/v1/receipt/{segment}/cancel"),
            deadline: client::RECEIPT_DEADLINE,
        };
        let answer = self.client.post(&self.config, call, &body).await;
        // For whom it was is not repeated, and nobody asks for it when a receipt is taken back.
        Ok(self.settle(answer, order_id, Some(&receipt.pg_key), |answered| {
            let back = match answered.cancel_amt {
                Some(back) => map::won(back)?,
                None => amount.unwrap_or(Money::krw(0)),
            };
            amount
                .is_none_or(|amount| amount == back)
                .then_some((CashReceiptKind::IncomeDeduction, back))
        }))
    }

    /// `of`: kind and sum of the answer, or `None` when it is not about what was asked. The answer must be signed,
    /// and about the order asked for or, taking back, about the receipt.
    fn settle(
        &self,
        answer: Result<bytes::Bytes, NoAnswer>,
        order_id: &str,
        tid: Option<&str>,
        of: impl Fn(&wire::Receipt) -> Option<(CashReceiptKind, Money)>,
    ) -> ReceiptAnswer {
        let unknown = |what: String| ReceiptAnswer::Unknown(what);
        let body = match answer {
            Ok(body) => body,
            Err(problem) => return refusal(problem).map_or_else(ReceiptAnswer::Unknown, ReceiptAnswer::No),
        };
        let receipt: wire::Receipt = match serde_json::from_slice(&body) {
            Ok(receipt) => receipt,
            Err(error) => return unknown(format!("the answer is not a cash receipt ({})", map::place(&error))),
        };
        let edi_date = receipt.edi_date.as_deref().unwrap_or_default();
        let signature = receipt.signature.as_deref().unwrap_or_default();
        if !sign::verify(
            signature,
            &[&receipt.tid, &receipt.order_id, edi_date],
            &self.config.secret_key,
        ) {
            return unknown("the answer is not signed, or wrongly".into());
        }
        let ours = receipt.order_id == order_id || tid == Some(receipt.tid.as_str());
        let Some((kind, amount)) = of(&receipt).filter(|_| ours) else {
            return unknown("the answer is about another cash receipt".into());
        };
        if !well_formed_key(&receipt.tid, TID_CHARS_MAX) {
            return unknown("the answer's tid is not one".into());
        }
        ReceiptAnswer::Issued(CashReceipt {
            kind,
            amount,
            issue_number: map::clean(receipt.approve_no.as_deref().unwrap_or_default(), 30),
            url: None,
            pg_key: receipt.tid,
        })
    }
}

/// `None`: the tax-free part is not a part of the sum.
pub(super) fn parts(amount: Money, tax_free: Money) -> Option<wire::Parts> {
    let taxed = amount.checked_sub(tax_free).ok().filter(|taxed| taxed.minor >= 0)?;
    let vat = taxed.share(1, VAT_SHARE, Round::HalfUp).ok()?;
    (tax_free.minor >= 0).then_some(wire::Parts {
        supply_amt: taxed.minor - vat.minor,
        goods_vat: vat.minor,
        tax_free_amt: tax_free.minor,
        service_amt: 0,
    })
}

/// Our keys are ASCII and fit; a longer one would still be cut at a letter's end.
fn order_id(key: &str) -> &str {
    key.get(..ORDER_ID_CHARS_MAX).unwrap_or(key)
}

//! What the PG tells a merchant: the payment object as the API answers it, or its fields as a form.
//! Source: the manual's "웹훅"; how often it is repeated is nowhere written, so the schedule is ours.

use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use vocabulary::{Duration, Timestamp};

use super::merchant::NoticeForm;
use super::payment::{Payment, Status};
use super::wire::{self, Reader};
use crate::faults::{CLOCK_SKEW, WRONG_BY};
use crate::notices::{Carried, Message, Schedule};

/// Assumed: five more tries, over about a day. Real shops have the console's button besides.
pub const SCHEDULE: Schedule = Schedule {
    after_minutes: &[1, 10, 60, 360, 1080],
    answer_within: Duration::seconds(10),
};

/// What the body of a right answer contains.
const OK: &[u8] = b"OK";

/// A snapshot of the payment at the moment of the change.
pub struct Changed {
    pub payment: Arc<Payment>,
    pub at: Timestamp,
    pub public_url: Arc<str>,
    pub skewed: bool,
}

impl Message for Changed {
    fn request(&self, _transmission: &str, _retried: usize, _now: Timestamp) -> (Bytes, Vec<(&'static str, String)>) {
        let reader = Reader {
            now: self.at,
            skew: if self.skewed { CLOCK_SKEW } else { Duration::ZERO },
            public_url: &self.public_url,
        };
        let view = reader.payment(&self.payment);
        let (body, kind) = match self.payment.merchant.notice_form {
            NoticeForm::Json => (json(&view), "application/json;charset=utf-8"),
            NoticeForm::Form => (form(&view), "application/x-www-form-urlencoded;charset=utf-8"),
        };
        (body, vec![("content-type", kind.to_owned())])
    }

    fn took(&self, answer: &Carried) -> bool {
        is_ok(answer)
    }

    fn forged(&self) -> Option<Arc<dyn Message>> {
        Some(Arc::new(Changed {
            payment: forged(&self.payment),
            at: self.at,
            public_url: self.public_url.clone(),
            skewed: self.skewed,
        }))
    }

    fn label(&self) -> (&'static str, &str) {
        ("payment", &self.payment.order_id)
    }
}

pub fn is_ok(answer: &Carried) -> bool {
    answer.status == 200 && answer.body.windows(OK.len()).any(|word| word == OK)
}

/// What somebody who would gain by it might claim: paid what waits, cancelled what is paid, another amount. The
/// secret key it is signed with is a guess.
fn forged(payment: &Payment) -> Arc<Payment> {
    let mut claimed = payment.clone();
    claimed.status = match payment.status {
        Status::Paid | Status::PartialCancelled => Status::Cancelled,
        _ => Status::Paid,
    };
    claimed.amount.minor += WRONG_BY;
    claimed.balance.minor = if claimed.status == Status::Paid {
        claimed.amount.minor
    } else {
        0
    };
    let mut merchant = (*payment.merchant).clone();
    merchant.secret_key = "0".repeat(merchant.secret_key.len());
    claimed.merchant = Arc::new(merchant);
    Arc::new(claimed)
}

/// The fields of the client-approval form, empty where they do not apply.
fn form(view: &wire::Payment) -> Bytes {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let card = view.card.as_ref();
    let vbank = view.vbank.as_ref();
    let bank = view.bank.as_ref();
    let of_card = |read: fn(&wire::Card) -> String| card.map(read).unwrap_or_default();
    let pairs = [
        ("success", (view.result_code == "0000").to_string()),
        ("resultCode", view.result_code.to_owned()),
        ("resultMsg", view.result_msg.to_owned()),
        ("tid", view.tid.to_owned()),
        ("cancelledTid", text(view.cancelled_tid)),
        ("orderId", view.order_id.to_owned()),
        ("ediDate", view.edi_date.clone()),
        ("signature", text(view.signature.as_deref())),
        ("status", view.status.to_owned()),
        ("paidAt", view.paid_at.clone()),
        ("failedAt", view.failed_at.clone()),
        ("cancelledAt", view.cancelled_at.clone()),
        ("payMethod", view.pay_method.to_owned()),
        ("amount", view.amount.to_string()),
        ("balanceAmt", view.balance_amt.to_string()),
        ("goodsName", view.goods_name.to_owned()),
        ("mallReserved", text(view.mall_reserved)),
        ("useEscrow", view.use_escrow.to_string()),
        ("currency", view.currency.to_owned()),
        ("channel", view.channel.to_owned()),
        ("approveNo", text(view.approve_no)),
        ("buyerName", text(view.buyer_name)),
        ("buyerTel", text(view.buyer_tel)),
        ("buyerEmail", text(view.buyer_email)),
        ("receiptUrl", text(view.receipt_url.as_deref())),
        ("mallUserId", text(view.mall_user_id)),
        ("issuedCashReceipt", view.issued_cash_receipt.to_string()),
        ("couponAmt", String::new()),
        ("cardCode", of_card(|card| card.card_code.to_owned())),
        ("cardName", of_card(|card| card.card_name.to_owned())),
        ("cardNum", of_card(|card| card.card_num.clone().unwrap_or_default())),
        ("cardQuota", of_card(|card| card.card_quota.to_string())),
        ("isInterestFree", of_card(|card| card.is_interest_free.to_string())),
        ("cardType", of_card(|card| card.card_type.to_owned())),
        ("canPartCancel", of_card(|card| card.can_part_cancel.to_string())),
        ("acquCardCode", of_card(|card| card.acqu_card_code.to_owned())),
        ("acquCardName", of_card(|card| card.acqu_card_name.to_owned())),
        ("vbankCode", text(vbank.map(|vbank| vbank.vbank_code))),
        ("vbankName", text(vbank.map(|vbank| vbank.vbank_name.as_str()))),
        ("vbankNumber", text(vbank.map(|vbank| vbank.vbank_number))),
        ("vbankExpDate", text(vbank.map(|vbank| vbank.vbank_exp_date.as_str()))),
        ("vbankHolder", text(vbank.map(|vbank| vbank.vbank_holder))),
        ("bankCode", text(bank.map(|bank| bank.bank_code))),
        ("bankName", text(bank.map(|bank| bank.bank_name.as_str()))),
    ];
    Bytes::from(
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish(),
    )
}

pub fn json(body: &impl Serialize) -> Bytes {
    // Our bodies have text keys and finite numbers, so this cannot fail.
    serde_json::to_vec(body).map(Bytes::from).unwrap_or_default()
}

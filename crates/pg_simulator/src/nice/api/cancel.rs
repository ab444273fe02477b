//! Cancel, refund and net cancel. Source: the manual's "취소·환불", "망취소".

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use vocabulary::{Digits, Duration, Money, Timestamp};

use super::{Ask, Call, Subject, Verdict, perform};
use crate::faults::Operation;
use crate::nice::fields::Fields;
use crate::nice::payment::{Cancel, Event, Means, NET_CANCEL_WITHIN, Payment, Status};
use crate::nice::{Code, Pg, orgs};

const REASON_BYTES_MAX: usize = 100;
const ORDER_ID_BYTES_MAX: usize = 64;
const HOLDER_BYTES_MAX: usize = 10;
const ACCOUNT_DIGITS_MAX: usize = 16;
const CARD_WITHIN: Duration = Duration::days(365);
const VBANK_WITHIN: Duration = Duration::days(180);
/// Refund accounts whose number ends so belong to somebody else than the holder named: the bank's check fails.
const SOMEBODY_ELSES: &str = "9999";

/// `POST /v1/payments/{tid}/cancel`
pub(crate) async fn cancel(State(pg): State<Pg>, Path(tid): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let ask = Ask {
        operation: Operation::Cancel,
        subject: Subject::Tid(&tid),
        headers: &headers,
    };
    perform(&pg, ask, |call| pg.cancel(call, &tid, &Fields::from_body(&body)?)).await
}

/// `POST /v1/payments/netcancel {orderId}`: within an hour, as if it had never been approved.
pub(crate) async fn net_cancel(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    let fields = Fields::from_body(&body);
    let order_id = fields.as_ref().ok().and_then(|fields| fields.get("orderId"));
    let ask = Ask {
        operation: Operation::NetCancel,
        subject: order_id.map_or(Subject::None, Subject::Order),
        headers: &headers,
    };
    perform(&pg, ask, |call| {
        pg.net_cancel(call, fields.as_ref().map_err(|code| *code)?)
    })
    .await
}

impl Pg {
    fn cancel(&self, call: &Call, tid: &str, fields: &Fields) -> Verdict {
        call.check_signature(fields, &[tid])?;
        let payment = self.with(call.faults.notices, |store, now| {
            let payment = store
                .get(tid, now)
                .filter(|payment| call.owns(payment) && payment.is_transaction())
                .ok_or(Code::NO_TRANSACTION)?;
            let mut cancel = decide(&payment, fields, now)?;
            if is_in_part(&payment, cancel.amount) {
                let used_here = payment.cancels.iter().any(|other| other.order_id == cancel.order_id);
                let used = used_here || store.order_is_taken(&call.merchant.mid, &cancel.order_id, "");
                if used {
                    return Err(Code::ORDER_ID_REUSED);
                }
                cancel.tid = self.fresh_tid(store, &payment.merchant.mid, payment.means.service(), now);
            }
            store.apply(tid, Event::Cancelled(cancel), now)
        })?;
        Ok(call.payment_json(&payment))
    }

    fn net_cancel(&self, call: &Call, fields: &Fields) -> Verdict {
        let order_id = fields.needed("orderId")?;
        call.check_signature(fields, &[order_id])?;
        let payment = self.with(call.faults.notices, |store, now| {
            let payment = store
                .of_order(&call.merchant.mid, order_id, now)
                .filter(|payment| payment.status != Status::Failed)
                .ok_or(Code::NO_TRANSACTION)?;
            match payment.status {
                Status::Ready | Status::Paid => {}
                Status::Cancelled => return Err(Code::ALREADY_CANCELLED),
                _ => return Err(Code::NOT_CANCELLABLE),
            }
            let approved_at = payment.approved_at.ok_or(Code::NO_TRANSACTION)?;
            if now - approved_at > NET_CANCEL_WITHIN {
                return Err(Code::NET_CANCEL_TOO_LATE);
            }
            let all = Cancel {
                tid: payment.tid.to_string(),
                amount: payment.balance,
                tax_free: payment.tax_free,
                left: Money::zero(payment.balance.currency),
                reason: "망취소".to_owned(),
                order_id: order_id.to_owned(),
                at: now,
            };
            store.apply(&payment.tid, Event::Cancelled(all), now)
        })?;
        Ok(call.payment_json(&payment))
    }
}

fn is_in_part(payment: &Payment, amount: Money) -> bool {
    amount != payment.balance || !payment.cancels.is_empty()
}

/// What the cancel comes down to, or why not. Pure.
fn decide(payment: &Payment, fields: &Fields, now: Timestamp) -> Result<Cancel, Code> {
    let reason = fields.needed("reason")?;
    let order_id = fields.needed("orderId")?;
    if reason.len() > REASON_BYTES_MAX || order_id.len() > ORDER_ID_BYTES_MAX {
        return Err(Code::FIELD_TOO_LONG);
    }
    match payment.status {
        Status::Paid | Status::PartialCancelled | Status::Ready => {}
        Status::Cancelled => return Err(Code::ALREADY_CANCELLED),
        Status::Authenticated | Status::Failed | Status::Expired => return Err(Code::NOT_CANCELLABLE),
    }
    // An `amount` is not looked at: the PG's own samples send it and cancel everything.
    let amount = match fields.won("cancelAmt")? {
        Some(won) => Money::new(won, payment.balance.currency),
        None => payment.balance,
    };
    if !amount.is_positive() {
        return Err(Code::NOT_POSITIVE);
    }
    if amount.minor > payment.balance.minor {
        return Err(Code::MORE_THAN_LEFT);
    }
    if is_in_part(payment, amount) {
        allow_in_part(payment)?;
    }
    still_in_time(payment, now)?;
    if matches!(payment.means, Means::Vbank(_)) && payment.paid_at.is_some() {
        check_refund_account(fields)?;
    }
    let left = payment.balance.checked_sub(amount).map_err(|_| Code::AMOUNT_NOT_THAT)?;
    Ok(Cancel {
        tid: payment.tid.to_string(),
        amount,
        tax_free: tax_free_part(payment, fields, amount)?,
        left,
        reason: reason.to_owned(),
        order_id: order_id.to_owned(),
        at: now,
    })
}

fn allow_in_part(payment: &Payment) -> Result<(), Code> {
    if payment.merchant.sandbox {
        Err(Code::SANDBOX_NO_PARTIAL)
    } else if payment.use_escrow {
        Err(Code::ESCROW_NO_PARTIAL)
    } else if payment.status == Status::Ready || matches!(payment.means, Means::Cellphone) {
        Err(Code::NO_PARTIAL_CANCEL)
    } else {
        Ok(())
    }
}

/// How long after the payment each means can be refunded. A phone's bill is closed with its month.
fn still_in_time(payment: &Payment, now: Timestamp) -> Result<(), Code> {
    let Some(paid_at) = payment.paid_at else { return Ok(()) };
    let in_time = match &payment.means {
        Means::Card(_) | Means::EasyPay { .. } => now - paid_at <= CARD_WITHIN,
        Means::Vbank(_) | Means::Bank(_) => now - paid_at <= VBANK_WITHIN,
        Means::Cellphone => {
            let (then, today) = (crate::nice::dates::in_korea(paid_at), crate::nice::dates::in_korea(now));
            (then.year(), then.month()) == (today.year(), today.month())
        }
    };
    if in_time { Ok(()) } else { Err(Code::CANCEL_TOO_LATE) }
}

fn check_refund_account(fields: &Fields) -> Result<(), Code> {
    let number = fields.needed("refundAccount")?;
    let holder = fields.needed("refundHolder")?;
    orgs::bank(fields.needed("refundBankCode")?).ok_or(Code::FIELD_NOT_OF_LIST)?;
    // The shopper's number is looked at and forgotten.
    let digits = Digits::parse(number).ok_or(Code::ACCOUNT_NUMBER_WRONG)?;
    let digits = digits.reveal_for("the bank's check of the account");
    if digits.len() > ACCOUNT_DIGITS_MAX || holder.len() > HOLDER_BYTES_MAX {
        return Err(Code::FIELD_TOO_LONG);
    }
    if digits.ends_with(SOMEBODY_ELSES) {
        return Err(Code::ACCOUNT_NUMBER_WRONG);
    }
    Ok(())
}

/// The tax-free part of this cancel: what was said, or all that is left when nothing else is.
fn tax_free_part(payment: &Payment, fields: &Fields, amount: Money) -> Result<Money, Code> {
    if amount == payment.balance {
        return Ok(payment.tax_free);
    }
    let part = fields.won("taxFreeAmt")?.unwrap_or(0);
    let taxed_left = payment.balance.minor - payment.tax_free.minor;
    let fits = (0..=payment.tax_free.minor.min(amount.minor)).contains(&part);
    if fits && amount.minor - part <= taxed_left {
        Ok(Money::new(part, amount.currency))
    } else {
        Err(Code::TAX_FREE_WRONG)
    }
}

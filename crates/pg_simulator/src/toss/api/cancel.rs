//! Cancel and refund. Source: "결제 취소", "취소 API" (2026-06).

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use serde_json::{Map, Value};
use vocabulary::{Digits, Duration, Money, Timestamp};

use super::{Ask, Call, Subject, Verdict, given, object, perform, text, text_if_given};
use crate::faults::{Operation, WRONG_BY};
use crate::toss::payment::{Cancel, Event, Means, Payment, Status};
use crate::toss::{Code, Pg, amount, calendar, codes, keys};

const REASON_CHARS_MAX: usize = 200;
const HOLDER_CHARS_MAX: usize = 60;
const ACCOUNT_DIGITS_MAX: usize = 20;
/// Refund accounts whose number ends so belong to somebody else than the holder named: the bank's check fails.
const SOMEBODY_ELSES: &str = "9999";

/// `POST /v1/payments/{paymentKey}/cancel`
pub(crate) async fn cancel(State(pg): State<Pg>, Path(key): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    let address = format!("/v1/payments/{key}/cancel");
    let ask = Ask {
        operation: Operation::Cancel,
        subject: Subject::Key(&key),
        headers: &headers,
        address,
    };
    perform(&pg, ask, |call| pg.cancel(call, &key, &object(&body)?)).await
}

impl Pg {
    fn cancel(&self, call: &Call, key: &str, body: &Map<String, Value>) -> Verdict {
        let reason = text(body, "cancelReason")?;
        if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
            return Err(Code::INVALID_REQUEST);
        }
        let transaction = keys::transaction(self.now(), &self.0.chance);
        let payment = self.with(call.faults.notices, |store, now| {
            let payment = store.get(key, now).ok_or(Code::NOT_FOUND_PAYMENT)?;
            call.owns(&payment)?;
            let cancel = decide(&payment, body, reason, transaction, now)?;
            // An account that waits holds nothing of which too little could go back.
            let cancel = if call.faults.wrong_amount && payment.status != Status::WaitingForDeposit {
                mistaken(&payment, cancel)
            } else {
                cancel
            };
            store.apply(key, Event::Canceled(cancel), now)
        })?;
        Ok(call.payment_json(self, &payment))
    }
}

/// Another sum than was asked for: more where there is more to give back, else less.
fn mistaken(payment: &Payment, mut cancel: Cancel) -> Cancel {
    let by = if cancel.left.minor >= WRONG_BY {
        WRONG_BY
    } else {
        -WRONG_BY
    };
    if cancel.amount.minor + by > 0 {
        cancel.amount.minor += by;
        cancel.left.minor = payment.balance.minor - cancel.amount.minor;
    }
    cancel
}

/// What the cancel comes down to, or why not. Pure.
fn decide(
    payment: &Payment,
    body: &Map<String, Value>,
    reason: &str,
    transaction: String,
    now: Timestamp,
) -> Result<Cancel, Code> {
    match payment.status {
        Status::Done | Status::PartialCanceled | Status::WaitingForDeposit => {}
        Status::Canceled => return Err(Code::ALREADY_CANCELED_PAYMENT),
        Status::Ready | Status::InProgress | Status::Aborted | Status::Expired => {
            return Err(Code::NOT_CANCELABLE_PAYMENT);
        }
    }
    let currency = payment.total.currency;
    let named = text_if_given(body, "currency")?;
    if named.is_some_and(|name| name != currency.code()) {
        return Err(Code::INVALID_CURRENCY);
    }
    if let Some(value) = given(body, "refundableAmount") {
        let expected = amount::from_json(value, currency).ok_or(Code::INVALID_REQUEST)?;
        if expected != payment.balance {
            return Err(Code::NOT_MATCHES_REFUNDABLE_AMOUNT);
        }
    }
    let wanted = match given(body, "cancelAmount") {
        Some(value) => amount::from_json(value, currency).ok_or(Code::INVALID_REQUEST)?,
        None => payment.balance,
    };
    if !wanted.is_positive() {
        return Err(Code::INVALID_REFUND_AMOUNT);
    }
    if wanted.minor > payment.balance.minor {
        return Err(Code::NOT_CANCELABLE_AMOUNT);
    }
    let in_part = wanted != payment.balance || !payment.cancels.is_empty();
    if in_part {
        allow_in_part(payment, named)?;
    }
    still_in_time(payment, now)?;
    if payment.virtual_account().is_some() && payment.status != Status::WaitingForDeposit {
        check_refund_account(body)?;
    }
    let left = payment.balance.checked_sub(wanted).map_err(|_| Code::INVALID_REQUEST)?;
    let tax_free = tax_free_part(payment, body, wanted)?;
    let tax_exempt = if left.is_zero() {
        payment.tax_exempt
    } else {
        Money::zero(currency)
    };
    let easy_pay_discount = Money::zero(currency);
    let reason = reason.to_owned();
    Ok(Cancel {
        amount: wanted,
        tax_free,
        tax_exempt,
        left,
        reason,
        at: now,
        transaction,
        easy_pay_discount,
    })
}

fn allow_in_part(payment: &Payment, currency_named: Option<&str>) -> Result<(), Code> {
    if payment.status == Status::WaitingForDeposit {
        return Err(Code::NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT);
    }
    if !payment.cancelable_in_parts() {
        return Err(Code::NOT_ALLOWED_PARTIAL_REFUND);
    }
    let foreign = matches!(payment.means, Some(Means::ForeignEasyPay { .. }));
    if foreign && currency_named.is_none() {
        Err(Code::INVALID_CURRENCY)
    } else {
        Ok(())
    }
}

/// How long after the approve each means can be refunded.
fn still_in_time(payment: &Payment, now: Timestamp) -> Result<(), Code> {
    let Some(approved_at) = payment.approved_at else {
        return Ok(());
    };
    let in_time = match &payment.means {
        Some(Means::Transfer { .. } | Means::ForeignEasyPay { .. }) => now - approved_at <= Duration::days(180),
        Some(Means::VirtualAccount(_)) => now - approved_at <= Duration::days(365),
        Some(Means::Mobile { .. }) => {
            let (then, today) = (calendar::in_korea(approved_at), calendar::in_korea(now));
            (then.year(), then.month()) == (today.year(), today.month())
        }
        _ => true,
    };
    if in_time {
        Ok(())
    } else {
        Err(Code::EXCEED_MAX_REFUND_DUE)
    }
}

fn check_refund_account(body: &Map<String, Value>) -> Result<(), Code> {
    let account = given(body, "refundReceiveAccount").and_then(Value::as_object);
    let account = account.ok_or(Code::INVALID_REFUND_ACCOUNT_INFO)?;
    codes::bank(text(account, "bank")?).ok_or(Code::INVALID_BANK)?;
    let number = text(account, "accountNumber")?;
    // The shopper's number is looked at and forgotten.
    let digits = Digits::parse(number).ok_or(Code::INVALID_REFUND_ACCOUNT_NUMBER)?;
    let digits = digits.reveal_for("the bank's check of the account");
    if digits.len() > ACCOUNT_DIGITS_MAX {
        return Err(Code::INVALID_REFUND_ACCOUNT_NUMBER);
    }
    let holder = text(account, "holderName")?;
    if holder.trim().is_empty() || holder.chars().count() > HOLDER_CHARS_MAX || digits.ends_with(SOMEBODY_ELSES) {
        return Err(Code::INVALID_REFUND_ACCOUNT_INFO);
    }
    Ok(())
}

/// The tax-free part of this cancel: what was said, or all that is left when nothing else is.
fn tax_free_part(payment: &Payment, body: &Map<String, Value>, wanted: Money) -> Result<Money, Code> {
    if wanted == payment.balance {
        return Ok(payment.tax_free);
    }
    let part = match given(body, "taxFreeAmount") {
        Some(value) => amount::from_json(value, wanted.currency).ok_or(Code::INVALID_REQUEST)?,
        None => Money::zero(wanted.currency),
    };
    let taxed_left = payment.balance.minor - payment.tax_free.minor - payment.tax_exempt.minor;
    let fits = part.minor >= 0 && part.minor <= payment.tax_free.minor && part.minor <= wanted.minor;
    if fits && wanted.minor - part.minor <= taxed_left {
        Ok(part)
    } else {
        Err(Code::NOT_CANCELABLE_AMOUNT)
    }
}

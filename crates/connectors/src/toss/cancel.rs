//! Refunds.

use vocabulary::pg::{CancelAnswer, Refunded, Report, Standing};
use vocabulary::{Failure, Money, Reason};

use super::client::{self, Call, segment};
use super::map::{self, Asked, CancelStatus, Unbelieved};
use super::{Toss, refusal, wire};
use crate::CancelAsk;
use crate::decimal::Major;

const REASON_CHARS_MAX: usize = 200;
const HOLDER_CHARS_MAX: usize = 60;

impl Toss {
    pub(super) async fn refund(&self, ask: &CancelAsk) -> CancelAnswer {
        let Some(segment) = segment(&ask.pg_key) else {
            return CancelAnswer::Unknown("the payment key is not one".into());
        };
        let call = Call {
            name: "cancel",
            attempt: Some(&ask.pg_order_id),
            about: &ask.pg_order_id,
            path: format!("/v1/payments/{segment}/cancel"),
            deadline: client::CANCEL_DEADLINE,
        };
        let (reason, holder) = texts(ask);
        match self
            .client
            .post(&self.config, call, &body(ask, &reason, &holder), &ask.idempotency_key)
            .await
        {
            Ok(body) => self.refunded(ask, &body).unwrap_or_else(CancelAnswer::Unknown),
            Err(problem) => match refusal(problem) {
                Ok(failure) => CancelAnswer::No(failure),
                Err(text) => CancelAnswer::Unknown(text),
            },
        }
    }

    fn refunded(&self, ask: &CancelAsk, body: &[u8]) -> Result<CancelAnswer, String> {
        let text = |(Unbelieved::Other(text) | Unbelieved::Unreadable(text))| text;
        let payment = map::payment(
            body,
            &Asked {
                pg_key: Some(&ask.pg_key),
                order_id: &ask.pg_order_id,
            },
        )
        .map_err(text)?;
        self.note_version(payment.version.as_deref());
        let lines = map::cancels(&payment, ask.balance.currency)?;
        let own = payment
            .newest_transaction()
            .and_then(|key| lines.into_iter().find(|(line, _)| line.pg_key == key));
        let report = map::report(payment)?;
        if report.amount.currency != ask.balance.currency {
            return Err(format!(
                "the answer is in {}, the payment in {}",
                report.amount.currency, ask.balance.currency
            ));
        }
        judge(ask, report, own)
    }
}

/// Our own line is the newest transaction's. It must be over our sum; without one, what is left
/// must at least be what we expect.
fn judge(ask: &CancelAsk, report: Report, own: Option<(Refunded, CancelStatus)>) -> Result<CancelAnswer, String> {
    let asked = ask.amount.unwrap_or(ask.balance);
    let refunded = match own {
        Some((_, CancelStatus::Pending)) => return Ok(CancelAnswer::Pending),
        Some((_, CancelStatus::Aborted)) => return Ok(CancelAnswer::No(Failure::ours(Reason::NotCancelable))),
        Some((line, CancelStatus::Done)) if line.amount != asked => {
            return Err(format!(
                "{asked} were to be canceled, and toss lists {} as canceled last",
                line.amount
            ));
        }
        Some((line, CancelStatus::Done)) => Some(line),
        None => None,
    };
    let left = ask.balance.checked_sub(asked).unwrap_or(ask.balance);
    if refunded.is_none() && report.standing != Standing::Canceled && report.balance != left {
        return Err("toss answered as if the cancel went well, but lists none".into());
    }
    Ok(CancelAnswer::Done {
        report: Box::new(report),
        refunded,
    })
}

fn texts(ask: &CancelAsk) -> (String, String) {
    let reason = map::clean(ask.reason.trim(), REASON_CHARS_MAX);
    // Toss wants some reason.
    let reason = if reason.is_empty() { "취소".to_owned() } else { reason };
    let holder = ask
        .refund_account
        .as_ref()
        .map(|account| map::clean(account.holder.trim(), HOLDER_CHARS_MAX));
    (reason, holder.unwrap_or_default())
}

fn body<'a>(ask: &'a CancelAsk, reason: &'a str, holder: &'a str) -> wire::CancelBody<'a> {
    let tax_free: Money = ask.tax.tax_free;
    wire::CancelBody {
        cancel_reason: reason,
        cancel_amount: ask.amount.map(Major),
        refund_receive_account: ask.refund_account.as_ref().map(|account| wire::RefundReceiveAccount {
            bank: &account.bank,
            account_number: account.number.reveal_for("toss refund account"),
            holder_name: holder,
        }),
        tax_free_amount: tax_free.is_positive().then_some(Major(tax_free)),
        currency: ask.balance.currency.code(),
        refundable_amount: Major(ask.balance),
    }
}

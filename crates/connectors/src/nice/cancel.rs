//! Refunds.

use vocabulary::pg::{CancelAnswer, Refunded, Report, Standing};
use vocabulary::{Currency, Failure, Reason};

use super::client::{self, Call, segment};
use super::map::{self, Asked};
use super::{Nice, codes, refusal, wire};
use crate::CancelAsk;

const REASON_BYTES_MAX: usize = 100;
const HOLDER_BYTES_MAX: usize = 10;
const ACCOUNT_DIGITS_MAX: usize = 16;

impl Nice {
    pub(super) async fn refund(&self, ask: &CancelAsk) -> CancelAnswer {
        let Some(segment) = segment(&ask.pg_key) else {
            return CancelAnswer::Unknown("the tid is not one".into());
        };
        let account = ask.refund_account.as_ref();
        let number = account.map(|account| account.number.reveal_for("nice refund account"));
        if ask.balance.currency != Currency::KRW {
            return CancelAnswer::No(Failure::ours(Reason::BadRequest));
        }
        if number.is_some_and(|number| number.len() > ACCOUNT_DIGITS_MAX) {
            return CancelAnswer::No(Failure::ours(Reason::InvalidRefundAccount));
        }
        let reason = map::cut(&ask.reason, REASON_BYTES_MAX);
        let holder = account.map(|account| map::cut(&account.holder, HOLDER_BYTES_MAX));
        let bank = account.map(|account| codes::bank_code(&account.bank));
        let tax_free = ask.tax.tax_free.minor.saturating_add(ask.tax.exempt.minor);
        let body = wire::CancelBody {
            // NICE wants some reason.
            reason: if reason.is_empty() { "취소" } else { &reason },
            // Never twice the same for two refunds, and the same for a repeat of one: NICE has no other key.
            order_id: &ask.reference,
            // Without a sum everything that is left goes back. Named only where that is not meant: an account
            // before its deposit, and the sandbox, take no sum at all.
            cancel_amt: part(ask),
            tax_free_amt: (tax_free > 0).then_some(tax_free),
            refund_account: number,
            refund_bank_code: bank.as_deref(),
            refund_holder: holder.as_deref(),
            signed: self.client.signed(&self.config, &[&ask.pg_key]),
        };
        let call = Call {
            name: "cancel",
            attempt: Some(&ask.pg_order_id),
            about: &ask.pg_order_id,
            path: format!("/v1/payments/{segment}/cancel"),
            deadline: client::CANCEL_DEADLINE,
        };
        match self.client.post(&self.config, call, &body).await {
            Ok(body) => self.refunded(ask, &body).unwrap_or_else(CancelAnswer::Unknown),
            Err(problem) => match refusal(problem) {
                Ok(failure) => CancelAnswer::No(failure),
                Err(text) => CancelAnswer::Unknown(text),
            },
        }
    }

    fn refunded(&self, ask: &CancelAsk, body: &[u8]) -> Result<CancelAnswer, String> {
        let asked = Asked {
            pg_key: Some(&ask.pg_key),
            order_id: &ask.pg_order_id,
            or_order_id: Some(&ask.reference),
        };
        let payment = map::payment(body, &asked, &self.config.secret_key).map_err(map::Unbelieved::text)?;
        let own = payment.cancelled_tid.clone();
        let own = map::cancels(&payment)?
            .into_iter()
            .find(|line| Some(line.pg_key.as_str()) == own.as_deref());
        let report = map::report(payment, &ask.pg_order_id)?;
        judge(ask, self.as_allowed(report), own)
    }
}

fn part(ask: &CancelAsk) -> Option<i64> {
    ask.amount
        .filter(|amount| *amount != ask.balance)
        .map(|amount| amount.minor)
}

/// Our own line is `cancelledTid`'s. It must be over our sum; without one, what is left must at least be
/// what we expect.
fn judge(ask: &CancelAsk, report: Report, own: Option<Refunded>) -> Result<CancelAnswer, String> {
    let asked = ask.amount.unwrap_or(ask.balance);
    if let Some(line) = own.as_ref().filter(|line| line.amount != asked) {
        return Err(format!(
            "{asked} were to be canceled, and nice lists {} as canceled last",
            line.amount
        ));
    }
    let left = ask.balance.checked_sub(asked).unwrap_or(ask.balance);
    if own.is_none() && report.standing != Standing::Canceled && report.balance != left {
        return Err("nice answered as if the cancel went well, but lists none".into());
    }
    Ok(CancelAnswer::Done {
        report: Box::new(report),
        refunded: own,
    })
}

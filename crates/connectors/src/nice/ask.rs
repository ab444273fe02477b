//! Approve, inquiry, and what an approve without an answer is undone with.

use vocabulary::pg::{Answer, CancelAnswer, Report, Standing};
use vocabulary::{Currency, Duration, Failure, Reason, Timestamp};

use super::client::{self, Call, NoAnswer, segment};
use super::map::{self, Asked, Unbelieved};
use super::{Nice, refusal, said, wire};
use crate::{Approve, Inquiry, NetCancel};

/// NICE's clock and ours may differ by this much around midnight.
const CLOCKS_APART: Duration = Duration::minutes(10);
const ALREADY_CANCELED: &str = "2013";

impl Nice {
    pub(super) async fn confirm(&self, ask: &Approve) -> Answer {
        let Some(tid) = segment(&ask.pg_key) else {
            return Answer::No(Failure::ours(Reason::BadRequest));
        };
        if ask.amount.currency != Currency::KRW {
            return Answer::No(Failure::ours(Reason::BadRequest));
        }
        let amount = ask.amount.minor;
        let body = wire::Approve {
            amount,
            signed: self.client.signed(&self.config, &[&ask.pg_key, &amount.to_string()]),
        };
        let call = Call {
            name: "approve",
            attempt: Some(&ask.pg_order_id),
            about: &ask.pg_order_id,
            path: format!("/v1/payments/{tid}"),
            deadline: client::APPROVE_DEADLINE,
        };
        let asked = Asked {
            pg_key: Some(&ask.pg_key),
            order_id: &ask.pg_order_id,
            or_order_id: None,
        };
        match self.client.post(&self.config, call, &body).await {
            Ok(body) => match self.report(&body, &asked) {
                Ok(report) => Answer::Report(Box::new(report)),
                Err(why) => Answer::Unknown(why.text()),
            },
            Err(problem) => match refusal(problem) {
                Ok(failure) => Answer::No(failure),
                Err(text) => Answer::Unknown(text),
            },
        }
    }

    /// By tid where it is known. A tid came by way of the browser, so one that NICE does not know, or knows
    /// as another order's, proves nothing: then the order id decides, day by day.
    pub(super) async fn look_up(&self, ask: &Inquiry) -> Answer {
        let asked = Asked {
            pg_key: ask.pg_key.as_deref(),
            order_id: &ask.pg_order_id,
            or_order_id: None,
        };
        if let Some(tid) = ask.pg_key.as_deref().and_then(segment)
            && let Some(answer) = self.look_up_at(format!("/v1/payments/{tid}"), &asked).await
            && !matches!(answer, Answer::No(_))
        {
            return answer;
        }
        let Some(order_id) = segment(&ask.pg_order_id) else {
            return Answer::Unknown("the order id is not one".into());
        };
        let asked = Asked { pg_key: None, ..asked };
        let mut answer = None;
        for day in days(ask.opened_at, self.client.now()) {
            let path = format!("/v1/payments/find/{order_id}?orderDate={day}");
            answer = self.look_up_at(path, &asked).await;
            // Only when no day has it is it nowhere.
            if !matches!(answer, Some(Answer::No(_))) {
                break;
            }
        }
        answer.unwrap_or_else(|| Answer::Unknown("nice answered about another order".into()))
    }

    /// `None`: the answer was about another payment. `No`: NICE does not know it, in this place.
    async fn look_up_at(&self, path: String, asked: &Asked<'_>) -> Option<Answer> {
        let call = Call {
            name: "inquiry",
            attempt: Some(asked.order_id),
            about: asked.order_id,
            path,
            deadline: client::INQUIRY_DEADLINE,
        };
        let read = |body: &[u8]| match self.report(body, asked) {
            Ok(report) => Some(Answer::Report(Box::new(report))),
            Err(Unbelieved::Other(_)) => None,
            Err(Unbelieved::Unreadable(text)) => Some(Answer::Unknown(text)),
        };
        let problem = match self.client.get(&self.config, call).await {
            Ok(body) => return read(&body),
            Err(problem) => problem,
        };
        // A payment that failed may be answered under the code it failed with.
        if let NoAnswer::Refused(refusal) = &problem
            && let Some(Answer::Report(report)) = read(&refusal.body)
            && matches!(report.standing, Standing::Failed(_))
        {
            return Some(Answer::Report(report));
        }
        Some(match refusal(problem) {
            Ok(failure) if failure.reason == Reason::NotFoundAtPg => Answer::No(failure),
            // A refused question (a wrong key of ours, say) tells nothing about the payment.
            Ok(failure) if failure.pg_code.is_empty() => {
                Answer::Unknown(format!("the inquiry did not get through: {}", failure.reason))
            }
            Ok(failure) => Answer::Unknown(format!("the inquiry was refused: {}", said(&failure))),
            Err(text) => Answer::Unknown(text),
        })
    }

    /// 망취소: by our order id, which stands for one transaction only.
    pub(super) async fn undo(&self, ask: &NetCancel) -> CancelAnswer {
        let body = wire::NetCancelBody {
            order_id: &ask.pg_order_id,
            signed: self.client.signed(&self.config, &[&ask.pg_order_id]),
        };
        let call = Call {
            name: "net cancel",
            attempt: Some(&ask.pg_order_id),
            about: &ask.pg_order_id,
            path: "/v1/payments/netcancel".into(),
            deadline: client::NET_CANCEL_DEADLINE,
        };
        let asked = Asked {
            pg_key: ask.pg_key.as_deref(),
            order_id: &ask.pg_order_id,
            or_order_id: None,
        };
        match self.client.post(&self.config, call, &body).await {
            Ok(body) => match self.report(&body, &asked) {
                Ok(report) => undone(report),
                Err(why) => CancelAnswer::Unknown(why.text()),
            },
            Err(NoAnswer::Refused(refusal)) if refusal.code == ALREADY_CANCELED => self.undone_before(ask).await,
            Err(problem) => match refusal(problem) {
                Ok(failure) => CancelAnswer::No(failure),
                Err(text) => CancelAnswer::Unknown(text),
            },
        }
    }

    /// NICE says that it was canceled before. Believed when the payment itself says so, too.
    async fn undone_before(&self, ask: &NetCancel) -> CancelAnswer {
        let inquiry = Inquiry {
            pg_key: ask.pg_key.clone(),
            pg_order_id: ask.pg_order_id.clone(),
            opened_at: ask.opened_at,
        };
        match self.look_up(&inquiry).await {
            Answer::Report(report) => undone(*report),
            Answer::No(failure) => CancelAnswer::Unknown(format!("canceled before, and not known: {}", said(&failure))),
            Answer::Unknown(text) => CancelAnswer::Unknown(text),
        }
    }
}

fn undone(report: Report) -> CancelAnswer {
    if report.standing != Standing::Canceled {
        return CancelAnswer::Unknown("nice answered as if the net cancel went well, but it stands".into());
    }
    let refunded = report.cancels.last().filter(|_| report.cancels.len() == 1).cloned();
    CancelAnswer::Done {
        report: Box::new(report),
        refunded,
    }
}

impl Nice {
    /// Reads a body that must be the payment asked about.
    fn report(&self, body: &[u8], asked: &Asked<'_>) -> Result<Report, Unbelieved> {
        let payment = map::payment(body, asked, &self.config.secret_key)?;
        let report = map::report(payment, asked.order_id).map_err(Unbelieved::Unreadable)?;
        Ok(self.as_allowed(report))
    }
}

/// The days, in Korea and as NICE wants them, on which something opened at `opened_at` may have been
/// approved: its own, and the next one once that has begun. An authentication lasts half an hour.
pub(super) fn days(opened_at: Timestamp, now: Timestamp) -> Vec<String> {
    let day = |at: Timestamp| at.korean_date().replace('-', "");
    let (first, next) = (day(opened_at), day(opened_at + Duration::days(1)));
    let begun = day(now + CLOCKS_APART) >= next;
    [Some(first), Some(next).filter(|_| begun)]
        .into_iter()
        .flatten()
        .collect()
}

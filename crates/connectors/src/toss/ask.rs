//! Approve and inquiry.

use vocabulary::Reason;
use vocabulary::pg::Answer;

use super::client::{self, Call, segment};
use super::map::{Asked, Unbelieved};
use super::{Toss, refusal, said, wire};
use crate::decimal::Major;
use crate::{Approve, Inquiry};

impl Toss {
    pub(super) async fn confirm(&self, ask: &Approve) -> Answer {
        let body = wire::Confirm {
            payment_key: &ask.pg_key,
            order_id: &ask.pg_order_id,
            amount: Major(ask.amount),
        };
        let call = Call {
            name: "approve",
            attempt: Some(&ask.pg_order_id),
            about: &ask.pg_order_id,
            path: "/v1/payments/confirm".into(),
            deadline: client::APPROVE_DEADLINE,
        };
        match self.client.post(&self.config, call, &body, &ask.idempotency_key).await {
            Ok(body) => {
                let asked = Asked {
                    pg_key: Some(&ask.pg_key),
                    order_id: &ask.pg_order_id,
                };
                self.report(&body, &asked)
                    .map_or_else(unbelieved, |report| Answer::Report(Box::new(report)))
            }
            Err(problem) => match refusal(problem) {
                Ok(failure) => Answer::No(failure),
                Err(text) => Answer::Unknown(text),
            },
        }
    }

    /// By key where it is known. A key came by way of the browser, so one that Toss does not
    /// know, or knows as another order's, proves nothing: then the order id decides.
    pub(super) async fn look_up(&self, ask: &Inquiry) -> Answer {
        if let Some(key) = ask.pg_key.as_deref().and_then(segment) {
            let asked = Asked {
                pg_key: ask.pg_key.as_deref(),
                order_id: &ask.pg_order_id,
            };
            if let Some(answer) = self.look_up_at(format!("/v1/payments/{key}"), &asked).await {
                return answer;
            }
        }
        let asked = Asked {
            pg_key: None,
            order_id: &ask.pg_order_id,
        };
        let Some(order_id) = segment(&ask.pg_order_id) else {
            return Answer::Unknown("the order id is not one".into());
        };
        let answer = self.look_up_at(format!("/v1/payments/orders/{order_id}"), &asked).await;
        answer.unwrap_or_else(|| Answer::Unknown("toss answered about another order".into()))
    }

    /// `None`: Toss does not know that key, or the answer was about another payment.
    async fn look_up_at(&self, path: String, asked: &Asked<'_>) -> Option<Answer> {
        let call = Call {
            name: "inquiry",
            attempt: Some(asked.order_id),
            about: asked.order_id,
            path,
            deadline: client::INQUIRY_DEADLINE,
        };
        let problem = match self.client.get(&self.config, call).await {
            Ok(body) => {
                return match self.report(&body, asked) {
                    Ok(report) => Some(Answer::Report(Box::new(report))),
                    Err(Unbelieved::Other(_)) => None,
                    Err(Unbelieved::Unreadable(text)) => Some(Answer::Unknown(text)),
                };
            }
            Err(problem) => problem,
        };
        match refusal(problem) {
            Ok(failure) if failure.reason == Reason::NotFoundAtPg => {
                asked.pg_key.is_none().then_some(Answer::No(failure))
            }
            // A refused question (a wrong key of ours, say) tells nothing about the payment.
            Ok(failure) if failure.pg_code.is_empty() => Some(Answer::Unknown(format!(
                "the inquiry did not get through: {}",
                failure.reason
            ))),
            Ok(failure) => Some(Answer::Unknown(format!("the inquiry was refused: {}", said(&failure)))),
            Err(text) => Some(Answer::Unknown(text)),
        }
    }
}

fn unbelieved(why: Unbelieved) -> Answer {
    let (Unbelieved::Other(text) | Unbelieved::Unreadable(text)) = why;
    Answer::Unknown(text)
}

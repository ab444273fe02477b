//! Asks the PG what a payment's state says has to be asked, and saves what it says. The request in
//! the foreground and the recovery after a crash are this same loop.

use std::time::Instant;

use connectors::{Approve, CancelAsk, Inquiry, NetCancel, TaxShare};
use payments::{About, Attempt, AttemptState, Cancel, Event, Found, Manners, Payment, Refused, Rung, Todo};
use vocabulary::pg::{Answer, CancelAnswer, RefundAccount, Standing};
use vocabulary::{AttemptId, CancelId, Failure, Money, Reason};

use crate::app::Applied;
use crate::directory::Account;
use crate::memo::Working;
use crate::{App, Error};

/// How one go of asking is done.
pub(crate) struct Drive<'a> {
    /// What is asked about; what else is due is left to the sweep.
    pub about: About,
    pub working: &'a mut Working,
    /// When the remembered answer can be given.
    pub last: &'a (dyn Fn(&Payment) -> bool + Sync),
    /// Passed on to the PG and kept nowhere.
    pub refund_account: Option<RefundAccount>,
    /// What was seen last instead of an answer.
    pub heard: Option<String>,
}

impl App {
    /// Asks, unless somebody is asking the same at this moment or there is nothing to ask: then nothing changes.
    pub(crate) async fn ask(&self, payment: Payment, drive: Drive<'_>) -> Result<Applied, Error> {
        let event = Event::Ask(drive.about);
        let mut asked = self.apply(payment, &event, drive.working, drive.last).await?;
        if asked.changed {
            asked.payment = self.drive(asked.payment, drive).await?;
        }
        Ok(asked)
    }

    /// Asks the question whose lease is ours, and what follows from its answer at once.
    pub(crate) async fn drive(&self, mut payment: Payment, mut drive: Drive<'_>) -> Result<Payment, Error> {
        let mut next = payment.todo_about(drive.about);
        while let Some(todo) = next {
            payment = match todo {
                Todo::Approve(id) => self.approve(payment, id, false, &mut drive).await?,
                Todo::Inquire(id) => self.inquire(payment, id, &mut drive).await?,
                Todo::Void(id) => self.void(payment, id, &mut drive).await?,
                Todo::Cancel(id) => self.ask_cancel(payment, id, &mut drive).await?,
                Todo::LookFor(id) => self.look_for(payment, id, &mut drive).await?,
                Todo::TakeBackReceipt => self.take_back_receipt(payment, &mut drive).await?,
            };
            next = payment.todo_about(drive.about).filter(|next| follows(todo, *next));
            if let Some(Todo::Void(_)) = next {
                // Another question, with a lease of its own.
                let event = Event::Ask(drive.about);
                let asked = self.apply(payment, &event, drive.working, drive.last).await?;
                payment = asked.payment;
                if !asked.changed {
                    return Ok(payment);
                }
            }
        }
        // Where a clear answer came there is nothing to ask any more, and this is no news.
        let event = Event::Unanswered {
            about: drive.about,
            heard: drive.heard.take(),
        };
        let ended = self.apply(payment, &event, drive.working, drive.last).await?;
        // While it was asked it was not.
        if ended.payment.is_parked(drive.about) {
            metrics::counter!("narupay_questions_parked").increment(1);
            tracing::error!(
                payment.id = %ended.payment.id, about = ?drive.about,
                "a question about payment {} is parked after {} days without an answer: `narupay recheck` asks again",
                ended.payment.id, payments::PARKED_AFTER_DAYS
            );
        }
        Ok(ended.payment)
    }

    /// `again`: an earlier approve of this attempt may still be at work.
    async fn approve(
        &self,
        payment: Payment,
        id: AttemptId,
        again: bool,
        drive: &mut Drive<'_>,
    ) -> Result<Payment, Error> {
        let attempt = payment.attempt(id)?;
        let account = self.account_of(attempt)?;
        // An attempt is only approving once the browser brought its key.
        let pg_key = attempt.pg_key.clone().ok_or(Error::Bug)?;
        let ask = Approve {
            pg_key,
            pg_order_id: id.to_string(),
            amount: payment.order.amount,
            idempotency_key: format!("{id}-{}", attempt.asks),
        };
        let asked = Instant::now();
        let mut answer = account.connector.approve(&ask).await;
        if let Answer::No(failure) = &answer
            && again
        {
            // A no to this repeat says nothing about the earlier approve; the next inquiry does.
            answer = Answer::Unknown(format!("refused when asked again: {}", failure.reason));
        }
        note("approve", &account, &payment, asked, answer_name(&answer));
        self.pg_said(payment, id, answer, drive).await
    }

    async fn inquire(&self, payment: Payment, id: AttemptId, drive: &mut Drive<'_>) -> Result<Payment, Error> {
        let attempt = payment.attempt(id)?;
        let account = self.account_of(attempt)?;
        let mut answer = ask_about(&account, &payment, attempt).await;
        let found = match &answer {
            Answer::No(_) => Some(Found::NotThere),
            Answer::Report(report) if report.standing == Standing::NotYet => Some(Found::NotYet),
            _ => None,
        };
        let able = account.connector.capabilities();
        let manners = Manners {
            approve_repeatable: able.approve_repeatable,
            net_cancel_within: able.net_cancel_within,
        };
        let rung = found.map(|found| attempt.rung(found, manners, payment.expires_at, self.clock.now()));
        match (rung, &answer) {
            (Some(Rung::Replay), _) => return self.approve(payment, id, true, drive).await,
            (Some(Rung::NetCancel), _) => return self.net_cancel(payment, id, drive).await,
            (Some(Rung::Doubt), Answer::No(failure)) => {
                answer = Answer::Unknown(format!("not taken for an end: {}", failure.reason));
            }
            _ => {}
        }
        self.pg_said(payment, id, answer, drive).await
    }

    /// Undoes an approve of which the PG has no trace, so that none can appear any more.
    async fn net_cancel(&self, payment: Payment, id: AttemptId, drive: &mut Drive<'_>) -> Result<Payment, Error> {
        let undo = self.apply(payment, &Event::Undo(id), drive.working, drive.last).await?;
        let payment = undo.payment;
        if !payment.attempt(id)?.state.in_doubt() {
            // A notice was faster.
            return Ok(payment);
        }
        let attempt = payment.attempt(id)?;
        let account = self.account_of(attempt)?;
        let ask = NetCancel {
            pg_key: attempt.pg_key.clone(),
            pg_order_id: id.to_string(),
            amount: payment.order.amount,
            opened_at: attempt.opened_at,
        };
        let asked = Instant::now();
        let answer = account.connector.net_cancel(&ask).await?;
        note("net_cancel", &account, &payment, asked, cancel_name(&answer));
        let undone = Answer::No(Failure::ours(Reason::PgUnavailable));
        let answer = match answer {
            CancelAnswer::Done { report, .. } if report.pg_order_id == ask.pg_order_id && report.balance.is_zero() => {
                undone
            }
            CancelAnswer::Done { .. } => Answer::Unknown("the net cancel undid something else, or not all".to_owned()),
            CancelAnswer::No(failure) if failure.reason == Reason::NotFoundAtPg => undone,
            CancelAnswer::No(failure) => Answer::Unknown(format!("no net cancel: {}", failure.reason)),
            CancelAnswer::Pending => Answer::Unknown("the PG will tell later whether it undid the approve".to_owned()),
            CancelAnswer::Unknown(what) => Answer::Unknown(what),
        };
        self.pg_said(payment, id, answer, drive).await
    }

    async fn pg_said(
        &self,
        payment: Payment,
        attempt: AttemptId,
        answer: Answer,
        drive: &mut Drive<'_>,
    ) -> Result<Payment, Error> {
        if let Answer::Unknown(what) = &answer {
            tracing::warn!(payment.id = %payment.id, attempt.id = %attempt, %what, "the PG's answer about attempt {attempt} is unknown");
            drive.heard = Some(what.clone());
        }
        let event = Event::PgSays { attempt, answer };
        let applied = self.apply(payment, &event, drive.working, drive.last).await?;
        if applied.changed {
            log_state(&applied.payment);
        }
        Ok(applied.payment)
    }

    async fn void(&self, mut payment: Payment, id: AttemptId, drive: &mut Drive<'_>) -> Result<Payment, Error> {
        let attempt = payment.attempt(id)?;
        let account = self.account_of(attempt)?;
        let mut balance = attempt.amount_at_pg;
        let nowhere_to =
            |attempt: &Attempt, drive: &Drive<'_>| attempt.needs_refund_account() && drive.refund_account.is_none();
        // Asked before, or an account still without its deposit: see first what there is to give back.
        if attempt.asks > 1 || balance.is_none() || nowhere_to(attempt, drive) {
            let answer = ask_about(&account, &payment, attempt).await;
            if let Answer::Report(report) = &answer {
                balance = Some(report.balance);
                payment = self.pg_said(payment, id, answer, drive).await?;
            }
        }
        let attempt = payment.attempt(id)?;
        if attempt.state != AttemptState::Voiding {
            return Ok(payment);
        }
        tracing::error!(payment.id = %payment.id, attempt.id = %id, "attempt {id} holds money it should not; asking for it back");
        if nowhere_to(attempt, drive) {
            // Without an account the PG can only refuse. It may still have been given back in the PG's console.
            return Ok(payment);
        }
        let zero = Money::zero(payment.order.amount.currency);
        let ask = CancelAsk {
            pg_key: attempt.pg_key.clone().unwrap_or_default(),
            pg_order_id: id.to_string(),
            amount: None,
            tax: TaxShare {
                tax_free: zero,
                exempt: zero,
            },
            balance: balance.unwrap_or(payment.order.amount),
            reason: "결제 금액 불일치 또는 중복 결제로 자동 취소".to_owned(),
            refund_account: drive.refund_account.take(),
            idempotency_key: format!("{id}-void-{}", attempt.asks),
            reference: format!("{id}-void"),
        };
        let asked = Instant::now();
        let answer = account.connector.cancel(&ask).await;
        note("void", &account, &payment, asked, cancel_name(&answer));
        let event = Event::VoidAnswered { attempt: id, answer };
        Ok(self.apply(payment, &event, drive.working, drive.last).await?.payment)
    }

    async fn ask_cancel(&self, payment: Payment, id: CancelId, drive: &mut Drive<'_>) -> Result<Payment, Error> {
        let cancel = payment.cancel(id)?;
        let attempt = payment.attempt(cancel.attempt)?;
        let account = self.account_of(attempt)?;
        if cancel.asks > 1 {
            // Asked before: see first whether it went through. Only if not, ask anew; the balance we
            // send along makes the PG refuse whatever we misjudge.
            let answer = ask_about(&account, &payment, attempt).await;
            if let Answer::Unknown(what) = answer {
                drive.heard = Some(what);
                return Ok(payment);
            }
            let attempt = attempt.id;
            let seen = self.pg_said(payment, attempt, answer, drive).await?;
            if !seen.cancel(id)?.state.open() {
                return Ok(seen);
            }
            return self.send_cancel(seen, id, &account, drive).await;
        }
        self.send_cancel(payment, id, &account, drive).await
    }

    async fn send_cancel(
        &self,
        mut payment: Payment,
        id: CancelId,
        account: &Account,
        drive: &mut Drive<'_>,
    ) -> Result<Payment, Error> {
        let cancel = payment.cancel(id)?;
        let again = cancel.asks > 1;
        let ask = cancel_ask(&payment, cancel, drive.refund_account.take())?;
        let asked = Instant::now();
        let mut answer = account.connector.cancel(&ask).await;
        note("cancel", account, &payment, asked, cancel_name(&answer));
        if let CancelAnswer::No(failure) = &answer {
            if failure.reason == Reason::AlreadyProcessed {
                // Something went back that we do not know of, perhaps by this very cancel on another server.
                payment = self.look_for(payment, id, drive).await?;
                if !payment.cancel(id)?.state.open() {
                    return Ok(payment);
                }
            }
            if again && proves_nothing(failure) {
                answer = CancelAnswer::Unknown(format!("asked again, {}", failure.reason));
            }
        }
        if let CancelAnswer::Unknown(what) = &answer {
            tracing::warn!(payment.id = %payment.id, cancel.id = %id, %what, "the PG's answer to cancel {id} is unknown");
        }
        let event = Event::CancelAnswered { cancel: id, answer };
        let applied = self.apply(payment, &event, drive.working, drive.last).await?;
        log_state(&applied.payment);
        // A second look in the same go rarely knows more: the sweep asks again in a few seconds.
        Ok(applied.payment)
    }

    /// Takes up what the PG lists as given back.
    async fn look_for(&self, payment: Payment, id: CancelId, drive: &mut Drive<'_>) -> Result<Payment, Error> {
        let attempt = payment.attempt(payment.cancel(id)?.attempt)?;
        let account = self.account_of(attempt)?;
        let answer = ask_about(&account, &payment, attempt).await;
        let attempt = attempt.id;
        self.pg_said(payment, attempt, answer, drive).await
    }

    pub(crate) fn account_of(&self, attempt: &Attempt) -> Result<std::sync::Arc<Account>, Error> {
        self.directory.account(attempt.pg_account).ok_or_else(|| {
            tracing::error!(attempt.id = %attempt.id, pg_account.id = %attempt.pg_account, "the PG account of attempt {} is not configured any more", attempt.id);
            Error::Unavailable("a PG account with open payments is missing from the configuration".to_owned())
        })
    }
}

/// What is asked in the same go. An approve without a clear answer deserves one look, and money that turns out
/// to be wrong goes back at once; anything else is better asked later.
fn follows(asked: Todo, next: Todo) -> bool {
    match asked {
        Todo::Approve(_) => matches!(next, Todo::Inquire(_) | Todo::Void(_)),
        Todo::Inquire(_) => matches!(next, Todo::Void(_)),
        Todo::Void(_) | Todo::Cancel(_) | Todo::LookFor(_) | Todo::TakeBackReceipt => false,
    }
}

pub(crate) async fn ask_about(account: &Account, payment: &Payment, attempt: &Attempt) -> Answer {
    let ask = Inquiry {
        pg_key: attempt.pg_key.clone(),
        pg_order_id: attempt.id.to_string(),
        opened_at: attempt.opened_at,
    };
    let asked = Instant::now();
    let answer = account.connector.inquire(&ask).await;
    note("inquire", account, payment, asked, answer_name(&answer));
    answer
}

fn cancel_ask(payment: &Payment, cancel: &Cancel, refund_account: Option<RefundAccount>) -> Result<CancelAsk, Error> {
    let attempt = payment.attempt(cancel.attempt)?;
    let balance = match attempt.state {
        AttemptState::Approved => payment.balance()?,
        _ => payment.order.amount,
    };
    Ok(CancelAsk {
        pg_key: attempt.pg_key.clone().ok_or(Refused::NothingToCancel(payment.state))?,
        pg_order_id: attempt.id.to_string(),
        amount: (!cancel.whole).then(|| cancel.amount()),
        tax: TaxShare {
            tax_free: cancel.tax.tax_free,
            exempt: cancel.tax.exempt,
        },
        balance,
        reason: cancel.reason.clone(),
        refund_account,
        idempotency_key: format!("{}-{}", cancel.id, cancel.asks),
        reference: cancel.id.to_string(),
    })
}

/// A no that only says that this one request did nothing; an earlier one may have done all.
pub(crate) fn proves_nothing(failure: &Failure) -> bool {
    matches!(
        failure.reason,
        Reason::PgUnavailable | Reason::TooManyRequests | Reason::Misconfigured | Reason::AlreadyProcessed
    )
}

fn answer_name(answer: &Answer) -> &'static str {
    match answer {
        Answer::Report(report) => match report.standing {
            Standing::NotYet => "not_yet",
            Standing::WaitingForDeposit => "waiting",
            Standing::Approved => "approved",
            Standing::Canceled => "canceled",
            Standing::Failed(_) => "failed",
        },
        Answer::No(_) => "no",
        Answer::Unknown(_) => "unknown",
    }
}

fn cancel_name(answer: &CancelAnswer) -> &'static str {
    match answer {
        CancelAnswer::Done { .. } => "done",
        CancelAnswer::Pending => "pending",
        CancelAnswer::No(_) => "no",
        CancelAnswer::Unknown(_) => "unknown",
    }
}

/// One line in the log and one count in the metrics for each question to a PG.
pub(crate) fn note(
    operation: &'static str,
    account: &Account,
    payment: &Payment,
    asked: Instant,
    outcome: &'static str,
) {
    let pg = account.connector.pg();
    let took = asked.elapsed();
    crate::pg_time::add(took);
    metrics::histogram!("narupay_pg_seconds", "pg" => pg, "operation" => operation, "outcome" => outcome)
        .record(took.as_secs_f64());
    tracing::debug!(
        payment.id = %payment.id, pg, duration_ms = took.as_millis() as u64, outcome,
        "asked {pg} to {operation} payment {}: {outcome}", payment.id
    );
}

pub(crate) fn log_state(payment: &Payment) {
    tracing::info!(payment.id = %payment.id, order.id = %payment.order.id, status = %payment.state, "payment {} is {}", payment.id, payment.state);
}

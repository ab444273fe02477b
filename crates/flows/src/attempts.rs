//! What a shop decides about a payment under way.

use std::sync::Arc;

use payments::{AttemptState, CancelState, Event, Payment, State};
use vocabulary::pg::{Answer, Standing};
use vocabulary::{AttemptId, PaymentId, Timestamp};

use crate::drive::Drive;
use crate::memo::{self, Expect, Working};
use crate::{App, Error, Memo, Render, Replied, ShopSide};

/// The shop sells: the approve goes to the PG, and the answer says what came of it.
pub async fn confirm(
    app: &Arc<App>,
    side: &Arc<ShopSide>,
    id: PaymentId,
    memo: Memo,
    render: Arc<Render>,
) -> Result<Replied, Error> {
    let scope = side.scope;
    memo::once(
        app,
        scope,
        memo,
        render,
        Expect::Anything,
        move |app, mut working| async move {
            let done = async {
                let payment = app.load(scope, id).await?;
                let applied = app
                    .apply(payment, &Event::ShopConfirms, &mut working, memo::never)
                    .await?;
                if applied.changed {
                    return app.approve_now(applied.payment, &mut working).await;
                }
                if working.begun().is_some() {
                    // Whoever began may have asked the PG before it went.
                    return app.ask_now(applied.payment, &mut working).await;
                }
                // Confirmed before: whoever did so, or the sweep, asks the PG. A second approve beside the
                // first could be refused only for being the second.
                Ok(applied.payment)
            }
            .await;
            (working, done)
        },
    )
    .await
}

/// The shop does not sell; nothing was charged.
pub async fn refuse(
    app: &Arc<App>,
    side: &Arc<ShopSide>,
    id: PaymentId,
    memo: Memo,
    render: Arc<Render>,
) -> Result<Replied, Error> {
    let scope = side.scope;
    memo::once(
        app,
        scope,
        memo,
        render,
        Expect::Anything,
        move |app, mut working| async move {
            let done = async {
                let payment = app.load(scope, id).await?;
                Ok(app
                    .apply(payment, &Event::ShopRefuses, &mut working, |_: &Payment| true)
                    .await?
                    .payment)
            }
            .await;
            (working, done)
        },
    )
    .await
}

/// Asks the PG now how the payment stands.
pub async fn sync(
    app: &Arc<App>,
    side: &Arc<ShopSide>,
    id: PaymentId,
    memo: Memo,
    render: Arc<Render>,
) -> Result<Replied, Error> {
    let scope = side.scope;
    memo::once(
        app,
        scope,
        memo,
        render,
        Expect::Anything,
        move |app, mut working| async move {
            let done = async {
                let payment = app.load(scope, id).await?;
                app.ask_now(payment, &mut working).await
            }
            .await;
            (working, done)
        },
    )
    .await
}

impl App {
    /// Drives an approve in the foreground. Its answer is due when the attempt is decided or unknown.
    pub(crate) async fn approve_now(&self, payment: Payment, working: &mut Working) -> Result<Payment, Error> {
        let drive = Drive {
            working,
            last: &|payment| payment.state != State::InProgress,
            refund_account: None,
            look_at_deposits: false,
        };
        self.drive(payment, drive).await
    }

    /// One look at the PG's side, whatever the state: refunds made in the PG's console, deposits, unknown outcomes.
    pub(crate) async fn ask_now(&self, payment: Payment, working: &mut Working) -> Result<Payment, Error> {
        if let Some(id) = being_asked(&payment, self.clock.now()) {
            return self.look(payment, id, working).await;
        }
        if payment.todo().is_some() {
            let asked = self.apply(payment, &Event::Ask, working, memo::never).await?.payment;
            let drive = Drive {
                working,
                last: &memo::never,
                refund_account: None,
                look_at_deposits: true,
            };
            return self.drive(asked, drive).await;
        }
        let attempt = payment.attempts.iter().rev().find(|attempt| {
            matches!(
                attempt.state,
                AttemptState::Approved | AttemptState::Opened | AttemptState::Declined
            )
        });
        match attempt.map(|attempt| attempt.id) {
            Some(id) => self.look(payment, id, working).await,
            None => Ok(payment),
        }
    }

    /// Takes up what the PG reports and asks for nothing; what follows from it is the sweep's.
    async fn look(&self, payment: Payment, id: AttemptId, working: &mut Working) -> Result<Payment, Error> {
        let attempt = payment.attempt(id)?;
        let account = self.account_of(attempt)?;
        let answer = crate::drive::ask_about(&account, &payment, attempt).await;
        let news = matches!(&answer, Answer::Report(report) if report.standing != Standing::NotYet);
        if !news {
            // That a PG has not heard of a window nobody used, or of an approve on its way, is no decline.
            return Ok(payment);
        }
        let event = Event::PgSays { attempt: id, answer };
        Ok(self.apply(payment, &event, working, memo::never).await?.payment)
    }
}

/// The attempt that a PG is being asked about at this moment: asking again beside it could be
/// refused only for being the second.
fn being_asked(payment: &Payment, now: Timestamp) -> Option<AttemptId> {
    if payment.due_at().is_none_or(|due| due <= now) {
        return None;
    }
    let approving = payment
        .attempts
        .iter()
        .find(|attempt| attempt.state == AttemptState::Approving);
    let canceling = payment
        .cancels
        .iter()
        .find(|cancel| cancel.state == CancelState::Requested);
    approving
        .map(|attempt| attempt.id)
        .or(canceling.map(|cancel| cancel.attempt))
}

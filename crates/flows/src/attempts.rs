//! What a shop decides about a payment under way.

use std::sync::Arc;

use payments::{About, AttemptState, Event, Payment, State, Todo};
use vocabulary::pg::{Answer, Standing};
use vocabulary::{AttemptId, PaymentId};

use crate::drive::Drive;
use crate::memo::{self, Expect, Working};
use crate::recheck::attempt_of;
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
                let approving = applied
                    .payment
                    .attempts
                    .iter()
                    .find(|attempt| attempt.state == AttemptState::Approving)
                    .map(|attempt| attempt.id);
                if let (true, Some(id)) = (applied.changed, approving) {
                    return app.approve_now(applied.payment, id, &mut working).await;
                }
                if working.begun().is_some() {
                    // Whoever began may have asked the PG before it went.
                    let about = approving.map(About::Attempt);
                    return app.ask_now(applied.payment, about, &mut working).await;
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

/// Asks the PGs now how everything about the payment stands: open questions, money, and windows that
/// nobody came back from.
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
                app.ask_everything(payment, &mut working).await
            }
            .await;
            (working, done)
        },
    )
    .await
}

impl App {
    /// Drives the approve of `attempt` in the foreground. Its answer is due when the attempt is decided or unknown.
    pub(crate) async fn approve_now(
        &self,
        payment: Payment,
        attempt: AttemptId,
        working: &mut Working,
    ) -> Result<Payment, Error> {
        let drive = Drive {
            about: About::Attempt(attempt),
            working,
            last: &|payment| payment.state != State::InProgress,
            refund_account: None,
            heard: None,
        };
        self.drive(payment, drive).await
    }

    /// One look at the PG's side, whatever the state: refunds made in the PG's console, deposits, unknown outcomes.
    /// `about` where one thing is meant; `None`: what is due first.
    pub(crate) async fn ask_now(
        &self,
        payment: Payment,
        about: Option<About>,
        working: &mut Working,
    ) -> Result<Payment, Error> {
        let asked = payment.being_asked(self.clock.now());
        if let Some(id) = asked.and_then(|asked| attempt_of(&payment, asked)) {
            return self.look(payment, id, working).await;
        }
        let open = about.or_else(|| payment.todo().map(Todo::about));
        if let Some(about) = open.filter(|about| *about != About::Receipt) {
            let drive = Drive {
                about,
                working,
                last: &memo::never,
                refund_account: None,
                heard: None,
            };
            return Ok(self.ask(payment, drive).await?.payment);
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
    pub(crate) async fn look(&self, payment: Payment, id: AttemptId, working: &mut Working) -> Result<Payment, Error> {
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

use std::sync::Arc;

use payments::{About, AttemptState, Cancel, CancelOrder, CancelState, Event, Payment, Refused};
use vocabulary::pg::RefundAccount;
use vocabulary::{AttemptId, CancelId, PaymentId};

use crate::drive::Drive;
use crate::memo::{self, Expect, Working};
use crate::{App, Error, Memo, Render, Replied, ShopSide};

/// Gives a payment back, whole or in part, or gives it up before it is paid. The cancel is saved
/// before the PG is asked. An answer that does not come leaves it open, and the sweep finds out.
///
/// While the PG holds a deposit that must go back, an order with a refund account sends that one back
/// instead, whatever else it says; the payment itself can then be canceled with another key.
///
/// Errors: [`Error::PgRefused`] for the PG's definite no.
pub async fn cancel(
    app: &Arc<App>,
    side: &Arc<ShopSide>,
    id: PaymentId,
    order: CancelOrder,
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
                if let Some(begun) = working.begun().map(str::to_owned) {
                    // Whoever began has saved what was to go back, and gone; it is what was asked for.
                    if let Ok(cancel) = begun.parse() {
                        let about = Some(About::Cancel(cancel));
                        let seen = app.ask_now(payment, about, &mut working).await?;
                        return outcome(seen, cancel);
                    }
                    if let Ok(held) = begun.parse() {
                        return app.send_back(payment, held, order.refund_account, &mut working).await;
                    }
                }
                if let (Some(held), true) = (payment.held_deposit(), order.refund_account.is_some()) {
                    let held = held.id;
                    return app.send_back(payment, held, order.refund_account, &mut working).await;
                }
                app.cancel_now(payment, order, &mut working).await
            }
            .await;
            (working, done)
        },
    )
    .await
}

impl App {
    async fn cancel_now(
        &self,
        payment: Payment,
        mut order: CancelOrder,
        working: &mut Working,
    ) -> Result<Payment, Error> {
        working.about(newest_cancel);
        let refund_account = order.refund_account.take();
        let known = payment.cancels.len();
        // The rules only ask whether there is an account; the account itself goes to the PG alone.
        let event = Event::Cancel(CancelOrder {
            refund_account: refund_account.clone(),
            ..order
        });
        let saved = self.apply(payment, &event, working, nothing_open).await?.payment;
        if saved.cancels.len() == known {
            return Ok(saved);
        }
        let Some(id) = saved.cancels.last().map(|cancel| cancel.id) else {
            return Err(Error::Bug);
        };
        let last = |after: &Payment| {
            after
                .cancel(id)
                .is_ok_and(|cancel| matches!(cancel.state, CancelState::Done))
        };
        let drive = Drive {
            about: About::Cancel(id),
            working,
            last: &last,
            refund_account,
            heard: None,
        };
        let driven = self.drive(saved, drive).await?;
        outcome(driven, id)
    }

    /// Sends a held deposit back to the account that the shop names. It comes before any cancel of the payment:
    /// it is the shopper's money already.
    async fn send_back(
        &self,
        payment: Payment,
        held: AttemptId,
        refund_account: Option<RefundAccount>,
        working: &mut Working,
    ) -> Result<Payment, Error> {
        working.about(newest_held);
        let before = payment.attempt(held)?.failure.clone();
        let last = |after: &Payment| {
            after
                .attempt(held)
                .is_ok_and(|attempt| attempt.state == AttemptState::Voided)
        };
        if last(&payment) {
            return Ok(payment);
        }
        let drive = Drive {
            about: About::Attempt(held),
            working,
            last: &last,
            refund_account,
            heard: None,
        };
        let asked = self.ask(payment, drive).await?;
        if !asked.changed {
            return Err(Error::Refused(Refused::CancelUnderWay));
        }
        let attempt = asked.payment.attempt(held)?;
        match &attempt.failure {
            Some(failure) if attempt.state == AttemptState::Voiding && attempt.failure != before => {
                Err(Error::PgRefused(failure.clone()))
            }
            _ => Ok(asked.payment),
        }
    }
}

fn newest_held(payment: &Payment) -> String {
    payment
        .held_deposit()
        .map_or_else(String::new, |attempt| attempt.id.to_string())
}

/// What is remembered with a cancel's key is the cancel: another one may be the newest by the time
/// someone takes over.
fn newest_cancel(payment: &Payment) -> String {
    payment
        .cancels
        .last()
        .map_or_else(String::new, |cancel| cancel.id.to_string())
}

fn nothing_open(payment: &Payment) -> bool {
    !payment.cancels.iter().any(|cancel: &Cancel| cancel.state.open())
}

fn outcome(payment: Payment, id: CancelId) -> Result<Payment, Error> {
    let cancel = payment.cancel(id)?;
    match (cancel.state, &cancel.failure) {
        (CancelState::Refused, Some(failure)) => Err(Error::PgRefused(failure.clone())),
        _ => Ok(payment),
    }
}

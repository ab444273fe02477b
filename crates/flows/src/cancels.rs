use std::sync::Arc;

use payments::{Cancel, CancelOrder, CancelState, Event, Payment};
use vocabulary::{CancelId, PaymentId};

use crate::drive::Drive;
use crate::memo::{self, Expect, Working};
use crate::{App, Error, Memo, Render, Replied, ShopSide};

/// Gives a payment back, whole or in part, or gives it up before it is paid. The cancel is saved
/// before the PG is asked. An answer that does not come leaves it open, and the sweep finds out.
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
                if let Some(begun) = working.begun().and_then(|begun| begun.parse().ok()) {
                    // Whoever began has saved this cancel and gone; it is what was asked for.
                    let seen = app.ask_now(payment, &mut working).await?;
                    return outcome(seen, begun);
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
            working,
            last: &last,
            refund_account,
            look_at_deposits: false,
        };
        let driven = self.drive(saved, drive).await?;
        outcome(driven, id)
    }
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

//! Looks at every payment whose time has come: expired, or with a question to a PG still open.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream;
use payments::{Event, Payment};
use vocabulary::{PaymentId, Scope};

use crate::drive::Drive;
use crate::memo::{self, Working};
use crate::{App, Error};

const BATCH_MAX: u32 = 200;
/// Payments looked at side by side; a hanging PG holds up no more than these.
const AT_ONCE: usize = 16;

/// One round through all that is due. Returns how many payments moved on: none means that whatever is
/// still due had better be looked at later, so that one that cannot move keeps nobody spinning.
pub async fn sweep(app: &Arc<App>) -> Result<usize, Error> {
    let (now, mut moved, mut after) = (app.clock.now(), 0, None);
    loop {
        let due = app.store.due_payments(now, after.as_ref(), BATCH_MAX).await?;
        let Some(last) = due.last().copied() else {
            return Ok(moved);
        };
        moved += stream::iter(due)
            .map(|due| app.look_at(due.scope, due.payment))
            .buffer_unordered(AT_ONCE)
            .filter(|moved| std::future::ready(*moved))
            .count()
            .await;
        after = Some(last);
    }
}

impl App {
    async fn look_at(self: &Arc<App>, scope: Scope, id: PaymentId) -> bool {
        let task = {
            let app = self.clone();
            async move { app.look_again(scope, id).await }
        };
        match self.finish(task).await {
            Ok(moved) => moved,
            Err(Error::Busy) => false,
            Err(error) => {
                tracing::warn!(payment.id = %id, %error, "payment {id} could not be looked at");
                false
            }
        }
    }

    /// False: the payment is as due as before.
    async fn look_again(&self, scope: Scope, id: PaymentId) -> Result<bool, Error> {
        let mut working = Working::unasked();
        let payment = self.load(scope, id).await?;
        let payment = self
            .apply(payment, &Event::TimeUp, &mut working, memo::never)
            .await?
            .payment;
        if !self.is_due(&payment) {
            return Ok(true);
        }
        if payment.needs_a_person() {
            metrics::counter!("narupay_payments_needing_a_person").increment(1);
            tracing::error!(payment.id = %payment.id, "payment {} is still unknown after many questions; a person should look", payment.id);
        }
        let Some(todo) = payment.todo() else {
            return Ok(false);
        };
        // Saving that we ask, before we ask, keeps every other server from asking too.
        let drive = Drive {
            about: todo.about(),
            working: &mut working,
            last: &memo::never,
            refund_account: None,
            heard: None,
        };
        let asked = self.ask(payment, drive).await?;
        Ok(asked.changed && !self.is_due(&asked.payment))
    }

    fn is_due(&self, payment: &Payment) -> bool {
        payment.due_at().is_some_and(|due| due <= self.clock.now())
    }
}

//! Re-check at the PG: somebody wants to know now, whatever is due when.

use std::sync::Arc;

use payments::{About, AttemptState, Payment, Todo};
use vocabulary::{AttemptId, PaymentId, Scope};

use crate::drive::Drive;
use crate::memo::{self, Working};
use crate::{App, Error};

/// What a re-check came to.
#[derive(Debug, Clone)]
pub struct Rechecked {
    pub payment: Payment,
    /// What is still to be asked: no clear answer came.
    pub open: usize,
}

/// Asks about everything of a payment. Errors: a PG account that is not configured any more; the store.
pub async fn recheck(app: &Arc<App>, scope: Scope, id: PaymentId) -> Result<Rechecked, Error> {
    let task = {
        let app = app.clone();
        async move {
            let payment = app.load(scope, id).await?;
            app.ask_everything(payment, &mut Working::unasked()).await
        }
    };
    let payment = app.finish(task).await?;
    let waits = |todo: Todo| matches!(todo, Todo::Inquire(id) if waiting(&payment, id));
    let open = payment
        .to_ask()
        .into_iter()
        .filter_map(|about| payment.todo_about(about))
        .filter(|todo| !waits(*todo))
        .count();
    Ok(Rechecked { payment, open })
}

/// The attempt of which the PG is asked; a receipt is nobody's.
pub(crate) fn attempt_of(payment: &Payment, about: About) -> Option<AttemptId> {
    match about {
        About::Attempt(id) => Some(id),
        About::Cancel(id) => payment.cancel(id).ok().map(|cancel| cancel.attempt),
        About::Receipt => None,
    }
}

/// An account whose deposit may still come is no open question.
fn waiting(payment: &Payment, id: AttemptId) -> bool {
    payment
        .attempt(id)
        .is_ok_and(|attempt| attempt.state == AttemptState::Waiting)
}

impl App {
    /// Each open question is asked, unless somebody is asking it; of what is settled, the PG's side is looked at,
    /// where money went back in the PG's console or an approval came late.
    pub(crate) async fn ask_everything(&self, payment: Payment, working: &mut Working) -> Result<Payment, Error> {
        let open = payment.to_ask();
        let settled = payment.attempts.iter().filter(|attempt| {
            matches!(
                attempt.state,
                AttemptState::Approved | AttemptState::Opened | AttemptState::Declined
            )
        });
        let asked_about = |id| open.iter().any(|about| attempt_of(&payment, *about) == Some(id));
        let looks: Vec<AttemptId> = settled
            .map(|attempt| attempt.id)
            .filter(|id| !asked_about(*id))
            .collect();
        let mut payment = payment;
        for about in open {
            let drive = Drive {
                about,
                working,
                last: &memo::never,
                refund_account: None,
                heard: None,
            };
            let asked = self.ask(payment, drive).await?;
            payment = asked.payment;
            if let (false, Some(id)) = (asked.changed, attempt_of(&payment, about)) {
                // Somebody asks this very moment: a second request beside it could be refused only for being
                // the second, but looking does no harm.
                payment = self.look(payment, id, working).await?;
            }
        }
        for id in looks {
            payment = self.look(payment, id, working).await?;
        }
        Ok(payment)
    }
}

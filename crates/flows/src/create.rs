use std::sync::Arc;

use payments::{Event, NewAttempt, NewPayment, Now, Payment, Step};
use store::{Conflict, NotCommitted};
use vocabulary::Method;

use crate::memo::{self, Expect, Working};
use crate::{App, Error, Memo, Render, Replied, ShopSide};

/// What a shopper, or a shop on its page, chose to pay with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub method: Method,
    /// Easy-pay provider or voucher kind.
    pub kind: Option<String>,
    /// Months of instalments (0: at once); `None`: the PG's window asks.
    pub instalment_months: Option<u8>,
}

/// A new payment for an order; with `first`, its first attempt is opened in the same change.
pub async fn create(
    app: &Arc<App>,
    side: &Arc<ShopSide>,
    new: NewPayment,
    first: Option<Choice>,
    memo: Memo,
    render: Arc<Render>,
) -> Result<Replied, Error> {
    let side = side.clone();
    memo::once(
        app,
        side.scope,
        memo,
        render,
        Expect::New,
        move |app, mut working| async move {
            let made = make(&app, &side, new, first, &mut working).await;
            (working, made)
        },
    )
    .await
}

async fn make(
    app: &App,
    side: &ShopSide,
    new: NewPayment,
    first: Option<Choice>,
    working: &mut Working,
) -> Result<Payment, Error> {
    payable(side, &new)?;
    let now = Now {
        at: app.clock.now(),
        chance: &app.chance,
    };
    let mut step = Payment::create(side.scope, new, &now)?;
    if let Some(choice) = first {
        let opened = open(side, &step.payment, choice, &now)?;
        step.payment = opened.payment;
    }
    let (change, after) = app.change(None, step, now.at, working, &|_: &Payment| true);
    match app.commit(change).await {
        Ok(()) => {
            working.saved(now.at);
            tracing::info!(payment.id = %after.id, order.id = %after.order.id, "payment {} created", after.id);
            Ok(after)
        }
        Err(NotCommitted::Conflict(Conflict::Key)) => Err(Error::KeyInUse),
        Err(NotCommitted::Conflict(Conflict::OrderId)) => {
            // The same request sent twice at once meets its twin here before it meets the key.
            match app
                .store
                .remembered(side.scope, working.key().unwrap_or_default())
                .await?
            {
                Some(_) => Err(Error::KeyInUse),
                None => Err(Error::OrderIdTaken),
            }
        }
        Err(other) => Err(other.into()),
    }
}

/// Is there any way to pay this at all? Better said to the shop now than to the shopper later; of
/// several reasons, the one that the shop can most likely do something about.
fn payable(side: &ShopSide, new: &NewPayment) -> Result<(), Error> {
    let asked = if new.terms.methods.is_empty() {
        &Method::ALL[..]
    } else {
        &new.terms.methods[..]
    };
    let rank = |why: &Error| match why {
        Error::BelowMinimum { .. } => 0,
        Error::CurrencyUnavailable { .. } => 1,
        _ => 2,
    };
    let mut nearest: Option<Error> = None;
    for method in asked {
        match side.accounts_for(*method, new.order.amount) {
            Ok(_) => return Ok(()),
            Err(why) if nearest.as_ref().is_none_or(|nearest| rank(&why) < rank(nearest)) => nearest = Some(why),
            Err(_) => {}
        }
    }
    Err(nearest.unwrap_or(Error::MethodUnavailable(Method::Card)))
}

/// Decides the opening of an attempt: which account, and whether the choice is possible there.
pub(crate) fn open(side: &ShopSide, payment: &Payment, choice: Choice, now: &Now) -> Result<Step, Error> {
    let account = side.account_for(choice.method, payment)?;
    let rules = account
        .rules(choice.method)
        .ok_or(Error::MethodUnavailable(choice.method))?;
    if let Some(kind) = choice
        .kind
        .as_ref()
        .filter(|kind| !rules.kinds.contains(&kind.as_str()))
    {
        return Err(Error::KindUnknown(kind.chars().take(40).collect()));
    }
    let months = choice.instalment_months.unwrap_or(0);
    let most = rules
        .instalment_months_max
        .min(payment.terms.instalment_months_max.unwrap_or(u8::MAX));
    let enough = rules
        .instalment_min
        .is_some_and(|min| payment.order.amount.minor >= min.minor);
    if months == 1 || (months > 1 && (months > most || !enough)) {
        return Err(Error::InstalmentRefused(months));
    }
    let new = NewAttempt {
        pg_account: account.id,
        method: choice.method,
        kind: choice.kind,
        instalment_months: choice.instalment_months,
    };
    Ok(payment.on(Event::Open(new), now)?)
}

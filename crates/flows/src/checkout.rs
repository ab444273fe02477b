//! What the shopper does on the hosted page.

use std::collections::BTreeMap;
use std::sync::Arc;

use connectors::{Bill, Locale, Returned, TaxShare, Window};
use payments::{AttemptState, Event, Now, Payment};
use store::{Conflict, NotCommitted};
use vocabulary::{AttemptId, PaymentId, Scope};

use crate::create::{self, Choice};
use crate::memo::{self, Working};
use crate::{App, Error, ShopSide, token};

/// Opens an attempt: saved before the PG's window opens, so that nothing the PG says is unknown to us.
pub async fn open(app: &Arc<App>, scope: Scope, id: PaymentId, choice: Choice) -> Result<(Payment, AttemptId), Error> {
    let app = app.clone();
    app.clone()
        .finish(async move {
            let side = app.side(scope)?;
            let mut payment = app.load(scope, id).await?;
            loop {
                let now = Now {
                    at: app.clock.now(),
                    chance: &app.chance,
                };
                let step = create::open(&side, &payment, choice.clone(), &now)?;
                let opened = step
                    .payment
                    .attempts
                    .last()
                    .map(|attempt| attempt.id)
                    .ok_or(Error::Bug)?;
                let mut working = Working::unasked();
                let (change, after) = app.change(Some(&payment), step, now.at, &mut working, &memo::never);
                match app.commit(change).await {
                    Ok(()) => return Ok((after, opened)),
                    // Each lost race means that the payment changed; its attempts are few, so this ends.
                    Err(NotCommitted::Conflict(Conflict::Payment)) => payment = app.load(scope, id).await?,
                    Err(other) => return Err(other.into()),
                }
            }
        })
        .await
}

/// What the browser needs to open the PG's window for an attempt.
pub fn window(app: &App, payment: &Payment, id: AttemptId, locale: Locale, mobile: bool) -> Result<Window, Error> {
    let attempt = payment.attempt(id)?;
    let account = app.account_of(attempt)?;
    let back = format!("{}/attempts/{id}", token::checkout_url(app, payment.scope, payment.id));
    let terms = &payment.terms;
    let bill = Bill {
        pg_order_id: id.to_string(),
        order_name: payment.order.name.clone(),
        amount: payment.order.amount,
        tax: TaxShare {
            tax_free: payment.order.tax.tax_free,
            exempt: payment.order.tax.exempt,
        },
        method: attempt.method,
        kind: attempt.kind.clone(),
        locale,
        mobile,
        customer_name: payment.customer.name.clone(),
        customer_email: payment.customer.email.clone(),
        customer_phone: payment.customer.phone.clone(),
        instalment_months: attempt.instalment_months,
        instalment_months_max: terms.instalment_months_max,
        interest_free: terms
            .interest_free
            .iter()
            .map(|offer| (offer.company.clone(), offer.months.clone()))
            .collect(),
        deposit_due_at: Some(attempt.opened_at + terms.deposit_within),
        deposit_within: Some(terms.deposit_within),
        cash_receipt: terms.cash_receipt,
        escrow: terms.escrow,
        escrow_items: terms.escrow_items.iter().map(escrow_item).collect(),
        culture_expense: terms.culture_expense,
        success_url: format!("{back}/success"),
        fail_url: format!("{back}/fail"),
    };
    Ok(account.connector.window(&bill)?)
}

fn escrow_item(item: &payments::EscrowItem) -> connectors::EscrowItem {
    connectors::EscrowItem {
        id: item.id.clone(),
        name: item.name.clone(),
        code: item.code.clone(),
        unit_price: item.unit_price,
        quantity: item.quantity,
    }
}

/// The browser came back from the PG's window. What it says is checked against what we asked for;
/// whether money moves is decided here and nowhere else. Coming back twice is quiet.
pub async fn returned(
    app: &Arc<App>,
    scope: Scope,
    id: PaymentId,
    attempt: AttemptId,
    query: BTreeMap<String, String>,
) -> Result<Payment, Error> {
    let payment = app.load(scope, id).await?;
    let account = app.account_of(payment.attempt(attempt)?)?;
    let work = {
        let app = app.clone();
        async move { app.came_back(payment, attempt, &query).await }
    };
    match tokio::time::timeout(account.budgets.shopper(), app.finish(work)).await {
        Ok(done) => done,
        // The asking goes on; the page says that we are checking.
        Err(_) => app.load(scope, id).await,
    }
}

impl App {
    async fn came_back(
        &self,
        payment: Payment,
        attempt: AttemptId,
        query: &BTreeMap<String, String>,
    ) -> Result<Payment, Error> {
        let account = self.account_of(payment.attempt(attempt)?)?;
        let event = match account.connector.read_return(query) {
            Returned::Agreed {
                pg_key,
                pg_order_id,
                amount_text,
            } => Event::Agreed {
                attempt,
                pg_key,
                pg_order_id,
                amount_text,
            },
            Returned::Refused(failure) => Event::GaveUp { attempt, failure },
            Returned::Malformed(what) => return Err(Error::BadReturn(what)),
        };
        let mut working = Working::unasked();
        let applied = self.apply(payment, &event, &mut working, memo::never).await?;
        let approving = applied.payment.attempt(attempt)?.state == AttemptState::Approving;
        if !(applied.changed && approving) {
            return Ok(applied.payment);
        }
        self.approve_now(applied.payment, attempt, &mut working).await
    }

    pub(crate) fn side(&self, scope: Scope) -> Result<Arc<ShopSide>, Error> {
        self.directory.side(scope).ok_or(Error::NotFound("shop"))
    }
}

//! What must hold at every moment, and what must hold once all is calm.

use std::sync::Arc;

use flows::App;
use payments::{AttemptState, CancelOrigin, CancelState, Payment, State};
use store::{DeliveryFilter, DeliveryState, EventFilter};
use vocabulary::{PaymentId, Scope};

use crate::world::{Known, World};

/// What a PG knows of all attempts of a payment together.
struct AtPg {
    /// Attempts that were ever approved for the right sum.
    charged: usize,
    balance: i64,
    cancels: usize,
}

/// One payment, as it is saved now.
pub async fn payment(world: &World, app: &App, id: PaymentId, known: &Known) {
    let Ok(found) = app.store.payment(known.scope, id).await else {
        return;
    };
    let Some(payment) = found else {
        world.violation(format!("{} ({id}) was acknowledged and is gone", known.order));
        return;
    };
    let mut wrong = Vec::new();
    if payment.version < known.version {
        wrong.push(format!(
            "is at version {}, the shop was told {}",
            payment.version, known.version
        ));
    }
    let after_done = matches!(
        payment.state,
        State::Done | State::PartialCanceled | State::Canceled | State::WaitingForDeposit | State::Expired
    );
    if known.told_done && !after_done {
        wrong.push(format!("was DONE and is {}", payment.state));
    }
    let approved = payment
        .attempts
        .iter()
        .filter(|attempt| attempt.state == AttemptState::Approved);
    if approved.count() > 1 {
        wrong.push("has two approved attempts".to_owned());
    }
    let ours = payment
        .cancels
        .iter()
        .filter(|cancel| cancel.origin == CancelOrigin::Shop);
    let ours = ours.filter(|cancel| cancel.state != CancelState::Refused).count();
    if ours > known.cancel_keys.len() {
        wrong.push(format!(
            "has {ours} cancels of the shop's, which asked for {}",
            known.cancel_keys.len()
        ));
    }
    let taken: i64 = payment
        .cancels
        .iter()
        .filter(|cancel| cancel.state != CancelState::Refused)
        .map(|cancel| cancel.amount().minor)
        .sum();
    if taken > known.amount {
        wrong.push(format!("gives back {taken} of {}", known.amount));
    }
    let at_pg = at_pg(world, &payment);
    if at_pg.charged > 1 {
        wrong.push(format!("was charged {} times", at_pg.charged));
    }
    if let Ok(balance) = payment.balance() {
        let one = payment
            .attempts
            .iter()
            .find(|attempt| attempt.state == AttemptState::Approved);
        let truth = one.and_then(|attempt| world.pg.truth(&attempt.id.to_string()));
        if one.is_some() && known.by_hand == 0 {
            match truth {
                None => wrong.push("is paid by an attempt that the PG does not know".to_owned()),
                Some(truth) if truth.balance.minor > balance.minor => {
                    wrong.push(format!("has {balance} left, the PG {}", truth.balance));
                }
                Some(_) => {}
            }
        }
    }
    for wrong in wrong {
        world.violation(format!("{} ({id}) {wrong}", known.order));
    }
}

fn at_pg(world: &World, payment: &Payment) -> AtPg {
    let truths: Vec<_> = payment
        .attempts
        .iter()
        .filter_map(|attempt| world.pg.truth(&attempt.id.to_string()))
        .collect();
    AtPg {
        charged: truths
            .iter()
            .filter(|truth| truth.approvals > 0 && truth.approved == payment.order.amount)
            .count(),
        balance: truths.iter().map(|truth| truth.balance.minor).sum(),
        cancels: truths.iter().map(|truth| truth.cancels).sum(),
    }
}

/// Everything that was touched since the last look; all of it, if `all`.
pub async fn touched(world: &Arc<World>, app: &App, all: bool) {
    let known: Vec<(PaymentId, Known)> = {
        let mut model = world.model();
        let touched = model.known.iter_mut().filter(|(_, known)| all || known.touched);
        touched
            .map(|(id, known)| {
                known.touched = false;
                (*id, known.clone())
            })
            .collect()
    };
    for (id, known) in known {
        payment(world, app, id, &known).await;
    }
}

/// The books, payment by payment, and the chain of events.
pub async fn books(world: &World, app: &App) {
    match flows::books::check_all(app).await {
        Ok(reports) => {
            for report in reports.iter().filter(|report| !report.clean()) {
                world.violation(format!("the books differ: {:?}", report.differences));
            }
        }
        Err(error) => world.violation(format!("the books cannot be read: {error}")),
    }
    match app.store.verify_chain().await {
        Ok(report) if report.broken.is_empty() => {}
        Ok(report) => world.violation(format!("the chain of events is broken: {:?}", report.broken)),
        Err(fault) => world.violation(format!("the chain of events cannot be read: {fault}")),
    }
}

/// After days without a fault.
pub async fn at_rest(world: &Arc<World>, app: &App) {
    touched(world, app, true).await;
    books(world, app).await;
    let scopes = app.store.scopes().await.unwrap_or_default();
    let mut open = String::new();
    for scope in scopes {
        let mut after = None;
        while let Ok(batch) = app.store.payments_after(scope, after, 100).await {
            let Some(last) = batch.last() else { break };
            after = Some(last.id);
            for payment in &batch {
                settled(world, payment);
                open.push_str(&format!("{} {} {};", payment.order.id, payment.state, payment.version));
            }
        }
        webhooks(world, app, scope).await;
    }
    world.say(&format!("at rest: {open}"));
}

fn settled(world: &World, payment: &Payment) {
    let mut wrong = Vec::new();
    if !payment.state.settled() {
        wrong.push(format!("is {} after days of calm", payment.state));
    }
    let needs_account = payment.attempts.iter().any(payments::Attempt::needs_refund_account);
    if let Some(todo) = payment.todo().filter(|_| !needs_account) {
        wrong.push(format!("still has to {todo:?}"));
    }
    let at_pg = at_pg(world, payment);
    let held: i64 = payment
        .attempts
        .iter()
        .filter(|attempt| attempt.needs_refund_account())
        .filter_map(|attempt| attempt.amount_at_pg)
        .map(|held| held.minor)
        .sum();
    let balance = payment.balance().map_or(-1, |balance| balance.minor);
    if balance + held != at_pg.balance {
        wrong.push(format!("has {balance} and holds {held}, the PG has {}", at_pg.balance));
    }
    let done = payment
        .cancels
        .iter()
        .filter(|cancel| cancel.state == CancelState::Done && cancel.amount().minor > 0)
        .count();
    let voided = payment
        .attempts
        .iter()
        .filter(|attempt| attempt.state == AttemptState::Voided)
        .count();
    let by_hand = world.model().known.get(&payment.id).map_or(1, |known| known.by_hand);
    if by_hand == 0 && at_pg.cancels > done + voided + needs_account_cancels(payment) {
        wrong.push(format!(
            "knows {done} cancels and {voided} voids, the PG {}",
            at_pg.cancels
        ));
    }
    for wrong in &wrong {
        world.violation(format!(
            "{} ({}, {}) {wrong}",
            payment.order.id, payment.id, payment.state
        ));
    }
    if !wrong.is_empty() {
        describe(world, payment);
    }
}

/// Both sides of a payment, for whoever reads the story.
fn describe(world: &World, payment: &Payment) {
    for attempt in &payment.attempts {
        let truth = world.pg.truth(&attempt.id.to_string());
        let (id, state, key) = (attempt.id, attempt.state, attempt.pg_key.as_deref().unwrap_or("no key"));
        world.say(&format!("  attempt {id}, {key}: {state}; at the PG {truth:?}"));
    }
    for cancel in &payment.cancels {
        let (state, amount, key) = (cancel.state, cancel.amount(), &cancel.pg_key);
        world.say(&format!("  cancel of {amount} by {:?}: {state} {key:?}", cancel.origin));
    }
}

/// Cancels of a deposit that never came, or that only closed an account.
fn needs_account_cancels(payment: &Payment) -> usize {
    payment
        .cancels
        .iter()
        .filter(|cancel| cancel.amount().minor == 0)
        .count()
        + payment.attempts.len()
}

async fn webhooks(world: &World, app: &App, scope: Scope) {
    for state in [DeliveryState::Pending, DeliveryState::Parked] {
        let filter = DeliveryFilter {
            endpoint: None,
            state: Some(state),
            event: None,
            limit: 5,
            cursor: None,
        };
        if let Ok(page) = app.store.deliveries(scope, &filter).await {
            for delivery in page.items {
                world.violation(format!(
                    "webhook {} of {} is {} after days of calm",
                    delivery.kind,
                    delivery.payment,
                    state.as_str()
                ));
            }
        }
    }
    if app.store.outbox_depth().await.is_ok_and(|depth| depth > 0) {
        world.violation("events wait in the outbox".to_owned());
    }
    let mut filter = EventFilter {
        limit: 100,
        ..EventFilter::default()
    };
    loop {
        let Ok(page) = app.store.events(scope, &filter).await else {
            return;
        };
        for event in &page.items {
            let payment = event.payment.to_string();
            let heard = world
                .model()
                .hooks
                .values()
                .any(|hook| hook.got.get(&payment).is_some_and(|got| got.contains(&event.sequence)));
            if !heard {
                world.violation(format!(
                    "no shop ever heard {} of {payment}, version {}",
                    event.kind, event.sequence
                ));
            }
        }
        match page.next_cursor {
            Some(next) => filter.cursor = Some(next),
            None => return,
        }
    }
}

//! A shop's words for what the scenarios do.

use std::collections::BTreeMap;

use payments::{Customer, Event, NewAttempt, NewPayment, Now, Order, Payment, Step, Terms, Texts};
use store::{ChangeSet, EventRecord, NotCommitted, Store};
use vocabulary::pg::{Answer, Card, Means, Report, Standing};
use vocabulary::{Chance, EventId, Method, Mode, Money, PgAccountId, Scope, ShopId, Timestamp};

pub use testkit::{Database, START};

pub fn chance() -> Chance {
    Chance::system()
}

pub fn new_scope() -> Scope {
    Scope {
        shop: ShopId::new(START, &chance()),
        mode: Mode::Test,
    }
}

pub fn new_payment(order: &str) -> NewPayment {
    let zero = Money::krw(0);
    NewPayment {
        order: Order::new(order.parse().unwrap(), "나루 도시락", Money::krw(12_000), zero, zero).unwrap(),
        terms: Terms::default(),
        customer: Customer::default(),
        metadata: Texts::new(BTreeMap::new()).unwrap(),
    }
}

pub fn created(scope: Scope, order: &str, at: Timestamp) -> Step {
    let chance = chance();
    Payment::create(scope, new_payment(order), &Now { at, chance: &chance }).unwrap()
}

pub fn on(payment: &Payment, event: Event) -> Step {
    let chance = chance();
    let now = Now {
        at: START,
        chance: &chance,
    };
    payment.on(event, &now).unwrap()
}

/// The event that goes with a step.
pub fn news(before: Option<&Payment>, step: &Step) -> EventRecord {
    EventRecord {
        id: EventId::new(START, &chance()),
        scope: step.payment.scope,
        payment: step.payment.id,
        sequence: before.map_or(0, |before| before.version) + 1,
        kind: step.told.map_or("payment.created", |told| told.as_str()),
        body: format!(r#"{{"id":"{}","name":"나루"}}"#, step.payment.id),
        at: START,
    }
}

pub fn set_of(before: Option<&Payment>, step: &Step) -> ChangeSet {
    let mut set = ChangeSet::new(step.payment.scope);
    set.payment(before, step);
    if step.told.is_some() {
        set.event(news(before, step));
    }
    set
}

/// Saves a step and reads the payment back.
pub async fn save(store: &Store, before: Option<&Payment>, step: &Step) -> Result<Payment, NotCommitted> {
    store.commit(set_of(before, step)).await?;
    let found = store.payment(step.payment.scope, step.payment.id).await?;
    Ok(found.expect("what was committed is there"))
}

pub fn open_attempt(method: Method) -> Event {
    Event::Open(NewAttempt {
        pg_account: PgAccountId::new(START, &chance()),
        method,
        kind: None,
        instalment_months: None,
    })
}

pub fn approved(payment: &Payment) -> Event {
    let attempt = payment.attempts.last().expect("an attempt is open");
    Event::PgSays {
        attempt: attempt.id,
        answer: Answer::Report(Box::new(Report {
            pg_key: "tviva20260301".to_owned(),
            pg_order_id: attempt.id.to_string(),
            standing: Standing::Approved,
            amount: payment.order.amount,
            balance: payment.order.amount,
            method: Some(Method::Card),
            means: Means::Card(Card {
                issuer: "신한".to_owned(),
                number_masked: "43301234****123*".to_owned(),
                instalment_months: 0,
                interest_free: false,
                approval_number: "00000000".to_owned(),
            }),
            approved_at: Some(START),
            cancels: Vec::new(),
            notice_secret: None,
            receipt_url: None,
            cash_receipt: None,
            partial_cancel_allowed: true,
        })),
    }
}

/// A paid payment, saved step by step.
pub async fn paid(store: &Store, scope: Scope, order: &str) -> Payment {
    let step = created(scope, order, START);
    let payment = save(store, None, &step).await.unwrap();
    let step = on(&payment, open_attempt(Method::Card));
    let payment = save(store, Some(&payment), &step).await.unwrap();
    let step = on(&payment, approved(&payment));
    save(store, Some(&payment), &step).await.unwrap()
}

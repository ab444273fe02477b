//! A shop's words for what the scenarios do.

use std::collections::BTreeMap;

use payments::{Customer, Event, NewAttempt, NewPayment, Now, Order, Payment, Step, Terms, Texts};
use store::{ChangeSet, Conflict, EventRecord, NotCommitted, Remembered, RememberedAnswer, Store};
use tokio_postgres::NoTls;
use vocabulary::pg::{Answer, Card, Means, Report, Standing};
use vocabulary::{Chance, EventId, Method, Mode, Money, PgAccountId, Scope, ShopId, Timestamp};

pub use testkit::{Database, START};

/// Tells a story on a new database of each kind.
pub async fn on_each(story: impl AsyncFn(&Store, Scope)) {
    for database in Database::each().await {
        let store = database.open().await;
        story(&store, new_scope()).await;
        store.close().await;
    }
}

pub fn chance() -> Chance {
    Chance::system()
}

pub fn new_scope() -> Scope {
    Scope {
        shop: ShopId::new(START, &chance()),
        mode: Mode::Test,
    }
}

pub fn created(scope: Scope, order: &str, at: Timestamp) -> Step {
    let zero = Money::krw(0);
    let new = NewPayment {
        order: Order::new(order.parse().unwrap(), "나루 도시락", Money::krw(12_000), zero, zero).unwrap(),
        terms: Terms::default(),
        customer: Customer::default(),
        metadata: Texts::new(BTreeMap::new()).unwrap(),
    };
    let chance = chance();
    Payment::create(scope, new, &Now { at, chance: &chance }).unwrap()
}

pub fn on(payment: &Payment, event: Event) -> Step {
    let chance = chance();
    let now = Now {
        at: START,
        chance: &chance,
    };
    payment.on(event, &now).unwrap()
}

/// A step that changes nothing but is saved: the version goes up.
pub fn touched(payment: &Payment) -> Step {
    Step {
        payment: payment.clone(),
        changed: true,
        postings: Vec::new(),
        told: None,
    }
}

/// The event that goes with a step.
pub fn news(before: Option<&Payment>, step: &Step) -> EventRecord {
    EventRecord {
        id: EventId::new(START, &chance()),
        scope: step.payment.scope,
        payment: step.payment.id,
        sequence: before.map_or(0, |before| before.version) + 1,
        kind: step.told.map_or("payment.changed", |told| told.as_str()),
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
pub async fn save(store: &Store, before: Option<&Payment>, step: &Step) -> Payment {
    store.commit(set_of(before, step)).await.unwrap();
    let found = store.payment(step.payment.scope, step.payment.id).await.unwrap();
    found.expect("what was committed is there")
}

pub async fn create(store: &Store, scope: Scope, order: &str) -> Payment {
    save(store, None, &created(scope, order, START)).await
}

pub fn open_attempt(method: Method) -> Event {
    Event::Open(NewAttempt {
        pg_account: PgAccountId::new(START, &chance()),
        method,
        kind: None,
        instalment_months: None,
    })
}

/// The PG's yes to the payment's last attempt.
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
            notice_secret: Some("ps_of_the_notice".to_owned()),
            receipt_url: None,
            cash_receipt: None,
            partial_cancel_allowed: true,
        })),
    }
}

/// A paid payment, saved step by step: versions 1, 2, 3 with events at 1 and 3.
pub async fn paid(store: &Store, scope: Scope, order: &str) -> Payment {
    let payment = create(store, scope, order).await;
    let step = on(&payment, open_attempt(Method::Card));
    let payment = save(store, Some(&payment), &step).await;
    let step = on(&payment, approved(&payment));
    save(store, Some(&payment), &step).await
}

pub fn asked(key: &str) -> Remembered {
    Remembered {
        key: key.to_owned(),
        request_hash: [7; 32],
        fields: r#"{"amount":"3f"}"#.to_owned(),
        answer: None,
        lease_until: START,
        subject: "pay".to_owned(),
        created_at: START,
    }
}

pub fn answered(key: &str) -> Remembered {
    Remembered {
        answer: Some(RememberedAnswer {
            status: 201,
            body: r#"{"상태":"READY"}"#.to_owned(),
        }),
        ..asked(key)
    }
}

#[track_caller]
pub fn assert_conflict(result: Result<(), NotCommitted>, expected: Conflict) {
    match result {
        Err(NotCommitted::Conflict(found)) => assert_eq!(found, expected),
        other => panic!("expected {expected:?}, got {other:?}"),
    }
}

/// Someone with the database's own tools.
pub enum Intruder {
    Sqlite(rusqlite::Connection),
    Postgres(tokio_postgres::Client),
}

impl Intruder {
    pub async fn into(database: &Database) -> Intruder {
        match database.url.strip_prefix("sqlite:") {
            Some(path) => Intruder::Sqlite(rusqlite::Connection::open(path).unwrap()),
            None => {
                let (client, connection) = tokio_postgres::connect(&database.url, NoTls).await.unwrap();
                tokio::spawn(connection);
                Intruder::Postgres(client)
            }
        }
    }

    pub async fn run(&self, sql: &str) {
        match self {
            Intruder::Sqlite(connection) => connection.execute_batch(sql).unwrap(),
            Intruder::Postgres(client) => client.batch_execute(sql).await.unwrap(),
        }
    }

    /// What the first column of the first row holds.
    pub async fn read(&self, sql: &str) -> String {
        match self {
            Intruder::Sqlite(connection) => connection.query_row(sql, [], |row| row.get(0)).unwrap(),
            Intruder::Postgres(client) => client.query_one(sql, &[]).await.unwrap().get(0),
        }
    }

    /// Keeps every commit waiting until [`Intruder::let_go`].
    pub async fn hold(&self) {
        match self {
            Intruder::Sqlite(_) => self.run("BEGIN IMMEDIATE").await,
            Intruder::Postgres(_) => self.run("BEGIN; LOCK TABLE chains IN ACCESS EXCLUSIVE MODE").await,
        }
    }

    pub async fn let_go(&self) {
        self.run("COMMIT").await;
    }
}

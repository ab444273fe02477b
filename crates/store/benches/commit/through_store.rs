//! The same write set as payments, steps and change sets, by many callers at once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use payments::{Customer, Event, NewAttempt, NewPayment, Now, Order, Payment, Step, Terms, Texts};
use store::{ChangeSet, EventRecord, Remembered, RememberedAnswer, Store};
use testkit::{Database, START};
use vocabulary::pg::{Answer, Card, Means, Report, Standing};
use vocabulary::{Chance, EventId, Method, Mode, Money, PgAccountId, Scope, ShopId};

use crate::work::{ANSWER_BYTES, EVENT_BYTES, hash, id, json};
use crate::{Measured, cpu};

pub async fn run(database: &Database, callers: usize, limit: Duration, mut watch: cpu::Watch) -> Measured {
    let store = database.open().await;
    let chance = Chance::system();
    let shop = Arc::new(Shop {
        scope: Scope {
            shop: ShopId::new(START, &chance),
            mode: Mode::Live,
        },
        pg: PgAccountId::new(START, &chance),
        store,
        chance,
        orders: AtomicU64::new(0),
    });
    // Connections, prepared statements and the chain are there before the clock runs.
    shop.pair().await;
    let warm = shop.store.stats();
    watch.restart();
    let begun = Instant::now();
    let tasks: Vec<_> = (0..callers)
        .map(|_| {
            let shop = shop.clone();
            tokio::spawn(async move {
                let mut pairs = 0_u64;
                while begun.elapsed() < limit {
                    shop.pair().await;
                    pairs += 1;
                }
                pairs
            })
        })
        .collect();
    let mut pairs = 0;
    for task in tasks {
        pairs += task.await.expect("a caller");
    }
    let took = begun.elapsed();
    let spent = watch.spent();
    let stats = shop.store.stats();
    shop.store.close().await;
    Measured {
        pairs,
        took,
        cpu: spent,
        group: (stats.sets - warm.sets) as f64 / (stats.groups - warm.groups).max(1) as f64,
    }
}

struct Shop {
    store: Store,
    scope: Scope,
    pg: PgAccountId,
    chance: Chance,
    orders: AtomicU64,
}

impl Shop {
    async fn pair(&self) {
        let now = Now {
            at: START,
            chance: &self.chance,
        };
        let step = self.create(&now);
        let payment = step.payment.id;
        self.save(None, &step).await;
        let before = self
            .store
            .payment(self.scope, payment)
            .await
            .expect("a read")
            .expect("a payment");
        let step = self.confirm(&before, &now);
        self.save(Some(&before), &step).await;
    }

    fn create(&self, now: &Now<'_>) -> Step {
        let number = self.orders.fetch_add(1, Ordering::Relaxed);
        let order = format!("order-{number:012}").parse().expect("an order id");
        let zero = Money::krw(0);
        let new = NewPayment {
            order: Order::new(order, "나루 도시락", Money::krw(12_000), zero, zero).expect("an order"),
            terms: Terms::default(),
            customer: Customer::default(),
            metadata: Texts::new(BTreeMap::new()).expect("no notes"),
        };
        Payment::create(self.scope, new, now).expect("a payment")
    }

    /// The attempt, opened and approved, as one step on the saved payment.
    fn confirm(&self, before: &Payment, now: &Now<'_>) -> Step {
        let open = Event::Open(NewAttempt {
            pg_account: self.pg,
            method: Method::Card,
            kind: None,
            instalment_months: None,
        });
        let opened = before.on(open, now).expect("an attempt").payment;
        let attempt = opened.attempts[0].id;
        let report = Report {
            pg_key: "tviva20260301101531ABCD1".to_owned(),
            pg_order_id: attempt.to_string(),
            standing: Standing::Approved,
            amount: before.order.amount,
            balance: before.order.amount,
            method: Some(Method::Card),
            means: Means::Card(Card {
                issuer: "신한".to_owned(),
                number_masked: "43301234****123*".to_owned(),
                instalment_months: 0,
                interest_free: false,
                approval_number: "00000000".to_owned(),
            }),
            approved_at: Some(now.at),
            cancels: Vec::new(),
            notice_secret: None,
            receipt_url: None,
            cash_receipt: None,
            partial_cancel_allowed: true,
        };
        let answer = Answer::Report(Box::new(report));
        opened.on(Event::PgSays { attempt, answer }, now).expect("an approval")
    }

    async fn save(&self, before: Option<&Payment>, step: &Step) {
        let payment = &step.payment;
        let key = id(&self.chance).to_string();
        let mut set = ChangeSet::new(self.scope);
        set.remember(Remembered {
            request_hash: hash(&[], &key).try_into().expect("32 bytes"),
            key,
            fields: String::new(),
            answer: Some(RememberedAnswer {
                status: 200,
                body: json(payment.id.uuid(), ANSWER_BYTES),
            }),
            lease_until: START,
            subject: String::new(),
            created_at: START,
        });
        set.payment(before, step);
        set.event(EventRecord {
            id: EventId::new(START, &self.chance),
            scope: self.scope,
            payment: payment.id,
            sequence: before.map_or(0, |before| before.version) + 1,
            kind: step.told.map_or("payment.changed", |told| told.as_str()),
            body: json(payment.id.uuid(), EVENT_BYTES),
            at: START,
        });
        self.store.commit(set).await.expect("a commit");
    }
}

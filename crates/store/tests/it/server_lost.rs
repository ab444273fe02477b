//! PostgreSQL dies in the middle of the load and comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use payments::{Payment, State};
use store::{Fault, NotCommitted, PaymentFilter, Store};
use testkit::{Flushing, Server};
use vocabulary::{Method, Money, Scope};

use crate::kit::*;

const SHOPPERS: u64 = 24;
const DEATHS: u64 = 3;
/// Payments between two deaths.
const PAID_BETWEEN: u64 = 60;

#[derive(Default)]
struct Tally {
    paid: AtomicU64,
    unavailable: AtomicU64,
    unknown: AtomicU64,
}

/// Commits until the database has said yes, as a caller would that looks before it repeats.
async fn insist(store: &Store, tally: &Tally, before: Option<&Payment>, step: &payments::Step) -> Payment {
    let (scope, id) = (step.payment.scope, step.payment.id);
    loop {
        match store.commit(set_of(before, step)).await {
            Ok(()) => {}
            Err(NotCommitted::Fault(Fault::Unavailable { .. })) => {
                tally.unavailable.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                continue;
            }
            Err(NotCommitted::Fault(Fault::Unknown { .. })) => {
                tally.unknown.fetch_add(1, Ordering::Relaxed);
                let found = look(store, scope, id).await;
                let version = before.map_or(0, |before| before.version);
                if found.as_ref().map_or(0, |found| found.version) == version {
                    continue;
                }
            }
            Err(other) => panic!("{other:?}"),
        }
        return look(store, scope, id).await.expect("what was acknowledged is there");
    }
}

async fn look(store: &Store, scope: Scope, id: vocabulary::PaymentId) -> Option<Payment> {
    loop {
        match store.payment(scope, id).await {
            Ok(found) => return found,
            Err(Fault::Unavailable { .. }) => tokio::task::yield_now().await,
            Err(other) => panic!("{other:?}"),
        }
    }
}

async fn shop(store: Store, scope: Scope, tally: Arc<Tally>, shopper: u64) {
    let mut n = 0;
    while tally.paid.load(Ordering::Relaxed) < PAID_BETWEEN * (DEATHS + 1) {
        let step = created(scope, &format!("order-{shopper:02}-{n:05}"), START);
        let payment = insist(&store, &tally, None, &step).await;
        let step = on(&payment, open_attempt(Method::Card));
        let payment = insist(&store, &tally, Some(&payment), &step).await;
        let step = on(&payment, approved(&payment));
        insist(&store, &tally, Some(&payment), &step).await;
        tally.paid.fetch_add(1, Ordering::Relaxed);
        n += 1;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_dies_under_load_loses_nothing_and_doubles_nothing() {
    let Some(server) = Server::own(Flushing::Off) else {
        return;
    };
    let server = Arc::new(server);
    let database = server.fresh().await;
    let store = database.open().await;
    let scope = new_scope();
    let tally = Arc::new(Tally::default());
    let shoppers: Vec<_> = (0..SHOPPERS)
        .map(|shopper| tokio::spawn(shop(store.clone(), scope, tally.clone(), shopper)))
        .collect();
    for death in 1..=DEATHS {
        while tally.paid.load(Ordering::Relaxed) < PAID_BETWEEN * death {
            tokio::task::yield_now().await;
        }
        let server = server.clone();
        let revived = tokio::task::spawn_blocking(move || {
            server.kill();
            server.start_again();
        });
        revived.await.unwrap();
    }
    for shopper in shoppers {
        shopper.await.unwrap();
    }
    assert!(tally.unavailable.load(Ordering::Relaxed) > 0, "the deaths were noticed");

    let paid = tally.paid.load(Ordering::Relaxed);
    let mut found = 0;
    let mut filter = PaymentFilter {
        limit: 100,
        ..Default::default()
    };
    loop {
        let page = store.payments(scope, &filter).await.unwrap();
        for payment in &page.items {
            assert_eq!((payment.state, payment.version), (State::Done, 3));
            assert_eq!(store.postings(scope, payment.id).await.unwrap().len(), 1);
            found += 1;
        }
        match page.next_cursor {
            Some(cursor) => filter.cursor = Some(cursor),
            None => break,
        }
    }
    assert_eq!(found, paid);
    let balance = store.trial_balance(scope).await.unwrap();
    assert!(balance.balanced().unwrap());
    let debits: i64 = balance.rows().map(|(_, row)| row.debit.minor).sum();
    assert_eq!(Money::krw(debits), Money::krw(12_000 * paid as i64));
    let report = store.verify_chain().await.unwrap();
    assert_eq!((report.events, report.broken), (paid * 2, Vec::new()));
    store.close().await;
}

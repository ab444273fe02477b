use futures_util::future::join_all;
use store::{ChangeSet, Conflict, NotCommitted, RememberedAnswer, Store};
use vocabulary::{Duration, EventId, Scope};

use crate::kit::*;

/// How many at once.
const CROWD: usize = 64;

/// Of a crowd exactly one was saved, and the others were told why.
fn one_winner(results: Vec<Result<(), NotCommitted>>, expected: Conflict) {
    let won = results.iter().filter(|result| result.is_ok()).count();
    assert_eq!(won, 1, "of {}", results.len());
    for lost in results.into_iter().filter(|result| result.is_err()) {
        assert_conflict(lost, expected);
    }
}

#[tokio::test]
async fn an_order_id_is_taken_once() {
    on_each(async |store, scope| {
        let sets = (0..CROWD).map(|_| set_of(None, &created(scope, "order-0001", START)));
        one_winner(join_all(sets.map(|set| store.commit(set))).await, Conflict::OrderId);
        let page = store.payments(scope, &Default::default()).await.unwrap();
        assert_eq!(page.items.len(), 1);
        assert_eq!(store.events(scope, &Default::default()).await.unwrap().items.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_version_is_saved_once() {
    on_each(async |store, scope| {
        let payment = create(store, scope, "order-0001").await;
        let sets = (0..CROWD).map(|_| set_of(Some(&payment), &touched(&payment)));
        one_winner(join_all(sets.map(|set| store.commit(set))).await, Conflict::Payment);
        assert_eq!(store.payment(scope, payment.id).await.unwrap().unwrap().version, 2);
    })
    .await;
}

#[tokio::test]
async fn an_idempotency_key_is_taken_answered_and_taken_over_once() {
    on_each(async |store, scope| {
        let set = |change: &dyn Fn(&mut ChangeSet)| {
            let mut set = ChangeSet::new(scope);
            change(&mut set);
            set
        };
        let sets = (0..CROWD).map(|_| set(&|set| set.remember(asked("key-1"))));
        one_winner(join_all(sets.map(|set| store.commit(set))).await, Conflict::Key);

        let lease = START + Duration::minutes(1);
        let sets = (0..CROWD).map(|_| set(&|set| set.take_over("key-1", START, lease)));
        one_winner(join_all(sets.map(|set| store.commit(set))).await, Conflict::Answer);

        let answer = |status| RememberedAnswer {
            status,
            body: "{}".to_owned(),
        };
        let sets = (0..CROWD).map(|n| set(&|set| set.answer("key-1", answer(200 + n as u16))));
        one_winner(join_all(sets.map(|set| store.commit(set))).await, Conflict::Answer);
        let found = store.remembered(scope, "key-1").await.unwrap().unwrap();
        assert!(found.answer.is_some());
        assert_eq!(found.lease_until, lease);
        // Once answered it cannot be taken over.
        let late = set(&|set| set.take_over("key-1", lease, lease + Duration::minutes(1)));
        assert_conflict(store.commit(late).await, Conflict::Answer);
    })
    .await;
}

#[tokio::test]
async fn what_does_not_exist_cannot_be_changed() {
    on_each(async |store, scope| {
        let mut unborn = created(scope, "order-0001", START).payment;
        unborn.version = 1;
        assert_conflict(
            store.commit(set_of(Some(&unborn), &touched(&unborn))).await,
            Conflict::Payment,
        );
        let mut set = ChangeSet::new(scope);
        set.fan_out(EventId::new(START, &chance()), Vec::new());
        assert_conflict(store.commit(set).await, Conflict::FannedOut);
    })
    .await;
}

/// Has someone hold the database while the store's one writer is in the middle of a commit, so that
/// all that comes now waits in the queue. Gives the commit that the writer is at.
async fn hold_writer(
    intruder: &Intruder,
    store: &Store,
    scope: Scope,
) -> tokio::task::JoinHandle<Result<(), NotCommitted>> {
    create(store, scope, "order-first").await;
    intruder.hold().await;
    let set = set_of(None, &created(scope, "order-plug", START));
    let plug = tokio::spawn({
        let store = store.clone();
        async move { store.commit(set).await }
    });
    // The task runs, and the writer takes what it brings.
    tokio::task::yield_now().await;
    while store.stats().queued > 0 {
        tokio::task::yield_now().await;
    }
    plug
}

/// Losers in the middle of full groups: some lose at once, some after half of their rows were written.
/// They alone are told; nothing of them is left; everyone else is saved in a few commits.
#[tokio::test]
async fn a_loser_never_fails_its_neighbours() {
    for database in Database::each().await {
        let store = database.open_with(|options| options.writers = 1).await;
        let scope = new_scope();
        create(&store, scope, "order-taken").await;
        let mut set = ChangeSet::new(scope);
        set.remember(answered("key-taken"));
        store.commit(set).await.unwrap();

        let intruder = Intruder::into(&database).await;
        let plug = hold_writer(&intruder, &store, scope).await;
        let sets = (0..300).map(|n| {
            let order = if n % 5 == 3 {
                "order-taken".to_owned()
            } else {
                format!("order-{n:04}")
            };
            let key = if n % 7 == 4 {
                "key-taken".to_owned()
            } else {
                format!("key-{n:04}")
            };
            let mut set = set_of(None, &created(scope, &order, START));
            set.remember(answered(&key));
            let store = store.clone();
            tokio::spawn(async move { store.commit(set).await })
        });
        let waiting: Vec<_> = sets.collect();
        while store.stats().queued < 300 {
            tokio::task::yield_now().await;
        }
        let before = store.stats();
        intruder.let_go().await;
        plug.await.unwrap().unwrap();
        for (n, result) in join_all(waiting).await.into_iter().enumerate() {
            match (n % 5 == 3, n % 7 == 4) {
                // Which of the two it loses by is not promised.
                (true, true) => assert!(matches!(result.unwrap(), Err(NotCommitted::Conflict(_)))),
                (true, false) => assert_conflict(result.unwrap(), Conflict::OrderId),
                (false, true) => assert_conflict(result.unwrap(), Conflict::Key),
                (false, false) => result.unwrap().unwrap(),
            }
            let lost = n % 5 == 3 || n % 7 == 4;
            let remembered = store.remembered(scope, &format!("key-{n:04}")).await.unwrap();
            assert_eq!(remembered.is_some(), !lost, "{n} in {}", store.engine());
            let order = format!("order-{n:04}").parse().unwrap();
            let payment = store.payment_by_order(scope, &order).await.unwrap();
            assert_eq!(payment.is_some(), !lost, "{n} in {}", store.engine());
        }
        let after = store.stats();
        assert!(
            after.groups - before.groups < 20,
            "{} commits",
            after.groups - before.groups
        );
        assert_eq!(after.faults, 0);
        let report = store.verify_chain().await.unwrap();
        assert_eq!(report.broken, []);
        store.close().await;
    }
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    for database in Database::each().await {
        let store = database
            .open_with(|options| {
                options.queue_max = 8;
                options.writers = 1;
            })
            .await;
        let scope = new_scope();
        let intruder = Intruder::into(&database).await;
        let plug = hold_writer(&intruder, &store, scope).await;
        let sets = (0..8).map(|n| set_of(None, &created(scope, &format!("order-{n:04}x"), START)));
        let waiting: Vec<_> = sets
            .map(|set| {
                let store = store.clone();
                tokio::spawn(async move { store.commit(set).await })
            })
            .collect();
        while store.stats().queued < 8 {
            tokio::task::yield_now().await;
        }
        let one_more = store.commit(set_of(None, &created(scope, "order-more", START))).await;
        assert!(
            matches!(one_more, Err(NotCommitted::Fault(store::Fault::Busy))),
            "{one_more:?}"
        );
        intruder.let_go().await;
        plug.await.unwrap().unwrap();
        for saved in join_all(waiting).await {
            saved.unwrap().unwrap();
        }
        store.close().await;
    }
}

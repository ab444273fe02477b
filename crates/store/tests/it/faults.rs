use store::{Fault, NotCommitted, Store};

use crate::kit::*;

#[track_caller]
fn assert_unavailable(result: Result<(), NotCommitted>, doing: &str) {
    match result {
        Err(NotCommitted::Fault(fault @ Fault::Unavailable { .. })) => {
            assert!(fault.to_string().contains(doing), "{fault}");
        }
        other => panic!("expected that {doing}, got {other:?}"),
    }
}

#[tokio::test]
async fn a_locked_sqlite_file_is_waited_for_and_then_told() {
    let database = Database::sqlite().await;
    let store = database.open_with(|options| options.patience_ms = 30).await;
    let scope = new_scope();
    create(&store, scope, "order-0001").await;
    let intruder = Intruder::into(&database).await;
    intruder.hold().await;
    let saved = store.commit(set_of(None, &created(scope, "order-0002", START))).await;
    assert_unavailable(saved, "another program holds the database file's lock");
    // Reading goes on meanwhile.
    assert_eq!(store.payments(scope, &Default::default()).await.unwrap().items.len(), 1);
    intruder.let_go().await;
    create(&store, scope, "order-0002").await;
    store.close().await;
}

#[tokio::test]
async fn a_database_that_vanished_takes_nothing_more() {
    let database = Database::sqlite().await;
    let store = database.open().await;
    let scope = new_scope();
    create(&store, scope, "order-0001").await;
    let path = std::path::Path::new(database.url.strip_prefix("sqlite:").unwrap());
    std::fs::rename(path, path.with_extension("moved")).unwrap();
    // The group that finds out is not acknowledged: it lies in a file nobody will open.
    let saved = store.commit(set_of(None, &created(scope, "order-0002", START))).await;
    assert!(
        matches!(saved, Err(NotCommitted::Fault(Fault::Unknown { .. }))),
        "{saved:?}"
    );
    std::fs::write(path, "").unwrap();
    let saved = store.commit(set_of(None, &created(scope, "order-0003", START))).await;
    assert_unavailable(saved, "must be opened again");
    store.close().await;
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_ends_when_there_is_room() {
    let database = Database::sqlite().await;
    let scope = new_scope();
    let store = database
        .open_with(|options| options.file_bytes_max = Some(600 * 1024))
        .await;
    let mut saved = 0;
    let full = loop {
        let step = created(scope, &format!("order-{saved:05}"), START);
        match store.commit(set_of(None, &step)).await {
            Ok(()) => saved += 1,
            Err(refused) => break refused,
        }
    };
    assert_unavailable(Err(full), "the disk is full");
    assert!(saved > 10, "{saved}");
    // One that needs no new page may still find room; none gets another answer than these two.
    for number in 0..3 {
        let step = created(scope, &format!("order-more-{number}"), START);
        match store.commit(set_of(None, &step)).await {
            Ok(()) => saved += 1,
            refused => assert_unavailable(refused, "the disk is full"),
        }
    }
    store.close().await;

    let store = database.open().await;
    create(&store, scope, "order-again").await;
    let report = store.verify_chain().await.unwrap();
    assert_eq!((report.events, report.broken), (saved + 1, Vec::new()));
    store.close().await;
}

#[tokio::test]
async fn an_address_that_cannot_be_used_is_told() {
    let open = async |url: &str| {
        Store::open(url, testkit::options())
            .await
            .err()
            .map(|fault| fault.to_string())
    };
    for (url, words) in [
        ("mysql://localhost/naru", "begins with `sqlite:` or `postgres://`"),
        ("naru.db", "begins with `sqlite:` or `postgres://`"),
        ("sqlite:", "name a file"),
        ("sqlite::memory:", "name a file"),
        ("sqlite:/no/such/folder/naru.db", "cannot be opened"),
        ("postgres://localhost:1/naru?sslmode=disable", "does not answer"),
        ("postgres://localhost/naru?sslmode=perhaps", "is not one of"),
        ("postgres://localhost/naru?sslrootcert=/no/such.pem", "cannot be read"),
    ] {
        let said = open(url).await.unwrap_or_default();
        assert!(said.contains(words), "{url}: {said}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_told() {
    let folder = testkit::Folder::new("garbage");
    let path = folder.path().join("notes.db");
    std::fs::write(
        &path,
        "this is not a database, it is a long enough text file ".repeat(200),
    )
    .unwrap();
    let opened = Store::open(&format!("sqlite:{}", path.display()), testkit::options()).await;
    assert!(matches!(opened.err(), Some(Fault::Corrupt { .. })));
}

#[tokio::test]
async fn what_was_acknowledged_outlives_a_store_that_was_dropped() {
    for database in Database::each().await {
        let scope = new_scope();
        for n in 0..5 {
            let store = database.open().await;
            create(&store, scope, &format!("order-{n:04}")).await;
            drop(store);
            let again = database.open().await;
            let page = again
                .payments(
                    scope,
                    &store::PaymentFilter {
                        limit: 100,
                        ..Default::default()
                    },
                )
                .await;
            assert_eq!(page.unwrap().items.len(), n + 1);
            again.close().await;
        }
    }
}

#[tokio::test]
async fn after_close_nothing_is_taken_in_and_what_waited_is_saved() {
    on_each(async |store, scope| {
        let sets = (0..50).map(|n| set_of(None, &created(scope, &format!("order-{n:04}"), START)));
        let waiting: Vec<_> = sets
            .map(|set| {
                let store = store.clone();
                tokio::spawn(async move { store.commit(set).await })
            })
            .collect();
        // Every task runs once, as far as the queue.
        tokio::task::yield_now().await;
        store.close().await;
        for saved in waiting {
            saved.await.unwrap().unwrap();
        }
        let late = store.commit(set_of(None, &created(scope, "order-late", START))).await;
        assert_unavailable(late, "shutting down");
        let page = store
            .payments(
                scope,
                &store::PaymentFilter {
                    limit: 100,
                    ..Default::default()
                },
            )
            .await
            .unwrap();
        assert_eq!(page.items.len(), 50);
    })
    .await;
}

#[tokio::test]
async fn the_store_says_which_engine_it_is_and_counts() {
    on_each(async |store, scope| {
        store.ping().await.unwrap();
        assert!(["sqlite", "postgres"].contains(&store.engine()));
        create(store, scope, "order-0001").await;
        let stats = store.stats();
        assert_eq!((stats.groups, stats.sets, stats.queued), (1, 1, 0));
        assert_eq!(stats.latency_buckets.iter().sum::<u64>(), 1);
        assert!((stats.mean_group() - 1.0).abs() < f64::EPSILON);
    })
    .await;
}

use futures_util::future::join_all;
use store::{Fault, NotCommitted, SchemaState};
use testkit::Server;

use crate::kit::*;

async fn unmigrated() -> Vec<Database> {
    let mut databases = vec![Database::sqlite_unmigrated()];
    if let Some(server) = Server::shared() {
        databases.push(Database::at(server.database().await));
    }
    databases
}

#[tokio::test]
async fn migrating_twice_is_quiet() {
    for database in unmigrated().await {
        let store = database.open().await;
        assert_eq!(
            store.schema().await.unwrap(),
            SchemaState::Behind { found: 0, known: 1 }
        );
        let first = store.migrate().await.unwrap();
        assert_eq!((first.applied, first.version), (vec!["0001_spine".to_owned()], 1));
        let second = store.migrate().await.unwrap();
        assert_eq!((second.applied, second.version), (Vec::new(), 1));
        assert_eq!(store.schema().await.unwrap(), SchemaState::Current);
        store.close().await;
    }
}

#[tokio::test]
async fn several_programs_may_migrate_at_once() {
    for database in unmigrated().await {
        let stores = join_all((0..4).map(|_| database.open())).await;
        let done = join_all(stores.iter().map(|store| store.migrate())).await;
        let applied: usize = done.into_iter().map(|done| done.unwrap().applied.len()).sum();
        assert_eq!(applied, 1);
        for store in stores {
            store.close().await;
        }
    }
}

#[tokio::test]
async fn nothing_works_before_the_migration_and_says_so() {
    for database in unmigrated().await {
        let store = database.open().await;
        let scope = new_scope();
        let step = created(scope, "order-0001", START);
        let saved = store.commit(set_of(None, &step)).await;
        assert!(
            matches!(saved, Err(NotCommitted::Fault(Fault::NotMigrated))),
            "{saved:?}"
        );
        assert!(matches!(
            store.payment(scope, step.payment.id).await,
            Err(Fault::NotMigrated)
        ));
        store.migrate().await.unwrap();
        // A failed start does not linger.
        let mut saved = store.commit(set_of(None, &step)).await;
        while matches!(saved, Err(NotCommitted::Fault(Fault::NotMigrated))) {
            tokio::task::yield_now().await;
            saved = store.commit(set_of(None, &step)).await;
        }
        saved.unwrap();
        store.close().await;
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    for database in Database::each().await {
        let intruder = Intruder::into(&database).await;
        intruder
            .run("INSERT INTO schema_migrations VALUES (7, 'later', 'x', 0)")
            .await;
        let store = database.open().await;
        assert_eq!(store.schema().await.unwrap(), SchemaState::Newer { found: 7, known: 1 });
        let refused = store.migrate().await;
        assert!(
            matches!(refused, Err(Fault::NewerSchema { found: 7, known: 1 })),
            "{refused:?}"
        );
        let saved = store
            .commit(set_of(None, &created(new_scope(), "order-0001", START)))
            .await;
        assert!(
            matches!(saved, Err(NotCommitted::Fault(Fault::NewerSchema { .. }))),
            "{saved:?}"
        );
        store.close().await;
    }
}

#[tokio::test]
async fn a_migration_in_another_wording_is_refused() {
    for database in Database::each().await {
        Intruder::into(&database)
            .await
            .run("UPDATE schema_migrations SET checksum = 'other'")
            .await;
        let store = database.open().await;
        for refused in [store.migrate().await.err(), store.schema().await.err()] {
            assert!(
                matches!(refused, Some(Fault::ChangedMigration { number: 1, .. })),
                "{refused:?}"
            );
        }
        store.close().await;
    }
}

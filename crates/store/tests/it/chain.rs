use crate::kit::*;
use store::{ChangeSet, Conflict, EventFilter};

/// What a report says is broken.
async fn broken_after(sql: &str) -> Vec<Vec<&'static str>> {
    let mut found = Vec::new();
    for database in Database::each().await {
        let store = database.open_with(|options| options.writers = 1).await;
        let scope = new_scope();
        for n in 0..4 {
            create(&store, scope, &format!("order-{n:04}")).await;
        }
        let whole = store.verify_chain().await.unwrap();
        assert_eq!((whole.chains, whole.events, whole.broken), (1, 4, Vec::new()));
        Intruder::into(&database).await.run(sql).await;
        let report = store.verify_chain().await.unwrap();
        found.push(report.broken.iter().map(|link| link.what).collect());
        store.close().await;
    }
    found
}

#[tokio::test]
async fn a_changed_event_is_found() {
    for column in [
        "body = body || ' '",
        "kind = 'payment.done'",
        "sequence = 9",
        "at = at + 1",
        // Half an erasure is none.
        "body = '{\"erased\":true}'",
    ] {
        let sql = format!("UPDATE events SET {column} WHERE position % 1024 = 2");
        for broken in broken_after(&sql).await {
            assert_eq!(broken, ["the event is not what was written"], "{column}");
        }
    }
}

#[tokio::test]
async fn a_removed_event_is_found() {
    for broken in broken_after("DELETE FROM events WHERE position % 1024 = 2").await {
        assert_eq!(broken, ["an event before this one is gone"]);
    }
    for broken in broken_after("DELETE FROM events WHERE position % 1024 = 4").await {
        assert_eq!(broken, ["the end of the chain is gone"]);
    }
    for broken in broken_after("DELETE FROM events").await {
        assert_eq!(broken, ["every event of the chain is gone"]);
    }
}

#[tokio::test]
async fn an_event_put_in_is_found() {
    let sql = "INSERT INTO events (position, shop_id, mode, event_id, payment_id, sequence, kind, digest, at, hash, salt, body)
         SELECT position + 1, shop_id, 1, event_id, payment_id, sequence, kind, digest, at, hash, salt, body FROM events
         WHERE position % 1024 = 4";
    for broken in broken_after(sql).await {
        assert_eq!(broken, ["the event is not what was written"]);
    }
}

#[tokio::test]
async fn every_start_begins_a_chain_and_all_are_whole() {
    for database in Database::each().await {
        let scope = new_scope();
        for n in 0..3 {
            let store = database.open_with(|options| options.writers = 1).await;
            create(&store, scope, &format!("order-{n:04}")).await;
            store.close().await;
        }
        let store = database.open().await;
        let report = store.verify_chain().await.unwrap();
        assert_eq!((report.chains, report.events, report.broken), (3, 3, Vec::new()));
        store.close().await;
    }
}

#[tokio::test]
async fn an_erased_event_leaves_the_chain_whole() {
    for database in Database::each().await {
        let store = database.open_with(|options| options.writers = 1).await;
        let scope = new_scope();
        create(&store, scope, "order-0001").await;
        create(&store, scope, "order-0002").await;
        let list = EventFilter {
            limit: 10,
            ..EventFilter::default()
        };
        let (_, event) = store.outbox(1).await.unwrap().remove(0);
        let mut set = ChangeSet::new(scope);
        set.erase_event(event.id);
        store.commit(set).await.unwrap();
        let bodies = store.events(scope, &list).await.unwrap().items;
        let erased = bodies.iter().filter(|event| event.body == r#"{"erased":true}"#).count();
        assert_eq!((bodies.len(), erased), (2, 1));
        let report = store.verify_chain().await.unwrap();
        assert_eq!((report.events, report.erased, report.broken), (2, 1, Vec::new()));
        let mut set = ChangeSet::new(new_scope());
        set.erase_event(event.id);
        assert_conflict(store.commit(set).await, Conflict::Id);
        store.close().await;
    }
}

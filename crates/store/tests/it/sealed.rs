//! What the database alone tells of secrets: nothing.

use store::{ChangeSet, Endpoint, Fault, RememberedAnswer, Store};
use testkit::Database;
use vocabulary::{Duration, EndpointId, Scope, Secret};

use crate::kit::*;

const ANSWER: &str = r#"{"secret":"whsec_in_the_answer"}"#;

async fn endpoint(store: &Store, scope: Scope, secret: &str) -> EndpointId {
    let endpoint = Endpoint {
        id: EndpointId::new(START, &chance()),
        scope,
        url: "https://shop.example/hooks".to_owned(),
        kinds: Vec::new(),
        secret: Secret::new(secret.to_owned()),
        old_secret: Some((Secret::new(format!("{secret}_old")), START + Duration::hours(1))),
        disabled: false,
        version: 0,
        created_at: START,
    };
    let mut set = ChangeSet::new(scope);
    set.endpoint(None, &endpoint);
    store.commit(set).await.unwrap();
    endpoint.id
}

/// The payment's id, two endpoints and an answer, all with secrets.
async fn fill(store: &Store, scope: Scope) -> (vocabulary::PaymentId, [EndpointId; 2]) {
    let payment = paid(store, scope, "order-0001").await;
    let mut set = ChangeSet::new(scope);
    set.remember(asked("key-1"));
    let answer = RememberedAnswer {
        status: 200,
        body: ANSWER.to_owned(),
    };
    set.answer("key-1", answer);
    store.commit(set).await.unwrap();
    let one = endpoint(store, scope, "whsec_one").await;
    let two = endpoint(store, scope, "whsec_two").await;
    (payment.id, [one, two])
}

fn is_corrupt<T: std::fmt::Debug>(found: Result<T, Fault>) {
    match found {
        Err(Fault::Corrupt { what, .. }) => assert!(what.contains("sealed with another key"), "{what}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn no_secret_can_be_read_without_the_key() {
    for database in Database::each().await {
        let scope = new_scope();
        let store = database.open().await;
        let (payment, [one, _]) = fill(&store, scope).await;
        let intruder = Intruder::into(&database).await;
        for (sql, secret) in [
            ("SELECT MIN(secret) FROM endpoints", "whsec"),
            ("SELECT MIN(old_secret) FROM endpoints", "whsec"),
            ("SELECT MIN(answer) FROM remembered", "whsec"),
            ("SELECT MIN(detail) FROM attempts", "ps_of_the_notice"),
        ] {
            let stored = intruder.read(sql).await;
            assert!(!stored.is_empty() && !stored.contains(secret), "{stored}");
        }
        store.close().await;

        let other = database
            .open_with(|options| options.sealing_key = Secret::new([1; 32]))
            .await;
        is_corrupt(other.endpoint(scope, one).await);
        is_corrupt(other.remembered(scope, "key-1").await);
        is_corrupt(other.payment(scope, payment).await);
        other.close().await;

        let rotated = database
            .open_with(|options| {
                let before = std::mem::replace(&mut options.sealing_key, Secret::new([1; 32]));
                options.old_sealing_keys = vec![before];
            })
            .await;
        let found = rotated.endpoint(scope, one).await.unwrap().unwrap();
        assert_eq!(found.secret.reveal_for("a test"), "whsec_one");
        assert_eq!(found.old_secret.unwrap().0.reveal_for("a test"), "whsec_one_old");
        let remembered = rotated.remembered(scope, "key-1").await.unwrap().unwrap();
        assert_eq!(remembered.answer.unwrap().body, ANSWER);
        let payment = rotated.payment(scope, payment).await.unwrap().unwrap();
        let secret = payment.attempts[0].notice_secret.as_ref().unwrap();
        assert_eq!(secret.reveal_for("a test"), "ps_of_the_notice");
        rotated.close().await;
    }
}

#[tokio::test]
async fn a_sealed_value_moved_to_another_row_is_refused() {
    for database in Database::each().await {
        let scope = new_scope();
        let store = database.open().await;
        let (_, [one, two]) = fill(&store, scope).await;
        // The same secret everywhere: whoever knew one could sign for all.
        let intruder = Intruder::into(&database).await;
        intruder
            .run("UPDATE endpoints SET secret = (SELECT MIN(secret) FROM endpoints)")
            .await;
        let readable = [store.endpoint(scope, one).await, store.endpoint(scope, two).await];
        let readable = readable.into_iter().filter(Result::is_ok).count();
        assert_eq!(readable, 1, "only in its own place");
        store.close().await;
    }
}

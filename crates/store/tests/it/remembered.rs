use store::{ChangeSet, RememberedAnswer};
use vocabulary::Duration;

use crate::kit::*;

#[tokio::test]
async fn an_answer_is_remembered_byte_for_byte() {
    on_each(async |store, scope| {
        let mut set = ChangeSet::new(scope);
        set.remember(asked("key-1"));
        store.commit(set).await.unwrap();
        assert_eq!(store.remembered(scope, "key-1").await.unwrap().unwrap(), asked("key-1"));
        assert!(store.remembered(new_scope(), "key-1").await.unwrap().is_none());

        let answer = RememberedAnswer {
            status: 201,
            body: r#"{"상태":"READY"}"#.to_owned(),
        };
        let mut set = ChangeSet::new(scope);
        set.answer("key-1", answer);
        store.commit(set).await.unwrap();
        assert_eq!(
            store.remembered(scope, "key-1").await.unwrap().unwrap(),
            answered("key-1")
        );
    })
    .await;
}

/// The first request and its answer may be saved together.
#[tokio::test]
async fn a_key_may_be_remembered_and_answered_in_one_set() {
    on_each(async |store, scope| {
        let mut set = ChangeSet::new(scope);
        set.remember(asked("key-1"));
        set.answer("key-1", answered("key-1").answer.unwrap());
        store.commit(set).await.unwrap();
        assert_eq!(
            store.remembered(scope, "key-1").await.unwrap().unwrap(),
            answered("key-1")
        );
    })
    .await;
}

#[tokio::test]
async fn old_answers_are_forgotten_but_not_what_is_at_work() {
    on_each(async |store, scope| {
        for (key, age_days, done) in [
            ("old", 3, true),
            ("older", 4, true),
            ("at-work", 5, false),
            ("left", 2, false),
            ("new", 0, true),
        ] {
            let mut row = if done { answered(key) } else { asked(key) };
            row.created_at = START - Duration::days(age_days);
            row.lease_until = if key == "left" { row.created_at } else { START };
            let mut set = ChangeSet::new(scope);
            set.remember(row);
            store.commit(set).await.unwrap();
        }
        let limit = START - Duration::days(1);
        assert_eq!(store.forget_remembered_before(limit, 1).await.unwrap(), 1);
        assert!(store.remembered(scope, "older").await.unwrap().is_none());
        assert_eq!(store.forget_remembered_before(limit, 100).await.unwrap(), 2);
        assert_eq!(store.forget_remembered_before(limit, 100).await.unwrap(), 0);
        for (key, kept) in [("old", false), ("left", false), ("at-work", true), ("new", true)] {
            assert_eq!(store.remembered(scope, key).await.unwrap().is_some(), kept, "{key}");
        }
    })
    .await;
}

#[tokio::test]
async fn shops_and_pg_accounts_keep_their_ids() {
    on_each(async |store, _| {
        let asks = (0..16).map(|_| store.ensure_shop("naru"));
        let ids: Vec<_> = futures_util::future::join_all(asks)
            .await
            .into_iter()
            .map(Result::unwrap)
            .collect();
        assert!(ids.iter().all(|id| *id == ids[0]));
        assert_ne!(store.ensure_shop("other").await.unwrap(), ids[0]);

        let scope = vocabulary::Scope {
            shop: ids[0],
            mode: vocabulary::Mode::Test,
        };
        let asks = (0..16).map(|_| store.ensure_pg_account(scope, "toss-main", "toss"));
        let ids: Vec<_> = futures_util::future::join_all(asks)
            .await
            .into_iter()
            .map(Result::unwrap)
            .collect();
        assert!(ids.iter().all(|id| *id == ids[0]));
        let accounts = store.pg_accounts(scope).await.unwrap();
        assert_eq!(
            (accounts.len(), accounts[0].id, accounts[0].pg.as_str()),
            (1, ids[0], "toss")
        );
        let other = store.ensure_pg_account(scope, "toss-main", "nice").await;
        assert!(matches!(other, Err(store::Fault::Config(_))), "{other:?}");
    })
    .await;
}

use store::{ChangeSet, Conflict, NoticeState, StoredNotice};
use vocabulary::{Duration, NoticeId, PgAccountId, Scope};

use crate::kit::*;

fn notice(scope: Scope, pg_account: PgAccountId, dedup_key: &str) -> StoredNotice {
    StoredNotice {
        id: NoticeId::new(START, &chance()),
        scope,
        pg_account,
        dedup_key: dedup_key.to_owned(),
        headers: r#"{"tosspayments-webhook-signature":"v1:…"}"#.to_owned(),
        body: b"{\"a\":\"\xff\x00\"}".to_vec(),
        state: NoticeState::Received,
        note: String::new(),
        tries: 0,
        next_at: START,
        received_at: START,
        version: 1,
    }
}

async fn receive(store: &store::Store, notice: &StoredNotice) -> Result<(), store::NotCommitted> {
    let mut set = ChangeSet::new(notice.scope);
    set.notice(notice.clone());
    store.commit(set).await
}

#[tokio::test]
async fn a_notice_is_kept_once_and_done_once() {
    on_each(async |store, scope| {
        let pg = PgAccountId::new(START, &chance());
        let first = notice(scope, pg, "event-1");
        receive(store, &first).await.unwrap();
        assert_conflict(
            receive(store, &notice(scope, pg, "event-1")).await,
            Conflict::NoticeKnown,
        );
        // Another PG account may use the same words.
        let other = notice(scope, PgAccountId::new(START, &chance()), "event-1");
        receive(store, &other).await.unwrap();

        let found = store.notice(scope, first.id).await.unwrap().unwrap();
        assert_eq!(format!("{found:?}"), format!("{first:?}"));
        assert!(store.notice(new_scope(), first.id).await.unwrap().is_none());
        assert!(
            store
                .due_notices(START - Duration::micros(1), 10)
                .await
                .unwrap()
                .is_empty()
        );
        assert_eq!(store.due_notices(START, 10).await.unwrap().len(), 2);

        let mut done = found.clone();
        done.state = NoticeState::Applied;
        done.note = "입금 확인\u{0}".to_owned();
        done.tries = 1;
        let mut set = ChangeSet::new(scope);
        set.notice_done(&found, &done);
        store.commit(set).await.unwrap();
        let mut set = ChangeSet::new(scope);
        set.notice_done(&found, &done);
        assert_conflict(store.commit(set).await, Conflict::Notice);
        let due = store.due_notices(START, 10).await.unwrap();
        assert_eq!(due.iter().map(|notice| notice.id).collect::<Vec<_>>(), [other.id]);
        let found = store.notice(scope, first.id).await.unwrap().unwrap();
        // A NUL character cannot be stored; it leaves a mark.
        assert_eq!((found.note.as_str(), found.version), ("입금 확인\u{fffd}", 2));
    })
    .await;
}

use store::{ChangeSet, Conflict, NoticeState, StoredNotice};
use vocabulary::{AttemptId, Duration, NoticeId, PgAccountId, Scope};

use crate::kit::*;

fn notice(scope: Scope, attempt: AttemptId, dedup_key: &str) -> StoredNotice {
    StoredNotice {
        id: NoticeId::new(START, &chance()),
        scope,
        pg_account: PgAccountId::new(START, &chance()),
        attempt,
        dedup_key: dedup_key.to_owned(),
        what: "DEPOSIT_CALLBACK DONE".to_owned(),
        proven: true,
        state: NoticeState::Received,
        note: String::new(),
        tries: 0,
        quiet: 0,
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
async fn an_attempt_has_one_notice_and_it_is_done_once() {
    on_each(async |store, scope| {
        let attempt = AttemptId::new(START, &chance());
        let first = notice(scope, attempt, "event-1");
        receive(store, &first).await.unwrap();
        assert_conflict(
            receive(store, &notice(scope, attempt, "event-2")).await,
            Conflict::NoticeKnown,
        );
        let other = notice(scope, AttemptId::new(START, &chance()), "event-1");
        receive(store, &other).await.unwrap();

        let of_attempt = store.notice_of_attempt(scope, attempt).await.unwrap().unwrap();
        assert_eq!(format!("{of_attempt:?}"), format!("{first:?}"));
        assert!(store.notice_of_attempt(new_scope(), attempt).await.unwrap().is_none());
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
        set.notice_changed(&found, &done);
        store.commit(set).await.unwrap();
        let mut set = ChangeSet::new(scope);
        set.notice_changed(&found, &done);
        assert_conflict(store.commit(set).await, Conflict::Notice);
        let due = store.due_notices(START, 10).await.unwrap();
        assert_eq!(due.iter().map(|notice| notice.id).collect::<Vec<_>>(), [other.id]);
        let found = store.notice(scope, first.id).await.unwrap().unwrap();
        // A NUL character cannot be stored; it leaves a mark.
        assert_eq!((found.note.as_str(), found.version), ("입금 확인\u{fffd}", 2));
    })
    .await;
}

#[tokio::test]
async fn old_notices_are_forgotten_but_not_open_ones() {
    on_each(async |store, scope| {
        let mut made = Vec::new();
        for (age_days, state) in [
            (40, NoticeState::Applied),
            (31, NoticeState::Ignored),
            (31, NoticeState::Received),
            (29, NoticeState::Applied),
        ] {
            let mut row = notice(scope, AttemptId::new(START, &chance()), "event");
            row.state = state;
            row.received_at = START - Duration::days(age_days);
            receive(store, &row).await.unwrap();
            made.push(row.id);
        }
        let limit = START - Duration::days(30);
        assert_eq!(store.forget_notices_before(limit, 1).await.unwrap(), 1);
        assert_eq!(store.forget_notices_before(limit, 100).await.unwrap(), 1);
        assert_eq!(store.forget_notices_before(limit, 100).await.unwrap(), 0);
        let mut kept = Vec::new();
        for id in &made {
            kept.push(store.notice(scope, *id).await.unwrap().is_some());
        }
        assert_eq!(kept, [false, false, true, true]);
    })
    .await;
}

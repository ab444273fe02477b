use vocabulary::{NoticeId, PgAccountId, Scope, Timestamp};

use crate::store::Store;
use crate::value::{Row, Value, scope};
use crate::write::{Op, W};
use crate::{Fault, NoticeState, StoredNotice};

impl NoticeState {
    /// As the database and the logs spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            NoticeState::Received => "RECEIVED",
            NoticeState::Applied => "APPLIED",
            NoticeState::Ignored => "IGNORED",
        }
    }
}

impl std::str::FromStr for NoticeState {
    type Err = ();

    fn from_str(text: &str) -> Result<NoticeState, ()> {
        [NoticeState::Received, NoticeState::Applied, NoticeState::Ignored]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(())
    }
}

pub(crate) fn insert(notice: StoredNotice) -> Op {
    let [shop, mode] = scope(notice.scope);
    Op {
        write: W::NoticeInsert,
        values: vec![
            shop,
            mode,
            notice.id.uuid().into(),
            notice.version.into(),
            notice.pg_account.uuid().into(),
            Value::from(notice.dedup_key),
            Value::from(notice.headers),
            Value::Bytes(notice.body),
            notice.state.as_str().into(),
            Value::from(notice.note),
            notice.tries.into(),
            notice.next_at.into(),
            notice.received_at.into(),
        ],
    }
}

pub(crate) fn update(before: &StoredNotice, after: &StoredNotice) -> Op {
    let [shop, mode] = scope(after.scope);
    Op {
        write: W::NoticeUpdate,
        values: vec![
            (before.version + 1).into(),
            after.state.as_str().into(),
            Value::text(&after.note),
            after.tries.into(),
            after.next_at.into(),
            shop,
            mode,
            after.id.uuid().into(),
            before.version.into(),
        ],
    }
}

impl Store {
    pub async fn notice(&self, of: Scope, id: NoticeId) -> Result<Option<StoredNotice>, Fault> {
        let [shop, mode] = scope(of);
        let row = self
            .row(
                "SELECT shop_id, mode, notice_id, version, pg_account_id, dedup_key, headers, body, state, note, tries,
                     next_at, received_at
                 FROM notices WHERE shop_id = $1 AND mode = $2 AND notice_id = $3",
                vec![shop, mode, id.uuid().into()],
            )
            .await?;
        row.map(decode).transpose()
    }

    /// Notices that wait to be looked into, the longest due first.
    pub async fn due_notices(&self, now: Timestamp, limit: u32) -> Result<Vec<StoredNotice>, Fault> {
        let rows = self
            .rows(
                "SELECT shop_id, mode, notice_id, version, pg_account_id, dedup_key, headers, body, state, note, tries,
                     next_at, received_at
                 FROM notices WHERE state = 'RECEIVED' AND next_at <= $1 ORDER BY next_at LIMIT $2",
                vec![now.into(), limit.into()],
            )
            .await?;
        rows.into_iter().map(decode).collect()
    }
}

fn decode(mut row: Row) -> Result<StoredNotice, Fault> {
    let scope = row.scope()?;
    Ok(StoredNotice {
        scope,
        id: NoticeId::from_uuid(row.uuid()?),
        version: row.small()?,
        pg_account: PgAccountId::from_uuid(row.uuid()?),
        dedup_key: row.text()?,
        headers: row.text()?,
        body: row.bytes()?,
        state: row.word()?,
        note: row.text()?,
        tries: row.small()?,
        next_at: row.time()?,
        received_at: row.time()?,
    })
}

use vocabulary::{AttemptId, NoticeId, PgAccountId, Scope, Timestamp};

use crate::store::Store;
use crate::value::{Row, Value, scope};
use crate::write::{Op, W};
use crate::{ChangeSet, Fault, NotCommitted, NoticeState, StoredNotice};

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
            notice.attempt.uuid().into(),
            Value::from(notice.dedup_key),
            Value::from(notice.what),
            Value::Int(notice.proven.into()),
            notice.state.as_str().into(),
            Value::from(notice.note),
            notice.tries.into(),
            notice.quiet.into(),
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
            Value::text(&after.dedup_key),
            Value::text(&after.what),
            Value::Int(after.proven.into()),
            after.state.as_str().into(),
            Value::text(&after.note),
            after.tries.into(),
            after.quiet.into(),
            after.next_at.into(),
            after.received_at.into(),
            shop,
            mode,
            after.id.uuid().into(),
            before.version.into(),
        ],
    }
}

macro_rules! columns {
    ($after:literal) => {
        concat!(
            "SELECT shop_id, mode, notice_id, version, pg_account_id, attempt_id, dedup_key, what, proven, state, \
             note, tries, quiet, next_at, received_at FROM notices ",
            $after
        )
    };
}

const ONE: &str = columns!("WHERE shop_id = $1 AND mode = $2 AND notice_id = $3");
pub(crate) const OF_ATTEMPT: &str = columns!("WHERE attempt_id = $3 AND shop_id = $1 AND mode = $2");
pub(crate) const DUE: &str = columns!("WHERE state = 'RECEIVED' AND next_at <= $1 ORDER BY next_at LIMIT $2");

impl Store {
    pub async fn notice(&self, of: Scope, id: NoticeId) -> Result<Option<StoredNotice>, Fault> {
        let [shop, mode] = scope(of);
        let row = self.row(ONE, vec![shop, mode, id.uuid().into()]).await?;
        row.map(decode).transpose()
    }

    /// The newest notice about an attempt.
    pub async fn notice_of_attempt(&self, of: Scope, attempt: AttemptId) -> Result<Option<StoredNotice>, Fault> {
        let [shop, mode] = scope(of);
        let row = self.row(OF_ATTEMPT, vec![shop, mode, attempt.uuid().into()]).await?;
        row.map(decode).transpose()
    }

    /// Notices that wait to be looked into, the longest due first.
    pub async fn due_notices(&self, now: Timestamp, limit: u32) -> Result<Vec<StoredNotice>, Fault> {
        let rows = self.rows(DUE, vec![now.into(), limit.into()]).await?;
        rows.into_iter().map(decode).collect()
    }

    /// Forgets up to `limit` notices that came before `before` and have been dealt with; says how many.
    pub async fn forget_notices_before(&self, before: Timestamp, limit: u32) -> Result<u64, Fault> {
        let old = self
            .rows_at_leisure(
                "SELECT shop_id, mode, notice_id, version, attempt_id FROM notices
                 WHERE received_at < $1 AND state <> 'RECEIVED' ORDER BY received_at LIMIT $2",
                vec![before.into(), limit.into()],
            )
            .await?;
        let count = old.len() as u64;
        let mut sets: Vec<ChangeSet> = Vec::new();
        for mut row in old {
            let of = row.scope()?;
            let (id, version, attempt) = (row.uuid()?, row.int()?, row.uuid()?);
            if sets.last().is_none_or(|set| set.scope != of) {
                sets.push(ChangeSet::new(of));
            }
            if let Some(set) = sets.last_mut() {
                set.touch("notice", attempt.as_bytes());
                set.add_scoped(W::NoticeDelete, [id.into(), version.into()]);
            }
        }
        for set in sets {
            match self.commit(set).await {
                // News came for one of them; the next round takes the others.
                Ok(()) | Err(NotCommitted::Conflict(_)) => {}
                Err(NotCommitted::Fault(fault)) => return Err(fault),
            }
        }
        Ok(count)
    }
}

fn decode(mut row: Row) -> Result<StoredNotice, Fault> {
    let scope = row.scope()?;
    Ok(StoredNotice {
        scope,
        id: NoticeId::from_uuid(row.uuid()?),
        version: row.small()?,
        pg_account: PgAccountId::from_uuid(row.uuid()?),
        attempt: AttemptId::from_uuid(row.uuid()?),
        dedup_key: row.text()?,
        what: row.text()?,
        proven: row.flag()?,
        state: row.word()?,
        note: row.text()?,
        tries: row.small()?,
        quiet: row.small()?,
        next_at: row.time()?,
        received_at: row.time()?,
    })
}

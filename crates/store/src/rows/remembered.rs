use vocabulary::{Scope, Timestamp};

use crate::seal::{Place, Sealer};
use crate::store::Store;
use crate::value::{Row, Value, scope};
use crate::write::{Op, W};
use crate::{Fault, Remembered, RememberedAnswer};

pub(crate) fn insert(of: Scope, remembered: Remembered) -> Op {
    let Remembered {
        key,
        request_hash,
        fields,
        answer,
        lease_until,
        subject,
        created_at,
    } = remembered;
    let [shop, mode] = scope(of);
    let [answered, status, body] = answer_values(answer);
    Op {
        write: W::RememberedInsert,
        values: vec![
            shop,
            mode,
            Value::from(key),
            Value::Bytes(request_hash.to_vec()),
            Value::from(fields),
            answered,
            status,
            body,
            lease_until.into(),
            Value::from(subject),
            created_at.into(),
        ],
    }
}

fn answer_values(answer: Option<RememberedAnswer>) -> [Value; 3] {
    match answer {
        Some(answer) => [
            Value::Int(1),
            Value::Int(answer.status.into()),
            Value::from(answer.body),
        ],
        None => [Value::Int(0), Value::Null, Value::Null],
    }
}

pub(crate) fn answer(of: Scope, key: &str, answer: RememberedAnswer) -> Op {
    let [shop, mode] = scope(of);
    let [answered, status, body] = answer_values(Some(answer));
    Op {
        write: W::RememberedAnswer,
        values: vec![answered, status, body, shop, mode, Value::text(key), Value::Int(0)],
    }
}

pub(crate) fn take_over(of: Scope, key: &str, old_lease: Timestamp, new_lease: Timestamp) -> Op {
    let [shop, mode] = scope(of);
    Op {
        write: W::RememberedTakeOver,
        values: vec![
            new_lease.into(),
            shop,
            mode,
            Value::text(key),
            old_lease.into(),
            Value::Int(0),
        ],
    }
}

impl Store {
    /// What is remembered of an idempotency key.
    pub async fn remembered(&self, of: Scope, key: &str) -> Result<Option<Remembered>, Fault> {
        let [shop, mode] = scope(of);
        let row = self
            .row(
                "SELECT key, request_hash, fields, answered, status, answer, lease_until, subject, created_at
                 FROM remembered WHERE shop_id = $1 AND mode = $2 AND key = $3",
                vec![shop, mode, Value::text(key)],
            )
            .await?;
        row.map(|row| decode(self.sealer(), of, row)).transpose()
    }

    /// Forgets up to `limit` keys older than `before`; says how many. Those stay for whose answer someone
    /// may still be at work.
    pub async fn forget_remembered_before(&self, before: Timestamp, limit: u32) -> Result<u64, Fault> {
        let old = self
            .rows_at_leisure(
                "SELECT shop_id, mode, key, answered FROM remembered
                 WHERE created_at < $1 AND (answered = 1 OR lease_until < $1) ORDER BY created_at LIMIT $2",
                vec![before.into(), limit.into()],
            )
            .await?;
        let count = old.len() as u64;
        let mut sets: Vec<crate::ChangeSet> = Vec::new();
        for mut row in old {
            let of = row.scope()?;
            let (key, answered) = (row.text()?, row.int()?);
            if sets.last().is_none_or(|set| set.scope != of) {
                sets.push(crate::ChangeSet::new(of));
            }
            if let Some(set) = sets.last_mut() {
                set.touch("key", key.as_bytes());
                set.add_scoped(W::RememberedDelete, [Value::from(key), answered.into()]);
            }
        }
        for set in sets {
            match self.commit(set).await {
                // Forgotten by someone else meanwhile.
                Ok(()) | Err(crate::NotCommitted::Conflict(_)) => {}
                Err(crate::NotCommitted::Fault(fault)) => return Err(fault),
            }
        }
        Ok(count)
    }
}

fn decode(sealer: &Sealer, of: Scope, mut row: Row) -> Result<Remembered, Fault> {
    let key = row.text()?;
    let request_hash = row.hash()?;
    let fields = row.text()?;
    let answered = row.flag()?;
    let status: Option<u16> = row.opt_small()?;
    let body = row.opt_text()?;
    let answer = match (answered, status, body) {
        (true, Some(status), Some(sealed)) => {
            let place = Place {
                table: "remembered",
                column: "answer",
                scope: of,
                row: &[Value::text(&key)],
            };
            let body = sealer.open(&place, &sealed)?;
            Some(RememberedAnswer { status, body })
        }
        (false, None, None) => None,
        _ => return Err(Fault::corrupt("a half answered idempotency key")),
    };
    Ok(Remembered {
        key,
        request_hash,
        fields,
        answer,
        lease_until: row.time()?,
        subject: row.text()?,
        created_at: row.time()?,
    })
}

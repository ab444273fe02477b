use vocabulary::{EventId, PaymentId, Scope};

use crate::store::{Search, Store, cursor_uuid};
use crate::value::{Row, Value, scope};
use crate::write::{Op, W};
use crate::{ChangeSet, EventRecord, Fault, Page, StoredEvent};

/// Which events to list, newest first.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Of one payment; then ordered by their sequence.
    pub payment: Option<PaymentId>,
    /// Empty: all.
    pub kinds: Vec<String>,
    /// 1 to 100.
    pub limit: u32,
    pub cursor: Option<String>,
}

pub(crate) fn ops(set: &mut ChangeSet, event: EventRecord) {
    let [shop, mode] = scope(event.scope);
    set.add(Op {
        write: W::OutboxInsert,
        values: vec![
            shop.clone(),
            mode.clone(),
            event.id.uuid().into(),
            event.at.into(),
            event.sequence.into(),
        ],
    });
    set.add(Op {
        write: W::EventInsert,
        values: vec![
            Value::Null,
            shop,
            mode,
            event.id.uuid().into(),
            event.payment.uuid().into(),
            event.sequence.into(),
            event.kind.into(),
            Value::Null,
            event.at.into(),
            Value::Null,
            Value::Null,
            Value::from(event.body),
        ],
    });
}

impl Store {
    pub async fn event(&self, of: Scope, id: EventId) -> Result<Option<StoredEvent>, Fault> {
        let [shop, mode] = scope(of);
        let row = self
            .row(
                "SELECT event_id, payment_id, sequence, kind, body, at FROM events
                 WHERE shop_id = $1 AND mode = $2 AND event_id = $3",
                vec![shop, mode, id.uuid().into()],
            )
            .await?;
        row.map(|mut row| decode(&mut row)).transpose()
    }

    /// A page may hold fewer than asked for and still have a next one: a search looks at a bounded
    /// number of rows.
    pub async fn events(&self, of: Scope, filter: &EventFilter) -> Result<Page<StoredEvent>, Fault> {
        let [shop, mode] = scope(of);
        let kinds = any_of(filter.kinds.iter().map(String::as_str));
        match filter.payment {
            Some(payment) => {
                let below: i64 = match &filter.cursor {
                    Some(cursor) => cursor.parse().map_err(|_| Fault::Cursor)?,
                    None => i64::MAX,
                };
                let search = Search {
                    sql: BY_PAYMENT,
                    end_sql: None,
                    params: vec![shop, mode, below.into(), kinds, payment.uuid().into()],
                    limit: filter.limit,
                };
                self.search(search, decode, |event| event.sequence.to_string()).await
            }
            None => {
                let below = cursor_uuid(filter.cursor.as_deref(), EventId::uuid)?;
                let search = Search {
                    sql: BY_SHOP,
                    end_sql: Some(BY_SHOP_END),
                    params: vec![shop, mode, below, kinds],
                    limit: filter.limit,
                };
                self.search(search, decode, |event| event.id.to_string()).await
            }
        }
    }

    /// How many events wait to be fanned out to endpoints.
    pub async fn outbox_depth(&self) -> Result<u64, Fault> {
        let rows = self.rows_at_leisure("SELECT COUNT(*) FROM outbox", Vec::new()).await?;
        let count = rows
            .into_iter()
            .next()
            .map(|mut row| row.int())
            .transpose()?
            .unwrap_or(0);
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Events that nobody has looked at to send, oldest first.
    pub async fn outbox(&self, limit: u32) -> Result<Vec<(Scope, StoredEvent)>, Fault> {
        let rows = self
            .rows(
                "SELECT o.shop_id, o.mode, e.event_id, e.payment_id, e.sequence, e.kind, e.body, e.at
                 FROM (SELECT shop_id, mode, event_id, at, sequence FROM outbox ORDER BY at, sequence LIMIT $1) o
                 JOIN events e ON e.shop_id = o.shop_id AND e.mode = o.mode AND e.event_id = o.event_id
                 ORDER BY o.at, o.sequence",
                vec![limit.into()],
            )
            .await?;
        rows.into_iter()
            .map(|mut row| Ok((row.scope()?, decode(&mut row)?)))
            .collect()
    }
}

pub(crate) const BY_SHOP: &str = "SELECT event_id, payment_id, sequence, kind, body, at
     FROM (SELECT event_id, payment_id, sequence, kind, body, at FROM events
           WHERE shop_id = $1 AND mode = $2 AND event_id < $3 ORDER BY event_id DESC LIMIT 2000) s
     WHERE $4 = '' OR $4 LIKE '%,' || kind || ',%'
     ORDER BY event_id DESC LIMIT $5";
const BY_SHOP_END: &str = "SELECT event_id FROM events
     WHERE shop_id = $1 AND mode = $2 AND event_id < $3 ORDER BY event_id DESC LIMIT 1 OFFSET 1999";

pub(crate) const BY_PAYMENT: &str = "SELECT event_id, payment_id, sequence, kind, body, at FROM events
     WHERE shop_id = $1 AND mode = $2 AND payment_id = $5 AND sequence < $3
       AND ($4 = '' OR $4 LIKE '%,' || kind || ',%')
     ORDER BY sequence DESC LIMIT $6";

/// A list of words as one text that `LIKE '%,word,%'` searches; empty: any word.
pub(crate) fn any_of<'a>(words: impl Iterator<Item = &'a str>) -> Value {
    let mut list = String::new();
    for word in words {
        list.push(',');
        list.push_str(word);
    }
    if !list.is_empty() {
        list.push(',');
    }
    Value::from(list)
}

pub(crate) fn decode(row: &mut Row) -> Result<StoredEvent, Fault> {
    Ok(StoredEvent {
        id: EventId::from_uuid(row.uuid()?),
        payment: PaymentId::from_uuid(row.uuid()?),
        sequence: row.small()?,
        kind: row.text()?,
        body: row.text()?,
        at: row.time()?,
    })
}

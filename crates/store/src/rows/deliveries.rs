use vocabulary::{DeliveryId, EndpointId, EventId, PaymentId, Scope, Timestamp};

use crate::store::{Search, Store, cursor_uuid};
use crate::value::{Row, Value, scope};
use crate::write::{Op, W};
use crate::{Delivery, DeliveryState, DeliveryTry, Fault, Page};

/// Which deliveries to list, newest first.
#[derive(Debug, Clone, Default)]
pub struct DeliveryFilter {
    pub endpoint: Option<EndpointId>,
    pub state: Option<DeliveryState>,
    pub event: Option<EventId>,
    /// 1 to 100.
    pub limit: u32,
    pub cursor: Option<String>,
}

impl DeliveryState {
    /// As the API and the database spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            DeliveryState::Pending => "PENDING",
            DeliveryState::Delivered => "DELIVERED",
            DeliveryState::Parked => "PARKED",
        }
    }
}

impl std::str::FromStr for DeliveryState {
    type Err = ();

    fn from_str(text: &str) -> Result<DeliveryState, ()> {
        [DeliveryState::Pending, DeliveryState::Delivered, DeliveryState::Parked]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(())
    }
}

pub(crate) fn insert(delivery: &Delivery) -> Op {
    let [shop, mode] = scope(delivery.scope);
    Op {
        write: W::DeliveryInsert,
        values: vec![
            shop,
            mode,
            delivery.id.uuid().into(),
            delivery.version.into(),
            delivery.endpoint.uuid().into(),
            delivery.event.uuid().into(),
            delivery.payment.uuid().into(),
            delivery.sequence.into(),
            Value::text(&delivery.kind),
            delivery.state.as_str().into(),
            delivery.tries.into(),
            delivery.tries_before.into(),
            delivery.next_at.into(),
            delivery.created_at.into(),
        ],
    }
}

pub(crate) fn update(before: &Delivery, after: &Delivery) -> Op {
    let [shop, mode] = scope(after.scope);
    Op {
        write: W::DeliveryUpdate,
        values: vec![
            (before.version + 1).into(),
            after.state.as_str().into(),
            after.tries.into(),
            after.tries_before.into(),
            after.next_at.into(),
            shop,
            mode,
            after.id.uuid().into(),
            before.version.into(),
        ],
    }
}

pub(crate) fn tried(of: Scope, tried: DeliveryTry) -> Op {
    let [shop, mode] = scope(of);
    Op {
        write: W::DeliveryTryInsert,
        values: vec![
            shop,
            mode,
            tried.delivery.uuid().into(),
            tried.number.into(),
            tried.at.into(),
            tried.duration_ms.into(),
            tried.status.map_or(Value::Null, |status| Value::Int(status.into())),
            Value::from(tried.note),
        ],
    }
}

macro_rules! columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " d.shop_id, d.mode, d.delivery_id, d.version, d.endpoint_id, d.event_id, d.payment_id, d.sequence, \
             d.kind, d.state, d.tries, d.tries_before, d.next_at, d.created_at ",
            $after
        )
    };
}

const LIST: &str = columns!(
    "SELECT",
    "FROM (SELECT * FROM deliveries WHERE shop_id = $1 AND mode = $2 AND delivery_id < $3
           ORDER BY delivery_id DESC LIMIT 2000) d
     WHERE ($4 = '' OR d.state = $4) AND ($5 = 0 OR d.endpoint_id = $6)
     ORDER BY d.delivery_id DESC LIMIT $7"
);
const LIST_END: &str = "SELECT delivery_id FROM deliveries
     WHERE shop_id = $1 AND mode = $2 AND delivery_id < $3 ORDER BY delivery_id DESC LIMIT 1 OFFSET 1999";
pub(crate) const OF_EVENT: &str = columns!(
    "SELECT",
    "FROM (SELECT * FROM deliveries WHERE event_id = $7
           AND payment_id = (SELECT payment_id FROM events WHERE shop_id = $1 AND mode = $2 AND event_id = $7)
           AND sequence = (SELECT sequence FROM events WHERE shop_id = $1 AND mode = $2 AND event_id = $7)
           LIMIT 2000) d
     WHERE d.shop_id = $1 AND d.mode = $2 AND d.delivery_id < $3
       AND ($4 = '' OR d.state = $4) AND ($5 = 0 OR d.endpoint_id = $6)
     ORDER BY d.delivery_id DESC LIMIT $8"
);

// A delivery waits while an earlier event of its payment is on its way to the same endpoint, or has
// not even been fanned out.
pub(crate) const DUE: &str = columns!(
    "SELECT",
    "FROM deliveries d WHERE d.state = 'PENDING' AND d.next_at <= $1
       AND NOT EXISTS (SELECT 1 FROM deliveries b
           WHERE b.shop_id = d.shop_id AND b.mode = d.mode AND b.payment_id = d.payment_id
             AND b.sequence < d.sequence AND b.endpoint_id = d.endpoint_id AND b.state = 'PENDING')
       AND NOT EXISTS (SELECT 1 FROM events e JOIN outbox o
             ON o.shop_id = e.shop_id AND o.mode = e.mode AND o.event_id = e.event_id
           WHERE e.shop_id = d.shop_id AND e.mode = d.mode AND e.payment_id = d.payment_id
             AND e.sequence < d.sequence)
     ORDER BY d.next_at LIMIT $2"
);
const ONE: &str = columns!(
    "SELECT",
    "FROM deliveries d WHERE d.shop_id = $1 AND d.mode = $2 AND d.delivery_id = $3"
);

impl Store {
    pub async fn delivery(&self, of: Scope, id: DeliveryId) -> Result<Option<Delivery>, Fault> {
        let [shop, mode] = scope(of);
        let row = self.row(ONE, vec![shop, mode, id.uuid().into()]).await?;
        row.map(|mut row| decode(&mut row)).transpose()
    }

    /// A page may hold fewer than asked for and still have a next one: a search looks at a bounded
    /// number of rows.
    pub async fn deliveries(&self, of: Scope, filter: &DeliveryFilter) -> Result<Page<Delivery>, Fault> {
        let [shop, mode] = scope(of);
        let mut params = vec![
            shop,
            mode,
            cursor_uuid(filter.cursor.as_deref(), DeliveryId::uuid)?,
            filter.state.map_or("", DeliveryState::as_str).into(),
            Value::Int(filter.endpoint.is_some().into()),
            filter.endpoint.map_or(uuid::Uuid::nil(), EndpointId::uuid).into(),
        ];
        let (sql, end_sql) = match filter.event {
            Some(event) => {
                params.push(event.uuid().into());
                (OF_EVENT, None)
            }
            None => (LIST, Some(LIST_END)),
        };
        let search = Search {
            sql,
            end_sql,
            params,
            limit: filter.limit,
        };
        self.search(search, decode, |delivery| delivery.id.to_string()).await
    }

    /// Deliveries that may be sent now, the longest due first: of each payment and endpoint only the
    /// earliest one on its way, so that events arrive in order. A parked one does not hold up those after it.
    pub async fn due_deliveries(&self, now: Timestamp, limit: u32) -> Result<Vec<Delivery>, Fault> {
        let rows = self.rows(DUE, vec![now.into(), limit.into()]).await?;
        rows.into_iter().map(|mut row| decode(&mut row)).collect()
    }

    /// The log of a delivery, oldest try first.
    pub async fn delivery_tries(&self, of: Scope, id: DeliveryId) -> Result<Vec<DeliveryTry>, Fault> {
        let [shop, mode] = scope(of);
        let rows = self
            .rows(
                "SELECT number, at, duration_ms, status, note FROM delivery_tries
                 WHERE shop_id = $1 AND mode = $2 AND delivery_id = $3 ORDER BY number",
                vec![shop, mode, id.uuid().into()],
            )
            .await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(DeliveryTry {
                    delivery: id,
                    number: row.small()?,
                    at: row.time()?,
                    duration_ms: row.small()?,
                    status: row.opt_small()?,
                    note: row.text()?,
                })
            })
            .collect()
    }
}

fn decode(row: &mut Row) -> Result<Delivery, Fault> {
    let scope = row.scope()?;
    Ok(Delivery {
        scope,
        id: DeliveryId::from_uuid(row.uuid()?),
        version: row.small()?,
        endpoint: EndpointId::from_uuid(row.uuid()?),
        event: EventId::from_uuid(row.uuid()?),
        payment: PaymentId::from_uuid(row.uuid()?),
        sequence: row.small()?,
        kind: row.text()?,
        state: row.word()?,
        tries: row.small()?,
        tries_before: row.small()?,
        next_at: row.time()?,
        created_at: row.time()?,
    })
}

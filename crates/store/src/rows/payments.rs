use payments::{OrderId, Payment, State, Step};
use vocabulary::{AttemptId, PaymentId, Scope, Timestamp};

use super::{attempt_detail, detail, payment_detail};
use crate::seal::Sealer;
use crate::store::{Backend, Search, Store, cursor_uuid};
use crate::value::{Row, Value, scope};
use crate::write::W;
use crate::{ChangeSet, Fault, Page};

/// Which payments to list, newest first.
#[derive(Debug, Clone, Default)]
pub struct PaymentFilter {
    /// Empty: all.
    pub states: Vec<State>,
    pub order_id: Option<OrderId>,
    /// Created at or after.
    pub from: Option<Timestamp>,
    /// Created before.
    pub to: Option<Timestamp>,
    /// 1 to 100.
    pub limit: u32,
    pub cursor: Option<String>,
}

/// The rows that a step changes: the payment always, an attempt or cancel if it is new or differs.
pub(crate) fn ops(set: &mut ChangeSet, before: Option<&Payment>, step: &Step) {
    let payment = &step.payment;
    let id = Value::from(payment.id.uuid());
    let version = before.map_or(0, |before| before.version) + 1;
    let detail = Value::from(payment_detail::encode(payment));
    let state = Value::from(payment.state.as_str());
    let due_at = Value::from(payment.due_at());
    let attention_at = Value::from(payment.attention_at());
    let [shop, mode] = scope(payment.scope);
    match before {
        None => set.add_scoped(
            W::PaymentInsert,
            [
                id.clone(),
                version.into(),
                Value::text(payment.order.id.as_str()),
                state,
                payment.order.amount.currency.code().into(),
                payment.order.amount.minor.into(),
                payment.created_at.into(),
                due_at,
                detail,
            ],
        ),
        Some(before) => set.add(crate::write::Op {
            write: W::PaymentUpdate,
            values: vec![
                version.into(),
                state,
                due_at,
                attention_at,
                detail,
                shop,
                mode,
                id.clone(),
                before.version.into(),
            ],
        }),
    }
    attempts(set, before, payment);
    cancels(set, before, payment);
    super::books::ops(set, payment.id, version, &step.postings);
}

fn attempts(set: &mut ChangeSet, before: Option<&Payment>, payment: &Payment) {
    let [shop, mode] = scope(payment.scope);
    for (position, attempt) in payment.attempts.iter().enumerate() {
        let text = attempt_detail::encode(attempt);
        let position = Value::Int(position as i64);
        match before.and_then(|before| before.attempts.iter().find(|old| old.id == attempt.id)) {
            None => set.add_scoped(
                W::AttemptInsert,
                [
                    payment.id.uuid().into(),
                    position,
                    attempt.id.uuid().into(),
                    attempt.pg_account.uuid().into(),
                    attempt.state.as_str().into(),
                    Value::from(text),
                ],
            ),
            Some(old) if attempt_detail::encode(old) != text => set.add(crate::write::Op {
                write: W::AttemptUpdate,
                values: vec![
                    attempt.state.as_str().into(),
                    Value::from(text),
                    shop.clone(),
                    mode.clone(),
                    payment.id.uuid().into(),
                    position,
                ],
            }),
            Some(_) => {}
        }
    }
}

fn cancels(set: &mut ChangeSet, before: Option<&Payment>, payment: &Payment) {
    let [shop, mode] = scope(payment.scope);
    for (position, cancel) in payment.cancels.iter().enumerate() {
        let position = Value::Int(position as i64);
        match before.and_then(|before| before.cancels.iter().find(|old| old.id == cancel.id)) {
            None => set.add_scoped(
                W::CancelInsert,
                [
                    payment.id.uuid().into(),
                    position,
                    cancel.id.uuid().into(),
                    cancel.state.as_str().into(),
                    cancel.amount().minor.into(),
                    Value::from(detail::encode_cancel(cancel)),
                ],
            ),
            Some(old) if old != cancel => set.add(crate::write::Op {
                write: W::CancelUpdate,
                values: vec![
                    cancel.state.as_str().into(),
                    Value::from(detail::encode_cancel(cancel)),
                    shop.clone(),
                    mode.clone(),
                    payment.id.uuid().into(),
                    position,
                ],
            }),
            Some(_) => {}
        }
    }
}

// A payment is read with its attempts and cancels by one statement, so that it is never half of an
// older and half of a newer version.
pub(crate) const ONE: &str = "SELECT 0 AS part, payment_id, version AS place, detail FROM payments
     WHERE shop_id = $1 AND mode = $2 AND payment_id = $3
     UNION ALL SELECT 1, payment_id, position, detail FROM attempts
     WHERE shop_id = $1 AND mode = $2 AND payment_id = $3
     UNION ALL SELECT 2, payment_id, position, detail FROM cancels
     WHERE shop_id = $1 AND mode = $2 AND payment_id = $3
     ORDER BY 2, 1, 3";

// The joins name no parameter and keep their order (SQLite takes CROSS JOIN at its word): with the shop
// given as a constant both planners start from all attempts of the shop.
macro_rules! with_parts {
    ($page:literal, $order:literal) => {
        concat!(
            "WITH page AS (",
            $page,
            ") SELECT 0 AS part, payment_id, version AS place, detail FROM page
             UNION ALL SELECT 1, a.payment_id, a.position, a.detail FROM page p CROSS JOIN attempts a
             WHERE a.shop_id = p.shop_id AND a.mode = p.mode AND a.payment_id = p.payment_id
             UNION ALL SELECT 2, c.payment_id, c.position, c.detail FROM page p CROSS JOIN cancels c
             WHERE c.shop_id = p.shop_id AND c.mode = p.mode AND c.payment_id = p.payment_id
             ORDER BY 2 ",
            $order,
            ", 1, 3"
        )
    };
}

pub(crate) const BY_ORDER: &str = with_parts!(
    "SELECT shop_id, mode, payment_id, version, detail FROM payments
     WHERE shop_id = $1 AND mode = $2 AND order_id = $3",
    ""
);
pub(crate) const BY_ATTEMPT: &str = with_parts!(
    "SELECT shop_id, mode, payment_id, version, detail FROM payments
     WHERE shop_id = $1 AND mode = $2 AND payment_id =
         (SELECT payment_id FROM attempts WHERE shop_id = $1 AND mode = $2 AND attempt_id = $3)",
    ""
);
pub(crate) const AFTER: &str = with_parts!(
    "SELECT shop_id, mode, payment_id, version, detail FROM payments
     WHERE shop_id = $1 AND mode = $2 AND payment_id > $3 ORDER BY payment_id LIMIT $4",
    ""
);
pub(crate) const ATTENTION: &str = with_parts!(
    "SELECT shop_id, mode, payment_id, version, detail FROM payments
     WHERE attention_at IS NOT NULL AND shop_id = $1 AND mode = $2 AND attention_at >= $3
       AND (attention_at, payment_id) > ($3, $4)
     ORDER BY attention_at, payment_id LIMIT $5",
    ""
);
pub(crate) const LIST: &str = with_parts!(
    "SELECT shop_id, mode, payment_id, version, detail
     FROM (SELECT shop_id, mode, payment_id, version, detail, state, created_at FROM payments
           WHERE shop_id = $1 AND mode = $2 AND payment_id < $3 AND payment_id >= $4
           ORDER BY payment_id DESC LIMIT 2000) s
     WHERE ($5 = '' OR $5 LIKE '%,' || state || ',%') AND created_at >= $6 AND created_at < $7
     ORDER BY payment_id DESC LIMIT $8",
    "DESC"
);
const LIST_END: &str = "SELECT payment_id FROM payments
     WHERE shop_id = $1 AND mode = $2 AND payment_id < $3 AND payment_id >= $4
     ORDER BY payment_id DESC LIMIT 1 OFFSET 1999";

impl Store {
    pub async fn payment(&self, of: Scope, id: PaymentId) -> Result<Option<Payment>, Fault> {
        match self.backend() {
            Backend::Sqlite(_) => self.one_payment(of, ONE, id.uuid().into()).await,
            Backend::Postgres(postgres) => Ok(assemble(self.sealer(), of, postgres.payment(of, id).await?)?.pop()),
        }
    }

    pub async fn payment_by_order(&self, of: Scope, order: &OrderId) -> Result<Option<Payment>, Fault> {
        self.one_payment(of, BY_ORDER, Value::text(order.as_str())).await
    }

    /// The payment that an attempt belongs to; the attempt's id is what a PG knows.
    pub async fn payment_of_attempt(&self, of: Scope, attempt: AttemptId) -> Result<Option<Payment>, Fault> {
        self.one_payment(of, BY_ATTEMPT, attempt.uuid().into()).await
    }

    async fn one_payment(&self, of: Scope, sql: &'static str, key: Value) -> Result<Option<Payment>, Fault> {
        let [shop, mode] = scope(of);
        let rows = self.rows(sql, vec![shop, mode, key]).await?;
        Ok(assemble(self.sealer(), of, rows)?.pop())
    }

    /// A page may hold fewer than asked for and still have a next one: a search looks at a bounded
    /// number of payments.
    pub async fn payments(&self, of: Scope, filter: &PaymentFilter) -> Result<Page<Payment>, Fault> {
        if let Some(order) = &filter.order_id {
            return self.payments_by_order(of, order, filter).await;
        }
        let [shop, mode] = scope(of);
        let from = filter.from.unwrap_or(Timestamp::from_micros(0));
        let to = filter.to.unwrap_or(Timestamp::MAX);
        // Ids are ordered by the millisecond they were made in, so a span of time is a span of ids.
        let above = Value::from(first_uuid_of(from));
        let cursor = cursor_uuid(filter.cursor.as_deref(), PaymentId::uuid)?;
        let below = match (cursor, filter.to) {
            (Value::Id(cursor), Some(to)) => {
                Value::from(cursor.min(first_uuid_of(to + vocabulary::Duration::millis(1))))
            }
            (cursor, _) => cursor,
        };
        let states = super::events::any_of(filter.states.iter().map(|state| state.as_str()));
        let limit = filter.limit.clamp(1, crate::PAGE_MAX);
        let params = vec![shop, mode, below, above, states, from.into(), to.into()];
        let search = Search {
            sql: LIST,
            end_sql: Some(LIST_END),
            params,
            limit,
        };
        self.search_many(
            search,
            4,
            |rows| assemble(self.sealer(), of, rows),
            |payment| payment.id.to_string(),
        )
        .await
    }

    async fn payments_by_order(
        &self,
        of: Scope,
        order: &OrderId,
        filter: &PaymentFilter,
    ) -> Result<Page<Payment>, Fault> {
        let wanted = |payment: &Payment| {
            (filter.states.is_empty() || filter.states.contains(&payment.state))
                && filter.from.is_none_or(|from| payment.created_at >= from)
                && filter.to.is_none_or(|to| payment.created_at < to)
                // An order has one payment, so there is no second page.
                && filter.cursor.is_none()
        };
        let found = self.payment_by_order(of, order).await?;
        Ok(Page {
            items: found.into_iter().filter(wanted).collect(),
            next_cursor: None,
        })
    }

    /// Payments with an id after `after`, oldest first: for walking through all of them.
    pub async fn payments_after(&self, of: Scope, after: Option<PaymentId>, limit: u32) -> Result<Vec<Payment>, Fault> {
        let [shop, mode] = scope(of);
        let after = after.map_or(uuid::Uuid::nil(), PaymentId::uuid);
        let rows = self
            .rows_at_leisure(AFTER, vec![shop, mode, after.into(), limit.into()])
            .await?;
        assemble(self.sealer(), of, rows)
    }

    /// Payments a person should look into, the oldest trouble first, from behind `after`: the last one that was seen.
    pub async fn payments_needing_a_person(
        &self,
        of: Scope,
        after: Option<(Timestamp, PaymentId)>,
        limit: u32,
    ) -> Result<Vec<Payment>, Fault> {
        let [shop, mode] = scope(of);
        let (since, id) = after.map_or((i64::MIN, uuid::Uuid::nil()), |(since, id)| {
            (since.as_micros(), id.uuid())
        });
        let limit = limit.clamp(1, crate::PAGE_MAX);
        let params = vec![shop, mode, since.into(), id.into(), limit.into()];
        let mut found = assemble(self.sealer(), of, self.rows(ATTENTION, params).await?)?;
        found.sort_by_key(|payment| (payment.attention_at(), payment.id));
        Ok(found)
    }

    /// Payments that someone must look at by now, the longest due first, from behind `after`, the last
    /// one that was looked at: those that cannot move hide no others.
    pub async fn due_payments(
        &self,
        now: Timestamp,
        after: Option<&DuePayment>,
        limit: u32,
    ) -> Result<Vec<DuePayment>, Fault> {
        let [due_at, shop, mode, id] = match after {
            Some(after) => {
                let [shop, mode] = scope(after.scope);
                [after.due_at.into(), shop, mode, after.payment.uuid().into()]
            }
            None => [
                i64::MIN.into(),
                uuid::Uuid::nil().into(),
                0_i64.into(),
                uuid::Uuid::nil().into(),
            ],
        };
        let rows = self
            .rows(DUE, vec![now.into(), due_at, shop, mode, id, limit.into()])
            .await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(DuePayment {
                    scope: row.scope()?,
                    payment: PaymentId::from_uuid(row.uuid()?),
                    due_at: row.time()?,
                })
            })
            .collect()
    }
}

pub(crate) const DUE: &str = "SELECT shop_id, mode, payment_id, due_at FROM payments
     WHERE due_at IS NOT NULL AND due_at <= $1 AND due_at >= $2
       AND (due_at, shop_id, mode, payment_id) > ($2, $3, $4, $5)
     ORDER BY due_at, shop_id, mode, payment_id LIMIT $6";

/// A payment that someone must look at, and its place in the order of those.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DuePayment {
    pub scope: Scope,
    pub payment: PaymentId,
    pub due_at: Timestamp,
}

/// The smallest version 7 UUID of a moment.
fn first_uuid_of(at: Timestamp) -> uuid::Uuid {
    let millis = (at.as_micros().max(0) / 1000) as u128;
    uuid::Uuid::from_u128(millis << 80)
}

/// Payments from their parts, in the order of the rows.
fn assemble(sealer: &Sealer, of: Scope, rows: Vec<Row>) -> Result<Vec<Payment>, Fault> {
    let mut found: Vec<Payment> = Vec::new();
    for mut row in rows {
        let part = row.int()?;
        let id = PaymentId::from_uuid(row.uuid()?);
        let place: u32 = row.small()?;
        let text = row.text()?;
        if part == 0 {
            found.push(payment_detail::decode(of, id, place, &text)?);
            continue;
        }
        let payment = found
            .last_mut()
            .filter(|payment| payment.id == id)
            .ok_or_else(|| Fault::corrupt(format!("a part of {id} without its payment")))?;
        let expected = match part {
            1 => payment.attempts.len(),
            _ => payment.cancels.len(),
        };
        if expected != place as usize {
            return Err(Fault::corrupt(format!("{id} lacks an attempt or a cancel")));
        }
        match part {
            1 => {
                let key = [id.uuid().into(), Value::Int(place.into())];
                let place = attempt_detail::place(of, &key);
                payment.attempts.push(attempt_detail::decode(sealer, &place, &text)?);
            }
            _ => payment.cancels.push(detail::decode_cancel(&text)?),
        }
    }
    Ok(found)
}

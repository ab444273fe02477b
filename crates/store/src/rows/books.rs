use ledger::{Account, Kind, Line, Posting, TrialBalance};
use vocabulary::{Money, PaymentId, Scope};

use crate::store::Store;
use crate::value::{Value, scope};
use crate::write::W;
use crate::{ChangeSet, Fault};

/// The lines of a step's postings, numbered within the payment's version.
pub(crate) fn ops(set: &mut ChangeSet, payment: PaymentId, version: u32, postings: &[Posting]) {
    let lines = postings
        .iter()
        .enumerate()
        .flat_map(|(number, posting)| posting.lines().iter().map(move |line| (number, posting.kind(), line)));
    for (place, (number, kind, line)) in lines.enumerate() {
        set.add_scoped(
            W::EntryInsert,
            [
                payment.uuid().into(),
                version.into(),
                Value::Int(place as i64),
                Value::Int(number as i64),
                kind.as_str().into(),
                Value::from(line.account.to_string()),
                line.amount.currency.code().into(),
                line.amount.minor.into(),
            ],
        );
    }
}

impl Store {
    /// A payment's postings, oldest first; each is checked again to be balanced.
    pub async fn postings(&self, of: Scope, payment: PaymentId) -> Result<Vec<Posting>, Fault> {
        let [shop, mode] = scope(of);
        let rows = self
            .rows(
                "SELECT version, posting, kind, account, currency, amount FROM entries
                 WHERE shop_id = $1 AND mode = $2 AND payment_id = $3 ORDER BY version, line",
                vec![shop, mode, payment.uuid().into()],
            )
            .await?;
        let mut found: Vec<((i64, i64), Kind, Vec<Line>)> = Vec::new();
        for mut row in rows {
            let number = (row.int()?, row.int()?);
            let kind: Kind = row.word()?;
            let line = Line {
                account: row.word::<Account>()?,
                amount: row.money()?,
            };
            match found.last_mut() {
                Some((last, _, lines)) if *last == number => lines.push(line),
                _ => found.push((number, kind, vec![line])),
            }
        }
        let unbalanced = |error: ledger::Unbalanced| Fault::Corrupt {
            what: format!("the postings of {payment}"),
            source: Some(std::sync::Arc::new(error)),
        };
        found
            .into_iter()
            .map(|(_, kind, lines)| Posting::new(kind, lines).map_err(unbalanced))
            .collect()
    }

    /// All debits and credits of a shop, summed by the database.
    pub async fn trial_balance(&self, of: Scope) -> Result<TrialBalance, Fault> {
        let [shop, mode] = scope(of);
        let rows = self
            .rows_at_leisure(
                "SELECT account, currency,
                     CAST(SUM(CASE WHEN amount > 0 THEN amount ELSE 0 END) AS BIGINT),
                     CAST(SUM(CASE WHEN amount < 0 THEN -amount ELSE 0 END) AS BIGINT)
                 FROM entries WHERE shop_id = $1 AND mode = $2 GROUP BY account, currency",
                vec![shop, mode],
            )
            .await?;
        let mut balance = TrialBalance::default();
        for mut row in rows {
            let account: Account = row.word()?;
            let debit = row.money()?;
            let credit = Money::new(row.int()?, debit.currency);
            balance
                .add_sums(account, debit, credit)
                .map_err(|error| Fault::Corrupt {
                    what: format!("the sums of {account}"),
                    source: Some(std::sync::Arc::new(error)),
                })?;
        }
        Ok(balance)
    }

    /// What each payment after `after` adds to what PGs owe the shop, fees apart; payments without
    /// such a line are left out. Oldest first.
    pub async fn receivables(
        &self,
        of: Scope,
        after: Option<PaymentId>,
        limit: u32,
    ) -> Result<Vec<(PaymentId, Money)>, Fault> {
        let [shop, mode] = scope(of);
        let after = after.map_or(uuid::Uuid::nil(), PaymentId::uuid);
        let rows = self
            .rows_at_leisure(
                "SELECT payment_id, currency, CAST(SUM(amount) AS BIGINT) FROM entries
                 WHERE shop_id = $1 AND mode = $2 AND payment_id > $3 AND account LIKE 'pg_receivable:%'
                   AND kind IN ('sale', 'sale_reversed', 'refund', 'held', 'held_returned')
                 GROUP BY payment_id, currency ORDER BY payment_id LIMIT $4",
                vec![shop, mode, after.into(), limit.into()],
            )
            .await?;
        rows.into_iter()
            .map(|mut row| Ok((PaymentId::from_uuid(row.uuid()?), row.money()?)))
            .collect()
    }

    /// Every shop and mode that has a payment.
    pub async fn scopes(&self) -> Result<Vec<Scope>, Fault> {
        let mut found: Vec<Scope> = Vec::new();
        let mut last = [Value::from(uuid::Uuid::nil()), Value::Int(-1)];
        loop {
            // From one to the next through the key, without reading the payments between.
            let row = self
                .row(
                    "SELECT shop_id, mode FROM payments WHERE (shop_id, mode) > ($1, $2)
                     ORDER BY shop_id, mode LIMIT 1",
                    last.to_vec(),
                )
                .await?;
            let Some(mut row) = row else {
                return Ok(found);
            };
            let next = row.scope()?;
            last = scope(next);
            found.push(next);
        }
    }
}

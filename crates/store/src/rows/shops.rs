use vocabulary::{Mode, PgAccountId, Scope, ShopId, Timestamp};

use crate::store::Store;
use crate::value::{Value, scope};
use crate::write::{Op, W};
use crate::{ChangeSet, Conflict, Fault, NotCommitted};

/// A contract of a shop with a PG, as far as rows refer to it; its keys and terms are configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PgAccount {
    pub id: PgAccountId,
    /// The shop's name for it; unique within shop and mode.
    pub slug: String,
    pub pg: String,
    pub created_at: Timestamp,
}

impl Store {
    /// The id of the shop called `slug`; made on first use. Safe to call at the same time from anywhere.
    pub async fn ensure_shop(&self, slug: &str) -> Result<ShopId, Fault> {
        loop {
            if let Some(mut row) = self
                .row("SELECT shop_id FROM shops WHERE slug = $1", vec![Value::text(slug)])
                .await?
            {
                return Ok(ShopId::from_uuid(row.uuid()?));
            }
            let now = self.clock().now();
            let id = ShopId::new(now, self.chance());
            let mut set = ChangeSet::new(Scope {
                shop: id,
                mode: Mode::Test,
            });
            set.add(Op {
                write: W::ShopInsert,
                values: vec![id.uuid().into(), Value::text(slug), now.into()],
            });
            match self.commit(set).await {
                Ok(()) => return Ok(id),
                Err(NotCommitted::Conflict(Conflict::Name)) => continue,
                Err(NotCommitted::Conflict(_)) => return Err(Fault::corrupt("a new shop's id is taken")),
                Err(NotCommitted::Fault(fault)) => return Err(fault),
            }
        }
    }

    /// The id of the shop's PG account called `slug`; made on first use. Errors with
    /// [`Fault::Config`] if that name stands for an account with another PG.
    pub async fn ensure_pg_account(&self, of: Scope, slug: &str, pg: &str) -> Result<PgAccountId, Fault> {
        loop {
            let accounts = self.pg_accounts(of).await?;
            if let Some(account) = accounts.into_iter().find(|account| account.slug == slug) {
                if account.pg != pg {
                    return Err(Fault::Config(format!(
                        "the PG account {slug:?} is with {}, not with {pg}: give the new one another name",
                        account.pg
                    )));
                }
                return Ok(account.id);
            }
            let now = self.clock().now();
            let id = PgAccountId::new(now, self.chance());
            let mut set = ChangeSet::new(of);
            set.add_scoped(
                W::PgAccountInsert,
                [Value::text(slug), id.uuid().into(), Value::text(pg), now.into()],
            );
            match self.commit(set).await {
                Ok(()) => return Ok(id),
                Err(NotCommitted::Conflict(_)) => continue,
                Err(NotCommitted::Fault(fault)) => return Err(fault),
            }
        }
    }

    pub async fn pg_accounts(&self, of: Scope) -> Result<Vec<PgAccount>, Fault> {
        let [shop, mode] = scope(of);
        let rows = self
            .rows(
                "SELECT pg_account_id, slug, pg, created_at FROM pg_accounts
                 WHERE shop_id = $1 AND mode = $2 ORDER BY slug",
                vec![shop, mode],
            )
            .await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(PgAccount {
                    id: PgAccountId::from_uuid(row.uuid()?),
                    slug: row.text()?,
                    pg: row.text()?,
                    created_at: row.time()?,
                })
            })
            .collect()
    }
}

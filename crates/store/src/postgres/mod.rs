//! The database of several servers. Two tasks write, each on a connection of its own; a few shared
//! connections read. Works with engines that speak PostgreSQL's protocol: no advisory locks, no
//! sequences, every transaction can be run again.

mod batch;
mod connect;
mod lookup;
mod migrator;
mod reader;
mod session;
mod types;
mod writer;

use std::sync::Arc;

use tokio::sync::watch;
use vocabulary::{Chance, Clock, PaymentId, Scope};

use crate::migrate::Migrated;
use crate::queue::Queue;
use crate::stats::Counters;
use crate::value::{Row, Value};
use crate::{Fault, Options};

pub(crate) struct Postgres {
    connector: Arc<connect::Connector>,
    readers: Arc<reader::Readers>,
    lookups: lookup::Lookups,
    stopped: Vec<watch::Receiver<bool>>,
}

impl Postgres {
    pub async fn open(
        url: &str,
        options: &Options,
        queue: Arc<Queue>,
        counters: Arc<Counters>,
    ) -> Result<Postgres, Fault> {
        let connector = Arc::new(connect::Connector::new(url, options)?);
        let readers = Arc::new(reader::Readers::new(connector.clone(), options.readers));
        // A wrong address or password is told now, not at the first payment.
        readers.read("SELECT 1", Vec::new()).await?;
        let stopped = (0..options.writers.clamp(1, 4))
            .map(|_| writer::start(connector.clone(), queue.clone(), counters.clone(), options.clone()))
            .collect();
        Ok(Postgres {
            connector,
            lookups: lookup::Lookups::start(&readers),
            readers,
            stopped,
        })
    }

    pub async fn stopped(&self) {
        for writer in &self.stopped {
            // An error means that the task is gone, which is what we wait for.
            let _ = writer.clone().wait_for(|stopped| *stopped).await;
        }
    }

    pub async fn read(&self, sql: &'static str, params: Vec<Value>) -> Result<Vec<Row>, Fault> {
        self.readers.read(sql, params).await
    }

    /// Rows of a payment with its attempts and cancels.
    pub async fn payment(&self, scope: Scope, payment: PaymentId) -> Result<Vec<Row>, Fault> {
        self.lookups.payment(scope, payment).await
    }

    pub async fn migrate(&self, clock: &dyn Clock, chance: &Chance) -> Result<Migrated, Fault> {
        migrator::migrate(&self.connector, clock, chance).await
    }
}

/// A connection as all of ours are.
#[cfg(test)]
pub(crate) async fn connect(url: &str, options: &Options) -> Result<tokio_postgres::Client, Fault> {
    connect::Connector::new(url, options)?.connect().await
}

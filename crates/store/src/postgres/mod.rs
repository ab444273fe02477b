//! PostgreSQL: to come in this file's siblings.
use std::sync::Arc;

use vocabulary::{Chance, Clock};

use crate::migrate::Migrated;
use crate::queue::Queue;
use crate::stats::Counters;
use crate::value::{Row, Value};
use crate::{Fault, Options};

pub(crate) struct Postgres;

impl Postgres {
    pub async fn open(
        _url: &str,
        _options: &Options,
        _queue: Arc<Queue>,
        _counters: Arc<Counters>,
    ) -> Result<Postgres, Fault> {
        Err(Fault::Config("PostgreSQL comes with the next commit".to_owned()))
    }
    pub async fn stopped(&self) {}
    pub async fn read(&self, _sql: &'static str, _params: Vec<Value>) -> Result<Vec<Row>, Fault> {
        Err(Fault::closed())
    }
    pub async fn migrate(&self, _clock: &dyn Clock, _chance: &Chance) -> Result<Migrated, Fault> {
        Err(Fault::closed())
    }
}

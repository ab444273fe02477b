use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex as StdMutex, PoisonError};

use tokio::sync::Mutex;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};

use super::connect::Connector;
use super::types::{fault, is_cut, is_passing, row};
use crate::Fault;
use crate::value::{Row, Value};

/// Shared connections: many reads at once travel over each, one behind the other.
pub(super) struct Readers {
    connector: Arc<Connector>,
    slots: Vec<Mutex<Option<Arc<Session>>>>,
    next: AtomicUsize,
}

struct Session {
    client: Client,
    statements: StdMutex<HashMap<&'static str, Statement>>,
}

impl Readers {
    pub fn new(connector: Arc<Connector>, count: usize) -> Readers {
        Readers {
            connector,
            slots: (0..count.max(1)).map(|_| Mutex::new(None)).collect(),
            next: AtomicUsize::new(0),
        }
    }

    pub async fn read(&self, sql: &'static str, params: Vec<Value>) -> Result<Vec<Row>, Fault> {
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|value| value as _).collect();
        self.run(sql, &params).await
    }

    /// With an array for each parameter.
    pub async fn read_arrays(&self, sql: &'static str, arrays: &[Vec<Value>]) -> Result<Vec<Row>, Fault> {
        let params: Vec<&(dyn ToSql + Sync)> = arrays.iter().map(|array| array as _).collect();
        self.run(sql, &params).await
    }

    /// Reads once more when the connection turns out to be dead: a read may be repeated.
    async fn run(&self, sql: &'static str, params: &[&(dyn ToSql + Sync)]) -> Result<Vec<Row>, Fault> {
        let session = self.session().await?;
        match session.read(sql, params).await {
            Err(error) if is_cut(&error) || is_passing(&error) => {
                let session = self.session().await?;
                let rows = session.read(sql, params).await.map_err(fault)?;
                rows.iter().map(row).collect()
            }
            Err(error) => Err(fault(error)),
            Ok(rows) => rows.iter().map(row).collect(),
        }
    }

    async fn session(&self) -> Result<Arc<Session>, Fault> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.slots.len();
        let mut slot = self.slots[turn].lock().await;
        if let Some(session) = slot.as_ref().filter(|session| !session.client.is_closed()) {
            return Ok(session.clone());
        }
        let client = self.connector.connect().await?;
        let session = Arc::new(Session {
            client,
            statements: StdMutex::new(HashMap::new()),
        });
        *slot = Some(session.clone());
        Ok(session)
    }
}

impl Session {
    async fn read(
        &self,
        sql: &'static str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<tokio_postgres::Row>, tokio_postgres::Error> {
        let known = self.lock().get(sql).cloned();
        let statement = match known {
            Some(statement) => statement,
            None => {
                let statement = self.client.prepare(sql).await?;
                self.lock().insert(sql, statement.clone());
                statement
            }
        };
        self.client.query(&statement, params).await
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<&'static str, Statement>> {
        self.statements.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

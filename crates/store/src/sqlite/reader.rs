use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use tokio::sync::Semaphore;

use super::{blocking, fault, query};
use crate::value::{Row, Value};
use crate::{Fault, Options};

const CACHE_KIB: i64 = 8 * 1024;

/// Read-only connections, opened as they are needed and kept for the next read.
#[derive(Clone)]
pub(super) struct Readers(Arc<Pool>);

struct Pool {
    path: PathBuf,
    patience: Duration,
    idle: Mutex<Vec<Connection>>,
    idle_max: usize,
    /// Bounds the long reads, which take a thread each.
    long: Semaphore,
    /// Long reads take no thread.
    inline: bool,
}

impl Readers {
    pub fn new(path: PathBuf, patience: Duration, options: &Options) -> Readers {
        let max = options.readers.max(1);
        Readers(Arc::new(Pool {
            path,
            patience,
            idle: Mutex::new(Vec::new()),
            idle_max: max * 2,
            long: Semaphore::new(max),
            inline: options.inline.is_some(),
        }))
    }

    /// A short read, here and now: it takes some microseconds, less than handing it to a thread.
    /// A reader never waits for the writer.
    pub fn read(&self, sql: &'static str, params: &[Value]) -> Result<Vec<Row>, Fault> {
        let connection = self.take()?;
        let rows = query(&connection, sql, params);
        if rows.is_ok() {
            self.give_back(connection);
        }
        rows
    }

    /// A read that may take long, on a thread for it.
    pub async fn read_aside(&self, sql: &'static str, params: Vec<Value>) -> Result<Vec<Row>, Fault> {
        if self.0.inline {
            return self.read(sql, &params);
        }
        let _permit = self
            .0
            .long
            .acquire()
            .await
            .map_err(|error| Fault::unavailable("the store is shutting down", error))?;
        let readers = self.clone();
        blocking(false, move || readers.read(sql, &params)).await
    }

    fn take(&self) -> Result<Connection, Fault> {
        let idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        match idle {
            Some(connection) => Ok(connection),
            None => self.open().map_err(fault),
        }
    }

    fn give_back(&self, connection: Connection) {
        let mut idle = self.0.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < self.0.idle_max {
            idle.push(connection);
        }
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.0.path, flags)?;
        connection.busy_timeout(self.0.patience)?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(connection)
    }
}

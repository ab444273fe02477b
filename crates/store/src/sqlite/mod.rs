//! The embedded database: one thread writes, read-only connections read beside it.

mod checkpoint;
mod inline;
mod place;
mod reader;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, ToSql, ffi};
use tokio::sync::watch;
use vocabulary::Timestamp;

use crate::migrate::{self, Applied, Dialect, Migrated};
use crate::queue::Queue;
use crate::stats::Counters;
use crate::value::{Row, Value};
use crate::{Fault, Options};
use place::Place;

/// Before this version a checkpoint could race with a reset of the write-ahead log and lose commits.
const VERSION_MIN: i32 = 3_051_003;
/// Pages in the write-ahead log after which the writer itself moves what is left to the database file.
const LOG_PAGES_MAX: u32 = 16_000;
const CACHE_KIB: i64 = 128 * 1024;

pub(crate) struct Sqlite {
    path: PathBuf,
    patience: Duration,
    inline: bool,
    readers: reader::Readers,
    stopped: watch::Receiver<bool>,
}

impl Sqlite {
    pub async fn open(
        path: &str,
        options: &Options,
        queue: Arc<Queue>,
        counters: Arc<Counters>,
    ) -> Result<Sqlite, Fault> {
        if rusqlite::version_number() < VERSION_MIN {
            return Err(Fault::Config(format!(
                "SQLite {} is too old to be safe",
                rusqlite::version()
            )));
        }
        let path = PathBuf::from(path.strip_prefix("//").unwrap_or(path));
        if path.as_os_str().is_empty() || path.to_string_lossy().starts_with(':') {
            return Err(Fault::Config(
                "name a file: `sqlite:/var/lib/narupay/narupay.db`".to_owned(),
            ));
        }
        let patience = Duration::from_millis(options.patience_ms);
        let open = path.clone();
        let bytes_max = options.file_bytes_max;
        let inline = options.inline.clone();
        let simulated = inline.is_some();
        let (writing, place, checkpointing) = blocking(simulated, move || {
            // The first connection makes the file and turns the write-ahead log on.
            let writing = writing_connection(&open, patience)?;
            if simulated {
                // It dies with its process only, and that loses nothing that was written.
                writing.pragma_update(None, "synchronous", "OFF").map_err(fault)?;
            }
            if let Some(bytes) = bytes_max {
                limit_size(&writing, bytes).map_err(fault)?;
            }
            let checkpointing = match simulated {
                true => None,
                false => Some(writing_connection(&open, patience)?),
            };
            if let Some(connection) = &checkpointing {
                checkpoint::move_all(connection)?;
            }
            let place =
                Place::of(&open).map_err(|error| Fault::unavailable("the database's file cannot be seen", error))?;
            Ok((writing, place, checkpointing))
        })
        .await?;
        let (ended, stopped) = watch::channel(false);
        let options = options.clone();
        let readers = reader::Readers::new(path.clone(), patience, &options);
        match (inline, checkpointing) {
            (None, Some(checkpointing)) => {
                writer::start(writing, place, checkpointing, queue, counters, options, ended)?;
            }
            (Some(disk), _) => inline::start(writing, place, disk, queue, counters, options, ended),
            (None, None) => return Err(Fault::corrupt("a store without a way to write")),
        }
        Ok(Sqlite {
            readers,
            path,
            patience,
            inline: simulated,
            stopped,
        })
    }

    pub async fn stopped(&self) {
        // An error means that the thread is gone, which is what we wait for.
        let _ = self.stopped.clone().wait_for(|stopped| *stopped).await;
    }

    pub fn read(&self, sql: &'static str, params: &[Value]) -> Result<Vec<Row>, Fault> {
        self.readers.read(sql, params)
    }

    pub async fn read_aside(&self, sql: &'static str, params: Vec<Value>) -> Result<Vec<Row>, Fault> {
        self.readers.read_aside(sql, params).await
    }

    /// All in one transaction; SQLite's own lock keeps a second program out meanwhile.
    pub async fn migrate(&self, now: Timestamp) -> Result<Migrated, Fault> {
        let (path, patience) = (self.path.clone(), self.patience);
        blocking(self.inline, move || {
            let mut connection = writing_connection(&path, patience)?;
            let behavior = rusqlite::TransactionBehavior::Immediate;
            let transaction = connection.transaction_with_behavior(behavior).map_err(fault)?;
            transaction.execute_batch(migrate::CREATE_JOURNAL).map_err(fault)?;
            let applied = query(&transaction, migrate::READ_JOURNAL, &[])?
                .into_iter()
                .map(Applied::from_row)
                .collect::<Result<Vec<Applied>, Fault>>()?;
            let mut done = Vec::new();
            for migration in migrate::missing(&applied)? {
                transaction
                    .execute_batch(&migration.sql(Dialect::Sqlite))
                    .map_err(fault)?;
                let journal = [
                    Value::from(migration.number),
                    migration.name.into(),
                    Value::from(migration.checksum()),
                    now.into(),
                ];
                query(&transaction, migrate::WRITE_JOURNAL, &journal)?;
                done.push(migration);
            }
            transaction.commit().map_err(fault)?;
            Ok(migrate::migrated(&done))
        })
        .await
    }
}

fn writing_connection(path: &Path, patience: Duration) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(fault)?;
    set_up(&connection, patience).map_err(fault)?;
    Ok(connection)
}

fn set_up(connection: &Connection, patience: Duration) -> rusqlite::Result<()> {
    connection.busy_timeout(patience)?;
    // Only for a file that is new; it has no effect on others.
    connection.pragma_update(None, "page_size", 8192)?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    // FULL: a commit is on the disk before it is acknowledged.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update_and_check(None, "wal_autocheckpoint", LOG_PAGES_MAX, |_| Ok(()))?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(())
}

/// Beyond this the file does not grow: SQLite says that the disk is full.
fn limit_size(connection: &Connection, bytes: u64) -> rusqlite::Result<()> {
    let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    let pages = i64::try_from(bytes).unwrap_or(i64::MAX) / page.max(1);
    connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
}

/// Runs a statement and reads all it gives.
fn query(connection: &Connection, sql: &str, params: &[Value]) -> Result<Vec<Row>, Fault> {
    let mut statement = connection.prepare_cached(&numbered(sql)).map_err(fault)?;
    for (place, value) in params.iter().enumerate() {
        statement.raw_bind_parameter(place + 1, value).map_err(fault)?;
    }
    let columns = statement.column_count();
    let mut rows = statement.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(fault)? {
        let values: rusqlite::Result<Vec<Value>> =
            (0..columns).map(|place| row.get_ref(place).map(from_sqlite)).collect();
        found.push(Row::new(values.map_err(fault)?));
    }
    Ok(found)
}

/// SQLite takes `$1` for a name and numbers names as they come; only `?1` means the first.
pub(crate) fn numbered(sql: &str) -> String {
    sql.replace('$', "?")
}

fn from_sqlite(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        // There are no such columns; cut off rather than invent a type for them.
        ValueRef::Real(value) => Value::Int(value as i64),
        ValueRef::Text(text) => Value::Text(String::from_utf8_lossy(text).into_owned().into()),
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
    }
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(value) => ValueRef::Integer(*value),
            Value::Id(id) => ValueRef::Blob(id.as_bytes()),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// A flush failed. The kernel forgets what it could not write, so that the next flush succeeds and means
/// nothing: what was written since the last good one may be lost, whichever statement met the failure.
fn flush_failed(error: &rusqlite::Error) -> bool {
    let Some(failure) = error.sqlite_error() else {
        return false;
    };
    [ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_IOERR_DIR_FSYNC].contains(&failure.extended_code)
}

/// What SQLite's word means to us. Nothing of the statement was done, unless a flush failed.
fn fault(error: rusqlite::Error) -> Fault {
    if flush_failed(&error) {
        return Fault::Unknown {
            source: Some(Arc::new(error)),
        };
    }
    let code = error.sqlite_error_code();
    let why = match code {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another program holds the database file's lock",
        Some(ErrorCode::DiskFull) => "the disk is full",
        Some(ErrorCode::ReadOnly) => "the database file cannot be written",
        Some(ErrorCode::CannotOpen) => "the database file cannot be opened",
        Some(ErrorCode::PermissionDenied) => "the database file may not be opened",
        Some(ErrorCode::SystemIoFailure) => "the disk fails",
        Some(ErrorCode::OutOfMemory) => "memory ran out",
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            return Fault::Corrupt {
                what: "the database file is damaged or not ours".to_owned(),
                source: Some(Arc::new(error)),
            };
        }
        _ if error.to_string().contains("no such table") => return Fault::NotMigrated,
        _ => {
            return Fault::Corrupt {
                what: "a statement that SQLite refuses".to_owned(),
                source: Some(Arc::new(error)),
            };
        }
    };
    Fault::unavailable(why, error)
}

/// Runs what blocks on a thread for it, or here and now.
async fn blocking<T: Send + 'static>(
    inline: bool,
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    if inline {
        return work();
    }
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => Err(Fault::unavailable("a thread ended early", error)),
    }
}

use std::str::FromStr;
use std::sync::Arc;

use uuid::Uuid;
use vocabulary::{Chance, Clock};

use crate::queue::Queue;
use crate::seal::Sealer;
use crate::stats::{Counters, Stats};
use crate::value::{Row, Value};
use crate::write::W;
use crate::{ChangeSet, Fault, NotCommitted, Options, PAGE_MAX, Page, chain, postgres, sqlite};

/// The database, whichever it is. Cheap to clone; all clones share the writers and connections.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    backend: Backend,
    queue: Arc<Queue>,
    counters: Arc<Counters>,
    options: Options,
    sealer: Sealer,
}

pub(crate) enum Backend {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

impl Drop for Inner {
    /// Without [`Store::close`] the writers still write what waits, and then stop.
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl Store {
    /// Opens `sqlite:/path/to/file` or `postgres://…`; the file is made if it is not there. Does not migrate.
    /// Errors: [`Fault::Config`] for an address we cannot use, [`Fault::Unavailable`] when nothing answers there.
    pub async fn open(url: &str, options: Options) -> Result<Store, Fault> {
        let sealer = Sealer::new(&options)?;
        let queue = Arc::new(Queue::new(options.queue_max));
        let counters = Arc::new(Counters::default());
        let backend = match url.split_once(':') {
            Some(("sqlite", path)) => {
                Backend::Sqlite(sqlite::Sqlite::open(path, &options, queue.clone(), counters.clone()).await?)
            }
            Some(("postgres" | "postgresql", _)) => {
                Backend::Postgres(postgres::Postgres::open(url, &options, queue.clone(), counters.clone()).await?)
            }
            // The address may hold a password; it is not repeated.
            _ => {
                return Err(Fault::Config(
                    "the database's address begins with `sqlite:` or `postgres://`".to_owned(),
                ));
            }
        };
        Ok(Store(Arc::new(Inner {
            backend,
            queue,
            counters,
            options,
            sealer,
        })))
    }

    /// Saves a change set together with whatever others are waiting, durably: it survives loss of power
    /// once this returns. One set's conflict never fails another. Goes on even if the caller stops waiting.
    pub async fn commit(&self, mut set: ChangeSet) -> Result<(), NotCommitted> {
        if set.is_empty() {
            return Ok(());
        }
        self.0.sealer.seal_set(&mut set)?;
        for event in set.ops.iter_mut().filter(|op| op.write == W::EventInsert) {
            chain::digest_body(event, self.chance());
        }
        set.arrange();
        let answer = self.0.queue.push(set)?;
        match answer.await {
            Ok(answer) => answer,
            // The writer died without answering, which is a bug of ours; nobody knows how far it came.
            Err(_) => Err(Fault::Unknown { source: None }.into()),
        }
    }

    /// Writes what waits, then stops the writers. Later commits are refused; reads still work.
    pub async fn close(&self) {
        self.0.queue.close();
        match &self.0.backend {
            Backend::Sqlite(sqlite) => sqlite.stopped().await,
            Backend::Postgres(postgres) => postgres.stopped().await,
        }
    }

    /// Whether the database answers, and can still be written.
    pub async fn ping(&self) -> Result<(), Fault> {
        if let Some(fault) = self.0.queue.broken() {
            return Err(fault);
        }
        self.row("SELECT 1", Vec::new()).await.map(|_| ())
    }

    /// `sqlite` or `postgres`.
    pub fn engine(&self) -> &'static str {
        match &self.0.backend {
            Backend::Sqlite(_) => "sqlite",
            Backend::Postgres(_) => "postgres",
        }
    }

    /// Change sets waiting now.
    pub fn waiting(&self) -> usize {
        self.0.queue.depth()
    }

    /// What the writers have done since the store was opened.
    pub fn stats(&self) -> Stats {
        self.0.counters.read(self.0.queue.depth())
    }

    pub(crate) fn backend(&self) -> &Backend {
        &self.0.backend
    }

    pub(crate) fn sealer(&self) -> &Sealer {
        &self.0.sealer
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.0.options.clock
    }

    pub(crate) fn chance(&self) -> &Chance {
        &self.0.options.chance
    }

    /// Rows of a short read: a few rows found by a key.
    pub(crate) async fn rows(&self, sql: &'static str, params: Vec<Value>) -> Result<Vec<Row>, Fault> {
        match self.backend() {
            Backend::Sqlite(sqlite) => sqlite.read(sql, &params),
            Backend::Postgres(postgres) => postgres.read(sql, params).await,
        }
    }

    /// Rows of a read that may look at many.
    pub(crate) async fn rows_at_leisure(&self, sql: &'static str, params: Vec<Value>) -> Result<Vec<Row>, Fault> {
        match self.backend() {
            Backend::Sqlite(sqlite) => sqlite.read_aside(sql, params).await,
            Backend::Postgres(postgres) => postgres.read(sql, params).await,
        }
    }

    pub(crate) async fn row(&self, sql: &'static str, params: Vec<Value>) -> Result<Option<Row>, Fault> {
        Ok(self.rows(sql, params).await?.pop())
    }

    /// One page of a search for rows one by one.
    pub(crate) async fn search<T>(
        &self,
        search: Search,
        decode: fn(&mut Row) -> Result<T, Fault>,
        cursor: impl Fn(&T) -> String,
    ) -> Result<Page<T>, Fault> {
        let all = |rows: Vec<Row>| rows.into_iter().map(|mut row| decode(&mut row)).collect();
        self.search_many(search, 3, all, cursor).await
    }

    /// One page of a search whose items are made of several rows. `end_params`: how many of the
    /// parameters the search's end needs.
    pub(crate) async fn search_many<T>(
        &self,
        search: Search,
        end_params: usize,
        decode: impl Fn(Vec<Row>) -> Result<Vec<T>, Fault>,
        cursor: impl Fn(&T) -> String,
    ) -> Result<Page<T>, Fault> {
        let limit = search.limit.clamp(1, PAGE_MAX) as usize;
        let mut params = search.params;
        let end_of = params[..end_params.min(params.len())].to_vec();
        // One more than asked for tells whether there is a next page.
        params.push(Value::Int(limit as i64 + 1));
        let mut items = decode(self.rows_at_leisure(search.sql, params).await?)?;
        if items.len() > limit {
            items.truncate(limit);
            let next_cursor = items.last().map(cursor);
            return Ok(Page { items, next_cursor });
        }
        let Some(end_sql) = search.end_sql else {
            return Ok(Page {
                items,
                next_cursor: None,
            });
        };
        // Few were found: either there are no more, or the search stopped at its bound.
        let end = self.rows_at_leisure(end_sql, end_of).await?.pop();
        let next_cursor = match end {
            Some(mut row) => Some(row.uuid()?.to_string()),
            None => None,
        };
        Ok(Page { items, next_cursor })
    }
}

/// A listing, newest first: finds up to `limit` rows among the next 2,000, so that no filter can make
/// it read a whole table.
pub(crate) struct Search {
    /// Takes the parameters and, last, the number of items.
    pub sql: &'static str,
    /// The id of the last of the 2,000, if there are so many.
    pub end_sql: Option<&'static str>,
    pub params: Vec<Value>,
    pub limit: u32,
}

/// The id a cursor stands for: everything listed next is below it.
pub(crate) fn cursor_uuid<T: FromStr>(cursor: Option<&str>, uuid: fn(T) -> Uuid) -> Result<Value, Fault> {
    let Some(cursor) = cursor else {
        return Ok(Value::Id(Uuid::max()));
    };
    if let Ok(id) = cursor.parse::<T>() {
        return Ok(Value::Id(uuid(id)));
    }
    // Where a search stopped at its bound there is no item to name.
    cursor.parse::<Uuid>().map(Value::Id).map_err(|_| Fault::Cursor)
}

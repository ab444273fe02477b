//! For tests only: databases that are there when a test begins and gone when it ends.
//!
//! SQLite needs nothing. PostgreSQL is started once per test binary from the programs installed on
//! this machine; without them tests run on SQLite alone and say so, unless `NARUPAY_TEST_POSTGRES`
//! is `required`.

mod folder;
mod postgres;

use std::sync::Arc;

use store::{Options, Store};
use vocabulary::{Chance, Secret, TestClock, Timestamp};

pub use folder::Folder;
pub use postgres::{Flushing, Server, binaries};

/// One empty, migrated database of a test's own.
pub struct Database {
    pub url: String,
    /// Dropped, and so removed, with the database.
    _folder: Option<Folder>,
}

/// 2026-03-01T10:15:30+09:00, where tests begin.
pub const START: Timestamp = Timestamp::from_seconds(1_772_327_730);

impl Database {
    /// A new SQLite file.
    pub async fn sqlite() -> Database {
        let database = Database::sqlite_unmigrated();
        migrate(&database.url).await;
        database
    }

    pub fn sqlite_unmigrated() -> Database {
        let folder = Folder::new("sqlite");
        Database {
            url: format!("sqlite:{}", folder.path().join("test.db").display()),
            _folder: Some(folder),
        }
    }

    /// A new database of the shared PostgreSQL server; `None` where PostgreSQL is not installed.
    pub async fn postgres() -> Option<Database> {
        Some(Server::shared()?.fresh().await)
    }

    /// One that is there already.
    pub fn at(url: String) -> Database {
        Database { url, _folder: None }
    }

    /// One of each engine that this machine has.
    pub async fn each() -> Vec<Database> {
        let mut databases = vec![Database::sqlite().await];
        databases.extend(Database::postgres().await);
        databases
    }

    pub async fn open(&self) -> Store {
        self.open_with(|_| {}).await
    }

    pub async fn open_with(&self, adjust: impl FnOnce(&mut Options)) -> Store {
        let mut options = options();
        adjust(&mut options);
        Store::open(&self.url, options)
            .await
            .expect("the test's database opens")
    }
}

/// A clock that stands at [`START`] and chance from the system.
pub fn options() -> Options {
    Options::new(Arc::new(TestClock::at(START)), Chance::system(), Secret::new([9; 32]))
}

pub(crate) async fn migrate(url: &str) {
    let store = Store::open(url, options()).await.expect("a new database opens");
    store.migrate().await.expect("a new database can be migrated");
    store.close().await;
}

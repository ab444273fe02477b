//! The schema: numbered SQL files carried in the program, applied once each and never changed after.

use aws_lc_rs::digest;

use crate::Fault;
use crate::store::{Backend, Store};
use crate::value::Row;

pub(crate) struct Migration {
    pub number: u32,
    pub name: &'static str,
    text: &'static str,
}

pub(crate) static MIGRATIONS: &[Migration] = &[Migration {
    number: 1,
    name: "spine",
    text: include_str!("../migrations/0001_spine.sql"),
}];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// What [`Store::migrate`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migrated {
    /// Names of the migrations applied now, in order; empty when the schema was current.
    pub applied: Vec<String>,
    /// The schema's number now.
    pub version: u32,
}

/// How the database's schema stands to this program's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SchemaState {
    Current,
    /// Migrations are missing; `found` is 0 for an empty database.
    Behind {
        found: u32,
        known: u32,
    },
    /// A newer program has been here.
    Newer {
        found: u32,
        known: u32,
    },
}

/// A migration that a database says it has.
pub(crate) struct Applied {
    pub number: u32,
    pub name: String,
    pub checksum: String,
}

pub(crate) const CREATE_JOURNAL: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)";
pub(crate) const READ_JOURNAL: &str = "SELECT number, name, checksum FROM schema_migrations ORDER BY number";
pub(crate) const WRITE_JOURNAL: &str =
    "INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)";

impl Applied {
    pub fn from_row(mut row: Row) -> Result<Applied, Fault> {
        Ok(Applied {
            number: row.small()?,
            name: row.text()?,
            checksum: row.text()?,
        })
    }
}

impl Migration {
    pub fn checksum(&self) -> String {
        let hash = digest::digest(&digest::SHA256, self.text.as_bytes());
        hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The SQL for one database.
    pub fn sql(&self, dialect: Dialect) -> String {
        let (mine, others) = match dialect {
            Dialect::Sqlite => ("--sqlite", "--postgres"),
            Dialect::Postgres => ("--postgres", "--sqlite"),
        };
        let mut sql = String::new();
        for line in self.text.lines().filter(|line| !line.starts_with(others)) {
            sql.push_str(line.strip_prefix(mine).unwrap_or(line));
            sql.push('\n');
        }
        let words: &[(&str, &str)] = match dialect {
            Dialect::Sqlite => &[
                (" UUID", " BLOB"),
                (" BYTES", " BLOB"),
                (" BIGINT", " INTEGER"),
                (") KEYED;", ") STRICT, WITHOUT ROWID;"),
                (") PLAIN;", ") STRICT;"),
            ],
            Dialect::Postgres => &[(" BYTES", " BYTEA"), (") KEYED;", ");"), (") PLAIN;", ");")],
        };
        words.iter().fold(sql, |sql, (word, theirs)| sql.replace(word, theirs))
    }
}

/// What is missing. Errors: a newer schema, or a migration in another wording.
pub(crate) fn missing(applied: &[Applied]) -> Result<&'static [Migration], Fault> {
    let known = MIGRATIONS.last().map_or(0, |migration| migration.number);
    if let Some(newer) = applied.iter().find(|applied| applied.number > known) {
        let found = applied.last().map_or(newer.number, |last| last.number);
        return Err(Fault::NewerSchema { found, known });
    }
    for (applied, migration) in applied.iter().zip(MIGRATIONS) {
        if applied.number != migration.number || applied.checksum != migration.checksum() {
            return Err(Fault::ChangedMigration {
                number: applied.number,
                name: applied.name.clone(),
            });
        }
    }
    Ok(&MIGRATIONS[applied.len()..])
}

pub(crate) fn migrated(applied: &[&Migration]) -> Migrated {
    Migrated {
        applied: applied
            .iter()
            .map(|migration| format!("{:04}_{}", migration.number, migration.name))
            .collect(),
        version: MIGRATIONS.last().map_or(0, |migration| migration.number),
    }
}

impl Store {
    /// Brings the schema up to this program's. Safe to run from several programs at once, and quiet
    /// when there is nothing to do. Errors: [`Fault::NewerSchema`], [`Fault::ChangedMigration`].
    pub async fn migrate(&self) -> Result<Migrated, Fault> {
        match self.backend() {
            Backend::Sqlite(sqlite) => sqlite.migrate(self.clock().now()).await,
            Backend::Postgres(postgres) => postgres.migrate(self.clock(), self.chance()).await,
        }
    }

    /// Errors: [`Fault::ChangedMigration`].
    pub async fn schema(&self) -> Result<SchemaState, Fault> {
        let rows = match self.rows(READ_JOURNAL, Vec::new()).await {
            Ok(rows) => rows,
            Err(Fault::NotMigrated) => Vec::new(),
            Err(fault) => return Err(fault),
        };
        let applied = rows
            .into_iter()
            .map(Applied::from_row)
            .collect::<Result<Vec<Applied>, Fault>>()?;
        let known = MIGRATIONS.last().map_or(0, |migration| migration.number);
        match missing(&applied) {
            Ok([]) => Ok(SchemaState::Current),
            Ok(_) => Ok(SchemaState::Behind {
                found: applied.last().map_or(0, |last| last.number),
                known,
            }),
            Err(Fault::NewerSchema { found, known }) => Ok(SchemaState::Newer { found, known }),
            Err(fault) => Err(fault),
        }
    }
}

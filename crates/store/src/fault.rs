use std::error::Error;
use std::sync::Arc;

use thiserror::Error;

/// What a driver said; shared, because one failed group fails many change sets.
pub type Cause = Arc<dyn Error + Send + Sync>;

/// The database could not do what was asked. Never shown to a shop.
#[derive(Debug, Clone, Error)]
pub enum Fault {
    /// More change sets wait than the queue holds. Nothing was done; shed load and retry later.
    #[error("the store is busy: its queue of change sets is full")]
    Busy,
    /// Away, locked, full, or shutting down. Nothing was done and nothing was acknowledged; retry later.
    #[error("the database is unavailable: {why}")]
    Unavailable {
        /// What stands in the way.
        why: &'static str,
        #[source]
        source: Option<Cause>,
    },
    /// The commit was on its way when the database failed: it may have been saved or not.
    /// Look again before doing anything that must not be done twice.
    #[error("the database failed during a commit; whether it was saved is not known")]
    Unknown {
        #[source]
        source: Option<Cause>,
    },
    /// A row that we cannot have written, or a database file that is damaged.
    #[error("the database holds something that cannot be: {what}")]
    Corrupt {
        what: String,
        #[source]
        source: Option<Cause>,
    },
    /// A newer program has migrated this database.
    #[error("the database is at schema {found}, this program knows only {known}: start a newer program")]
    NewerSchema { found: u32, known: u32 },
    /// A migration that was applied is not the one this program carries.
    #[error(
        "migration {number} ({name}) was applied in another wording: this is not the program that made the database"
    )]
    ChangedMigration { number: u32, name: String },
    #[error("the database has not been migrated: run `narupay migrate` or `narupay serve`")]
    NotMigrated,
    /// The caller's cursor is not one of ours.
    #[error("the cursor is not one that a listing gave")]
    Cursor,
    /// The database's address or its settings are wrong.
    #[error("{0}")]
    Config(String),
}

impl Fault {
    pub(crate) fn unavailable(why: &'static str, source: impl Error + Send + Sync + 'static) -> Fault {
        Fault::Unavailable {
            why,
            source: Some(Arc::new(source)),
        }
    }

    pub(crate) fn corrupt(what: impl Into<String>) -> Fault {
        Fault::Corrupt {
            what: what.into(),
            source: None,
        }
    }

    pub(crate) fn closed() -> Fault {
        Fault::Unavailable {
            why: "the store is shutting down",
            source: None,
        }
    }
}

/// Which guard of a change set did not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
pub enum Conflict {
    #[error("the payment was changed meanwhile")]
    Payment,
    #[error("the order id is taken by another payment")]
    OrderId,
    #[error("the idempotency key is taken")]
    Key,
    #[error("the idempotency key was answered or taken over meanwhile")]
    Answer,
    #[error("the event was fanned out already")]
    FannedOut,
    #[error("the delivery was changed meanwhile")]
    Delivery,
    #[error("the endpoint was changed meanwhile")]
    Endpoint,
    #[error("a notice about the attempt came before")]
    NoticeKnown,
    #[error("the notice was changed meanwhile")]
    Notice,
    #[error("the name is taken")]
    Name,
    /// An id that was just made exists already, or a row that must exist does not.
    #[error("an id is taken or gone")]
    Id,
}

/// Nothing of the change set was written; of `Fault::Unknown` alone one cannot say.
#[derive(Debug, Clone, Error)]
pub enum NotCommitted {
    /// Another change came first: load again and decide again.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    #[error(transparent)]
    Fault(#[from] Fault),
}

//! Every way in which a row is written, as data. One table serves both databases: SQLite runs a
//! statement per row, PostgreSQL one per kind of write and group.

use crate::{Conflict, value::Value};

/// A column's type; decides the array type in PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Id,
    Int,
    Text,
    Bytes,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub name: &'static str,
    pub kind: Kind,
}

const fn id(name: &'static str) -> Column {
    Column { name, kind: Kind::Id }
}
const fn int(name: &'static str) -> Column {
    Column { name, kind: Kind::Int }
}
const fn text(name: &'static str) -> Column {
    Column { name, kind: Kind::Text }
}
const fn bytes(name: &'static str) -> Column {
    Column {
        name,
        kind: Kind::Bytes,
    }
}

/// Something that may be there already when a row is inserted, by the positions of its columns.
#[derive(Debug)]
pub(crate) struct Unique {
    pub columns: &'static [usize],
    pub conflict: Conflict,
}

#[derive(Debug)]
pub(crate) enum Verb {
    Insert {
        columns: &'static [Column],
        unique: &'static [Unique],
    },
    /// Must hit exactly one row: the one with this key whose guard columns are as they were read.
    Update {
        set: &'static [Column],
        key: &'static [Column],
        lost: Conflict,
    },
    Delete {
        key: &'static [Column],
        lost: Conflict,
    },
}

#[derive(Debug)]
pub(crate) struct Write {
    pub table: &'static str,
    pub verb: Verb,
}

/// One row to write. The values are in the order of the statement's columns: for an update first
/// those that are set, then the key with its guards.
#[derive(Debug)]
pub(crate) struct Op {
    pub write: W,
    pub values: Vec<Value>,
}

macro_rules! writes {
    ($($name:ident = $table:literal $verb:expr;)*) => {
        /// Names the statements of [`WRITES`]. Their order is the order in which a group writes its
        /// tables, the same for everyone, so that two writers cannot wait for each other; those that
        /// lose races come first, so that a loser has seldom written anything.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum W { $($name,)* }

        pub(crate) static WRITES: &[Write] = &[$(Write { table: $table, verb: $verb },)*];
    };
}

const SCOPED: [Column; 2] = [id("shop_id"), int("mode")];

writes! {
    ShopInsert = "shops" Verb::Insert {
        columns: &[id("shop_id"), text("slug"), int("created_at")],
        unique: &[
            Unique { columns: &[1], conflict: Conflict::Name },
            Unique { columns: &[0], conflict: Conflict::Id },
        ],
    };
    PgAccountInsert = "pg_accounts" Verb::Insert {
        columns: &[SCOPED[0], SCOPED[1], text("slug"), id("pg_account_id"), text("pg"), int("created_at")],
        unique: &[Unique { columns: &[0, 1, 2], conflict: Conflict::Name }],
    };
    RememberedInsert = "remembered" Verb::Insert {
        columns: &[
            SCOPED[0], SCOPED[1], text("key"), bytes("request_hash"), text("fields"), int("answered"), int("status"),
            text("answer"), int("lease_until"), text("subject"), int("created_at"),
        ],
        unique: &[Unique { columns: &[0, 1, 2], conflict: Conflict::Key }],
    };
    RememberedTakeOver = "remembered" Verb::Update {
        set: &[int("lease_until")],
        key: &[SCOPED[0], SCOPED[1], text("key"), int("lease_until"), int("answered")],
        lost: Conflict::Answer,
    };
    RememberedAnswer = "remembered" Verb::Update {
        set: &[int("answered"), int("status"), text("answer")],
        key: &[SCOPED[0], SCOPED[1], text("key"), int("answered")],
        lost: Conflict::Answer,
    };
    RememberedDelete = "remembered" Verb::Delete {
        key: &[SCOPED[0], SCOPED[1], text("key"), int("answered")],
        lost: Conflict::Answer,
    };
    PaymentInsert = "payments" Verb::Insert {
        columns: &[
            SCOPED[0], SCOPED[1], id("payment_id"), int("version"), text("order_id"), text("state"), text("currency"),
            int("amount"), int("created_at"), int("due_at"), text("detail"),
        ],
        unique: &[
            Unique { columns: &[0, 1, 4], conflict: Conflict::OrderId },
            Unique { columns: &[0, 1, 2], conflict: Conflict::Id },
        ],
    };
    PaymentUpdate = "payments" Verb::Update {
        set: &[int("version"), text("state"), int("due_at"), int("attention_at"), text("detail")],
        key: &[SCOPED[0], SCOPED[1], id("payment_id"), int("version")],
        lost: Conflict::Payment,
    };
    AttemptInsert = "attempts" Verb::Insert {
        columns: &[
            SCOPED[0], SCOPED[1], id("payment_id"), int("position"), id("attempt_id"), id("pg_account_id"),
            text("state"), text("detail"),
        ],
        unique: &[
            Unique { columns: &[0, 1, 2, 3], conflict: Conflict::Payment },
            Unique { columns: &[0, 1, 4], conflict: Conflict::Id },
        ],
    };
    AttemptUpdate = "attempts" Verb::Update {
        set: &[text("state"), text("detail")],
        key: &[SCOPED[0], SCOPED[1], id("payment_id"), int("position")],
        lost: Conflict::Payment,
    };
    CancelInsert = "cancels" Verb::Insert {
        columns: &[
            SCOPED[0], SCOPED[1], id("payment_id"), int("position"), id("cancel_id"), text("state"), int("amount"),
            text("detail"),
        ],
        unique: &[Unique { columns: &[0, 1, 2, 3], conflict: Conflict::Payment }],
    };
    CancelUpdate = "cancels" Verb::Update {
        set: &[text("state"), text("detail")],
        key: &[SCOPED[0], SCOPED[1], id("payment_id"), int("position")],
        lost: Conflict::Payment,
    };
    EntryInsert = "entries" Verb::Insert {
        columns: &[
            SCOPED[0], SCOPED[1], id("payment_id"), int("version"), int("line"), int("posting"), text("kind"),
            text("account"), text("currency"), int("amount"),
        ],
        unique: &[Unique { columns: &[0, 1, 2, 3, 4], conflict: Conflict::Payment }],
    };
    OutboxDelete = "outbox" Verb::Delete {
        key: &[SCOPED[0], SCOPED[1], id("event_id")],
        lost: Conflict::FannedOut,
    };
    // Position and hash are filled in by the writer, which keeps the chain.
    EventInsert = "events" Verb::Insert {
        columns: &[
            int("position"), SCOPED[0], SCOPED[1], id("event_id"), id("payment_id"), int("sequence"), text("kind"),
            bytes("digest"), int("at"), bytes("hash"), bytes("salt"), text("body"),
        ],
        unique: &[Unique { columns: &[1, 2, 3], conflict: Conflict::Id }],
    };
    EventErase = "events" Verb::Update {
        set: &[bytes("salt"), text("body")],
        key: &[SCOPED[0], SCOPED[1], id("event_id")],
        lost: Conflict::Id,
    };
    OutboxInsert = "outbox" Verb::Insert {
        columns: &[SCOPED[0], SCOPED[1], id("event_id"), int("at"), int("sequence")],
        unique: &[Unique { columns: &[0, 1, 2], conflict: Conflict::Id }],
    };
    EndpointInsert = "endpoints" Verb::Insert {
        columns: &[
            SCOPED[0], SCOPED[1], id("endpoint_id"), int("version"), text("url"), text("kinds"), text("secret"),
            text("old_secret"), int("old_secret_until"), int("disabled"), int("created_at"),
        ],
        unique: &[Unique { columns: &[0, 1, 2], conflict: Conflict::Id }],
    };
    EndpointUpdate = "endpoints" Verb::Update {
        set: &[
            int("version"), text("url"), text("kinds"), text("secret"), text("old_secret"), int("old_secret_until"),
            int("disabled"),
        ],
        key: &[SCOPED[0], SCOPED[1], id("endpoint_id"), int("version")],
        lost: Conflict::Endpoint,
    };
    DeliveryInsert = "deliveries" Verb::Insert {
        columns: &[
            SCOPED[0], SCOPED[1], id("delivery_id"), int("version"), id("endpoint_id"), id("event_id"),
            id("payment_id"), int("sequence"), text("kind"), text("state"), int("tries"), int("tries_before"),
            int("next_at"), int("created_at"),
        ],
        unique: &[Unique { columns: &[0, 1, 2], conflict: Conflict::Id }],
    };
    DeliveryUpdate = "deliveries" Verb::Update {
        set: &[int("version"), text("state"), int("tries"), int("tries_before"), int("next_at")],
        key: &[SCOPED[0], SCOPED[1], id("delivery_id"), int("version")],
        lost: Conflict::Delivery,
    };
    DeliveryTryInsert = "delivery_tries" Verb::Insert {
        columns: &[
            SCOPED[0], SCOPED[1], id("delivery_id"), int("number"), int("at"), int("duration_ms"), int("status"),
            text("note"),
        ],
        unique: &[Unique { columns: &[0, 1, 2, 3], conflict: Conflict::Delivery }],
    };
    NoticeInsert = "notices" Verb::Insert {
        columns: &[
            SCOPED[0], SCOPED[1], id("notice_id"), int("version"), id("pg_account_id"), id("attempt_id"),
            text("dedup_key"), text("what"), int("proven"), text("state"), text("note"), int("tries"), int("quiet"),
            int("next_at"), int("received_at"),
        ],
        unique: &[
            Unique { columns: &[0, 1, 5], conflict: Conflict::NoticeKnown },
            Unique { columns: &[0, 1, 2], conflict: Conflict::Id },
        ],
    };
    NoticeUpdate = "notices" Verb::Update {
        set: &[
            int("version"), text("dedup_key"), text("what"), int("proven"), text("state"), text("note"), int("tries"),
            int("quiet"), int("next_at"), int("received_at"),
        ],
        key: &[SCOPED[0], SCOPED[1], id("notice_id"), int("version")],
        lost: Conflict::Notice,
    };
    NoticeDelete = "notices" Verb::Delete {
        key: &[SCOPED[0], SCOPED[1], id("notice_id"), int("version")],
        lost: Conflict::Notice,
    };
}

/// Where the writer puts what only it knows about an event.
pub(crate) const EVENT_POSITION: usize = 0;
pub(crate) const EVENT_HASH: usize = 9;
/// What the store puts in before: the digest stands in the chain for the salt and the body.
pub(crate) const EVENT_DIGEST: usize = 7;
pub(crate) const EVENT_SALT: usize = 10;
pub(crate) const EVENT_BODY: usize = 11;

impl Write {
    /// The columns in the order of an operation's values.
    pub fn columns(&self) -> impl Iterator<Item = Column> + '_ {
        let (first, second) = match &self.verb {
            Verb::Insert { columns, .. } => (*columns, &[][..]),
            Verb::Update { set, key, .. } => (*set, *key),
            Verb::Delete { key, .. } => (*key, &[][..]),
        };
        first.iter().chain(second).copied()
    }

    /// For one row, with `$1`, `$2` … for the values.
    pub fn row_sql(&self) -> String {
        let table = self.table;
        match &self.verb {
            Verb::Insert { columns, .. } => {
                let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
                let values: Vec<String> = (1..=columns.len()).map(|n| format!("${n}")).collect();
                format!(
                    "INSERT INTO {table} ({}) VALUES ({}) ON CONFLICT DO NOTHING",
                    names.join(", "),
                    values.join(", ")
                )
            }
            Verb::Update { set, key, .. } => format!(
                "UPDATE {table} SET {} WHERE {}",
                equals(set, 1).join(", "),
                equals(key, 1 + set.len()).join(" AND ")
            ),
            Verb::Delete { key, .. } => format!("DELETE FROM {table} WHERE {}", equals(key, 1).join(" AND ")),
        }
    }

    /// Why `values` could not be written, asked one guard after the other: the SQL that finds a row
    /// when the guard is broken (`true`) or holds (`false`), which values it takes, and the conflict.
    pub fn probes(&self) -> Vec<Probe> {
        let table = self.table;
        match &self.verb {
            Verb::Insert { columns, unique } => unique
                .iter()
                .map(|unique| {
                    let key: Vec<Column> = unique.columns.iter().map(|at| columns[*at]).collect();
                    Probe {
                        condition: equals(&key, 1).join(" AND "),
                        values: unique.columns.to_vec(),
                        conflict: unique.conflict,
                        broken_if_found: true,
                        table,
                    }
                })
                .collect(),
            Verb::Update { set, key, lost } => vec![Probe {
                condition: equals(key, 1).join(" AND "),
                values: (set.len()..set.len() + key.len()).collect(),
                conflict: *lost,
                broken_if_found: false,
                table,
            }],
            Verb::Delete { key, lost } => vec![Probe {
                condition: equals(key, 1).join(" AND "),
                values: (0..key.len()).collect(),
                conflict: *lost,
                broken_if_found: false,
                table,
            }],
        }
    }

    /// The conflict when nothing more can be told.
    pub fn conflict(&self) -> Conflict {
        match &self.verb {
            Verb::Insert { unique, .. } => unique.first().map_or(Conflict::Id, |unique| unique.conflict),
            Verb::Update { lost, .. } | Verb::Delete { lost, .. } => *lost,
        }
    }
}

/// A question about one guard.
pub(crate) struct Probe {
    table: &'static str,
    condition: String,
    /// Positions of the values that the condition's `$1`, `$2` … stand for.
    pub values: Vec<usize>,
    pub conflict: Conflict,
    pub broken_if_found: bool,
}

impl Probe {
    pub fn row_sql(&self) -> String {
        format!("SELECT 1 FROM {} WHERE {}", self.table, self.condition)
    }
}

fn equals(columns: &[Column], first: usize) -> Vec<String> {
    columns
        .iter()
        .enumerate()
        .map(|(n, column)| format!("{} = ${}", column.name, first + n))
        .collect()
}

impl Op {
    pub fn statement(&self) -> &'static Write {
        &WRITES[self.write as usize]
    }
}

//! One statement for all rows of one kind of write, with an array for each column.

use std::collections::BTreeMap;

use tokio_postgres::types::ToSql;

use crate::value::Value;
use crate::write::{Column, Kind, Op, Verb, W, WRITES, Write};

/// The rows of a group by the kind of write, in the order in which they are written.
pub(super) struct Batch<'a>(BTreeMap<W, Vec<&'a Op>>);

impl<'a> Batch<'a> {
    pub fn new(ops: impl Iterator<Item = &'a Op>) -> Batch<'a> {
        let mut rows: BTreeMap<W, Vec<&Op>> = BTreeMap::new();
        for op in ops {
            rows.entry(op.write).or_default().push(op);
        }
        for (write, ops) in &mut rows {
            // Everyone takes locks in the same order, so that no two writers wait for each other.
            let key_at = key_at(&WRITES[*write as usize]);
            ops.sort_by(|a, b| a.values[key_at..].cmp(&b.values[key_at..]));
        }
        Batch(rows)
    }

    pub fn kinds(&self) -> impl Iterator<Item = W> + '_ {
        self.0.keys().copied()
    }

    /// Each kind of write with its parameters: an array for each column, and for updates and deletes
    /// the number of rows.
    pub fn statements(&self) -> impl Iterator<Item = (W, Parameters<'a>)> + '_ {
        self.0.iter().map(|(write, ops)| {
            let statement = &WRITES[*write as usize];
            let arrays = (0..statement.columns().count())
                .map(|at| ops.iter().map(|op| &op.values[at]).collect())
                .collect();
            let count = match statement.verb {
                Verb::Insert { .. } => None,
                Verb::Update { .. } | Verb::Delete { .. } => Some(Value::Int(ops.len() as i64)),
            };
            (*write, Parameters { arrays, count })
        })
    }
}

pub(super) struct Parameters<'a> {
    arrays: Vec<Vec<&'a Value>>,
    count: Option<Value>,
}

impl Parameters<'_> {
    pub fn as_sql(&self) -> Vec<&(dyn ToSql + Sync)> {
        let arrays = self.arrays.iter().map(|array| array as &(dyn ToSql + Sync));
        let count = self.count.iter().map(|count| count as &(dyn ToSql + Sync));
        arrays.chain(count).collect()
    }
}

/// Where the key begins among an operation's values.
fn key_at(write: &Write) -> usize {
    match &write.verb {
        Verb::Update { set, .. } => set.len(),
        Verb::Insert { .. } | Verb::Delete { .. } => 0,
    }
}

/// The statement for any number of rows. If not every row of an update or delete hits exactly one
/// row, it divides by zero: the error keeps the COMMIT, which is already on its way, from committing.
pub(super) fn sql(write: &Write) -> String {
    let table = write.table;
    match &write.verb {
        Verb::Insert { columns, .. } => {
            let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
            format!(
                "INSERT INTO {table} ({}) SELECT * FROM {}",
                names.join(", "),
                unnest(columns.iter(), 1)
            )
        }
        Verb::Update { set, key, .. } => {
            let assigned: Vec<String> = set
                .iter()
                .enumerate()
                .map(|(at, column)| format!("{} = u.c{}", column.name, at + 1))
                .collect();
            let names = set.len() + key.len();
            exactly(
                &format!(
                    "UPDATE {table} t SET {} FROM {} AS u({}) WHERE {}",
                    assigned.join(", "),
                    unnest(set.iter().chain(*key), 1),
                    places(names),
                    matches(key, set.len()),
                ),
                names + 1,
            )
        }
        Verb::Delete { key, .. } => exactly(
            &format!(
                "DELETE FROM {table} t USING {} AS u({}) WHERE {}",
                unnest(key.iter(), 1),
                places(key.len()),
                matches(key, 0),
            ),
            key.len() + 1,
        ),
    }
}

/// Fails unless `change` hits as many rows as parameter `count` says.
pub(super) fn exactly(change: &str, count: usize) -> String {
    format!(
        "WITH done AS ({change} RETURNING 1) SELECT 1 / (CASE WHEN count(*) = ${count} THEN 1 ELSE 0 END) FROM done"
    )
}

/// For each guard of `write`, a query that takes an array for each of the guard's values and tells the
/// numbers, from 1, of those whose guard is broken.
pub(super) fn probes(write: &Write) -> Vec<(String, crate::write::Probe)> {
    let columns: Vec<Column> = write.columns().collect();
    let probes = write.probes().into_iter().map(|probe| {
        let key: Vec<Column> = probe.values.iter().map(|at| columns[*at]).collect();
        let sql = format!(
            "SELECT u.number FROM {} WITH ORDINALITY AS u({}, number) WHERE {} (SELECT 1 FROM {} t WHERE {})",
            unnest(key.iter(), 1),
            places(key.len()),
            if probe.broken_if_found { "EXISTS" } else { "NOT EXISTS" },
            write.table,
            matches(&key, 0),
        );
        (sql, probe)
    });
    probes.collect()
}

fn unnest<'c>(columns: impl Iterator<Item = &'c Column>, first: usize) -> String {
    let arrays: Vec<String> = columns
        .enumerate()
        .map(|(at, column)| {
            let kind = match column.kind {
                Kind::Id => "uuid",
                Kind::Int => "bigint",
                Kind::Text => "text",
                Kind::Bytes => "bytea",
            };
            format!("${}::{kind}[]", first + at)
        })
        .collect();
    format!("unnest({})", arrays.join(", "))
}

fn places(count: usize) -> String {
    let places: Vec<String> = (1..=count).map(|place| format!("c{place}")).collect();
    places.join(", ")
}

fn matches(key: &[Column], skipped: usize) -> String {
    let equal: Vec<String> = key
        .iter()
        .enumerate()
        .map(|(at, column)| format!("t.{} = u.c{}", column.name, skipped + at + 1))
        .collect();
    equal.join(" AND ")
}

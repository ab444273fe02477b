//! Statements as the databases see them: what the planner makes of each is part of the design.

use rusqlite::Connection;

use crate::migrate::{Dialect, MIGRATIONS};
use crate::rows::{deliveries, events, notices, payments};
use crate::write::{Verb, W, WRITES};

/// Reads that must not grow with the number of payments, and the secondary indexes each uses.
fn reads() -> Vec<(&'static str, &'static [&'static str])> {
    vec![
        (payments::ONE, &[]),
        (payments::BY_ORDER, &["payments_order"]),
        (payments::BY_ATTEMPT, &["attempts_id"]),
        (payments::LIST, &[]),
        (payments::AFTER, &[]),
        (payments::DUE, &["payments_due"]),
        (payments::ATTENTION, &["payments_attention"]),
        (events::BY_SHOP, &[]),
        (events::BY_PAYMENT, &["events_payment"]),
        (
            deliveries::DUE,
            &["deliveries_due", "deliveries_payment", "events_payment"],
        ),
        (deliveries::OF_EVENT, &["deliveries_payment"]),
        (notices::OF_ATTEMPT, &["notices_attempt"]),
        (notices::DUE, &["notices_due"]),
    ]
}

/// A table read whole, or all of a shop's rows read to find one.
fn reads_too_much(line: &str) -> bool {
    let whole = [
        "payments",
        "attempts",
        "cancels",
        "events",
        "deliveries",
        "outbox",
        "notices",
    ]
    .iter()
    .any(|table| line == format!("SCAN {table}") || line.contains(&format!("Seq Scan on {table} ")));
    let whole_shop =
        line.ends_with("(shop_id=? AND mode=?)") || line.ends_with("Cond: ((shop_id = $1) AND (mode = $2))");
    whole || whole_shop
}

#[test]
fn sqlite_finds_rows_by_their_keys() {
    let connection = Connection::open_in_memory().unwrap();
    for migration in MIGRATIONS {
        connection.execute_batch(&migration.sql(Dialect::Sqlite)).unwrap();
    }
    for (sql, indexes) in reads() {
        let mut explain = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {}", crate::sqlite::numbered(sql)))
            .unwrap();
        let plan: Vec<String> = explain
            .raw_query()
            .mapped(|row| row.get(3))
            .map(Result::unwrap)
            .collect();
        assert!(!plan.iter().any(|line| reads_too_much(line)), "{sql}\n{plan:#?}");
        for index in indexes {
            assert!(plan.join("\n").contains(index), "{index}\n{sql}\n{plan:#?}");
        }
    }
}

/// On empty tables without statistics, as they are when a shop starts.
#[tokio::test]
async fn postgres_finds_rows_by_their_keys() {
    let Some(database) = testkit::Database::postgres().await else {
        return;
    };
    let options = crate::Options::new(
        std::sync::Arc::new(vocabulary::TestClock::at(testkit::START)),
        vocabulary::Chance::system(),
        vocabulary::Secret::new([9; 32]),
    );
    let client = crate::postgres::connect(&database.url, &options).await.unwrap();
    for (number, (sql, indexes)) in reads().into_iter().enumerate() {
        let prepared = client.prepare(sql).await.unwrap();
        client
            .batch_execute(&format!("PREPARE p{number} AS {sql}"))
            .await
            .unwrap();
        let nulls = vec!["NULL"; prepared.params().len()].join(", ");
        let explained = client
            .simple_query(&format!("EXPLAIN EXECUTE p{number} ({nulls})"))
            .await
            .unwrap();
        let plan: Vec<String> = explained
            .iter()
            .filter_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                _ => None,
            })
            .collect();
        assert!(!plan.iter().any(|line| reads_too_much(line)), "{sql}\n{plan:#?}");
        for index in indexes {
            assert!(plan.join("\n").contains(index), "{index}\n{sql}\n{plan:#?}");
        }
    }
}

#[test]
fn a_write_names_each_column_once_and_has_room_in_a_pipeline() {
    // Joined futures beyond this number are not polled in order.
    assert!(WRITES.len() < 30);
    for write in WRITES {
        if let Verb::Insert { columns, unique } = &write.verb {
            let mut names: Vec<&str> = columns.iter().map(|column| column.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), columns.len(), "{}", write.table);
            assert!(
                unique
                    .iter()
                    .flat_map(|unique| unique.columns)
                    .all(|at| *at < columns.len())
            );
        }
    }
    assert_eq!(WRITES[W::PaymentUpdate as usize].table, "payments");
}

/// SQLite numbers `$2` by where it stands, not by its name; the statements rely on the number.
#[test]
fn placeholders_are_numbered_for_sqlite() {
    let sql = WRITES[W::RememberedAnswer as usize].row_sql();
    assert!(sql.contains("answered = $1") && sql.contains("shop_id = $4"), "{sql}");
    let connection = Connection::open_in_memory().unwrap();
    let swapped = crate::sqlite::numbered("SELECT $2 || '-' || $1");
    let text: String = connection
        .query_one(&swapped, ["one", "two"], |row| row.get(0))
        .unwrap();
    assert_eq!(text, "two-one");
}

//! The bare database: about the rows of a payment, written by hand in groups of the size the server had,
//! durably. What is between this figure and the server's is HTTP, the PG, and us.

use std::time::{Duration, Instant};

use anyhow::Context;
use futures_util::future::{join, join_all, try_join};
use rusqlite::{Connection, params};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Statement};
use vocabulary::{Chance, PaymentId, Timestamp};

/// Bytes of an event's body and of a remembered answer, roughly as the server writes them.
const EVENT_BYTES: usize = 900;
const ANSWER_BYTES: usize = 900;

/// `{ID}` in each engine's own words.
const TABLES: &str = "
CREATE TABLE payment (id {ID} NOT NULL PRIMARY KEY, order_id TEXT NOT NULL UNIQUE, version BIGINT NOT NULL, detail TEXT NOT NULL);
CREATE TABLE attempt (id {ID} NOT NULL PRIMARY KEY, payment_id {ID} NOT NULL, detail TEXT NOT NULL);
CREATE TABLE remembered (key TEXT NOT NULL PRIMARY KEY, answer TEXT NOT NULL);
CREATE TABLE event (id {ID} NOT NULL PRIMARY KEY, payment_id {ID} NOT NULL, body TEXT NOT NULL);
CREATE TABLE entry (payment_id {ID} NOT NULL, line BIGINT NOT NULL, account TEXT NOT NULL, amount BIGINT NOT NULL, PRIMARY KEY (payment_id, line));
CREATE TABLE outbox (id {ID} NOT NULL PRIMARY KEY);
";

/// Payments a second, each a create and an approval, `group` of each per commit.
pub async fn run(url: &str, group: usize, time: Duration) -> anyhow::Result<f64> {
    let (done, took) = match url.strip_prefix("sqlite:") {
        Some(path) => {
            let path = path.to_owned();
            tokio::task::spawn_blocking(move || sqlite(&path, group, time)).await??
        }
        None => postgres(url, group, time).await?,
    };
    Ok(done as f64 / took.as_secs_f64())
}

fn id(chance: &Chance) -> uuid::Uuid {
    PaymentId::new(Timestamp::from_seconds(1_772_327_730), chance).uuid()
}

fn sqlite(path: &str, group: usize, time: Duration) -> anyhow::Result<(u64, Duration)> {
    let connection = Connection::open(path).context("the bare file cannot be opened")?;
    connection.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=16000; PRAGMA cache_size=-131072;",
    )?;
    connection.execute_batch(&TABLES.replace("{ID}", "BLOB"))?;
    let mut payment = connection.prepare("INSERT INTO payment VALUES (?1, ?2, 1, ?3)")?;
    let mut update = connection.prepare("UPDATE payment SET version = 2, detail = ?2 WHERE id = ?1 AND version = 1")?;
    let mut attempt = connection.prepare("INSERT INTO attempt VALUES (?1, ?2, ?3)")?;
    let mut remembered = connection.prepare("INSERT INTO remembered VALUES (?1, ?2)")?;
    let mut event = connection.prepare("INSERT INTO event VALUES (?1, ?2, ?3)")?;
    let mut entry = connection.prepare("INSERT INTO entry VALUES (?1, ?2, ?3, ?4)")?;
    let mut outbox = connection.prepare("INSERT INTO outbox VALUES (?1)")?;
    let (chance, answer, body) = (Chance::system(), "a".repeat(ANSWER_BYTES), "e".repeat(EVENT_BYTES));
    let begun = Instant::now();
    let mut done = 0;
    while begun.elapsed() < time {
        let payments: Vec<uuid::Uuid> = (0..group).map(|_| id(&chance)).collect();
        connection.execute_batch("BEGIN IMMEDIATE")?;
        for made in &payments {
            let key = made.as_bytes().as_slice();
            payment.execute(params![key, made.to_string(), body])?;
            attempt.execute(params![id(&chance).as_bytes().as_slice(), key, "{}"])?;
            remembered.execute(params![made.to_string(), answer])?;
            let told = id(&chance);
            event.execute(params![told.as_bytes().as_slice(), key, body])?;
            outbox.execute(params![told.as_bytes().as_slice()])?;
        }
        connection.execute_batch("COMMIT; BEGIN IMMEDIATE")?;
        for made in &payments {
            let key = made.as_bytes().as_slice();
            update.execute(params![key, body])?;
            for (line, account, amount) in LINES {
                entry.execute(params![key, line, account, amount])?;
            }
            let told = id(&chance);
            event.execute(params![told.as_bytes().as_slice(), key, body])?;
            outbox.execute(params![told.as_bytes().as_slice()])?;
        }
        connection.execute_batch("COMMIT")?;
        done += group as u64;
    }
    Ok((done, begun.elapsed()))
}

const LINES: [(i64, &str, i64); 3] = [
    (0, "pg_receivable", 12_000),
    (1, "sales", -10_909),
    (2, "vat_payable", -1_091),
];

async fn postgres(url: &str, group: usize, time: Duration) -> anyhow::Result<(u64, Duration)> {
    let first = Hand::new(url).await?;
    first.client.batch_execute(&TABLES.replace("{ID}", "UUID")).await?;
    let (mut first, mut second) = (first, Hand::new(url).await?);
    first.prepare().await?;
    second.prepare().await?;
    let begun = Instant::now();
    // Two connections, as the store has.
    let (one, two) = try_join(first.work(group, begun, time), second.work(group, begun, time)).await?;
    Ok((one + two, begun.elapsed()))
}

struct Hand {
    client: Client,
    statements: Vec<Statement>,
    chance: Chance,
}

const CREATE: std::ops::Range<usize> = 0..5;
const APPROVE: std::ops::Range<usize> = 5..9;
const STATEMENTS: [&str; 9] = [
    "INSERT INTO payment SELECT i, i::text, 1, $2 FROM unnest($1::uuid[]) AS u(i)",
    "INSERT INTO attempt SELECT i, p, '{}' FROM unnest($1::uuid[], $2::uuid[]) AS u(i, p)",
    "INSERT INTO remembered SELECT i::text, $2 FROM unnest($1::uuid[]) AS u(i)",
    "INSERT INTO event SELECT i, p, $3 FROM unnest($1::uuid[], $2::uuid[]) AS u(i, p)",
    "INSERT INTO outbox SELECT i FROM unnest($1::uuid[]) AS u(i)",
    "UPDATE payment p SET version = 2, detail = $2 FROM unnest($1::uuid[]) AS u(i) WHERE p.id = u.i AND p.version = 1",
    "INSERT INTO entry SELECT p, l, a, m FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::bigint[]) AS u(p, l, a, m)",
    "INSERT INTO event SELECT i, p, $3 FROM unnest($1::uuid[], $2::uuid[]) AS u(i, p)",
    "INSERT INTO outbox SELECT i FROM unnest($1::uuid[]) AS u(i)",
];

impl Hand {
    async fn new(url: &str) -> anyhow::Result<Hand> {
        let (client, connection) = tokio_postgres::connect(url, NoTls)
            .await
            .context("PostgreSQL cannot be reached")?;
        tokio::spawn(connection);
        client
            .batch_execute(
                "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off",
            )
            .await?;
        Ok(Hand {
            client,
            statements: Vec::new(),
            chance: Chance::system(),
        })
    }

    async fn prepare(&mut self) -> anyhow::Result<()> {
        for sql in STATEMENTS {
            self.statements.push(self.client.prepare(sql).await?);
        }
        Ok(())
    }

    async fn work(&mut self, group: usize, begun: Instant, time: Duration) -> anyhow::Result<u64> {
        let (answer, body) = ("a".repeat(ANSWER_BYTES), "e".repeat(EVENT_BYTES));
        let mut done = 0;
        while begun.elapsed() < time {
            let ids = |count: usize| -> Vec<uuid::Uuid> { (0..count).map(|_| id(&self.chance)).collect() };
            let (payments, attempts, created, approved) = (ids(group), ids(group), ids(group), ids(group));
            let of: Vec<uuid::Uuid> = payments.iter().flat_map(|payment| [*payment; 3]).collect();
            let line = |number: usize| LINES[number % LINES.len()];
            let lines: Vec<i64> = (0..of.len()).map(|number| line(number).0).collect();
            let accounts: Vec<&str> = (0..of.len()).map(|number| line(number).1).collect();
            let sums: Vec<i64> = (0..of.len()).map(|number| line(number).2).collect();
            let parameters: [Vec<&(dyn ToSql + Sync)>; 9] = [
                vec![&payments, &body],
                vec![&attempts, &payments],
                vec![&payments, &answer],
                vec![&created, &payments, &body],
                vec![&created],
                vec![&payments, &body],
                vec![&of, &lines, &accounts, &sums],
                vec![&approved, &payments, &body],
                vec![&approved],
            ];
            for commit in [CREATE, APPROVE] {
                let writes = self.statements[commit.clone()].iter().zip(&parameters[commit]);
                let writes = join_all(writes.map(|(statement, parameters)| self.client.query(statement, parameters)));
                let begin = self.client.batch_execute("BEGIN");
                // Sent in one piece: nobody waits for the answer before.
                let (begun, (written, committed)) =
                    join(begin, join(writes, self.client.batch_execute("COMMIT"))).await;
                begun?;
                written.into_iter().collect::<Result<Vec<_>, _>>()?;
                committed?;
            }
            done += group as u64;
        }
        Ok(done)
    }
}

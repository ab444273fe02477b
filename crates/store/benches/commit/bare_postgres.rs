//! The write set by hand: what PostgreSQL itself can do with groups of a given size, one statement with
//! arrays per table, the whole transaction in one piece, on two connections.

use std::ops::Range;
use std::time::{Duration, Instant};

use futures_util::future::{join, join_all};
use testkit::Server;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, NoTls, Statement};
use uuid::Uuid;
use vocabulary::Chance;

use crate::work::{ANSWER_BYTES, EVENT_BYTES, hash, id, json};
use crate::{Measured, cpu};

const TABLES: &str = "
CREATE TABLE idem (merchant_id BIGINT NOT NULL, key TEXT NOT NULL, req_hash BYTEA NOT NULL, resp TEXT NOT NULL,
    expires_at BIGINT NOT NULL, PRIMARY KEY (merchant_id, key));
CREATE TABLE payment (id UUID NOT NULL PRIMARY KEY, merchant_id BIGINT NOT NULL, order_id TEXT NOT NULL,
    status BIGINT NOT NULL, version BIGINT NOT NULL, amount BIGINT NOT NULL, currency TEXT NOT NULL,
    created_at BIGINT NOT NULL, UNIQUE (merchant_id, order_id));
CREATE TABLE attempt (id UUID NOT NULL PRIMARY KEY, payment_id UUID NOT NULL, pg BIGINT NOT NULL,
    status BIGINT NOT NULL, created_at BIGINT NOT NULL);
CREATE INDEX attempt_payment ON attempt (payment_id);
CREATE TABLE event (id UUID NOT NULL PRIMARY KEY, payment_id UUID NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
    hash BYTEA NOT NULL, created_at BIGINT NOT NULL);
CREATE INDEX event_payment ON event (payment_id);
CREATE TABLE entry (id UUID NOT NULL PRIMARY KEY, payment_id UUID NOT NULL, account TEXT NOT NULL,
    amount BIGINT NOT NULL, currency TEXT NOT NULL);
CREATE INDEX entry_payment ON entry (payment_id);
CREATE TABLE outbox (id UUID NOT NULL PRIMARY KEY, body TEXT NOT NULL, created_at BIGINT NOT NULL);
";

const STATEMENTS: [&str; 8] = [
    "INSERT INTO idem SELECT 1, k, h, r, 1772327730 FROM unnest($1::text[], $2::bytea[], $3::text[]) AS u(k, h, r)",
    "INSERT INTO payment SELECT i, 1, o, 1, 1, 12000, 'KRW', 1772327730 FROM unnest($1::uuid[], $2::text[]) AS u(i, o)",
    "SELECT id, merchant_id, order_id, status, version, amount, currency FROM payment WHERE id = ANY($1::uuid[])",
    "UPDATE payment p SET status = 2, version = 2 FROM unnest($1::uuid[]) AS u(i)
     WHERE p.id = u.i AND p.status = 1 AND p.version = 1",
    "INSERT INTO attempt SELECT i, p, 1, 2, 1772327730 FROM unnest($1::uuid[], $2::uuid[]) AS u(i, p)",
    "INSERT INTO event SELECT i, p, k, b, h, 1772327730
     FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bytea[]) AS u(i, p, k, b, h)",
    "INSERT INTO entry SELECT i, p, a, m, 'KRW' FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[]) AS u(i, p, a, m)",
    "INSERT INTO outbox SELECT i, b, 1772327730 FROM unnest($1::uuid[], $2::text[]) AS u(i, b)",
];

const ALL: Range<usize> = 0..STATEMENTS.len();

pub async fn run(server: &Server, sets: f64, limit: Duration) -> Measured {
    let url = server.database().await;
    let first = Hand::new(&url, 0).await;
    first.client.batch_execute(TABLES).await.expect("tables");
    let mut hands = [first, Hand::new(&url, 1).await];
    for hand in &mut hands {
        hand.prepare().await;
    }
    let watch = cpu::Watch::with_server(server);
    let begun = Instant::now();
    let (group, alone) = crate::pairs_per_commit(sets);
    let [mut one, mut two] = hands;
    // A lone caller uses one connection, and commits a create before its confirm.
    if alone {
        let pairs = one.work_alone(begun, limit).await;
        return Measured {
            pairs,
            took: begun.elapsed(),
            cpu: watch.spent(),
            group: sets,
        };
    }
    let running = join(
        tokio::spawn(async move { one.work(group, begun, limit).await }),
        tokio::spawn(async move { two.work(group, begun, limit).await }),
    );
    let (one, two) = running.await;
    Measured {
        pairs: one.expect("a worker") + two.expect("a worker"),
        took: begun.elapsed(),
        cpu: watch.spent(),
        group: sets,
    }
}

struct Hand {
    client: Client,
    statements: Vec<Statement>,
    chance: Chance,
    head: Vec<u8>,
    number: u64,
    count: u64,
}

type Array<'a> = &'a (dyn ToSql + Sync);

impl Hand {
    async fn new(url: &str, number: u64) -> Hand {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("the server answers");
        tokio::spawn(connection);
        for setting in ["enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit"] {
            client
                .batch_execute(&format!("SET {setting} = off"))
                .await
                .expect("a setting");
        }
        Hand {
            client,
            statements: Vec::new(),
            chance: Chance::system(),
            head: vec![0; 32],
            number,
            count: 0,
        }
    }

    async fn prepare(&mut self) {
        for sql in STATEMENTS {
            self.statements
                .push(self.client.prepare(sql).await.expect("a statement"));
        }
    }

    async fn work(&mut self, group: usize, begun: Instant, limit: Duration) -> u64 {
        let mut pairs = 0;
        while begun.elapsed() < limit {
            self.group(group, std::slice::from_ref(&ALL)).await;
            pairs += group as u64;
        }
        pairs
    }

    async fn work_alone(&mut self, begun: Instant, limit: Duration) -> u64 {
        let mut pairs = 0;
        while begun.elapsed() < limit {
            self.group(1, &[0..2, 2..8]).await;
            pairs += 1;
        }
        pairs
    }

    /// `commits`: which of the statements are committed together.
    async fn group(&mut self, group: usize, commits: &[Range<usize>]) {
        let payments: Vec<Uuid> = (0..group).map(|_| id(&self.chance)).collect();
        let orders: Vec<String> = payments.iter().map(|_| self.order()).collect();
        let twice: Vec<Uuid> = payments.iter().chain(&payments).copied().collect();
        let keys: Vec<String> = twice.iter().map(|_| id(&self.chance).to_string()).collect();
        let asked: Vec<Vec<u8>> = keys.iter().map(|key| hash(&[], key)).collect();
        let answers: Vec<String> = twice.iter().map(|payment| json(*payment, ANSWER_BYTES)).collect();
        let attempts: Vec<Uuid> = payments.iter().map(|_| id(&self.chance)).collect();
        let events: Vec<Uuid> = twice.iter().map(|_| id(&self.chance)).collect();
        let kinds: Vec<&str> = (0..twice.len())
            .map(|n| if n < group { "payment.created" } else { "payment.done" })
            .collect();
        let bodies: Vec<String> = twice.iter().map(|payment| json(*payment, EVENT_BYTES)).collect();
        let mut hashes: Vec<Vec<u8>> = Vec::new();
        for body in &bodies {
            self.head = hash(&self.head, body);
            hashes.push(self.head.clone());
        }
        let lines = [
            ("pg_receivable", 12_000_i64),
            ("sales", -10_909),
            ("vat_payable", -1_091),
        ];
        let entries: Vec<Uuid> = (0..group * 3).map(|_| id(&self.chance)).collect();
        let of: Vec<Uuid> = payments.iter().flat_map(|payment| [*payment; 3]).collect();
        let accounts: Vec<&str> = (0..group * 3).map(|n| lines[n % 3].0).collect();
        let sums: Vec<i64> = (0..group * 3).map(|n| lines[n % 3].1).collect();
        let parameters: [Vec<Array>; 8] = [
            vec![&keys, &asked, &answers],
            vec![&payments, &orders],
            vec![&payments],
            vec![&payments],
            vec![&attempts, &payments],
            vec![&events, &twice, &kinds, &bodies, &hashes],
            vec![&entries, &of, &accounts, &sums],
            vec![&events, &bodies],
        ];
        let client = &self.client;
        for commit in commits {
            let writes = self.statements[commit.clone()].iter().zip(&parameters[commit.clone()]);
            let writes = join_all(writes.map(|(statement, parameters)| client.query(statement, parameters)));
            let begin = client.batch_execute("BEGIN");
            let commit = client.batch_execute("COMMIT");
            let (begun, (written, committed)) = join(begin, join(writes, commit)).await;
            begun.expect("begin");
            for result in written {
                result.expect("a statement");
            }
            committed.expect("commit");
        }
    }

    fn order(&mut self) -> String {
        self.count += 1;
        format!("order-{}-{:012}", self.number, self.count)
    }
}

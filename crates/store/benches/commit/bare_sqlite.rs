//! The write set by hand: what SQLite itself can do with groups of a given size.

use std::time::{Duration, Instant};

use rusqlite::{Connection, Statement, params};
use testkit::Folder;
use vocabulary::Chance;

use crate::work::{ANSWER_BYTES, EVENT_BYTES, hash, id, json};
use crate::{Measured, cpu};

const TABLES: &str = "
CREATE TABLE idem (merchant_id INTEGER NOT NULL, key TEXT NOT NULL, req_hash BLOB NOT NULL, resp TEXT NOT NULL,
    expires_at INTEGER NOT NULL, PRIMARY KEY (merchant_id, key)) STRICT, WITHOUT ROWID;
CREATE TABLE payment (id BLOB NOT NULL PRIMARY KEY, merchant_id INTEGER NOT NULL, order_id TEXT NOT NULL,
    status INTEGER NOT NULL, version INTEGER NOT NULL, amount INTEGER NOT NULL, currency TEXT NOT NULL,
    created_at INTEGER NOT NULL, UNIQUE (merchant_id, order_id)) STRICT, WITHOUT ROWID;
CREATE TABLE attempt (id BLOB NOT NULL PRIMARY KEY, payment_id BLOB NOT NULL, pg INTEGER NOT NULL,
    status INTEGER NOT NULL, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_payment ON attempt (payment_id);
CREATE TABLE event (id BLOB NOT NULL PRIMARY KEY, payment_id BLOB NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL,
    hash BLOB NOT NULL, created_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX event_payment ON event (payment_id);
CREATE TABLE entry (id BLOB NOT NULL PRIMARY KEY, payment_id BLOB NOT NULL, account TEXT NOT NULL,
    amount INTEGER NOT NULL, currency TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX entry_payment ON entry (payment_id);
CREATE TABLE outbox (id BLOB NOT NULL PRIMARY KEY, body TEXT NOT NULL, created_at INTEGER NOT NULL)
    STRICT, WITHOUT ROWID;
";

/// Creates and confirms payments, `sets` per commit, until the time is up.
pub fn run(sets: f64, limit: Duration) -> Measured {
    let folder = Folder::new("bare");
    let connection = Connection::open(folder.path().join("bare.db")).expect("a file");
    connection
        .execute_batch(
            "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; \
             PRAGMA wal_autocheckpoint=16000; PRAGMA cache_size=-262144; PRAGMA temp_store=MEMORY;",
        )
        .expect("settings");
    connection.execute_batch(TABLES).expect("tables");
    let mut hand = Hand::new(&connection);
    let mut begin = connection.prepare("BEGIN IMMEDIATE").expect("a statement");
    let mut commit = connection.prepare("COMMIT").expect("a statement");
    let (group, alone) = crate::pairs_per_commit(sets);
    let watch = cpu::Watch::own();
    let begun = Instant::now();
    let mut pairs = 0;
    while begun.elapsed() < limit {
        begin.raw_execute().expect("begin");
        let made: Vec<uuid::Uuid> = (0..group).map(|_| hand.create()).collect();
        if alone {
            commit.raw_execute().expect("commit");
            begin.raw_execute().expect("begin");
        }
        for payment in made {
            hand.confirm(payment);
        }
        commit.raw_execute().expect("commit");
        pairs += group as u64;
    }
    Measured {
        pairs,
        took: begun.elapsed(),
        cpu: watch.spent(),
        group: sets,
    }
}

struct Hand<'c> {
    idem: Statement<'c>,
    payment: Statement<'c>,
    read: Statement<'c>,
    update: Statement<'c>,
    attempt: Statement<'c>,
    event: Statement<'c>,
    entry: Statement<'c>,
    outbox: Statement<'c>,
    chance: Chance,
    head: Vec<u8>,
    count: u64,
}

impl<'c> Hand<'c> {
    fn new(connection: &'c Connection) -> Hand<'c> {
        let prepare = |sql| connection.prepare(sql).expect("a statement");
        Hand {
            idem: prepare("INSERT INTO idem VALUES (?1, ?2, ?3, ?4, ?5)"),
            payment: prepare("INSERT INTO payment VALUES (?1, ?2, ?3, 1, 1, ?4, 'KRW', ?5)"),
            read: prepare("SELECT merchant_id, order_id, status, version, amount, currency FROM payment WHERE id = ?1"),
            update: prepare("UPDATE payment SET status = 2, version = 2 WHERE id = ?1 AND status = 1 AND version = 1"),
            attempt: prepare("INSERT INTO attempt VALUES (?1, ?2, 1, 2, ?3)"),
            event: prepare("INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6)"),
            entry: prepare("INSERT INTO entry VALUES (?1, ?2, ?3, ?4, 'KRW')"),
            outbox: prepare("INSERT INTO outbox VALUES (?1, ?2, ?3)"),
            chance: Chance::system(),
            head: vec![0; 32],
            count: 0,
        }
    }

    fn create(&mut self) -> uuid::Uuid {
        let payment = id(&self.chance);
        self.count += 1;
        self.remember(payment);
        let order = format!("order-{:012}", self.count);
        self.payment
            .execute(params![payment.as_bytes().as_slice(), 1, order, 12_000, 1_772_327_730])
            .expect("payment");
        self.tell(payment, "payment.created");
        payment
    }

    fn confirm(&mut self, payment: uuid::Uuid) {
        self.remember(payment);
        let key = payment.as_bytes().as_slice();
        let amount: i64 = self.read.query_one(params![key], |row| row.get(4)).expect("read");
        assert_eq!(self.update.execute(params![key]).expect("update"), 1);
        let attempt = id(&self.chance);
        self.attempt
            .execute(params![attempt.as_bytes().as_slice(), key, 1_772_327_730])
            .expect("attempt");
        for (account, sum) in [("pg_receivable", amount), ("sales", -10_909), ("vat_payable", -1_091)] {
            let entry = id(&self.chance);
            self.entry
                .execute(params![entry.as_bytes().as_slice(), key, account, sum])
                .expect("entry");
        }
        self.tell(payment, "payment.done");
    }

    fn remember(&mut self, payment: uuid::Uuid) {
        let key = id(&self.chance).to_string();
        let asked = hash(&[], &key);
        self.idem
            .execute(params![1, key, asked, json(payment, ANSWER_BYTES), 1_772_327_730])
            .expect("idem");
    }

    fn tell(&mut self, payment: uuid::Uuid, kind: &str) {
        let event = id(&self.chance);
        let body = json(payment, EVENT_BYTES);
        self.head = hash(&self.head, &body);
        let key = event.as_bytes().as_slice();
        self.event
            .execute(params![
                key,
                payment.as_bytes().as_slice(),
                kind,
                body,
                self.head,
                1_772_327_730
            ])
            .expect("event");
        self.outbox.execute(params![key, body, 1_772_327_730]).expect("outbox");
    }
}

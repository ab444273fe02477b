//! Events cannot be rewritten unnoticed: each carries a hash over itself and the one before it in its
//! chain. Every start of a writer begins a chain of its own, so that writers need not wait for each other.

use std::collections::BTreeMap;

use aws_lc_rs::digest;
use vocabulary::{Chance, EventId, Scope};

use crate::Fault;
use crate::store::Store;
use crate::value::{Row, Value, scope};
use crate::write::{EVENT_BODY, EVENT_DIGEST, EVENT_HASH, EVENT_POSITION, EVENT_SALT, Op, W};

/// Low bits of a position: the place in the chain; above them its number.
const PLACE_BITS: u32 = 40;
/// Most broken links a report names.
const BROKEN_MAX: usize = 100;
const PAGE: i64 = 1_000;
/// With it, e-mail addresses and names cannot be guessed from what is left when a body is erased.
const SALT_BYTES: usize = 16;
/// Stands where a body was.
const ERASED: &str = r#"{"erased":true}"#;

/// How far a writer's chain has come.
#[derive(Debug, Clone)]
pub(crate) struct Chain {
    pub number: i64,
    /// Groups committed.
    pub groups: i64,
    /// Events in the chain.
    pub length: i64,
    pub head: [u8; 32],
}

impl Chain {
    pub fn new(number: i64) -> Chain {
        Chain {
            number,
            groups: 0,
            length: 0,
            head: genesis(number),
        }
    }

    /// Gives an event its place and hash.
    pub fn extend(&mut self, event: &mut Op) {
        self.length += 1;
        let position = (self.number << PLACE_BITS) | self.length;
        event.values[EVENT_POSITION] = Value::Int(position);
        self.head = link(&self.head, &event.values[..EVENT_HASH]);
        event.values[EVENT_HASH] = Value::Bytes(self.head.to_vec());
    }
}

/// A chain's first "hash before", so that chains cannot be exchanged.
fn genesis(number: i64) -> [u8; 32] {
    finish(digest::digest(
        &digest::SHA256,
        format!("narupay event chain {number}").as_bytes(),
    ))
}

/// Over the hash before and each column with its length, so that nothing can move between columns.
fn link(before: &[u8; 32], columns: &[Value]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(before);
    for column in columns {
        let number;
        let bytes: &[u8] = match column {
            Value::Null => &[],
            Value::Int(value) => {
                number = value.to_be_bytes();
                &number
            }
            Value::Id(id) => id.as_bytes(),
            Value::Text(text) => text.as_bytes(),
            Value::Bytes(bytes) => bytes,
        };
        context.update(&(bytes.len() as u64).to_be_bytes());
        context.update(bytes);
    }
    finish(context.finish())
}

/// Gives a new event the digest that stands for its body in the chain.
pub(crate) fn digest_body(event: &mut Op, chance: &Chance) {
    let salt = chance.bytes::<SALT_BYTES>();
    if let Value::Text(body) = &event.values[EVENT_BODY] {
        event.values[EVENT_DIGEST] = Value::Bytes(salted(&salt, body).to_vec());
    }
    event.values[EVENT_SALT] = Value::Bytes(salt.to_vec());
}

pub(crate) fn erase(of: Scope, event: EventId) -> Op {
    let [shop, mode] = scope(of);
    Op {
        write: W::EventErase,
        values: vec![Value::Bytes(Vec::new()), ERASED.into(), shop, mode, event.uuid().into()],
    }
}

fn salted(salt: &[u8], body: &str) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(salt);
    context.update(body.as_bytes());
    finish(context.finish())
}

fn finish(digest: digest::Digest) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest.as_ref());
    hash
}

/// What a walk along all chains found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChainReport {
    pub chains: u64,
    pub events: u64,
    /// Events whose bodies were taken away on purpose.
    pub erased: u64,
    /// Empty when nothing was touched; at most 100.
    pub broken: Vec<BrokenLink>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenLink {
    pub chain: u64,
    /// In the chain, from 1.
    pub place: u64,
    pub event: Option<EventId>,
    pub what: &'static str,
}

impl ChainReport {
    fn broken(&mut self, number: i64, place: i64, event: Option<EventId>, what: &'static str) {
        if self.broken.len() < BROKEN_MAX {
            self.broken.push(BrokenLink {
                chain: number as u64,
                place: place as u64,
                event,
                what,
            });
        }
    }
}

impl Store {
    /// Walks along every chain of events and says where one was changed, taken out or put in.
    pub async fn verify_chain(&self) -> Result<ChainReport, Fault> {
        let mut report = ChainReport::default();
        // Heads first: what is added while we walk comes after them.
        let mut heads: BTreeMap<i64, (i64, [u8; 32])> = BTreeMap::new();
        let rows = self
            .rows_at_leisure("SELECT chain, length, head FROM chains ORDER BY chain", Vec::new())
            .await?;
        for mut row in rows {
            heads.insert(row.int()?, (row.int()?, row.hash()?));
        }
        report.chains = heads.len() as u64;
        let mut walk: Option<Chain> = None;
        let mut last = -1;
        loop {
            let rows = self
                .rows_at_leisure(
                    "SELECT position, shop_id, mode, event_id, payment_id, sequence, kind, digest, at, hash, salt, body
                     FROM events WHERE position > $1 ORDER BY position LIMIT $2",
                    vec![Value::Int(last), Value::Int(PAGE)],
                )
                .await?;
            let Some(count) = std::num::NonZero::new(rows.len()) else {
                break;
            };
            for row in rows {
                last = step(row, &mut walk, &mut heads, &mut report)?;
            }
            report.events += count.get() as u64;
        }
        if let Some(walk) = walk {
            end(&walk, &mut heads, &mut report);
        }
        // Chains of which not one event is left.
        for (number, (length, _)) in heads {
            if length > 0 {
                report.broken(number, 1, None, "every event of the chain is gone");
            }
        }
        Ok(report)
    }
}

/// Checks one event against the chain walked so far; gives its position.
fn step(
    mut row: Row,
    walk: &mut Option<Chain>,
    heads: &mut BTreeMap<i64, (i64, [u8; 32])>,
    report: &mut ChainReport,
) -> Result<i64, Fault> {
    let position = row.int()?;
    let event = row.uuid_at(2)?;
    let (number, place) = (position >> PLACE_BITS, position & ((1 << PLACE_BITS) - 1));
    let id = Some(EventId::from_uuid(event));
    if walk.as_ref().is_none_or(|walk| walk.number != number) {
        if let Some(done) = walk.take() {
            end(&done, heads, report);
        }
        if !heads.contains_key(&number) {
            report.broken(number, place, id, "the event belongs to no known chain");
        }
    }
    let chain = walk.get_or_insert_with(|| Chain::new(number));
    let mut columns = vec![Value::Int(position)];
    columns.extend(row.take(EVENT_HASH - 1));
    let stored = row.hash()?;
    let (salt, body) = (row.bytes()?, row.text()?);
    let erased = salt.is_empty() && body == ERASED;
    report.erased += u64::from(erased);
    let body_stands = erased || columns[EVENT_DIGEST] == Value::Bytes(salted(&salt, &body).to_vec());
    if place != chain.length + 1 {
        report.broken(number, chain.length + 1, id, "an event before this one is gone");
    } else if !body_stands || link(&chain.head, &columns) != stored {
        report.broken(number, place, id, "the event is not what was written");
    }
    chain.length = place;
    chain.head = stored;
    if let Some((length, head)) = heads.get(&number)
        && *length == place
        && *head != stored
    {
        report.broken(number, place, id, "the chain's end is not what was written");
    }
    Ok(position)
}

/// Was the chain walked to its end?
fn end(walk: &Chain, heads: &mut BTreeMap<i64, (i64, [u8; 32])>, report: &mut ChainReport) {
    if let Some((length, _)) = heads.remove(&walk.number)
        && walk.length < length
    {
        report.broken(walk.number, walk.length + 1, None, "the end of the chain is gone");
    }
}

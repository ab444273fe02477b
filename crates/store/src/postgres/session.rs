use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use futures_util::future::{join_all, join3};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};

use super::batch::{self, Batch};
use super::connect::Connector;
use super::types::{fault, is_cut, is_lost, row};
use super::writer::Losers;
use crate::chain::Chain;
use crate::migrate::{self, Applied};
use crate::queue::Job;
use crate::value::Value;
use crate::write::{Op, Verb, W, WRITES};
use crate::{Cause, Fault, Options};

/// A writer's connection with its chain of events.
pub(super) struct Session {
    client: Client,
    /// By [`W`]; prepared when first needed.
    statements: Vec<Option<Statement>>,
    step: Statement,
    chain: Chain,
}

pub(super) enum Failed {
    /// A guard did not hold. Rolled back.
    Lost(tokio_postgres::Error),
    /// Rolled back.
    Fault(Fault),
    /// Someone closed our chain: they believed us dead. Rolled back.
    Fenced,
    /// The connection broke; nobody knows.
    Cut(Cause),
}

/// The groups a writer has committed, and its chain's end. It is the first statement of every
/// transaction, so that whoever closes the chain knows what became of the last one.
const STEP: &str = "UPDATE chains SET groups = $2, length = $3, head = $4
     WHERE chain = $1 AND groups = $5 AND closed = 0";
const CLOSE: &str = "UPDATE chains SET closed = 1 WHERE chain = $1 RETURNING groups";
const NEW_CHAIN: &str = "INSERT INTO chains (chain, started_at, closed, groups, length, head)
     VALUES ($1, $2, 0, 0, 0, $3) ON CONFLICT DO NOTHING";
/// Writers that start at once try for the same number; one of them gets it.
const NUMBERS_MAX: u32 = 100;

impl Session {
    pub async fn begin(connector: &Connector, options: &Options) -> Result<Session, Fault> {
        let client = connector.connect().await?;
        let applied = client.query(migrate::READ_JOURNAL, &[]).await.map_err(fault)?;
        let applied: Result<Vec<Applied>, Fault> = applied.iter().map(|found| Applied::from_row(row(found)?)).collect();
        // Rows for a schema we do not know could break it.
        if !migrate::missing(&applied?)?.is_empty() {
            return Err(Fault::NotMigrated);
        }
        let chain = new_chain(&client, options).await?;
        let step = client.prepare(&batch::exactly(STEP, 6)).await.map_err(fault)?;
        Ok(Session {
            client,
            statements: WRITES.iter().map(|_| None).collect(),
            step,
            chain,
        })
    }

    pub fn is_open(&self) -> bool {
        !self.client.is_closed()
    }

    /// Gives the connection up. The chain is as it was before the transaction that was cut off.
    pub fn into_chain(self) -> Chain {
        self.chain
    }

    /// Closes a chain for good and tells how many groups were committed with it.
    pub async fn close_chain(connector: &Connector, number: i64) -> Result<i64, Fault> {
        let client = connector.connect().await?;
        let closed = client.query_one(CLOSE, &[&Value::Int(number)]).await.map_err(fault)?;
        row(&closed)?.int()
    }

    /// Writes all sets in one transaction that travels to the server in one piece.
    pub async fn transact(&mut self, jobs: &mut [Job]) -> Result<(), Failed> {
        let mut chain = self.chain.clone();
        chain.groups += 1;
        for op in jobs.iter_mut().flat_map(|job| &mut job.set.ops) {
            if op.write == W::EventInsert {
                chain.extend(op);
            }
        }
        let batch = Batch::new(jobs.iter().flat_map(|job| &job.set.ops));
        self.prepare(&batch).await.map_err(before_begin)?;
        let step = [
            Value::Int(chain.number),
            Value::Int(chain.groups),
            Value::Int(chain.length),
            Value::Bytes(chain.head.to_vec()),
            Value::Int(self.chain.groups),
            Value::Int(1),
        ];
        let step: Vec<&(dyn ToSql + Sync)> = step.iter().map(|value| value as _).collect();
        let rows: Vec<(W, batch::Parameters)> = batch.statements().collect();
        // Joined futures are polled in order, and a statement is on its way once it was polled.
        let begin = async {
            let (begun, stepped) =
                futures_util::future::join(self.client.batch_execute("BEGIN"), self.client.query(&self.step, &step))
                    .await;
            (begun, stepped.map(|_| ()))
        };
        let writes = join_all(rows.iter().map(|(write, parameters)| self.write(*write, parameters)));
        let commit = self.client.batch_execute("COMMIT");
        let ((begun, stepped), written, committed) = join3(begin, writes, commit).await;
        let fenced = stepped.as_ref().err().is_some_and(is_lost);
        let results = [begun, stepped].into_iter().chain(written).chain([committed]);
        let errors: Vec<tokio_postgres::Error> = results.filter_map(Result::err).collect();
        match judge(errors, fenced) {
            Some(failed) => Err(failed),
            None => {
                self.chain = chain;
                Ok(())
            }
        }
    }

    async fn prepare(&mut self, batch: &Batch<'_>) -> Result<(), tokio_postgres::Error> {
        for write in batch.kinds() {
            let slot = &mut self.statements[write as usize];
            if slot.is_none() {
                *slot = Some(self.client.prepare(&batch::sql(&WRITES[write as usize])).await?);
            }
        }
        Ok(())
    }

    async fn write(&self, write: W, parameters: &batch::Parameters<'_>) -> Result<(), tokio_postgres::Error> {
        // Prepared above; if it were not, there would be nothing to write with.
        let Some(statement) = &self.statements[write as usize] else {
            return Ok(());
        };
        let parameters = parameters.as_sql();
        match &WRITES[write as usize].verb {
            Verb::Insert { .. } => self.client.execute(statement, &parameters).await.map(|_| ()),
            Verb::Update { .. } | Verb::Delete { .. } => self.client.query(statement, &parameters).await.map(|_| ()),
        }
    }

    /// Which sets have a broken guard, asked for all of them at once.
    pub async fn losers(&self, jobs: &[Job]) -> Result<Losers, tokio_postgres::Error> {
        let mut rows: BTreeMap<W, Vec<(usize, &Op)>> = BTreeMap::new();
        for (number, job) in jobs.iter().enumerate() {
            let mut made: HashSet<&str> = HashSet::new();
            for op in &job.set.ops {
                let statement = op.statement();
                match statement.verb {
                    Verb::Insert { .. } => _ = made.insert(statement.table),
                    // It changes a row that the set itself makes; the row cannot be there yet.
                    _ if made.contains(statement.table) => continue,
                    _ => {}
                }
                rows.entry(op.write).or_default().push((number, op));
            }
        }
        let mut losers = Losers::new();
        for (write, ops) in rows {
            for (sql, probe) in batch::probes(&WRITES[write as usize]) {
                let arrays: Vec<Vec<&Value>> = probe
                    .values
                    .iter()
                    .map(|at| ops.iter().map(|(_, op)| &op.values[*at]).collect())
                    .collect();
                let parameters: Vec<&(dyn ToSql + Sync)> = arrays.iter().map(|array| array as _).collect();
                for found in self.client.query(&sql, &parameters).await? {
                    let number: i64 = found.try_get(0)?;
                    if let Some((job, _)) = usize::try_from(number - 1).ok().and_then(|at| ops.get(at)) {
                        losers.entry(*job).or_insert(probe.conflict);
                    }
                }
            }
        }
        Ok(losers)
    }
}

/// What the errors of one transaction come down to; `None`: it was committed.
fn judge(errors: Vec<tokio_postgres::Error>, fenced: bool) -> Option<Failed> {
    if errors.is_empty() {
        return None;
    }
    if errors.iter().any(is_cut) {
        let cut = errors.into_iter().find(is_cut)?;
        return Some(Failed::Cut(Arc::new(cut)));
    }
    if fenced {
        return Some(Failed::Fenced);
    }
    // The first is the reason; those after it only say that the transaction is over.
    let first = errors.into_iter().next()?;
    Some(if is_lost(&first) {
        Failed::Lost(first)
    } else {
        Failed::Fault(fault(first))
    })
}

/// An error before the transaction began: nothing was sent that could be saved.
fn before_begin(error: tokio_postgres::Error) -> Failed {
    Failed::Fault(fault(error))
}

async fn new_chain(client: &Client, options: &Options) -> Result<Chain, Fault> {
    for _ in 0..NUMBERS_MAX {
        let last = client
            .query_one("SELECT COALESCE(MAX(chain), 0) FROM chains", &[])
            .await
            .map_err(fault)?;
        let chain = Chain::new(row(&last)?.int()? + 1);
        let values = [
            Value::Int(chain.number),
            options.clock.now().into(),
            Value::Bytes(chain.head.to_vec()),
        ];
        let values: Vec<&(dyn ToSql + Sync)> = values.iter().map(|value| value as _).collect();
        if client.execute(NEW_CHAIN, &values).await.map_err(fault)? == 1 {
            return Ok(chain);
        }
    }
    Err(Fault::Unavailable {
        why: "too many writers start at once",
        source: None,
    })
}

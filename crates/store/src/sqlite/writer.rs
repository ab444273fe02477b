use std::sync::Arc;
use std::time::Instant;

use rusqlite::{Connection, ErrorCode, Statement};
use tokio::sync::{oneshot, watch};

use super::place::Place;
use super::{checkpoint, fault, numbered, query};
use crate::chain::Chain;
use crate::fault::Cause;
use crate::migrate::{self, Applied};
use crate::queue::{Attendance, Job, Queue};
use crate::stats::Counters;
use crate::value::Value;
use crate::write::{Op, W, WRITES};
use crate::{ChangeSet, Conflict, Disk, Fault, NotCommitted, Options};

pub(super) fn start(
    connection: Connection,
    place: Place,
    checkpointing: Connection,
    queue: Arc<Queue>,
    counters: Arc<Counters>,
    options: Options,
    ended: watch::Sender<bool>,
) -> Result<(), Fault> {
    let thread = std::thread::Builder::new().name("store-writer".to_owned());
    let run = move || {
        let _attendance = Attendance(queue.clone());
        let checkpointer = checkpoint::start(checkpointing, queue.clone());
        let mut writer = Writer::new(&connection, place, &options);
        while let Some(jobs) = queue.next_in_order(options.group_max.max(1)) {
            let (answers, stop) = writer.group(jobs, &counters);
            answers.give();
            if let Some(fault) = stop {
                stop_writing(&queue, &fault);
                break;
            }
            checkpointer.wrote();
        }
        drop(writer);
        checkpointer.stop();
        // Nobody may be waiting for the end.
        let _ = ended.send(true);
    };
    match thread.spawn(run) {
        Ok(_) => Ok(()),
        Err(error) => Err(Fault::unavailable("the writer's thread cannot be started", error)),
    }
}

/// Nothing more is saved until the store is opened anew.
pub(super) fn stop_writing(queue: &Queue, fault: &Fault) {
    tracing::error!(error = %fault, "the store stops writing until it is opened again");
    queue.break_off(fault);
}

/// What everybody hears after the disk failed us once.
pub(super) fn must_be_opened_again(source: Option<Cause>) -> Fault {
    Fault::Unavailable {
        why: "it failed to write to the disk and must be opened again",
        source,
    }
}

pub(super) struct Writer<'c> {
    connection: &'c Connection,
    place: Place,
    options: &'c Options,
    /// By [`W`]; prepared when first needed, because the tables may not be there at the start.
    statements: Vec<Option<Statement<'c>>>,
    pub(super) chain: Option<Chain>,
}

/// What a group's callers are to be told.
pub(super) struct Answers(Vec<(oneshot::Sender<Fate>, Fate)>);

impl Answers {
    pub fn give(self) {
        for (reply, fate) in self.0 {
            // The caller may be gone; then nobody needs the answer.
            let _ = reply.send(fate);
        }
    }
}

/// What became of one set.
type Fate = Result<(), NotCommitted>;

/// Why a group must be begun anew.
enum Setback {
    /// A set lost after some of it was written, which only a savepoint can take back.
    Undo,
    Fault(Fault),
}

impl<'c> Writer<'c> {
    pub fn new(connection: &'c Connection, place: Place, options: &'c Options) -> Writer<'c> {
        Writer {
            connection,
            place,
            options,
            statements: WRITES.iter().map(|_| None).collect(),
            chain: None,
        }
    }

    /// Writes a group. With a fault beside the answers nothing may be written any more.
    pub fn group(&mut self, mut jobs: Vec<Job>, counters: &Counters) -> (Answers, Option<Fault>) {
        let begun = Instant::now();
        let before = self.chain.clone();
        let outcome = match self.attempt(&mut jobs, false) {
            Err(Setback::Undo) => {
                self.chain.clone_from(&before);
                self.attempt(&mut jobs, true)
            }
            outcome => outcome,
        };
        let outcome = match outcome {
            Ok(fates) => self.commit().and_then(|()| self.place.still_there()).map(|()| fates),
            Err(Setback::Fault(fault)) => Err(fault),
            Err(Setback::Undo) => Err(Fault::corrupt("a savepoint that was not used")),
        };
        match outcome {
            Ok(fates) => {
                let saved = fates.iter().filter(|fate| fate.is_ok()).count();
                counters.group(saved, begun.elapsed());
                counters.conflicts(jobs.len() - saved);
                let replies = jobs.into_iter().map(|job| job.reply);
                (Answers(replies.zip(fates).collect()), None)
            }
            Err(fault) => {
                self.chain = before;
                if !self.connection.is_autocommit() {
                    // If even this fails, the next BEGIN says so.
                    let _ = self.connection.execute_batch("ROLLBACK");
                }
                counters.faults(jobs.len());
                tracing::warn!(
                    error = &fault as &dyn std::error::Error,
                    sets = jobs.len(),
                    "a group was not saved"
                );
                let failed = |job: Job| (job.reply, Err(fault.clone().into()));
                let answers = Answers(jobs.into_iter().map(failed).collect());
                let stop = match fault {
                    Fault::Unknown { source } => Some(must_be_opened_again(source)),
                    _ => None,
                };
                (answers, stop)
            }
        }
    }

    /// Writes all sets in a new transaction, which is left open. `careful`: with a savepoint around
    /// each set, which costs time and is only done when a set must be taken back.
    fn attempt(&mut self, jobs: &mut [Job], careful: bool) -> Result<Vec<Fate>, Setback> {
        if self.connection.is_autocommit() {
            self.simple("BEGIN IMMEDIATE")?;
        }
        if self.chain.is_none() {
            self.chain = Some(self.new_chain().map_err(Setback::Fault)?);
        }
        let mut fates = Vec::with_capacity(jobs.len());
        for job in jobs.iter_mut() {
            if careful {
                self.simple("SAVEPOINT one")?;
            }
            let chain = self.chain.clone();
            let fate = match self.set(&mut job.set) {
                Ok(()) => Ok(()),
                // A full disk has SQLite roll back by itself: there is nothing left to undo, nor to go on with.
                Err(Lost {
                    why: NotCommitted::Fault(fault),
                    ..
                }) if self.connection.is_autocommit() => return Err(Setback::Fault(fault)),
                Err(Lost { written: 0, why }) => Err(why),
                Err(_) if !careful => {
                    self.simple("ROLLBACK")?;
                    return Err(Setback::Undo);
                }
                Err(Lost { why, .. }) => {
                    self.simple("ROLLBACK TO one")?;
                    Err(why)
                }
            };
            if fate.is_err() {
                self.chain = chain;
            }
            match fate {
                // Not this set's why: the database fails, for everyone.
                Err(NotCommitted::Fault(
                    fault @ (Fault::Unavailable { .. } | Fault::Unknown { .. } | Fault::NotMigrated),
                )) => {
                    return Err(Setback::Fault(fault));
                }
                fate => fates.push(fate),
            }
            if careful {
                self.simple("RELEASE one")?;
            }
        }
        Ok(fates)
    }

    fn set(&mut self, set: &mut ChangeSet) -> Result<(), Lost> {
        for (written, op) in set.ops.iter_mut().enumerate() {
            let lost = |why: NotCommitted| Lost { written, why };
            if op.write == W::EventInsert
                && let Some(chain) = &mut self.chain
            {
                chain.extend(op);
            }
            match self.run(op) {
                Ok(1) => {}
                Ok(_) => return Err(lost(self.conflict(op).into())),
                Err(error) => return Err(lost(fault(error).into())),
            }
        }
        Ok(())
    }

    fn run(&mut self, op: &Op) -> rusqlite::Result<usize> {
        let slot = &mut self.statements[op.write as usize];
        let statement = match slot {
            Some(statement) => statement,
            None => slot.insert(self.connection.prepare(&numbered(&op.statement().row_sql()))?),
        };
        for (place, value) in op.values.iter().enumerate() {
            statement.raw_bind_parameter(place + 1, value)?;
        }
        statement.raw_execute()
    }

    /// Which guard of `op` did not hold.
    fn conflict(&self, op: &Op) -> Conflict {
        let write = op.statement();
        let broken = write.probes().into_iter().find(|probe| {
            let values: Vec<Value> = probe.values.iter().map(|at| op.values[*at].clone()).collect();
            query(self.connection, &probe.row_sql(), &values)
                .is_ok_and(|found| found.is_empty() != probe.broken_if_found)
        });
        broken.map_or(write.conflict(), |probe| probe.conflict)
    }

    /// Begins this writer's chain of events, in the open transaction.
    fn new_chain(&self) -> Result<Chain, Fault> {
        let applied = query(self.connection, migrate::READ_JOURNAL, &[])?
            .into_iter()
            .map(Applied::from_row)
            .collect::<Result<Vec<Applied>, Fault>>()?;
        // Rows for a schema we do not know could break it.
        if !migrate::missing(&applied)?.is_empty() {
            return Err(Fault::NotMigrated);
        }
        let last = query(self.connection, "SELECT COALESCE(MAX(chain), 0) FROM chains", &[])?.pop();
        let number = last.map_or(Ok(0), |mut row| row.int())? + 1;
        let chain = Chain::new(number);
        let row = [
            Value::Int(number),
            self.options.clock.now().into(),
            Value::Int(0),
            Value::Int(0),
            Value::Int(0),
            Value::Bytes(chain.head.to_vec()),
        ];
        query(
            self.connection,
            "INSERT INTO chains (chain, started_at, closed, groups, length, head) VALUES ($1, $2, $3, $4, $5, $6)",
            &row,
        )?;
        Ok(chain)
    }

    fn commit(&mut self) -> Result<(), Fault> {
        if let Some(chain) = &mut self.chain {
            chain.groups += 1;
            let row = [
                Value::Int(chain.number),
                Value::Int(chain.groups),
                Value::Int(chain.length),
                Value::Bytes(chain.head.to_vec()),
            ];
            query(
                self.connection,
                "UPDATE chains SET groups = $2, length = $3, head = $4 WHERE chain = $1",
                &row,
            )?;
        }
        let simulated = self.options.inline.as_deref();
        simulated.map_or(Ok(()), Disk::commit)?;
        let committed = self
            .connection
            .prepare_cached("COMMIT")
            .and_then(|mut commit| commit.raw_execute());
        match committed {
            Ok(_) => simulated.map_or(Ok(()), Disk::committed),
            // The log may or may not have reached the disk, and what the disk says afterwards cannot be trusted.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::SystemIoFailure) => Err(Fault::Unknown {
                source: Some(Arc::new(error)),
            }),
            Err(error) => Err(fault(error)),
        }
    }

    fn simple(&self, sql: &'static str) -> Result<(), Setback> {
        self.connection
            .prepare_cached(sql)
            .and_then(|mut statement| statement.raw_execute())
            .map(|_| ())
            .map_err(|error| Setback::Fault(fault(error)))
    }
}

/// A set that cannot be written.
struct Lost {
    /// How many of its rows were.
    written: usize,
    why: NotCommitted,
}

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::connect::Connector;
use super::session::{Failed, Session};
use crate::chain::Chain;
use crate::queue::{Attendance, Job, Queue};
use crate::stats::Counters;
use crate::{Conflict, Fault, NotCommitted, Options};

const BACK_OFF_FIRST: Duration = Duration::from_millis(100);
const BACK_OFF_MAX: Duration = Duration::from_secs(2);
/// How often the losers of a group are looked for before its sets are tried one by one.
const SIEVES_MAX: u32 = 3;
/// How often one set is tried again when another transaction was in its way.
const TRIES_MAX: u32 = 5;

/// A task that owns a connection and is never cancelled in the middle of a transaction.
pub(super) fn start(
    connector: Arc<Connector>,
    queue: Arc<Queue>,
    counters: Arc<Counters>,
    options: Options,
) -> watch::Receiver<bool> {
    let (ended, stopped) = watch::channel(false);
    let mut writer = Writer {
        connector,
        counters,
        options,
        session: None,
        resting: None,
        back_off: BACK_OFF_FIRST,
    };
    tokio::spawn(async move {
        let _attendance = Attendance(queue.clone());
        while let Some(group) = queue.next_apart(writer.options.group_max.max(1)).await {
            let (jobs, keys) = group.into_parts();
            writer.group(jobs).await;
            queue.done(&keys);
        }
        // Nobody may be waiting for the end.
        let _ = ended.send(true);
    });
    stopped
}

struct Writer {
    connector: Arc<Connector>,
    counters: Arc<Counters>,
    options: Options,
    session: Option<Session>,
    /// After a failed connect: until when to answer at once, and what.
    resting: Option<(Instant, Fault)>,
    back_off: Duration,
}

/// How a transaction ended.
enum Outcome {
    Saved,
    /// A guard of some set did not hold; nothing was saved.
    Lost(tokio_postgres::Error),
    /// Nothing was saved, or (`Fault::Unknown`) nobody knows.
    Fault(Fault),
}

impl Writer {
    /// Saves a group and answers everyone in it.
    async fn group(&mut self, mut jobs: Vec<Job>) {
        let begun = Instant::now();
        let mut sieves = 0;
        while !jobs.is_empty() {
            match self.transact(&mut jobs).await {
                Outcome::Saved => {
                    self.counters.group(jobs.len(), begun.elapsed());
                    return answer(jobs, &Ok(()));
                }
                Outcome::Fault(fault) => {
                    self.counters.faults(jobs.len());
                    tracing::warn!(
                        error = &fault as &dyn std::error::Error,
                        sets = jobs.len(),
                        "a group was not saved"
                    );
                    return answer(jobs, &Err(fault.into()));
                }
                Outcome::Lost(_) if sieves < SIEVES_MAX => {
                    sieves += 1;
                    let before = jobs.len();
                    jobs = self.sieve(jobs).await;
                    if jobs.len() == before {
                        sieves = SIEVES_MAX;
                    }
                }
                Outcome::Lost(_) => return self.one_by_one(jobs).await,
            }
        }
    }

    /// Tells the sets whose guards are broken, and keeps the others.
    async fn sieve(&mut self, jobs: Vec<Job>) -> Vec<Job> {
        let Some(session) = &self.session else {
            return jobs;
        };
        let losers = match session.losers(&jobs).await {
            Ok(losers) => losers,
            Err(error) => {
                tracing::warn!(%error, "the losers of a group could not be looked for");
                return jobs;
            }
        };
        self.counters.conflicts(losers.len());
        let mut kept = Vec::with_capacity(jobs.len());
        for (number, job) in jobs.into_iter().enumerate() {
            match losers.get(&number) {
                Some(conflict) => answer(vec![job], &Err((*conflict).into())),
                None => kept.push(job),
            }
        }
        kept
    }

    /// Each set in a transaction of its own: when something is wrong that no guard explains.
    async fn one_by_one(&mut self, jobs: Vec<Job>) {
        for job in jobs {
            let mut one = vec![job];
            let mut tries = 0;
            let fate = loop {
                tries += 1;
                let begun = Instant::now();
                match self.transact(&mut one).await {
                    Outcome::Saved => {
                        self.counters.group(1, begun.elapsed());
                        break Ok(());
                    }
                    Outcome::Fault(fault) => {
                        self.counters.faults(1);
                        break Err(fault.into());
                    }
                    Outcome::Lost(error) if super::types::is_passing(&error) && tries < TRIES_MAX => {}
                    Outcome::Lost(error) => break Err(self.why(&one, error).await),
                }
            };
            answer(one, &fate);
        }
    }

    async fn why(&mut self, one: &[Job], error: tokio_postgres::Error) -> NotCommitted {
        let losers = match &self.session {
            Some(session) => session.losers(one).await.unwrap_or_default(),
            None => Default::default(),
        };
        if let Some(conflict) = losers.get(&0) {
            self.counters.conflicts(1);
            return (*conflict).into();
        }
        self.counters.faults(1);
        super::types::fault(error).into()
    }

    /// Runs one transaction; a commit that was cut off is settled before this returns.
    async fn transact(&mut self, jobs: &mut [Job]) -> Outcome {
        let mut session = match self.ready().await {
            Ok(session) => session,
            Err(fault) => return Outcome::Fault(fault),
        };
        let limit = Duration::from_millis(self.options.doubt_ms);
        let done = match tokio::time::timeout(limit, session.transact(jobs)).await {
            Ok(done) => done,
            Err(late) => Err(Failed::Cut(Arc::new(late))),
        };
        match done {
            Ok(()) => {
                self.session = Some(session);
                Outcome::Saved
            }
            Err(Failed::Lost(error)) => {
                self.session = Some(session);
                Outcome::Lost(error)
            }
            Err(Failed::Fault(fault)) => {
                self.session = Some(session);
                Outcome::Fault(fault)
            }
            Err(Failed::Fenced) => Outcome::Fault(Fault::Unavailable {
                why: "this writer was taken for dead and another took its place",
                source: None,
            }),
            Err(Failed::Cut(cause)) => self.settle(session.into_chain(), cause).await,
        }
    }

    /// The connection, made anew if there is none.
    async fn ready(&mut self) -> Result<Session, Fault> {
        if let Some(session) = self.session.take().filter(Session::is_open) {
            return Ok(session);
        }
        if let Some((until, fault)) = &self.resting
            && Instant::now() < *until
        {
            return Err(fault.clone());
        }
        match Session::begin(&self.connector, &self.options).await {
            Ok(session) => {
                self.resting = None;
                self.back_off = BACK_OFF_FIRST;
                Ok(session)
            }
            Err(fault) => {
                self.resting = Some((Instant::now() + self.back_off, fault.clone()));
                self.back_off = (self.back_off * 2).min(BACK_OFF_MAX);
                Err(fault)
            }
        }
    }

    /// Finds out what became of a commit that was cut off. Closing the writer's chain waits for the
    /// lost transaction, which begins by taking the chain's row, or keeps it from ever beginning; the
    /// count of groups in the row then says whether it was saved.
    async fn settle(&mut self, chain: Chain, cause: crate::Cause) -> Outcome {
        let deadline = Instant::now() + Duration::from_millis(self.options.doubt_ms);
        let mut wait = BACK_OFF_FIRST;
        loop {
            match tokio::time::timeout_at(deadline, Session::close_chain(&self.connector, chain.number)).await {
                Ok(Ok(groups)) if groups == chain.groups + 1 => return Outcome::Saved,
                Ok(Ok(groups)) if groups == chain.groups => {
                    return Outcome::Fault(Fault::Unavailable {
                        why: "the server went away before the commit",
                        source: Some(cause),
                    });
                }
                Ok(Ok(_)) => return Outcome::Fault(Fault::corrupt("another writer used our chain")),
                Ok(Err(fault)) => tracing::debug!(error = %fault, "a commit that was cut off is not settled yet"),
                Err(_) => return Outcome::Fault(Fault::Unknown { source: Some(cause) }),
            }
            if Instant::now() + wait >= deadline {
                return Outcome::Fault(Fault::Unknown { source: Some(cause) });
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(BACK_OFF_MAX);
        }
    }
}

fn answer(jobs: Vec<Job>, fate: &Result<(), NotCommitted>) {
    for job in jobs {
        // The caller may be gone; then nobody needs the answer.
        let _ = job.reply.send(fate.clone());
    }
}

/// Sets that lost, by their number in the group, with the guard that did not hold.
pub(super) type Losers = std::collections::BTreeMap<usize, Conflict>;

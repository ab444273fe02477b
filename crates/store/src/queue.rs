//! The bounded queue between those who commit and the writers. A group is whatever waits when a
//! writer comes back, so an idle system commits at once and a busy one fills its groups by itself.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};

use crate::{ChangeSet, Fault, NotCommitted};

pub(crate) struct Job {
    pub set: ChangeSet,
    pub reply: oneshot::Sender<Result<(), NotCommitted>>,
}

/// Waiting sets that a writer looks through for a group before it takes what it has.
const LOOK_AHEAD: usize = 1_024;

pub(crate) struct Queue {
    state: Mutex<State>,
    arrived: Condvar,
    arrived_async: Notify,
    max: usize,
}

struct State {
    jobs: VecDeque<Job>,
    /// Guarded keys of the groups being written.
    in_flight: HashSet<u64>,
    closed: bool,
    /// No commit is possible any more; everyone is told so.
    broken: Option<Fault>,
}

pub(crate) struct Group {
    pub jobs: Vec<Job>,
    keys: Vec<u64>,
}

/// Held by a writer: when it ends, even by a panic, nobody waits for it in vain.
pub(crate) struct Attendance(pub Arc<Queue>);

impl Drop for Attendance {
    fn drop(&mut self) {
        self.0.break_off(&Fault::Unavailable {
            why: "the writer has ended",
            source: None,
        });
    }
}

impl Queue {
    pub fn new(max: usize) -> Queue {
        Queue {
            state: Mutex::new(State {
                jobs: VecDeque::new(),
                in_flight: HashSet::new(),
                closed: false,
                broken: None,
            }),
            arrived: Condvar::new(),
            arrived_async: Notify::new(),
            max,
        }
    }

    pub fn push(&self, set: ChangeSet) -> Result<oneshot::Receiver<Result<(), NotCommitted>>, Fault> {
        let (reply, answer) = oneshot::channel();
        let mut state = self.lock();
        if state.closed {
            return Err(Fault::closed());
        }
        if let Some(fault) = &state.broken {
            return Err(fault.clone());
        }
        if state.jobs.len() >= self.max {
            return Err(Fault::Busy);
        }
        state.jobs.push_back(Job { set, reply });
        drop(state);
        self.arrived.notify_one();
        self.arrived_async.notify_one();
        Ok(answer)
    }

    pub fn depth(&self) -> usize {
        self.lock().jobs.len()
    }

    /// Why nothing is written any more, if that is so.
    pub fn broken(&self) -> Option<Fault> {
        self.lock().broken.clone()
    }

    /// Nothing more is taken in; what waits is still written.
    pub fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_all();
        self.arrived_async.notify_waiters();
        self.arrived_async.notify_one();
    }

    /// Nothing more will be written: whoever waits or comes is told `fault`.
    pub fn break_off(&self, fault: &Fault) {
        let mut state = self.lock();
        // The first reason is the reason.
        state.broken.get_or_insert_with(|| fault.clone());
        let jobs: Vec<Job> = state.jobs.drain(..).collect();
        drop(state);
        fail(jobs, fault);
    }

    /// Blocks until there is something to write; `None`: closed and drained. For the one SQLite
    /// writer, which applies sets one after the other, so their order needs no further care.
    pub fn next_in_order(&self, max: usize) -> Option<Vec<Job>> {
        let mut state = self.lock();
        loop {
            if !state.jobs.is_empty() {
                let count = state.jobs.len().min(max);
                return Some(state.jobs.drain(..count).collect());
            }
            if state.closed {
                return None;
            }
            state = self.arrived.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The same for a writer that is a task: waits without blocking until there is something to write.
    /// False: closed and drained.
    pub async fn filled(&self) -> bool {
        loop {
            let arrived = self.arrived_async.notified();
            tokio::pin!(arrived);
            arrived.as_mut().enable();
            {
                let state = self.lock();
                if !state.jobs.is_empty() {
                    return true;
                }
                if state.closed {
                    return false;
                }
            }
            arrived.await;
        }
    }

    /// What waits, up to `max`, in its order.
    pub fn take(&self, max: usize) -> Vec<Job> {
        let mut state = self.lock();
        let count = state.jobs.len().min(max);
        state.jobs.drain(..count).collect()
    }

    /// Waits until there is something to write that touches nothing another group is writing;
    /// `None`: closed and drained. Two sets that touch the same row are never in one group, because
    /// one statement per table writes them all at once.
    pub async fn next_apart(&self, max: usize) -> Option<Group> {
        loop {
            let arrived = self.arrived_async.notified();
            tokio::pin!(arrived);
            // Registered before the look, so that nothing that arrives after it is missed.
            arrived.as_mut().enable();
            {
                let mut state = self.lock();
                let group = state.take_apart(max);
                if !group.jobs.is_empty() {
                    let more = !state.jobs.is_empty();
                    drop(state);
                    if more {
                        self.arrived_async.notify_one();
                    }
                    return Some(group);
                }
                if state.closed && state.jobs.is_empty() {
                    self.arrived_async.notify_one();
                    return None;
                }
            }
            arrived.await;
        }
    }

    /// The group's keys are free again.
    pub fn done(&self, keys: &[u64]) {
        let mut state = self.lock();
        for key in keys {
            state.in_flight.remove(key);
        }
        let waiting = !state.jobs.is_empty() || state.closed;
        drop(state);
        if waiting {
            self.arrived_async.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take_apart(&mut self, max: usize) -> Group {
        let mut group = Group {
            jobs: Vec::new(),
            keys: Vec::new(),
        };
        let mut passed: HashSet<u64> = HashSet::new();
        let mut at = 0;
        while at < self.jobs.len().min(LOOK_AHEAD) && group.jobs.len() < max {
            let keys = &self.jobs[at].set.keys;
            let free = keys
                .iter()
                .all(|key| !self.in_flight.contains(key) && !passed.contains(key));
            if !free {
                // Later sets on the same rows must not overtake this one.
                passed.extend(keys);
                at += 1;
                continue;
            }
            self.in_flight.extend(keys);
            group.keys.extend(keys);
            // Nearly always the front: nothing was passed.
            if let Some(job) = self.jobs.remove(at) {
                group.jobs.push(job);
            }
        }
        group
    }
}

impl Group {
    /// The jobs, and the keys to give back to [`Queue::done`] when they are answered.
    pub fn into_parts(self) -> (Vec<Job>, Vec<u64>) {
        (self.jobs, self.keys)
    }
}

fn fail(jobs: Vec<Job>, fault: &Fault) {
    for job in jobs {
        // The caller may be gone; then nobody needs the answer.
        let _ = job.reply.send(Err(fault.clone().into()));
    }
}

//! When to stop asking a PG for money, and when to try again. Pure: the time is a parameter.
//!
//! Only technical failures count: no clear answer, "we are down", "slow down", or an answer that takes far too
//! long. An issuer's decline is the PG at work.

use vocabulary::{Duration, Timestamp};

/// Failures are counted over six slices of this length.
const SLICE: Duration = Duration::seconds(10);
const SLICES: usize = 6;
/// This many failures one after the other open the breaker: a small shop has no more to count.
const FAILURES_IN_A_ROW: u32 = 5;
/// This many among others do, when they are at least [`FAILED_PERCENT_MIN`] of all.
const FAILURES_MIN: u32 = 10;
const FAILED_PERCENT_MIN: u32 = 50;
/// How long it stays open the first time; doubled each time the PG fails again.
const OPEN_FIRST: Duration = Duration::seconds(10);
const OPEN_MAX: Duration = Duration::minutes(2);
/// While half open one new approve may go in this time, and one new window may be opened.
const PROBE_EVERY: Duration = Duration::seconds(1);
/// Clear answers in a row that close it.
const PROBES: u32 = 3;
/// Questions about money that are let through while it is not closed, of each kind. Whoever is told "unknown"
/// comes back later, so none waits for ever.
const QUESTIONS_PER_SECOND: i64 = 10;
const QUESTIONS_BURST: i64 = 20;

/// What a PG is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Approve,
    Inquire,
    /// Cancels and net cancels.
    Refund,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The PG answered, be it with a no.
    Clear,
    /// A technical failure.
    Failed,
}

/// As metrics and the API spell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    Closed,
    Open,
    HalfOpen,
}

impl BreakerState {
    pub const ALL: [BreakerState; 3] = [BreakerState::Closed, BreakerState::Open, BreakerState::HalfOpen];

    pub fn as_str(self) -> &'static str {
        match self {
            BreakerState::Closed => "closed",
            BreakerState::Open => "open",
            BreakerState::HalfOpen => "half_open",
        }
    }
}

/// Leave to ask, given back with the outcome. What was asked in an earlier state says nothing about this one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pass {
    kind: Kind,
    epoch: u32,
}

#[derive(Debug)]
pub(crate) struct Breaker {
    state: State,
    /// Counts changes of state.
    epoch: u32,
    since: Timestamp,
    /// How often it opened since it was last closed.
    openings: u32,
    approves: Window,
    /// Inquiries and refunds. Apart, or each failed approve would be outweighed by the inquiry that follows it.
    questions: Window,
    inquiries: Allowance,
    refunds: Allowance,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Closed,
    Open {
        until: Timestamp,
        because: Kind,
    },
    HalfOpen {
        because: Kind,
        clear: u32,
        next_approve: Timestamp,
        next_window: Timestamp,
    },
}

impl Breaker {
    pub fn new(now: Timestamp) -> Breaker {
        Breaker {
            state: State::Closed,
            epoch: 0,
            since: now,
            openings: 0,
            approves: Window::default(),
            questions: Window::default(),
            inquiries: Allowance::full(now),
            refunds: Allowance::full(now),
        }
    }

    pub fn state(&self) -> BreakerState {
        match self.state {
            State::Closed => BreakerState::Closed,
            State::Open { .. } => BreakerState::Open,
            State::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// Failed and all calls of the last minute.
    pub fn counted(&self, now: Timestamp) -> (u32, u32) {
        let (approves, questions) = (self.approves.sum(now), self.questions.sum(now));
        (approves.0 + questions.0, approves.1 + questions.1)
    }

    /// May this be asked now? `None`: not at this moment; nothing was sent.
    pub fn admit(&mut self, kind: Kind, now: Timestamp) -> Option<Pass> {
        self.look(now);
        let goes = match (&mut self.state, kind) {
            (State::Closed, _) => true,
            (_, Kind::Inquire) => self.inquiries.take(now),
            (_, Kind::Refund) => self.refunds.take(now),
            (State::Open { .. }, Kind::Approve) => false,
            (State::HalfOpen { next_approve, .. }, Kind::Approve) => one_each(next_approve, now),
        };
        goes.then_some(Pass {
            kind,
            epoch: self.epoch,
        })
    }

    /// Should a new attempt go elsewhere, where it can?
    pub fn shunned(&mut self, now: Timestamp) -> bool {
        self.look(now);
        matches!(self.state, State::Open { .. })
    }

    /// May a new attempt begin here? While half open only a few: they are the probes that close it.
    pub fn takes_attempt(&mut self, now: Timestamp) -> bool {
        self.look(now);
        match &mut self.state {
            State::Closed => true,
            State::Open { .. } => false,
            State::HalfOpen { next_window, .. } => one_each(next_window, now),
        }
    }

    pub fn ended(&mut self, pass: Pass, outcome: Outcome, now: Timestamp) {
        if pass.epoch != self.epoch {
            return;
        }
        let failed = outcome == Outcome::Failed;
        match &mut self.state {
            State::Closed => {
                let window = match pass.kind {
                    Kind::Approve => &mut self.approves,
                    Kind::Inquire | Kind::Refund => &mut self.questions,
                };
                window.count(failed, now);
                if failed && window.too_many(now) {
                    self.open(pass.kind, now);
                }
            }
            // Only a few are asked meanwhile, and the wait is short.
            State::Open { .. } => {}
            State::HalfOpen { because, .. } if failed => {
                let because = *because;
                self.open(because, now);
            }
            // That inquiries are answered does not say that approves are.
            State::HalfOpen {
                because: Kind::Approve, ..
            } if pass.kind != Kind::Approve => {}
            State::HalfOpen { clear, .. } => {
                *clear += 1;
                if *clear >= PROBES {
                    self.openings = 0;
                    (self.approves, self.questions) = (Window::default(), Window::default());
                    self.turn(State::Closed, now);
                }
            }
        }
    }

    /// An open breaker's time passes without anybody asking.
    fn look(&mut self, now: Timestamp) {
        if let State::Open { until, because } = self.state
            && now >= until
        {
            let half_open = State::HalfOpen {
                because,
                clear: 0,
                next_approve: now,
                next_window: now,
            };
            self.turn(half_open, now);
        }
    }

    fn open(&mut self, because: Kind, now: Timestamp) {
        let doublings = self.openings.min(10);
        let wait = Duration::micros(OPEN_FIRST.as_micros() << doublings).min(OPEN_MAX);
        self.openings = self.openings.saturating_add(1);
        let open = State::Open {
            until: now + wait,
            because,
        };
        self.turn(open, now);
    }

    fn turn(&mut self, state: State, now: Timestamp) {
        self.state = state;
        self.epoch = self.epoch.wrapping_add(1);
        self.since = now;
    }
}

fn one_each(next: &mut Timestamp, now: Timestamp) -> bool {
    let goes = now >= *next;
    if goes {
        *next = now + PROBE_EVERY;
    }
    goes
}

/// What ended in the last minute.
#[derive(Debug, Default)]
struct Window {
    slices: [Slice; SLICES],
    in_a_row: u32,
}

#[derive(Debug, Default, Clone, Copy)]
struct Slice {
    number: i64,
    failed: u32,
    all: u32,
}

impl Window {
    fn count(&mut self, failed: bool, now: Timestamp) {
        let number = slice_number(now);
        if self.sum(now).1 == 0 {
            self.in_a_row = 0;
        }
        let slice = &mut self.slices[number.rem_euclid(SLICES as i64) as usize];
        if slice.number != number {
            *slice = Slice {
                number,
                ..Slice::default()
            };
        }
        slice.all = slice.all.saturating_add(1);
        if failed {
            slice.failed = slice.failed.saturating_add(1);
            self.in_a_row = self.in_a_row.saturating_add(1);
        } else {
            self.in_a_row = 0;
        }
    }

    /// Failed, and all.
    fn sum(&self, now: Timestamp) -> (u32, u32) {
        let newest = slice_number(now);
        let recent = self
            .slices
            .iter()
            .filter(|slice| newest - slice.number < SLICES as i64 && slice.number <= newest);
        recent.fold((0, 0), |(failed, all), slice| {
            (failed.saturating_add(slice.failed), all.saturating_add(slice.all))
        })
    }

    fn too_many(&self, now: Timestamp) -> bool {
        let (failed, all) = self.sum(now);
        self.in_a_row >= FAILURES_IN_A_ROW
            || (failed >= FAILURES_MIN && u64::from(failed) * 100 >= u64::from(all) * u64::from(FAILED_PERCENT_MIN))
    }
}

fn slice_number(now: Timestamp) -> i64 {
    now.as_micros().div_euclid(SLICE.as_micros())
}

/// So many a second, and a few at once after a rest. Counted in microseconds' worth.
#[derive(Debug)]
struct Allowance {
    left_us: i64,
    at: Timestamp,
}

impl Allowance {
    const EACH_US: i64 = 1_000_000 / QUESTIONS_PER_SECOND;

    fn full(now: Timestamp) -> Allowance {
        Allowance {
            left_us: QUESTIONS_BURST * Allowance::EACH_US,
            at: now,
        }
    }

    fn take(&mut self, now: Timestamp) -> bool {
        // A clock that was set back gives nothing and takes nothing.
        let passed = (now - self.at).as_micros().max(0);
        self.left_us = self
            .left_us
            .saturating_add(passed)
            .min(QUESTIONS_BURST * Allowance::EACH_US);
        self.at = now;
        let enough = self.left_us >= Allowance::EACH_US;
        if enough {
            self.left_us -= Allowance::EACH_US;
        }
        enough
    }
}

#[cfg(test)]
#[path = "breaker_tests.rs"]
mod tests;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the commit latency's buckets, in microseconds; the last bucket has none.
pub const LATENCY_BOUNDS_US: [u64; 12] = [
    250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000,
];

/// Counted since the store was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stats {
    /// Commits, each of a group of change sets.
    pub groups: u64,
    /// Change sets saved.
    pub sets: u64,
    /// Change sets that lost a race.
    pub conflicts: u64,
    /// Change sets that the database failed.
    pub faults: u64,
    /// Change sets waiting now.
    pub queued: usize,
    /// Time per group from its begin to its durable end, by [`LATENCY_BOUNDS_US`].
    pub latency_buckets: [u64; LATENCY_BOUNDS_US.len() + 1],
    pub latency_sum_us: u64,
}

impl Stats {
    /// Change sets per commit; 0 before the first.
    pub fn mean_group(&self) -> f64 {
        if self.groups == 0 {
            0.0
        } else {
            self.sets as f64 / self.groups as f64
        }
    }
}

#[derive(Default)]
pub(crate) struct Counters {
    groups: AtomicU64,
    sets: AtomicU64,
    conflicts: AtomicU64,
    faults: AtomicU64,
    latency: [AtomicU64; LATENCY_BOUNDS_US.len() + 1],
    latency_sum_us: AtomicU64,
}

impl Counters {
    pub fn group(&self, sets: usize, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let bucket = LATENCY_BOUNDS_US.partition_point(|bound| *bound < micros);
        self.groups.fetch_add(1, Ordering::Relaxed);
        self.sets.fetch_add(sets as u64, Ordering::Relaxed);
        self.latency[bucket].fetch_add(1, Ordering::Relaxed);
        self.latency_sum_us.fetch_add(micros, Ordering::Relaxed);
    }

    pub fn conflicts(&self, sets: usize) {
        self.conflicts.fetch_add(sets as u64, Ordering::Relaxed);
    }

    pub fn faults(&self, sets: usize) {
        self.faults.fetch_add(sets as u64, Ordering::Relaxed);
    }

    pub fn read(&self, queued: usize) -> Stats {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            groups: load(&self.groups),
            sets: load(&self.sets),
            conflicts: load(&self.conflicts),
            faults: load(&self.faults),
            queued,
            latency_buckets: std::array::from_fn(|bucket| load(&self.latency[bucket])),
            latency_sum_us: load(&self.latency_sum_us),
        }
    }
}

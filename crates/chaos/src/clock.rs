use std::sync::atomic::{AtomicI64, Ordering};

use tokio::time::Instant;
use vocabulary::{Clock, Duration, Timestamp};

/// 2026-11-25T10:00:00+09:00, where every simulation begins.
const START: Timestamp = Timestamp::from_seconds(1_795_568_400);

/// A machine's clock: the runtime's virtual time, and what this machine believes beside it.
pub struct SimClock {
    begun: Instant,
    skew_us: AtomicI64,
}

impl SimClock {
    /// To be called in the runtime whose time it shows.
    pub fn new() -> SimClock {
        SimClock {
            begun: Instant::now(),
            skew_us: AtomicI64::new(0),
        }
    }

    /// From now on this far ahead of, or behind, the true time.
    pub fn set_skew(&self, skew: Duration) {
        self.skew_us.store(skew.as_micros(), Ordering::SeqCst);
    }

    /// True time since the simulation began.
    pub fn elapsed(&self) -> Duration {
        Duration::micros(i64::try_from(self.begun.elapsed().as_micros()).unwrap_or(i64::MAX))
    }
}

impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        START + self.elapsed() + Duration::micros(self.skew_us.load(Ordering::SeqCst))
    }
}

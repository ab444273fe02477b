//! The machine's clock: read here and nowhere else.

use std::time::{SystemTime, UNIX_EPOCH};

use vocabulary::{Clock, Duration, Timestamp};

/// The machine's time, moved by a fixed span.
#[derive(Debug, Clone, Copy)]
pub struct MachineClock {
    ahead: Duration,
}

impl MachineClock {
    pub fn real() -> MachineClock {
        MachineClock { ahead: Duration::ZERO }
    }

    /// Runs at the machine's speed from `start` on: for trying out days that have not come yet.
    pub fn starting_at(start: Timestamp) -> MachineClock {
        MachineClock {
            ahead: start - MachineClock::real().now(),
        }
    }
}

impl Clock for MachineClock {
    fn now(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        // Before 1970 the clock is wrong anyhow; `narupay check` says so.
        let micros = since.map_or(0, |since| i64::try_from(since.as_micros()).unwrap_or(i64::MAX));
        Timestamp::from_micros(micros) + self.ahead
    }
}

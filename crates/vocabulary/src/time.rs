use std::fmt;
use std::ops::{Add, Sub};
use std::sync::atomic::{AtomicI64, Ordering};

/// Whole microseconds between two moments; never a calendar span.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Duration(i64);

impl Duration {
    pub const ZERO: Duration = Duration(0);

    pub const fn micros(micros: i64) -> Duration {
        Duration(micros)
    }
    pub const fn millis(millis: i64) -> Duration {
        Duration(millis * 1000)
    }
    pub const fn seconds(seconds: i64) -> Duration {
        Duration(seconds * 1_000_000)
    }
    pub const fn minutes(minutes: i64) -> Duration {
        Duration::seconds(minutes * 60)
    }
    pub const fn hours(hours: i64) -> Duration {
        Duration::minutes(hours * 60)
    }
    pub const fn days(days: i64) -> Duration {
        Duration::hours(days * 24)
    }
    pub const fn as_micros(self) -> i64 {
        self.0
    }
    pub const fn as_seconds(self) -> i64 {
        self.0 / 1_000_000
    }
    /// For timers; a negative duration is no wait at all.
    pub fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_micros(self.0.max(0) as u64)
    }
}

impl fmt::Debug for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_std())
    }
}

/// A moment: microseconds since 1970-01-01T00:00:00Z, as stored.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The last moment that can be written with four digits for the year.
    pub const MAX: Timestamp = Timestamp(253_370_764_800_000_000);

    pub const fn from_micros(micros: i64) -> Timestamp {
        Timestamp(micros)
    }

    pub const fn from_seconds(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1_000_000)
    }

    pub const fn as_micros(self) -> i64 {
        self.0
    }

    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// RFC 3339 with an offset, as `2026-03-01T10:15:31+09:00` or `…Z`.
    pub fn parse(text: &str) -> Option<Timestamp> {
        let moment: jiff::Timestamp = text.parse().ok()?;
        Some(Timestamp(moment.as_microsecond()))
    }

    /// Korean time with its offset, as Korean shops and PGs write it: `2026-03-01T10:15:31+09:00`.
    pub fn in_korea(self) -> String {
        self.korean_time().strftime("%Y-%m-%dT%H:%M:%S+09:00").to_string()
    }

    /// Korean date, for statements and listings: `2026-03-01`.
    pub fn korean_date(self) -> String {
        self.korean_time().strftime("%Y-%m-%d").to_string()
    }

    fn korean_time(self) -> jiff::civil::DateTime {
        const KOREA: jiff::tz::Offset = jiff::tz::Offset::constant(9);
        let moment = jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::MAX);
        KOREA.to_datetime(moment)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Timestamp {
    /// UTC with microseconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(moment) => write!(f, "{moment:.6}"),
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}

impl Add<Duration> for Timestamp {
    type Output = Timestamp;
    fn add(self, wait: Duration) -> Timestamp {
        Timestamp(self.0.saturating_add(wait.0))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Timestamp;
    fn sub(self, wait: Duration) -> Timestamp {
        Timestamp(self.0.saturating_sub(wait.0))
    }
}

impl Sub for Timestamp {
    type Output = Duration;
    fn sub(self, earlier: Timestamp) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

/// What time it is. The program reads the machine's clock in one place; a test moves its own.
pub trait Clock: Send + Sync {
    fn now(&self) -> Timestamp;
}

/// A clock that stands still until told to move.
pub struct TestClock(AtomicI64);

impl TestClock {
    pub fn at(start: Timestamp) -> TestClock {
        TestClock(AtomicI64::new(start.0))
    }

    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(by.0, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use vocabulary::{PgAccountId, Timestamp};

/// Unproven notices that a PG account may get at once.
const AT_ONCE_MAX: u32 = 500;
/// And for how long one more takes to come free, in microseconds: 20 in a second.
const EACH_US: i64 = 50_000;

/// How many notices that prove nothing may still come, by PG account: each may cost a question to the PG.
/// As large as the list of PG accounts, which is fixed at start.
#[derive(Default)]
pub(crate) struct Allowance(Mutex<HashMap<PgAccountId, Bucket>>);

#[derive(Clone, Copy)]
struct Bucket {
    left: u32,
    /// Up to when what came free is counted.
    counted_at: Timestamp,
}

impl Allowance {
    /// False: there were too many; the PG may send it again later.
    pub fn take(&self, account: PgAccountId, now: Timestamp) -> bool {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(account).or_insert(Bucket {
            left: AT_ONCE_MAX,
            counted_at: now,
        });
        // A clock that was set back frees nothing.
        let free = (now.as_micros() - bucket.counted_at.as_micros()).max(0) / EACH_US;
        if free > 0 {
            let free = u32::try_from(free).unwrap_or(u32::MAX);
            bucket.left = bucket.left.saturating_add(free).min(AT_ONCE_MAX);
            bucket.counted_at = now;
        }
        let taken = bucket.left > 0;
        bucket.left = bucket.left.saturating_sub(1);
        taken
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;
    use vocabulary::Duration;

    use super::*;

    #[test]
    fn a_flood_ends_at_the_burst_and_comes_free_with_time() {
        let allowance = Allowance::default();
        let (flooded, quiet) = (PgAccountId::from_uuid(Uuid::nil()), PgAccountId::from_uuid(Uuid::max()));
        let mut now = Timestamp::from_seconds(1_000_000);
        let taken = |now, times| (0..times).filter(|_| allowance.take(flooded, now)).count();
        assert_eq!(taken(now, 2_000), 500);
        assert!(allowance.take(quiet, now), "another account has its own");
        now = now + Duration::seconds(2);
        assert_eq!(taken(now, 2_000), 40);
        assert_eq!(taken(now - Duration::hours(1), 10), 0, "a clock set back");
        now = now + Duration::days(1);
        assert_eq!(taken(now, 2_000), 500, "never more than at once");
    }
}

//! Shoppers at full load and at a fixed rate.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hdrhistogram::Histogram;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::payer::{Orders, Payer};

/// Histograms count in microseconds, up to two minutes, to three digits.
const LONGEST_US: u64 = 120_000_000;
const DIGITS: u8 = 3;
/// Failures that are kept word by word.
const FAILURES_KEPT: usize = 3;

/// What a stretch of load brought.
pub struct Load {
    pub done: u64,
    pub failed: u64,
    pub failures: Vec<String>,
    pub took: Duration,
    /// Per payment, our time only.
    pub own: Histogram<u64>,
    /// Per payment, as the shopper waited: from when it was due, so that a server that stalls is not spared.
    pub waited: Histogram<u64>,
}

impl Load {
    fn empty() -> Load {
        let histogram = || Histogram::new_with_max(LONGEST_US, DIGITS).expect("bounds that hdrhistogram takes");
        Load {
            done: 0,
            failed: 0,
            failures: Vec::new(),
            took: Duration::ZERO,
            own: histogram(),
            waited: histogram(),
        }
    }

    pub fn per_second(&self) -> f64 {
        self.done as f64 / self.took.as_secs_f64().max(1e-9)
    }

    fn count(&mut self, due: Instant, paid: anyhow::Result<Duration>) {
        match paid {
            Ok(own) => {
                self.done += 1;
                self.own.saturating_record(micros(own));
                self.waited.saturating_record(micros(due.elapsed()));
            }
            Err(error) => {
                self.failed += 1;
                if self.failures.len() < FAILURES_KEPT {
                    self.failures.push(format!("{error:#}"));
                }
            }
        }
    }

    fn add(&mut self, other: Load) {
        self.done += other.done;
        self.failed += other.failed;
        self.failures.extend(other.failures);
        self.failures.truncate(FAILURES_KEPT);
        // Both have the same bounds.
        let _ = self.own.add(&other.own);
        let _ = self.waited.add(&other.waited);
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

/// Everybody buys again as soon as served.
pub async fn full(payers: &mut Vec<Payer>, orders: &Arc<Orders>, time: Duration) -> anyhow::Result<Load> {
    let begun = Instant::now();
    run(payers, begun, move |mut payer, mut load| {
        let orders = orders.clone();
        async move {
            while begun.elapsed() < time {
                let due = Instant::now();
                let paid = payer.pay(&orders.next()).await;
                load.count(due, paid);
            }
            (payer, load)
        }
    })
    .await
}

/// One shopper every `1 / rate` seconds, whether or not those before have been served.
pub async fn at_rate(payers: &mut Vec<Payer>, orders: &Arc<Orders>, rate: f64, time: Duration) -> anyhow::Result<Load> {
    let begun = Instant::now();
    let every = Duration::from_secs_f64(1.0 / rate.max(0.001));
    let turn = Arc::new(AtomicU64::new(0));
    run(payers, begun, move |mut payer, mut load| {
        let (orders, turn) = (orders.clone(), turn.clone());
        async move {
            loop {
                let number = turn.fetch_add(1, Ordering::Relaxed);
                let after = every.mul_f64(number as f64);
                if after >= time {
                    return (payer, load);
                }
                let due = begun + after;
                tokio::time::sleep_until(due).await;
                let paid = payer.pay(&orders.next()).await;
                load.count(due, paid);
            }
        }
    })
    .await
}

async fn run<F: Future<Output = (Payer, Load)> + Send + 'static>(
    payers: &mut Vec<Payer>,
    begun: Instant,
    work: impl Fn(Payer, Load) -> F,
) -> anyhow::Result<Load> {
    let mut working = JoinSet::new();
    for payer in payers.drain(..) {
        working.spawn(work(payer, Load::empty()));
    }
    let mut all = Load::empty();
    while let Some(ended) = working.join_next().await {
        let (payer, load) = ended?;
        payers.push(payer);
        all.add(load);
    }
    all.took = begun.elapsed();
    Ok(all)
}

//! What the store costs beside the bare database: the same two-call payment (create, then confirm) written
//! by hand in groups, and through `Store::commit` by many callers at once, in one run.
//!
//! `cargo bench -p store` runs both databases; `-- sqlite` or `-- postgres` one of them; `--seconds 5`
//! and `--callers 256` change the run. PostgreSQL is started for it, with fsync on.
#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod bare_postgres;
mod bare_sqlite;
mod cpu;
mod through_store;
mod work;

use std::time::Duration;

use testkit::{Database, Flushing, Server};

const ROUNDS: usize = 5;

/// Pairs of create and confirm in one measurement.
pub struct Measured {
    pub pairs: u64,
    pub took: Duration,
    pub cpu: cpu::Spent,
    /// Change sets per commit.
    pub group: f64,
}

impl Measured {
    fn per_second(&self) -> f64 {
        self.pairs as f64 / self.took.as_secs_f64()
    }

    /// Microseconds per pair: this process, and the server.
    fn cpu_us(&self) -> String {
        let each = |time: Duration| time.as_secs_f64() * 1e6 / self.pairs.max(1) as f64;
        format!("{:.0} + {:.0}", each(self.cpu.own), each(self.cpu.server))
    }
}

/// How many pairs make a commit of so many sets, and whether even one pair is too many: then the
/// create and the confirm are committed apart.
pub fn pairs_per_commit(sets: f64) -> (usize, bool) {
    ((sets / 2.0).round().max(1.0) as usize, sets < 1.5)
}

fn ratio((store, bare): &(Measured, Measured)) -> f64 {
    bare.per_second() / store.per_second()
}

struct Plan {
    engine: Option<String>,
    seconds: f64,
    callers: Vec<usize>,
}

fn plan() -> Plan {
    let mut plan = Plan {
        engine: None,
        seconds: 1.0,
        callers: vec![1, 16, 64, 256, 512],
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seconds" => plan.seconds = words.next().and_then(|text| text.parse().ok()).unwrap_or(plan.seconds),
            "--callers" => plan.callers = words.next().and_then(|text| text.parse().ok()).into_iter().collect(),
            "sqlite" | "postgres" => plan.engine = Some(word),
            _ => {}
        }
    }
    plan
}

fn main() {
    let plan = plan();
    let wants = |engine: &str| plan.engine.as_deref().is_none_or(|wanted| wanted == engine);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime starts");
    let limit = Duration::from_secs_f64(plan.seconds);
    println!(
        "load average: {}",
        std::fs::read_to_string("/proc/loadavg").unwrap_or_default().trim()
    );
    println!("engine    callers  group  store pairs/s  CPU us/pair  bare pairs/s  CPU us/pair  bare/store");
    if wants("sqlite") {
        for callers in &plan.callers {
            let rounds = rounds(|| {
                let store = runtime.block_on(async {
                    let database = Database::sqlite().await;
                    through_store::run(&database, *callers, limit, cpu::Watch::own()).await
                });
                let bare = bare_sqlite::run(store.group, limit);
                (store, bare)
            });
            print("sqlite", *callers, rounds);
        }
    }
    if wants("postgres") {
        let Some(server) = Server::own(Flushing::On) else {
            println!("postgres  is not installed");
            return;
        };
        for callers in &plan.callers {
            let rounds = rounds(|| {
                let store = runtime.block_on(async {
                    let database = server.fresh().await;
                    through_store::run(&database, *callers, limit, cpu::Watch::with_server(&server)).await
                });
                let bare = runtime.block_on(bare_postgres::run(&server, store.group, limit));
                (store, bare)
            });
            print("postgres", *callers, rounds);
        }
    }
}

/// Store and bare in turns, so that a busy moment of the machine does not fall on one of them alone.
fn rounds(one: impl FnMut() -> (Measured, Measured)) -> Vec<(Measured, Measured)> {
    std::iter::repeat_with(one).take(ROUNDS).collect()
}

/// The round with the middle ratio.
fn print(engine: &str, callers: usize, mut rounds: Vec<(Measured, Measured)>) {
    rounds.sort_by(|a, b| ratio(a).total_cmp(&ratio(b)));
    let (store, bare) = &rounds[rounds.len() / 2];
    println!(
        "{engine:9} {callers:7} {:6.1} {:14.0} {:>12} {:13.0} {:>12} {:11.2}",
        store.group,
        store.per_second(),
        store.cpu_us(),
        bare.per_second(),
        bare.cpu_us(),
        ratio(&rounds[rounds.len() / 2])
    );
}

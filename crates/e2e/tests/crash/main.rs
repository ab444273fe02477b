//! Invariants 1, 2, 5 and 10 against the real program: killed again and again while shoppers pay and
//! the shop cancels. What was acknowledged is there, nobody is charged twice, and the books balance.
//!
//! `NARUPAY_KILLS` says how often (3 in the suite; a release runs 200, see `cargo xtask crash`),
//! `NARUPAY_SEED` replays a run's choices.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stdout, reason = "the seed and what was counted are the run's result")]

mod load;
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use load::{Load, Order};
use pg_simulator::faults::{Fault, Operation};
use pg_simulator::{Config, Simulator, toss};
use server::Server;
use tokio::net::TcpListener;
use vocabulary::{Chance, Clock, Timestamp};

const SHOPPERS: usize = 8;
const LATER: vocabulary::Duration = vocabulary::Duration::minutes(10);

struct MachineClock;

impl Clock for MachineClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the server under test runs on the machine's time, so must its PG"
    )]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap();
        Timestamp::from_micros(since.as_micros() as i64)
    }
}

#[test]
fn killed_under_load_it_forgets_nothing_and_charges_nobody_twice() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run());
}

async fn run() {
    let kills: u64 = number("NARUPAY_KILLS").unwrap_or(3);
    let seed = number("NARUPAY_SEED").unwrap_or_else(|| Chance::system().below(u64::from(u32::MAX)));
    println!("seed {seed}, {kills} kills");
    let chance = Chance::seeded(seed);
    let pg = simulator(seed);
    let pg_url = serve(pg.clone()).await;
    let database = match testkit::Database::postgres().await {
        Some(database) if chance.below(2) == 0 => database,
        _ => testkit::Database::sqlite_unmigrated(),
    };
    let mut server = Server::prepare(&database.url, &pg_url, server::CLIENT_KEY).await;
    server.start(None).await;

    let stop = Arc::new(AtomicBool::new(false));
    let load = Load::new(&server.url(), &pg_url);
    let shoppers: Vec<_> = (0..SHOPPERS)
        .map(|number| {
            tokio::spawn(
                load.clone()
                    .shop(number, Chance::seeded(seed + number as u64), stop.clone()),
            )
        })
        .collect();
    let mut back_after = Vec::new();
    for _ in 0..kills {
        spoil(&pg, &chance);
        // How long it lives is chance; how much it does meanwhile, the machine's.
        tokio::time::timeout(
            Duration::from_millis(100 + chance.below(700)),
            std::future::pending::<()>(),
        )
        .await
        .ok();
        server.kill();
        let killed = Instant::now();
        server.start(None).await;
        back_after.push(killed.elapsed());
    }
    stop.store(true, Ordering::SeqCst);
    let mut orders: Vec<Order> = Vec::new();
    for shopper in shoppers {
        orders.extend(shopper.await.unwrap());
    }
    pg.toss().clear_faults();

    // Calm: by the server's clock every lease and wait is over, but no payment has expired, so what never
    // arrived at the PG is asked again.
    server.kill();
    server.start(Some(MachineClock.now() + LATER)).await;
    let settled = load.settle(&orders).await;

    back_after.sort();
    let acknowledged = orders.iter().filter(|order| order.id.is_some()).count();
    let mut charged_twice = 0;
    let mut differ = Vec::new();
    for payment in &settled {
        let attempts = payment["attempts"].as_array().unwrap();
        let truths = attempts
            .iter()
            .filter_map(|attempt| pg.toss().truth(attempt["id"].as_str().unwrap()));
        let (balance, approvals) = truths.fold((0, 0), |(sum, count), truth| {
            (sum + truth.balance.minor, count + truth.approvals)
        });
        charged_twice += u32::from(approvals > 1);
        if payment["balance"].as_i64() != Some(balance) {
            differ.push(format!(
                "{} is {} with {}, the PG has {balance}",
                payment["id"], payment["status"], payment["balance"]
            ));
        }
    }
    let paid = settled
        .iter()
        .filter(|payment| payment["balance"].as_i64() > Some(0))
        .count();
    println!(
        "orders {}, acknowledged {acknowledged}, found {}, paid {paid}, charged twice {charged_twice}, differing from the PG {}; \
         answering again after {:?} (median), {:?} (worst); on {}",
        orders.len(),
        settled.len(),
        differ.len(),
        back_after.get(back_after.len() / 2),
        back_after.last(),
        database.url.split(':').next().unwrap_or_default(),
    );
    assert!(acknowledged > 0, "the load did nothing");
    assert_eq!(settled.len(), acknowledged, "acknowledged and gone");
    assert_eq!(charged_twice, 0);
    assert!(differ.is_empty(), "{differ:#?}");
    server.kill();
    server.check_books();
    println!("kills {kills}, violations: 0");
}

/// Some of what a PG does on a bad night, for the next moments.
fn spoil(pg: &Simulator, chance: &Chance) {
    let faults = [
        Fault::TimeoutAfter,
        Fault::TimeoutBefore,
        Fault::ErrorAfter,
        Fault::ErrorBefore,
    ];
    let operations = [Operation::Approve, Operation::Cancel, Operation::Inquire];
    for _ in 0..3 {
        let fault = faults[chance.below(faults.len() as u64) as usize];
        let operation = operations[chance.below(operations.len() as u64) as usize];
        pg.toss().plan_fault(operation, fault, 1 + chance.below(3) as u32);
    }
}

fn simulator(seed: u64) -> Simulator {
    let pg = Simulator::new(Config {
        public_url: None,
        merchants: vec![toss::Merchant::new("narucrash", server::CLIENT_KEY, server::SECRET_KEY)],
        seed,
        clock: Arc::new(MachineClock),
        nice: Vec::new(),
        courier: None,
    });
    pg.toss().set_hang(vocabulary::Duration::seconds(2));
    pg
}

async fn serve(pg: Simulator) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/toss", listener.local_addr().unwrap());
    tokio::spawn(pg_simulator::serve(pg, listener, std::future::pending()));
    url
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name} takes a number, not {text}"))
    })
}

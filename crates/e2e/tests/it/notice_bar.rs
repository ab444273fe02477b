//! The bar for notices: thousands of them, some doubled, late, overtaken, lost or forged. Whatever comes
//! through the door, each payment ends where the PG is. `NARUPAY_NOTICES` says how many (10,000 for a release).

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration as StdDuration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use futures_util::future::join_all;
use payments::Payment;
use pg_simulator::faults::Fault;
use testkit::Database;
use tokio::net::TcpListener;
use tokio::time::Instant;
use vocabulary::{AttemptId, Chance, Duration, Method};

use crate::kit::{World, on_every_database};
use crate::size::{number, seed};

const NOTICES: u64 = 500;
const RATES: [(Fault, f64); 5] = [
    (Fault::NoticeDoubled, 0.10),
    (Fault::NoticeLate, 0.20),
    (Fault::NoticeReordered, 0.20),
    (Fault::NoticeLost, 0.10),
    (Fault::NoticeForged, 0.05),
];
/// Payments at a time.
const ROUND: usize = 16;
const ANSWERED_WITHIN: StdDuration = StdDuration::from_secs(1);

/// The door that notices come through, with somebody beside it who counts and keeps the time.
struct Door {
    account: vocabulary::PgAccountId,
    app: Arc<flows::App>,
    came: AtomicU64,
    put_off: AtomicU64,
    slowest: Mutex<StdDuration>,
}

impl Door {
    async fn open(world: &World) -> Arc<Door> {
        let door = Arc::new(Door {
            account: world.side.accounts[0].id,
            app: world.app.clone(),
            came: AtomicU64::new(0),
            put_off: AtomicU64::new(0),
            slowest: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let take = |State(door): State<Arc<Door>>, headers: HeaderMap, body: Bytes| async move {
            let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            let headers = headers.iter().map(|(name, value)| (name.to_string(), text(value)));
            StatusCode::from_u16(door.take(headers.collect(), body).await).unwrap()
        };
        let router = Router::new().route("/", post(take)).with_state(door.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        world.pg.toss().set_notice_urls("naruscenario", &[&url]);
        door
    }

    async fn take(&self, headers: std::collections::BTreeMap<String, String>, body: Bytes) -> u16 {
        self.came.fetch_add(1, Ordering::Relaxed);
        let begun = Instant::now();
        let answer = flows::notices::receive(&self.app, self.account, headers, body).await;
        let mut slowest = self.slowest.lock().unwrap();
        *slowest = begun.elapsed().max(*slowest);
        let status = answer.map_or(503, |answer| answer.status);
        if status != 200 {
            self.put_off.fetch_add(1, Ordering::Relaxed);
        }
        status
    }
}

#[test]
fn thousands_of_notices_in_disorder_end_at_the_pgs_truth() {
    let notices = number("NARUPAY_NOTICES").unwrap_or(NOTICES);
    let seed = seed();
    on_every_database(|database| run(database, seed, notices));
}

async fn run(database: Database, seed: u64, notices: u64) {
    let world = World::seeded(database, seed, None).await;
    let chance = Chance::seeded(seed);
    let door = Door::open(&world).await;
    let rates: Vec<_> = RATES.iter().map(|(fault, rate)| (None, *fault, *rate)).collect();
    world.pg.set_rates(&rates);
    let mut paid: Vec<Payment> = Vec::new();
    let mut guessed = 0;
    while door.came.load(Ordering::Relaxed) < notices {
        let first = paid.len();
        let round = join_all((first..first + ROUND).map(|number| pay(&world, &chance, number))).await;
        guessed += forge(&world, &door, &chance, &round).await;
        for payment in &round {
            disturb(&world, &chance, payment).await;
        }
        paid.extend(round);
        world.clock.advance(Duration::seconds(2));
        world.notices().await;
        if paid.len().is_multiple_of(16 * ROUND) {
            flows::sweep(&world.app).await.unwrap();
        }
    }
    settle(&world).await;
    let mut at_truth = 0;
    for payment in &paid {
        world.check_truth(payment.id).await;
        at_truth += 1;
    }
    world.check_books().await;
    let slowest = *door.slowest.lock().unwrap();
    println!(
        "notices {}, payments {}, at the PG's truth {at_truth}, forged {guessed} by hand and 5 % by rate, accepted 0, \
         put off {}, slowest answer {} ms, violations: 0",
        door.came.load(Ordering::Relaxed),
        paid.len(),
        door.put_off.load(Ordering::Relaxed),
        slowest.as_millis()
    );
    assert!(slowest < ANSWERED_WITHIN, "{slowest:?}");
}

/// Every second one into a virtual account.
async fn pay(world: &World, chance: &Chance, number: usize) -> Payment {
    let payment = world
        .create(&format!("order-bar-{number}"), 5_000 + chance.below(50_000) as i64)
        .await;
    let method = if number.is_multiple_of(2) {
        Method::VirtualAccount
    } else {
        Method::Card
    };
    world.pay(&payment, method).await
}

/// Somebody who wants goods for nothing claims that deposits came. What is kept of that is believed enough to
/// ask the PG about, and must be nothing.
async fn forge(world: &World, door: &Door, chance: &Chance, round: &[Payment]) -> u64 {
    let mut forged = 0;
    for payment in round
        .iter()
        .filter(|payment| payment.attempts[0].notice_secret.is_some())
    {
        if chance.below(10) > 0 {
            continue;
        }
        let attempt = payment.attempts[0].id;
        let before = kept(world, attempt).await;
        let body = format!(
            r#"{{"createdAt":"2026-11-25T11:00:01.123456","secret":"ps_guess{forged}","status":"DONE","transactionKey":"t{forged}","orderId":"{attempt}"}}"#
        );
        assert_eq!(
            door.take(Default::default(), body.into()).await,
            200,
            "the same answer as ever"
        );
        assert_eq!(kept(world, attempt).await, before, "a forged notice was accepted");
        forged += 1;
    }
    forged
}

async fn kept(world: &World, attempt: AttemptId) -> Option<(u32, String)> {
    let kept = world
        .app
        .store
        .notice_of_attempt(world.side.scope, attempt)
        .await
        .unwrap();
    kept.map(|notice| (notice.version, notice.dedup_key))
}

/// What happens at the PG, and is heard of by notices alone; and cancels of ours.
async fn disturb(world: &World, chance: &Chance, payment: &Payment) {
    let attempt = payment.attempts[0].id;
    let toss = world.pg.toss();
    if payment.attempts[0].method == Method::VirtualAccount {
        if chance.below(6) > 0 {
            world.deposit_arrives(attempt);
            if chance.below(8) == 0 {
                toss.take_deposit_back(&attempt.to_string()).unwrap();
            }
        }
    } else if chance.below(4) == 0 {
        let key = format!("back-{attempt}");
        world.cancel(payment.id, Some(1_000), &key).await.unwrap();
    }
}

/// Late notices come; for those that never do, the sweep looks every few hours.
async fn settle(world: &World) {
    world.calm().await;
    for _ in 0..6 {
        world.clock.advance(Duration::hours(7));
        while flows::sweep(&world.app).await.unwrap() > 0 {}
        world.notices().await;
    }
}

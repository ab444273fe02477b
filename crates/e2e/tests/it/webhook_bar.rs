//! The bar for webhooks: thousands of events to nine shops' servers of which three are bad, and a tenth that
//! hangs. The clock runs 72 hours and on: all is delivered or parked, in order per payment, and who hangs
//! delays nobody. `NARUPAY_EVENTS` says how many (10,000 for a release).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration as StdDuration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use flows::webhooks::{Carried, Courier, Letter, Sender};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream;
use store::{DeliveryFilter, DeliveryState, Endpoint};
use testkit::Database;
use tokio::net::TcpListener;
use tokio::sync::watch;
use vocabulary::{Chance, Clock, Duration, Method};

use crate::kit::{World, on_every_database};
use crate::size::{number, seed};

const EVENTS: u64 = 400;
/// Created, paid, canceled in part, canceled.
const EVENTS_EACH: u64 = 4;
const GOOD: [&str; 6] = ["good-1", "good-2", "good-3", "good-4", "good-5", "good-6"];
/// Answers again after 72 hours.
const BROKEN: &str = "server-error";
/// And so does this one.
const SILENT: &str = "times-out";
/// Never again.
const RESETS: &str = "resets";
const HANGS: &str = "hangs";
/// How long a try waits for those that never answer; as long as a real one would be hours of waiting.
const SILENT_FOR: StdDuration = StdDuration::from_millis(20);
const ANSWERED_WITHIN: StdDuration = StdDuration::from_secs(30);
/// How long, by the server's clock, the good may wait because one hangs.
const DELAYED_MAX: Duration = Duration::minutes(5);
/// By the machine's clock; it is a stop for a test that would run for ever.
const BUSY_MAX: StdDuration = StdDuration::from_secs(900);
const PENDING_DAYS_MAX: u32 = 60;

/// Receivers on a loopback socket, and the way to them.
struct Shops {
    http: reqwest::Client,
    answering: Arc<Answering>,
    tries: Mutex<Vec<Try>>,
}

struct Answering {
    /// The bad ones that recover have done so.
    recovered: AtomicBool,
    /// Those that hang are let go.
    released: watch::Sender<bool>,
}

struct Try {
    shop: String,
    payment: String,
    sequence: u64,
    took: bool,
}

impl Shops {
    fn new() -> Arc<Shops> {
        Arc::new(Shops {
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            answering: Arc::new(Answering {
                recovered: AtomicBool::new(false),
                released: watch::Sender::new(false),
            }),
            tries: Mutex::default(),
        })
    }

    /// The address of each, by name.
    async fn serve(&self) -> BTreeMap<&'static str, String> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/{shop}", post(answer))
            .with_state(self.answering.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        let resetting = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let resets = format!("http://{}/{RESETS}", resetting.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((socket, _)) = resetting.accept().await {
                let _ = socket.set_zero_linger();
            }
        });
        let others = GOOD.into_iter().chain([BROKEN, SILENT, HANGS]);
        let mut urls: BTreeMap<_, _> = others.map(|shop| (shop, format!("{base}/{shop}"))).collect();
        urls.insert(RESETS, resets);
        urls
    }

    /// Payments and sequence numbers that a shop took.
    fn taken(&self, shop: &str) -> usize {
        let tries = self.tries.lock().unwrap();
        let taken = tries.iter().filter(|one| one.took && one.shop == shop);
        taken
            .map(|one| (&one.payment, one.sequence))
            .collect::<BTreeSet<_>>()
            .len()
    }

    /// No shop hears of a payment's later event before the earlier one is out of the way.
    fn check_order(&self) {
        let mut heard: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for one in self.tries.lock().unwrap().iter() {
            let last = heard.entry((&one.shop, &one.payment)).or_default();
            assert!(
                *last <= one.sequence,
                "{} hears event {} of {} after event {last}",
                one.shop,
                one.sequence,
                one.payment
            );
            *last = one.sequence;
        }
    }
}

async fn answer(State(answering): State<Arc<Answering>>, Path(shop): Path<String>) -> StatusCode {
    let recovered = answering.recovered.load(Ordering::SeqCst);
    match shop.as_str() {
        BROKEN if !recovered => StatusCode::INTERNAL_SERVER_ERROR,
        SILENT if !recovered => std::future::pending().await,
        HANGS => {
            let _ = answering.released.subscribe().wait_for(|released| *released).await;
            StatusCode::OK
        }
        _ => StatusCode::OK,
    }
}

impl Courier for Shops {
    fn carry<'a>(&'a self, letter: Letter<'a>) -> BoxFuture<'a, Carried> {
        Box::pin(async move {
            let shop = letter.url.rsplit('/').next().unwrap().to_owned();
            let event: serde_json::Value = serde_json::from_str(letter.body).unwrap();
            let payment = event["data"]["id"].as_str().unwrap().to_owned();
            let sequence = letter.headers.iter().find(|(name, _)| *name == "naru-payment-version");
            let sequence = sequence.unwrap().1.parse().unwrap();
            let silent = shop == SILENT && !self.answering.recovered.load(Ordering::SeqCst);
            let mut request = self.http.post(letter.url).body(letter.body.to_owned());
            request = request.timeout(match shop.as_str() {
                _ if silent => SILENT_FOR,
                HANGS => BUSY_MAX,
                _ => ANSWERED_WITHIN,
            });
            let answered = request.send().await;
            let status = answered.ok().map(|answer| answer.status().as_u16());
            self.tries.lock().unwrap().push(Try {
                shop,
                payment,
                sequence,
                took: status == Some(200),
            });
            Carried {
                status,
                note: String::new(),
            }
        })
    }
}

#[test]
fn thousands_of_webhooks_to_bad_shops_are_delivered_or_parked_in_order() {
    let events = number("NARUPAY_EVENTS").unwrap_or(EVENTS);
    let seed = seed();
    on_every_database(|database| run(database, seed, events));
}

async fn run(database: Database, seed: u64, events: u64) {
    let shops = Shops::new();
    let world = World::seeded(database, seed, Some(Sender::through(shops.clone()))).await;
    let mut endpoints = BTreeMap::new();
    for (shop, url) in shops.serve().await {
        endpoints.insert(shop, subscribe(&world, &url).await);
    }
    let payments = events.div_ceil(EVENTS_EACH);
    let events = (payments * EVENTS_EACH) as usize;
    let chance = Chance::seeded(seed);
    stream::iter(0..payments)
        .for_each_concurrent(16, |number| happen(&world, number, 2_000 + chance.below(50_000) as i64))
        .await;

    let begun = world.clock.now();
    let busy = tokio::time::timeout(BUSY_MAX, good_ones(&world, &shops, events));
    busy.await.expect("a hanging shop holds up the others");
    let delayed = world.clock.now() - begun;
    assert!(delayed <= DELAYED_MAX, "the good waited for {delayed:?}");
    assert_eq!(shops.taken(HANGS), 0, "it hung all the while");
    shops.answering.released.send_replace(true);

    for _ in 0..72 * 2 {
        world.clock.advance(Duration::minutes(30));
        world.deliver().await;
    }
    shops.answering.recovered.store(true, Ordering::SeqCst);
    let mut days = 3;
    while count(&world, None, DeliveryState::Pending).await > 0 {
        assert!(days < PENDING_DAYS_MAX, "still pending after {days} days");
        for _ in 0..4 {
            world.clock.advance(Duration::hours(6));
            world.deliver().await;
        }
        days += 1;
    }
    shops.check_order();
    for shop in GOOD.into_iter().chain([BROKEN, SILENT, HANGS]) {
        assert_eq!(shops.taken(shop), events, "{shop} heard all");
    }
    let parked = count(&world, Some(&endpoints[RESETS]), DeliveryState::Parked).await;
    assert_eq!(parked, events, "what never gets there is parked");
    println!(
        "events {events}, receivers 10 (3 bad, 1 hanging), delivered {}, parked {parked}, out of order 0, tries {}, the good \
         done {} s by the clock while one hung, all ended on day {days}, violations: 0",
        events * 9,
        shops.tries.lock().unwrap().len(),
        delayed.as_micros() / 1_000_000,
    );
}

async fn subscribe(world: &World, url: &str) -> Endpoint {
    let created = flows::webhooks::create(&world.app, world.side.scope, url, Vec::new()).await;
    let (set, endpoint) = created.unwrap();
    world.app.store.commit(set).await.unwrap();
    endpoint
}

async fn happen(world: &World, number: u64, won: i64) {
    let payment = world.create(&format!("order-event-{number}"), won).await;
    world.pay(&payment, Method::Card).await;
    world
        .cancel(payment.id, Some(1_000), &format!("part-{number}"))
        .await
        .unwrap();
    world.cancel(payment.id, None, &format!("rest-{number}")).await.unwrap();
}

/// Until the good ones have heard all. A round begins what is due and does not wait for who hangs.
async fn good_ones(world: &World, shops: &Shops, events: usize) {
    while GOOD.iter().any(|shop| shops.taken(shop) < events) {
        let found = flows::webhooks::fan_out(&world.app).await.unwrap();
        let begun = flows::webhooks::deliver(&world.app).await.unwrap();
        if found + begun == 0 {
            world.clock.advance(Duration::millis(50));
        }
        tokio::task::yield_now().await;
    }
}

async fn count(world: &World, endpoint: Option<&Endpoint>, state: DeliveryState) -> usize {
    let mut filter = DeliveryFilter {
        endpoint: endpoint.map(|endpoint| endpoint.id),
        state: Some(state),
        limit: 100,
        ..Default::default()
    };
    let mut count = 0;
    loop {
        let page = world.app.store.deliveries(world.side.scope, &filter).await.unwrap();
        count += page.items.len();
        let more = page.next_cursor;
        if more.is_none() {
            return count;
        }
        filter.cursor = more;
    }
}

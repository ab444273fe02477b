//! One seed from the first order to the calm after the last fault.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use http::Request;
use serde_json::json;
use vocabulary::{Clock, Duration};

use crate::check;
use crate::climate::Climate;
use crate::dice::Dice;
use crate::node::{Life, Node};
use crate::order;
use crate::world::{World, lock};

/// What came of a seed.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub seed: u64,
    pub hash: u64,
    pub steps: u64,
    pub crashes: u64,
    pub faults: u64,
    pub commits: u64,
    pub requests: u64,
    pub pg_calls: u64,
    pub webhooks: u64,
    pub payments: usize,
    pub violations: Vec<String>,
    pub story: Vec<String>,
}

/// Steps of the time in which things go wrong.
const STEPS: u64 = 600;
/// A seed with more violations than this says nothing new.
const VIOLATIONS_MAX: usize = 5;

/// Runs one seed in a runtime and a folder of its own.
pub fn run(seed: u64) -> std::io::Result<Outcome> {
    // In memory where the machine offers it: the database dies with the run.
    let shared = Path::new("/dev/shm");
    let folder = match shared.is_dir() {
        true => tempfile::tempdir_in(shared)?,
        false => tempfile::tempdir()?,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()?;
    let file = folder.path().join("narupay.db");
    let outcome = runtime.block_on(async move {
        let world = World::new(seed, file);
        live(&world).await;
        outcome(&world)
    });
    // What dead generations left waiting for ever goes with the runtime.
    drop(runtime);
    Ok(outcome)
}

fn outcome(world: &World) -> Outcome {
    let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    let tally = &world.tally;
    let model = world.model();
    let story = world.story();
    Outcome {
        seed: world.seed,
        hash: story.hash(),
        steps: count(&tally.steps),
        crashes: count(&tally.crashes),
        faults: count(&tally.faults),
        commits: count(&tally.commits),
        requests: count(&tally.requests),
        pg_calls: count(&tally.pg_calls),
        webhooks: count(&tally.webhooks),
        payments: model.known.len(),
        violations: model.violations.clone(),
        story: story.lines().to_vec(),
    }
}

async fn live(world: &Arc<World>) {
    let dice = Dice::new(world.seed, "life");
    let mut generation = 0;
    open(world, &mut generation).await;
    register(world).await;
    let climate = Climate::draw(&dice);
    world.say(&format!("the climate: {climate:?}"));
    world.set_climate(climate);
    let orders: Vec<_> = (0..dice.between(8, 24))
        .map(|number| tokio::spawn(order::play(world.clone(), number)))
        .collect();
    for _ in 0..STEPS {
        step(world, &dice, &mut generation).await;
        if world.model().violations.len() > VIOLATIONS_MAX {
            return;
        }
    }
    calm(world, &mut generation, orders).await;
}

/// A new process on the same file, unless it dies while it starts.
async fn open(world: &Arc<World>, generation: &mut u64) {
    *generation += 1;
    let life = Life::new(*generation);
    let opened = tokio::select! {
        biased;
        () = life.ended() => return,
        opened = Node::open(world, life.clone()) => opened,
    };
    match opened {
        Ok(node) => {
            world.say(&format!("server {generation} is up"));
            let account = |shop: &crate::world::Shop| {
                let side = node.app.directory.by_secret_key(&shop.secret_key)?;
                Some(side.accounts.first()?.id)
            };
            for shop in &world.shops {
                if let Some(account) = account(shop) {
                    let url = format!("http://pay.sim/notices/{account}");
                    world.pg.toss().set_notice_urls(&shop.slug, &[&url]);
                }
            }
            world.set_node(Some(Arc::new(node)));
        }
        Err(why) => {
            world.say(&format!("server {generation} does not start: {why}"));
            life.end();
        }
    }
}

/// Each shop tells where it takes webhooks, while nothing goes wrong yet.
async fn register(world: &Arc<World>) {
    for shop in 0..world.shops.len() {
        let body = json!({ "url": format!("https://shop.example.kr/hooks/{shop}") });
        let path = "/v1/webhook-endpoints";
        let got = world.ask(shop, "POST", path, Some("webhook-endpoint"), &body).await;
        let view = got.map(|got| got.json()).unwrap_or_default();
        let secret = view["secret"].as_str().unwrap_or_default().to_owned();
        if secret.is_empty() {
            world.violation(format!("shop {shop} could not register for webhooks: {view}"));
        }
        world.model().hooks.entry(shop).or_default().secret = secret;
    }
}

async fn step(world: &Arc<World>, dice: &Dice, generation: &mut u64) {
    world.tally.steps.fetch_add(1, Ordering::Relaxed);
    let (least, most) = dice.pick(&[(5, 900), (5, 900), (200, 6_000), (500, 20_000), (5_000, 40_000)]);
    world.sleep(Duration::millis(dice.between(least, most) as i64)).await;
    let climate = world.climate();
    let Some(node) = world.node() else {
        if dice.percent(40) {
            open(world, generation).await;
        }
        return;
    };
    if node.life.broken.load(Ordering::SeqCst) && dice.percent(50) {
        world.kill(&node.life, "because somebody restarts it");
        return;
    }
    if dice.permille(climate.dies) {
        world.kill(&node.life, "without a reason");
        return;
    }
    turn_of_luck(world, dice, &climate);
    for worker in 0..4 {
        if dice.percent(45) {
            work(world, &node, worker);
        }
    }
    if dice.percent(60) {
        let pg = world.pg.clone();
        tokio::spawn(async move { pg.deliver_due_notices().await });
    }
    if dice.percent(6) {
        attack(world, dice).await;
    }
    check::touched(world, &node.app, dice.percent(5)).await;
    if dice.percent(2) {
        check::books(world, &node.app).await;
    }
}

/// Partitions come and go; the server's clock jumps.
fn turn_of_luck(world: &World, dice: &Dice, climate: &Climate) {
    let mut cut = lock(&world.cut);
    if *cut && dice.percent(15) {
        *cut = false;
        drop(cut);
        world.say("the way to the PG is open again");
    } else if !*cut && dice.permille(climate.partition) {
        *cut = true;
        drop(cut);
        world.fault("the way to the PG is cut");
    }
    if climate.skew_s > 0 && dice.percent(4) {
        let skew = Duration::seconds(climate.skew_s as i64 - dice.below(2 * climate.skew_s + 1) as i64);
        world.clock.set_skew(skew);
        world.fault(&format!("the server's clock jumps to {} s off", skew.as_seconds()));
    }
}

/// One step of one worker, unless its last one is still going on.
fn work(world: &Arc<World>, node: &Arc<Node>, worker: usize) {
    if node.busy[worker].swap(true, Ordering::SeqCst) {
        return;
    }
    let (world, node) = (world.clone(), node.clone());
    tokio::spawn(async move {
        let app = &node.app;
        let done = match worker {
            0 => flows::sweep(app).await,
            1 => flows::notices::work(app).await,
            2 => match flows::webhooks::fan_out(app).await {
                Ok(_) => flows::webhooks::deliver(app).await,
                failed => failed,
            },
            _ => flows::workers::forget(app).await,
        };
        if let (Err(error), false) = (done, node.life.over()) {
            world.say(&format!("worker {worker} fails: {error}"));
        }
        node.busy[worker].store(false, Ordering::SeqCst);
    });
}

/// Somebody who is not the PG, and a shop that tries another shop's ids.
async fn attack(world: &Arc<World>, dice: &Dice) {
    let known: Vec<_> = {
        let model = world.model();
        model.known.iter().map(|(id, known)| (*id, known.shop)).collect()
    };
    if known.is_empty() {
        return;
    }
    let (id, owner) = dice.pick(&known);
    let other = (owner + 1) % world.shops.len();
    let number = dice.below(u64::MAX);
    let (method, path, body) = match dice.below(3) {
        0 => ("GET", format!("/v1/payments/{id}"), serde_json::Value::Null),
        1 => (
            "POST",
            format!("/v1/payments/{id}/cancel"),
            json!({ "reason": "theft" }),
        ),
        _ => ("POST", format!("/v1/payments/{id}/confirm"), json!({})),
    };
    let key = format!("theft-{number}");
    let key = (method == "POST").then_some(key.as_str());
    let got = world.ask(other, method, &path, key, &body).await;
    if let Some(got) = got.filter(|got| got.status != 404 && got.status < 500 && got.status != 429) {
        world.violation(format!("shop {other} got {} for {path} of shop {owner}", got.status));
    }
    let attempts = world.model().attempts.get(&id).cloned().unwrap_or_default();
    let account = world.node().and_then(|node| {
        let side = node.app.directory.by_secret_key(&world.shops[owner].secret_key)?;
        Some(side.accounts.first()?.id)
    });
    let (Some(attempt), Some(account)) = (attempts.last(), account) else {
        return;
    };
    let forged = json!({
        "eventType": "PAYMENT_STATUS_CHANGED",
        "createdAt": "2026-11-25T10:00:00.000000",
        "data": { "orderId": attempt, "paymentKey": "tforged000000000000", "status": dice.pick(&["DONE", "CANCELED"]), "secret": "forged" },
    });
    let request = Request::builder()
        .method("POST")
        .uri(format!("/notices/{account}"))
        .header("content-type", "application/json")
        .body(axum::body::Body::from(forged.to_string()));
    world.fault(&format!("somebody forges a notice of {attempt}"));
    if let Ok(request) = request {
        world.call(request).await;
    }
}

/// No more faults. Days pass; everybody comes to an end.
async fn calm(world: &Arc<World>, generation: &mut u64, orders: Vec<tokio::task::JoinHandle<()>>) {
    world.say("calm begins");
    world.set_climate(Climate::default());
    world.clock.set_skew(Duration::ZERO);
    *lock(&world.cut) = false;
    world.pg.clear_faults();
    let broken = world.node().filter(|node| node.life.broken.load(Ordering::SeqCst));
    if let Some(node) = broken {
        world.kill(&node.life, "because somebody restarts it");
    }
    if world.node().is_none() {
        open(world, generation).await;
    }
    let Some(node) = world.node() else {
        world.violation("no server starts although nothing is wrong".to_owned());
        return;
    };
    let app = &node.app;
    for (times, wait) in [
        (30, Duration::seconds(20)),
        (60, Duration::minutes(2)),
        (60, Duration::minutes(20)),
        (110, Duration::hours(2)),
    ] {
        for _ in 0..times {
            world.tally.steps.fetch_add(1, Ordering::Relaxed);
            world.sleep(wait).await;
            world.pg.deliver_due_notices().await;
            let worked = async {
                while flows::notices::work(app).await? > 0 {}
                flows::sweep(app).await?;
                flows::webhooks::fan_out(app).await?;
                flows::webhooks::deliver_and_wait(app).await?;
                flows::workers::forget(app).await
            };
            if let Err(error) = worked.await {
                world.violation(format!("a worker fails in the calm: {error}"));
                return;
            }
            check::touched(world, app, false).await;
        }
    }
    for order in &orders {
        if !order.is_finished() {
            world.violation("an order is still being worked on after days of calm".to_owned());
        }
    }
    world.say(&format!("calm ends, {}", world.clock.now().in_korea()));
    check::at_rest(world, app).await;
}

//! Everything there is: shops, the server, the PGs, the network between them, and what we know of it all.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration as StdDuration;

use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use pg_simulator::{Simulator, toss};
use serde_json::Value;
use tower::ServiceExt;
use vocabulary::{Duration, PaymentId, Scope};

use crate::climate::Climate;
use crate::clock::SimClock;
use crate::dice::{Dice, mix};
use crate::node::{Life, Node, Tally};
use crate::story::Story;
use crate::wire::NoticePost;

/// How long a shop's server or a browser waits for an answer.
const PATIENCE: StdDuration = StdDuration::from_secs(50);

pub struct World {
    pub seed: u64,
    pub clock: Arc<SimClock>,
    pub pg: Simulator,
    pub counter: Router,
    pub shops: Vec<Shop>,
    pub file: PathBuf,
    pub dice: Dice,
    pub tally: Tally,
    node: Mutex<Option<Arc<Node>>>,
    story: Mutex<Story>,
    climate: Mutex<Climate>,
    /// The way to the PG is cut.
    pub cut: Mutex<bool>,
    pub model: Mutex<Model>,
}

pub struct Shop {
    pub slug: String,
    pub secret_key: String,
    pub toss_client_key: String,
    pub toss_secret_key: String,
}

/// What the outside has been told, and so may hold the server to.
#[derive(Default)]
pub struct Model {
    pub known: BTreeMap<PaymentId, Known>,
    /// The first answer to each key of each shop.
    pub answers: BTreeMap<(usize, String), (u16, String)>,
    /// By shop: the endpoint's secret, and what came, by payment and version.
    pub hooks: BTreeMap<usize, Hook>,
    /// Order ids at the PG, by payment.
    pub attempts: BTreeMap<PaymentId, Vec<String>>,
    pub violations: Vec<String>,
}

#[derive(Default)]
pub struct Hook {
    pub secret: String,
    pub got: BTreeMap<String, BTreeSet<u32>>,
}

/// A payment that its shop was told of.
#[derive(Debug, Clone)]
pub struct Known {
    pub shop: usize,
    pub scope: Scope,
    pub order: String,
    pub amount: i64,
    /// The newest the shop was told.
    pub version: u32,
    pub told_done: bool,
    /// Keys under which the shop asked for cancels.
    pub cancel_keys: BTreeSet<String>,
    /// What nobody at the shop's server did: refunds in the PG's console, deposits that banks took back.
    pub by_hand: u32,
    pub touched: bool,
}

/// An answer of the server.
#[derive(Debug, Clone)]
pub struct Got {
    pub status: u16,
    pub body: String,
    pub location: String,
}

impl Got {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl World {
    pub fn new(seed: u64, file: PathBuf) -> Arc<World> {
        let draw = Dice::new(seed, "world");
        let shops: Vec<Shop> = (0..draw.between(2, 3)).map(|n| shop(seed, n)).collect();
        Arc::new_cyclic(|me| {
            let (clock, pg_clock) = (Arc::new(SimClock::new()), Arc::new(SimClock::new()));
            let merchants = shops
                .iter()
                .map(|shop| toss::Merchant::new(&shop.slug, &shop.toss_client_key, &shop.toss_secret_key));
            let pg = Simulator::new(pg_simulator::Config {
                public_url: Some("http://pg.sim".to_owned()),
                merchants: merchants.collect(),
                nice: Vec::new(),
                courier: Some(Arc::new(NoticePost { world: me.clone() })),
                seed: mix(seed, "pg"),
                clock: pg_clock,
            });
            World {
                seed,
                clock,
                counter: pg.router(),
                pg,
                shops,
                file,
                dice: Dice::new(seed, "network"),
                tally: Tally::default(),
                node: Mutex::default(),
                story: Mutex::new(Story::new(seed)),
                climate: Mutex::default(),
                cut: Mutex::default(),
                model: Mutex::default(),
            }
        })
    }

    pub fn say(&self, what: &str) {
        let at = self.clock.elapsed();
        lock(&self.story).add(at, what);
    }

    pub fn fault(&self, what: &str) {
        self.tally.faults.fetch_add(1, Ordering::Relaxed);
        self.say(what);
    }

    pub fn violation(&self, what: String) {
        self.say(&format!("VIOLATION: {what}"));
        lock(&self.model).violations.push(what);
    }

    pub fn story(&self) -> MutexGuard<'_, Story> {
        lock(&self.story)
    }

    pub fn model(&self) -> MutexGuard<'_, Model> {
        lock(&self.model)
    }

    pub fn climate(&self) -> Climate {
        lock(&self.climate).clone()
    }

    pub fn set_climate(&self, climate: Climate) {
        *lock(&self.climate) = climate;
    }

    /// Draws whether a fault of this kind happens now.
    pub fn strikes(&self, rate: impl Fn(&Climate) -> u64) -> bool {
        let permille = rate(&lock(&self.climate));
        permille > 0 && self.dice.permille(permille)
    }

    pub fn node(&self) -> Option<Arc<Node>> {
        lock(&self.node).clone()
    }

    pub fn set_node(&self, node: Option<Arc<Node>>) {
        *lock(&self.node) = node;
    }

    /// The generation dies, here and now.
    pub fn kill(&self, life: &Life, when: &str) {
        if life.over() {
            return;
        }
        life.end();
        let mut node = lock(&self.node);
        if node
            .as_ref()
            .is_some_and(|node| node.life.generation == life.generation)
        {
            *node = None;
        }
        drop(node);
        self.tally.crashes.fetch_add(1, Ordering::Relaxed);
        self.say(&format!("server {} dies {when}", life.generation));
    }

    pub async fn wait_ms(&self, least: u64, most: u64) {
        let wait = StdDuration::from_millis(self.dice.between(least, most));
        tokio::time::sleep(wait).await;
    }

    /// One request over the network. `None`: no answer, and nobody knows what became of it.
    pub async fn call(&self, request: Request<Body>) -> Option<Got> {
        self.tally.requests.fetch_add(1, Ordering::Relaxed);
        self.wait_ms(1, 40).await;
        if self.strikes(|climate| climate.lost_before) {
            self.fault("a request to the server is lost");
            tokio::time::sleep(PATIENCE).await;
            return None;
        }
        let node = self.node()?;
        let serve = async {
            let answer = node.router.clone().oneshot(request).await.ok()?;
            let (parts, body) = answer.into_parts();
            let bytes = body.collect().await.ok()?.to_bytes();
            Some(Got {
                status: parts.status.as_u16(),
                body: String::from_utf8_lossy(&bytes).into_owned(),
                location: parts
                    .headers
                    .get(http::header::LOCATION)
                    .and_then(|value| value.to_str().ok())
                    .unwrap_or_default()
                    .to_owned(),
            })
        };
        let got = tokio::select! {
            biased;
            () = node.life.ended() => None,
            got = serve => got,
            () = tokio::time::sleep(PATIENCE) => None,
        };
        if self.strikes(|climate| climate.lost_after) {
            self.fault("an answer of the server is lost");
            return None;
        }
        self.wait_ms(1, 40).await;
        got
    }

    /// One request of a shop's server, held to all that the API promises.
    pub async fn ask(&self, shop: usize, method: &str, path: &str, key: Option<&str>, body: &Value) -> Option<Got> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", self.shops[shop].secret_key));
        if let Some(key) = key {
            request = request
                .header("idempotency-key", key)
                .header("content-type", "application/json");
        }
        let body = if body.is_null() {
            Body::empty()
        } else {
            Body::from(body.to_string())
        };
        let answered = key.is_some_and(|key| self.model().answers.contains_key(&(shop, key.to_owned())));
        let got = self.call(request.body(body).ok()?).await?;
        if got.status >= 500 && got.status != 503 {
            self.violation(format!("{method} {path} answered {} {}", got.status, got.body));
        }
        if let Some(key) = key {
            // A twin that was on its way before the first answer came may have met the first at work.
            if answered || got.code() != "idempotency_key_in_use" {
                self.hold_to_answer(shop, key, path, &got);
            }
        }
        if (200..300).contains(&got.status) {
            self.learn(&got);
        }
        Some(got)
    }

    /// Same key, same answer, byte for byte.
    fn hold_to_answer(&self, shop: usize, key: &str, path: &str, got: &Got) {
        let place = (shop, key.to_owned());
        let first = self.model().answers.get(&place).cloned();
        match first {
            Some((status, body)) if !matches!(got.status, 429 | 503) && (status, &body) != (got.status, &got.body) => {
                self.violation(format!(
                    "{path} with key {key} was answered {status} {body}, and then {} {}",
                    got.status, got.body
                ));
            }
            Some(_) => {}
            None if remembered(got) => {
                self.model().answers.insert(place, (got.status, got.body.clone()));
            }
            None => {}
        }
    }

    /// What a shop was told of a payment must stay true.
    fn learn(&self, got: &Got) {
        let view = got.json();
        let Some(id) = view["id"].as_str().and_then(|id| id.parse::<PaymentId>().ok()) else {
            return;
        };
        let version = u32::try_from(view["version"].as_u64().unwrap_or(0)).unwrap_or(0);
        if let Some(known) = self.model().known.get_mut(&id) {
            known.version = known.version.max(version);
            known.told_done |= view["status"] == "DONE";
            known.touched = true;
        }
    }

    /// Sleeps on the true clock.
    pub async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time.to_std()).await;
    }
}

/// Whether the server keeps this answer for its key.
pub fn remembered(got: &Got) -> bool {
    match got.status {
        200..300 => true,
        400..500 => !matches!(
            got.code().as_str(),
            "idempotency_key_in_use"
                | "idempotency_key_reused"
                | "cancel_under_way"
                | "not_found"
                | "too_many_requests"
                | "unauthorized"
        ),
        _ => false,
    }
}

fn shop(seed: u64, number: u64) -> Shop {
    Shop {
        slug: format!("shop{number}"),
        secret_key: format!("sk_test_chaos{number}{seed:024}"),
        toss_client_key: format!("test_ck_chaos{number}{seed:024}"),
        toss_secret_key: format!("test_sk_chaos{number}{seed:024}"),
    }
}

pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A request without a body, such as a browser's.
pub fn get(path: &str) -> Option<Request<Body>> {
    Request::builder().uri(path).body(Body::empty()).ok()
}

pub fn found(got: &Got) -> bool {
    got.status == StatusCode::SEE_OTHER.as_u16()
}

//! One generation of the server: it lives until it is killed, and then nothing of it is ever heard again.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};

use axum::Router;
use connectors::{Outside, PgConfig};
use flows::{AccountSetup, App, Budgets, Directory, KeySetup, Settings, ShopSetup, webhooks};
use futures_util::future::BoxFuture;
use server::Faces;
use store::{Disk, Fault, Options, Store};
use tokio::sync::watch;
use vocabulary::{Chance, Mode, Secret};

use crate::dice::mix;
use crate::wire::{HookPost, Wire};
use crate::world::{Shop, World};

/// Where the server says it is.
pub const PUBLIC_URL: &str = "http://pay.sim";

pub struct Node {
    pub app: Arc<App>,
    pub router: Router,
    pub life: Arc<Life>,
    /// Which workers are in the middle of a step.
    pub busy: [AtomicBool; 4],
}

/// Of one generation.
pub struct Life {
    pub generation: u64,
    dead: watch::Sender<bool>,
    /// Its store writes no more: somebody must restart it.
    pub broken: AtomicBool,
    /// Nothing goes wrong while it starts for the first time.
    pub mortal: AtomicBool,
}

impl Life {
    pub fn new(generation: u64) -> Arc<Life> {
        Arc::new(Life {
            generation,
            dead: watch::Sender::new(false),
            broken: AtomicBool::new(false),
            mortal: AtomicBool::new(generation > 1),
        })
    }

    pub fn end(&self) {
        self.dead.send_replace(true);
    }

    pub fn over(&self) -> bool {
        *self.dead.borrow()
    }

    /// Returns when it is over.
    pub async fn ended(&self) {
        // An error would mean that the sender is gone, and it is ours.
        let _ = self.dead.subscribe().wait_for(|dead| *dead).await;
    }

    /// For whoever must never go on once it is over.
    pub async fn rest_in_peace(&self) {
        if self.over() {
            std::future::pending::<()>().await;
        }
    }
}

impl Node {
    /// Opens the database file as a new process would. Errors: in words; try again.
    pub async fn open(world: &Arc<World>, life: Arc<Life>) -> Result<Node, String> {
        let chance = Chance::seeded(mix(world.seed, &format!("server {}", life.generation)));
        let mut options = Options::new(world.clock.clone(), chance.clone(), Secret::new([9; 32]));
        options.inline = Some(Arc::new(SimDisk {
            world: Arc::downgrade(world),
            life: life.clone(),
        }));
        let store = Store::open(&format!("sqlite:{}", world.file.display()), options)
            .await
            .map_err(|fault| fault.to_string())?;
        store.migrate().await.map_err(|fault| fault.to_string())?;
        let outside = Outside {
            transport: Arc::new(Wire {
                world: Arc::downgrade(world),
                life: life.clone(),
            }),
            clock: world.clock.clone(),
        };
        let setups = world.shops.iter().map(setup).collect();
        let directory = Directory::load(&store, setups, outside)
            .await
            .map_err(|error| error.to_string())?;
        let settings = Settings {
            public_url: PUBLIC_URL.to_owned(),
            signing_key: Secret::new(vec![7; 32]),
            old_signing_key: None,
            webhook_private_addresses: false,
        };
        let sender = webhooks::Sender::through(Arc::new(HookPost {
            world: Arc::downgrade(world),
            life: life.clone(),
        }));
        let app = App::sending(sender, store, directory, world.clock.clone(), chance, settings);
        let router = server::router(app.clone(), Faces::default());
        life.mortal.store(true, Ordering::SeqCst);
        Ok(Node {
            app,
            router,
            life,
            busy: Default::default(),
        })
    }
}

fn setup(shop: &Shop) -> ShopSetup {
    let setting = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let toss = PgConfig {
        pg: "toss".to_owned(),
        mode: Mode::Test,
        settings: BTreeMap::from([
            setting("client_key", &shop.toss_client_key),
            setting("api_url", "http://pg.sim/toss"),
            setting("script_url", "http://pg.sim/toss/v2/standard"),
        ]),
        secrets: BTreeMap::from([("secret_key".to_owned(), Secret::new(shop.toss_secret_key.clone()))]),
    };
    ShopSetup {
        slug: shop.slug.clone(),
        name: format!("{} 상점", shop.slug),
        accent: None,
        keys: vec![KeySetup {
            mode: Mode::Test,
            secret_key: Secret::new(shop.secret_key.clone()),
            client_key: shop.secret_key.replacen("sk_", "ck_", 1),
        }],
        accounts: vec![AccountSetup {
            slug: "toss".to_owned(),
            config: toss,
            methods: Vec::new(),
            simulator: Some("http://pg.sim/toss".to_owned()),
            budgets: Budgets::default(),
        }],
        preference: BTreeMap::new(),
    }
}

/// The disk under one generation.
struct SimDisk {
    world: Weak<World>,
    life: Arc<Life>,
}

impl SimDisk {
    fn dies(&self, when: &str) -> bool {
        let Some(world) = self.world.upgrade() else { return true };
        if self.life.mortal.load(Ordering::SeqCst) && world.strikes(|climate| climate.dies_at_commit) {
            world.kill(&self.life, when);
        }
        self.life.over()
    }
}

impl Disk for SimDisk {
    fn before(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            let micros = self.world.upgrade().map_or(0, |world| world.dice.between(200, 4_000));
            tokio::time::sleep(std::time::Duration::from_micros(micros)).await;
            if self.dies("before a commit") {
                std::future::pending::<()>().await;
            }
        })
    }

    fn commit(&self) -> Result<(), Fault> {
        let Some(world) = self.world.upgrade() else {
            return Ok(());
        };
        if self.life.mortal.load(Ordering::SeqCst) && world.strikes(|climate| climate.disk_fails) {
            let why = world.dice.pick(&["the disk is full", "the disk fails"]);
            world.fault(&format!("server {}: {why}", self.life.generation));
            return Err(Fault::Unavailable { why, source: None });
        }
        Ok(())
    }

    fn committed(&self) -> Result<(), Fault> {
        let Some(world) = self.world.upgrade() else {
            return Ok(());
        };
        world.tally.commits.fetch_add(1, Ordering::Relaxed);
        if self.life.mortal.load(Ordering::SeqCst) && world.strikes(|climate| climate.flush_fails) {
            world.fault(&format!("server {}: a flush fails", self.life.generation));
            self.life.broken.store(true, Ordering::SeqCst);
            return Err(Fault::Unknown { source: None });
        }
        Ok(())
    }

    fn after(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            if self.dies("after a commit") {
                std::future::pending::<()>().await;
            }
        })
    }
}

/// What a run was made of.
#[derive(Default)]
pub struct Tally {
    pub steps: AtomicU64,
    pub crashes: AtomicU64,
    pub faults: AtomicU64,
    pub commits: AtomicU64,
    pub requests: AtomicU64,
    pub pg_calls: AtomicU64,
    pub webhooks: AtomicU64,
}

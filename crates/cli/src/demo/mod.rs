//! `narupay demo`: NaruPay, a simulated PG and a sample shop in one process, on loopback only.

mod banner;
pub mod files;
mod shopper;
mod traffic;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use connectors::http::Wire;
use flows::KeySetup;
use pg_simulator::Simulator;
use sample_shop::Shop;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use vocabulary::{Chance, Clock, Secret};

use crate::args::Demo;
use crate::clock::MachineClock;
use crate::config::{Config, Format, Log};
use crate::listen::listen;
use crate::node::{self, Node};
use crate::signals::Signals;
use crate::stop::Next;
use crate::{out, simulate, telemetry};
use banner::Ready;

const PORT_USUAL: u16 = 4000;
const SIMULATOR_AFTER: u16 = 10;
const SHOP_AFTER: u16 = 20;
/// Where the sample shop last had its webhooks sent.
const LAST_SHOP: &str = "sample_shop_url";

pub async fn run(options: Demo) -> anyhow::Result<ExitCode> {
    let log = Log {
        format: Format::Text,
        level: options.log.clone(),
    };
    let telemetry = telemetry::start(&log, std::env::var("NARUPAY_OTLP_ENDPOINT").ok().as_deref())?;
    let mut signals = Signals::new()?;
    let ports = Ports::take(options.port)?;
    let chance = Chance::system();
    let config = files::prepare(&options.data, &usual(options.port), &chance)?;
    refuse_real_money(&config)?;
    let config = adapted(config, &options, &ports);
    let clock: Arc<dyn Clock> = Arc::new(options.clock.map_or_else(MachineClock::real, MachineClock::starting_at));
    let keys = keys(&config)?;

    let stop = CancellationToken::new();
    let mut others = JoinSet::new();
    let simulator = simulator(&config, &ports, &clock, &chance);
    simulate::plan_faults(&simulator, &options.fault)?;
    others.spawn(simulator.clone().run_notices(stop.clone().cancelled_owned()));
    let wire = Wire::new()
        .context("there is no way to the PGs")
        .next("this is a fault of the build: report it")?;
    let store = node::open_store(&config, clock.clone()).await?;
    let app = node::prepare(&config, store, clock.clone(), Arc::new(wire)).await?;
    listen_to_notices(&simulator, &config, &app, &ports);
    spawn(
        &mut others,
        "the PG simulator",
        pg_simulator::serve(simulator, ports.simulator.0, stop.clone().cancelled_owned()),
    );
    let node = Node::start(app, ports.api.0, telemetry.metrics.clone())?;

    let shop = shop(&config, &keys, &ports.shop.1, clock, chance);
    spawn(
        &mut others,
        "the sample shop",
        sample_shop::serve(shop.clone(), ports.shop.0, stop.clone()),
    );
    let urls = Urls::new(node.address, ports.simulator.1, ports.shop.1);
    let api = shopper::Api::new(&urls.api, &urls.toss, &keys.secret_key);
    forget_last_shop(&options.data, &urls.shop, &api).await;
    shop.register_webhook()
        .await
        .context("the sample shop cannot register its webhooks")
        .next("start it again; with another folder (--data DIR) if that does not help")?;

    tell(&options, &config, &keys, &urls)?;
    if options.traffic > 0 {
        let shoppers = traffic::Plan {
            per_minute: options.traffic,
            seed: options.seed,
            return_url: format!("{}/", urls.shop),
        };
        others.spawn(traffic::run(shoppers, api, stop.clone()));
    }

    signals.asked().await;
    let ended = async {
        // The shop and the PG last: what is in flight needs them.
        node.end().await;
        stop.cancel();
        while others.join_next().await.is_some() {}
    };
    let orderly = signals.unless_asked_again(ended).await;
    telemetry.finish().await;
    Ok(if orderly { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The three listeners: taken first, so that everybody's address is known before anybody starts.
struct Ports {
    api: (TcpListener, SocketAddr),
    simulator: (TcpListener, SocketAddr),
    shop: (TcpListener, SocketAddr),
}

impl Ports {
    fn take(port: u16) -> anyhow::Result<Ports> {
        let take = |after: u16| {
            let port = match port {
                0 => 0,
                port => port
                    .checked_add(after)
                    .context("there is no such port")
                    .next("choose a --port under 65500")?,
            };
            let listener = listen(&format!("127.0.0.1:{port}"), "--port PORT (0 takes any that are free)")?;
            let address = listener.local_addr().context("the listener has no address")?;
            anyhow::Ok((listener, address))
        };
        Ok(Ports {
            api: take(0)?,
            simulator: take(SIMULATOR_AFTER)?,
            shop: take(SHOP_AFTER)?,
        })
    }
}

/// What the written configuration says: it is for running the parts one by one later.
fn usual(port: u16) -> files::Places {
    let port = if port == 0 { PORT_USUAL } else { port };
    files::Places {
        listen: format!("127.0.0.1:{port}"),
        simulator: format!("http://127.0.0.1:{}", port + SIMULATOR_AFTER),
    }
}

struct Urls {
    api: String,
    toss: String,
    shop: String,
}

impl Urls {
    fn new(api: SocketAddr, simulator: SocketAddr, shop: SocketAddr) -> Urls {
        Urls {
            api: format!("http://{api}"),
            toss: format!("http://{simulator}/toss"),
            shop: format!("http://{shop}"),
        }
    }
}

/// The folder may be one that went live since: its payments are not to be met by made-up PGs, clocks and addresses.
fn refuse_real_money(config: &Config) -> anyhow::Result<()> {
    if !config.is_live() {
        return Ok(());
    }
    Err(anyhow!(
        "there are live keys in {}, and a demo is not for real money",
        config.file.display()
    ))
    .next("choose another folder with --data DIR, and a new one is written")
}

/// The written configuration with this run's addresses.
fn adapted(mut config: Config, options: &Demo, ports: &Ports) -> Config {
    config.server.public_url = format!("http://{}", ports.api.1);
    config.webhook_private_addresses = true;
    if let Some(url) = &options.database {
        config.database_url = Secret::new(url.clone());
    }
    let base = format!("http://{}/toss", ports.simulator.1);
    for account in config.shops.iter_mut().flat_map(|shop| &mut shop.accounts) {
        if account.simulator.is_some() {
            account.config.settings.insert("api_url".to_owned(), base.clone());
            account
                .config
                .settings
                .insert("script_url".to_owned(), format!("{base}/v2/standard"));
            account.simulator = Some(base.clone());
        }
    }
    config
}

fn keys(config: &Config) -> anyhow::Result<KeySetup> {
    let keys = config
        .shops
        .iter()
        .flat_map(|shop| &shop.keys)
        .find(|keys| keys.mode == vocabulary::Mode::Test);
    keys.cloned()
        .with_context(|| format!("{} has no shop with test keys", config.file.display()))
        .next("choose another folder with --data DIR, and a new one is written")
}

fn simulator(config: &Config, ports: &Ports, clock: &Arc<dyn Clock>, chance: &Chance) -> Simulator {
    let accounts = config
        .shops
        .iter()
        .flat_map(|shop| &shop.accounts)
        .filter(|account| account.simulator.is_some());
    let merchants = accounts
        .enumerate()
        .filter_map(|(number, account)| simulate::known_to_pg(&account.config, &simulate::mid(number)));
    Simulator::new(pg_simulator::Config {
        public_url: Some(format!("http://{}", ports.simulator.1)),
        merchants: merchants.collect(),
        // It forgets everything between runs; its keys must not come again.
        seed: u64::from_le_bytes(chance.bytes()),
        clock: clock.clone(),
        nice: Vec::new(),
        courier: None,
    })
}

/// Tells the simulated PG where each account's notices go. Numbered in the configuration's order, as [`simulator`]
/// does; the directory has none.
fn listen_to_notices(simulator: &Simulator, config: &Config, app: &flows::App, ports: &Ports) {
    let shops = config.shops.iter();
    let accounts = shops.flat_map(|shop| shop.accounts.iter().map(move |account| (shop, account)));
    let simulated = accounts.filter(|(_, account)| account.simulator.is_some());
    for (number, (shop, account)) in simulated.enumerate() {
        let mut sides = app.directory.sides();
        let side = sides.find(|side| side.slug == shop.slug && side.scope.mode == account.config.mode);
        let known = side.and_then(|side| side.accounts.iter().find(|known| known.slug == account.slug));
        if let Some(known) = known {
            let url = format!("http://{}/notices/{}", ports.api.1, known.id);
            simulator.toss().set_notice_urls(&simulate::mid(number), &[&url]);
        }
    }
}

fn shop(config: &Config, keys: &KeySetup, address: &SocketAddr, clock: Arc<dyn Clock>, chance: Chance) -> Shop {
    Shop::new(sample_shop::Config {
        api_url: config.server.public_url.clone(),
        browser_api_url: config.server.public_url.clone(),
        secret_key: keys.secret_key.clone(),
        client_key: keys.client_key.clone(),
        public_url: format!("http://{address}"),
        webhook_secret: None,
        clock,
        chance,
    })
}

fn spawn(
    others: &mut JoinSet<()>,
    what: &'static str,
    serving: impl Future<Output = std::io::Result<()>> + Send + 'static,
) {
    others.spawn(async move {
        if let Err(error) = serving.await {
            tracing::error!(%error, "{what} ended on an error");
        }
    });
}

/// The sample shop's old address, when it had another: nobody listens there any more.
async fn forget_last_shop(folder: &Path, shop: &str, api: &shopper::Api) {
    let file = folder.join(LAST_SHOP);
    let last = std::fs::read_to_string(&file).unwrap_or_default();
    if last.trim() == shop {
        return;
    }
    let gone = async {
        let endpoints = api.get("/v1/webhook-endpoints").await?;
        let old = format!("{}/webhooks", last.trim());
        for endpoint in endpoints["items"].as_array().into_iter().flatten() {
            if let (Some(url), Some(id)) = (endpoint["url"].as_str(), endpoint["id"].as_str())
                && url == old
            {
                api.delete(&format!("/v1/webhook-endpoints/{id}")).await?;
            }
        }
        files::write(&file, shop)?;
        anyhow::Ok(())
    };
    if let Err(error) = gone.await {
        tracing::warn!(
            error = format!("{error:#}"),
            "the sample shop's old webhook endpoint stays"
        );
    }
}

fn tell(options: &Demo, config: &Config, keys: &KeySetup, urls: &Urls) -> anyhow::Result<()> {
    let data = std::path::absolute(&options.data).unwrap_or_else(|_| options.data.clone());
    let ready = Ready {
        api_url: urls.api.clone(),
        shop_url: urls.shop.clone(),
        docs_url: format!("{}/docs", urls.api),
        secret_key: keys.secret_key.reveal_for("showing the demo's own test key").clone(),
        client_key: keys.client_key.clone(),
        simulators: BTreeMap::from([("toss", urls.toss.clone())]),
        data_dir: data.display().to_string(),
    };
    if options.json {
        return out::json(&ready);
    }
    out::line(ready.text(options.traffic, &config.file));
    Ok(())
}

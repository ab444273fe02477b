//! `narupay bench`: full payments against a server of its own, over loopback HTTP.

mod bare;
mod load;
mod payer;
mod place;
mod process;
mod report;
mod wire;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use pg_simulator::Simulator;
use tokio::process::Command;
use tokio_util::sync::CancellationToken;
use vocabulary::{Chance, Mode, Secret};

use crate::args::Bench;
use crate::clock::MachineClock;
use crate::config::{Config, Format, Log};
use crate::demo::files;
use crate::listen::listen;
use crate::{out, simulate, telemetry};
use load::Load;
use payer::{Orders, Payer, Till};
use place::{Database, Folder, Server, THIS_PROGRAM};
use report::{Bare, Report, Spent, Start, Stretch};
use wire::Connection;

const WARM_UP: Duration = Duration::from_secs(2);
/// After the start, until memory is read: the workers have had their first rounds.
const SETTLE: Duration = Duration::from_secs(2);
/// Half load, where the goals for our own time are set.
const FIXED_SHARE: f64 = 0.5;
const BARE_SECONDS_MAX: u32 = 5;
/// A payment is three change sets: created, agreed, approved.
const SETS_PER_PAYMENT: f64 = 3.0;

pub async fn run(options: Bench) -> anyhow::Result<ExitCode> {
    let log = Log {
        format: Format::Text,
        level: "error".to_owned(),
    };
    telemetry::start(&log, None)?;
    let folder = Folder::new()?;
    let database = Database::make(&options, &folder).await?;
    let measured = measure(&options, &folder, &database).await;
    database.remove().await;
    let report = measured?;
    if options.json {
        out::json(&report)?;
    } else {
        out::line(report.text());
    }
    let failed = [&report.full, &report.fixed]
        .into_iter()
        .flatten()
        .any(|stretch| stretch.failed > 0);
    let wrong = failed || report.books_clean == Some(false);
    Ok(if wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn measure(options: &Bench, folder: &Folder, database: &Database) -> anyhow::Result<Report> {
    let before = process::load_average();
    let stop = CancellationToken::new();
    let place = Place::prepare(options, folder, &stop)?;
    let server = Server::start(
        &place.config.file,
        database,
        options.in_process_pg,
        &folder.path().join("server.log"),
    )
    .await?;
    tokio::time::sleep(SETTLE).await;
    let mut report = Report {
        database: options.database.split(':').next().unwrap_or_default().to_owned(),
        pg: if options.in_process_pg {
            "in process".to_owned()
        } else {
            format!("simulator over HTTP, {} ms", options.pg_ms)
        },
        file_system: folder.file_system(),
        cores: std::thread::available_parallelism().map_or(1, usize::from),
        load_average_before: before,
        load_average_after: String::new(),
        seed: options.seed,
        optimised: !cfg!(debug_assertions),
        start: Start {
            ready_ms: server.ready_after.as_secs_f64() * 1000.0,
            idle_kib: process::memory(server.pid).resident_kib,
            program_bytes: std::fs::metadata(THIS_PROGRAM).map_or(0, |about| about.len()),
        },
        full: None,
        fixed: None,
        bare: None,
        books_clean: None,
        goals: Vec::new(),
    };
    if !options.start {
        loads(options, &place, database, &server, &mut report).await?;
    }
    server.end().await?;
    stop.cancel();
    if !options.start {
        report.books_clean = Some(books(&place.config, database).await?);
    }
    report.load_average_after = process::load_average();
    report.judge(options.database == "sqlite", options.in_process_pg);
    Ok(report)
}

async fn loads(
    options: &Bench,
    place: &Place,
    database: &Database,
    server: &Server,
    report: &mut Report,
) -> anyhow::Result<()> {
    let time = Duration::from_secs(u64::from(options.seconds));
    let orders = Arc::new(Orders::new(options.seed));
    let payer = |_| Payer::new(&server.address, &place.secret_key, place.till.clone());
    let mut payers: Vec<Payer> = (0..options.connections).map(payer).collect();
    let warm = load::full(&mut payers, &orders, WARM_UP).await?;
    if warm.done == 0 {
        bail!("not one payment went through: {}", warm.failures.join("; "));
    }
    let meter = Meter::start(server, database).await?;
    let full = load::full(&mut payers, &orders, time).await?;
    let full = meter.read(server, database, full, None).await?;

    let rate = options.rate.map_or(full.payments_per_second * FIXED_SHARE, f64::from);
    let meter = Meter::start(server, database).await?;
    let fixed = load::at_rate(&mut payers, &orders, rate, time).await?;
    report.fixed = Some(meter.read(server, database, fixed, Some(rate)).await?);

    let per_commit = ((full.group / SETS_PER_PAYMENT).round() as usize).max(1);
    report.full = Some(full);
    let time = Duration::from_secs(u64::from(options.seconds.min(BARE_SECONDS_MAX)));
    report.bare = Some(Bare {
        payments_per_second: bare::run(&database.bare_url, per_commit, time).await?,
        per_commit,
    });
    Ok(())
}

/// Configuration, keys, and the PG's side.
struct Place {
    config: Config,
    secret_key: Secret<String>,
    till: Till,
}

impl Place {
    fn prepare(options: &Bench, folder: &Folder, stop: &CancellationToken) -> anyhow::Result<Place> {
        let listener = listen("127.0.0.1:0", "another machine")?;
        let simulator_url = format!("http://{}", listener.local_addr()?);
        let places = files::Places {
            listen: "127.0.0.1:0".to_owned(),
            simulator: simulator_url.clone(),
        };
        let chance = Chance::system();
        let config = files::prepare(&folder.path().join("installation"), &places, &chance)?;
        let keys = config
            .shops
            .iter()
            .flat_map(|shop| &shop.keys)
            .find(|keys| keys.mode == Mode::Test);
        let secret_key = keys
            .context("the configuration just written has no keys")?
            .secret_key
            .clone();
        let accounts = config.shops.iter().flat_map(|shop| &shop.accounts);
        let merchants: Vec<_> = accounts
            .enumerate()
            .filter_map(|(number, account)| simulate::known_to_pg(&account.config, &simulate::mid(number)))
            .collect();
        let client_key = merchants
            .first()
            .context("the configuration just written has no PG account")?
            .client_key
            .clone();
        let till = if options.in_process_pg {
            Till::InProcess
        } else {
            let simulator = Simulator::new(pg_simulator::Config {
                public_url: Some(simulator_url),
                merchants,
                seed: options.seed,
                clock: Arc::new(MachineClock::real()),
                nice: Vec::new(),
                courier: None,
            });
            simulator
                .toss()
                .set_latency(vocabulary::Duration::millis(i64::from(options.pg_ms)));
            let pg = simulator.toss().clone();
            tokio::spawn(pg_simulator::serve(simulator, listener, stop.clone().cancelled_owned()));
            Till::Simulator { pg, client_key }
        };
        Ok(Place {
            config,
            secret_key,
            till,
        })
    }
}

/// What the server had spent when a stretch began.
struct Meter {
    server: Duration,
    database: Option<Duration>,
    groups: f64,
    sets: f64,
}

impl Meter {
    async fn start(server: &Server, database: &Database) -> anyhow::Result<Meter> {
        let text = metrics(server).await?;
        Ok(Meter {
            server: process::cpu(server.pid),
            database: database.cpu(),
            groups: counter(&text, "narupay_store_groups"),
            sets: counter(&text, "narupay_store_sets"),
        })
    }

    async fn read(
        self,
        server: &Server,
        database: &Database,
        load: Load,
        rate: Option<f64>,
    ) -> anyhow::Result<Stretch> {
        let now = Meter::start(server, database).await?;
        let spent = Spent {
            server: now.server.saturating_sub(self.server),
            database: now
                .database
                .zip(self.database)
                .map(|(now, then)| now.saturating_sub(then)),
            group: (now.sets - self.sets) / (now.groups - self.groups).max(1.0),
            memory: process::memory(server.pid),
        };
        Ok(Stretch::new(rate, load, spent))
    }
}

async fn metrics(server: &Server) -> anyhow::Result<String> {
    let answer = Connection::to(&server.address).ask("GET", "/metrics", "", b"").await?;
    if answer.status != 200 {
        bail!("the server's metrics answer {}", answer.status);
    }
    Ok(String::from_utf8_lossy(&answer.body).into_owned())
}

fn counter(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.and_then(|value| value.trim().parse().ok()).unwrap_or(0.0)
}

/// Every payment just made is checked against the ledger.
async fn books(config: &Config, database: &Database) -> anyhow::Result<bool> {
    let checked = Command::new(THIS_PROGRAM)
        .args(["books", "--json", "--config"])
        .arg(&config.file)
        .env("NARUPAY_DATABASE_URL", &database.url)
        .output()
        .await
        .context("`narupay books` cannot be started")?;
    match checked.status.code() {
        Some(0) => Ok(true),
        Some(1) => Ok(false),
        _ => bail!(
            "the books cannot be checked: {}",
            String::from_utf8_lossy(&checked.stderr)
        ),
    }
}

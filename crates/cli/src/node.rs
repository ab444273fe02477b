//! One running NaruPay: store, use cases, workers and HTTP, started and ended in the right order.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use aws_lc_rs::hkdf;
use connectors::Outside;
use connectors::http::Transport;
use flows::{App, Directory, Settings, SetupError};
use metrics_exporter_prometheus::PrometheusHandle;
use server::{Faces, Limits};
use store::{Fault, SchemaState, Store};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use vocabulary::{Chance, Clock, Secret};

use crate::config::Config;
use crate::stop::Next;

/// How long requests in flight, and then work that must not be cut off, may take to end.
const END_WITHIN: Duration = Duration::from_secs(25);
/// Of it, for requests in flight alone.
const DRAIN_MS_MAX: u64 = 15_000;

/// Opens the configured database, as it is.
pub async fn open_store(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Store> {
    let url = config.database_url.reveal_for("opening the database");
    let sealing_key = sealing_key(config.server.signing_key.reveal_for("deriving the sealing key"))?;
    let mut options = store::Options::new(clock, Chance::system(), sealing_key);
    if let Some(old) = &config.server.old_signing_key {
        options
            .old_sealing_keys
            .push(self::sealing_key(old.reveal_for("deriving the old sealing key"))?);
    }
    let opened = Store::open(url, options).await;
    opened.map_err(|fault| advise(fault, "the database cannot be opened"))
}

/// What seals secrets at rest. With the database alone nobody can derive it; with another signing key nobody
/// can read what this one sealed.
fn sealing_key(signing_key: &[u8]) -> anyhow::Result<Secret<[u8; 32]>> {
    let mut key = [0; 32];
    let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"narupay").extract(signing_key);
    root.expand(&[b"secrets at rest 1"], hkdf::HKDF_SHA256)
        .and_then(|derived| derived.fill(&mut key))
        .context("the sealing key cannot be derived")?;
    Ok(Secret::new(key))
}

/// The fault with what an operator can do about it.
pub fn advise(fault: Fault, what: &'static str) -> anyhow::Error {
    let step = match &fault {
        Fault::NewerSchema { .. } => {
            "start the newer NaruPay that migrated this database, or restore a backup from before"
        }
        Fault::ChangedMigration { .. } => "use the program that made this database, or another database",
        Fault::NotMigrated => "run `narupay migrate`",
        Fault::Unavailable { .. } | Fault::Unknown { .. } | Fault::Busy => {
            "check database.url, that the database is up, and that its disk has room; `narupay check` looks at each"
        }
        Fault::Corrupt { .. } => "stop, keep a copy of the database as it is, and restore the last backup",
        Fault::Config(_) | Fault::Cursor => "mend database.url in narupay.toml",
    };
    let error = Err::<(), _>(anyhow::Error::new(fault).context(what)).next(step);
    error.err().unwrap_or_else(|| anyhow::anyhow!(what))
}

/// Migrates, then attaches.
pub async fn prepare(
    config: &Config,
    store: Store,
    clock: Arc<dyn Clock>,
    transport: Arc<dyn Transport>,
) -> anyhow::Result<Arc<App>> {
    let migrated = store
        .migrate()
        .await
        .map_err(|fault| advise(fault, "the schema cannot be brought up to date"))?;
    if !migrated.applied.is_empty() {
        tracing::info!(
            applied = migrated.applied.join(" "),
            version = migrated.version,
            "the schema was brought up to date"
        );
    }
    attach(config, store, clock, transport).await
}

/// The use cases over a database whose schema is current, with shops and PG accounts known.
pub async fn attach(
    config: &Config,
    store: Store,
    clock: Arc<dyn Clock>,
    transport: Arc<dyn Transport>,
) -> anyhow::Result<Arc<App>> {
    let problem = match store.schema().await {
        Ok(SchemaState::Current) => None,
        Ok(SchemaState::Behind { .. }) => Some(Fault::NotMigrated),
        Ok(SchemaState::Newer { found, known }) => Some(Fault::NewerSchema { found, known }),
        Err(fault) => Some(fault),
    };
    if let Some(fault) = problem {
        return Err(advise(fault, "the database cannot be used as it is"));
    }
    let directory = Directory::load(
        &store,
        config.shops.clone(),
        Outside {
            transport,
            clock: clock.clone(),
        },
    )
    .await;
    let directory = directory.map_err(|error| match error {
        SetupError::Store(fault) => advise(fault, "the shops cannot be set up"),
        other => with_step(other, "mend narupay.toml and run `narupay check`"),
    })?;
    let settings = Settings {
        public_url: config.server.public_url.clone(),
        signing_key: config.server.signing_key.clone(),
        old_signing_key: config.server.old_signing_key.clone(),
        webhook_private_addresses: config.webhook_private_addresses,
    };
    App::new(store, directory, clock, Chance::system(), settings)
        .context("the parts do not fit together")
        .next("run `narupay check`")
}

fn with_step(error: impl Into<anyhow::Error>, step: &str) -> anyhow::Error {
    let error = error.into();
    let text = error.to_string();
    Err::<(), _>(error)
        .next(step)
        .err()
        .unwrap_or_else(|| anyhow::anyhow!(text))
}

/// A prepared NaruPay at work.
pub struct Node {
    pub app: Arc<App>,
    pub address: SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<()>,
    working: JoinHandle<()>,
}

impl Node {
    pub fn start(app: Arc<App>, listener: TcpListener, metrics: PrometheusHandle) -> anyhow::Result<Node> {
        let address = listener.local_addr().context("the listener has no address")?;
        let stop = CancellationToken::new();
        let limits = Limits {
            drain_ms_max: DRAIN_MS_MAX,
            ..Limits::default()
        };
        let faces = Faces {
            metrics: Some(metrics),
            limits: limits.clone(),
        };
        let router = server::router(app.clone(), faces);
        let serving = tokio::spawn(server::serve(router, listener, limits, stop.clone()));
        let working = tokio::spawn(flows::workers::run(app.clone(), stop.clone()));
        Ok(Node {
            app,
            address,
            stop,
            serving,
            working,
        })
    }

    /// Takes no more, finishes what is in flight, and closes the store. Returns whether everything ended in time.
    pub async fn end(self) -> bool {
        self.stop.cancel();
        let orderly = async {
            let _ = self.serving.await;
            let _ = self.working.await;
            // A PG may still be answering; what it says must be saved.
            self.app.drained().await;
        };
        let in_time = tokio::time::timeout(END_WITHIN, orderly).await.is_ok();
        if !in_time {
            tracing::warn!("not everything ended in time; what is open is taken up at the next start");
        }
        self.app.store.close().await;
        in_time
    }
}

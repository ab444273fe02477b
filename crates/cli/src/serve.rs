//! `narupay serve`.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use connectors::http::{Transport, Wire};
use serde::Serialize;
use vocabulary::Clock;

use crate::args::Serve;
use crate::clock::MachineClock;
use crate::config::Config;
use crate::in_process_pg::InProcessPg;
use crate::listen::listen;
use crate::node::{self, Node};
use crate::signals::Signals;
use crate::stop::Next;
use crate::{out, telemetry};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ready {
    api_url: String,
    address: String,
}

pub async fn run(options: Serve) -> anyhow::Result<ExitCode> {
    let mut config = Config::find(options.from.config.as_deref())?;
    let telemetry = telemetry::start(&config.log, config.otlp_endpoint.as_deref())?;
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    refuse_play_with_real_money(&options, &config)?;
    let clock: Arc<dyn Clock> = Arc::new(options.clock.map_or_else(MachineClock::real, MachineClock::starting_at));
    // The port first: a second copy started by mistake must not touch the database.
    let listener = listen(&config.server.listen, "server.listen in narupay.toml or NARUPAY_LISTEN")?;
    if config.server.public_url == format!("http://{}", config.server.listen) {
        // Not named by the operator; with port 0 the machine has chosen.
        config.server.public_url = format!("http://{}", listener.local_addr()?);
    }
    let mut signals = Signals::new()?;
    let store = node::open_store(&config, clock.clone()).await?;
    let app = node::prepare(&config, store, clock, transport(&options)?).await?;
    let node = Node::start(app, listener, telemetry.metrics.clone())?;
    tracing::info!(address = %node.address, public_url = config.server.public_url, "ready at {}", node.address);
    if options.json {
        out::json(&Ready {
            api_url: config.server.public_url.clone(),
            address: node.address.to_string(),
        })?;
    }
    signals.asked().await;
    tracing::info!("asked to stop: finishing what is in flight");
    let ended = async {
        node.end().await;
    };
    let orderly = signals.unless_asked_again(ended).await;
    telemetry.finish().await;
    Ok(if orderly { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn refuse_play_with_real_money(options: &Serve, config: &Config) -> anyhow::Result<()> {
    if !config.is_live() || (options.clock.is_none() && !options.pg_in_process) {
        return Ok(());
    }
    Err(anyhow!(
        "there are live keys in {}, and real money has real time and a real PG",
        config.file.display()
    ))
    .next("leave --clock and --pg-in-process away, or try things out with test keys only")
}

fn transport(options: &Serve) -> anyhow::Result<Arc<dyn Transport>> {
    if options.pg_in_process {
        return Ok(Arc::new(InProcessPg));
    }
    let wire = Wire::new()
        .context("there is no way to the PGs")
        .next("this is a fault of the build: report it")?;
    Ok(Arc::new(wire))
}

//! `narupay simulate`: the PG's side alone.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, anyhow};
use connectors::PgConfig;
use pg_simulator::Simulator;
use pg_simulator::faults::{Fault, Operation, Plan, Rate};
use pg_simulator::toss::{ApiVersion, Merchant};
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use vocabulary::Clock;

use crate::args::Simulate;
use crate::clock::MachineClock;
use crate::config::{Config, Format, Log};
use crate::listen::listen;
use crate::signals::Signals;
use crate::stop::Next;
use crate::{out, telemetry};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ready {
    simulators: BTreeMap<&'static str, String>,
    script_urls: BTreeMap<&'static str, String>,
    merchants: Vec<MerchantView>,
}

/// Test keys of a simulated PG: not secrets.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MerchantView {
    mid: String,
    client_key: String,
    secret_key: String,
}

pub async fn run(options: Simulate) -> anyhow::Result<ExitCode> {
    let log = Log {
        format: Format::Text,
        level: std::env::var("NARUPAY_LOG").unwrap_or_else(|_| "warn".to_owned()),
    };
    telemetry::start(&log, None)?;
    let merchants = merchants(&options)?;
    let listener = listen(&options.listen, "--listen HOST:PORT")?;
    let mut signals = Signals::new()?;
    let address = listener.local_addr().context("the listener has no address")?;
    let base = options
        .public_url
        .clone()
        .unwrap_or_else(|| format!("{}://{address}", if options.tls.is_some() { "https" } else { "http" }));
    let simulator = Simulator::new(pg_simulator::Config {
        public_url: Some(base.clone()),
        merchants: merchants.clone(),
        seed: options.seed,
        clock: clock(&options),
        nice: Vec::new(),
        courier: None,
    });
    plan_faults(&simulator, &options.fault)?;
    use_tls(&simulator, &options)?;
    let stop = CancellationToken::new();
    let notices = tokio::spawn(simulator.clone().run_notices(stop.clone().cancelled_owned()));
    let serving = tokio::spawn(pg_simulator::serve(simulator, listener, stop.clone().cancelled_owned()));
    tell(&options, base.trim_end_matches('/'), &merchants)?;

    signals.asked().await;
    stop.cancel();
    let ended = async {
        let _ = serving.await;
        let _ = notices.await;
    };
    signals.unless_asked_again(ended).await;
    Ok(ExitCode::SUCCESS)
}

/// Shares of the calls, and single faults, in the words of the simulator's control addresses.
pub fn plan_faults(simulator: &Simulator, texts: &[String]) -> anyhow::Result<()> {
    let mut rates = Vec::new();
    for text in texts {
        match (Rate::parse(text), Plan::parse(text)) {
            (Some(rate), _) => rates.push((rate.operation, rate.fault, rate.rate)),
            (None, Some(plan)) => simulator.plan(plan),
            (None, None) => {
                let faults = Fault::ALL.map(Fault::as_str).join(", ");
                let operations = Operation::ALL.map(Operation::as_str).join(", ");
                return Err(anyhow!("`{text}` is no fault")).next(format!(
                    "write it as --fault timeout-after=0.05 or --fault cancel-5xx-before=0.1, with a share from 0 to 1; \
                     faults are {faults}; operations are {operations}"
                ));
            }
        }
    }
    simulator.set_rates(&rates);
    Ok(())
}

fn use_tls(simulator: &Simulator, options: &Simulate) -> anyhow::Result<()> {
    let Some(certificate) = options.tls else {
        return Ok(());
    };
    let authority = simulator
        .use_tls(certificate)
        .context("TLS cannot be spoken")
        .next("this is a fault of the build: report it")?;
    let Some(file) = &options.tls_ca else {
        return Ok(());
    };
    std::fs::write(file, authority)
        .with_context(|| format!("the authority's certificate cannot be written to {}", file.display()))
        .next("name a file in a folder that is there, with --tls-ca FILE")
}

fn clock(options: &Simulate) -> Arc<dyn Clock> {
    Arc::new(options.clock.map_or_else(MachineClock::real, MachineClock::starting_at))
}

fn merchants(options: &Simulate) -> anyhow::Result<Vec<Merchant>> {
    let mut merchants = options
        .merchant
        .iter()
        .map(|text| merchant(text))
        .collect::<anyhow::Result<Vec<_>>>()?;
    if let Some(file) = &options.config {
        merchants.extend(configured(file)?);
    }
    if merchants.is_empty() {
        merchants.push(Merchant::documented());
    }
    for merchant in &mut merchants {
        merchant.notice_urls.clone_from(&options.notices_to);
    }
    Ok(merchants)
}

fn merchant(text: &str) -> anyhow::Result<Merchant> {
    let parts: Vec<&str> = text.split(',').map(str::trim).collect();
    let fits = match parts.as_slice() {
        [mid, client_key, secret_key] => {
            (1..=14).contains(&mid.len()) && client_key.contains("_ck_") && secret_key.contains("_sk_")
        }
        _ => false,
    };
    if !fits {
        return Err(anyhow!("`{text}` does not describe a merchant"))
            .next("write it as --merchant tvivarepublica,test_ck_…,test_sk_… (a MID has 14 characters at most)");
    }
    Ok(Merchant::new(parts[0], parts[1], parts[2]))
}

/// The simulated accounts of an installation, so that `serve` and `simulate` know each other.
fn configured(file: &Path) -> anyhow::Result<Vec<Merchant>> {
    let config = Config::load(file, &|name| std::env::var(name).ok())?;
    let accounts = config.shops.iter().flat_map(|shop| &shop.accounts);
    let simulated: Vec<&PgConfig> = accounts
        .filter(|account| account.simulator.is_some())
        .map(|account| &account.config)
        .collect();
    if simulated.is_empty() {
        return Err(anyhow!("{} has no PG account with a `simulator`", file.display()))
            .next("add `simulator = \"http://…\"` to a test account, or name merchants with --merchant");
    }
    Ok(simulated
        .iter()
        .enumerate()
        .filter_map(|(number, config)| known_to_pg(config, &mid(number)))
        .collect())
}

pub fn mid(number: usize) -> String {
    format!("tnarupay{number:06}")
}

/// The PG's side of an account: the same keys. `None` when the account has none.
pub fn known_to_pg(config: &PgConfig, mid: &str) -> Option<Merchant> {
    let client_key = config.settings.get("client_key")?;
    let secret_key = config
        .secrets
        .get("secret_key")?
        .reveal_for("telling the simulated PG its merchant's key");
    let mut merchant = Merchant::new(mid, client_key, secret_key);
    if config.settings.get("api_version").map(String::as_str) == Some(ApiVersion::V2024_06_01.as_str()) {
        merchant.api_version = ApiVersion::V2024_06_01;
    }
    Some(merchant)
}

fn tell(options: &Simulate, base: &str, merchants: &[Merchant]) -> anyhow::Result<()> {
    let views = merchants.iter().map(|merchant| MerchantView {
        mid: merchant.mid.clone(),
        client_key: merchant.client_key.clone(),
        secret_key: merchant.secret_key.clone(),
    });
    let ready = Ready {
        simulators: BTreeMap::from([("toss", format!("{base}/toss"))]),
        script_urls: BTreeMap::from([("toss", format!("{base}/toss/v2/standard"))]),
        merchants: views.collect(),
    };
    if options.json {
        return out::json(&ready);
    }
    out::line(format!(
        "PG simulator, ready at {base}\n\n  toss  API     {base}/toss\n        script  {base}/toss/v2/standard\n"
    ));
    if let Some(certificate) = options.tls {
        let file = options
            .tls_ca
            .as_ref()
            .map(|file| format!("; to be trusted: {}", file.display()));
        let (shown, file) = (certificate.as_str(), file.unwrap_or_default());
        out::line(format!("  TLS with the certificate `{shown}`{file}\n"));
    }
    let rows: Vec<Vec<String>> = ready
        .merchants
        .into_iter()
        .map(|merchant| vec![merchant.mid, merchant.client_key, merchant.secret_key])
        .collect();
    out::line(out::table(&["MID", "client key", "secret key"], &rows));
    out::line("Nothing is charged and nothing is kept. Stop it with Ctrl-C.");
    Ok(())
}

//! `narupay check`: is this installation fit to go live? Looks, asks harmless questions, changes nothing.

mod database;
mod machine;
mod pgs;
mod webhooks;

use std::process::ExitCode;
use std::sync::Arc;

use serde::Serialize;

use crate::args::Check;
use crate::clock::MachineClock;
use crate::config::Config;
use crate::{out, stop};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Ok,
    Warn,
    Fail,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
pub struct Finding {
    pub check: String,
    pub status: Status,
    pub what: String,
    /// What to do; none when it is fine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Finding {
    pub fn ok(check: impl Into<String>, what: impl Into<String>) -> Finding {
        Finding {
            check: check.into(),
            status: Status::Ok,
            what: what.into(),
            next: None,
        }
    }

    pub fn warn(check: impl Into<String>, what: impl Into<String>, next: impl Into<String>) -> Finding {
        Finding {
            check: check.into(),
            status: Status::Warn,
            what: what.into(),
            next: Some(next.into()),
        }
    }

    pub fn fail(check: impl Into<String>, what: impl Into<String>, next: impl Into<String>) -> Finding {
        Finding {
            status: Status::Fail,
            ..Finding::warn(check, what, next)
        }
    }

    /// An error that already says the next step.
    pub fn failed(check: impl Into<String>, error: &anyhow::Error) -> Finding {
        let (what, next) = stop::parts(error);
        Finding::fail(check, what.join(": "), next)
    }
}

#[derive(Serialize)]
struct Findings<'a> {
    fit: bool,
    findings: &'a [Finding],
}

pub async fn run(options: Check) -> anyhow::Result<ExitCode> {
    let mut findings = Vec::new();
    match Config::find(options.from.config.as_deref()) {
        Ok(config) => look(&config, &options, &mut findings).await,
        Err(error) => findings.push(Finding::failed("configuration", &error)),
    }
    let fit = findings.iter().all(|finding| finding.status != Status::Fail);
    if options.json {
        out::json(&Findings {
            fit,
            findings: &findings,
        })?;
    } else {
        tell(&findings, fit);
    }
    Ok(if fit { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn look(config: &Config, options: &Check, findings: &mut Vec<Finding>) {
    findings.push(configuration(config));
    findings.extend(config.warnings.iter().map(|warning| {
        let (what, next) = warning
            .split_once(": ")
            .unwrap_or((warning, "mend it before going live"));
        Finding::warn("secrets", what, next)
    }));
    findings.extend(without_live_keys(config));
    findings.push(public_url(config));
    findings.extend(machine::look(config).await);
    let clock = Arc::new(MachineClock::real());
    let store = database::look(config, clock.clone(), findings).await;
    pgs::look(config, findings).await;
    if let Some(store) = store {
        webhooks::look(config, &store, options.reach, findings).await;
        store.close().await;
    }
}

fn configuration(config: &Config) -> Finding {
    let accounts: usize = config.shops.iter().map(|shop| shop.accounts.len()).sum();
    let what = format!(
        "{}: {} shops, {accounts} PG accounts",
        config.file.display(),
        config.shops.len()
    );
    let bare = config
        .shops
        .iter()
        .flat_map(|shop| shop.keys.iter().map(move |keys| (shop, keys.mode)))
        .find(|(shop, mode)| !shop.accounts.iter().any(|account| account.config.mode == *mode));
    match bare {
        Some((shop, mode)) => Finding::warn(
            "configuration",
            format!(
                "shop {} has {mode} keys and no {mode} PG account: nothing can be paid with them",
                shop.slug
            ),
            "add a [[shop.pg_account]] or take the keys away",
        ),
        None => Finding::ok("configuration", what),
    }
}

/// What has only test keys is fit to be tried, which is not the question.
fn without_live_keys(config: &Config) -> Option<Finding> {
    (!config.is_live()).then(|| {
        Finding::warn(
            "live keys",
            "there are none: no real money can be paid, and what only live mode asks for was not looked at",
            "add [shop.keys.live] and a live [[shop.pg_account]], then check again",
        )
    })
}

fn public_url(config: &Config) -> Finding {
    let url = &config.server.public_url;
    let secure = url.starts_with("https://");
    let here = ["http://127.0.0.1", "http://localhost", "http://[::1]"]
        .iter()
        .any(|local| url.starts_with(local));
    match (secure, config.is_live()) {
        (true, _) => Finding::ok("public address", url.clone()),
        (false, true) => Finding::fail(
            "public address",
            format!("{url} is not encrypted, and shoppers pay real money there"),
            "put a TLS proxy in front and set server.public_url to its https:// address",
        ),
        (false, false) if here => Finding::ok("public address", format!("{url}, on this machine only")),
        (false, false) => Finding::warn(
            "public address",
            format!("{url} is not encrypted"),
            "fine for trying out; with live keys it must be https://",
        ),
    }
}

fn tell(findings: &[Finding], fit: bool) {
    let width = findings
        .iter()
        .map(|finding| finding.check.chars().count())
        .max()
        .unwrap_or(0);
    for finding in findings {
        let mark = match finding.status {
            Status::Ok => "ok  ",
            Status::Warn => "warn",
            Status::Fail => "FAIL",
        };
        out::line(format!("  {mark}  {:width$}  {}", finding.check, finding.what));
        if let Some(next) = &finding.next {
            out::line(format!("        {:width$}  → {next}", ""));
        }
    }
    out::line(if fit {
        "\nFit to go live, as far as can be seen from here."
    } else {
        "\nNot fit to go live: see FAIL above."
    });
}

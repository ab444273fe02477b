//! `narupay migrate`.

use std::process::ExitCode;
use std::sync::Arc;

use serde::Serialize;
use store::SchemaState;

use crate::args::Migrate;
use crate::clock::MachineClock;
use crate::config::Config;
use crate::{node, out};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Schema {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<u32>,
    applied: Vec<String>,
}

pub async fn run(options: Migrate) -> anyhow::Result<ExitCode> {
    let config = Config::find(options.from.config.as_deref())?;
    let store = node::open_store(&config, Arc::new(MachineClock::real())).await?;
    let (schema, text, code) = if options.status {
        status(&store).await?
    } else {
        apply(&store).await?
    };
    store.close().await;
    if options.json {
        out::json(&schema)?;
    } else {
        out::line(text);
    }
    Ok(code)
}

async fn apply(store: &store::Store) -> anyhow::Result<(Schema, String, ExitCode)> {
    let migrated = store.migrate().await;
    let migrated = migrated.map_err(|fault| node::advise(fault, "the schema cannot be brought up to date"))?;
    let text = match migrated.applied.as_slice() {
        [] => format!(
            "The schema is current (version {}); nothing was to be done.",
            migrated.version
        ),
        applied => format!(
            "Applied {}; the schema is at version {}.",
            applied.join(", "),
            migrated.version
        ),
    };
    let schema = Schema {
        state: "current",
        found: Some(migrated.version),
        known: Some(migrated.version),
        applied: migrated.applied,
    };
    Ok((schema, text, ExitCode::SUCCESS))
}

async fn status(store: &store::Store) -> anyhow::Result<(Schema, String, ExitCode)> {
    let state = store
        .schema()
        .await
        .map_err(|fault| node::advise(fault, "the schema cannot be looked at"))?;
    let (name, versions, text) = match state {
        SchemaState::Current => ("current", None, "The schema is current.".to_owned()),
        SchemaState::Behind { found, known } => {
            let text = format!("The schema is at version {found}, this program needs {known}: run `narupay migrate`.");
            ("behind", Some((found, known)), text)
        }
        SchemaState::Newer { found, known } => {
            let text =
                format!("The schema is at version {found}, this program knows only {known}: start a newer program.");
            ("newer", Some((found, known)), text)
        }
    };
    let schema = Schema {
        state: name,
        found: versions.map(|(found, _)| found),
        known: versions.map(|(_, known)| known),
        applied: Vec::new(),
    };
    let code = if versions.is_none() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    };
    Ok((schema, text, code))
}

//! Is the database there, current, and does it keep what it acknowledges?

use std::sync::Arc;

use store::{SchemaState, Store};
use vocabulary::Clock;

use super::Finding;
use crate::config::Config;
use crate::node;

/// The store, when it is there and its schema is current.
pub async fn look(config: &Config, clock: Arc<dyn Clock>, findings: &mut Vec<Finding>) -> Option<Store> {
    let store = match open(config, clock).await {
        Ok(store) => store,
        Err(finding) => {
            findings.push(finding);
            return None;
        }
    };
    let usable = match store.schema().await {
        Ok(SchemaState::Current) => {
            findings.push(Finding::ok("database", format!("{}, schema current", store.engine())));
            true
        }
        Ok(SchemaState::Behind { found, known }) => {
            let what = format!("{}, schema at {found} of {known}", store.engine());
            findings.push(Finding::warn(
                "database",
                what,
                "run `narupay migrate`; `narupay serve` does it too",
            ));
            false
        }
        Ok(SchemaState::Newer { found, known }) => {
            let what = format!("the schema is at {found}, this program knows only {known}");
            findings.push(Finding::fail(
                "database",
                what,
                "start the newer NaruPay that migrated it",
            ));
            false
        }
        Err(fault) => {
            findings.push(Finding::failed(
                "database",
                &node::advise(fault, "the database does not answer"),
            ));
            false
        }
    };
    findings.push(durability(&store).await);
    if usable {
        return Some(store);
    }
    store.close().await;
    None
}

async fn open(config: &Config, clock: Arc<dyn Clock>) -> Result<Store, Finding> {
    let url = config.database_url.reveal_for("looking for its file");
    if let Some(path) = url.strip_prefix("sqlite:")
        && !std::path::Path::new(path).exists()
    {
        // Opening it would make it.
        let what = format!("{path} is not there yet");
        return Err(Finding::warn(
            "database",
            what,
            "run `narupay migrate`; `narupay serve` does it too",
        ));
    }
    node::open_store(config, clock)
        .await
        .map_err(|error| Finding::failed("database", &error))
}

async fn durability(store: &Store) -> Finding {
    let settings = match store.durability().await {
        Ok(settings) => settings,
        Err(fault) => return Finding::failed("durability", &node::advise(fault, "its settings cannot be read")),
    };
    let all: Vec<String> = settings
        .iter()
        .map(|setting| format!("{} {}", setting.setting, setting.value))
        .collect();
    match settings.iter().find(|setting| !setting.safe) {
        Some(unsafe_one) => Finding::fail(
            "durability",
            format!(
                "{} is {}: acknowledged payments may be lost in a crash",
                unsafe_one.setting, unsafe_one.value
            ),
            format!("turn {} on in the database", unsafe_one.setting),
        ),
        None => Finding::ok("durability", all.join(", ")),
    }
}

use std::collections::BTreeMap;
use std::sync::Arc;

use thiserror::Error;
use vocabulary::{Clock, Mode, Secret};

use crate::http::Transport;
use crate::{Connector, nice, toss};

/// A PG account's settings as an operator writes them. Secrets are already resolved.
#[derive(Debug, Clone)]
pub struct PgConfig {
    pub pg: String,
    pub mode: Mode,
    /// Plain settings by name, such as `client_key` or `api_version`.
    pub settings: BTreeMap<String, String>,
    /// Secret settings by name, such as `secret_key`.
    pub secrets: BTreeMap<String, Secret<String>>,
}

/// What a connector works with beside its settings.
#[derive(Clone)]
pub struct Outside {
    pub transport: Arc<dyn Transport>,
    pub clock: Arc<dyn Clock>,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ConfigError {
    #[error("there is no connector for the PG `{pg}`; known are: {known}")]
    UnknownPg { pg: String, known: String },
    #[error("PG `{pg}` needs the setting `{setting}`: {hint}")]
    Missing {
        pg: &'static str,
        setting: &'static str,
        hint: &'static str,
    },
    #[error("PG `{pg}`, setting `{setting}`: {problem}")]
    Invalid {
        pg: &'static str,
        setting: &'static str,
        problem: String,
    },
    #[error("PG `{pg}` has no setting `{setting}`; did you mean `{nearest}`?")]
    UnknownSetting {
        pg: &'static str,
        setting: String,
        nearest: &'static str,
    },
}

pub fn known_pgs() -> &'static [&'static str] {
    &["nice", "toss"]
}

/// Makes the connector of one PG account, or says what is wrong with its settings.
pub fn connect(config: &PgConfig, outside: &Outside) -> Result<Arc<dyn Connector>, ConfigError> {
    match config.pg.as_str() {
        "nice" => Ok(Arc::new(nice::Nice::new(config, outside)?)),
        "toss" => Ok(Arc::new(toss::Toss::new(config, outside.transport.clone())?)),
        _ => Err(ConfigError::UnknownPg {
            pg: config.pg.clone(),
            known: known_pgs().join(", "),
        }),
    }
}

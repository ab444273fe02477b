//! `narupay.toml` and the few environment variables that stand above it.

mod load;
mod read;
mod secret;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use anyhow::Context;
use flows::ShopSetup;
use vocabulary::{Mode, Secret};

use crate::stop::Next;

/// Looks up an environment variable.
pub type Environment = dyn Fn(&str) -> Option<String>;

/// Everything an operator sets, checked. What exists here is whole.
#[derive(Debug)]
pub struct Config {
    pub file: PathBuf,
    pub server: Server,
    /// May hold a password.
    pub database_url: Secret<String>,
    /// Webhooks may go to private and loopback addresses.
    pub webhook_private_addresses: bool,
    pub log: Log,
    /// Where traces go, over OTLP in protobuf on HTTP; `None`: nowhere.
    pub otlp_endpoint: Option<String>,
    pub shops: Vec<ShopSetup>,
    /// What works, but should not stay so.
    pub warnings: Vec<String>,
}

#[derive(Debug)]
pub struct Server {
    /// `host:port`.
    pub listen: String,
    /// Without a slash at the end.
    pub public_url: String,
    pub signing_key: Secret<Vec<u8>>,
    /// The key before the last rotation: still opens what it sealed, and the addresses it signed.
    pub old_signing_key: Option<Secret<Vec<u8>>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    pub format: Format,
    /// A level, or a filter as `info,flows=debug`.
    pub level: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Json,
    Text,
}

/// Where a configuration is looked for when none is named.
const USUAL_PLACES: [&str; 2] = ["narupay.toml", "narupay-data/narupay.toml"];

impl Config {
    /// Reads the named file, or the first there is in the usual places.
    pub fn find(named: Option<&Path>) -> anyhow::Result<Config> {
        let file = match named {
            Some(file) => file.to_owned(),
            None => USUAL_PLACES
                .iter()
                .map(PathBuf::from)
                .find(|file| file.exists())
                .with_context(|| format!("there is no {} here", USUAL_PLACES.join(" and no ")))
                .next("name one with --config FILE, or run `narupay demo`, which writes one you can copy")?,
        };
        Config::load(&file, &|name| std::env::var(name).ok())
    }

    pub fn load(file: &Path, environment: &Environment) -> anyhow::Result<Config> {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("{} cannot be read", file.display()))
            .next("check the name and that this user may read it")?;
        load::parse(file, text, environment).next("mend the file and run `narupay check`")
    }

    /// Whether real money moves here.
    pub fn is_live(&self) -> bool {
        self.shops
            .iter()
            .any(|shop| shop.keys.iter().any(|keys| keys.mode == Mode::Live))
    }
}

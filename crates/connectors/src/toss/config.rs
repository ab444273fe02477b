use std::collections::BTreeMap;
use std::fmt;

use url::Url;
use vocabulary::{Mode, Secret};

use crate::{ConfigError, PgConfig};

pub(super) const PG: &str = "toss";

/// Versions this connector was written against, newest last. Which one a MID answers with is a
/// setting at Toss; pinning it here makes a change there visible.
pub(super) const API_VERSIONS: &[&str] = &["2022-11-16", "2024-06-01"];

const API_URL: &str = "https://api.tosspayments.com";
const SCRIPT_URL: &str = "https://js.tosspayments.com/v2/standard";

const SETTINGS: &[&str] = &["client_key", "api_version", "api_url", "script_url"];
const SECRETS: &[&str] = &["secret_key", "security_key"];
const KEY_BYTES_MAX: usize = 200;

/// One Toss account, checked: what exists here fits together.
pub(super) struct Config {
    pub(super) client_key: String,
    pub(super) secret_key: Secret<String>,
    pub(super) api_version: &'static str,
    /// Without a slash at its end.
    pub(super) api_url: String,
    pub(super) script_url: String,
    /// For the page's CSP: of the script and of the API.
    pub(super) origins: Vec<String>,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "toss {} at {}", self.api_version, self.api_url)
    }
}

impl Config {
    pub(super) fn load(config: &PgConfig) -> Result<Config, ConfigError> {
        refuse_unknown(
            &config.settings,
            SETTINGS,
            SECRETS,
            "is a secret: name it under the secrets",
        )?;
        refuse_unknown(
            &config.secrets,
            SECRETS,
            SETTINGS,
            "is no secret: name it under the settings",
        )?;
        let setting = |name| config.settings.get(name).map(String::as_str);

        let client_key =
            setting("client_key").ok_or(missing("client_key", "the API client key, test_ck_… or live_ck_…"))?;
        check_key("client_key", client_key, "ck", "gck", config.mode)?;
        let secret_key = config
            .secrets
            .get("secret_key")
            .ok_or(missing("secret_key", "the API secret key, test_sk_… or live_sk_…"))?;
        check_key(
            "secret_key",
            secret_key.reveal_for("toss key check"),
            "sk",
            "gsk",
            config.mode,
        )?;
        if let Some(key) = config.secrets.get("security_key") {
            check_security_key(key.reveal_for("toss key check"))?;
        }

        let api_url = address("api_url", setting("api_url").unwrap_or(API_URL), config.mode)?;
        let script_url = address("script_url", setting("script_url").unwrap_or(SCRIPT_URL), config.mode)?;
        Ok(Config {
            client_key: client_key.to_owned(),
            secret_key: secret_key.clone(),
            api_version: api_version(setting("api_version"))?,
            origins: origins(&script_url, &api_url),
            api_url: api_url.as_str().trim_end_matches('/').to_owned(),
            script_url: script_url.into(),
        })
    }
}

fn missing(setting: &'static str, hint: &'static str) -> ConfigError {
    ConfigError::Missing { pg: PG, setting, hint }
}

fn invalid(setting: &'static str, problem: impl Into<String>) -> ConfigError {
    ConfigError::Invalid {
        pg: PG,
        setting,
        problem: problem.into(),
    }
}

fn refuse_unknown<T>(
    given: &BTreeMap<String, T>,
    known: &'static [&'static str],
    elsewhere: &'static [&'static str],
    misplaced: &str,
) -> Result<(), ConfigError> {
    for name in given.keys() {
        if known.contains(&name.as_str()) {
            continue;
        }
        if let Some(setting) = elsewhere.iter().find(|setting| *setting == name) {
            return Err(invalid(setting, misplaced));
        }
        let nearest = SETTINGS
            .iter()
            .chain(SECRETS)
            .min_by_key(|setting| strsim::damerau_levenshtein(setting, name))
            .unwrap_or(&SETTINGS[0]);
        return Err(ConfigError::UnknownSetting {
            pg: PG,
            setting: name.clone(),
            nearest,
        });
    }
    Ok(())
}

/// Keys come in pairs: `ck` with `sk` opens the payment window, `gck` with `gsk` the widget.
/// A pair broken across the two makes every approve fail, so it is refused here.
fn check_key(
    setting: &'static str,
    key: &str,
    family: &str,
    widget_family: &str,
    mode: Mode,
) -> Result<(), ConfigError> {
    let other_mode = if mode == Mode::Test { Mode::Live } else { Mode::Test };
    if key.starts_with(&format!("{mode}_{widget_family}_"))
        || key.starts_with(&format!("{other_mode}_{widget_family}_"))
    {
        let problem = format!("this is a key of the widget pair; use the API pair's, {mode}_{family}_…");
        return Err(invalid(setting, problem));
    }
    if key.starts_with(&format!("{other_mode}_{family}_")) {
        return Err(invalid(
            setting,
            format!("this is a {other_mode} key, and the PG account is a {mode} one"),
        ));
    }
    let rest = key.strip_prefix(&format!("{mode}_{family}_"));
    let well_formed =
        |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !rest.is_some_and(well_formed) || key.len() > KEY_BYTES_MAX {
        return Err(invalid(
            setting,
            format!("a key looks like {mode}_{family}_ and letters and digits"),
        ));
    }
    Ok(())
}

/// Nothing uses it before payouts do; a wrong one is still found today.
fn check_security_key(key: &str) -> Result<(), ConfigError> {
    if key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(())
    } else {
        Err(invalid("security_key", "it has 64 hexadecimal digits"))
    }
}

fn api_version(given: Option<&str>) -> Result<&'static str, ConfigError> {
    let Some(given) = given else { return Ok(API_VERSIONS[0]) };
    let known = API_VERSIONS.iter().copied().find(|version| *version == given);
    known.ok_or_else(|| invalid("api_version", format!("known are {}", API_VERSIONS.join(" and "))))
}

/// Live keys never travel in the clear. A test account may point to a simulator, on this machine
/// or in the next container.
fn address(setting: &'static str, text: &str, mode: Mode) -> Result<Url, ConfigError> {
    let url = Url::parse(text).map_err(|error| invalid(setting, error.to_string()))?;
    let secure = match url.scheme() {
        "https" => true,
        "http" => mode == Mode::Test,
        _ => false,
    };
    if !secure {
        return Err(invalid(
            setting,
            format!("a {mode} account needs an address that starts with https://"),
        ));
    }
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err(invalid(setting, "an address has no user name, ? or #"));
    }
    Ok(url)
}

/// The real script opens frames on sisters of its own host.
fn origins(script: &Url, api: &Url) -> Vec<String> {
    let mut origins = vec![script.origin().ascii_serialization()];
    let api_origin = api.origin().ascii_serialization();
    if !origins.contains(&api_origin) {
        origins.push(api_origin);
    }
    if script.as_str() == SCRIPT_URL {
        origins.push("https://*.tosspayments.com".into());
    }
    origins
}

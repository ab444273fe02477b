use std::collections::BTreeMap;
use std::fmt;

use url::Url;
use vocabulary::{Mode, Secret};

use crate::{ConfigError, PgConfig};

pub(super) const PG: &str = "nice";

const TEST_API_URL: &str = "https://sandbox-api.nicepay.co.kr";
const LIVE_API_URL: &str = "https://api.nicepay.co.kr";
const SCRIPT_URL: &str = "https://pay.nicepay.co.kr/v1/js/";

const SETTINGS: &[&str] = &["client_id", "auth", "api_url", "script_url"];
const SECRETS: &[&str] = &["secret_key"];
const KEY_DIGITS: usize = 32;

/// How a key set is let in. It is chosen at NICE when the keys are issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Auth {
    Basic,
    Bearer,
}

/// One NICE account, checked: what exists here fits together.
pub(super) struct Config {
    pub(super) client_id: String,
    pub(super) secret_key: Secret<String>,
    pub(super) auth: Auth,
    /// Without a slash at its end.
    pub(super) api_url: String,
    pub(super) script_url: String,
    /// NICE's own sandbox, which can do less than the real thing.
    pub(super) sandbox: bool,
    /// For the page's CSP.
    pub(super) origins: Vec<String>,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nice at {}", self.api_url)
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

        let client_id = setting("client_id").ok_or(missing("client_id", "the client key, S2_… or R2_…"))?;
        check_client_id(client_id, config.mode)?;
        let secret_key = config
            .secrets
            .get("secret_key")
            .ok_or(missing("secret_key", "the secret key of 32 letters and digits"))?;
        check_secret_key(secret_key.reveal_for("nice key check"))?;
        let auth = match setting("auth") {
            None | Some("basic") => Auth::Basic,
            Some("bearer") => Auth::Bearer,
            Some(_) => return Err(invalid("auth", "known are basic and bearer")),
        };
        let default_api_url = if config.mode == Mode::Test {
            TEST_API_URL
        } else {
            LIVE_API_URL
        };
        let api_url = address("api_url", setting("api_url").unwrap_or(default_api_url), config.mode)?;
        let script_url = address("script_url", setting("script_url").unwrap_or(SCRIPT_URL), config.mode)?;
        let api_url = api_url.as_str().trim_end_matches('/').to_owned();
        Ok(Config {
            client_id: client_id.to_owned(),
            secret_key: secret_key.clone(),
            auth,
            sandbox: api_url == TEST_API_URL,
            api_url,
            origins: origins(&script_url),
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

/// The client key decides who approves. With one of the client-approval model the window itself would move
/// the money, and what comes back would be the shopper's word for it: such a key is refused. Older keys
/// have no prefix.
fn check_client_id(client_id: &str, mode: Mode) -> Result<(), ConfigError> {
    let wrong = |problem: &str| Err(invalid("client_id", problem));
    if client_id.starts_with("S1_") || client_id.starts_with("R1_") {
        return wrong("this is a key of the client-approval model; issue one for server approval, S2_… or R2_…");
    }
    if client_id.starts_with("S2_") && mode == Mode::Live {
        return wrong("this is a sandbox key, and the PG account is a live one");
    }
    if client_id.starts_with("R2_") && mode == Mode::Test {
        return wrong("this is a live key, and the PG account is a test one");
    }
    let digits = client_id
        .strip_prefix("S2_")
        .or(client_id.strip_prefix("R2_"))
        .unwrap_or(client_id);
    if digits.len() != KEY_DIGITS || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return wrong("a client key is S2_ or R2_, or nothing before older ones, and 32 hexadecimal digits");
    }
    Ok(())
}

fn check_secret_key(key: &str) -> Result<(), ConfigError> {
    if key.len() == KEY_DIGITS && key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        Ok(())
    } else {
        Err(invalid("secret_key", "it has 32 letters and digits"))
    }
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

/// The real script opens frames on sisters of its own host. The API is only for servers.
fn origins(script: &Url) -> Vec<String> {
    let mut origins = vec![script.origin().ascii_serialization()];
    if script.as_str() == SCRIPT_URL {
        origins.push("https://*.nicepay.co.kr".into());
    }
    origins
}

//! The shape of `narupay.toml`: which sections and keys there are, and what they must hold.

use std::collections::BTreeMap;
use std::path::Path;

use connectors::PgConfig;
use flows::{AccountSetup, Bound, Budgets, KeySetup, ShopSetup};
use url::Url;
use vocabulary::{Method, Mode, Secret};

use super::read::{Problem, Reference, Section, Source};
use super::secret::Keeper;
use super::{Config, Environment, Format, Log, Server};

const FILE: &[&str] = &["server", "database", "webhooks", "log", "telemetry", "shop"];
const SERVER: &[&str] = &["listen", "public_url", "signing_key", "old_signing_key"];
const DATABASE: &[&str] = &["url"];
const WEBHOOKS: &[&str] = &["allow_private_addresses"];
const LOG: &[&str] = &["format", "level"];
const TELEMETRY: &[&str] = &["otlp_endpoint"];
const SHOP: &[&str] = &["slug", "name", "accent", "keys", "pg_account", "preference"];
const MODES: &[&str] = &["test", "live"];
const KEYS: &[&str] = &["secret_key", "client_key"];
const PG_ACCOUNT: &[&str] = &[
    "slug",
    "pg",
    "mode",
    "methods",
    "settings",
    "secrets",
    "simulator",
    "budgets",
];
const BUDGETS: &[&str] = &[
    Budgets::APPROVE.name,
    Budgets::INQUIRE.name,
    Budgets::CANCEL.name,
    Budgets::SHOPPER.name,
];
const METHODS: &[&str] = &{
    let mut names = [""; Method::ALL.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = Method::ALL[at].as_str();
        at += 1;
    }
    names
};

const LISTEN: &str = "127.0.0.1:4000";
const DATABASE_URL: &str = "sqlite:narupay.db";
/// 256 bits: as long as the hash the key is used with.
const SIGNING_KEY_BYTES_MIN: usize = 32;
const SLUG_CHARS_MAX: usize = 40;
const NAME_CHARS_MAX: usize = 60;

pub fn parse(file: &Path, text: String, environment: &Environment) -> Result<Config, Problem> {
    let source = Source::new(file, text);
    let table = source.parse()?;
    let whole = Section::whole(&source, &table, FILE)?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let mut keeper = Keeper::new(folder, environment);

    let server = server(&whole, &mut keeper, environment)?;
    let shops = whole.sections("shop", SHOP)?;
    let shops = shops
        .iter()
        .map(|section| shop(section, &mut keeper))
        .collect::<Result<Vec<_>, _>>()?;
    if shops.is_empty() {
        return Err(whole.missing("shop", "a [[shop]] with its keys; without one nobody can call"));
    }
    let webhooks = whole.section("webhooks", WEBHOOKS)?;
    let telemetry = whole.section("telemetry", TELEMETRY)?;
    let otlp_endpoint = match (environment("NARUPAY_OTLP_ENDPOINT"), &telemetry) {
        (Some(url), _) => Some(url),
        (None, Some(section)) => section.text("otlp_endpoint")?,
        (None, None) => None,
    };
    let mut config = Config {
        file: file.to_owned(),
        server,
        database_url: database(&whole, folder, &mut keeper, environment)?,
        webhook_private_addresses: match webhooks {
            Some(section) => section.flag("allow_private_addresses")?.unwrap_or(false),
            None => false,
        },
        log: log(&whole, environment)?,
        otlp_endpoint,
        shops,
        warnings: Vec::new(),
    };
    judge_loose(&mut config, &keeper, &whole)?;
    Ok(config)
}

/// Files that others may read: with real money a refusal, else a warning.
fn judge_loose(config: &mut Config, keeper: &Keeper<'_>, whole: &Section<'_>) -> Result<(), Problem> {
    for path in &keeper.loose {
        let path = path.display();
        let text = format!("{path} holds a secret and others may read it: chmod 600 {path}");
        if config.is_live() {
            return Err(whole.complain("shop", text));
        }
        config.warnings.push(text);
    }
    Ok(())
}

fn server(whole: &Section<'_>, keeper: &mut Keeper<'_>, environment: &Environment) -> Result<Server, Problem> {
    let hint = "with `signing_key = { file = \"keys/signing_key\" }`, made by `openssl rand -hex 32`";
    let section = whole
        .section("server", SERVER)?
        .ok_or_else(|| whole.missing("server", hint))?;
    let listen = match environment("NARUPAY_LISTEN") {
        Some(listen) => listen,
        None => section.text("listen")?.unwrap_or_else(|| LISTEN.to_owned()),
    };
    let public_url = match environment("NARUPAY_PUBLIC_URL") {
        Some(url) => url,
        None => section
            .text("public_url")?
            .unwrap_or_else(|| format!("http://{listen}")),
    };
    let url = Url::parse(&public_url).map_err(|error| section.complain("public_url", error))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() || url.path() != "/" || url.query().is_some() {
        return Err(section.complain(
            "public_url",
            "it is how browsers reach us: https://pay.shop.kr, with no path",
        ));
    }
    let signing_key = section
        .reference("signing_key")?
        .ok_or_else(|| section.missing("signing_key", hint))?;
    let old_signing_key = section.reference("old_signing_key")?;
    Ok(Server {
        listen,
        public_url: public_url.trim_end_matches('/').to_owned(),
        signing_key: key(&signing_key, keeper)?,
        old_signing_key: old_signing_key.map(|old| key(&old, keeper)).transpose()?,
    })
}

fn key(reference: &Reference, keeper: &mut Keeper<'_>) -> Result<Secret<Vec<u8>>, Problem> {
    let text = keeper.fetch(reference)?;
    let key = from_hex(text.reveal_for("reading the signing key")).filter(|key| key.len() >= SIGNING_KEY_BYTES_MIN);
    key.map(Secret::new)
        .ok_or_else(|| reference.complain("it has 64 hexadecimal digits: `openssl rand -hex 32` makes one"))
}

/// An address may hold a password, so it may be a reference like any secret.
fn database(
    whole: &Section<'_>,
    folder: &Path,
    keeper: &mut Keeper<'_>,
    environment: &Environment,
) -> Result<Secret<String>, Problem> {
    if let Some(url) = environment("NARUPAY_DATABASE_URL") {
        return Ok(Secret::new(url));
    }
    let Some(section) = whole.section("database", DATABASE)? else {
        return Ok(Secret::new(beside(folder, DATABASE_URL)));
    };
    // Text first: its error tells of both forms only when it is neither.
    if let Ok(Some(url)) = section.text("url") {
        if !["sqlite:", "postgres://", "postgresql://"]
            .iter()
            .any(|scheme| url.starts_with(scheme))
        {
            return Err(section.complain("url", "it begins with `sqlite:` or `postgres://`"));
        }
        return Ok(Secret::new(beside(folder, &url)));
    }
    match section.reference("url")? {
        Some(reference) => keeper.fetch(&reference),
        None => Ok(Secret::new(beside(folder, DATABASE_URL))),
    }
}

/// A database file named without a folder lies beside the configuration, wherever we are started.
pub fn beside(folder: &Path, url: &str) -> String {
    match url.strip_prefix("sqlite:").map(Path::new) {
        Some(path) if path.is_relative() => format!("sqlite:{}", folder.join(path).display()),
        _ => url.to_owned(),
    }
}

fn log(whole: &Section<'_>, environment: &Environment) -> Result<Log, Problem> {
    let section = whole.section("log", LOG)?;
    let mut log = Log {
        format: Format::Json,
        level: "info".to_owned(),
    };
    if let Some(section) = &section {
        log.level = section.text("level")?.unwrap_or(log.level);
        log.format = match section.text("format")?.as_deref() {
            None | Some("json") => Format::Json,
            Some("text") => Format::Text,
            Some(_) => return Err(section.complain("format", "it is \"json\" or \"text\"")),
        };
    }
    if let Some(level) = environment("NARUPAY_LOG") {
        log.level = level;
    }
    Ok(log)
}

fn shop(section: &Section<'_>, keeper: &mut Keeper<'_>) -> Result<ShopSetup, Problem> {
    let slug = slug(section)?;
    let name = section.required("name", "what shoppers see on the checkout page")?;
    if name.trim().is_empty() || name.chars().count() > NAME_CHARS_MAX {
        return Err(section.complain("name", format!("1 to {NAME_CHARS_MAX} characters")));
    }
    let accent = section.text("accent")?;
    if accent.as_deref().is_some_and(|accent| !is_colour(accent)) {
        return Err(section.complain("accent", "a colour is written #rrggbb"));
    }
    let mut keys = Vec::new();
    let modes = section.section("keys", MODES)?;
    for mode in [Mode::Test, Mode::Live] {
        let Some(pair) = modes
            .as_ref()
            .map(|modes| modes.section(mode.as_str(), KEYS))
            .transpose()?
            .flatten()
        else {
            continue;
        };
        let hint = format!("sk_{mode}_ and at least 24 letters or digits, by reference");
        let reference = pair
            .reference("secret_key")?
            .ok_or_else(|| pair.missing("secret_key", &hint))?;
        keys.push(KeySetup {
            mode,
            secret_key: keeper.fetch(&reference)?,
            client_key: pair.required("client_key", &format!("ck_{mode}_ and at least 24 letters or digits"))?,
        });
    }
    if keys.is_empty() {
        return Err(section.missing("keys", "[shop.keys.test], or [shop.keys.live] for real money"));
    }
    let accounts = section.sections("pg_account", PG_ACCOUNT)?;
    let accounts = accounts
        .iter()
        .map(|section| account(section, keeper))
        .collect::<Result<Vec<_>, _>>()?;
    let preference = preference(section, &accounts)?;
    Ok(ShopSetup {
        slug,
        name,
        accent,
        keys,
        accounts,
        preference,
    })
}

fn account(section: &Section<'_>, keeper: &mut Keeper<'_>) -> Result<AccountSetup, Problem> {
    let mode = section.required("mode", "\"test\" or \"live\"")?;
    let mode: Mode = mode
        .parse()
        .map_err(|()| section.complain("mode", "it is \"test\" or \"live\""))?;
    let method = |name: String| {
        let known = Method::ALL.map(Method::as_str).join(", ");
        name.parse::<Method>()
            .map_err(|()| section.complain("methods", format!("`{name}` is none of {known}")))
    };
    let simulator = section
        .text("simulator")?
        .map(|url| url.trim_end_matches('/').to_owned());
    if simulator.is_some() && mode == Mode::Live {
        return Err(section.complain("simulator", "real money does not go through a simulator"));
    }
    let secrets = section.free_references("secrets")?;
    let secrets = secrets
        .into_iter()
        .map(|(name, reference)| Ok((name, keeper.fetch(&reference)?)));
    Ok(AccountSetup {
        slug: slug(section)?,
        config: PgConfig {
            pg: section.required("pg", &connectors::known_pgs().join(" or "))?,
            mode,
            settings: section.free_texts("settings")?,
            secrets: secrets.collect::<Result<_, Problem>>()?,
        },
        methods: section
            .texts("methods")?
            .into_iter()
            .map(method)
            .collect::<Result<_, _>>()?,
        simulator,
        budgets: budgets(section)?,
    })
}

/// `CARD = ["nice-main", "toss-main"]`: the accounts to try first, method by method.
fn preference(shop: &Section<'_>, accounts: &[AccountSetup]) -> Result<BTreeMap<Method, Vec<String>>, Problem> {
    let mut preference = BTreeMap::new();
    let Some(section) = shop.section("preference", METHODS)? else {
        return Ok(preference);
    };
    for method in Method::ALL {
        let slugs = section.texts(method.as_str())?;
        for slug in &slugs {
            if !accounts.iter().any(|account| account.slug == *slug) {
                let known: Vec<&str> = accounts.iter().map(|account| account.slug.as_str()).collect();
                let text = format!("there is no PG account `{slug}`; this shop has {}", known.join(", "));
                return Err(section.complain(method.as_str(), text));
            }
        }
        if !slugs.is_empty() {
            preference.insert(method, slugs);
        }
    }
    Ok(preference)
}

fn budgets(account: &Section<'_>) -> Result<Budgets, Problem> {
    let mut budgets = Budgets::default();
    let Some(section) = account.section("budgets", BUDGETS)? else {
        return Ok(budgets);
    };
    let read = |bound: Bound, budget: &mut u64| {
        let Some(number) = section.number(bound.name)? else {
            return Ok(());
        };
        let fits = u64::try_from(number).ok();
        let fits = fits.filter(|number| (bound.min_ms..=bound.max_ms).contains(number));
        *budget = fits.ok_or_else(|| {
            section.complain(
                bound.name,
                format!("milliseconds from {} to {}", bound.min_ms, bound.max_ms),
            )
        })?;
        Ok::<(), Problem>(())
    };
    read(Budgets::APPROVE, &mut budgets.approve_ms)?;
    read(Budgets::INQUIRE, &mut budgets.inquire_ms)?;
    read(Budgets::CANCEL, &mut budgets.cancel_ms)?;
    read(Budgets::SHOPPER, &mut budgets.shopper_ms)?;
    Ok(budgets)
}

/// Data is found again by it, so it is plain.
fn slug(section: &Section<'_>) -> Result<String, Problem> {
    let hint = "a short name that never changes: its data is found by it";
    let slug = section.required("slug", hint)?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    if slug.is_empty() || slug.len() > SLUG_CHARS_MAX || !slug.bytes().all(plain) {
        let text = format!("1 to {SLUG_CHARS_MAX} of a-z, 0-9, - and _");
        return Err(section.complain("slug", text));
    }
    Ok(slug)
}

fn is_colour(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or_default();
    digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).ok();
    (0..text.len()).step_by(2).map(byte).collect()
}

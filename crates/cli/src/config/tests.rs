use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use vocabulary::Chance;

use super::{Config, Format};
use crate::stop;

/// A folder of its own for each test, gone when the test is.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        let name = format!("narupay-config-{:016x}", u64::from_le_bytes(Chance::system().bytes()));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        let folder = Folder(path);
        folder.secret("signing_key", &"0a".repeat(32), 0o600);
        folder.secret("secret_key", &format!("sk_test_{}\n", "k".repeat(24)), 0o600);
        folder
    }

    fn secret(&self, name: &str, text: &str, mode: u32) {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn load_in(&self, text: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
        let file = self.0.join("narupay.toml");
        fs::write(&file, text).unwrap();
        let environment: Vec<(String, String)> = environment
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let look_up = move |name: &str| {
            environment
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.clone())
        };
        Config::load(&file, &look_up).map_err(|error| stop::tell(&error).replace(&self.0.display().to_string(), "."))
    }

    fn load(&self, text: &str) -> Result<Config, String> {
        self.load_in(text, &[])
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const SERVER: &str = "[server]\nsigning_key = { file = \"signing_key\" }\n";

fn shop(extra: &str) -> String {
    format!(
        "[[shop]]\nslug = \"main\"\nname = \"가게\"\n[shop.keys.test]\nsecret_key = {{ file = \"secret_key\" }}\nclient_key = \"ck_test_{}\"\n{extra}",
        "c".repeat(24)
    )
}

/// What is said about a file that is wrong.
fn refused(text: &str) -> String {
    Folder::new().load(text).unwrap_err()
}

#[track_caller]
fn check_refused(text: &str, parts: &[&str]) {
    let said = refused(text);
    for part in parts {
        assert!(said.contains(part), "{part:?} is not in:\n{said}");
    }
}

#[test]
fn the_least_that_works_has_sensible_defaults() {
    let folder = Folder::new();
    let config = folder.load(&format!("{SERVER}{}", shop(""))).unwrap();
    assert_eq!(config.server.listen, "127.0.0.1:4000");
    assert_eq!(config.server.public_url, "http://127.0.0.1:4000");
    assert_eq!(config.log.format, Format::Json);
    assert!(!config.webhook_private_addresses && !config.is_live() && config.warnings.is_empty());
    let database = config.database_url.reveal_for("a test").clone();
    assert_eq!(database, format!("sqlite:{}/narupay.db", folder.0.display()));
    let key = config.shops[0].keys[0].secret_key.reveal_for("a test");
    assert_eq!(
        key,
        &format!("sk_test_{}", "k".repeat(24)),
        "the line end is not part of the key"
    );
}

#[test]
fn an_account_keeps_its_settings_and_secrets_apart() {
    let folder = Folder::new();
    folder.secret("toss", "test_sk_abc", 0o600);
    let account = "[[shop.pg_account]]\nslug = \"toss\"\npg = \"toss\"\nmode = \"test\"\nmethods = [\"CARD\"]\nsimulator = \"http://127.0.0.1:4010/toss/\"\n[shop.pg_account.settings]\nclient_key = \"test_ck_abc\"\n[shop.pg_account.secrets]\nsecret_key = { file = \"toss\" }\n";
    let config = folder.load(&format!("{SERVER}{}", shop(account))).unwrap();
    let account = &config.shops[0].accounts[0];
    assert_eq!(account.simulator.as_deref(), Some("http://127.0.0.1:4010/toss"));
    assert_eq!(account.config.settings["client_key"], "test_ck_abc");
    assert_eq!(account.config.secrets["secret_key"].reveal_for("a test"), "test_sk_abc");
    assert!(
        !format!("{config:?}").contains("test_sk_abc"),
        "secrets are never printed"
    );
}

#[test]
fn an_unknown_key_is_refused_with_its_line_and_the_nearest() {
    check_refused(
        &format!("[server]\nlisten = \"127.0.0.1:1\"\npublik_url = \"x\"\n{}", shop("")),
        &[
            "narupay.toml, line 3",
            "`publik_url` is not a key of [server]",
            "did you mean `public_url`?",
            "next:",
        ],
    );
    check_refused(
        "[databse]\nurl = \"sqlite:x\"\n",
        &["line 1", "`databse` is not a key of the file", "`database`"],
    );
    check_refused(
        &format!("{SERVER}{}", shop("[[shop.pg_account]]\nslugg = \"toss\"\n")),
        &["line 10", "`slugg` is not a key of [shop.pg_account]", "`slug`"],
    );
    check_refused(
        &format!("{SERVER}colour = 1\n"),
        &["known are listen, public_url, signing_key"],
    );
}

#[test]
fn what_is_not_toml_or_of_the_wrong_type_is_said_with_its_line() {
    check_refused("[server\n", &["line 1", "not TOML"]);
    check_refused(
        "[server]\nlisten = 4000\n",
        &["line 2", "`server.listen` must be a text, not integer"],
    );
    check_refused(
        &format!("{SERVER}[webhooks]\nallow_private_addresses = \"yes\"\n{}", shop("")),
        &["line 4", "true or false"],
    );
    check_refused(&format!("{SERVER}[shop]\nslug = \"a\"\n"), &["written as [[shop]]"]);
    check_refused(
        "[server]\nlisten = \"a\"\nlisten = \"b\"\n",
        &["line 3", "duplicate key"],
    );
}

#[test]
fn what_is_missing_is_named() {
    check_refused("", &["`server` is missing", "openssl rand -hex 32"]);
    check_refused(SERVER, &["`shop` is missing"]);
    check_refused(
        &format!("{SERVER}[[shop]]\nslug = \"a\"\nname = \"b\"\n"),
        &["`shop.keys` is missing", "[shop.keys.test]"],
    );
}

#[test]
fn a_secret_written_out_is_refused_and_not_repeated() {
    let text = format!("{SERVER}{}", shop("")).replace("{ file = \"secret_key\" }", "\"sk_test_oops\"");
    check_refused(
        &text,
        &[
            "line 7",
            "`shop.keys.test.secret_key`",
            "{ file = \"keys/…\" } or { env = \"NAME\" }",
        ],
    );
    assert!(!refused(&text).contains("oops"));
}

#[test]
fn a_secret_that_cannot_be_had_names_its_key() {
    let missing = format!("{SERVER}{}", shop("")).replace("\"secret_key\"", "\"nowhere\"");
    check_refused(
        &missing,
        &[
            "line 7",
            "`shop.keys.test.secret_key`",
            "./nowhere cannot be read",
            "mode 0600",
        ],
    );
    let env = format!("{SERVER}{}", shop("")).replace("{ file = \"secret_key\" }", "{ env = \"SHOP_KEY\" }");
    check_refused(&env, &["the environment has no SHOP_KEY"]);
    let key = format!("sk_test_{}", "e".repeat(24));
    let config = Folder::new().load_in(&env, &[("SHOP_KEY", &key)]).unwrap();
    assert_eq!(config.shops[0].keys[0].secret_key.reveal_for("a test"), &key);
    check_refused(
        &format!("[server]\nsigning_key = {{ file = \"secret_key\" }}\n{}", shop("")),
        &["64 hexadecimal digits"],
    );
}

#[test]
fn a_loose_file_is_a_warning_in_test_and_a_refusal_with_real_money() {
    let folder = Folder::new();
    folder.secret("signing_key", &"0a".repeat(32), 0o644);
    let config = folder.load(&format!("{SERVER}{}", shop(""))).unwrap();
    assert!(config.warnings[0].contains("chmod 600"), "{:?}", config.warnings);
    let live = format!(
        "[shop.keys.live]\nsecret_key = {{ file = \"secret_key\" }}\nclient_key = \"ck_live_{}\"\n",
        "c".repeat(24)
    );
    let said = folder.load(&format!("{SERVER}{}", shop(&live))).unwrap_err();
    assert!(said.contains("others may read it"), "{said}");
}

#[test]
fn values_that_cannot_be_are_refused() {
    check_refused(
        &format!("{SERVER}public_url = \"pay.shop.kr\"\n{}", shop("")),
        &["`server.public_url`"],
    );
    check_refused(
        &format!("{SERVER}[database]\nurl = \"mysql://x\"\n{}", shop("")),
        &["`sqlite:` or `postgres://`"],
    );
    check_refused(
        &format!("{SERVER}[log]\nformat = \"xml\"\n{}", shop("")),
        &["\"json\" or \"text\""],
    );
    let account = |text: &str| {
        format!(
            "{SERVER}{}",
            shop(&format!("[[shop.pg_account]]\nslug = \"t\"\npg = \"toss\"\n{text}"))
        )
    };
    check_refused(&account("mode = \"real\"\n"), &["\"test\" or \"live\""]);
    check_refused(
        &account("mode = \"test\"\nmethods = [\"CASH\"]\n"),
        &["`CASH` is none of CARD"],
    );
    check_refused(
        &account("mode = \"live\"\nsimulator = \"http://x\"\n"),
        &["real money does not go through a simulator"],
    );
}

#[test]
fn the_environment_stands_above_the_file() {
    let environment = [
        ("NARUPAY_LISTEN", "0.0.0.0:80"),
        ("NARUPAY_PUBLIC_URL", "https://pay.example.kr/"),
        ("NARUPAY_DATABASE_URL", "postgres://db/naru"),
        ("NARUPAY_LOG", "debug"),
    ];
    let config = Folder::new()
        .load_in(&format!("{SERVER}{}", shop("")), &environment)
        .unwrap();
    assert_eq!(config.server.listen, "0.0.0.0:80");
    assert_eq!(config.server.public_url, "https://pay.example.kr");
    assert_eq!(config.database_url.reveal_for("a test"), "postgres://db/naru");
    assert_eq!(config.log.level, "debug");
}

const TWO_ACCOUNTS: &str = "[[shop.pg_account]]\nslug = \"first\"\npg = \"toss\"\nmode = \"test\"\n[[shop.pg_account]]\nslug = \"second\"\npg = \"toss\"\nmode = \"test\"\n";

#[test]
fn a_shop_prefers_pg_accounts_method_by_method() {
    let text = format!(
        "{SERVER}{}[shop.preference]\nCARD = [\"second\", \"first\"]\n",
        shop(TWO_ACCOUNTS)
    );
    let config = Folder::new().load(&text).unwrap();
    let preference = &config.shops[0].preference;
    assert_eq!(preference.len(), 1);
    assert_eq!(preference[&vocabulary::Method::Card], ["second", "first"]);
    let wrong = |line: &str| format!("{SERVER}{}[shop.preference]\n{line}\n", shop(TWO_ACCOUNTS));
    check_refused(
        &wrong("CARD = [\"third\"]"),
        &["no PG account `third`", "first, second"],
    );
    check_refused(&wrong("CART = [\"first\"]"), &["`CART`", "did you mean `CARD`?"]);
}

#[test]
fn a_pg_account_has_time_budgets_within_bounds() {
    let with = |line: &str| {
        let account = "[[shop.pg_account]]\nslug = \"toss\"\npg = \"toss\"\nmode = \"test\"\n";
        format!("{SERVER}{}[shop.pg_account.budgets]\n{line}\n", shop(account))
    };
    let config = Folder::new().load(&with("approve_ms = 12_000")).unwrap();
    let budgets = config.shops[0].accounts[0].budgets;
    assert_eq!(
        (budgets.approve_ms, budgets.shopper_ms),
        (12_000, flows::Budgets::default().shopper_ms)
    );
    check_refused(&with("approve_ms = 999"), &["approve_ms", "from 1000 to 30000"]);
    check_refused(&with("approve_ms = -1"), &["approve_ms", "from 1000 to 30000"]);
    check_refused(&with("inquire_ms = \"fast\""), &["inquire_ms", "a whole number"]);
    check_refused(&with("aprove_ms = 5000"), &["did you mean `approve_ms`?"]);
}

use super::*;
use vocabulary::TestClock;

use crate::{ConfigError, Outside, connect};

fn load(config: &PgConfig) -> Result<(), String> {
    let outside = Outside {
        transport: pg(),
        clock: Arc::new(TestClock::at(Timestamp::from_seconds(0))),
    };
    connect(config, &outside)
        .map(|_| ())
        .map_err(|error: ConfigError| error.to_string())
}

fn problem(pairs: &[(&str, &str)]) -> String {
    load(&settings(pairs)).unwrap_err()
}

#[test]
fn an_account_needs_two_keys_and_nothing_else() {
    let mut config = settings(&[]);
    config.settings.remove("api_url");
    let toss = Toss::new(&config, pg()).unwrap();
    assert_eq!(
        format!("{:?}", toss.config),
        "toss 2022-11-16 at https://api.tosspayments.com"
    );
    assert_eq!(toss.config.script_url, "https://js.tosspayments.com/v2/standard");
    config.settings.remove("client_key");
    assert!(load(&config).unwrap_err().contains("needs the setting `client_key`"));
    config = settings(&[]);
    config.secrets.clear();
    assert!(load(&config).unwrap_err().contains("needs the setting `secret_key`"));
}

#[test]
fn unknown_and_misplaced_settings_are_named() {
    assert!(problem(&[("client_kye", "x")]).contains("did you mean `client_key`"));
    assert!(problem(&[("apiversion", "x")]).contains("did you mean `api_version`"));
    assert!(problem(&[("secret_key", SECRET_KEY)]).contains("is a secret"));
    let mut config = settings(&[]);
    config
        .secrets
        .insert("api_url".into(), Secret::new("https://x.kr".into()));
    assert!(load(&config).unwrap_err().contains("is no secret"));
    assert!(problem(&[("api_version", "2020-01-01")]).contains("2022-11-16 and 2024-06-01"));
    assert_eq!(load(&settings(&[("api_version", "2024-06-01")])), Ok(()));
    let mut config = settings(&[]);
    config.pg = "tosss".into();
    assert!(load(&config).unwrap_err().contains("known are: nice, toss"));
}

#[test]
fn keys_belong_to_one_pair_and_one_mode() {
    assert!(problem(&[("client_key", "test_gck_docs_abc")]).contains("widget pair"));
    assert!(problem(&[("client_key", "live_ck_abc")]).contains("this is a live key"));
    assert!(problem(&[("client_key", "test_sk_abc")]).contains("looks like test_ck_"));
    assert!(problem(&[("client_key", "test_ck_")]).contains("looks like test_ck_"));
    for wrong in [
        "test_gsk_abc",
        "live_sk_abc",
        "test_ck_abc",
        "test_sk_가나다",
        "",
        "test_sk_a b",
    ] {
        let mut config = settings(&[]);
        config.secrets.insert("secret_key".into(), Secret::new(wrong.into()));
        let problem = load(&config).unwrap_err();
        assert!(
            problem.contains("setting `secret_key`") && !problem.contains("abc"),
            "{problem}"
        );
    }
    let mut config = settings(&[]);
    config
        .secrets
        .insert("security_key".into(), Secret::new("a".repeat(64)));
    assert_eq!(load(&config), Ok(()));
    config
        .secrets
        .insert("security_key".into(), Secret::new("g".repeat(64)));
    assert!(load(&config).unwrap_err().contains("64 hexadecimal digits"));
}

#[test]
fn a_live_key_never_travels_in_the_clear() {
    let live = |api_url: &str| {
        let mut config = settings(&[("client_key", "live_ck_abc"), ("api_url", api_url)]);
        config.mode = Mode::Live;
        config
            .secrets
            .insert("secret_key".into(), Secret::new("live_sk_abc".into()));
        load(&config)
    };
    assert_eq!(live("https://api.tosspayments.com"), Ok(()));
    assert!(
        live("http://127.0.0.1:9000")
            .unwrap_err()
            .contains("starts with https://")
    );
    assert_eq!(
        load(&settings(&[("api_url", "http://simulator:8080")])),
        Ok(()),
        "test mode may"
    );
    for wrong in [
        "ftp://x.kr",
        "nowhere",
        "https://",
        "https://me:pw@x.kr",
        "https://x.kr/?a=b",
        "https://x.kr/#a",
    ] {
        assert!(problem(&[("api_url", wrong)]).contains("setting `api_url`"), "{wrong}");
        assert!(
            problem(&[("script_url", wrong)]).contains("setting `script_url`"),
            "{wrong}"
        );
    }
}

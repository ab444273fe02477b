use super::*;
use crate::{ConfigError, connect};

fn load(config: &PgConfig) -> Result<(), String> {
    let outside = Outside {
        transport: pg(),
        clock: clock(NOW),
    };
    let connected = connect(config, &outside).map(|_| ());
    connected.map_err(|error: ConfigError| error.to_string())
}

fn problem(pairs: &[(&str, &str)]) -> String {
    load(&settings(pairs)).unwrap_err()
}

#[test]
fn an_account_needs_two_keys_and_knows_its_mode_s_address() {
    let mut config = settings(&[]);
    config.settings.remove("api_url");
    let sandbox = nice_with(&config, &pg(), clock(NOW));
    assert_eq!(
        format!("{:?}", sandbox.config),
        "nice at https://sandbox-api.nicepay.co.kr"
    );
    assert_eq!(sandbox.config.script_url, "https://pay.nicepay.co.kr/v1/js/");
    config.mode = Mode::Live;
    config
        .settings
        .insert("client_id".into(), format!("R2_{}", "a".repeat(32)));
    let live = nice_with(&config, &pg(), clock(NOW));
    assert_eq!(format!("{:?}", live.config), "nice at https://api.nicepay.co.kr");
    config.settings.remove("client_id");
    assert!(load(&config).unwrap_err().contains("needs the setting `client_id`"));
    config = settings(&[]);
    config.secrets.clear();
    assert!(load(&config).unwrap_err().contains("needs the setting `secret_key`"));
}

#[test]
fn only_the_sandbox_cannot_cancel_in_parts() {
    let may = |nice: &Nice| {
        let mut all = nice.capabilities().methods.iter().map(|rules| rules.partial_cancel);
        let first = all.next().unwrap();
        assert!(all.all(|other| other == first));
        first
    };
    let mut config = settings(&[]);
    assert!(may(&nice_with(&config, &pg(), clock(NOW))));
    config.settings.remove("api_url");
    let sandbox = nice_with(&config, &pg(), clock(NOW));
    assert!(!may(&sandbox));
    let sandbox_answer = pg().say(200, payment());
    let sandbox = nice_with(&config, &sandbox_answer, clock(NOW));
    let report = reported(sandbox.approve(&approve_ask()).now_or_never().unwrap());
    assert!(!report.partial_cancel_allowed, "whatever its dummy card says");
}

#[test]
fn keys_are_of_the_server_approval_model_and_of_one_mode() {
    let digits = "a".repeat(32);
    for client_approval in [
        "S1_6eaa0db1afdc41f3becb770878d67d25",
        "R1_6eaa0db1afdc41f3becb770878d67d25",
    ] {
        assert!(problem(&[("client_id", client_approval)]).contains("client-approval model"));
    }
    assert!(problem(&[("client_id", &format!("R2_{digits}"))]).contains("this is a live key"));
    assert_eq!(load(&settings(&[("client_id", &digits)])), Ok(()), "an older key");
    for wrong in ["", "S2_", "S2_af45", "S3_af4543a0be4d49a98122e01ec2059a56", "S2_가"] {
        assert!(
            problem(&[("client_id", wrong)]).contains("32 hexadecimal digits"),
            "{wrong}"
        );
    }
    let mut live = settings(&[]);
    live.mode = Mode::Live;
    assert!(load(&live).unwrap_err().contains("this is a sandbox key"));
    for wrong in ["", "short", "9eb85607103646da9f9c02b128f2e5e!"] {
        let mut config = settings(&[]);
        config.secrets.insert("secret_key".into(), Secret::new(wrong.into()));
        assert!(load(&config).unwrap_err().contains("32 letters and digits"), "{wrong}");
    }
}

#[test]
fn unknown_and_misplaced_settings_are_named() {
    assert!(problem(&[("clientid", "x")]).contains("did you mean `client_id`"));
    assert!(problem(&[("secret_key", SECRET_KEY)]).contains("is a secret"));
    assert!(problem(&[("auth", "digest")]).contains("basic and bearer"));
    let mut config = settings(&[]);
    config.secrets.insert("auth".into(), Secret::new("basic".into()));
    assert!(load(&config).unwrap_err().contains("is no secret"));
}

#[test]
fn a_live_key_never_travels_in_the_clear() {
    let live = |api_url: &str| {
        let mut config = settings(&[
            ("client_id", "R2_af4543a0be4d49a98122e01ec2059a56"),
            ("api_url", api_url),
        ]);
        config.mode = Mode::Live;
        load(&config)
    };
    assert_eq!(live("https://api.nicepay.co.kr"), Ok(()));
    assert!(
        live("http://127.0.0.1:9000")
            .unwrap_err()
            .contains("starts with https://")
    );
    for wrong in [
        "ftp://x.kr",
        "nowhere",
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

fn token(name: &str, ends: &str) -> Value {
    json!({"resultCode": "0000", "resultMsg": "ok", "accessToken": "a-token", "tokenType": "Bearer", name: ends, "now": NOW})
}

#[test]
fn a_bearer_token_is_asked_for_once_and_again_before_it_ends() {
    for name in ["expireAt", "expiredAt"] {
        let token = token(name, "2026-11-25T10:45:31.000+0900");
        let pg = pg().say(200, &token).say(200, payment()).say(200, payment());
        let time = clock(NOW);
        let nice = nice_with(&settings(&[("auth", "bearer")]), &pg, time.clone());
        let ask = inquiry(Some(TID));
        reported(nice.inquire(&ask).now_or_never().unwrap());
        reported(nice.inquire(&ask).now_or_never().unwrap());
        assert_eq!(pg.request(0).1, "/v1/access-token");
        assert!(pg.header(0, "authorization").unwrap().starts_with("Basic UzJf"));
        assert_eq!(pg.header(1, "authorization").unwrap(), "Bearer a-token");
        assert_eq!(
            (pg.header(2, "authorization"), pg.count()),
            (pg.header(1, "authorization"), 3)
        );
        time.advance(vocabulary::Duration::minutes(29));
        pg.say(200, &token).say(200, payment());
        nice.inquire(&ask).now_or_never().unwrap();
        assert_eq!(
            pg.request(3).1,
            "/v1/access-token",
            "{name}: in its last minute it rests"
        );
    }
}

#[test]
fn a_token_that_is_turned_away_is_replaced_once() {
    let token = token("expireAt", "2026-11-25T10:45:31.000+0900");
    let pg = pg().say(200, &token).say(200, payment());
    let nice = nice_with(&settings(&[("auth", "bearer")]), &pg, clock(NOW));
    nice.inquire(&inquiry(Some(TID))).now_or_never().unwrap();
    pg.say(401, error("U104")).say(200, &token).say(200, payment());
    reported(nice.approve(&approve_ask()).now_or_never().unwrap());
    assert_eq!(pg.count(), 5);
    pg.say(401, error("U104")).say(200, &token).say(401, error("U104"));
    let answer = nice.approve(&approve_ask()).now_or_never().unwrap();
    assert_eq!(refused(answer), (Reason::Misconfigured, "U104".into()));
}

#[test]
fn without_a_token_nothing_was_asked() {
    for answer in [error("U305"), json!({"resultCode": "0000"}), token("expireAt", "0")] {
        let fine = answer["accessToken"].is_string();
        let pg = pg().say(200, answer);
        let nice = nice_with(&settings(&[("auth", "bearer")]), &pg, clock(NOW));
        let answer = nice.approve(&approve_ask()).now_or_never().unwrap();
        assert_eq!(matches!(answer, Answer::No(_)), !fine, "{answer:?}");
    }
    let nice = nice_with(&settings(&[("auth", "bearer")]), &pg(), clock(NOW));
    let answer = nice.approve(&approve_ask()).now_or_never().unwrap();
    assert_eq!(
        refused(answer).0,
        Reason::PgUnavailable,
        "the approve itself never left"
    );
}

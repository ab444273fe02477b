use rusqlite::Connection;
use serde_json::{Value, json};

use crate::kit::{Folder, PG_KEYS, Running, SHOP_KEY, Shop, check, installation, run, simulator, text};

#[tokio::test]
async fn a_port_in_use_is_said_with_who_uses_it() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = Folder::new();
    let data = folder.path().join("data").display().to_string();
    let output = run(&["demo", "--json", "--port", &port, "--data", &data]).await;
    let me = format!("(process {})", std::process::id());
    check(
        &output,
        1,
        &[&format!("port {port} is in use by"), &me, "next:", "--port"],
    );
    assert!(
        output.stdout.is_empty() && !folder.path().join("data").exists(),
        "nothing is begun"
    );
}

#[tokio::test]
async fn an_unknown_key_in_the_configuration_is_said_with_the_nearest() {
    let folder = Folder::new();
    let config = folder.write(
        "narupay.toml",
        "[server]\nlisten = \"127.0.0.1:0\"\nsiging_key = \"x\"\n",
    );
    for command in ["serve", "migrate", "books", "check"] {
        let output = run(&[command, "--config", config.to_str().unwrap()]).await;
        let code = if command == "books" { 2 } else { 1 };
        check(
            &output,
            code,
            &[
                "line 3",
                "`siging_key` is not a key of [server]",
                "did you mean `signing_key`?",
            ],
        );
    }
}

#[tokio::test]
async fn books_tell_clean_from_different_from_unreadable_by_their_code() {
    let folder = Folder::new();
    let (simulator, pg) = simulator().await;
    let config = installation(&folder, &pg).display().to_string();
    check(&run(&["books", "--config", &config]).await, 2, &["narupay migrate"]);

    let server = Running::start(&["serve", "--json", "--config", &config]).await;
    let shop = Shop::new(&server.at("apiUrl"), SHOP_KEY, &pg, PG_KEYS.0);
    shop.buy("order-in-the-books").await;
    let fit = run(&["check", "--config", &config, "--json"]).await;
    check(&fit, 0, &["\"fit\":true", "toss accepts the keys", "live keys"]);
    assert_eq!(server.stop().await, Some(0));

    let clean = run(&["books", "--config", &config, "--json"]).await;
    check(&clean, 0, &["\"clean\":true"]);
    let said: Value = serde_json::from_str(&text(&clean.stdout)).unwrap();
    let accounts = said["books"][0]["accounts"].as_array().unwrap();
    let balance = |name: &str| accounts.iter().find(|account| account["account"] == name).unwrap()["balance"].clone();
    assert_eq!(
        (balance("pg_receivable:toss"), balance("sales"), balance("vat_payable")),
        (15000.into(), (-13636).into(), (-1364).into())
    );

    let database = Connection::open(folder.path().join("narupay.db")).unwrap();
    database
        .execute(
            "UPDATE entries SET amount = amount - 1 WHERE account LIKE 'pg_receivable:%'",
            [],
        )
        .unwrap();
    let different = run(&["books", "--config", &config]).await;
    check(&different, 1, &["DO NOT BALANCE", "1 PAYMENTS DISAGREE", "14,999"]);
    database
        .execute(
            "UPDATE entries SET amount = amount + 1 WHERE account LIKE 'pg_receivable:%'",
            [],
        )
        .unwrap();
    database
        .execute("UPDATE events SET body = replace(body, '15000', '15001')", [])
        .unwrap();
    check(
        &run(&["books", "--config", &config]).await,
        1,
        &["EVENT RECORD CHANGED AFTER THE FACT"],
    );

    assert_eq!(simulator.stop().await, Some(0));
    let unfit = run(&["check", "--config", &config]).await;
    check(
        &unfit,
        1,
        &[
            "FAIL  PG main/toss (test)",
            "no connection to the PG",
            "→ compare the keys",
        ],
    );
}

#[tokio::test]
async fn a_schema_is_brought_up_to_date_and_a_newer_one_refused() {
    let folder = Folder::new();
    let config = installation(&folder, "http://127.0.0.1:9/toss").display().to_string();
    let status = ["migrate", "--status", "--config", &config];
    check(&run(&status).await, 1, &["run `narupay migrate`"]);
    check(
        &run(&["migrate", "--config", &config]).await,
        0,
        &["Applied 0001_spine"],
    );
    check(
        &run(&["migrate", "--config", &config]).await,
        0,
        &["nothing was to be done"],
    );
    check(&run(&status).await, 0, &["current"]);

    let database = Connection::open(folder.path().join("narupay.db")).unwrap();
    let row = "INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES (9999, 'future', '', 0)";
    database.execute(row, []).unwrap();
    let newer = ["at schema 9999", "start the newer NaruPay"];
    check(&run(&["serve", "--config", &config]).await, 1, &newer);
    check(&run(&["migrate", "--config", &config]).await, 1, &newer);
    check(&run(&["books", "--config", &config]).await, 2, &newer);
    check(&run(&status).await, 1, &["start a newer program"]);
}

#[tokio::test]
async fn play_is_refused_where_money_is_real() {
    let folder = Folder::new();
    let config = installation(&folder, "http://127.0.0.1:9/toss");
    folder.write("live_key", "sk_live_0123456789abcdefghijklmn");
    let live = "[shop.keys.live]\nsecret_key = { file = \"live_key\" }\nclient_key = \"ck_live_0123456789abcdefghijklmn\"\n[[shop.pg_account]]";
    let text = std::fs::read_to_string(&config)
        .unwrap()
        .replacen("[[shop.pg_account]]", live, 1);
    std::fs::write(&config, text).unwrap();
    let config = config.display().to_string();
    let output = run(&["serve", "--clock", "2030-01-01T00:00:00Z", "--config", &config]).await;
    check(&output, 1, &["real money has real time", "next:"]);
    let unfit = run(&["check", "--config", &config]).await;
    check(&unfit, 1, &["FAIL  public address", "https://"]);
    let data = folder.path().display().to_string();
    let output = run(&["demo", "--port", "0", "--data", &data]).await;
    check(&output, 1, &["a demo is not for real money", "--data DIR"]);
}

#[tokio::test]
async fn recheck_asks_the_pg_now_and_says_what_is_known() {
    let folder = Folder::new();
    let (simulator, pg) = simulator().await;
    let config = installation(&folder, &pg).display().to_string();
    let server = Running::start(&["serve", "--json", "--config", &config]).await;
    let shop = Shop::new(&server.at("apiUrl"), SHOP_KEY, &pg, PG_KEYS.0);
    for (operation, fault, times) in [("approve", "5xx-after", 1), ("inquire", "5xx-before", 1_000)] {
        let plan = json!({ "operation": operation, "fault": fault, "times": times });
        shop.switch("faults", plan).await;
    }
    let unclear = shop.buy("order-to-recheck").await;
    assert_eq!(unclear["status"], "CONFIRMING");
    assert_eq!(server.stop().await, Some(0));

    let id = unclear["id"].as_str().unwrap();
    let silent = run(&["recheck", id, "--config", &config]).await;
    check(&silent, 1, &["order-to-recheck", "CONFIRMING", "1 still open"]);
    shop.switch("faults/clear", json!({})).await;
    check(
        &run(&["recheck", "order-to-recheck", "--config", &config, "--json"]).await,
        0,
        &["\"before\":\"CONFIRMING\"", "\"after\":\"DONE\"", "\"openQuestions\":0"],
    );
    check(
        &run(&["recheck", "--all-open", "--config", &config]).await,
        0,
        &["Nothing is open"],
    );
    check(
        &run(&["recheck", "no-such-order", "--config", &config]).await,
        2,
        &["there is no payment `no-such-order`", "next:"],
    );
    check(&run(&["books", "--config", &config]).await, 0, &[]);
    assert_eq!(simulator.stop().await, Some(0));
}

#[tokio::test]
async fn the_work_list_says_what_is_stuck_and_what_to_do() {
    let folder = Folder::new();
    let (simulator, pg) = simulator().await;
    let config = installation(&folder, &pg).display().to_string();
    let server = Running::start(&["serve", "--json", "--config", &config]).await;
    check(
        &run(&["worklist", "--config", &config]).await,
        0,
        &["Nothing needs a person"],
    );
    let shop = Shop::new(&server.at("apiUrl"), SHOP_KEY, &pg, PG_KEYS.0);
    for (operation, fault, times) in [("approve", "5xx-after", 1), ("inquire", "5xx-before", 1_000)] {
        let plan = json!({ "operation": operation, "fault": fault, "times": times });
        shop.switch("faults", plan).await;
    }
    let unclear = shop.buy("order-that-is-stuck").await;
    let id = unclear["id"].as_str().unwrap();
    assert_eq!(server.stop().await, Some(0));
    // Each question is one more; a person is called after ten.
    for _ in 0..12 {
        check(&run(&["recheck", id, "--config", &config]).await, 1, &["still open"]);
    }
    check(
        &run(&["worklist", "--config", &config]).await,
        1,
        &[
            "APPROVE_UNKNOWN",
            id,
            "order-that-is-stuck",
            "15,000 KRW",
            "last heard:",
            "Do not ship",
            "배송",
        ],
    );
    let json = run(&["worklist", "--config", &config, "--json"]).await;
    check(
        &json,
        1,
        &["\"kind\":\"APPROVE_UNKNOWN\"", "\"parked\":false", "\"toDo\":{"],
    );
    assert_eq!(simulator.stop().await, Some(0));
}

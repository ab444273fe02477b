use serde_json::Value;

use crate::kit::{Folder, Running, Shop, check, narupay, run, text, until};

/// The keys of the demo's simulated PG are in its configuration.
fn shop_of(demo: &Running, config: &str) -> Shop {
    let client_key = config
        .split("client_key = \"")
        .map(|rest| rest.split('"').next().unwrap())
        .find(|key| key.starts_with("test_ck_"));
    let pg = demo.ready["simulators"]["toss"].as_str().unwrap();
    Shop::new(&demo.at("apiUrl"), &demo.at("secretKey"), pg, client_key.unwrap())
}

async fn start(folder: &Folder) -> (Running, Shop, String) {
    let data = folder.path().join("data");
    let demo = Running::start(&["demo", "--json", "--port", "0", "--data", data.to_str().unwrap()]).await;
    let config = data.join("narupay.toml");
    let shop = shop_of(&demo, &std::fs::read_to_string(&config).unwrap());
    (demo, shop, config.display().to_string())
}

#[tokio::test]
async fn the_demo_sells_tells_the_shop_stops_when_asked_and_forgets_nothing() {
    let folder = Folder::new();
    let (demo, shop, config) = start(&folder).await;
    for name in ["apiUrl", "shopUrl", "docsUrl", "secretKey", "clientKey", "dataDir"] {
        assert!(!demo.at(name).is_empty(), "{name}");
    }
    assert!(demo.at("secretKey").starts_with("sk_test_") && demo.at("clientKey").starts_with("ck_test_"));
    for page in [
        demo.at("shopUrl"),
        demo.at("docsUrl"),
        format!("{}/healthz", demo.at("apiUrl")),
    ] {
        assert!(reqwest::get(&page).await.unwrap().status().is_success(), "{page}");
    }

    let paid = shop.buy("demo-order-1").await;
    assert_eq!(
        (&paid["status"], &paid["balance"]),
        (&Value::from("DONE"), &Value::from(15000)),
        "{paid}"
    );
    // The sample shop is told of everything that happened.
    until("every webhook of the payment", || async {
        let deliveries = shop.get("/v1/webhook-deliveries?limit=100").await;
        let items = deliveries["items"].as_array().unwrap();
        let done = items.iter().filter(|item| item["status"] == "DELIVERED").count();
        (items.len() >= 2 && done == items.len()).then_some(())
    })
    .await;

    let fit = run(&["check", "--config", &config, "--json"]).await;
    // The written addresses are the usual ones, at which this demo does not listen.
    let said: Value = serde_json::from_str(&text(&fit.stdout)).unwrap();
    assert!(
        said["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|finding| finding["check"] == "database" && finding["status"] == "ok"),
        "{said}"
    );

    assert_eq!(demo.stop().await, Some(0));
    check(
        &run(&["books", "--config", &config]).await,
        0,
        &["The books balance.", "Payments and ledger agree.", "unbroken"],
    );

    let (again, shop, _) = start(&folder).await;
    let kept = shop
        .get(&format!("/v1/payments/{}", paid["id"].as_str().unwrap()))
        .await;
    assert_eq!(kept["status"], "DONE");
    assert_eq!(again.stop().await, Some(0));
}

#[tokio::test]
async fn shoppers_come_by_themselves_and_the_books_stay_right() {
    let folder = Folder::new();
    let data = folder.path().join("data").display().to_string();
    let mut command = narupay(&[
        "demo",
        "--json",
        "--port",
        "0",
        "--traffic",
        "1200",
        "--seed",
        "7",
        "--data",
        &data,
    ]);
    command.env("NARUPAY_LOG", "error");
    let demo = Running::start_with(command).await;
    let shop = shop_of(&demo, &std::fs::read_to_string(format!("{data}/narupay.toml")).unwrap());
    until("some paid and some canceled", || async {
        let done = shop.get("/v1/payments?status=DONE&limit=100").await["items"]
            .as_array()
            .unwrap()
            .len();
        let canceled = shop.get("/v1/payments?status=CANCELED&limit=100").await["items"]
            .as_array()
            .unwrap()
            .len();
        (done >= 15 && canceled >= 1).then_some(())
    })
    .await;
    assert_eq!(demo.stop().await, Some(0));
    check(
        &run(&["books", "--config", &format!("{data}/narupay.toml")]).await,
        0,
        &["The books balance."],
    );
}

#[tokio::test]
async fn a_clock_can_start_in_another_year() {
    let folder = Folder::new();
    let data = folder.path().join("data").display().to_string();
    let args = [
        "demo",
        "--json",
        "--port",
        "0",
        "--clock",
        "2031-05-05T09:00:00+09:00",
        "--data",
        &data,
    ];
    let demo = Running::start(&args).await;
    let shop = shop_of(&demo, &std::fs::read_to_string(format!("{data}/narupay.toml")).unwrap());
    let paid = shop.buy("from-the-future").await;
    assert!(
        paid["createdAt"].as_str().unwrap().starts_with("2031-05-05T09:"),
        "{paid}"
    );
    assert_eq!(demo.stop().await, Some(0));
}

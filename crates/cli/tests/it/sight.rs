//! What an operator sees, and how the program ends while it is busy.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::kit::{Folder, PG_KEYS, Running, SHOP_KEY, Shop, installation, narupay, simulator};

#[tokio::test]
async fn logs_are_json_with_the_request_and_the_payment_and_no_secret() {
    let folder = Folder::new();
    let (simulator, pg) = simulator().await;
    let config = installation(&folder, &pg).display().to_string();
    let mut command = narupay(&["serve", "--json", "--config", &config]);
    command.env("NARUPAY_LOG", "trace");
    let server = Running::start_with(command).await;
    let shop = Shop::new(&server.at("apiUrl"), SHOP_KEY, &pg, PG_KEYS.0);
    let paid = shop.buy("order-in-the-log").await;
    let (code, log) = server.stop_and_read().await;
    assert_eq!(code, Some(0));
    let id = paid["id"].as_str().unwrap();
    let mut told = 0;
    for line in log.lines() {
        let line: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let created = line["message"]
            .as_str()
            .is_some_and(|text| text == format!("payment {id} created"));
        if created {
            told += 1;
            assert_eq!(line["payment.id"], id, "{line}");
            assert!(
                line["span"]["request.id"]
                    .as_str()
                    .is_some_and(|id| id.starts_with("req_")),
                "{line}"
            );
        }
    }
    assert_eq!(told, 1, "{log}");
    for secret in [SHOP_KEY, PG_KEYS.1, &"5e".repeat(32)] {
        assert!(!log.contains(secret), "a secret is in the log");
    }
    assert_eq!(simulator.stop().await, Some(0));
}

#[tokio::test]
async fn traces_go_where_the_configuration_says() {
    let collector = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = collector.local_addr().unwrap();
    let first = tokio::spawn(async move {
        let (mut stream, _) = collector.accept().await.unwrap();
        let mut read = vec![0; 64 * 1024];
        let count = stream.read(&mut read).await.unwrap();
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .await
            .unwrap();
        String::from_utf8_lossy(&read[..count]).into_owned()
    });
    let folder = Folder::new();
    let (simulator, pg) = simulator().await;
    let config = installation(&folder, &pg).display().to_string();
    let mut command = narupay(&["serve", "--json", "--config", &config]);
    command.env("NARUPAY_OTLP_ENDPOINT", format!("http://{address}"));
    let server = Running::start_with(command).await;
    let shop = Shop::new(&server.at("apiUrl"), SHOP_KEY, &pg, PG_KEYS.0);
    shop.buy("order-in-a-trace").await;
    assert_eq!(server.stop().await, Some(0), "what waits is sent at the end");
    let sent = first.await.unwrap();
    assert!(
        sent.starts_with("POST /v1/traces HTTP/1.1\r\n") && sent.contains("application/x-protobuf"),
        "{sent}"
    );
    assert_eq!(simulator.stop().await, Some(0));
}

#[tokio::test]
async fn asked_to_stop_it_finishes_the_approval_that_is_under_way() {
    let folder = Folder::new();
    let (simulator, pg) = simulator().await;
    let config = installation(&folder, &pg).display().to_string();
    let server = Running::start(&["serve", "--json", "--config", &config]).await;
    let shop = Shop::new(&server.at("apiUrl"), SHOP_KEY, &pg, PG_KEYS.0);
    let payment = shop.try_create("order-at-closing-time").await.unwrap();
    shop.switch("settings", json!({ "latencyMs": 1500 })).await;
    let paying = {
        let (shop, payment) = (shop.clone(), payment.clone());
        tokio::spawn(async move { shop.try_pay(&payment).await })
    };
    crate::kit::until("the approval to be under way", || async {
        let now = shop
            .get(&format!("/v1/payments/{}", payment["id"].as_str().unwrap()))
            .await;
        (now["attempts"][0]["status"] != "OPENED").then_some(())
    })
    .await;
    assert_eq!(server.stop().await, Some(0));
    paying.await.unwrap().expect("the shopper got an answer");

    let server = Running::start(&["serve", "--json", "--config", &config]).await;
    let shop = Shop::new(&server.at("apiUrl"), SHOP_KEY, &pg, PG_KEYS.0);
    let paid = shop
        .get(&format!("/v1/payments/{}", payment["id"].as_str().unwrap()))
        .await;
    assert_eq!(paid["status"], "DONE");
    assert_eq!(server.stop().await, Some(0));
    assert_eq!(simulator.stop().await, Some(0));
}

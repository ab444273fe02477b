//! What faults do to notices, and what the console tells of those in force.

use super::*;
use crate::Certificate;
use crate::faults::CLOCK_SKEW;

#[tokio::test]
async fn a_skewed_clock_shows_in_notices_too() {
    let counter = Counter::brisk().await;
    counter.paid(Product::Card, "order-fault-clock-skew", 15_000).await;
    counter.simulator.deliver_due_notices().await;
    let heard = std::mem::take(&mut *counter.shop.heard.lock().unwrap());
    let (_, notice) = &heard[0];
    let later = (counter.simulator.toss().now() + CLOCK_SKEW).in_korea();
    assert_eq!(notice["data"]["approvedAt"], later);
    assert!(notice["createdAt"].as_str().unwrap().starts_with(&later[..19]));
}

#[tokio::test]
async fn reordered_notices_are_overtaken_by_the_next_of_their_order() {
    let counter = Counter::brisk().await;
    let key = counter
        .paid(Product::Card, "order-fault-notice-reordered", 15_000)
        .await;
    assert_eq!(counter.notices().await.len(), 0);
    counter.cancel(&key, json!({})).await;
    assert_eq!(counter.notices().await, ["CANCELED"]);
    counter.wait(Duration::seconds(1));
    assert_eq!(counter.notices().await, ["DONE"]);
    assert_eq!(counter.simulator.notices_waiting(), 0);
    // Both notices of a deposit come the other way round, when the cancel has overtaken them.
    let order_id = "order-fault-deposit-notice-reordered";
    let key = counter.paid(Product::VirtualAccount, order_id, 15_000).await;
    assert_eq!(counter.notices().await, ["WAITING_FOR_DEPOSIT"]);
    counter.post("/_control/deposit", json!({ "orderId": order_id })).await;
    assert_eq!(counter.notices().await.len(), 0);
    let account =
        json!({ "refundReceiveAccount": { "bank": "20", "accountNumber": "1234567", "holderName": "박구매" } });
    assert_eq!(counter.cancel(&key, account).await.0, 200);
    assert_eq!(counter.notices().await.len(), 2);
    counter.wait(Duration::seconds(2));
    let late = counter.notices().await;
    assert_eq!(late.len(), 2, "{late:?}");
}

#[tokio::test]
async fn forged_notices_claim_another_amount_and_guess_the_secret() {
    let counter = Counter::brisk().await;
    let order_id = "order-fault-deposit-notice-forged";
    counter.paid(Product::VirtualAccount, order_id, 15_000).await;
    counter.notices().await;
    counter.post("/_control/deposit", json!({ "orderId": order_id })).await;
    counter.simulator.deliver_due_notices().await;
    let heard = std::mem::take(&mut *counter.shop.heard.lock().unwrap());
    let bodies = |is_change: bool| -> Vec<&Value> {
        let bodies = heard.iter().map(|(_, body)| body);
        bodies
            .filter(|body| body.get("eventType").is_some() == is_change)
            .collect()
    };
    let amounts: Vec<_> = bodies(true)
        .iter()
        .map(|body| body["data"]["totalAmount"].as_i64())
        .collect();
    let statuses: Vec<_> = bodies(true)
        .iter()
        .map(|body| body["data"]["status"].as_str())
        .collect();
    assert!(
        amounts.contains(&Some(15_000)) && amounts.contains(&Some(15_100)),
        "{amounts:?}"
    );
    assert!(
        statuses.contains(&Some("DONE")) && statuses.contains(&Some("CANCELED")),
        "{statuses:?}"
    );
    let callbacks = bodies(false);
    assert_eq!(callbacks.len(), 2);
    assert_ne!(callbacks[0]["secret"], callbacks[1]["secret"]);
    assert_eq!(
        callbacks[0]["secret"].as_str().map(str::len),
        callbacks[1]["secret"].as_str().map(str::len)
    );
}

#[tokio::test]
async fn what_is_in_force_is_shown_and_the_rest_is_refused() {
    let counter = Counter::brisk().await;
    for (ask, status) in [
        (json!({ "fault": "cancel-html-x3" }), 200),
        (json!({ "fault": "timeout-after", "rate": 0.05 }), 200),
        (json!({ "fault": "nonsense" }), 400),
        (json!({ "fault": "html", "operation": "nonsense" }), 400),
        (json!({ "fault": "html", "rate": 2 }), 400),
        (json!({ "fault": "html", "times": "many" }), 400),
        (json!({}), 400),
    ] {
        assert_eq!(counter.post("/_control/faults", ask.clone()).await.0, status, "{ask}");
    }
    let (_, shown) = counter.get("/_control/faults").await;
    assert_eq!(
        shown["next"],
        json!([{ "operation": "cancel", "fault": "html", "left": 3 }])
    );
    assert_eq!(
        shown["rates"],
        json!([{ "operation": null, "fault": "timeout-after", "rate": 0.05 }])
    );
    let console = counter.http.get(format!("{}/toss/", counter.url)).send().await.unwrap();
    let console = console.text().await.unwrap();
    assert!(
        console.contains("취소: JSON 대신 HTML") && console.contains("호출의 5%"),
        "{console}"
    );
    assert_eq!(
        counter
            .post("/_control/certificate", json!({ "certificate": "good" }))
            .await
            .0,
        409
    );
    assert_eq!(
        counter
            .post("/_control/certificate", json!({ "certificate": "fine" }))
            .await
            .0,
        400
    );
    counter.post("/_control/faults/clear", json!({})).await;
    let (_, shown) = counter.get("/_control/faults").await;
    assert_eq!((&shown["next"], &shown["rates"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn certificates_are_chosen_on_the_console_and_in_the_window() {
    let mut counter = Counter::brisk().await;
    let window = async |counter: &Counter| {
        let opened = format!("clientKey={CLIENT_KEY}&method=CARD&amount=15000&orderId=order-0001&orderName=chair");
        let opened = counter.http.get(format!("{}/toss/window?{opened}", counter.url)).send();
        let place = opened.await.unwrap().headers()["location"].to_str().unwrap().to_owned();
        let page = counter
            .http
            .get(format!("{}{place}", counter.url))
            .send()
            .await
            .unwrap();
        (place, page.text().await.unwrap())
    };
    assert!(
        !window(&counter).await.1.contains("다른 호스트의 인증서"),
        "there is no TLS here"
    );

    let authority = counter.simulator.use_tls(Certificate::Good).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    counter.url = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(serve(counter.simulator.clone(), listener, std::future::pending()));
    let trusted = reqwest::Certificate::from_pem(authority.as_bytes()).unwrap();
    counter.http = reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .tls_certs_only([trusted])
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let (place, page) = window(&counter).await;
    assert!(page.contains("다른 호스트의 인증서"));
    let fields = [("outcome", "approve"), ("certificate", "wrong-host")];
    let answer = counter
        .http
        .post(format!("{}{place}", counter.url))
        .form(&fields)
        .send();
    assert!(
        answer.await.unwrap().status().is_redirection(),
        "the call at hand is finished"
    );
    let refused = counter.http.get(format!("{}/toss/", counter.url)).send().await;
    assert!(refused.unwrap_err().is_connect());

    assert!(counter.simulator.show_certificate(Certificate::Good));
    let console = counter.http.get(format!("{}/toss/", counter.url)).send().await.unwrap();
    assert!(console.text().await.unwrap().contains("name=\"certificate\""));
    let expired = json!({ "certificate": "expired" });
    assert_eq!(counter.post("/_control/certificate", expired).await.0, 200);
    let refused = counter.http.get(format!("{}/toss/", counter.url)).send().await;
    assert!(refused.unwrap_err().is_connect());
}

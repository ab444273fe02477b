use super::*;

#[tokio::test]
async fn a_status_change_is_told_with_the_manuals_headers() {
    let counter = Counter::open().await;
    let key = counter.paid(Product::Card, "order-0001", 15_000).await;
    assert_eq!(counter.simulator.deliver_due_notices().await, 1);
    let (headers, body) = counter.shop.heard.lock().unwrap().pop().unwrap();
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/json");
    assert_eq!(
        header("tosspayments-webhook-transmission-time"),
        "2026-03-02T10:15:00+09:00"
    );
    assert_eq!(header("tosspayments-webhook-transmission-retried-count"), "0");
    assert!(header("tosspayments-webhook-transmission-id").starts_with("whtrans_a"));
    assert_eq!(body["eventType"], "PAYMENT_STATUS_CHANGED");
    assert_eq!(body["createdAt"], "2026-03-02T10:15:00.000000");
    let (_, payment) = counter.get(&format!("/v1/payments/{key}")).await;
    assert_eq!(body["data"], payment);
}

#[tokio::test]
async fn deposits_are_told_twice_over_and_closing_a_window_is_not() {
    let counter = Counter::open().await;
    let key = counter.paid(Product::VirtualAccount, "order-0001", 15_000).await;
    assert_eq!(counter.notices().await, ["WAITING_FOR_DEPOSIT"]);
    counter
        .simulator
        .toss()
        .make_deposit("order-0001", super::super::Deposit::default())
        .unwrap();
    counter.simulator.deliver_due_notices().await;
    let heard = std::mem::take(&mut *counter.shop.heard.lock().unwrap());
    let callback = heard
        .iter()
        .map(|(_, body)| body)
        .find(|body| body.get("eventType").is_none())
        .unwrap();
    let (_, payment) = counter.get(&format!("/v1/payments/{key}")).await;
    let wanted = json!({
        "createdAt": "2026-03-02T10:15:00.000000", "secret": payment["secret"], "status": "DONE",
        "transactionKey": payment["lastTransactionKey"], "orderId": "order-0001",
    });
    assert_eq!((heard.len(), callback), (2, &wanted));
    counter.simulator.toss().take_deposit_back("order-0001").unwrap();
    let mut told = counter.notices().await;
    told.sort();
    assert_eq!(told, ["WAITING_FOR_DEPOSIT", "deposit:WAITING_FOR_DEPOSIT"]);
}

#[tokio::test]
async fn an_unheard_notice_is_repeated_seven_times_and_then_given_up() {
    let counter = Counter::open().await;
    counter.shop.answer_with(StatusCode::INTERNAL_SERVER_ERROR);
    counter.paid(Product::Card, "order-0001", 15_000).await;
    assert_eq!(counter.notices().await.len(), 1);
    for minutes in [1, 4, 16, 64, 256, 1024, 4096] {
        counter.wait(Duration::seconds(minutes * 60 - 1));
        assert_eq!(counter.notices().await.len(), 0, "not before its time");
        counter.wait(Duration::seconds(1));
        assert_eq!(counter.notices().await.len(), 1, "after {minutes} minutes");
    }
    assert_eq!(counter.simulator.notices_waiting(), 0);
    let tried = counter.simulator.notices_sent();
    assert_eq!((tried.len(), tried[0].retried, tried[0].status), (8, 7, Some(500)));
}

#[tokio::test]
async fn only_a_plain_200_counts_as_heard() {
    let counter = Counter::open().await;
    counter.shop.answer_with(StatusCode::NO_CONTENT);
    counter.paid(Product::Card, "order-0001", 15_000).await;
    counter.notices().await;
    assert_eq!(counter.simulator.notices_waiting(), 1);
    counter.shop.answer_with(StatusCode::OK);
    counter.wait(Duration::minutes(1));
    assert_eq!(counter.notices().await.len(), 1);
    assert_eq!(counter.simulator.notices_waiting(), 0);
}

#[tokio::test]
async fn a_notice_is_sent_again_on_request_and_elsewhere_when_told() {
    let counter = Counter::open().await;
    counter.paid(Product::Card, "order-0001", 15_000).await;
    assert_eq!(counter.notices().await, ["DONE"]);
    assert_eq!(
        counter
            .post("/_control/resend", json!({ "orderId": "order-0001" }))
            .await
            .0,
        200
    );
    assert_eq!(counter.notices().await, ["DONE"]);
    let nowhere = json!({ "mid": "tvivarepublica", "urls": "" });
    assert_eq!(counter.post("/_control/notice-urls", nowhere).await.0, 200);
    counter.paid(Product::Card, "order-0002", 15_000).await;
    assert_eq!(counter.simulator.notices_waiting(), 0);
}

#[tokio::test]
async fn the_driver_sends_by_itself_until_told_to_stop() {
    let counter = Counter::open().await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let driver = tokio::spawn(counter.simulator.clone().run_notices(async move {
        let _ = stopped.await;
    }));
    counter.paid(Product::Card, "order-0001", 15_000).await;
    while counter.shop.statuses().is_empty() {
        tokio::task::yield_now().await;
    }
    stop.send(()).unwrap();
    driver.await.unwrap();
    assert_eq!(counter.shop.statuses(), ["DONE"]);
}

use super::*;

const CONFIRM: &str = "/v1/payments/confirm";

impl Counter {
    /// Hanging calls answer after no time at all, so that a story need not wait.
    fn hang_shortly(&self) {
        self.simulator.toss().set_hang(Duration::ZERO);
    }

    fn approvals(&self, order_id: &str) -> u32 {
        self.simulator.toss().truth(order_id).unwrap().approvals
    }
}

#[tokio::test]
async fn faults_come_by_order_id_amount_header_plan_and_payment() {
    let counter = Counter::open().await;
    counter.hang_shortly();
    // By order id, once.
    let key = counter.authenticated(Product::Card, "order-fault-timeout-before", 15_000);
    assert_eq!(counter.confirm(&key, "order-fault-timeout-before", 15_000).await.0, 504);
    assert_eq!(counter.approvals("order-fault-timeout-before"), 0);
    assert_eq!(counter.confirm(&key, "order-fault-timeout-before", 15_000).await.0, 200);
    // By amount.
    let key = counter.authenticated(Product::Card, "order-0002", 900_002);
    assert_eq!(counter.confirm(&key, "order-0002", 900_002).await.0, 504);
    assert_eq!(
        counter.approvals("order-0002"),
        1,
        "the answer was lost, the approve was not"
    );
    // By header, for cancels too.
    let body = Some(json!({ "cancelReason": "변심" }));
    let path = format!("/v1/payments/{key}/cancel");
    let answer = counter
        .call(Method::POST, &path, &[("simulator-fault", "cancel-5xx-after")], body)
        .await;
    assert_eq!(no(&answer), (500, "FAILED_INTERNAL_SYSTEM_PROCESSING"));
    assert_eq!(
        counter.simulator.toss().truth("order-0002").unwrap().balance,
        Money::krw(0)
    );
    // By plan, for the next two inquiries of anybody.
    let plan = json!({ "operation": "inquire", "fault": "5xx-before", "times": 2 });
    assert_eq!(counter.post("/_control/faults", plan).await.0, 200);
    let path = format!("/v1/payments/{key}");
    assert_eq!(counter.get(&path).await.0, 500);
    assert_eq!(counter.get("/v1/payments/orders/order-0002").await.0, 500);
    assert_eq!(counter.get(&path).await.0, 200);
    // By payment.
    let plan = json!({ "orderId": "order-0002", "fault": "inquire-timeout-after" });
    assert_eq!(counter.post("/_control/faults", plan).await.0, 200);
    assert_eq!(counter.get(&path).await.0, 504);
    assert_eq!(counter.get(&path).await.0, 200);
}

#[tokio::test]
async fn a_lost_answer_is_found_by_asking_again_with_the_same_key() {
    let counter = Counter::open().await;
    counter.hang_shortly();
    let key = counter.authenticated(Product::Card, "order-fault-timeout-after", 15_000);
    let body = json!({ "paymentKey": key, "orderId": "order-fault-timeout-after", "amount": 15000 });
    let headers = [("idempotency-key", "once")];
    assert_eq!(
        counter
            .call(Method::POST, CONFIRM, &headers, Some(body.clone()))
            .await
            .0,
        504
    );
    let (status, paid) = counter.call(Method::POST, CONFIRM, &headers, Some(body)).await;
    assert_eq!((status, &paid["status"]), (200, &json!("DONE")));
    assert_eq!(counter.approvals("order-fault-timeout-after"), 1);
}

#[tokio::test]
async fn a_call_that_was_never_looked_at_leaves_its_key_free() {
    let counter = Counter::open().await;
    counter.hang_shortly();
    let key = counter.authenticated(Product::Card, "order-fault-timeout-before", 15_000);
    let body = json!({ "paymentKey": key, "orderId": "order-fault-timeout-before", "amount": 15000 });
    let headers = [("idempotency-key", "once")];
    assert_eq!(
        counter
            .call(Method::POST, CONFIRM, &headers, Some(body.clone()))
            .await
            .0,
        504
    );
    assert_eq!(counter.call(Method::POST, CONFIRM, &headers, Some(body)).await.0, 200);
}

#[tokio::test]
async fn a_500_says_nothing_of_what_happened() {
    let counter = Counter::open().await;
    for (spec, approvals) in [("5xx-before", 0), ("5xx-after", 1)] {
        let order_id = format!("order-fault-{spec}");
        let key = counter.authenticated(Product::Card, &order_id, 15_000);
        let answer = counter.confirm(&key, &order_id, 15_000).await;
        assert_eq!(no(&answer), (500, "FAILED_INTERNAL_SYSTEM_PROCESSING"));
        assert_eq!(counter.approvals(&order_id), approvals, "{spec}");
    }
}

#[tokio::test]
async fn a_wrong_amount_is_in_every_record() {
    let counter = Counter::open().await;
    let key = counter.authenticated(Product::Card, "order-fault-wrong-amount", 15_000);
    let (status, paid) = counter.confirm(&key, "order-fault-wrong-amount", 15_000).await;
    assert_eq!(
        (status, &paid["totalAmount"], &paid["card"]["amount"]),
        (200, &json!(15_100), &json!(15_100))
    );
    assert_eq!(
        counter
            .simulator
            .toss()
            .truth("order-fault-wrong-amount")
            .unwrap()
            .approved,
        Money::krw(15_100)
    );
    let (_, gone) = counter.cancel(&key, json!({})).await;
    assert_eq!(gone["cancels"][0]["cancelAmount"], 15_100);
}

#[tokio::test]
async fn notices_come_twice_or_late() {
    let counter = Counter::open().await;
    counter.paid(Product::Card, "order-fault-notice-doubled", 15_000).await;
    assert_eq!(counter.notices().await, ["DONE", "DONE"]);
    counter.paid(Product::Card, "order-fault-notice-late", 15_000).await;
    assert_eq!(counter.notices().await.len(), 0);
    counter.wait(Duration::minutes(10));
    assert_eq!(counter.notices().await, ["DONE"]);
    counter
        .paid(Product::VirtualAccount, "order-fault-deposit-notice-doubled", 15_000)
        .await;
    assert_eq!(counter.notices().await.len(), 1);
    let deposit = json!({ "orderId": "order-fault-deposit-notice-doubled" });
    assert_eq!(counter.post("/_control/deposit", deposit).await.0, 200);
    assert_eq!(counter.notices().await.len(), 4);
}

#[tokio::test]
async fn issuing_has_faults_as_well() {
    let counter = Counter::open().await;
    counter.hang_shortly();
    let issue = |order_id: &str| json!({ "amount": 5000, "orderId": order_id, "orderName": "의자", "customerName": "박구매", "bank": "20" });
    let answer = counter
        .post("/v1/virtual-accounts", issue("order-fault-timeout-after"))
        .await;
    assert_eq!(answer.0, 504);
    let truth = counter.simulator.toss().truth("order-fault-timeout-after").unwrap();
    assert_eq!(truth.status, super::super::Status::WaitingForDeposit);
    let again = counter
        .post("/v1/virtual-accounts", issue("order-fault-timeout-after"))
        .await;
    assert_eq!(no(&again).0, 504, "the order id asks for it every time");
}

#[tokio::test]
async fn hanging_calls_are_let_go_when_the_simulator_stops() {
    let counter = Counter::open().await;
    let key = counter.authenticated(Product::Card, "order-fault-timeout-after", 15_000);
    let hanging = counter.confirm(&key, "order-fault-timeout-after", 15_000);
    let stopping = async {
        while counter.approvals("order-fault-timeout-after") == 0 {
            tokio::task::yield_now().await;
        }
        counter.simulator.lines.iter().for_each(|line| line.close());
    };
    let (answer, ()) = tokio::join!(hanging, stopping);
    assert_eq!(answer.0, 504);
}

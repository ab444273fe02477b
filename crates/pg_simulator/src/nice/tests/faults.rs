use super::*;
use crate::faults::{Fault, Operation};

impl Counter {
    fn approvals(&self, order_id: &str) -> u32 {
        self.pg().truth(order_id).unwrap().approvals
    }
}

#[tokio::test]
async fn faults_come_by_order_id_amount_header_and_plan() {
    let counter = Counter::open().await;
    counter.pg().set_hang(Duration::ZERO);
    let tid = counter.authenticated(Product::Card, "order-fault-timeout-before", 15_000);
    assert_eq!(counter.approve(&tid, 15_000).await.0, 504);
    assert_eq!(counter.approvals("order-fault-timeout-before"), 0);
    assert_eq!(code(&counter.approve(&tid, 15_000).await), "0000");

    let tid = counter.authenticated(Product::Card, "order-0002", 900_002);
    assert_eq!(counter.approve(&tid, 900_002).await.0, 504);
    assert_eq!(
        counter.approvals("order-0002"),
        1,
        "the answer was lost, the approve was not"
    );

    let body = Some(json!({ "reason": "변심", "orderId": "order-0002" }));
    let path = format!("/v1/payments/{tid}/cancel");
    let header = [("simulator-fault", "cancel-5xx-after")];
    assert_eq!(counter.call(Method::POST, &path, &header, body).await.0, 500);
    assert_eq!(counter.pg().truth("order-0002").unwrap().balance, Money::krw(0));

    counter.pg().plan_fault(Operation::Inquire, Fault::Html, 1);
    let path = format!("/v1/payments/{tid}");
    assert!(counter.get(&path).await.1.is_string());
    assert_eq!(counter.get(&path).await.1["status"], "cancelled");
}

#[tokio::test]
async fn a_net_cancel_has_faults_of_its_own() {
    let counter = Counter::open().await;
    counter.pg().set_hang(Duration::ZERO);
    counter
        .paid(Product::Card, "order-fault-net-cancel-timeout-after", 15_000)
        .await;
    assert_eq!(counter.net_cancel("order-fault-net-cancel-timeout-after").await.0, 504);
    let again = counter.net_cancel("order-fault-net-cancel-timeout-after").await;
    assert_eq!(code(&again), "2013");
}

#[tokio::test]
async fn a_wrong_amount_is_in_every_record_and_a_wrong_clock_is_signed() {
    let counter = Counter::open().await;
    let tid = counter.authenticated(Product::Card, "order-fault-wrong-amount", 15_000);
    let (_, paid) = counter.approve(&tid, 15_000).await;
    assert_eq!((&paid["amount"], &paid["balanceAmt"]), (&json!(15_100), &json!(15_100)));
    assert!(is_signed(&paid));
    assert_eq!(
        counter.simulator.truth("order-fault-wrong-amount").unwrap().approved,
        Money::krw(15_100)
    );

    let tid = counter.authenticated(Product::Card, "order-fault-clock-skew", 15_000);
    let (_, paid) = counter.approve(&tid, 15_000).await;
    assert_eq!(paid["paidAt"], "2026-03-02T19:15:00.000+0900");
    assert!(is_signed(&paid), "{paid}");
}

#[tokio::test]
async fn notices_come_twice_late_early_never_and_from_others() {
    let counter = Counter::open().await;
    counter.paid(Product::Card, "order-fault-notice-doubled", 15_000).await;
    assert_eq!(counter.statuses().await, ["paid", "paid"]);
    counter.paid(Product::Card, "order-fault-notice-late", 15_000).await;
    assert!(counter.heard().await.is_empty());
    counter.wait(Duration::minutes(10));
    assert_eq!(counter.statuses().await, ["paid"]);
    counter.paid(Product::Card, "order-fault-notice-early", 15_000).await;
    assert_eq!(counter.shop.heard.lock().unwrap().len(), 1, "before the answer left");
    counter.heard().await;
    counter.paid(Product::Card, "order-fault-notice-lost", 15_000).await;
    assert!(counter.heard().await.is_empty());
    counter.paid(Product::Card, "order-fault-notice-forged", 15_000).await;
    let heard = counter.heard().await;
    let bodies: Vec<Value> = heard
        .iter()
        .map(|(_, body)| serde_json::from_str(body).unwrap())
        .collect();
    let signed = bodies.iter().filter(|body| is_signed(body)).count();
    assert_eq!((bodies.len(), signed), (2, 1), "{bodies:?}");
    counter
        .paid(Product::Vbank, "order-fault-deposit-notice-doubled", 15_000)
        .await;
    counter.heard().await;
    counter
        .pg()
        .make_deposit("order-fault-deposit-notice-doubled", Default::default())
        .unwrap();
    assert_eq!(counter.statuses().await, ["paid", "paid"]);
}

#[tokio::test]
async fn all_pgs_are_spoiled_and_mended_together() {
    let counter = Counter::open().await;
    counter.simulator.plan_fault(Operation::Approve, Fault::ErrorBefore, 9);
    let tid = counter.authenticated(Product::Card, "order-0001", 15_000);
    assert_eq!(counter.approve(&tid, 15_000).await.0, 500);
    counter.simulator.clear_faults();
    assert_eq!(code(&counter.approve(&tid, 15_000).await), "0000");
    let truths = counter.simulator.truths();
    assert_eq!(
        (truths.len(), truths[0].0.as_str(), truths[0].1.approvals),
        (1, "order-0001", 1)
    );
}

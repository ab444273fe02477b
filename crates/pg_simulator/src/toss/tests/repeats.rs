use super::super::idempotency::Turn;
use super::*;

const CONFIRM: &str = "/v1/payments/confirm";

fn body(key: &str, won: i64) -> Option<Value> {
    Some(json!({ "paymentKey": key, "orderId": "order-0001", "amount": won }))
}

#[tokio::test]
async fn the_first_answer_is_repeated_for_fifteen_days() {
    let counter = Counter::open().await;
    let key = counter.authenticated(Product::Card, "order-0001", 15_000);
    let headers = [("idempotency-key", "once")];
    let first = counter.call(Method::POST, CONFIRM, &headers, body(&key, 15_000)).await;
    assert_eq!(first.0, 200);
    let other_body = counter.call(Method::POST, CONFIRM, &headers, body(&key, 1)).await;
    assert_eq!(other_body, first, "the body is no part of the identity");
    let other_key = counter
        .call(
            Method::POST,
            CONFIRM,
            &[("idempotency-key", "twice")],
            body(&key, 15_000),
        )
        .await;
    assert_eq!(no(&other_key), (400, "ALREADY_PROCESSED_PAYMENT"));
    counter.wait(Duration::days(15));
    let much_later = counter.call(Method::POST, CONFIRM, &headers, body(&key, 15_000)).await;
    assert_eq!(no(&much_later), (400, "ALREADY_PROCESSED_PAYMENT"), "forgotten by then");
}

#[tokio::test]
async fn refusals_are_repeated_too_but_not_across_addresses() {
    let counter = Counter::open().await;
    let key = counter.authenticated(Product::Card, "order-0001", 15_000);
    let headers = [("idempotency-key", "once")];
    let refused = counter.call(Method::POST, CONFIRM, &headers, body(&key, 1)).await;
    assert_eq!(no(&refused), (400, "INVALID_REQUEST"));
    assert_eq!(
        counter.call(Method::POST, CONFIRM, &headers, body(&key, 15_000)).await,
        refused
    );
    let elsewhere = format!("/v1/payments/{key}");
    let legacy = json!({ "orderId": "order-0001", "amount": 15000 });
    assert_eq!(
        counter.call(Method::POST, &elsewhere, &headers, Some(legacy)).await.0,
        200
    );
}

#[tokio::test]
async fn a_repeat_of_a_running_call_is_told_to_wait() {
    let counter = Counter::open().await;
    let key = counter.authenticated(Product::Card, "order-0001", 15_000);
    let hangs = [("idempotency-key", "once"), ("simulator-fault", "timeout-before")];
    let repeats = [("idempotency-key", "once")];
    let hanging = counter.call(Method::POST, CONFIRM, &hangs, body(&key, 15_000));
    let repeat = async {
        until_running(&counter).await;
        counter.call(Method::POST, CONFIRM, &repeats, body(&key, 15_000)).await
    };
    tokio::select! {
        answer = hanging => panic!("it answered: {answer:?}"),
        answer = repeat => assert_eq!(no(&answer), (409, "IDEMPOTENT_REQUEST_PROCESSING")),
    }
}

async fn until_running(counter: &Counter) {
    let pg = counter.simulator.toss();
    let identity = ("once".to_owned(), SECRET_KEY.to_owned(), CONFIRM.to_owned());
    loop {
        let turn = pg.answers().take_turn(&identity, pg.now());
        if matches!(turn, Turn::StillRunning) {
            return;
        }
        pg.answers().give_up(&identity);
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn keys_that_are_too_long_are_refused() {
    let counter = Counter::open().await;
    let long = "k".repeat(301);
    let answer = counter
        .call(Method::POST, CONFIRM, &[("idempotency-key", &long)], body("x", 1))
        .await;
    assert_eq!(no(&answer), (400, "INVALID_IDEMPOTENCY_KEY"));
}

#[tokio::test]
async fn a_test_code_is_answered_before_anything_else() {
    let counter = Counter::open().await;
    for code in super::super::Code::ALL {
        let answer = counter
            .call(
                Method::POST,
                CONFIRM,
                &[("tosspayments-test-code", code.as_str())],
                None,
            )
            .await;
        assert_eq!(no(&answer), (code.status().as_u16(), code.as_str()));
    }
    let unknown = counter
        .call(
            Method::POST,
            CONFIRM,
            &[("tosspayments-test-code", "NO_SUCH_CODE")],
            None,
        )
        .await;
    assert_eq!(no(&unknown), (400, "INVALID_TEST_CODE"));
    let live = [
        ("tosspayments-test-code", "FDS_ERROR"),
        ("authorization", "Basic bGl2ZV9za19zaG9wOg=="),
    ];
    let answer = counter.call(Method::GET, "/v1/payments/x", &live, None).await;
    assert_eq!(no(&answer), (404, "NOT_FOUND_PAYMENT"), "live keys ignore it");
}

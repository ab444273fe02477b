//! The shopper: chooses, pays, closes, comes back twice, comes back with lies, pays late.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use flows::Locale;
use http::Request;
use http_body_util::BodyExt;
use pg_simulator::toss::Deposit;
use serde_json::{Value, json};
use tower::ServiceExt;
use url::form_urlencoded;
use vocabulary::{AttemptId, Duration, PaymentId};

use crate::order::Order;
use crate::world::{World, found, get};

/// One visit to the checkout page, perhaps with two windows.
pub async fn visit(order: &Arc<Order>) {
    let first = one_window(order);
    if order.dice.percent(15) {
        let second = one_window(order);
        tokio::join!(first, second);
    } else {
        first.await;
    }
}

async fn one_window(order: &Arc<Order>) {
    let world = &order.world;
    let method = order
        .dice
        .pick(&["CARD", "CARD", "CARD", "TRANSFER", "VIRTUAL_ACCOUNT", "MOBILE"]);
    let form = Request::builder()
        .method("POST")
        .uri(format!("{}/attempts", order.checkout))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(format!("method={method}")));
    let Ok(form) = form else { return };
    let Some(got) = world.call(form).await.filter(found) else {
        return;
    };
    let attempt = got.location.rsplit_once("/attempts/").map(|(_, attempt)| attempt);
    let Some(attempt) = attempt.and_then(|attempt| attempt.parse::<AttemptId>().ok()) else {
        return;
    };
    note_attempt(world, order.id, attempt);
    let outcome = order.dice.pick(&[
        "approve", "approve", "approve", "approve", "approve", "decline", "close",
    ]);
    let Some(back) = window(order, attempt, outcome).await else {
        return;
    };
    let think = order.dice.pick(&[1, 1, 3, 3, 10, 20, 60, 200, 1_900]);
    world.sleep(Duration::seconds(think)).await;
    if order.dice.percent(8) {
        world.say(&format!("the shopper of {} never comes back", order.number));
        return;
    }
    if order.dice.percent(10) {
        let mut lie = back.clone();
        lie.insert("amount".to_owned(), "100".to_owned());
        come_back(order, attempt, &lie).await;
    }
    if order.dice.percent(15) {
        tokio::join!(come_back(order, attempt, &back), come_back(order, attempt, &back));
    } else {
        come_back(order, attempt, &back).await;
    }
    if order.dice.percent(15) {
        let (order, back) = (order.clone(), back.clone());
        tokio::spawn(async move {
            order
                .world
                .sleep(Duration::seconds(order.dice.between(5, 5_000) as i64))
                .await;
            come_back(&order, attempt, &back).await;
        });
    }
    if method == "VIRTUAL_ACCOUNT" {
        tokio::spawn(deposit(order.clone(), attempt));
    }
}

/// What the PG's script does in the browser.
async fn window(order: &Order, attempt: AttemptId, outcome: &str) -> Option<BTreeMap<String, String>> {
    let world = &order.world;
    let node = world.node()?;
    let scope = world.model().known.get(&order.id).map(|known| known.scope)?;
    let payment = node.app.store.payment(scope, order.id).await.ok()??;
    let window = flows::checkout::window(&node.app, &payment, attempt, Locale::Korean, true).ok()?;
    let parameters: Value = serde_json::from_str(&window.parameters).ok()?;
    let body = json!({ "parameters": parameters, "outcome": outcome });
    let request = Request::builder()
        .method("POST")
        .uri("/toss/_control/window")
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()));
    let Ok(answer) = world.counter.clone().oneshot(request.ok()?).await;
    let status = answer.status();
    let bytes = answer.into_body().collect().await.ok()?.to_bytes();
    let visited: Value = serde_json::from_slice(&bytes).ok()?;
    world.say(&format!(
        "the shopper of {} chooses to {outcome}: {status}",
        order.number
    ));
    serde_json::from_value(visited["return"].clone()).ok()
}

async fn come_back(order: &Order, attempt: AttemptId, back: &BTreeMap<String, String>) {
    let ending = if back.contains_key("paymentKey") {
        "success"
    } else {
        "fail"
    };
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(back)
        .finish();
    let Some(request) = get(&format!("{}/attempts/{attempt}/{ending}?{query}", order.checkout)) else {
        return;
    };
    let got = order.world.call(request).await;
    let what = got.as_ref().map_or("no answer".to_owned(), |got| {
        let page = got.location.rsplit('/').next().unwrap_or_default();
        format!("{} {}", got.status, if page.len() > 30 { "checkout" } else { page })
    });
    order
        .world
        .say(&format!("the shopper of {} comes back: {what}", order.number));
    if let Some(got) = got.filter(|got| got.status >= 500 && got.status != 503) {
        order.world.violation(format!("a return was answered {}", got.status));
    }
    touch(&order.world, order.id);
}

/// Money on its way to the account; some of it comes late, some is taken back.
async fn deposit(order: Arc<Order>, attempt: AttemptId) {
    let world = &order.world;
    let wait = order.dice.pick(&[10, 60, 200, 600, 3_000, 40_000, 200_000]);
    world.sleep(Duration::seconds(wait)).await;
    if order.dice.percent(20) {
        return;
    }
    let name = attempt.to_string();
    let done = world.pg.toss().make_deposit(&name, Deposit::default());
    world.say(&format!("a deposit for {}: {done:?}", order.number));
    touch(world, order.id);
    if done.is_err() || !order.dice.percent(15) {
        return;
    }
    world
        .sleep(Duration::seconds(order.dice.between(60, 2_000) as i64))
        .await;
    order.by_hand();
    let undone = world.pg.toss().take_deposit_back(&name);
    world.say(&format!(
        "the bank takes the deposit for {} back: {undone:?}",
        order.number
    ));
    if order.dice.percent(50) {
        world
            .sleep(Duration::seconds(order.dice.between(60, 2_000) as i64))
            .await;
        let done = world.pg.toss().make_deposit(&name, Deposit::default());
        world.say(&format!("a second deposit for {}: {done:?}", order.number));
    }
    touch(world, order.id);
}

fn touch(world: &World, id: PaymentId) {
    if let Some(known) = world.model().known.get_mut(&id) {
        known.touched = true;
    }
}

fn note_attempt(world: &World, id: PaymentId, attempt: AttemptId) {
    let mut model = world.model();
    let of_payment = model.attempts.entry(id).or_default();
    if !of_payment.contains(&attempt.to_string()) {
        of_payment.push(attempt.to_string());
    }
}

/// Order ids at the PG that belong to a payment, oldest first.
pub fn attempts_of(world: &World, id: PaymentId) -> Vec<String> {
    world.model().attempts.get(&id).cloned().unwrap_or_default()
}

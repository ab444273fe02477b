//! A stand-in for NaruPay's public API: as much of it as this shop calls, with knobs for trouble.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use aws_lc_rs::hmac;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;

const WEBHOOK_KEY: &[u8] = b"twenty-four bytes of key";

#[derive(Clone, Default)]
pub struct Fake {
    state: Arc<Mutex<Payments>>,
    changed: Arc<Notify>,
}

#[derive(Default)]
pub struct Payments {
    pub base: String,
    pub by_order: HashMap<String, Value>,
    /// Answers by idempotency key.
    answers: HashMap<String, (StatusCode, Value)>,
    /// Every POST that reached us, repeats included: path and key.
    pub posts: Vec<(String, String)>,
    /// Every body of a POST, in the same order.
    pub bodies: Vec<Value>,
    pub down: bool,
    /// The next so many POSTs are carried out, but the answer is lost.
    pub answers_lost: u32,
    pub refuse_cancels: bool,
}

type Reply = (StatusCode, Json<Value>);

impl Fake {
    pub async fn start() -> Fake {
        let fake = Fake::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        fake.state().base = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/v1/payments", post(create))
            .route("/v1/orders/{order}/payment", get(look_up))
            .route("/v1/payments/{id}/{command}", post(command))
            .route("/v1/webhook-endpoints", get(endpoints).post(create_endpoint))
            .route("/v1/webhook-endpoints/{id}/rotate-secret", post(create_endpoint))
            .with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        fake
    }

    pub fn base(&self) -> String {
        self.state().base.clone()
    }

    pub fn state(&self) -> MutexGuard<'_, Payments> {
        self.state.lock().unwrap()
    }

    /// Moves a payment on, as a PG's answer would.
    pub fn set(&self, order: &str, change: Value) {
        let mut state = self.state();
        let payment = state.by_order.get_mut(order).expect("a payment");
        merge(payment, change);
    }

    pub fn payment(&self, order: &str) -> Value {
        self.state().by_order[order].clone()
    }

    pub async fn until(&self, reached: impl Fn(&Payments) -> bool) {
        loop {
            let changed = self.changed.notified();
            if reached(&self.state()) {
                return;
            }
            changed.await;
        }
    }

    fn post(
        &self,
        path: &str,
        headers: &HeaderMap,
        body: &str,
        work: impl FnOnce(&mut Payments, &Value) -> Reply,
    ) -> Response {
        let key = headers.get("idempotency-key").map_or("", |key| key.to_str().unwrap());
        assert!(!key.is_empty(), "every POST has a key");
        assert_eq!(headers["authorization"], "Bearer sk_test_1");
        let body: Value = serde_json::from_str(body).unwrap();
        let mut state = self.state();
        if state.down {
            return StatusCode::BAD_GATEWAY.into_response();
        }
        state.posts.push((String::from(path), String::from(key)));
        state.bodies.push(body.clone());
        let remembered = format!("{key} {path} {body}");
        let answer = match state.answers.get(&remembered) {
            Some(answer) => answer.clone(),
            None => {
                let (status, Json(answer)) = work(&mut state, &body);
                state.answers.insert(remembered, (status, answer.clone()));
                (status, answer)
            }
        };
        let lost = state.answers_lost > 0;
        state.answers_lost = state.answers_lost.saturating_sub(1);
        drop(state);
        self.changed.notify_waiters();
        if lost {
            StatusCode::GATEWAY_TIMEOUT.into_response()
        } else {
            (answer.0, Json(answer.1)).into_response()
        }
    }
}

fn merge(payment: &mut Value, change: Value) {
    for (name, value) in change.as_object().unwrap() {
        payment[name] = value.clone();
    }
    payment["version"] = json!(payment["version"].as_u64().unwrap() + 1);
}

async fn create(State(fake): State<Fake>, headers: HeaderMap, body: String) -> Response {
    fake.post("/v1/payments", &headers, &body, |state, body| {
        let order = String::from(body["orderId"].as_str().unwrap());
        let number = state.by_order.len() + 1;
        let payment = json!({
            "id": format!("pay_{number}"), "orderId": order, "status": "READY", "currency": "KRW",
            "amount": body["amount"], "balance": body["amount"], "method": null, "receiptUrl": null, "virtualAccount": null,
            "cancels": [], "version": 1, "checkoutUrl": format!("{}/checkout/t{number}", state.base),
        });
        state.by_order.insert(order, payment.clone());
        (StatusCode::CREATED, Json(payment))
    })
}

async fn look_up(State(fake): State<Fake>, Path(order): Path<String>) -> Response {
    let state = fake.state();
    match state.by_order.get(&order) {
        _ if state.down => StatusCode::BAD_GATEWAY.into_response(),
        Some(payment) => Json(payment.clone()).into_response(),
        None => problem(StatusCode::NOT_FOUND, "payment_not_found").into_response(),
    }
}

async fn command(
    State(fake): State<Fake>,
    Path((id, command)): Path<(String, String)>,
    headers: HeaderMap,
    body: String,
) -> Response {
    let path = format!("/v1/payments/{id}/{command}");
    fake.post(&path, &headers, &body, |state, body| {
        let refuse_cancels = state.refuse_cancels;
        let payment = state
            .by_order
            .values_mut()
            .find(|payment| payment["id"] == id.as_str())
            .unwrap();
        match command.as_str() {
            "confirm" => merge(payment, json!({ "status": "DONE", "method": "CARD" })),
            "refuse" => merge(payment, json!({ "status": "ABORTED" })),
            "cancel" if refuse_cancels => return problem(StatusCode::UNPROCESSABLE_ENTITY, "not_cancelable"),
            "cancel" => {
                let balance = payment["balance"].as_i64().unwrap();
                let left = balance - body["amount"].as_i64().unwrap_or(balance);
                let status = if left == 0 { "CANCELED" } else { "PARTIAL_CANCELED" };
                let mut cancels = payment["cancels"].as_array().unwrap().clone();
                cancels.push(json!({ "status": "DONE" }));
                merge(
                    payment,
                    json!({ "status": status, "balance": left, "cancels": cancels }),
                );
            }
            _ => unreachable!("{command}"),
        }
        (StatusCode::OK, Json(payment.clone()))
    })
}

async fn endpoints() -> Json<Value> {
    Json(json!({ "items": [{ "id": "whe_1", "url": "http://elsewhere.example/webhooks" }], "nextCursor": null }))
}

async fn create_endpoint() -> Json<Value> {
    Json(json!({ "id": "whe_2", "secret": secret() }))
}

fn problem(status: StatusCode, code: &str) -> Reply {
    (
        status,
        Json(json!({ "status": status.as_u16(), "code": code, "title": "No", "detail": "안 됩니다." })),
    )
}

pub fn secret() -> String {
    format!("whsec_{}", BASE64.encode(WEBHOOK_KEY))
}

/// `v1,…` over a body, as Standard Webhooks has it.
pub fn sign(id: &str, seconds: i64, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, WEBHOOK_KEY);
    let tag = hmac::sign(&key, format!("{id}.{seconds}.{body}").as_bytes());
    format!("v1,{}", BASE64.encode(tag))
}

//! Stories at the PG's counter, told over HTTP against a clock that stands still.

mod access;
mod bounds;
mod breaks;
mod cancels;
mod confirms;
mod fault_notices;
mod faults;
mod issues;
mod listings;
mod notices;
mod repeats;
mod windows;

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use vocabulary::{Duration, Money, TestClock, Timestamp};

use super::{KeyPair, Merchant, Product, WindowRequest};
use crate::{Config, Simulator, serve};

const CLIENT_KEY: &str = "test_ck_shop";
const SECRET_KEY: &str = "test_sk_shop";

/// A running simulator, a merchant who listens for notices, and a clock to move.
struct Counter {
    simulator: Simulator,
    clock: Arc<TestClock>,
    url: String,
    http: reqwest::Client,
    shop: Listener,
}

/// The merchant's ear: remembers what it hears and answers as told.
#[derive(Clone)]
struct Listener {
    heard: Arc<Mutex<Vec<(HeaderMap, Value)>>>,
    answers: Arc<Mutex<StatusCode>>,
}

impl Listener {
    fn statuses(&self) -> Vec<String> {
        let heard = self.heard.lock().unwrap();
        let status = |body: &Value| match body.get("eventType") {
            Some(_) => body["data"]["status"].as_str().unwrap().to_owned(),
            None => format!("deposit:{}", body["status"].as_str().unwrap()),
        };
        heard.iter().map(|(_, body)| status(body)).collect()
    }

    fn answer_with(&self, status: StatusCode) {
        *self.answers.lock().unwrap() = status;
    }
}

async fn hear(State(shop): State<Listener>, headers: HeaderMap, body: String) -> StatusCode {
    shop.heard
        .lock()
        .unwrap()
        .push((headers, serde_json::from_str(&body).unwrap()));
    *shop.answers.lock().unwrap()
}

impl Counter {
    async fn open() -> Counter {
        let shop = Listener {
            heard: Arc::default(),
            answers: Arc::new(Mutex::new(StatusCode::OK)),
        };
        let ear = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut merchant = Merchant::new("tvivarepublica", CLIENT_KEY, SECRET_KEY);
        merchant.notice_urls = vec![format!("http://{}/notice", ear.local_addr().unwrap())];
        merchant.widget = Some(KeyPair {
            client_key: "test_gck_shop".to_owned(),
            secret_key: "test_gsk_shop".to_owned(),
        });
        tokio::spawn(axum::serve(ear, Router::new().fallback(hear).with_state(shop.clone())).into_future());

        let mut newer = Merchant::new("tnewer", "test_ck_newer", "test_sk_newer");
        newer.api_version = super::ApiVersion::V2024_06_01;
        let live = Merchant::new("liveshop", "live_ck_shop", "live_sk_shop");
        let clock = Arc::new(TestClock::at(Timestamp::parse("2026-03-02T10:15:00+09:00").unwrap()));
        let merchants = vec![merchant, newer, live];
        let simulator = Simulator::new(Config {
            public_url: None,
            merchants,
            seed: 7,
            clock: clock.clone(),
            nice: Vec::new(),
            courier: None,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(serve(simulator.clone(), listener, std::future::pending()));
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Counter {
            simulator,
            clock,
            url,
            http,
            shop,
        }
    }

    fn wait(&self, time: Duration) {
        self.clock.advance(time);
    }

    async fn notices(&self) -> Vec<String> {
        self.simulator.deliver_due_notices().await;
        std::mem::take(&mut *self.shop.heard.lock().unwrap())
            .into_iter()
            .map(|(_, body)| match body.get("eventType") {
                Some(_) => body["data"]["status"].as_str().unwrap().to_owned(),
                None => format!("deposit:{}", body["status"].as_str().unwrap()),
            })
            .collect()
    }

    /// A shopper goes through the window; the payment key.
    fn authenticated(&self, product: Product, order_id: &str, won: i64) -> String {
        let request = WindowRequest::new(CLIENT_KEY, product, Money::krw(won), order_id);
        self.simulator.toss().authenticate(request).unwrap()
    }

    async fn call(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> (u16, Value) {
        let mut request = self.http.request(method, format!("{}/toss{path}", self.url));
        if !headers.iter().any(|(name, _)| *name == "authorization") {
            request = request.basic_auth(SECRET_KEY, Some(""));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.call(Method::POST, path, &[], Some(body)).await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.call(Method::GET, path, &[], None).await
    }

    async fn confirm(&self, key: &str, order_id: &str, won: i64) -> (u16, Value) {
        self.post(
            "/v1/payments/confirm",
            json!({ "paymentKey": key, "orderId": order_id, "amount": won }),
        )
        .await
    }

    /// A shopper pays and the shop confirms.
    async fn paid(&self, product: Product, order_id: &str, won: i64) -> String {
        let key = self.authenticated(product, order_id, won);
        let (status, body) = self.confirm(&key, order_id, won).await;
        assert_eq!(status, 200, "{body}");
        key
    }

    async fn cancel(&self, key: &str, body: Value) -> (u16, Value) {
        let mut body = body;
        body["cancelReason"] = json!("구매자 변심");
        self.post(&format!("/v1/payments/{key}/cancel"), body).await
    }
}

/// Status and code of a refusal.
fn no(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["code"].as_str().unwrap_or_default())
}

/// The manual's example answer, key by key.
const PAYMENT_KEYS: [&str; 37] = [
    "mId",
    "version",
    "paymentKey",
    "type",
    "status",
    "orderId",
    "orderName",
    "lastTransactionKey",
    "requestedAt",
    "approvedAt",
    "method",
    "currency",
    "country",
    "totalAmount",
    "balanceAmount",
    "suppliedAmount",
    "vat",
    "taxFreeAmount",
    "taxExemptionAmount",
    "useEscrow",
    "cultureExpense",
    "isPartialCancelable",
    "card",
    "virtualAccount",
    "transfer",
    "mobilePhone",
    "giftCertificate",
    "easyPay",
    "cashReceipt",
    "cashReceipts",
    "discount",
    "cancels",
    "failure",
    "metadata",
    "secret",
    "receipt",
    "checkout",
];

fn has_exactly(value: &Value, keys: &[&str]) {
    let mut found: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    let mut wanted = keys.to_vec();
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(found, wanted);
}

//! Stories at the PG's counter, told over HTTP against a clock that stands still.

mod access;
mod cancels;
mod faults;
mod listings;
mod notices;
mod payments;
mod receipts;
mod windows;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use vocabulary::{Duration, Money, TestClock, Timestamp};

use super::sign::sign;
use super::{Code, Merchant, NoticeForm, Product, WindowRequest};
use crate::{Config, Simulator, serve};

const MID: &str = "UT0000113m";
const CLIENT_ID: &str = "S2_af4543a0be4d49a98122e01ec2059a56";
const SECRET: &str = "9eb85607103646da9f9c02b128f2e5ee";
const SANDBOX: (&str, &str) = ("S2_sandbox", "sandbox-secret");
const FORMS: (&str, &str) = ("S2_forms", "forms-secret");

/// A running simulator, a merchant who listens for notices, and a clock to move.
struct Counter {
    simulator: Simulator,
    clock: Arc<TestClock>,
    url: String,
    ear: String,
    http: reqwest::Client,
    shop: Listener,
}

/// What the merchant heard: kind and body.
type Heard = Vec<(String, String)>;

/// The merchant's ear: remembers what it hears and answers as told.
#[derive(Clone)]
struct Listener {
    heard: Arc<Mutex<Heard>>,
    answer: Arc<Mutex<(StatusCode, &'static str)>>,
}

async fn hear(State(shop): State<Listener>, headers: HeaderMap, body: String) -> (StatusCode, &'static str) {
    let kind = headers["content-type"].to_str().unwrap().to_owned();
    shop.heard.lock().unwrap().push((kind, body));
    *shop.answer.lock().unwrap()
}

impl Counter {
    async fn open() -> Counter {
        let shop = Listener {
            heard: Arc::default(),
            answer: Arc::new(Mutex::new((StatusCode::OK, "OK"))),
        };
        let ear = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let ear_url = format!("http://{}/notice", ear.local_addr().unwrap());
        tokio::spawn(axum::serve(ear, Router::new().fallback(hear).with_state(shop.clone())).into_future());
        let mut merchant = Merchant::documented();
        merchant.notice_urls = vec![ear_url.clone()];
        let mut sandbox = Merchant::new("sandboxshp", SANDBOX.0, SANDBOX.1);
        sandbox.sandbox = true;
        let mut forms = Merchant::new("formsshop0", FORMS.0, FORMS.1);
        forms.notice_form = NoticeForm::Form;
        forms.notice_urls = vec![ear_url.clone()];
        let clock = Arc::new(TestClock::at(Timestamp::parse("2026-03-02T10:15:00+09:00").unwrap()));
        let simulator = Simulator::new(Config {
            public_url: None,
            merchants: Vec::new(),
            nice: vec![merchant, sandbox, forms],
            courier: None,
            seed: 7,
            clock: clock.clone(),
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
            ear: ear_url,
            http,
            shop,
        }
    }

    fn pg(&self) -> &super::Pg {
        self.simulator.nice()
    }

    fn wait(&self, time: Duration) {
        self.clock.advance(time);
    }

    fn shop_answers(&self, status: StatusCode, body: &'static str) {
        *self.shop.answer.lock().unwrap() = (status, body);
    }

    /// The notices that were due, in order.
    async fn heard(&self) -> Heard {
        self.simulator.deliver_due_notices().await;
        std::mem::take(&mut *self.shop.heard.lock().unwrap())
    }

    /// Their statuses.
    async fn statuses(&self) -> Vec<String> {
        let read = |(_, body): (String, String)| {
            let value: Value = serde_json::from_str(&body).unwrap();
            value["status"].as_str().unwrap().to_owned()
        };
        self.heard().await.into_iter().map(read).collect()
    }

    fn form_of(&self, request: WindowRequest) -> BTreeMap<String, String> {
        self.pg().authenticate(request).unwrap()
    }

    /// A shopper goes through the window; the tid.
    fn authenticated(&self, product: Product, order_id: &str, won: i64) -> String {
        let request = WindowRequest::new(CLIENT_ID, product, Money::krw(won), order_id);
        self.form_of(request)["tid"].clone()
    }

    async fn call(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> (u16, Value) {
        let mut request = self.http.request(method, format!("{}/nice{path}", self.url));
        if !headers.iter().any(|(name, _)| *name == "authorization") {
            request = request.basic_auth(CLIENT_ID, Some(SECRET));
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

    async fn approve(&self, tid: &str, won: i64) -> (u16, Value) {
        self.post(&format!("/v1/payments/{tid}"), json!({ "amount": won }))
            .await
    }

    /// A shopper pays and the shop approves.
    async fn paid(&self, product: Product, order_id: &str, won: i64) -> String {
        let tid = self.authenticated(product, order_id, won);
        let answer = self.approve(&tid, won).await;
        assert_eq!(code(&answer), "0000", "{}", answer.1);
        tid
    }

    async fn cancel(&self, tid: &str, order_id: &str, body: Value) -> (u16, Value) {
        let mut body = body;
        body["reason"] = json!("구매자 변심");
        body["orderId"] = json!(order_id);
        self.post(&format!("/v1/payments/{tid}/cancel"), body).await
    }

    async fn net_cancel(&self, order_id: &str) -> (u16, Value) {
        self.post("/v1/payments/netcancel", json!({ "orderId": order_id }))
            .await
    }
}

/// The result code of an answer.
fn code(answer: &(u16, Value)) -> &str {
    answer.1["resultCode"].as_str().unwrap_or_default()
}

/// Signed as the manual has it: tid, amount, ediDate, secret key.
fn is_signed(payment: &Value) -> bool {
    let text = |name: &str| payment[name].as_str().unwrap_or_default().to_owned();
    let amount = payment["amount"].to_string();
    text("signature") == sign(&[&text("tid"), &amount, &text("ediDate"), SECRET])
}

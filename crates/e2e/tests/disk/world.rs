use std::sync::Arc;

use pg_simulator::{Config, Simulator, toss};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use vocabulary::{Chance, Clock, Timestamp};

use crate::disk::Disk;
use crate::server::{self, SHOP_KEY, Server};

pub const LATER: vocabulary::Duration = vocabulary::Duration::minutes(10);

pub struct MachineClock;

impl Clock for MachineClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the server under test runs on the machine's time, so must its PG"
    )]
    fn now(&self) -> Timestamp {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap();
        Timestamp::from_micros(since.as_micros() as i64)
    }
}

/// A server on a bad disk, and its PG.
pub struct World {
    pub disk: Disk,
    pub pg: Simulator,
    pub pg_url: String,
    pub server: Server,
    http: Client,
}

/// How a request was answered.
#[derive(Debug)]
pub struct Told {
    pub status: StatusCode,
    pub retry_after: bool,
    pub body: Value,
}

impl Told {
    pub fn is_done(&self) -> bool {
        self.status.is_success()
    }

    /// It was not done as far as anybody knows, and says so.
    pub fn is_honest_refusal(&self) -> bool {
        let moved = self.body["moneyMoved"].as_str();
        self.status == StatusCode::SERVICE_UNAVAILABLE && self.retry_after && moved == Some("unknown")
    }
}

pub fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(test);
}

pub fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name} takes a number, not {text}"))
    })
}

/// From `NARUPAY_SEED`, or by the system's chance; printed.
pub fn seed() -> u64 {
    let seed = number("NARUPAY_SEED").unwrap_or_else(|| Chance::system().below(u64::from(u32::MAX)));
    println!("seed {seed}");
    seed
}

impl World {
    pub async fn new(seed: u64) -> World {
        let disk = Disk::new();
        let pg = Simulator::new(Config {
            public_url: None,
            merchants: vec![toss::Merchant::new("narudisk", server::CLIENT_KEY, server::SECRET_KEY)],
            seed,
            clock: Arc::new(MachineClock),
            nice: Vec::new(),
            courier: None,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let pg_url = format!("http://{}/toss", listener.local_addr().unwrap());
        tokio::spawn(pg_simulator::serve(pg.clone(), listener, std::future::pending()));
        let database = format!("sqlite:{}", disk.folder().join("narupay.db").display());
        let mut server = Server::prepare(&database, &pg_url, server::CLIENT_KEY).await;
        server.environment = disk.environment();
        World {
            disk,
            pg,
            pg_url,
            server,
            http: Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// The process dies and starts again; the machine stays on.
    pub async fn restart(&mut self) {
        self.server.kill();
        self.server.start(None).await;
    }

    pub async fn get(&self, path: &str) -> Told {
        let url = format!("{}{path}", self.server.url());
        told(self.http.get(url).bearer_auth(SHOP_KEY)).await
    }

    pub async fn create(&self, order: &str) -> Told {
        let body = json!({ "orderId": order, "orderName": "시험 주문", "amount": 10_000, "method": "CARD" });
        let url = format!("{}/v1/payments", self.server.url());
        let request = self.http.post(url).bearer_auth(SHOP_KEY);
        told(request.header("Idempotency-Key", order).json(&body)).await
    }

    /// Creates that must succeed.
    pub async fn created(&self, order: &str) -> Value {
        let told = self.create(order).await;
        assert!(told.is_done(), "{:#}", told.body);
        told.body
    }

    pub async fn found(&self, order: &str) -> bool {
        self.get(&format!("/v1/orders/{order}/payment")).await.status == StatusCode::OK
    }

    /// The shopper agrees in the PG's window. Where the browser goes next.
    pub async fn agreed(&self, payment: &Value) -> String {
        let attempt = payment["attempts"][0]["id"].as_str().unwrap();
        let checkout = payment["checkoutUrl"].as_str().unwrap();
        let ask = json!({
            "clientKey": server::CLIENT_KEY, "method": "CARD", "amount": 10_000, "currency": "KRW", "orderId": attempt,
            "orderName": "시험 주문", "successUrl": checkout, "failUrl": checkout,
        });
        let url = format!("{}/_control/authenticate", self.pg_url);
        let agreed: Value = self
            .http
            .post(url)
            .json(&ask)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        let key = agreed["paymentKey"].as_str().unwrap();
        format!("{checkout}/attempts/{attempt}/success?paymentKey={key}&orderId={attempt}&amount=10000")
    }

    pub async fn visit(&self, url: &str) -> StatusCode {
        self.http.get(url).send().await.unwrap().status()
    }
}

async fn told(request: reqwest::RequestBuilder) -> Told {
    let answer = request.send().await.unwrap();
    Told {
        status: answer.status(),
        retry_after: answer.headers().contains_key("retry-after"),
        body: answer.json().await.unwrap(),
    }
}

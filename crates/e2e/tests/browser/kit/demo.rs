//! `narupay demo` in a process of its own, shared by all tests of this binary.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::{Value, json};

use super::process::Guarded;

pub struct Demo {
    pub api_url: String,
    pub shop_url: String,
    pub pg_url: String,
    pub secret_key: String,
    pub client_key: String,
    http: reqwest::Client,
    _running: Guarded,
}

impl Demo {
    pub fn shared() -> &'static Demo {
        static SHARED: OnceLock<Demo> = OnceLock::new();
        SHARED.get_or_init(|| {
            let folder = folder("demo");
            Demo::start(&folder, &folder.join("data"), &[])
        })
    }

    /// `folder` goes when the demo does; its data too, if it lies there.
    pub fn start(folder: &Path, data: &Path, more: &[&str]) -> Demo {
        let data = data.to_str().expect("temporary folders have plain names");
        let mut arguments = vec!["demo", "--json", "--port", "0", "--data", data];
        arguments.extend(more);
        let running = Guarded::start(folder, &program(), &arguments, |line| line.starts_with('{'));
        let ready: Value = serde_json::from_str(&running.said).expect("the demo prints one line of JSON");
        let text = |value: &Value| value.as_str().expect("the demo's line has everything").to_owned();
        Demo {
            api_url: text(&ready["apiUrl"]),
            shop_url: text(&ready["shopUrl"]),
            pg_url: text(&ready["simulators"]["toss"]),
            secret_key: text(&ready["secretKey"]),
            client_key: text(&ready["clientKey"]),
            // Each test has a runtime of its own, so no connection may be kept for the next.
            http: reqwest::Client::builder()
                .no_proxy()
                .pool_max_idle_per_host(0)
                .build()
                .unwrap(),
            _running: running,
        }
    }

    /// What the shop's server sees.
    pub async fn payment_of(&self, order: &str) -> Value {
        self.get(&format!("/v1/orders/{order}/payment")).await
    }

    pub async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}{path}", self.api_url));
        let answer = request.basic_auth(&self.secret_key, Some("")).send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// A payment made by a shop's server, without the sample shop.
    pub async fn create(&self, order: &str, more: Value) -> Value {
        let mut body = json!({ "orderId": order, "orderName": "나룻배 모형", "amount": 15_000 });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        let request = self.http.post(format!("{}/v1/payments", self.api_url)).json(&body);
        let request = request
            .basic_auth(&self.secret_key, Some(""))
            .header("Idempotency-Key", order);
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert_eq!(status.as_u16(), 201, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    /// A switch of the PG simulator.
    pub async fn pg(&self, switch: &str, fields: Value) -> Value {
        let request = self
            .http
            .post(format!("{}/_control/{switch}", self.pg_url))
            .json(&fields);
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{switch} {fields}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// How often the PG approved what an attempt asked for, and what is left of it.
    pub async fn truth(&self, attempt: &str) -> Value {
        let request = self.http.get(format!("{}/_control/truth/{attempt}", self.pg_url));
        request.send().await.unwrap().json().await.unwrap()
    }
}

/// A folder name nobody else uses.
pub fn folder(purpose: &str) -> PathBuf {
    std::env::temp_dir().join(format!("narupay-browser-{purpose}-{}", std::process::id()))
}

/// Cargo's folder of everything it made.
pub fn target() -> PathBuf {
    let here = std::env::current_exe().expect("this test has a file");
    let found = here.ancestors().nth(3).expect("target/debug/deps/browser");
    found.to_owned()
}

fn program() -> PathBuf {
    let given = std::env::var_os("NARUPAY_TEST_PROGRAM").map(PathBuf::from);
    let program = given.unwrap_or_else(|| target().join("debug/narupay"));
    assert!(
        program.is_file(),
        "{} is not there: `cargo test --workspace` builds it, `cargo build --bin narupay` too",
        program.display()
    );
    program
}

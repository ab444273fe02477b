//! Starting the program and talking to it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Longer than anything takes, even on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A folder of a test's own.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("narupay-cli-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The program, with nothing of this machine's settings.
pub fn narupay(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_narupay"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("NARUPAY_")) {
        command.env_remove(name);
    }
    command.args(args).stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Runs it to its end.
pub async fn run(args: &[&str]) -> Output {
    timeout(PATIENCE, narupay(args).output())
        .await
        .expect("it ends")
        .unwrap()
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
pub fn check(output: &Output, code: i32, parts: &[&str]) {
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{said}");
    for part in parts {
        assert!(said.contains(part), "{part:?} is not in:\n{said}");
    }
}

/// A part of the program that runs until told to stop, and its one line of JSON.
pub struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    log: JoinHandle<std::io::Result<String>>,
    pub ready: Value,
}

impl Running {
    pub async fn start(args: &[&str]) -> Running {
        Running::start_with(narupay(args)).await
    }

    pub async fn start_with(mut command: Command) -> Running {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = timeout(PATIENCE, lines.next_line())
            .await
            .expect("it gets ready")
            .unwrap();
        let Some(line) = line else {
            let mut said = String::new();
            child.stderr.take().unwrap().read_to_string(&mut said).await.unwrap();
            panic!("it ended: {said}");
        };
        let mut log = child.stderr.take().unwrap();
        let log = tokio::spawn(async move {
            let mut said = String::new();
            log.read_to_string(&mut said).await.map(|_| said)
        });
        Running {
            child,
            lines,
            log,
            ready: serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}")),
        }
    }

    pub fn at(&self, name: &str) -> String {
        self.ready[name]
            .as_str()
            .unwrap_or_else(|| panic!("no {name} in {}", self.ready))
            .to_owned()
    }

    /// SIGTERM, as a supervisor sends it.
    pub async fn ask_to_stop(&self) {
        let pid = self.child.id().unwrap().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .await
                .unwrap()
                .success()
        );
    }

    /// Asks it to stop. Returns the exit code; nothing more may have been printed.
    pub async fn stop(self) -> Option<i32> {
        self.stop_and_read().await.0
    }

    /// Also what it logged.
    pub async fn stop_and_read(mut self) -> (Option<i32>, String) {
        self.ask_to_stop().await;
        let status = timeout(PATIENCE, self.child.wait()).await.expect("it ends").unwrap();
        assert_eq!(
            self.lines.next_line().await.unwrap(),
            None,
            "standard output has exactly one line"
        );
        (status.code(), self.log.await.unwrap().unwrap())
    }

    /// SIGKILL: no farewell.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

/// A shop's server and its shoppers.
#[derive(Clone)]
pub struct Shop {
    http: reqwest::Client,
    api: String,
    key: String,
    pg: String,
    pg_client_key: String,
}

impl Shop {
    pub fn new(api: &str, key: &str, pg: &str, pg_client_key: &str) -> Shop {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE);
        Shop {
            http: http.build().unwrap(),
            api: api.to_owned(),
            key: key.to_owned(),
            pg: pg.to_owned(),
            pg_client_key: pg_client_key.to_owned(),
        }
    }

    pub async fn get(&self, path: &str) -> Value {
        let answer = self
            .http
            .get(format!("{}{path}", self.api))
            .bearer_auth(&self.key)
            .send()
            .await
            .unwrap();
        let (status, body) = (answer.status(), answer.text().await.unwrap());
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    pub async fn try_create(&self, order: &str) -> reqwest::Result<Value> {
        let body = json!({ "orderId": order, "orderName": "나룻배", "amount": 15000, "method": "CARD" });
        let request = self
            .http
            .post(format!("{}/v1/payments", self.api))
            .bearer_auth(&self.key);
        let answer = request
            .header("Idempotency-Key", order)
            .json(&body)
            .send()
            .await?
            .error_for_status()?;
        answer.json().await
    }

    /// The shopper agrees at the PG and comes back.
    pub async fn try_pay(&self, payment: &Value) -> reqwest::Result<()> {
        let attempt = payment["attempts"][0]["id"].as_str().unwrap();
        let fields = json!({
            "clientKey": self.pg_client_key, "method": "CARD", "amount": payment["amount"], "orderId": attempt,
            "orderName": "나룻배",
        });
        let agreed = self
            .http
            .post(format!("{}/_control/authenticate", self.pg))
            .json(&fields)
            .send()
            .await?;
        let agreed: Value = agreed.error_for_status()?.json().await?;
        let back = format!(
            "{}/attempts/{attempt}/success?paymentKey={}&orderId={attempt}&amount={}",
            payment["checkoutUrl"].as_str().unwrap(),
            agreed["paymentKey"].as_str().unwrap(),
            payment["amount"]
        );
        self.http.get(back).send().await?.error_for_status()?;
        Ok(())
    }

    pub async fn buy(&self, order: &str) -> Value {
        let payment = self.try_create(order).await.unwrap();
        self.try_pay(&payment).await.unwrap();
        self.get(&format!("/v1/payments/{}", payment["id"].as_str().unwrap()))
            .await
    }

    /// Turns one of the simulator's switches.
    pub async fn switch(&self, name: &str, fields: Value) {
        let answer = self
            .http
            .post(format!("{}/_control/{name}", self.pg))
            .json(&fields)
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{name}: {}", answer.status());
    }

    /// What the PG knows of an attempt.
    pub async fn truth(&self, attempt: &str) -> Option<Value> {
        let answer = self
            .http
            .get(format!("{}/_control/truth/{attempt}", self.pg))
            .send()
            .await
            .unwrap();
        let known = answer.status().is_success();
        let body: Value = answer.json().await.unwrap();
        known.then_some(body)
    }
}

/// Looks until it is so.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, looking)
        .await
        .unwrap_or_else(|_| panic!("never came: {what}"))
}

/// The simulator alone, with one merchant; and its base address.
pub async fn simulator() -> (Running, String) {
    let merchant = format!("tnarupaytest,{},{}", PG_KEYS.0, PG_KEYS.1);
    let simulator = Running::start(&["simulate", "--json", "--listen", "127.0.0.1:0", "--merchant", &merchant]).await;
    let pg = simulator.ready["simulators"]["toss"].as_str().unwrap().to_owned();
    (simulator, pg)
}

pub const PG_KEYS: (&str, &str) = ("test_ck_ForThisTestOnly", "test_sk_ForThisTestOnly");
pub const SHOP_KEY: &str = "sk_test_0123456789abcdefghijklmn";

/// An installation with one shop, whose PG is the simulator at `pg`.
pub fn installation(folder: &Folder, pg: &str) -> PathBuf {
    folder.write("signing_key", &"5e".repeat(32));
    folder.write("shop_key", SHOP_KEY);
    folder.write("pg_key", PG_KEYS.1);
    let client_key = PG_KEYS.0;
    folder.write(
        "narupay.toml",
        &format!(
            "[server]
listen = \"127.0.0.1:0\"
signing_key = {{ file = \"signing_key\" }}
[webhooks]
allow_private_addresses = true
[[shop]]
slug = \"main\"
name = \"가게\"
[shop.keys.test]
secret_key = {{ file = \"shop_key\" }}
client_key = \"ck_test_0123456789abcdefghijklmn\"
[[shop.pg_account]]
slug = \"toss\"
pg = \"toss\"
mode = \"test\"
simulator = \"{pg}\"
[shop.pg_account.settings]
client_key = \"{client_key}\"
api_url = \"{pg}\"
script_url = \"{pg}/v2/standard\"
[shop.pg_account.secrets]
secret_key = {{ file = \"pg_key\" }}
"
        ),
    )
}

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use testkit::Folder;
use vocabulary::Timestamp;

pub const CLIENT_KEY: &str = "test_ck_narupaycrash00000000000000000";
pub const SECRET_KEY: &str = "test_sk_narupaycrash00000000000000000";
pub const SHOP_KEY: &str = "sk_test_crash0000000000000000000000000";
const READY_WITHIN: Duration = Duration::from_secs(30);

/// The program under test, on one address through all its lives.
pub struct Server {
    folder: Folder,
    port: u16,
    running: Option<Child>,
    /// More that it finds in its environment.
    pub environment: Vec<(&'static str, OsString)>,
    /// Most files, sockets included, that it may have open.
    pub files_max: Option<u32>,
}

impl Server {
    pub async fn prepare(database: &str, pg_url: &str, client_key: &str) -> Server {
        let folder = Folder::new("crash");
        // Free now; nobody else on the machine asks for it by number.
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let secret = |name: &str, value: &str| std::fs::write(folder.path().join(name), value).unwrap();
        secret("signing_key", &"07".repeat(32));
        secret("shop_key", SHOP_KEY);
        secret("pg_key", SECRET_KEY);
        let config = format!(
            r#"
[server]
listen = "127.0.0.1:{port}"
public_url = "http://127.0.0.1:{port}"
signing_key = {{ file = "signing_key" }}
[database]
url = "{database}"
[[shop]]
slug = "crash"
name = "나루상점"
[shop.keys.test]
secret_key = {{ file = "shop_key" }}
client_key = "ck_test_crash0000000000000000000000000"
[[shop.pg_account]]
slug = "toss"
pg = "toss"
mode = "test"
simulator = "{pg_url}"
[shop.pg_account.settings]
client_key = "{client_key}"
api_url = "{pg_url}"
script_url = "{pg_url}/v2/standard"
[shop.pg_account.secrets]
secret_key = {{ file = "pg_key" }}
"#
        );
        std::fs::write(folder.path().join("narupay.toml"), config).unwrap();
        Server {
            folder,
            port,
            running: None,
            environment: Vec::new(),
            files_max: None,
        }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Starts it, by another clock if told, and waits until it answers.
    pub async fn start(&mut self, clock: Option<Timestamp>) {
        let mut command = self.narupay("serve");
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(clock) = clock {
            command.args(["--clock", &clock.in_korea()]);
        }
        command
            .env("NARUPAY_LOG", "error")
            .stdout(Stdio::null())
            .stdin(Stdio::null());
        self.running = Some(command.spawn().unwrap());
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let begun = Instant::now();
        while http
            .get(format!("{}/readyz", self.url()))
            .send()
            .await
            .map(|answer| answer.status().is_success())
            .ok()
            != Some(true)
        {
            assert!(
                begun.elapsed() < READY_WITHIN,
                "the server is not ready after {READY_WITHIN:?}"
            );
            let died = self.running.as_mut().unwrap().try_wait().unwrap();
            assert!(died.is_none(), "the server stopped by itself: {died:?}");
            tokio::task::yield_now().await;
        }
    }

    /// `kill -9`: no handler runs, nothing is flushed.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.running.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// `narupay books` finds everything in order.
    pub fn check_books(&self) {
        let output = self.narupay("books").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "{said}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn narupay(&self, subcommand: &str) -> Command {
        let mut command = match self.files_max {
            None => Command::new(binary()),
            Some(files) => {
                let mut shell = Command::new("sh");
                shell.args(["-c", "ulimit -n $0; exec \"$@\"", &files.to_string()]);
                shell.arg(binary());
                shell
            }
        };
        command
            .arg(subcommand)
            .arg("--config")
            .arg(self.folder.path().join("narupay.toml"));
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Built by `cargo test --workspace` beside the tests.
fn binary() -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.push("narupay");
    assert!(
        path.exists(),
        "{} is not there: build it with `cargo build -p cli`",
        path.display()
    );
    path
}

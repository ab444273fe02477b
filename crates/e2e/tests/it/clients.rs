//! Toss clients that others published work against the simulator, unchanged but for the base URL.
//! They were written against the real PG, so they know mistakes that we would make twice.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use pg_simulator::{Config, Simulator, toss};
use tokio::net::TcpListener;
use tokio::process::Command;
use vocabulary::{TestClock, Timestamp};

/// The interpreter or module folder that `cargo xtask test` prepares and names; `None` without it.
fn prepared(variable: &str) -> Option<PathBuf> {
    let found = std::env::var_os(variable).map(PathBuf::from);
    if found.is_none() {
        let required = std::env::var_os("NARUPAY_TEST_CLIENTS").is_some_and(|value| value == "required");
        assert!(
            !required,
            "{variable} is not set; run `cargo xtask test`, which installs the clients"
        );
        eprintln!("{variable} is not set: the published clients are not run; `cargo xtask test` runs them");
    }
    found
}

fn driver(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../pg_simulator/clients")
        .join(name)
}

async fn simulator() -> String {
    let pg = Simulator::new(Config {
        public_url: None,
        merchants: vec![toss::Merchant::documented()],
        seed: 11,
        clock: Arc::new(TestClock::at(Timestamp::parse("2026-11-25T10:00:00+09:00").unwrap())),
        nice: Vec::new(),
        courier: None,
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/toss", listener.local_addr().unwrap());
    tokio::spawn(pg_simulator::serve(pg, listener, std::future::pending()));
    url
}

/// Runs a driver to its end; each of its steps must be right.
async fn drive(mut command: Command) {
    let url = simulator().await;
    let output = command.arg(&url).kill_on_drop(true).output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let wrong = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}\n{wrong}");
    let steps: Vec<serde_json::Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(
        !steps.is_empty() && steps.iter().all(|step| step["ok"] == true),
        "{said}"
    );
}

#[tokio::test]
async fn the_python_clients_work_against_the_simulator() {
    let Some(python) = prepared("NARUPAY_TEST_PYTHON") else {
        return;
    };
    for name in ["python/boilpayment_client.py", "python/python_tosspayments_client.py"] {
        let mut command = Command::new(&python);
        command.arg(driver(name));
        drive(command).await;
    }
}

#[tokio::test]
async fn the_node_clients_work_against_the_simulator() {
    // Node is not everywhere; where it is not, the command that prepares the tests says so.
    let Some(modules) = std::env::var_os("NARUPAY_TEST_NODE_MODULES") else {
        eprintln!("NARUPAY_TEST_NODE_MODULES is not set: the published Node clients are not run");
        return;
    };
    for name in ["node/server_client.js", "node/browser_client.js"] {
        let mut command = Command::new("node");
        command.arg(driver(name)).env("NODE_PATH", &modules);
        drive(command).await;
    }
}

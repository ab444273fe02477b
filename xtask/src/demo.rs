//! `narupay demo` in a folder of its own, for checks that need one running.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::run;

/// Ends, as a crash would end it, with the value. Its folder stays for a look.
pub struct Demo {
    program: Child,
    pub data: PathBuf,
    pub api_url: String,
    pub secret_key: String,
}

/// Where every build leaves it.
pub fn program() -> PathBuf {
    run::target().join("debug/narupay")
}

/// For a check on its own; the suite has built everything.
pub fn build() -> Result<()> {
    run::run(&mut run::cargo(&[
        "build",
        "--workspace",
        "--locked",
        "--bin",
        "narupay",
    ]))
}

impl Demo {
    /// `name`: of the folder, emptied first.
    pub fn start(name: &str) -> Result<Demo> {
        let data = run::target().join("test-tools").join(name);
        if data.exists() {
            std::fs::remove_dir_all(&data).context("cannot empty the folder of the last demo")?;
        }
        std::fs::create_dir_all(&data)?;
        let mut command = Command::new(program());
        command.args(["demo", "--json", "--port", "0", "--data"]).arg(&data);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut program = command.spawn().context("cannot start the demo")?;
        let told = program.stdout.take().context("the demo has no stdout").and_then(ready);
        match told {
            Ok((api_url, secret_key)) => Ok(Demo {
                program,
                data,
                api_url,
                secret_key,
            }),
            Err(error) => {
                end(&mut program);
                Err(error)
            }
        }
    }

    pub fn config(&self) -> PathBuf {
        config(&self.data)
    }
}

pub fn config(data: &Path) -> PathBuf {
    data.join("narupay.toml")
}

impl Drop for Demo {
    fn drop(&mut self) {
        end(&mut self.program);
    }
}

/// It may have ended by itself; then there is nothing to end.
fn end(program: &mut Child) {
    let _ = program.kill();
    let _ = program.wait();
}

/// Reads up to the one line of JSON that says the demo is ready.
fn ready(stdout: impl std::io::Read) -> Result<(String, String)> {
    for line in BufReader::new(stdout).lines() {
        let Ok(ready) = serde_json::from_str::<Value>(&line?) else {
            continue;
        };
        let text = |key: &str| ready.get(key).and_then(Value::as_str).map(str::to_owned);
        if let (Some(api_url), Some(secret_key)) = (text("apiUrl"), text("secretKey")) {
            return Ok((api_url, secret_key));
        }
    }
    bail!("the demo ended before it was ready")
}

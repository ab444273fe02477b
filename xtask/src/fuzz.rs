//! Schemathesis makes requests from our own OpenAPI description and checks every answer against it:
//! no 5xx, no undocumented status, content type or body.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::tools::Tools;
use crate::{run, tools};

/// Examples per operation. With the fixed seed, half a minute in all.
const EXAMPLES_MAX: &str = "50";
const SEED: &str = "20261125";
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance";

/// By itself, it builds the program first.
pub fn command() -> Result<()> {
    let tools = tools::ready()?;
    run::run(&mut run::cargo(&[
        "build",
        "--workspace",
        "--locked",
        "--bin",
        "narupay",
    ]))?;
    fuzz(&tools)
}

pub fn fuzz(tools: &Tools) -> Result<()> {
    println!("\n== the API, fuzzed from its description");
    let demo = Demo::start(&run::target().join("debug/narupay"))?;
    let bin = tools.fuzzer_python.parent().context("a program lies in a folder")?;
    let mut command = Command::new(bin.join("schemathesis"));
    command
        .arg("--config-file")
        .arg(run::root().join("xtask/schemathesis.toml"))
        .arg("run")
        .arg(format!("{}/openapi.json", demo.api_url))
        .args(["--url", &demo.api_url, "--checks", CHECKS])
        .args([
            "--phases",
            "examples,coverage,fuzzing",
            "--max-examples",
            EXAMPLES_MAX,
            "--seed",
            SEED,
        ])
        .args([
            "--request-timeout",
            "10",
            "--suppress-health-check",
            "all",
            "--no-color",
        ])
        .args(["--generation-database", "none"])
        .current_dir(&demo.data)
        .env("NARUPAY_FUZZ_HOOKS", run::root().join("xtask/fuzz_hooks.py"))
        .env("NARUPAY_API_URL", &demo.api_url)
        .env("NARUPAY_SECRET_KEY", &demo.secret_key);
    run::run(&mut command).context("the API does not answer as its description says")?;
    let data = demo.data.clone();
    // It ends as a crash would end it; what it acknowledged is on the disk all the same.
    drop(demo);
    let mut books = Command::new(run::target().join("debug/narupay"));
    books.args(["books", "--config"]).arg(data.join("narupay.toml"));
    run::run(&mut books).context("after all that, the books do not agree")
}

/// `narupay demo` in a folder of its own; ends with the value.
struct Demo {
    program: Child,
    data: PathBuf,
    api_url: String,
    secret_key: String,
}

impl Demo {
    fn start(program: &Path) -> Result<Demo> {
        let data = run::target().join("test-tools/fuzzed-demo");
        if data.exists() {
            std::fs::remove_dir_all(&data).context("cannot empty the folder of the last fuzzed demo")?;
        }
        std::fs::create_dir_all(&data)?;
        let mut command = Command::new(program);
        command.args(["demo", "--json", "--port", "0", "--data"]).arg(&data);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut program = command.spawn().context("cannot start the demo")?;
        let told = program
            .stdout
            .take()
            .context("the demo has no stdout")
            .and_then(ready_line);
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

/// The one line of JSON that says the demo is ready.
fn ready_line(stdout: impl std::io::Read) -> Result<(String, String)> {
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

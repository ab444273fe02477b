//! Schemathesis makes requests from our own OpenAPI description and checks every answer against it:
//! no 5xx, no undocumented status, content type or body.

use std::process::Command;

use anyhow::{Context, Result};

use crate::demo::{self, Demo};
use crate::tools::Tools;
use crate::{run, tools};

/// Examples per operation. With the fixed seed, half a minute in all.
const EXAMPLES_MAX: &str = "50";
const SEED: &str = "20261125";
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance";

/// By itself, it builds the program first.
pub fn command() -> Result<()> {
    let tools = tools::ready()?;
    demo::build()?;
    fuzz(&tools)
}

pub fn fuzz(tools: &Tools) -> Result<()> {
    println!("\n== the API, fuzzed from its description");
    let demo = Demo::start("fuzzed-demo")?;
    let bin = tools.fuzzer_python.parent().context("a program lies in a folder")?;
    let mut command = Command::new(bin.join("schemathesis"));
    command
        .arg("--config-file")
        .arg(run::root().join("xtask/schemathesis.toml"))
        .arg("run")
        .arg(format!("{}/openapi.json", demo.api_url))
        .args(["--url", &demo.api_url, "--checks", CHECKS])
        .args(["--phases", "examples,coverage,fuzzing"])
        .args(["--max-examples", EXAMPLES_MAX, "--seed", SEED])
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
    let config = demo.config();
    // What it acknowledged is on the disk even though it is killed.
    drop(demo);
    let mut books = Command::new(demo::program());
    run::run(books.args(["books", "--config"]).arg(config)).context("after all that, the books do not agree")
}

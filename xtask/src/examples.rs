//! The commands that the documents tell people to type are typed, against a running demo.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::demo::{self, Demo};
use crate::{run, tools};

/// Documents with the statuses, or other words, that their commands' answers must show one after the other.
/// The number takes the place of the documents' 0001, so that each has an order of its own.
const DOCUMENTS: &[(&str, &str, &[&str])] = &[
    ("README.md", "0001", &["READY", "DONE", "PARTIAL_CANCELED"]),
    ("README.ko.md", "0002", &["READY", "DONE", "PARTIAL_CANCELED"]),
    ("docs/guides/quick-start.md", "0003", &["READY", "READY"]),
    ("docs/guides/quick-start.ko.md", "0004", &["READY", "READY"]),
    ("docs/guides/webhooks.md", "0005", &["whsec_"]),
];

/// Where `narupay.toml` is shown whole.
const GUIDE: &str = "docs/guides/operations.md";

/// Where the simulator is started and asked, and where it thinks that one is.
const SIMULATOR_GUIDE: &str = "docs/guides/testing-with-the-simulator.md";
const SIMULATOR: &str = "127.0.0.1:4010";

/// Where the documents think the demo is.
const API: &str = "http://127.0.0.1:4000";

pub fn command() -> Result<()> {
    tools::ready()?;
    demo::build()?;
    check()
}

pub fn check() -> Result<()> {
    println!("\n== the commands in the documents");
    let demo = Demo::start("documents-demo")?;
    for (document, number, expected) in DOCUMENTS {
        let text = std::fs::read_to_string(run::root().join(document)).with_context(|| format!("no {document}"))?;
        let commands = commands(&text, document.starts_with("README"));
        if commands.len() != expected.len() {
            bail!("{document} has {} commands, not {}", commands.len(), expected.len());
        }
        for (command, expected) in commands.iter().zip(*expected) {
            let answer = type_in(&demo, &command.replace("0001", number), number, document)?;
            if !answer.contains(expected) {
                bail!("{document}:\n{command}\ndoes not lead to {expected} but to\n{answer}");
            }
            println!("{document}: {expected}");
        }
    }
    configuration(&demo)?;
    simulator()
}

/// The simulator's guide: what it starts is started, and what it then asks is asked of that one.
fn simulator() -> Result<()> {
    let text = std::fs::read_to_string(run::root().join(SIMULATOR_GUIDE)).with_context(|| SIMULATOR_GUIDE)?;
    let folder = run::target().join("test-tools/simulator-guide");
    std::fs::create_dir_all(&folder)?;
    let mut running = Simulator::start("narupay simulate", &folder)?;
    for (block, _) in text.split("```sh\n").skip(1).filter_map(|rest| rest.split_once("```")) {
        for command in block.lines().filter(|line| line.contains(SIMULATOR)) {
            if command.starts_with("narupay simulate") {
                running = Simulator::start(command, &folder)?;
            } else {
                running.ask(command, &folder)?;
            }
            println!("{SIMULATOR_GUIDE}: {command}");
        }
    }
    Ok(())
}

/// `narupay simulate` as a document starts it, but at a port that is free. Ends with the value.
struct Simulator {
    program: Child,
    address: String,
}

impl Simulator {
    fn start(command: &str, folder: &Path) -> Result<Simulator> {
        let rest = command.trim_start_matches("narupay simulate");
        let rest = rest.replace(&format!("--listen {SIMULATOR}"), "");
        let script = format!("exec \"$PROGRAM\" simulate --listen 127.0.0.1:0 --json {rest}");
        let mut shell = Command::new("bash");
        shell
            .args(["-euc", &script])
            .current_dir(folder)
            .env("PROGRAM", demo::program())
            .stdout(Stdio::piped());
        let mut program = shell.spawn().context("cannot start the simulator")?;
        let mut ready = String::new();
        let stdout = program.stdout.take().context("the simulator has no stdout")?;
        // Held from here on, so that it ends whatever it said.
        let mut simulator = Simulator {
            program,
            address: String::new(),
        };
        BufReader::new(stdout).read_line(&mut ready)?;
        let ready: Value = serde_json::from_str(&ready).with_context(|| format!("{command}: not ready: {ready}"))?;
        let toss = ready["simulators"]["toss"].as_str().unwrap_or_default();
        let address = toss.split("//").nth(1).and_then(|rest| rest.split_once('/'));
        simulator.address = address.with_context(|| format!("no address in {ready}"))?.0.to_owned();
        Ok(simulator)
    }

    fn ask(&self, command: &str, folder: &Path) -> Result<()> {
        let mut shell = Command::new("bash");
        let command = command.replace(SIMULATOR, &self.address);
        let answer = run::output(shell.args(["-euc", &command]).current_dir(folder))?;
        if !answer.contains("\"result\":true") {
            bail!("{SIMULATOR_GUIDE}:\n{command}\nis answered by\n{answer}");
        }
        Ok(())
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// The configuration that the operator's guide shows is one that the program takes.
fn configuration(demo: &Demo) -> Result<()> {
    let text = std::fs::read_to_string(run::root().join(GUIDE)).with_context(|| format!("no {GUIDE}"))?;
    let block = text.split("```toml\n").nth(1).and_then(|rest| rest.split_once("```"));
    let (block, _) = block.with_context(|| format!("{GUIDE} shows no configuration"))?;
    let folder = demo.data.join("guide");
    std::fs::create_dir_all(folder.join("keys"))?;
    let letters = "abcdefgh01234567ABCDEFGH";
    std::fs::write(demo::config(&folder), block.replace('…', letters))?;
    std::fs::write(folder.join("keys/signing_key"), "0123456789abcdef".repeat(4))?;
    std::fs::write(folder.join("keys/toss_secret_key"), format!("test_sk_{letters}"))?;
    let mut migrate = Command::new(demo::program());
    migrate.args(["migrate", "--config"]).arg(demo::config(&folder));
    migrate.env("TEA_TEST_KEY", format!("sk_test_{letters}"));
    run::run(&mut migrate).with_context(|| format!("{GUIDE}: the program does not take the configuration"))
}

/// Blocks that call the API. Those about a payment's id follow on each other only in the README.
fn commands(text: &str, follow_on: bool) -> Vec<String> {
    let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split_once("```"));
    let calls = blocks.map(|(block, _)| block).filter(|block| block.contains(API));
    calls
        .filter(|block| follow_on || !block.contains("$ID"))
        .map(str::to_owned)
        .collect()
}

fn type_in(demo: &Demo, command: &str, number: &str, document: &str) -> Result<String> {
    // What a person would copy from the answer before.
    let find = "curl -s -u $KEY: $API/v1/orders/order-$NUMBER/payment | grep -o 'pay_[0-9a-z]*' | head -n 1";
    let script = command
        .lines()
        .filter(|line| !line.starts_with("KEY=") && !line.starts_with("ID="))
        .collect::<Vec<_>>()
        .join("\n")
        .replace(API, "$API");
    let mut shell = Command::new("bash");
    shell
        .args(["-euc", &format!("ID=$({find} || true)\n{script}")])
        .current_dir(Path::new("/"))
        .env("API", &demo.api_url)
        .env("KEY", &demo.secret_key)
        .env("NUMBER", number);
    run::output(&mut shell).with_context(|| document.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_the_blocks_that_call_the_api() {
        let text = "```sh\ncargo run\n```\nx\n```sh\ncurl http://127.0.0.1:4000/v1/a\n```\n```sh\ncurl http://127.0.0.1:4000/$ID\n```\n";
        assert_eq!(commands(text, true).len(), 2);
        assert_eq!(commands(text, false), ["curl http://127.0.0.1:4000/v1/a\n"]);
    }
}

//! The bars that every release holds: one command each, whose last line is its figure.

mod catalogue;
mod mutants;
mod planted;

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::tools::Tools;
use crate::{demo, fuzz, run, tools};
use catalogue::{Bar, Part, Test};

const USAGE: &str = "\
cargo xtask bar --list              what there is
cargo xtask bar <name>              runs one in the size of a release; its last line is the figure
cargo xtask bar <name> --planted    plants known bugs, in a copy under target/, and sees that each turns it red";

pub fn command() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(2).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["--list"] => list(),
        [name] => hold(catalogue::find(name)?),
        [name, "--planted"] => planted::find(catalogue::find(name)?),
        _ => bail!("{USAGE}"),
    }
}

fn list() -> Result<()> {
    for bar in catalogue::BARS {
        println!("{:<12} {}", bar.name, bar.what);
    }
    Ok(())
}

fn hold(bar: &Bar) -> Result<()> {
    let begun = Instant::now();
    let tools = tools::ready()?;
    if bar.needs_program() {
        demo::build()?;
    }
    let mut figures = Vec::new();
    for part in bar.parts {
        figures.push(match part {
            Part::Test(test) => test_part(test, &tools)?,
            Part::FuzzApi => {
                fuzz::fuzz(&tools)?;
                "API fuzzed: 0 x 5xx".to_owned()
            }
            Part::Mutants => mutants::score()?,
            Part::Cargo(words) => by_cargo(words)?,
        });
    }
    println!(
        "\n{}: {} ({} s)",
        bar.name,
        figures.join("; "),
        begun.elapsed().as_secs()
    );
    Ok(())
}

fn test_part(test: &Test, tools: &Tools) -> Result<String> {
    let mut command = run::cargo(&test.arguments());
    tools.tell(&mut command);
    command.env("NARUPAY_TEST_PROGRAM", demo::program());
    for (name, value) in test.release {
        if std::env::var_os(name).is_none() {
            command.env(name, value);
        }
    }
    println!("\n$ cargo {}", test.arguments().join(" "));
    let told = Told::by(&mut command)?;
    if !told.passed {
        bail!("red: {}", told.failed.join(", "));
    }
    Ok(told.figures())
}

fn by_cargo(words: &[&str]) -> Result<String> {
    println!("\n$ cargo {}", words.join(" "));
    let told = Told::by(&mut run::cargo(words))?;
    if !told.succeeded {
        bail!("red: {}", told.last);
    }
    Ok(told.last)
}

/// What a test binary, or another program, said.
#[derive(Default)]
pub(crate) struct Told {
    succeeded: bool,
    /// As `succeeded`, and there was a test.
    passed: bool,
    count: u64,
    last: String,
    /// The lines that say how many violations there were.
    figures: Vec<String>,
    failed: Vec<String>,
}

impl Told {
    /// Runs it with its output going to ours, and listens.
    fn by(command: &mut std::process::Command) -> Result<Told> {
        let mut child = command.stdout(Stdio::piped()).spawn().context("cannot start cargo")?;
        let mut told = Told::default();
        if let Some(stdout) = child.stdout.take() {
            for line in BufReader::new(stdout).split(b'\n') {
                let line = line?;
                let line = String::from_utf8_lossy(&line);
                println!("{line}");
                told.read(&line);
            }
        }
        told.succeeded = child.wait()?.success();
        told.passed = told.succeeded && told.count > 0;
        Ok(told)
    }

    /// With `--nocapture` what a test prints may stand before its result on one line.
    fn read(&mut self, line: &str) {
        if !line.trim().is_empty() {
            line.trim().clone_into(&mut self.last);
        }
        if line.contains("violations: 0") {
            self.figures.push(line.trim().to_owned());
        }
        if let Some(rest) = line.strip_prefix("test result: ")
            && let Some(count) = rest.split(' ').nth(1)
        {
            self.count += count.parse::<u64>().unwrap_or_default();
        }
        // In the list at the end, one name a line.
        if let Some(name) = line.strip_prefix("    ")
            && name.contains("::")
            && name
                .chars()
                .all(|letter| letter.is_alphanumeric() || "_:".contains(letter))
            && !self.failed.iter().any(|known| known == name)
        {
            self.failed.push(name.to_owned());
        }
    }

    fn figures(&self) -> String {
        if self.figures.is_empty() {
            return format!("{} tests passed", self.count);
        }
        self.figures.join("; ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_and_failures_are_read_from_what_tests_say() {
        let mut told = Told::default();
        for line in [
            "running 2 tests",
            "notices 768, violations: 0",
            "test notice_bar::ends ... ok",
            "failures:",
            "    notice_bar::starts",
            "    note: run with `RUST_BACKTRACE=1`",
            "test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s",
        ] {
            told.read(line);
        }
        assert_eq!(told.figures(), "notices 768, violations: 0");
        assert_eq!(told.failed, ["notice_bar::starts"]);
        assert_eq!(told.count, 1);
    }
}

//! The test command: everything the tests need, all tests, one count as the very last line.

use std::io::{BufRead, BufReader};
use std::process::{ExitCode, Stdio};

use anyhow::{Context, Result};

use crate::tools::Tools;
use crate::{demo, examples, fuzz, run, tools};

const KILLS: &str = "200";

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Count {
    passed: u64,
    failed: u64,
}

impl Count {
    /// Adds what one `test result: …` line of a test binary says; other lines say nothing.
    fn read(&mut self, line: &str) {
        let Some(summary) = line.strip_prefix("test result: ") else {
            return;
        };
        for part in summary.split([';', '.']) {
            let mut words = part.split_whitespace();
            let number = words.next().and_then(|word| word.parse::<u64>().ok());
            match (number, words.next()) {
                (Some(number), Some("passed")) => self.passed += number,
                (Some(number), Some("failed")) => self.failed += number,
                _ => {}
            }
        }
    }

    fn add(&mut self, passed: bool) {
        if passed {
            self.passed += 1;
        } else {
            self.failed += 1;
        }
    }

    /// No test at all is a failure too: something that should have run did not.
    fn green(self) -> bool {
        self.failed == 0 && self.passed > 0
    }
}

/// Runs the suite and prints the count as the last line.
pub fn command() -> ExitCode {
    command_after(&[])
}

/// The same, after other checks of which some failed; each of them counts as a failed test.
pub fn command_after(failed_checks: &[&str]) -> ExitCode {
    let mut count = tools::ready().and_then(|tools| all(&tools)).unwrap_or_else(|error| {
        println!("\n{error:#}\n");
        Count { passed: 0, failed: 1 }
    });
    if !failed_checks.is_empty() {
        println!("failed before the tests: {}", failed_checks.join(", "));
        count.failed += failed_checks.len() as u64;
    }
    println!("{} passed, {} failed", count.passed, count.failed);
    if count.green() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn all(tools: &Tools) -> Result<Count> {
    // Also builds the program that end-to-end tests and the checks below start.
    run::run(&mut run::cargo(&["test", "--workspace", "--locked", "--no-run"]))?;
    let mut count = cargo_test(tools)?;
    let more: [&dyn Fn() -> Result<()>; 2] = [&examples::check, &|| fuzz::fuzz(tools)];
    for check in more {
        let done = check();
        if let Err(error) = &done {
            println!("\n{error:#}");
        }
        count.add(done.is_ok());
    }
    println!();
    Ok(count)
}

fn cargo_test(tools: &Tools) -> Result<Count> {
    let mut command = run::cargo(&["test", "--workspace", "--locked", "--no-fail-fast"]);
    command.env("NARUPAY_TEST_PROGRAM", demo::program());
    tools.tell(&mut command);
    println!("\n$ cargo test --workspace --locked --no-fail-fast");
    let mut child = command.stdout(Stdio::piped()).spawn().context("cannot start cargo")?;
    let mut count = Count::default();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            count.read(&line);
        }
    }
    let status = child.wait()?;
    if !status.success() && count.failed == 0 {
        // It did not compile, or a test binary died before it could say how many failed.
        count.failed = 1;
    }
    Ok(count)
}

/// The suite's crash test with the kills of a release.
pub fn crash() -> Result<()> {
    let tools = tools::ready()?;
    let mut command = run::cargo(&[
        "test",
        "--workspace",
        "--locked",
        "--test",
        "crash",
        "--",
        "--nocapture",
    ]);
    tools.tell(&mut command);
    if std::env::var_os("NARUPAY_KILLS").is_none() {
        command.env("NARUPAY_KILLS", KILLS);
    }
    run::run(command.env("NARUPAY_TEST_PROGRAM", demo::program()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_the_sum_over_all_binaries() {
        let mut count = Count::default();
        for line in [
            "running 3 tests",
            "test a ... ok",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: FAILED. 12 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s",
        ] {
            count.read(line);
        }
        assert_eq!(count, Count { passed: 15, failed: 2 });
        assert!(!count.green());
    }

    #[test]
    fn no_tests_are_a_failure() {
        assert!(!Count::default().green());
        assert!(Count { passed: 1, failed: 0 }.green());
    }
}

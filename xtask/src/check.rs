//! What CI runs. Every step runs even if an earlier one failed, so that one round tells all.

use std::process::ExitCode;

use anyhow::Result;

use crate::{run, suite, supply, tidy};

type Step = (&'static str, fn() -> Result<()>);

/// In the order of how soon they fail. That the papers agree with the code is a test.
const STEPS: &[Step] = &[
    ("format", || run::run(&mut run::cargo(&["fmt", "--all", "--check"]))),
    ("tidy", tidy::command),
    ("supply chain", supply::command),
    ("lints", || {
        run::run(&mut run::cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ]))
    }),
];

/// The last line is the test command's, with a failed step counted as a failed test.
pub fn command() -> ExitCode {
    let mut failed = Vec::new();
    for (name, step) in STEPS {
        println!("\n== {name}");
        if let Err(error) = step() {
            println!("{error:#}");
            failed.push(*name);
        }
    }
    println!("\n== tests");
    suite::command_after(&failed)
}

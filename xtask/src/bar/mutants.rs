//! Mutation testing with cargo-mutants: small changes to the code, each of which a test should notice.

use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::run;

/// Pinned, so that the score is comparable.
const VERSION: &str = "27.1.0";
/// Where every mutation matters: all of the ledger, the arithmetic of money, what decides about payments.
const FILES: [&str; 3] = [
    "crates/ledger/src/**",
    "crates/vocabulary/src/money.rs",
    "crates/payments/src/*.rs",
];
const CAUGHT_PERCENT_MIN: f64 = 95.0;

pub(super) fn score() -> Result<String> {
    let tools = run::target().join("test-tools/cargo-mutants");
    let program = tools.join("bin/cargo-mutants");
    if !run::works(&program, &["mutants", "--version"]) {
        let mut install = run::cargo(&["install", "cargo-mutants", "--locked", "--version", VERSION, "--root"]);
        run::run(install.arg(&tools))?;
    }
    let out = run::target().join("mutants");
    std::fs::create_dir_all(&out)?;
    let mut command = Command::new(&program);
    command.args(["mutants", "--no-shuffle", "--colors", "never", "--output"]);
    command.arg(&out).current_dir(run::root());
    for file in FILES {
        command.args(["--file", file]);
    }
    println!("\n$ cargo mutants");
    // It ends with a failure when a mutation was missed; the score decides here.
    command.status().context("cannot start cargo-mutants")?;
    let outcomes = std::fs::read_to_string(out.join("mutants.out/outcomes.json")).context("it left no outcomes")?;
    judge(&serde_json::from_str(&outcomes)?)
}

/// Those that do not compile are no mutations.
fn judge(outcomes: &Value) -> Result<String> {
    let count = |name: &str| outcomes[name].as_u64().with_context(|| format!("no count of `{name}`"));
    let (caught, missed) = (count("caught")? + count("timeout")?, count("missed")?);
    if caught + missed == 0 {
        bail!("nothing was mutated");
    }
    let percent = caught as f64 * 100.0 / (caught + missed) as f64;
    let figure = format!("{caught} of {} mutations caught, {percent:.1} %", caught + missed);
    if percent < CAUGHT_PERCENT_MIN {
        bail!("{figure}");
    }
    Ok(figure)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_score_counts_what_was_noticed() {
        let outcomes = |caught, missed| json!({"caught": caught, "timeout": 1, "missed": missed, "unviable": 9});
        assert_eq!(
            judge(&outcomes(98, 1)).expect("it is enough"),
            "99 of 100 mutations caught, 99.0 %"
        );
        assert!(judge(&outcomes(90, 9)).is_err());
        assert!(judge(&json!({"caught": 0, "timeout": 0, "missed": 0})).is_err());
    }
}

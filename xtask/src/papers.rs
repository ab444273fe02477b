//! The papers made from the code: docs/openapi.json and docs/errors/. Comparing them with the code
//! is a test (`xtask/tests/papers.rs`); the same test writes them when it is told to.

use anyhow::Result;

use crate::run;

pub fn write() -> Result<()> {
    let mut command = run::cargo(&["test", "--workspace", "--locked", "--quiet", "--test", "papers"]);
    run::run(command.env("NARUPAY_WRITE_PAPERS", "1"))
}

//! What the project does to itself: `cargo xtask help`. Everything that CI runs is here, so that a
//! developer's machine and CI never disagree.

#![expect(clippy::print_stdout, reason = "a command line tool talks on stdout")]

mod bar;
mod chaos;
mod check;
mod demo;
mod examples;
mod fuzz;
mod papers;
mod run;
mod suite;
mod supply;
mod tidy;
mod tools;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <command>

  test       finds or installs what the tests need, then runs all of them; the last line is the count
  check      exactly what CI runs: format, lints, tidy, supply chain, papers, and then `test`
  tidy       the rules that no compiler holds us to: who may depend on whom, file length and the like
  supply     licences, sources and banned crates, from deny.toml
  openapi    writes docs/openapi.json from the code
  errors     writes docs/errors/ from the code
  fuzz-api   throws requests made from the OpenAPI description at a running demo
  bar        holds one of the bars of a release, or plants bugs that must turn it red: `bar --list`
  chaos      the whole server in a simulated world: --seeds N [--from S], --seed S for one seed's story,
             or --planted: does it find the bugs that we plant?
  crash      kills the program 200 times under load (NARUPAY_KILLS, NARUPAY_SEED), and looks for what was lost
  examples   types the commands of the documents, against a running demo
  tools      only finds or installs what the tests need
";

fn main() -> ExitCode {
    let command = std::env::args().nth(1).unwrap_or_default();
    let done = match command.as_str() {
        "test" => return suite::command(),
        "check" => return check::command(),
        "bar" => bar::command(),
        "tidy" => tidy::command(),
        "supply" => supply::command(),
        "openapi" | "errors" => papers::write(),
        "chaos" => chaos::command(),
        "crash" => suite::crash(),
        "examples" => examples::command(),
        "fuzz-api" => fuzz::command(),
        "tools" => tools::ready().map(|_| ()),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        other => {
            println!("{HELP}");
            Err(anyhow::anyhow!("there is no command `{other}`"))
        }
    };
    run::exit_code(done)
}

//! The one program: it reads the configuration and the machine, puts the parts together, and
//! otherwise decides nothing.

mod args;
mod bench;
mod books;
mod check;
mod clock;
mod config;
mod demo;
mod in_process_pg;
mod listen;
mod migrate;
mod node;
mod out;
mod recheck;
mod serve;
mod signals;
mod simulate;
mod stop;
mod telemetry;
mod worklist;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Before anything makes a TLS configuration: with two providers in a program rustls would not choose.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let args = Args::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!(
                "error: the program cannot start its threads: {error}\nnext:  look at the limits of this user (ulimit -u)"
            );
            return ExitCode::FAILURE;
        }
    };
    // Where "differences found" has the code 1, "could not look" needs another.
    let failure = match args.command {
        Command::Books(_) | Command::Recheck(_) | Command::Worklist(_) => ExitCode::from(2),
        _ => ExitCode::FAILURE,
    };
    let ended = runtime.block_on(run(args.command));
    // A thread that still blocks on a database must not keep the program.
    runtime.shutdown_background();
    match ended {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{}", stop::tell(&error));
            failure
        }
    }
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Demo(options) => demo::run(options).await,
        Command::Serve(options) => serve::run(options).await,
        Command::Simulate(options) => simulate::run(options).await,
        Command::Check(options) => check::run(options).await,
        Command::Migrate(options) => migrate::run(options).await,
        Command::Bench(options) => bench::run(options).await,
        Command::Books(options) => books::run(options).await,
        Command::Recheck(options) => recheck::run(options).await,
        Command::Worklist(options) => worklist::run(options).await,
    }
}

//! `cargo xtask chaos` runs this; see its help.

#![expect(clippy::print_stdout, reason = "a command line tool talks on stdout")]

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use chaos::Outcome;

const HELP: &str = "\
chaos [--seeds N] [--from S]   runs N seeds from S on; the last line is the sum
chaos --seed S                 runs one seed and tells its story
      --story                  tells every story whole
      --until-red              stops at the first seed with a violation
";

/// Lines of a failing seed's story that are shown unless all are asked for.
const STORY_LINES: usize = 60;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match command(&arguments) {
        Some(asked) => all(&asked),
        None => {
            println!("{HELP}");
            ExitCode::FAILURE
        }
    }
}

struct Asked {
    from: u64,
    count: u64,
    story: bool,
    until_red: bool,
}

fn command(arguments: &[String]) -> Option<Asked> {
    let mut asked = Asked {
        from: 1,
        count: 200,
        story: false,
        until_red: false,
    };
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--seeds" => asked.count = words.next()?.parse().ok()?,
            "--from" => asked.from = words.next()?.parse().ok()?,
            "--seed" => (asked.from, asked.count, asked.story) = (words.next()?.parse().ok()?, 1, true),
            "--story" => asked.story = true,
            "--until-red" => asked.until_red = true,
            _ => return None,
        }
    }
    Some(asked)
}

#[derive(Default)]
struct Sum {
    steps: u64,
    crashes: u64,
    faults: u64,
    commits: u64,
    requests: u64,
    pg_calls: u64,
    webhooks: u64,
    payments: usize,
    violations: usize,
    failed: Vec<u64>,
    hash: u64,
}

impl Sum {
    fn add(&mut self, outcome: &Outcome) {
        self.steps += outcome.steps;
        self.crashes += outcome.crashes;
        self.faults += outcome.faults;
        self.commits += outcome.commits;
        self.requests += outcome.requests;
        self.pg_calls += outcome.pg_calls;
        self.webhooks += outcome.webhooks;
        self.payments += outcome.payments;
        self.violations += outcome.violations.len();
        // The same whichever thread is first.
        self.hash ^= outcome.hash.rotate_left((outcome.seed % 64) as u32);
        if !outcome.violations.is_empty() {
            self.failed.push(outcome.seed);
        }
    }
}

fn all(asked: &Asked) -> ExitCode {
    let (from, count, story) = (asked.from, asked.count, asked.story);
    let begun = std::time::Instant::now();
    let (next, sum) = (AtomicU64::new(from), Mutex::new(Sum::default()));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let red = || !sum.lock().unwrap_or_else(PoisonError::into_inner).failed.is_empty();
                    if seed >= from + count || (asked.until_red && red()) {
                        return;
                    }
                    match chaos::run(seed) {
                        Ok(outcome) => {
                            let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
                            tell(&outcome, story);
                            sum.add(&outcome);
                        }
                        Err(error) => println!("seed {seed} cannot be run: {error}"),
                    }
                }
            });
        }
    });
    let mut sum = sum.into_inner().unwrap_or_else(PoisonError::into_inner);
    sum.failed.sort_unstable();
    let seconds = begun.elapsed().as_secs_f64();
    if !sum.failed.is_empty() {
        println!("failed: {:?}", sum.failed);
    }
    println!(
        "{} payments, {} requests, {} calls to PGs, {} commits, {} webhooks; {seconds:.1} s, {:.2} s a seed",
        sum.payments,
        sum.requests,
        sum.pg_calls,
        sum.commits,
        sum.webhooks,
        seconds / count.max(1) as f64
    );
    println!(
        "seeds {count} ({from}..{}), steps {}, crashes {}, faults {}, violations: {}, trace {:016x}",
        from + count - 1,
        sum.steps,
        sum.crashes,
        sum.faults,
        sum.violations,
        sum.hash
    );
    if sum.violations == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn tell(outcome: &Outcome, whole: bool) {
    if outcome.violations.is_empty() && !whole {
        return;
    }
    let first = outcome.story.iter().position(|line| line.contains("VIOLATION"));
    let end = first.map_or(outcome.story.len(), |first| first + 1);
    let lines = if whole {
        &outcome.story[..]
    } else {
        &outcome.story[end.saturating_sub(STORY_LINES)..end]
    };
    println!("\nseed {}", outcome.seed);
    lines.iter().for_each(|line| println!("{line}"));
    for violation in &outcome.violations {
        println!("seed {}: {violation}", outcome.seed);
    }
    println!("again: cargo xtask chaos --seed {}", outcome.seed);
}

//! What every commit is held to: two hundred seeds without a violation, and each of them the same again.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};

use chaos::{Outcome, run};

const SEEDS: u64 = 200;
/// Lines of a failing seed's story that a test shows.
const STORY_LINES: usize = 40;

#[test]
fn two_hundred_seeds_hold() {
    let next = AtomicU64::new(1);
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed > SEEDS {
                return;
            }
            hold(&run(seed).unwrap());
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
}

fn hold(outcome: &Outcome) {
    let violation = outcome.story.iter().position(|line| line.contains("VIOLATION"));
    let end = violation.map_or(outcome.story.len(), |at| at + 1);
    let story = outcome.story[end.saturating_sub(STORY_LINES)..end].join("\n");
    assert!(
        outcome.violations.is_empty(),
        "{story}\nseed {}: {:?}\nagain: cargo xtask chaos --seed {}",
        outcome.seed,
        outcome.violations,
        outcome.seed
    );
}

#[test]
fn a_seed_is_the_same_run_again_and_another_is_not() {
    let hash = |seed| run(seed).unwrap().hash;
    let seeds = 1_001..1_006;
    let first: Vec<u64> = seeds.clone().map(hash).collect();
    let again: Vec<u64> = seeds.map(hash).collect();
    assert_eq!(first, again, "the same seed, the same run");
    let mut different = first.clone();
    different.sort_unstable();
    different.dedup();
    assert_eq!(different.len(), first.len(), "another seed, another run");
}

#[test]
fn the_world_is_hard_enough() {
    let outcomes: Vec<Outcome> = (2_001..2_021).map(|seed| run(seed).unwrap()).collect();
    let sum = |of: fn(&Outcome) -> u64| outcomes.iter().map(of).sum::<u64>();
    assert!(sum(|outcome| outcome.crashes) > 50, "servers die");
    assert!(sum(|outcome| outcome.faults) > 500, "things go wrong");
    assert!(sum(|outcome| outcome.pg_calls) > 500, "PGs are asked");
    assert!(sum(|outcome| outcome.webhooks) > 500, "shops hear of it");
}

/// The bugs that the simulation must find can still be planted.
#[test]
fn planted_bugs_still_fit() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let root = here.join("../..");
    let inside = |command: &mut Command| {
        command
            .current_dir(&root)
            .output()
            .is_ok_and(|done| done.status.success())
    };
    if !inside(Command::new("git").args(["rev-parse", "--git-dir"])) {
        // Sources without their history, as in a package: there is nothing to apply a patch with.
        return;
    }
    let mut patches = 0;
    for file in std::fs::read_dir(here.join("planted")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "patch") {
            patches += 1;
            let fits = inside(Command::new("git").args(["apply", "--check"]).arg(&path));
            assert!(fits, "{} does not apply any more: plant it anew", path.display());
        }
    }
    assert!(patches >= 5, "{patches} planted bugs");
}

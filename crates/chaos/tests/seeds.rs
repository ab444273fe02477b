//! The invariants hold in every world that 200 seeds make, and a seed makes the same world each time.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stdout, reason = "seeds and figures are what a run is for")]

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// `cargo xtask chaos --seeds 10000` is a release's size.
const SEEDS: u64 = 200;

#[test]
fn no_seed_finds_a_violation() {
    let (next, red) = (AtomicU64::new(1), Mutex::new(Vec::new()));
    let (crashes, faults) = (AtomicU64::new(0), AtomicU64::new(0));
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed > SEEDS || !red.lock().unwrap().is_empty() {
                        return;
                    }
                    let outcome = chaos::run(seed).unwrap();
                    crashes.fetch_add(outcome.crashes, Ordering::Relaxed);
                    faults.fetch_add(outcome.faults, Ordering::Relaxed);
                    if !outcome.violations.is_empty() {
                        red.lock().unwrap().push((seed, outcome.violations));
                    }
                }
            });
        }
    });
    let red = red.into_inner().unwrap();
    assert!(
        red.is_empty(),
        "{red:#?}\n`cargo xtask chaos --seed N` tells a seed's story"
    );
    let (crashes, faults) = (crashes.into_inner(), faults.into_inner());
    println!("seeds {SEEDS}, crashes {crashes}, faults {faults}, violations: 0");
    assert!(
        crashes > SEEDS && faults > SEEDS * 10,
        "worlds without trouble prove nothing: {crashes} crashes, {faults} faults"
    );
}

#[test]
fn a_seed_makes_the_same_world_each_time_and_another_makes_another() {
    let [once, again, other] = [7, 7, 8].map(|seed| chaos::run(seed).unwrap());
    assert_eq!(once.hash, again.hash);
    assert_eq!((once.steps, once.story), (again.steps, again.story));
    assert_ne!(once.hash, other.hash);
}

/// A bug that cannot be planted any more proves nothing.
#[test]
fn every_planted_bug_still_applies() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tried = 0;
    for entry in std::fs::read_dir(here.join("planted")).unwrap() {
        let patch = entry.unwrap().path();
        let applies = Command::new("git")
            .args(["apply", "--check"])
            .arg(&patch)
            .current_dir(here.join("../.."))
            .status()
            .unwrap();
        assert!(applies.success(), "{} does not apply", patch.display());
        tried += 1;
    }
    assert!(tried >= 5, "only {tried} bugs are planted");
}

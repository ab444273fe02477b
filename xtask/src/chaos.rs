//! The simulation (`crates/chaos`), and whether it finds the bugs we plant.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::run;

/// Seeds in which a planted bug must show.
const PLANTED_SEEDS: &str = "200";

pub fn command() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(2).collect();
    if arguments.iter().any(|argument| argument == "--planted") {
        return planted();
    }
    // Optimised: 10,000 seeds are an evening otherwise.
    let mut command = run::cargo(&["run", "--release", "--locked", "--package", "chaos", "--"]);
    run::run(command.args(arguments))
}

/// Builds the program with each planted bug in turn, in a tree of its own, and has the seeds look for it.
fn planted() -> Result<()> {
    let tree = run::target().join("chaos").join("planted");
    clear(&tree)?;
    let head = Command::new("git")
        .args(["worktree", "add", "--force", "--detach"])
        .arg(&tree)
        .arg("HEAD")
        .current_dir(run::root())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if !head.success() {
        bail!("git cannot make a tree at {}", tree.display());
    }
    let done = plant_all(&tree);
    clear(&tree)?;
    done
}

fn plant_all(tree: &Path) -> Result<()> {
    let mut patches: Vec<PathBuf> = std::fs::read_dir(tree.join("crates/chaos/planted"))?
        .filter_map(|file| Some(file.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "patch"))
        .collect();
    patches.sort();
    let mut missed = 0;
    println!("{:<28} {:<8} what the simulation says", "planted bug", "found");
    for patch in &patches {
        let name = patch.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let said = plant(tree, patch)?;
        let found = said.is_some();
        missed += usize::from(!found);
        let said: String = said.unwrap_or_default().chars().take(110).collect();
        println!("{name:<28} {:<8} {said}", if found { "yes" } else { "NO" });
    }
    if missed > 0 {
        bail!("{missed} of {} planted bugs were not found", patches.len());
    }
    println!("planted bugs found: {} of {}", patches.len(), patches.len());
    Ok(())
}

/// The first violation, if there is one.
fn plant(tree: &Path, patch: &Path) -> Result<Option<String>> {
    apply(tree, patch, false)?;
    let output = run::cargo(&["run", "--quiet", "--locked", "--package", "chaos", "--"])
        .args(["--seeds", PLANTED_SEEDS, "--until-red"])
        .current_dir(tree)
        // What strangers wrote is built already.
        .env("CARGO_TARGET_DIR", run::target())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start cargo")?;
    apply(tree, patch, true)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let Some(last) = text.lines().last().filter(|last| last.starts_with("seeds ")) else {
        bail!("{} does not build or does not run", patch.display());
    };
    if last.contains("violations: 0,") {
        return Ok(None);
    }
    let violation = text
        .lines()
        .find(|line| line.starts_with("seed ") && line.contains(": "));
    Ok(Some(violation.unwrap_or(last).to_owned()))
}

fn apply(tree: &Path, patch: &Path, back: bool) -> Result<()> {
    let mut command = Command::new("git");
    command.arg("apply").args(back.then_some("--reverse")).arg(patch);
    if !command.current_dir(tree).status()?.success() {
        bail!("{} does not apply", patch.display());
    }
    Ok(())
}

/// Takes away what an earlier run left.
fn clear(tree: &Path) -> Result<()> {
    if tree.exists() {
        std::fs::remove_dir_all(tree)?;
    }
    let pruned = Command::new("git")
        .args(["worktree", "prune"])
        .current_dir(run::root())
        .status()?;
    if !pruned.success() {
        bail!("git cannot forget an old tree");
    }
    Ok(())
}

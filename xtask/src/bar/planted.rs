//! Known bugs, planted one at a time in a copy of what is committed: a bar that stays green over its bug
//! shows nothing.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use super::Told;
use super::catalogue::{Bar, Test};
use crate::tools::Tools;
use crate::{run, tools};

/// Under the target folder: the copy and what is built of it.
const FOLDER: &str = "planted";

pub(super) fn find(bar: &Bar) -> Result<()> {
    let patches = patches_of(bar.name)?;
    if patches.is_empty() {
        bail!("no bug is planted for `{0}` here; see `cargo xtask {0}`", bar.name);
    }
    let tools = tools::ready()?;
    let copy = Copy::of_head()?;
    println!("\n== {} as it is", bar.name);
    if let Verdict::Red(found_by) = copy.judge(bar, &tools)? {
        bail!("red before anything was planted: {found_by}");
    }
    let mut table = Vec::new();
    for patch in &patches {
        let name = patch.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        println!("\n== planted: {name}");
        copy.plant(patch)?;
        let begun = Instant::now();
        let verdict = copy.judge(bar, &tools);
        copy.restore()?;
        table.push((name, verdict?, begun.elapsed().as_secs()));
    }
    println!("\n{:<14}{:<40}{:>4} s  found by", "bar", "planted", "");
    for (name, verdict, seconds) in &table {
        let found_by = match verdict {
            Verdict::Red(found_by) => found_by,
            Verdict::Green => "NOBODY",
        };
        println!("{:<14}{name:<40}{seconds:>4} s  {found_by}", bar.name);
    }
    let found = table
        .iter()
        .filter(|(_, verdict, _)| *verdict != Verdict::Green)
        .count();
    println!("{}: {found} of {} planted bugs found", bar.name, table.len());
    if found < table.len() {
        bail!("a planted bug was not found");
    }
    Ok(())
}

/// By the bar's name at the beginning of theirs.
fn patches_of(bar: &str) -> Result<Vec<PathBuf>> {
    let mut patches: Vec<PathBuf> = all_patches()?
        .into_iter()
        .filter(|patch| {
            let name = patch.file_name().unwrap_or_default().to_string_lossy();
            name.strip_prefix(bar).is_some_and(|rest| rest.starts_with('-'))
        })
        .collect();
    patches.sort();
    Ok(patches)
}

fn all_patches() -> Result<Vec<PathBuf>> {
    let folder = run::root().join("xtask/planted");
    let mut patches = Vec::new();
    for entry in std::fs::read_dir(&folder).context("cannot list the planted bugs")? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "patch") {
            patches.push(path);
        }
    }
    Ok(patches)
}

#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// By which tests.
    Red(String),
    Green,
}

/// What is committed, checked out once more, with a target folder of its own that stays for the next time.
struct Copy {
    tree: PathBuf,
    target: PathBuf,
    /// Two at once would plant into each other's copy.
    _alone: File,
}

impl Copy {
    fn of_head() -> Result<Copy> {
        let folder = run::target().join(FOLDER);
        std::fs::create_dir_all(&folder)?;
        let alone = File::create(folder.join("lock"))?;
        alone.lock().context("cannot wait for whoever plants at the moment")?;
        let copy = Copy {
            tree: folder.join("tree"),
            target: folder.join("target"),
            _alone: alone,
        };
        let head = run::output(&mut git(&run::root(), &["rev-parse", "HEAD"]))?;
        if !copy.tree.join(".git").exists() {
            let mut add = git(&run::root(), &["worktree", "add", "--force", "--detach"]);
            run::run(add.arg(&copy.tree).arg(head.trim()))?;
        }
        if !copy.target.exists() {
            copy.link_dependencies()?;
        }
        copy.restore()?;
        run::run(&mut git(&copy.tree, &["checkout", "--quiet", "--detach", head.trim()]))?;
        Ok(copy)
    }

    /// What others' crates were built to is the same in the copy; only ours are built anew. It saves a first
    /// run most of its time, and without it all is only slower.
    fn link_dependencies(&self) -> Result<()> {
        for folder in ["deps", "build", ".fingerprint"] {
            let from = run::target().join("debug").join(folder);
            if from.exists() {
                link_all(&from, &self.target.join("debug").join(folder))?;
            }
        }
        Ok(())
    }

    fn plant(&self, patch: &Path) -> Result<()> {
        run::run(git(&self.tree, &["apply"]).arg(patch))
    }

    fn restore(&self) -> Result<()> {
        run::run(&mut git(&self.tree, &["checkout", "--quiet", "--", "."]))
    }

    /// In the size of every day.
    fn judge(&self, bar: &Bar, tools: &Tools) -> Result<Verdict> {
        if bar.tests_need_program() {
            run::run(&mut self.cargo(&["build", "--locked", "-p", "cli", "--bin", "narupay"]))?;
        }
        let mut found_by = Vec::new();
        for test in bar.tests() {
            let told = self.told_by(test, tools)?;
            if !told.passed {
                found_by.extend(told.failed);
            }
        }
        Ok(if found_by.is_empty() {
            Verdict::Green
        } else {
            Verdict::Red(found_by.join(", "))
        })
    }

    fn told_by(&self, test: &Test, tools: &Tools) -> Result<Told> {
        let arguments = test.arguments();
        // A bug that does not compile is found by nobody's test.
        let only_build: Vec<&str> = arguments.iter().take_while(|word| **word != "--").copied().collect();
        run::run(self.cargo(&only_build).arg("--no-run"))?;
        let mut command = self.cargo(&arguments);
        tools.tell(&mut command);
        command.env("NARUPAY_TEST_PROGRAM", self.target.join("debug/narupay"));
        let told = Told::by(&mut command)?;
        if !told.passed && told.failed.is_empty() {
            bail!("it ended without saying which test failed");
        }
        Ok(told)
    }

    /// A copy may be of a moment when the lock file lags behind; that is no matter of its bugs.
    fn cargo(&self, arguments: &[&str]) -> Command {
        let unlocked: Vec<&str> = arguments.iter().filter(|word| **word != "--locked").copied().collect();
        let mut command = run::cargo(&unlocked);
        command.current_dir(&self.tree).env("CARGO_TARGET_DIR", &self.target);
        command
    }
}

fn link_all(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            link_all(&entry.path(), &to)?;
        } else {
            // A build going on meanwhile may have taken it away.
            let _ = std::fs::hard_link(entry.path(), &to);
        }
    }
    Ok(())
}

fn git(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.args(arguments).current_dir(dir);
    command
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::BARS;
    use super::*;

    #[test]
    fn every_planted_bug_still_applies_and_belongs_to_a_bar() {
        let patches = all_patches().expect("they can be listed");
        let mut of_bars = 0;
        for bar in BARS {
            let own = patches_of(bar.name).expect("they can be listed");
            // Mutations are bugs by the hundred, planted by machine.
            assert!(
                !own.is_empty() || bar.tests().next().is_none(),
                "nothing is planted for {}",
                bar.name
            );
            of_bars += own.len();
        }
        assert_eq!(of_bars, patches.len(), "a planted bug of no bar");
        for patch in patches {
            let mut check = git(&run::root(), &["apply", "--check"]);
            let output = check.arg(&patch).output().expect("git starts");
            assert!(
                output.status.success(),
                "{}: {}",
                patch.display(),
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
}

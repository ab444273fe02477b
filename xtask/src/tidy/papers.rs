//! Documents that name files or functions which are not there. Much of the documentation names
//! instead of linking, so a renaming would otherwise make it quietly untrue.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::sources::files;
use crate::run;

/// Folders whose documents and files count.
const LOOKED_AT: [&str; 5] = [".ci", "changelog", "crates", "docs", "xtask"];

pub fn problems() -> Result<Vec<String>> {
    let root = run::root();
    let mut all: Vec<PathBuf> = std::fs::read_dir(&root)?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .collect();
    for folder in LOOKED_AT {
        all.extend(files(&root.join(folder), &|_| true)?);
    }
    let sources = sources(&all)?;
    let mut problems = Vec::new();
    for path in all
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
    {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let name = path.strip_prefix(&root).unwrap_or(path).display();
        let here = path.parent().unwrap_or(&root);
        let lost_links = links(&text).into_iter().filter(|link| !here.join(link).exists());
        problems.extend(lost_links.map(|link| format!("{name}: links to {link}, which is not there")));
        let lost_names = named(&text).into_iter().filter(|file| !somewhere(&all, file));
        problems.extend(lost_names.map(|file| format!("{name}: names {file}, which is not there")));
        let lost_functions = functions(&text)
            .into_iter()
            .filter(|(_, function)| !sources.contains(function));
        problems.extend(lost_functions.map(|(path, _)| format!("{name}: names {path}, which no source has")));
    }
    Ok(problems)
}

/// Relative targets of `[text](target)`, without the part after `#`.
fn links(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    let targets = targets.map(|(target, _)| target.split('#').next().unwrap_or_default());
    targets
        .filter(|target| !target.is_empty() && !target.contains(':'))
        .collect()
}

/// Rust files, and paths into the repository, between backticks.
fn named(text: &str) -> Vec<&str> {
    let plain = |word: &&str| {
        let path = word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-./".contains(&byte));
        let ours = LOOKED_AT.iter().any(|folder| word.starts_with(&format!("{folder}/")));
        path && (word.ends_with(".rs") || ours)
    };
    // Every second piece lies between two backticks; fenced blocks shift nothing, since they have three on each side.
    text.split('`').skip(1).step_by(2).filter(plain).collect()
}

/// `Payment::due_at` and its like, between backticks: as written, and as a source would declare it.
fn functions(text: &str) -> Vec<(&str, String)> {
    let word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let path = |piece: &&str| piece.contains("::") && piece.split("::").all(word);
    let paths = text.split('`').skip(1).step_by(2).filter(path);
    let named = paths.filter_map(|path| {
        let last = path.rsplit("::").next()?;
        let lower = last.starts_with(|first: char| first.is_ascii_lowercase());
        lower.then(|| (path, format!("fn {last}")))
    });
    named.collect()
}

/// All our Rust in one text, to look names up in.
fn sources(all: &[PathBuf]) -> Result<String> {
    let mut text = String::new();
    for path in all
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
    {
        text += &std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    }
    Ok(text)
}

/// Whether a file or folder of this name, or with this end of a path, exists.
fn somewhere(all: &[PathBuf], name: &str) -> bool {
    let name = Path::new(name.trim_start_matches("../"));
    all.iter()
        .any(|path| path.ends_with(name) || path.ancestors().any(|folder| folder.ends_with(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_papers_name_only_what_is_there() -> Result<()> {
        assert_eq!(problems()?, Vec::<String>::new());
        Ok(())
    }

    #[test]
    fn links_and_names_are_found() {
        let text = "See [a](docs/a.md#part), [b](https://b.example), `state.rs`, `Payment::on` and `crates/store/`.\n\
                    ```sh\ncat crates/x.rs\n```\n`docs/errors/<code>.md` and `todo.rs`";
        assert_eq!(links(text), ["docs/a.md"]);
        assert_eq!(named(text), ["state.rs", "crates/store/", "todo.rs"]);
        assert_eq!(functions(text), [("Payment::on", "fn on".to_owned())]);
        let all = [PathBuf::from("/r/crates/store/src/state.rs")];
        assert!(somewhere(&all, "state.rs") && somewhere(&all, "crates/store/") && !somewhere(&all, "todo.rs"));
    }
}

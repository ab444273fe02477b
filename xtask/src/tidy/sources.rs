//! What may not stand in a source file, and how long one may be.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::run;

/// A file this long is two files.
const LINES_MAX: usize = 600;

/// Longer files of old, with the length they may not outgrow. It only ever gets shorter.
const LONG_ALREADY: &[(&str, usize)] = &[];

/// Written in two halves, because this file is looked at too.
const BANNED: &[(&str, &str)] = &[
    (concat!("todo", "!("), "finish it, or leave it out"),
    (concat!("unimplemented", "!("), "finish it, or leave it out"),
    (concat!("#[ign", "ore"), "assert what happens today and say so"),
];

/// How SQL begins inside a string. A heuristic: it finds the careless, not the cunning.
const SQL: &[&str] = &[
    concat!("\"SEL", "ECT "),
    concat!("\"INS", "ERT INTO "),
    concat!("\"UPD", "ATE "),
    concat!("\"DEL", "ETE FROM "),
    concat!("\"CRE", "ATE TABLE "),
];

/// Where SQL lives: in the store, in the bench's database without a store to compare it with, and in
/// tests that look at a database or break it.
const SQL_HOMES: &[&str] = &["crates/store/", "crates/cli/src/bench/bare.rs", "/tests/"];

const LOOKED_AT: &[&str] = &["rs", "js", "css", "html", "sql", "py"];

pub fn problems() -> Result<Vec<String>> {
    let root = run::root();
    let mut problems = Vec::new();
    for top in ["crates", "xtask"] {
        for path in files(&root.join(top), &|path| is_source(path))? {
            let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let name = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().into_owned();
            problems.extend(look_at(&name, &text));
        }
    }
    Ok(problems)
}

fn look_at(name: &str, text: &str) -> Vec<String> {
    let mut problems = Vec::new();
    let lines = text.lines().count();
    let old = LONG_ALREADY.iter().find(|(long, _)| *long == name);
    let most = old.map_or(LINES_MAX, |(_, most)| *most);
    if lines > most {
        problems.push(format!(
            "{name}: {lines} lines, at most {most}; split it by what it is about"
        ));
    }
    if !name.ends_with(".rs") {
        return problems;
    }
    for (number, line) in text.lines().enumerate() {
        let number = number + 1;
        for (banned, instead) in BANNED.iter().filter(|(banned, _)| line.contains(banned)) {
            problems.push(format!("{name}:{number}: `{banned}`: {instead}"));
        }
        if !SQL_HOMES.iter().any(|home| name.contains(home)) && SQL.iter().any(|start| line.contains(start)) {
            problems.push(format!("{name}:{number}: SQL outside {}", SQL_HOMES[0]));
        }
    }
    problems
}

fn is_source(path: &Path) -> bool {
    path.extension()
        .is_some_and(|end| LOOKED_AT.iter().any(|one| end == *one))
}

/// The files below `dir` that are wanted, without what npm and pip leave behind.
pub fn files(dir: &Path, wanted: &dyn Fn(&Path) -> bool) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut waiting = vec![dir.to_owned()];
    while let Some(dir) = waiting.pop() {
        for entry in std::fs::read_dir(&dir).with_context(|| format!("cannot list {}", dir.display()))? {
            let path = entry?.path();
            let foreign = path
                .file_name()
                .is_some_and(|name| name == "node_modules" || name == "venv");
            if path.is_dir() && !foreign {
                waiting.push(path);
            } else if path.is_file() && wanted(&path) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sources_are_tidy() -> Result<()> {
        assert_eq!(problems()?, Vec::<String>::new());
        Ok(())
    }

    #[test]
    fn planted_untidiness_is_found() {
        let sql = concat!("let rows = db.query(\"SEL", "ECT 1\");");
        assert_eq!(look_at("crates/flows/src/x.rs", sql).len(), 1);
        assert_eq!(look_at("crates/store/src/x.rs", sql).len(), 0);
        let later = concat!("fn later() { todo", "!() }\n#[ign", "ore]\n");
        assert_eq!(look_at("crates/store/src/x.rs", later).len(), 2);
        assert_eq!(
            look_at("crates/server/assets/x.js", &"x\n".repeat(LINES_MAX + 1)).len(),
            1
        );
        assert_eq!(look_at("crates/server/assets/x.js", &"x\n".repeat(LINES_MAX)).len(), 0);
    }
}

//! The gate on what we depend on: licences, sources and banned crates, as `deny.toml` states them.
//!
//! It reads the same file as cargo-deny and needs nothing but cargo. cargo-deny itself knows more
//! (advisories above all); where it is installed it runs too.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::run;

pub fn command() -> Result<()> {
    let problems = problems(&dependencies()?, &policy()?);
    for problem in &problems {
        println!("{problem}");
    }
    if !problems.is_empty() {
        bail!("{} dependencies are not as deny.toml wants them", problems.len());
    }
    println!("licences, sources and bans are as deny.toml wants them");
    if run::works("cargo-deny", &["--version"]) {
        let arguments = ["deny", "--offline", "--locked", "check", "bans", "licenses", "sources"];
        run::run(&mut run::cargo(&arguments))?;
    }
    Ok(())
}

/// What `deny.toml` allows, as far as we check it ourselves.
struct Policy {
    licences: BTreeSet<String>,
    banned: BTreeSet<String>,
}

fn policy() -> Result<Policy> {
    let text = std::fs::read_to_string(run::root().join("deny.toml")).context("cannot read deny.toml")?;
    read_policy(&text)
}

fn read_policy(text: &str) -> Result<Policy> {
    let file: toml::Table = text.parse().context("deny.toml is not TOML")?;
    let list = |table: &str, key: &str| -> Result<Vec<toml::Value>> {
        let list = file.get(table).and_then(|table| table.get(key));
        let list = list.and_then(|list| list.as_array());
        list.cloned()
            .with_context(|| format!("deny.toml has no list `{table}.{key}`"))
    };
    let licences = list("licenses", "allow")?;
    let licences = licences.iter().filter_map(|licence| licence.as_str());
    let banned = list("bans", "deny")?;
    let banned = banned.iter().filter_map(|entry| entry.get("crate")?.as_str());
    Ok(Policy {
        licences: licences.map(str::to_owned).collect(),
        banned: banned.map(str::to_owned).collect(),
    })
}

/// What is really built, for any platform, tests included: one line for each crate, tab between the
/// crate, its licence and its features. The lock file would also name optional crates nobody turns on.
fn dependencies() -> Result<String> {
    let arguments = [
        "tree",
        "--workspace",
        "--locked",
        "--target",
        "all",
        "--edges",
        "normal,build,dev",
    ];
    let format = ["--prefix", "none", "--format", "{p}\t{l}\t{f}"];
    run::output(&mut run::cargo(&[&arguments[..], &format[..]].concat()))
}

/// One line for each thing that is not allowed.
fn problems(tree: &str, policy: &Policy) -> BTreeSet<String> {
    let mut problems = BTreeSet::new();
    for line in tree.lines().filter(|line| !line.trim().is_empty()) {
        let mut columns = line.trim_end_matches("(*)").split('\t').map(str::trim);
        let package = columns.next().unwrap_or_default();
        let licence = columns.next().unwrap_or_default();
        let features = columns.next().unwrap_or_default();
        let (package, origin) = split_origin(package);
        let name = package.split(' ').next().unwrap_or_default();
        if let Some(origin) = origin {
            if !Path::new(origin).is_absolute() {
                problems.insert(format!("{package}: comes from {origin}, not from crates.io"));
            }
            continue;
        }
        if policy.banned.contains(name) {
            problems.insert(format!("{package}: banned"));
        }
        if !allowed(licence, &policy.licences) {
            problems.insert(format!("{package}: licence `{licence}` is not allowed"));
        }
        // Two cryptography providers make rustls panic at the first handshake.
        if name == "rustls" && features.split(',').any(|feature| feature == "ring") {
            problems.insert(format!("{package}: the provider `ring` is turned on beside aws-lc"));
        }
    }
    problems
}

/// `name v1.0.0 (origin)`: the origin is a folder, an address, or missing for crates.io.
fn split_origin(package: &str) -> (&str, Option<&str>) {
    let package = package.trim_end_matches("(proc-macro)").trim();
    match package.split_once(" (") {
        Some((package, origin)) => (package, Some(origin.trim_end_matches(')'))),
        None => (package, None),
    }
}

/// Whether an SPDX expression can be met with allowed licences alone; one that cannot be read is not.
fn allowed(expression: &str, licences: &BTreeSet<String>) -> bool {
    // Old manifests write `MIT/Apache-2.0` and mean OR.
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = &words[..];
    either(&mut rest, licences) == Some(true) && rest.is_empty()
}

type Words<'a, 'b> = &'a mut &'b [&'b str];

fn either(rest: Words, licences: &BTreeSet<String>) -> Option<bool> {
    let mut met = both(rest, licences)?;
    while take(rest, "OR") {
        met |= both(rest, licences)?;
    }
    Some(met)
}

fn both(rest: Words, licences: &BTreeSet<String>) -> Option<bool> {
    let mut met = one(rest, licences)?;
    while take(rest, "AND") {
        met &= one(rest, licences)?;
    }
    Some(met)
}

fn one(rest: Words, licences: &BTreeSet<String>) -> Option<bool> {
    if take(rest, "(") {
        let met = either(rest, licences)?;
        return take(rest, ")").then_some(met);
    }
    let licence = next(rest)?;
    if take(rest, "WITH") {
        let exception = next(rest)?;
        return Some(licences.contains(&format!("{licence} WITH {exception}")));
    }
    Some(licences.contains(licence))
}

fn take(rest: Words, word: &str) -> bool {
    let there = rest.first() == Some(&word);
    if there {
        *rest = &rest[1..];
    }
    there
}

fn next<'b>(rest: Words<'_, 'b>) -> Option<&'b str> {
    let (word, others) = rest.split_first()?;
    *rest = others;
    Some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn licences(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn an_expression_is_met_by_allowed_licences_alone() {
        let ours = licences(&["MIT", "Apache-2.0", "ISC", "Apache-2.0 WITH LLVM-exception"]);
        for met in [
            "MIT",
            "MIT/Apache-2.0",
            "GPL-2.0-only OR MIT",
            "ISC AND (Apache-2.0 OR ISC)",
            "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
            "MIT OR Apache-2.0 OR LGPL-2.1-or-later",
        ] {
            assert!(allowed(met, &ours), "{met}");
        }
        for refused in [
            "",
            "GPL-3.0",
            "MIT AND GPL-3.0",
            "(MIT OR ISC) AND MPL-2.0",
            "Apache-2.0 WITH Other-exception",
            "MIT OR",
            "(MIT",
        ] {
            assert!(!allowed(refused, &ours), "{refused}");
        }
    }

    #[test]
    fn a_planted_dependency_is_found() -> Result<()> {
        let policy = read_policy(
            r#"
            licenses.allow = ["MIT"]
            bans.deny = [{ crate = "openssl-sys" }]
            "#,
        )?;
        let tree = [
            "ours v0.1.0 (/home/someone/narupay/crates/ours)\tApache-2.0\t",
            "fine v1.0.0 (proc-macro)\tMIT\tdefault (*)",
            "openssl-sys v0.9.0\tMIT\t",
            "copyleft v2.0.0\tGPL-3.0\t",
            "elsewhere v1.0.0 (https://example.org/x#0123)\tMIT\t",
            "rustls v0.23.0\tMIT\taws_lc_rs,ring,std",
        ];
        let found: Vec<String> = problems(&tree.join("\n"), &policy).into_iter().collect();
        assert_eq!(
            found,
            [
                "copyleft v2.0.0: licence `GPL-3.0` is not allowed",
                "elsewhere v1.0.0: comes from https://example.org/x#0123, not from crates.io",
                "openssl-sys v0.9.0: banned",
                "rustls v0.23.0: the provider `ring` is turned on beside aws-lc",
            ]
        );
        Ok(())
    }

    #[test]
    fn our_dependencies_are_as_deny_toml_wants_them() -> Result<()> {
        assert_eq!(problems(&dependencies()?, &policy()?), BTreeSet::new());
        Ok(())
    }
}

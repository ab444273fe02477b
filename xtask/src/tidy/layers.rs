//! Which crate may use which. The table is the architecture; `cargo metadata` is the truth.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::run;

/// A crate of ours and the crates of ours it may use. Everyone may use `vocabulary`.
const MAY_USE: &[(&str, &[&str])] = &[
    // Nouns. Knows nobody.
    ("vocabulary", &[]),
    // Pure rules: no SQL, no HTTP, no clock.
    ("ledger", &[]),
    ("payments", &["ledger"]),
    // The PGs, from both sides. They share no code, so that a mistake must be made twice to stay hidden.
    ("connectors", &[]),
    ("pg_simulator", &[]),
    // The only SQL.
    ("store", &["ledger", "payments"]),
    // Use cases. The only place where rules, PGs and the store meet.
    ("flows", &["connectors", "ledger", "payments", "store"]),
    // Faces. The server knows no PG; the sample shop knows only the public API.
    ("server", &["flows", "payments", "store"]),
    ("sample_shop", &[]),
    (
        "cli",
        &[
            "connectors",
            "flows",
            "ledger",
            "payments",
            "pg_simulator",
            "sample_shop",
            "server",
            "store",
        ],
    ),
    ("xtask", &[]),
];

/// Crates that exist for tests alone: they may use everyone, and nobody's product code may use them.
const FOR_TESTS: &[&str] = &["testkit", "e2e", "chaos", "bad_disk"];

/// Public crates with one home each; elsewhere they would carry SQL, HTTP or an executor across a border.
const HOMES: &[(&str, &[&str])] = &[
    // `cli` for the bench alone, which sets the store beside a database without it.
    ("rusqlite", &["cli", "store"]),
    ("tokio-postgres", &["cli", "store"]),
    ("axum", &["pg_simulator", "sample_shop", "server"]),
    (
        "reqwest",
        &["cli", "connectors", "flows", "pg_simulator", "sample_shop"],
    ),
    (
        "tokio",
        &[
            "cli",
            "connectors",
            "flows",
            "pg_simulator",
            "sample_shop",
            "server",
            "store",
        ],
    ),
    (
        "serde",
        &[
            "cli",
            "connectors",
            "flows",
            "pg_simulator",
            "sample_shop",
            "server",
            "store",
        ],
    ),
    ("utoipa", &["flows", "server"]),
];

pub fn problems() -> Result<Vec<String>> {
    let arguments = ["metadata", "--locked", "--no-deps", "--format-version", "1"];
    let text = run::output(&mut run::cargo(&arguments))?;
    let metadata: Value = serde_json::from_str(&text).context("cargo metadata is not JSON")?;
    find(&metadata)
}

fn find(metadata: &Value) -> Result<Vec<String>> {
    let packages = metadata.get("packages").and_then(Value::as_array);
    let packages = packages.context("cargo metadata has no packages")?;
    let table: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let ours: BTreeSet<&str> = packages.iter().map(|package| text(package, "name")).collect();
    let mut problems = Vec::new();
    for package in packages {
        let name = text(package, "name");
        if FOR_TESTS.contains(&name) {
            continue;
        }
        let Some(may_use) = table.get(name) else {
            problems.push(format!(
                "crate {name} has no place in the table of xtask/src/tidy/layers.rs"
            ));
            continue;
        };
        for used in used(package) {
            if ours.contains(used) && used != "vocabulary" && !may_use.contains(&used) {
                problems.push(format!("{name} must not use {used}"));
            }
            let home = HOMES.iter().find(|(public, _)| *public == used);
            if home.is_some_and(|(_, homes)| !homes.contains(&name)) {
                problems.push(format!("{name} must not use {used}, which belongs elsewhere"));
            }
        }
    }
    Ok(problems)
}

/// What a crate's product code uses; what its tests use is free.
fn used(package: &Value) -> impl Iterator<Item = &str> {
    let all = package.get("dependencies").and_then(Value::as_array);
    let product = all.into_iter().flatten().filter(|one| text(one, "kind") != "dev");
    product.map(|one| text(one, "name"))
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crates_keep_to_the_table() -> Result<()> {
        assert_eq!(problems()?, Vec::<String>::new());
        Ok(())
    }

    #[test]
    fn planted_shortcuts_are_found() -> Result<()> {
        let package = |name: &str, uses: &[(&str, Option<&str>)]| {
            let uses = uses
                .iter()
                .map(|(name, kind)| serde_json::json!({ "name": name, "kind": kind }));
            serde_json::json!({ "name": name, "dependencies": uses.collect::<Vec<_>>() })
        };
        let metadata = serde_json::json!({ "packages": [
            package("vocabulary", &[]),
            package("payments", &[("vocabulary", None), ("store", None), ("tokio", None)]),
            package("store", &[("rusqlite", None), ("payments", None)]),
            package("server", &[("connectors", None)]),
            package("connectors", &[("pg_simulator", Some("dev"))]),
            package("pg_simulator", &[]),
            package("surprise", &[]),
        ] });
        assert_eq!(
            find(&metadata)?,
            [
                "payments must not use store",
                "payments must not use tokio, which belongs elsewhere",
                "server must not use connectors",
                "crate surprise has no place in the table of xtask/src/tidy/layers.rs",
            ]
        );
        Ok(())
    }
}

//! axe-core, the accessibility checker, on the page we are on. `cargo xtask test` fetches it.

use std::path::PathBuf;
use std::sync::OnceLock;

use serde_json::{Value, json};

use super::demo::target;
use super::shopper::Shopper;

/// The checker's source; `None` where it was not fetched.
fn checker() -> Option<&'static str> {
    static SHARED: OnceLock<Option<String>> = OnceLock::new();
    let shared = SHARED.get_or_init(|| {
        let given = std::env::var_os("NARUPAY_TEST_AXE").map(PathBuf::from);
        let usual = target().join("test-tools/axe/node_modules/axe-core/axe.min.js");
        let required = given.is_some();
        match std::fs::read_to_string(given.unwrap_or(usual)) {
            Ok(source) => Some(source),
            Err(error) if required => panic!("NARUPAY_TEST_AXE names no file to read: {error}"),
            Err(_) => {
                eprintln!("pages are not checked by axe-core: `cargo xtask test` fetches it where there is npm");
                None
            }
        }
    });
    shared.as_deref()
}

impl Shopper {
    pub fn has_checker(&self) -> bool {
        checker().is_some()
    }

    /// What hinders somebody on the page we are on: rule, and where it is broken.
    pub async fn violations(&self) -> Vec<String> {
        let Some(source) = checker() else { return Vec::new() };
        // The wrapper keeps the page from seeing a module system that is not there.
        self.browser
            .script(&format!("if (!window.axe) {{ {source} }}"), json!([]))
            .await;
        let found = self
            .browser
            .promise(
                "const found = await axe.run(document, { resultTypes: ['violations'] });
                 return found.violations.map((rule) => rule.id + ': ' + rule.nodes.slice(0, 3)
                   .map((node) => node.html.slice(0, 140) + ' ' + (node.any[0] || node.all[0] || node.none[0] || {}).message).join(' | '));",
                json!([]),
            )
            .await;
        match found {
            Value::Array(violations) => violations.iter().map(Value::to_string).collect(),
            failed => vec![failed.to_string()],
        }
    }
}

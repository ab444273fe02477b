//! docs/openapi.json and docs/errors/ say what the code says. `cargo xtask openapi` and `cargo xtask
//! errors` run this with `NARUPAY_WRITE_PAPERS` set, and it writes them instead of comparing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// By name below docs/.
fn openapi() -> BTreeMap<String, String> {
    let text = server::openapi_json();
    BTreeMap::from([("openapi.json".to_owned(), format!("{}\n", text.trim_end()))])
}

fn errors() -> BTreeMap<String, String> {
    let codes = server::problem_codes();
    let mut index = String::from(
        "# Errors\n\nEvery error the API can answer, from the code's own table. `moneyMoved` says whether the request may have moved money.\n\n\
         API가 답할 수 있는 모든 오류입니다.\n\n| code | HTTP | meaning | 뜻 | money moved |\n| --- | --- | --- | --- | --- |\n",
    );
    for code in &codes {
        index += &format!(
            "| [{0}]({0}.md) | {1} | {2} | {3} | {4} |\n",
            code.code,
            code.status,
            code.title_en,
            code.title_ko,
            code.money_moved.as_str()
        );
    }
    let pages = codes
        .iter()
        .map(|code| (format!("errors/{}.md", code.code), code.markdown()));
    pages.chain([("errors/README.md".to_owned(), index)]).collect()
}

/// Compares, or writes. `folder`: where nothing else may lie.
fn settle(papers: &BTreeMap<String, String>, folder: Option<&str>) {
    let write = std::env::var_os("NARUPAY_WRITE_PAPERS").is_some();
    for (name, text) in papers {
        let path = docs().join(name);
        if write {
            let parent = path.parent().expect("papers lie in a folder");
            std::fs::create_dir_all(parent).expect("the folder can be made");
            std::fs::write(&path, text).expect("the paper can be written");
        }
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            there == *text,
            "docs/{name} is not what the code says: run `cargo xtask openapi` and `cargo xtask errors`, and look at the difference"
        );
    }
    let Some(folder) = folder else { return };
    for entry in std::fs::read_dir(docs().join(folder)).expect("the folder is there") {
        let path = entry.expect("it can be listed").path();
        let name = format!("{folder}/{}", path.file_name().unwrap_or_default().to_string_lossy());
        if papers.contains_key(&name) {
            continue;
        }
        assert!(write, "docs/{name} is about nothing in the code");
        std::fs::remove_file(&path).expect("an old paper can be removed");
    }
}

#[test]
fn the_description_of_the_api_is_the_codes() {
    settle(&openapi(), None);
}

#[test]
fn every_error_has_its_page() {
    settle(&errors(), Some("errors"));
}

//! What the tests need beside Rust: found if it is there, installed on Debian as root, else named.
//! Downloads go through apt, pip and npm alone; what pip and npm bring stays under `target/`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::run;

/// Environment by which tests know that a tool must be there: without it they fail instead of staying away.
const REQUIRED: [&str; 3] = ["NARUPAY_TEST_POSTGRES", "NARUPAY_TEST_BROWSER", "NARUPAY_TEST_CLIENTS"];

/// PG clients that others published, which must work against the simulator.
const CLIENTS: &str = "crates/pg_simulator/clients";

/// The accessibility checker that browser tests run on every page.
const PAGE_CHECKS: &str = "crates/e2e/tests/browser/axe";

/// What the tests are told about the machine.
pub struct Tools {
    /// Python with the published PG clients.
    clients_python: PathBuf,
    /// Node packages with the published PG clients; `None` where there is no npm.
    clients_node: Option<PathBuf>,
    /// Node packages with the accessibility checker; `None` where there is no npm.
    page_checks: Option<PathBuf>,
    /// Python with the API fuzzer.
    pub fuzzer_python: PathBuf,
}

impl Tools {
    pub fn tell(&self, command: &mut Command) {
        for name in REQUIRED {
            command.env(name, "required");
        }
        command.env("NARUPAY_TEST_PYTHON", &self.clients_python);
        if let Some(modules) = &self.clients_node {
            command.env("NARUPAY_TEST_NODE_MODULES", modules);
        }
        if let Some(modules) = &self.page_checks {
            command.env("NARUPAY_TEST_AXE", modules.join("axe-core/axe.min.js"));
        }
    }
}

struct Need {
    what: &'static str,
    packages: &'static [&'static str],
    found: fn() -> bool,
}

const NEEDS: &[Need] = &[
    Need {
        what: "PostgreSQL server binaries (initdb, postgres)",
        packages: &["postgresql"],
        found: postgres_found,
    },
    Need {
        what: "Chromium",
        packages: &["chromium"],
        found: || {
            ["chromium", "chromium-browser", "google-chrome"]
                .iter()
                .any(|name| on_path(name))
        },
    },
    Need {
        what: "chromedriver",
        packages: &["chromium-driver"],
        found: || on_path("chromedriver"),
    },
    Need {
        what: "a Korean font (Nanum)",
        packages: &["fonts-nanum", "fontconfig"],
        found: korean_font_found,
    },
    Need {
        what: "curl",
        packages: &["curl"],
        found: || on_path("curl"),
    },
    Need {
        what: "Python 3 with venv",
        packages: &["python3", "python3-venv"],
        found: || run::works("python3", &["-c", "import venv, ensurepip"]),
    },
];

/// Everything is there when this returns.
pub fn ready() -> Result<Tools> {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !(need.found)()).collect();
    if !missing.is_empty() {
        install(&missing)?;
    }
    if let Some(need) = missing.iter().find(|need| !(need.found)()) {
        bail!("{} was installed and still is not found", need.what);
    }
    Ok(Tools {
        clients_python: python("clients", &format!("{CLIENTS}/python/requirements.txt"))?,
        clients_node: node("node", &format!("{CLIENTS}/node"))?,
        page_checks: node("axe", PAGE_CHECKS)?,
        fuzzer_python: python("fuzzer", "xtask/requirements.txt")?,
    })
}

fn install(missing: &[&Need]) -> Result<()> {
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages).copied().collect();
    if !(on_path("apt-get") && is_root()) {
        println!("The tests need what this machine does not have:");
        for need in missing {
            println!("  {}", need.what);
        }
        println!(
            "\nOn Debian or Ubuntu:\n  sudo apt-get update && sudo apt-get install -y {}",
            packages.join(" ")
        );
        bail!("install these and run the command again");
    }
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    run::run(&mut apt(&["update", "-qq"]))?;
    let mut arguments = vec!["install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(packages);
    run::run(&mut apt(&arguments))
}

/// A Python environment with a pinned list of packages: made anew when the list changed, else the one that is there.
fn python(name: &str, requirements: &str) -> Result<PathBuf> {
    let pinned = run::root().join(requirements);
    let dir = run::target().join("test-tools").join(name);
    let python = dir.join("bin/python");
    let stamp = Stamp::of(&pinned, &dir)?;
    if stamp.fits() && run::works(&python, &["--version"]) {
        return Ok(python);
    }
    let mut make = Command::new("python3");
    make.args(["-m", "venv", "--clear"]).arg(&dir);
    run::run(&mut make)?;
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"]);
    install.arg(&pinned);
    run::run(&mut install)?;
    stamp.set()?;
    Ok(python)
}

/// The same for Node, with npm's lock file in the folder `packages`. They lie under `target/`, where `NODE_PATH`
/// finds them. `None` without npm: it is a big thing to install for three packages.
fn node(name: &str, packages: &str) -> Result<Option<PathBuf>> {
    if !run::works("npm", &["--version"]) {
        println!("npm is not installed: the tests stay away from what {packages} asks for");
        return Ok(None);
    }
    let pinned = run::root().join(packages);
    let dir = run::target().join("test-tools").join(name);
    let modules = dir.join("node_modules");
    let stamp = Stamp::of(&pinned.join("package-lock.json"), &dir)?;
    if stamp.fits() && modules.is_dir() {
        return Ok(Some(modules));
    }
    std::fs::create_dir_all(&dir)?;
    for file in ["package.json", "package-lock.json"] {
        std::fs::copy(pinned.join(file), dir.join(file)).with_context(|| format!("cannot copy {file}"))?;
    }
    let mut install = Command::new("npm");
    install.args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--silent",
        "--prefix",
    ]);
    run::run(install.arg(&dir))?;
    stamp.set()?;
    Ok(Some(modules))
}

/// What was installed, beside what should be.
struct Stamp {
    wanted: String,
    file: PathBuf,
}

impl Stamp {
    fn of(pinned: &Path, dir: &Path) -> Result<Stamp> {
        let wanted = std::fs::read_to_string(pinned).with_context(|| format!("cannot read {}", pinned.display()))?;
        let file = dir.join("installed");
        Ok(Stamp { wanted, file })
    }

    fn fits(&self) -> bool {
        std::fs::read_to_string(&self.file).is_ok_and(|installed| installed == self.wanted)
    }

    fn set(&self) -> Result<()> {
        std::fs::write(&self.file, &self.wanted).context("cannot note what was installed")
    }
}

fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| dir.join(program).is_file())
}

/// Debian keeps the server's programs off the path, one folder per version.
fn postgres_found() -> bool {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = versions.map(|version| version.path().join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let complete = |dir: &Path| dir.join("initdb").is_file() && dir.join("postgres").is_file();
    debian.chain(std::env::split_paths(&path)).any(|dir| complete(&dir))
}

fn korean_font_found() -> bool {
    let listed = Command::new("fc-list").arg(":lang=ko").output();
    listed.is_ok_and(|listed| !listed.stdout.is_empty())
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}

//! Finds Chromium and chromedriver on this machine and says how they are started.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::{Value, json};

use super::demo::folder;
use super::process::Guarded;

const HOW_TO_INSTALL: &str = "Chromium and chromedriver were not found in PATH: install them \
     (Debian: `apt-get install chromium chromium-driver fonts-nanum`; Fedora: `dnf install chromium chromedriver`)";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Device {
    Phone,
    Desktop,
}

impl Device {
    pub const EACH: [Device; 2] = [Device::Phone, Device::Desktop];

    pub fn name(self) -> &'static str {
        match self {
            Device::Phone => "phone",
            Device::Desktop => "desktop",
        }
    }
}

/// What a browser is started with.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    pub device: Device,
    /// As in `Accept-Language`.
    pub languages: &'static str,
    /// Whether pages may run scripts.
    pub scripts: bool,
}

/// The address of the one chromedriver of this process; `None` where there is none.
pub fn chromedriver() -> Option<&'static str> {
    static SHARED: OnceLock<Option<(Guarded, String)>> = OnceLock::new();
    let shared = SHARED.get_or_init(|| {
        let found = on_path(&["chromedriver"]).zip(chromium());
        let required = std::env::var_os("NARUPAY_TEST_BROWSER").is_some_and(|value| value == "required");
        assert!(found.is_some() || !required, "{HOW_TO_INSTALL}");
        let Some((program, _)) = found else {
            eprintln!("the browser tests stay away. {HOW_TO_INSTALL}");
            return None;
        };
        let arguments = ["--port=0", "--log-level=WARNING"];
        let running = Guarded::start(&folder("chromium"), &program, &arguments, |line| {
            line.contains("successfully on port ")
        });
        let port = running.said.rsplit("on port ").next().unwrap_or_default();
        let url = format!("http://127.0.0.1:{}", port.trim_end_matches('.'));
        Some((running, url))
    });
    shared.as_ref().map(|(_, url)| url.as_str())
}

fn chromium() -> Option<PathBuf> {
    on_path(&["chromium", "chromium-browser", "google-chrome"])
}

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let places = names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    places.into_iter().find(|place| place.is_file())
}

/// What a session is asked for.
pub fn capabilities(setup: Setup, profile: &Path) -> Value {
    let mut arguments: Vec<String> = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        // Belt and braces: what is not on this machine has no address.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        // With the frame that Chromium counts in, the page gets 1280 x 800.
        "--window-size=1280,943",
    ]
    .map(str::to_owned)
    .to_vec();
    arguments.push(format!("--user-data-dir={}", profile.display()));
    arguments.push(format!(
        "--lang={}",
        setup.languages.split(',').next().unwrap_or_default()
    ));
    arguments.push(format!("--accept-lang={}", setup.languages));
    if !setup.scripts {
        arguments.push("--blink-settings=scriptEnabled=false".to_owned());
    }
    let mut options = json!({ "args": arguments, "binary": chromium() });
    if setup.device == Device::Phone {
        options["mobileEmulation"] = json!({
            "deviceMetrics": { "width": 390, "height": 844, "pixelRatio": 2.0, "touch": true, "mobile": true },
            "userAgent": "Mozilla/5.0 (Linux; Android 14; SM-S921N) AppleWebKit/537.36 (KHTML, like Gecko) \
                          Chrome/140.0.0.0 Mobile Safari/537.36",
        });
    }
    json!({
        "browserName": "chrome",
        "goog:chromeOptions": options,
        "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
    })
}

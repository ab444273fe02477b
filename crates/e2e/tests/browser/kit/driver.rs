//! Chromium by the WebDriver protocol (W3C), as much of it as these tests need.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::demo::folder;
use super::launch::{Setup, capabilities, chromedriver};

/// How long anything may take to appear.
const PATIENCE: Duration = Duration::from_secs(30);
const BETWEEN_LOOKS: Duration = Duration::from_millis(40);
/// The key under which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
const FRAME: &str = ELEMENT;

/// One Chromium with an empty profile.
pub struct Browser {
    http: reqwest::Client,
    session: String,
    profile: PathBuf,
}

/// What WebDriver says when it cannot.
#[derive(Debug)]
pub struct Cannot {
    pub error: String,
    pub message: String,
}

impl Cannot {
    /// A page on its way may make it possible.
    fn may_pass(&self) -> bool {
        matches!(
            self.error.as_str(),
            "no such element"
                | "element not interactable"
                | "element click intercepted"
                | "stale element reference"
                | "no such frame"
                | "detached shadow root"
        ) || self.message.contains("aborted by navigation")
            || self.message.contains("Node with given id")
            || self.message.contains("frame was detached")
            || self.message.contains("target frame detached")
    }
}

pub type Tried<T> = Result<T, Cannot>;

impl Browser {
    /// `None`: there is no browser on this machine, and none is required.
    pub async fn start(setup: Setup) -> Option<Browser> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let driver = tokio::task::spawn_blocking(chromedriver)
            .await
            .expect("chromedriver starts")?;
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let profile = folder("chromium").join(format!("profile-{number}"));
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let wanted = json!({ "capabilities": { "alwaysMatch": capabilities(setup, &profile) } });
        let started = send(http.post(format!("{driver}/session")).json(&wanted)).await;
        let started = started.unwrap_or_else(|cannot| panic!("Chromium did not start: {}", cannot.message));
        let id = started["sessionId"].as_str().expect("a session has an id");
        let session = format!("{driver}/session/{id}");
        Some(Browser { http, session, profile })
    }

    pub async fn end(self) {
        let _ = send(self.http.delete(&self.session)).await;
        let _ = std::fs::remove_dir_all(&self.profile);
    }

    async fn get(&self, command: &str) -> Tried<Value> {
        send(self.http.get(format!("{}/{command}", self.session))).await
    }

    async fn post(&self, command: &str, body: Value) -> Tried<Value> {
        send(self.http.post(format!("{}/{command}", self.session)).json(&body)).await
    }

    pub async fn goto(&self, url: &str) {
        self.post("url", json!({ "url": url }))
            .await
            .unwrap_or_else(|cannot| panic!("{url}: {}", cannot.message));
    }

    pub async fn back(&self) {
        self.post("back", json!({})).await.expect("there is a way back");
    }

    pub async fn reload(&self) {
        self.post("refresh", json!({}))
            .await
            .expect("a page can be loaded again");
    }

    /// Of the whole tab, also while in a frame.
    pub async fn url(&self) -> String {
        self.get("url")
            .await
            .expect("a page has an address")
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// An element of the frame we are in, if it is there now.
    pub async fn look_for(&self, css: &str) -> Tried<String> {
        let found = self
            .post("element", json!({ "using": "css selector", "value": css }))
            .await?;
        Ok(found[ELEMENT].as_str().unwrap_or_default().to_owned())
    }

    pub async fn is_there(&self, css: &str) -> bool {
        self.look_for(css).await.is_ok()
    }

    pub async fn count(&self, css: &str) -> usize {
        let found = self
            .post("elements", json!({ "using": "css selector", "value": css }))
            .await;
        found
            .ok()
            .and_then(|list| list.as_array().map(Vec::len))
            .unwrap_or_default()
    }

    /// Presses what a shopper can see and reach, as soon as it can be pressed.
    pub async fn click(&self, css: &str) {
        self.patiently(css, async || {
            let id = self.reach(css).await?;
            self.post(&format!("element/{id}/click"), json!({})).await
        })
        .await;
    }

    /// Scrolls to it as a shopper would: into the middle, not below the bar at the foot of the page.
    async fn reach(&self, css: &str) -> Tried<String> {
        let id = self.look_for(css).await?;
        let shown = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })";
        self.try_script(shown, json!([{ ELEMENT: id }])).await?;
        Ok(id)
    }

    /// Two presses, as fast as they come.
    /// Presses what leads to another page, and waits until that page is there: what is asked right after a
    /// press may still be answered by the page being left.
    pub async fn leave_by(&self, css: &str) {
        self.script("window.naruLeft = true", json!([])).await;
        self.click(css).await;
        self.until("another page", async || {
            let arrived = "return !window.naruLeft && document.readyState === 'complete'";
            let arrived = self.try_script(arrived, json!([])).await.ok()?;
            (arrived == true).then_some(())
        })
        .await;
    }

    pub async fn double_click(&self, css: &str) {
        let button = json!({ "button": 0 });
        self.patiently(css, async || {
            let id = self.reach(css).await?;
            let to = json!({ "type": "pointerMove", "duration": 0, "x": 0, "y": 0, "origin": { ELEMENT: id } });
            let press = |kind: &str| json!({ "type": kind, "button": button["button"] });
            let [down, up] = ["pointerDown", "pointerUp"].map(press);
            let pointer = json!({ "type": "pointer", "id": "pointer", "actions": [to, down, up, down, up] });
            self.post("actions", json!({ "actions": [pointer] })).await
        })
        .await;
    }

    /// Types into a field instead of what is in it.
    pub async fn fill(&self, css: &str, text: &str) {
        self.patiently(css, async || {
            let id = self.look_for(css).await?;
            self.post(&format!("element/{id}/clear"), json!({})).await?;
            self.post(&format!("element/{id}/value"), json!({ "text": text })).await
        })
        .await;
    }

    /// One key, to whatever has the focus. Names: U+E00C is Escape, U+E004 Tab, U+E007 Enter.
    pub async fn press(&self, key: char) {
        let key = key.to_string();
        let keys = json!([{ "type": "keyDown", "value": key }, { "type": "keyUp", "value": key }]);
        let actions = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": keys }] });
        self.post("actions", actions).await.expect("a key can be pressed");
    }

    pub async fn text(&self, css: &str) -> String {
        let text = self.patiently(css, async || {
            let id = self.look_for(css).await?;
            self.get(&format!("element/{id}/text")).await
        });
        text.await.as_str().unwrap_or_default().to_owned()
    }

    /// Empty when the element has no such attribute.
    pub async fn attribute(&self, css: &str, name: &str) -> String {
        let value = self.patiently(css, async || {
            let id = self.look_for(css).await?;
            self.get(&format!("element/{id}/attribute/{name}")).await
        });
        value.await.as_str().unwrap_or_default().to_owned()
    }

    /// Runs a function body in the frame we are in. Page policies do not hold it back.
    pub async fn script(&self, body: &str, arguments: Value) -> Value {
        self.try_script(body, arguments)
            .await
            .unwrap_or_else(|cannot| panic!("{}: {body}", cannot.message))
    }

    pub async fn try_script(&self, body: &str, arguments: Value) -> Tried<Value> {
        self.post("execute/sync", json!({ "script": body, "args": arguments }))
            .await
    }

    /// As [`Browser::script`], for a function that returns a promise.
    pub async fn promise(&self, body: &str, arguments: Value) -> Value {
        let body = format!(
            "const done = arguments[arguments.length - 1]; \
             (async (...given) => {{ {body} }})(...[...arguments].slice(0, -1)) \
             .then(done, (error) => done('failed: ' + error));"
        );
        let done = self
            .post("execute/async", json!({ "script": body, "args": arguments }))
            .await;
        done.unwrap_or_else(|cannot| panic!("{}: {body}", cannot.message))
    }

    /// A command of Chromium's own protocol.
    pub async fn chromium(&self, command: &str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.post("goog/cdp/execute", body)
            .await
            .unwrap_or_else(|cannot| panic!("{command}: {}", cannot.message))
    }

    pub async fn to_top(&self) {
        self.post("frame", json!({ "id": null }))
            .await
            .expect("the tab is open");
    }

    /// Into a frame of the frame we are in.
    pub async fn enter_frame(&self, css: &str) -> Tried<()> {
        let id = self.look_for(css).await?;
        self.post("frame", json!({ "id": { FRAME: id } })).await.map(|_| ())
    }

    pub async fn tab(&self) -> String {
        self.get("window")
            .await
            .expect("the tab is open")
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Opens another tab and goes there.
    pub async fn new_tab(&self) -> String {
        let opened = self
            .post("window/new", json!({ "type": "tab" }))
            .await
            .expect("a tab opens");
        let tab = opened["handle"].as_str().unwrap_or_default().to_owned();
        self.to_tab(&tab).await;
        tab
    }

    pub async fn to_tab(&self, tab: &str) {
        self.post("window", json!({ "handle": tab }))
            .await
            .expect("the tab is open");
    }

    /// Closes the tab we are in, and goes on in another.
    pub async fn close_tab(&self, go_on: &str) {
        self.send_delete("window").await;
        self.to_tab(go_on).await;
    }

    async fn send_delete(&self, command: &str) {
        let done = send(self.http.delete(format!("{}/{command}", self.session))).await;
        done.unwrap_or_else(|cannot| panic!("{command}: {}", cannot.message));
    }

    pub async fn screenshot(&self, file: &Path) {
        let Ok(picture) = self.get("screenshot").await else {
            return;
        };
        let png = STANDARD
            .decode(picture.as_str().unwrap_or_default())
            .expect("a picture is base64");
        std::fs::create_dir_all(file.parent().expect("a picture has a folder")).unwrap();
        std::fs::write(file, png).unwrap();
    }

    /// What the browser noted since last asked: `browser` (its console) or `performance` (its network).
    pub async fn log(&self, kind: &str) -> Vec<Value> {
        let log = self
            .post("se/log", json!({ "type": kind }))
            .await
            .expect("the browser keeps a log");
        log.as_array().cloned().unwrap_or_default()
    }

    /// Waits until `look` finds something.
    pub async fn until<T>(&self, what: &str, look: impl AsyncFn() -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look().await {
                return found;
            }
            assert!(
                Instant::now() < deadline,
                "{what}: not within {PATIENCE:?}, at {}",
                self.url().await
            );
            sleep(BETWEEN_LOOKS).await;
        }
    }

    async fn patiently(&self, what: &str, attempt: impl AsyncFn() -> Tried<Value>) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match attempt().await {
                Ok(value) => return value,
                Err(cannot) if cannot.may_pass() && Instant::now() < deadline => sleep(BETWEEN_LOOKS).await,
                Err(Cannot { error, message }) => {
                    let message = message.lines().next().unwrap_or_default();
                    panic!("{what}: {error} ({message}), at {}", self.url().await)
                }
            }
        }
    }
}

async fn send(request: reqwest::RequestBuilder) -> Tried<Value> {
    let answer = request
        .timeout(Duration::from_secs(60))
        .send()
        .await
        .expect("chromedriver answers");
    let is_done = answer.status().is_success();
    let mut body: Value = answer.json().await.expect("chromedriver speaks JSON");
    if is_done {
        return Ok(body["value"].take());
    }
    let text = |name: &str| body["value"][name].as_str().unwrap_or_default().to_owned();
    Err(Cannot {
        error: text("error"),
        message: text("message"),
    })
}

//! How a page looks: sizes, colours, and what can be measured of it.

use serde_json::{Value, json};

use super::demo::target;
use super::shopper::Shopper;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    Light,
    Dark,
}

impl Scheme {
    pub const EACH: [Scheme; 2] = [Scheme::Light, Scheme::Dark];

    pub fn name(self) -> &'static str {
        match self {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
        }
    }
}

impl Shopper {
    /// CSS pixels of the page's width, at a phone's or a desktop's height.
    pub async fn is_wide(&self, width: u32) {
        let phone = width < 768;
        let metrics = json!({
            "width": width, "height": if phone { 780 } else { 900 },
            "deviceScaleFactor": if phone { 2 } else { 1 }, "mobile": phone,
        });
        let is_done = format!("return matchMedia('(width: {width}px)').matches");
        self.browser
            .until("the page takes its new width", async || {
                // Said while one page gives way to the next, it may be lost between the two: said again.
                self.browser
                    .chromium("Emulation.setDeviceMetricsOverride", metrics.clone())
                    .await;
                let done = self.browser.try_script(&is_done, json!([])).await.ok()?;
                (done == true).then_some(())
            })
            .await;
    }

    pub async fn prefers(&self, scheme: Scheme) {
        let feature = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme.name() }] });
        self.browser.chromium("Emulation.setEmulatedMedia", feature).await;
    }

    /// A picture in `target/screenshots`, to be looked at by people.
    pub async fn takes_picture(&self, name: &str) {
        self.browser
            .screenshot(&target().join(format!("screenshots/{name}.png")))
            .await;
    }

    /// Whether something sticks out to the right of a page that is `width` wide, and what.
    pub async fn scrolls_sideways(&self, width: u32) -> Option<String> {
        let found = self.browser.script(SIDEWAYS, json!([width])).await;
        found.as_str().map(str::to_owned)
    }

    /// Everything to press that is smaller than a fingertip.
    pub async fn small_targets(&self) -> Vec<String> {
        let found = self.browser.script(SMALL_TARGETS, json!([])).await;
        found.as_array().into_iter().flatten().map(Value::to_string).collect()
    }

    /// What is written in the largest letters.
    pub async fn largest_text(&self) -> String {
        let found = self.browser.script(LARGEST_TEXT, json!([])).await;
        found.as_str().unwrap_or_default().to_owned()
    }

    /// Bytes of all scripts the page loaded, unpacked.
    pub async fn script_bytes(&self) -> u64 {
        self.browser
            .script(SCRIPT_BYTES, json!([]))
            .await
            .as_u64()
            .unwrap_or_default()
    }
}

/// A phone makes its page as wide as the widest thing in it, so it cannot be asked how wide it is.
const SIDEWAYS: &str = r"
const room = Math.min(arguments[0], document.documentElement.clientWidth);
if (document.documentElement.scrollWidth <= room) { return null; }
const wide = [...document.body.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > room + 1);
return `${document.documentElement.scrollWidth} of ${room}: ` + wide.slice(0, 4).map((one) => one.outerHTML.slice(0, 120)).join(' | ');
";

/// A radio button or a link inside a line of text is pressed by its label or its line.
const SMALL_TARGETS: &str = r"
const small = [];
for (const one of document.querySelectorAll('a[href], button, select, summary, input:not([type=hidden]):not([type=radio]), label')) {
  const box = one.getBoundingClientRect();
  const shown = box.width > 0 && box.height > 0 && getComputedStyle(one).visibility === 'visible' && box.bottom > 0;
  const said = one.matches('label') && !(one.control && one.control.matches('[type=radio], [type=checkbox]'));
  if (shown && !said && (box.height < 44 || box.width < 44)) {
    small.push(`${Math.round(box.width)}x${Math.round(box.height)} ${one.outerHTML.slice(0, 90)}`);
  }
}
return small;
";

const LARGEST_TEXT: &str = r"
let largest = { size: 0, text: '' };
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  const text = walker.currentNode.textContent.trim();
  const box = element.getBoundingClientRect();
  const size = parseFloat(getComputedStyle(element).fontSize);
  if (text && box.width > 1 && size > largest.size) { largest = { size, text }; }
}
return largest.text;
";

const SCRIPT_BYTES: &str = r"
return performance.getEntriesByType('resource')
  .filter((entry) => entry.initiatorType === 'script')
  .reduce((sum, entry) => sum + entry.decodedBodySize, 0);
";

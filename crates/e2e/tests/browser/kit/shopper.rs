//! What a shopper does and sees, on a phone by going from page to page, on a desktop inside the shop's own page.

use serde_json::{Value, json};

use super::demo::Demo;
use super::driver::Browser;

/// Frames in which a page may stand, from the tab inwards: the shop's dialog, and in it the PG's.
const FRAMES: [&[&str]; 4] = [&[], &[DIALOG], &[DIALOG, PG_FRAME], &[PG_FRAME]];
const DIALOG: &str = "dialog iframe";
const PG_FRAME: &str = "iframe#__tosspayments_payment_iframe__";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// Where the method is chosen.
    Checkout,
    /// Our page behind the PG's window.
    Opener,
    /// The PG's window.
    Window,
    Result,
    /// Nothing to pay here, and why.
    Message,
    /// The shop's page of one order.
    Order,
}

impl Page {
    fn mark(self) -> &'static str {
        match self {
            Page::Checkout => "body[data-page=checkout]",
            Page::Opener => "body[data-page=window]",
            Page::Window => "form[data-test^=method-]",
            Page::Result => "body[data-page=result]",
            Page::Message => "[data-test=message-title]",
            Page::Order => "[data-test=order-status]",
        }
    }
}

pub struct Shopper {
    pub browser: Browser,
    pub demo: &'static Demo,
    /// The shop's number of the last order made.
    pub order: String,
}

impl Shopper {
    pub fn new(browser: Browser, demo: &'static Demo) -> Shopper {
        Shopper {
            browser,
            demo,
            order: String::new(),
        }
    }

    /// Goods in the cart, the order form filled in and sent: the checkout is open.
    pub async fn orders(&mut self, goods: &[&str]) {
        self.fills_order_form(goods).await;
        self.browser.click("[data-test=pay]").await;
        self.is_at(Page::Checkout).await;
    }

    pub async fn fills_order_form(&mut self, goods: &[&str]) {
        for good in goods {
            self.goes_to_shop(&format!("/goods/{good}")).await;
            self.browser.click("[data-test=add-to-cart]").await;
            self.browser.text("[data-test=cart-lines]").await;
        }
        self.browser.click("[data-test=checkout]").await;
        for (field, text) in [
            ("name", "김나루"),
            ("email", "naru@example.com"),
            ("phone", "010-1234-5678"),
        ] {
            self.browser.fill(&format!("[data-test={field}]"), text).await;
        }
        self.order = self.browser.attribute("input[name=order]", "value").await;
    }

    pub async fn goes_to_shop(&self, path: &str) {
        self.browser.goto(&format!("{}{path}", self.demo.shop_url)).await;
    }

    /// Waits for a page, wherever it stands, and looks at it from now on.
    pub async fn is_at(&self, page: Page) {
        let browser = &self.browser;
        browser
            .until(&format!("{page:?}"), async || {
                for frames in FRAMES {
                    browser.to_top().await;
                    let mut inside = true;
                    for frame in frames {
                        inside = inside && browser.enter_frame(frame).await.is_ok();
                    }
                    if inside && browser.is_there(page.mark()).await {
                        return Some(());
                    }
                }
                None
            })
            .await;
    }

    pub async fn chooses(&self, method: &str) {
        self.browser.click(&format!("label[for=way-{method}]")).await;
    }

    pub async fn chooses_kind(&self, kind: &str) {
        self.browser.click(&format!("[data-test=kind-{kind}]")).await;
    }

    /// 0: all at once.
    pub async fn chooses_instalments(&self, months: u8) {
        self.browser
            .click(&format!("[data-test=instalment] option[value='{months}']"))
            .await;
    }

    /// From the checkout to the PG's window.
    pub async fn opens_window(&self) {
        self.browser.click("[data-test=pay]").await;
        self.is_at(Page::Window).await;
    }

    /// Chooses in the PG's window, by the code of a card company, bank or carrier, and agrees to pay.
    pub async fn agrees_with(&self, choice: &str) {
        self.browser.click(&format!("[data-test='choose-{choice}']")).await;
        self.agrees().await;
    }

    /// Takes whatever the PG's window proposes.
    pub async fn agrees(&self) {
        if self.browser.is_there("[data-test=next]").await {
            self.browser.click("[data-test=next]").await;
        }
        self.browser.click("button[data-test=pay]").await;
    }

    /// One of the PG window's test conditions: `decline`, `decline-limit`, `decline-lost`.
    pub async fn is_declined(&self, how: &str) {
        self.browser.click("[data-test=conditions] summary").await;
        self.browser.click(&format!("[data-test={how}]")).await;
    }

    /// Agrees while the PG's window is told to break this payment, with a fault of the simulator's list.
    pub async fn fails_with(&self, fault: &str) {
        self.browser.click("[data-test=next]").await;
        self.browser.click("[data-test=conditions] summary").await;
        self.browser.click(&format!("#fault option[value='{fault}']")).await;
        self.browser.click("button[data-test=pay]").await;
    }

    /// What the result page says came of it: `paid`, `not_paid`, `checking` or `waiting_for_deposit`.
    pub async fn sees_result(&self, outcome: &str) {
        self.is_at(Page::Result).await;
        let mark = format!("[data-outcome='{outcome}']");
        self.browser
            .until(&format!("the result says {outcome}"), async || {
                // It may have loaded itself anew.
                self.browser.is_there(&mark).await.then_some(())
            })
            .await;
    }

    pub async fn goes_back_to_shop(&self) {
        self.browser.click("[data-test=back-to-shop]").await;
        self.is_at(Page::Order).await;
    }

    /// The order page's own words: `paid`, `waiting-for-deposit`, `unpaid`, …
    pub async fn sees_order(&self, status: &str) {
        self.is_at(Page::Order).await;
        let mark = format!("[data-test=order-status][data-status={status}]");
        self.browser
            .until(&format!("the order is {status}"), async || {
                self.browser.is_there(&mark).await.then_some(())
            })
            .await;
    }

    pub async fn sees(&self, words: &str) {
        let browser = &self.browser;
        browser
            .until(&format!("“{words}” on the page"), async || {
                let text = browser
                    .try_script("return document.body.innerText", json!([]))
                    .await
                    .ok()?;
                text.as_str()?.contains(words).then_some(())
            })
            .await;
    }

    pub async fn reads_no_korean(&self, css: &str) {
        let text = self.browser.text(css).await;
        let korean = |letter: &char| ('가'..='힣').contains(letter);
        assert_eq!(text.chars().find(korean), None, "{text}");
    }

    /// The payment of the last order, as the shop's server sees it.
    pub async fn payment(&self) -> Value {
        self.demo.payment_of(&self.order).await
    }

    /// The PG's name for what is being paid: its order id is our attempt.
    pub async fn attempt(&self) -> String {
        let payment = self.payment().await;
        let attempts = payment["attempts"].as_array().expect("a payment lists its attempts");
        let last = attempts.last().expect("the window is open, so there is an attempt");
        last["id"].as_str().unwrap_or_default().to_owned()
    }

    /// Money moved once and not more, at the PG and in the books.
    pub async fn was_charged_once(&self) {
        let payment = self.payment().await;
        assert_eq!(payment["status"], "DONE", "{payment}");
        let mut approvals = 0;
        for attempt in payment["attempts"].as_array().expect("a payment lists its attempts") {
            let truth = self.demo.truth(attempt["id"].as_str().unwrap_or_default()).await;
            approvals += truth["approvals"].as_u64().unwrap_or_default();
        }
        assert_eq!(approvals, 1, "{payment}");
    }

    pub async fn was_not_charged(&self) {
        let payment = self.payment().await;
        for attempt in payment["attempts"].as_array().expect("a payment lists its attempts") {
            let truth = self.demo.truth(attempt["id"].as_str().unwrap_or_default()).await;
            assert_eq!(truth["approvals"].as_u64().unwrap_or_default(), 0, "{payment}");
        }
    }

    /// No page broke its own policy or threw an error, and nothing was asked of another machine.
    pub async fn nothing_was_amiss(&self) {
        let amiss = self.what_was_amiss().await;
        assert!(amiss.is_empty(), "{amiss:#?}");
    }

    /// Since last asked.
    pub async fn what_was_amiss(&self) -> Vec<String> {
        let noted = self.browser.log("browser").await;
        let complaints = noted.iter().filter(|entry| {
            let text = entry["message"].as_str().unwrap_or_default();
            let thrown = entry["source"] == "javascript" && entry["level"] == "SEVERE";
            thrown || text.contains("Content Security Policy") || text.contains("Refused to ")
        });
        let mut amiss: Vec<String> = complaints.map(|entry| entry["message"].to_string()).collect();
        let asked = self.browser.log("performance").await;
        amiss.extend(asked.iter().filter_map(stranger));
        amiss
    }
}

/// The address of a request that leaves this machine.
fn stranger(entry: &Value) -> Option<String> {
    let event: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
    let event = &event["message"];
    if event["method"] != "Network.requestWillBeSent" {
        return None;
    }
    let url = event["params"]["request"]["url"].as_str()?;
    let here = ["http://127.0.0.1:", "data:", "about:", "blob:", "chrome:"];
    (!here.iter().any(|start| url.starts_with(start))).then(|| url.to_owned())
}

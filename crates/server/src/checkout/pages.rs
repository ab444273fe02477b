//! The pages as plain data and their templates. What goes into them is decided in `compose`.

use askama::Template;

use super::text::{Amount, Text};
use crate::assets;

/// What every page has.
pub(crate) struct Page {
    /// Tells scripts and tests which page it is.
    pub name: &'static str,
    pub text: Text,
    /// `None` where no shop is known, say at a wrong address.
    pub shop: Option<String>,
    pub test: bool,
    /// `rrggbb`
    pub accent: Option<String>,
    /// The only origin that may hold this page in a frame, and that is told how far the shopper is.
    pub shop_origin: Option<String>,
    pub other_lang_url: Option<String>,
}

impl Page {
    fn shop_name(&self) -> String {
        self.shop.clone().unwrap_or_else(|| self.text.say("naru"))
    }

    fn accent_url(&self) -> Option<String> {
        self.accent.as_ref().map(|hex| format!("/assets/accent/{hex}.css"))
    }

    fn style_url(&self) -> String {
        assets::CHECKOUT_STYLE.url()
    }

    fn script_url(&self) -> String {
        assets::CHECKOUT_SCRIPT.url()
    }

    fn icon_url(&self) -> String {
        assets::MARK.url()
    }
}

/// What is owed, and for what.
pub(crate) struct BillView {
    pub name: String,
    pub amount: Amount,
    pub until: Option<String>,
    pub facts: Vec<Fact>,
}

pub(crate) struct Fact {
    pub label: String,
    pub value: String,
    /// The last line of a sum.
    pub sum: bool,
}

pub(crate) struct Alert {
    pub title: String,
    pub text: String,
}

/// A method to choose.
pub(crate) struct Way {
    pub method: &'static str,
    pub name: String,
    pub hint: String,
    /// Inside of a 24 × 24 SVG.
    pub icon: &'static str,
    pub chosen: bool,
    pub kinds: Vec<KindView>,
    pub kinds_label: String,
    pub kinds_hint: String,
    pub instalments: Vec<Months>,
    pub instalment_hint: String,
}

pub(crate) struct KindView {
    pub code: &'static str,
    pub name: String,
    pub chosen: bool,
}

pub(crate) struct Months {
    pub months: u8,
    pub name: String,
}

#[derive(Template)]
#[template(path = "checkout.html")]
pub(crate) struct CheckoutPage {
    pub page: Page,
    pub bill: BillView,
    pub alert: Option<Alert>,
    pub action: String,
    pub ways: Vec<Way>,
    pub pay_label: String,
}

#[derive(Template)]
#[template(path = "window.html")]
pub(crate) struct WindowPage {
    pub page: Page,
    pub bill: BillView,
    pub method: String,
    pub pg_script_url: String,
    pub opener_url: String,
    /// JSON for the opener.
    pub parameters: String,
    pub back_url: String,
}

/// Said by colour, word and shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Good,
    Bad,
    /// Not decided: someone is asked.
    Checking,
    /// Not decided: the shopper acts.
    Waiting,
    Back,
}

impl Mood {
    fn class(self) -> &'static str {
        match self {
            Mood::Good => "good",
            Mood::Bad => "bad",
            Mood::Checking | Mood::Waiting => "wait",
            Mood::Back => "back",
        }
    }

    /// Inside of a 48 × 48 SVG.
    fn shape(self) -> &'static str {
        match self {
            Mood::Good => r#"<circle cx="24" cy="24" r="21"/><path d="M14.5 24.5l6.5 6.5 12.5-13"/>"#,
            Mood::Bad => {
                r#"<path d="M15.5 3h17L45 15.5v17L32.5 45h-17L3 32.5v-17z"/><path d="M17 17l14 14M31 17L17 31"/>"#
            }
            Mood::Checking => {
                r#"<path d="M24 3l21 21-21 21L3 24z"/><path d="M16 24h.1M24 24h.1M32 24h.1" stroke-width="4.5"/>"#
            }
            Mood::Waiting => r#"<rect x="3" y="3" width="42" height="42" rx="10"/><path d="M24 13v12l8 5"/>"#,
            Mood::Back => r#"<circle cx="24" cy="24" r="21"/><path d="M32 31v-5a5 5 0 0 0-5-5H15m6-6l-6 6 6 6"/>"#,
        }
    }
}

#[derive(Template)]
#[template(path = "result.html")]
pub(crate) struct ResultPage {
    pub page: Page,
    pub bill: BillView,
    pub mood: Mood,
    pub title: String,
    pub lines: Vec<String>,
    pub account: Option<AccountView>,
    pub facts: Vec<Fact>,
    pub next: Vec<String>,
    /// In the SDK's words: `paid`, `not_paid`, `checking`, `waiting_for_deposit`.
    pub outcome: &'static str,
    /// The payment's status, so that a change is noticed.
    pub state: &'static str,
    pub payment_id: String,
    pub order_id: String,
    /// Asked again and again while the payment is not decided.
    pub status_url: Option<String>,
    pub refresh_seconds: Option<u32>,
    pub back_url: Option<String>,
    pub again_url: Option<String>,
    pub receipt_url: Option<String>,
}

pub(crate) struct AccountView {
    pub bank: String,
    /// As a person reads it.
    pub number: String,
    /// As a bank's app takes it.
    pub digits: String,
}

/// Where there is nothing to pay or to show.
#[derive(Template)]
#[template(path = "message.html")]
pub(crate) struct MessagePage {
    pub page: Page,
    pub mood: Mood,
    pub title: String,
    pub lines: String,
    pub back_url: Option<String>,
    pub request_id: Option<String>,
}

/// Inside of a 24 × 24 SVG.
pub(crate) fn icon(method: &str) -> &'static str {
    match method {
        "CARD" => r#"<rect x="2.5" y="5" width="19" height="14" rx="2.5"/><path d="M2.5 10h19M6 15h4"/>"#,
        "EASY_PAY" => {
            r#"<rect x="6.5" y="2.5" width="11" height="19" rx="2.5"/><path d="M10 18.5h4M9.5 10.5l2 2 3.5-4"/>"#
        }
        "TRANSFER" => r#"<path d="M3 9.5L12 4l9 5.5H3zM5.5 9.5V17M10 9.5V17M14 9.5V17M18.5 9.5V17M3 20h18"/>"#,
        "VIRTUAL_ACCOUNT" => {
            r#"<rect x="3" y="4" width="18" height="16" rx="2.5"/><path d="M7 9h6M7 13h10M7 16.5h4"/>"#
        }
        "MOBILE" => r#"<rect x="6.5" y="2.5" width="11" height="19" rx="2.5"/><path d="M10 18.5h4"/>"#,
        "GIFT_VOUCHER" => {
            r#"<path d="M3 8.5h18v3H3zM4.5 11.5V20h15v-8.5M12 8.5V20M12 8.5C9 8.5 7 7.5 7.5 5.5S11.5 4.5 12 8.5c.5-4 4-5 4.5-3s-1.5 3-4.5 3z"/>"#
        }
        _ => r#"<circle cx="12" cy="12" r="9"/><path d="M3 12h18M12 3c-5 6-5 12 0 18M12 3c5 6 5 12 0 18"/>"#,
    }
}

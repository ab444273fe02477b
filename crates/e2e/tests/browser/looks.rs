//! What a page must be for eyes, fingers and screen readers, and pictures of every page for people to judge.
//! The pictures go to `target/screenshots`.

use serde_json::json;

use crate::kit::{Device, Page, Scheme, Setup, Shopper, story, story_with};

const WIDTHS: [u32; 4] = [360, 390, 768, 1280];
/// The checkout's promise, all scripts of a page together.
const SCRIPT_BYTES_MAX: u64 = 100_000;

/// Looks at the page we are on, at every width and in both schemes.
async fn every_look_is_good(shopper: &Shopper, name: &str) {
    for scheme in Scheme::EACH {
        shopper.prefers(scheme).await;
        for width in WIDTHS {
            shopper.is_wide(width).await;
            let at = format!("{name} {width} {}", scheme.name());
            assert_eq!(shopper.scrolls_sideways(width).await, None, "{at}");
            assert_eq!(shopper.violations().await, Vec::<String>::new(), "{at}");
            if [390, 1280].contains(&width) {
                shopper
                    .takes_picture(&format!("{name}-{width}-{}", scheme.name()))
                    .await;
            }
        }
        // The narrowest phone still in use.
        shopper.is_wide(320).await;
        assert_eq!(shopper.scrolls_sideways(320).await, None, "{name} 320");
    }
    assert_eq!(shopper.small_targets().await, Vec::<String>::new(), "{name}");
    shopper.prefers(Scheme::Light).await;
    shopper.is_wide(390).await;
}

#[test]
fn the_shops_pages() {
    story(Device::Desktop, async |shopper| {
        shopper.goes_to_shop("/").await;
        every_look_is_good(shopper, "shop").await;
        shopper.goes_to_shop("/goods/table").await;
        every_look_is_good(shopper, "good").await;
        shopper.browser.leave_by("[data-test=add-to-cart]").await;
        every_look_is_good(shopper, "cart").await;
        shopper.browser.leave_by("[data-test=checkout]").await;
        every_look_is_good(shopper, "order-form").await;
    });
}

#[test]
fn the_checkout() {
    story(Device::Phone, async |shopper| {
        shopper.orders(&["table", "book"]).await;
        every_look_is_good(shopper, "checkout").await;
        assert_eq!(shopper.largest_text().await, "104,000");
        assert!(shopper.script_bytes().await < SCRIPT_BYTES_MAX);
        shopper.chooses("EASY_PAY").await;
        every_look_is_good(shopper, "checkout-easy-pay").await;
        shopper.opens_window().await;
        shopper.is_declined("decline").await;
        shopper.is_at(Page::Checkout).await;
        every_look_is_good(shopper, "checkout-declined").await;
    });
}

#[test]
fn the_checkout_in_english() {
    let english = Setup {
        device: Device::Phone,
        languages: "en-US,en",
        scripts: true,
    };
    story_with(english, async |shopper| {
        shopper.orders(&["table", "book"]).await;
        every_look_is_good(shopper, "checkout-english").await;
        assert_eq!(shopper.largest_text().await, "₩104,000");
    });
}

#[test]
fn the_window_and_the_page_behind_it() {
    story(Device::Phone, async |shopper| {
        shopper.orders(&["table"]).await;
        shopper.opens_window().await;
        every_look_is_good(shopper, "window").await;
        shopper.browser.back().await;
        shopper.is_at(Page::Opener).await;
        every_look_is_good(shopper, "opener").await;
        assert_eq!(shopper.largest_text().await, "89,000");
        assert!(shopper.script_bytes().await < SCRIPT_BYTES_MAX);
        shopper.browser.click("[data-test=open-window]").await;
        shopper.is_at(Page::Window).await;
        shopper.browser.leave_by("[data-test=next]").await;
        every_look_is_good(shopper, "window-second-step").await;
        shopper.agrees().await;
        shopper.sees_result("paid").await;
        every_look_is_good(shopper, "result-paid").await;
        assert_eq!(shopper.largest_text().await, "89,000");
        shopper.goes_back_to_shop().await;
        every_look_is_good(shopper, "order-paid").await;
    });
}

#[test]
fn an_account_to_pay_into_and_what_came_to_nothing() {
    story(Device::Phone, async |shopper| {
        shopper.orders(&["tea"]).await;
        shopper.chooses("VIRTUAL_ACCOUNT").await;
        shopper.opens_window().await;
        shopper.agrees_with("88").await;
        shopper.sees_result("waiting_for_deposit").await;
        every_look_is_good(shopper, "result-deposit").await;
        shopper.goes_back_to_shop().await;
        every_look_is_good(shopper, "order-deposit").await;

        shopper.orders(&["pencils"]).await;
        let payment = shopper.payment().await;
        let page = payment["checkoutUrl"].as_str().unwrap_or_default().to_owned();
        shopper.goes_to_shop(&format!("/orders/{}", shopper.order)).await;
        every_look_is_good(shopper, "order-unpaid").await;
        shopper.browser.click("[data-test=cancel]").await;
        shopper.sees_order("canceled").await;
        shopper.browser.goto(&page).await;
        shopper.sees_result("not_paid").await;
        every_look_is_good(shopper, "result-not-paid").await;
        shopper.browser.goto(&page[..page.len() - 4]).await;
        shopper.is_at(Page::Message).await;
        every_look_is_good(shopper, "message").await;
    });
}

#[test]
fn while_the_pg_is_silent() {
    story(Device::Phone, async |shopper| {
        shopper.orders(&["tea"]).await;
        shopper.opens_window().await;
        let silent = json!({ "orderId": shopper.attempt().await, "fault": "inquire-5xx-before-x100" });
        shopper.demo.pg("faults", silent).await;
        shopper.fails_with("5xx-after").await;
        shopper.sees_result("checking").await;
        every_look_is_good(shopper, "result-checking").await;
        shopper.goes_back_to_shop().await;
        shopper.sees_order("checking").await;
        every_look_is_good(shopper, "order-checking").await;
    });
}

/// As a shopper on a desktop sees it: the shop's page, and over it the dialog.
#[test]
fn the_dialog_over_the_shop() {
    story(Device::Desktop, async |shopper| {
        shopper.orders(&["table"]).await;
        shopper.takes_picture("dialog-checkout").await;
        assert_eq!(shopper.scrolls_sideways(520).await, None);
        assert_eq!(shopper.violations().await, Vec::<String>::new());
        shopper.opens_window().await;
        shopper.takes_picture("dialog-window").await;
        shopper.agrees_with("61").await;
        shopper.sees_result("paid").await;
        shopper.takes_picture("dialog-result").await;
        assert_eq!(shopper.violations().await, Vec::<String>::new());
    });
}

/// A check that finds nothing anywhere might be blind.
#[test]
fn the_checks_see_what_is_wrong() {
    story(Device::Phone, async |shopper| {
        shopper.goes_to_shop("/").await;
        // By the object model: the shop's policy takes no inline style.
        let flaws = "
            document.body.innerHTML = '<p>pale</p> <img src=/assets/tea.svg> <button>x</button> <p>large</p>';
            const [pale, large] = document.querySelectorAll('p');
            Object.assign(pale.style, { width: '900px', color: '#eee', background: '#fff' });
            Object.assign(document.querySelector('button').style, { width: '20px', minHeight: '20px', height: '20px' });
            large.style.fontSize = '90px';
        ";
        shopper.browser.script(flaws, json!([])).await;
        assert!(shopper.scrolls_sideways(390).await.is_some());
        assert_eq!(shopper.small_targets().await.len(), 1);
        assert_eq!(shopper.largest_text().await, "large");
        if shopper.has_checker() {
            let found = shopper.violations().await.join(" ");
            assert!(
                found.contains("image-alt") && found.contains("color-contrast"),
                "{found}"
            );
        }
        let strange = "new Image().src = 'http://203.0.113.1/'; location.assign('http://shop.example/');";
        shopper.browser.script(strange, json!([])).await;
        let seen = shopper.browser.until("the strange requests", async || {
            let seen = shopper.what_was_amiss().await.join(" ");
            seen.contains("shop.example").then_some(seen)
        });
        let seen = seen.await;
        assert!(
            seen.contains("Content Security Policy") && seen.contains("shop.example"),
            "{seen}"
        );
    });
}

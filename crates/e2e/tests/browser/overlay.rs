//! `narupay.js` in a shop's page: a dialog on a desktop, a way there and back on a phone.

use serde_json::json;

use crate::kit::{Device, Page, Shopper, story};

/// A shop's own script calls the SDK on the order page of an order still to be paid.
async fn an_unpaid_order(shopper: &mut Shopper) -> String {
    shopper.fills_order_form(&["tea"]).await;
    // As without script: the browser goes to the payment page, and the shopper comes back unpaid.
    shopper
        .browser
        .script("document.querySelector('form.order-form').submit()", json!([]))
        .await;
    shopper.is_at(Page::Checkout).await;
    let checkout = shopper.browser.url().await;
    shopper.goes_to_shop(&format!("/orders/{}", shopper.order)).await;
    shopper.sees_order("unpaid").await;
    checkout
}

const PAY: &str = "
    const [key, url] = arguments;
    document.querySelector('[data-test=pay-again]').focus();
    window.told = [];
    window.result = null;
    NaruPay(key).pay(url, { onResult: (result) => window.told.push(result) }).then((result) => { window.result = result; });
";

#[test]
fn the_promise_tells_what_came_of_it() {
    story(Device::Desktop, async |shopper| {
        let checkout = an_unpaid_order(shopper).await;
        shopper
            .browser
            .script(PAY, json!([shopper.demo.client_key, checkout]))
            .await;
        shopper.is_at(Page::Checkout).await;
        shopper.chooses("CARD").await;
        shopper.opens_window().await;
        shopper.agrees_with("61").await;
        shopper.sees_result("paid").await;
        shopper.browser.click("[data-test=back-to-shop]").await;
        shopper.browser.to_top().await;
        let result = shopper
            .browser
            .until("the promise", async || {
                let result = shopper.browser.script("return window.result", json!([])).await;
                result.is_object().then_some(result)
            })
            .await;
        assert_eq!(
            [&result["status"], &result["orderId"]],
            [&json!("paid"), &json!(shopper.order)]
        );
        assert_eq!(
            shopper.browser.script("return window.told", json!([])).await,
            json!([result])
        );
        assert_eq!(shopper.browser.count("dialog").await, 0);
        let back = "return document.activeElement.dataset.test";
        assert_eq!(
            shopper.browser.script(back, json!([])).await,
            "pay-again",
            "the focus goes back to the button"
        );
    });
}

#[test]
fn escape_and_the_cross_close_it_unpaid() {
    story(Device::Desktop, async |shopper| {
        let checkout = an_unpaid_order(shopper).await;
        for by_key in [true, false] {
            shopper
                .browser
                .script(PAY, json!([shopper.demo.client_key, checkout]))
                .await;
            shopper.is_at(Page::Checkout).await;
            if by_key {
                shopper.browser.press('\u{e00c}').await;
            } else {
                shopper.browser.to_top().await;
                shopper.browser.click("dialog > button").await;
            }
            shopper.browser.to_top().await;
            let result = shopper
                .browser
                .until("the promise", async || {
                    let result = shopper.browser.script("return window.result", json!([])).await;
                    result.is_object().then_some(result)
                })
                .await;
            assert_eq!(result["status"], "not_paid", "by key: {by_key}");
            assert_eq!(shopper.browser.count("dialog").await, 0);
        }
        shopper.was_not_charged().await;
    });
}

#[test]
fn the_keyboard_alone_is_enough_and_stays_in_the_dialog() {
    story(Device::Desktop, async |shopper| {
        let checkout = an_unpaid_order(shopper).await;
        shopper
            .browser
            .script(PAY, json!([shopper.demo.client_key, checkout]))
            .await;
        shopper.is_at(Page::Checkout).await;
        shopper.browser.to_top().await;
        for _ in 0..24 {
            shopper.browser.press('\u{e004}').await;
            let inside = "const at = document.activeElement; return at === document.body || !!at.closest('dialog')";
            assert_eq!(
                shopper.browser.script(inside, json!([])).await,
                true,
                "the page below is out of reach"
            );
        }
    });
}

#[test]
fn a_second_call_opens_no_second_dialog() {
    story(Device::Desktop, async |shopper| {
        let checkout = an_unpaid_order(shopper).await;
        shopper
            .browser
            .script(PAY, json!([shopper.demo.client_key, checkout]))
            .await;
        shopper
            .browser
            .script(PAY, json!([shopper.demo.client_key, checkout]))
            .await;
        shopper.is_at(Page::Checkout).await;
        shopper.browser.to_top().await;
        assert_eq!(shopper.browser.count("dialog").await, 1);
    });
}

#[test]
fn on_a_phone_the_page_goes_and_comes_back() {
    story(Device::Phone, async |shopper| {
        let checkout = an_unpaid_order(shopper).await;
        shopper
            .browser
            .script(PAY, json!([shopper.demo.client_key, checkout]))
            .await;
        shopper.is_at(Page::Checkout).await;
        assert!(shopper.browser.url().await.starts_with(&shopper.demo.api_url));
        shopper.chooses("CARD").await;
        shopper.opens_window().await;
        shopper.agrees_with("61").await;
        shopper.sees_result("paid").await;
        shopper.goes_back_to_shop().await;
        shopper.sees_order("paid").await;
    });
}

#[test]
fn a_wrong_key_or_address_is_refused_in_words_for_the_programmer() {
    story(Device::Desktop, async |shopper| {
        let checkout = an_unpaid_order(shopper).await;
        let wrong_key = "try { NaruPay('sk_test_x'); return 'taken' } catch (error) { return error.code }";
        assert_eq!(shopper.browser.script(wrong_key, json!([])).await, "client_key");
        let wrong_address = "
            return NaruPay(given[0]).pay(given[1]).then(() => 'taken', (error) => error.code)
        ";
        let elsewhere = checkout.replace("127.0.0.1", "localhost");
        let refused = shopper
            .browser
            .promise(wrong_address, json!([shopper.demo.client_key, elsewhere]))
            .await;
        assert_eq!(refused, "checkout_url");
    });
}

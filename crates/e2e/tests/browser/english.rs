//! A shopper who reads English, by the browser's wish and by the switch on each page.

use crate::kit::{Device, Page, Setup, story, story_with};

#[test]
fn all_the_way_in_english() {
    for device in Device::EACH {
        story_with(
            Setup {
                device,
                languages: "en-US,en",
                scripts: true,
            },
            async |shopper| {
                shopper.orders(&["tea"]).await;
                shopper.sees("How would you like to pay?").await;
                shopper.sees("₩18,000").await;
                shopper.reads_no_korean("main").await;
                shopper.chooses("CARD").await;
                shopper.opens_window().await;
                shopper.sees("Cancel").await;
                shopper.is_declined("decline-lost").await;
                shopper.is_at(Page::Checkout).await;
                shopper.sees("Nothing was charged.").await;
                shopper.opens_window().await;
                shopper.agrees_with("61").await;
                shopper.sees_result("paid").await;
                shopper.sees("Your payment is complete.").await;
                shopper.goes_back_to_shop().await;
                shopper.sees("Thank you for your order.").await;
            },
        );
    }
}

#[test]
fn the_switch_holds_through_the_window_and_back() {
    story(Device::Phone, async |shopper| {
        shopper.orders(&["tea"]).await;
        shopper.browser.click("[data-test=lang]").await;
        shopper.sees("How would you like to pay?").await;
        shopper.chooses("CARD").await;
        shopper.opens_window().await;
        shopper.sees("Cancel").await;
        shopper.agrees_with("61").await;
        shopper.sees_result("paid").await;
        shopper.sees("Your payment is complete.").await;
    });
}

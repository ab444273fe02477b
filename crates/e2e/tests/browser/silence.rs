//! The PG says nothing, or says it too late.

use serde_json::json;

use crate::kit::{Device, Page, story, story_on_each};

#[test]
fn the_result_says_checking_and_later_paid_by_itself() {
    story_on_each(async |shopper| {
        shopper.orders(&["notebook"]).await;
        shopper.chooses("CARD").await;
        shopper.opens_window().await;
        let attempt = shopper.attempt().await;
        let silent = json!({ "orderId": attempt, "fault": "inquire-5xx-before-x2" });
        shopper.demo.pg("faults", silent).await;
        shopper.browser.click("[data-test='choose-61']").await;
        shopper.browser.click("[data-test=next]").await;
        shopper.browser.click("[data-test=conditions] summary").await;
        shopper.browser.click("#fault option[value='5xx-after']").await;
        shopper.browser.click("button[data-test=pay]").await;
        shopper.sees_result("checking").await;
        shopper.sees("다시 결제").await;
        // Nobody presses anything.
        shopper.sees_result("paid").await;
        shopper.goes_back_to_shop().await;
        shopper.sees_order("paid").await;
        shopper.was_charged_once().await;
    });
}

#[test]
fn refused_without_a_word_is_not_paid_by_itself() {
    story(Device::Phone, async |shopper| {
        shopper.orders(&["notebook"]).await;
        shopper.chooses("CARD").await;
        shopper.opens_window().await;
        shopper.browser.click("[data-test=next]").await;
        shopper.browser.click("[data-test=conditions] summary").await;
        shopper.browser.click("#fault option[value='5xx-before']").await;
        shopper.browser.click("button[data-test=pay]").await;
        // The approve is repeated under the same key, so the end is one charge or none, and it is told.
        shopper
            .browser
            .until("the payment is decided", async || {
                let status = shopper.payment().await["status"].clone();
                (status == "DONE" || status == "READY").then_some(())
            })
            .await;
        let payment = shopper.payment().await;
        match payment["status"] == "DONE" {
            true => shopper.sees_result("paid").await,
            false => shopper.is_at(Page::Checkout).await,
        }
    });
}

//! The PG says nothing, or says it too late.

use serde_json::json;

use crate::kit::{Device, story, story_on_each};

#[test]
fn the_result_says_checking_and_later_paid_by_itself() {
    story_on_each(async |shopper| {
        shopper.orders(&["notebook"]).await;
        shopper.chooses("CARD").await;
        shopper.opens_window().await;
        let attempt = shopper.attempt().await;
        let silent = json!({ "orderId": attempt, "fault": "inquire-5xx-before-x2" });
        shopper.demo.pg("faults", silent).await;
        shopper.fails_with("5xx-after").await;
        shopper.sees_result("checking").await;
        shopper.sees("다시 결제").await;
        // Nobody presses anything.
        shopper.sees_result("paid").await;
        shopper.goes_back_to_shop().await;
        shopper.sees_order("paid").await;
        shopper.was_charged_once().await;
    });
}

/// The PG broke down before it looked. The approve is repeated, under the same key, by itself.
#[test]
fn an_approve_that_was_never_looked_at_is_made_up_for() {
    story(Device::Phone, async |shopper| {
        shopper.orders(&["notebook"]).await;
        shopper.chooses("CARD").await;
        shopper.opens_window().await;
        shopper.fails_with("5xx-before").await;
        shopper.sees_result("paid").await;
        shopper.was_charged_once().await;
    });
}

//! Each method from the shelf to the paid order.

use crate::kit::{Device, story, story_on_each};

#[test]
fn by_card_in_three_instalments() {
    story_on_each(async |shopper| {
        shopper.orders(&["table"]).await;
        shopper.chooses("CARD").await;
        shopper.chooses_instalments(3).await;
        shopper.opens_window().await;
        shopper.agrees_with("41").await;
        shopper.sees_result("paid").await;
        shopper.sees("89,000").await;
        shopper.sees("신한").await;
        shopper.sees("3개월").await;
        shopper.goes_back_to_shop().await;
        shopper.sees_order("paid").await;
        shopper.was_charged_once().await;
    });
}

//! Shoppers change their minds, press twice, go back, reload and open two tabs.

use crate::kit::{Device, Page, story, story_on_each};

#[test]
fn declined_and_then_paid_in_another_way() {
    story_on_each(async |shopper| {
        shopper.orders(&["tea"]).await;
        shopper.chooses("CARD").await;
        shopper.opens_window().await;
        shopper.is_declined("decline").await;
        shopper.is_at(Page::Checkout).await;
        shopper.sees("결제되지 않았어요").await;
        shopper.was_not_charged().await;
        shopper.chooses("TRANSFER").await;
        shopper.opens_window().await;
        shopper.agrees_with("20").await;
        shopper.sees_result("paid").await;
        shopper.goes_back_to_shop().await;
        shopper.sees_order("paid").await;
        shopper.was_charged_once().await;
    });
}

#[test]
fn over_the_limit_at_the_approve_and_then_another_card() {
    story(Device::Phone, async |shopper| {
        shopper.orders(&["table"]).await;
        shopper.chooses("CARD").await;
        shopper.opens_window().await;
        shopper.is_declined("decline-limit").await;
        shopper.is_at(Page::Checkout).await;
        shopper.sees("한도").await;
        shopper.was_not_charged().await;
        shopper.opens_window().await;
        shopper.agrees_with("51").await;
        shopper.sees_result("paid").await;
        shopper.was_charged_once().await;
    });
}

#[test]
fn the_window_is_closed_and_opened_again() {
    story_on_each(async |shopper| {
        shopper.orders(&["pencils"]).await;
        shopper.chooses("CARD").await;
        shopper.opens_window().await;
        shopper.browser.click("[data-test=close]").await;
        shopper.is_at(Page::Checkout).await;
        shopper.sees("결제창을 닫").await;
        shopper.was_not_charged().await;
        shopper.opens_window().await;
        shopper.agrees_with("61").await;
        shopper.sees_result("paid").await;
        shopper.was_charged_once().await;
    });
}

#[test]
fn back_out_of_the_window_and_in_again() {
    story(Device::Phone, async |shopper| {
        shopper.orders(&["pencils"]).await;
        shopper.chooses("CARD").await;
        shopper.opens_window().await;
        shopper.browser.back().await;
        // Our page behind the window does not push the shopper into it again.
        shopper.is_at(Page::Opener).await;
        shopper.browser.click("[data-test=open-window]").await;
        shopper.is_at(Page::Window).await;
        shopper.browser.back().await;
        shopper.is_at(Page::Opener).await;
        shopper.browser.click("[data-test=other-method]").await;
        shopper.is_at(Page::Checkout).await;
        shopper.chooses("MOBILE").await;
        shopper.opens_window().await;
        shopper.agrees_with("SKT").await;
        shopper.sees_result("paid").await;
        shopper.was_charged_once().await;
    });
}

#[test]
fn back_from_the_result_leads_to_no_second_payment() {
    story(Device::Phone, async |shopper| {
        shopper.orders(&["tea"]).await;
        shopper.chooses("CARD").await;
        shopper.opens_window().await;
        shopper.agrees_with("61").await;
        shopper.sees_result("paid").await;
        let result = shopper.browser.url().await;
        shopper.browser.back().await;
        // Wherever the browser lands, it is a page that says paid, or one from which nothing is paid twice.
        shopper.browser.goto(&result).await;
        shopper.sees_result("paid").await;
        let checkout = result.split("/result").next().unwrap_or_default().to_owned();
        shopper.browser.goto(&checkout).await;
        shopper.sees_result("paid").await;
        shopper.was_charged_once().await;
    });
}

#[test]
fn reloading_anywhere_changes_nothing() {
    story(Device::Phone, async |shopper| {
        shopper.orders(&["tea"]).await;
        shopper.browser.reload().await;
        shopper.is_at(Page::Checkout).await;
        shopper.chooses("CARD").await;
        shopper.opens_window().await;
        shopper.browser.reload().await;
        shopper.is_at(Page::Window).await;
        shopper.browser.click("[data-test=next]").await;
        shopper.browser.reload().await;
        shopper.is_at(Page::Window).await;
        shopper.agrees().await;
        shopper.sees_result("paid").await;
        shopper.browser.reload().await;
        shopper.sees_result("paid").await;
        shopper.goes_back_to_shop().await;
        shopper.browser.reload().await;
        shopper.sees_order("paid").await;
        shopper.was_charged_once().await;
    });
}

#[test]
fn pressed_twice_is_paid_once() {
    story_on_each(async |shopper| {
        shopper.fills_order_form(&["notebook"]).await;
        shopper.browser.double_click("[data-test=pay]").await;
        shopper.is_at(Page::Checkout).await;
        shopper.chooses("CARD").await;
        shopper.browser.double_click("[data-test=pay]").await;
        shopper.is_at(Page::Window).await;
        let payment = shopper.payment().await;
        assert_eq!(payment["attempts"].as_array().map(Vec::len), Some(1), "{payment}");
        shopper.browser.click("[data-test=next]").await;
        shopper.browser.double_click("button[data-test=pay]").await;
        shopper.sees_result("paid").await;
        shopper.was_charged_once().await;
    });
}

#[test]
fn two_tabs_pay_once() {
    story(Device::Phone, async |shopper| {
        shopper.orders(&["book"]).await;
        let first = shopper.browser.tab().await;
        let checkout = shopper.browser.url().await;
        shopper.chooses("CARD").await;
        shopper.opens_window().await;
        shopper.browser.new_tab().await;
        shopper.browser.goto(&checkout).await;
        shopper.chooses("TRANSFER").await;
        shopper.opens_window().await;
        shopper.agrees_with("88").await;
        shopper.sees_result("paid").await;
        // The first tab's window still stands open, and the shopper agrees there too.
        shopper.browser.close_tab(&first).await;
        shopper.is_at(Page::Window).await;
        shopper.agrees_with("61").await;
        shopper.sees_result("paid").await;
        shopper.was_charged_once().await;
    });
}

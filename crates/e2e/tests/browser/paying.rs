//! Each method from the shelf to the paid order.

use serde_json::json;

use crate::kit::{Device, Page, story, story_on_each};

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

#[test]
fn by_easy_pay_with_the_provider_chosen_on_our_page() {
    story_on_each(async |shopper| {
        shopper.orders(&["tea", "pencils"]).await;
        shopper.chooses("EASY_PAY").await;
        shopper.chooses_kind("KAKAOPAY").await;
        shopper.opens_window().await;
        shopper.sees("카카오페이").await;
        shopper.agrees().await;
        shopper.sees_result("paid").await;
        shopper.sees("24,500").await;
        shopper.sees("카카오페이").await;
        shopper.goes_back_to_shop().await;
        shopper.sees_order("paid").await;
        let payment = shopper.payment().await;
        assert_eq!(payment["methodKind"], "KAKAOPAY", "{payment}");
    });
}

#[test]
fn by_transfer_with_a_cash_receipt() {
    story(Device::Phone, async |shopper| {
        shopper.orders(&["notebook"]).await;
        shopper.chooses("TRANSFER").await;
        shopper.opens_window().await;
        shopper.browser.click("#receipt option[value='소득공제']").await;
        shopper.agrees_with("88").await;
        shopper.sees_result("paid").await;
        shopper.goes_back_to_shop().await;
        shopper.sees_order("paid").await;
        let payment = shopper.payment().await;
        assert!(payment["cashReceipt"].is_object(), "{payment}");
    });
}

#[test]
fn into_a_virtual_account_and_the_deposit_arrives() {
    story_on_each(async |shopper| {
        shopper.orders(&["book"]).await;
        shopper.chooses("VIRTUAL_ACCOUNT").await;
        shopper.opens_window().await;
        shopper.agrees_with("88").await;
        shopper.sees_result("waiting_for_deposit").await;
        let account = shopper.browser.text("[data-test=account-number]").await;
        shopper.goes_back_to_shop().await;
        shopper.sees_order("waiting-for-deposit").await;
        assert_eq!(shopper.browser.text("[data-test=account-number]").await, account);

        let order_page = shopper.browser.tab().await;
        shopper.browser.new_tab().await;
        shopper.browser.goto(&format!("{}/", shopper.demo.pg_url)).await;
        let attempt = shopper.attempt().await;
        let its_button = format!("form:has(input[value='{attempt}']) button[data-test=deposit]");
        shopper.browser.click(&its_button).await;
        shopper
            .browser
            .until("the console knows the deposit", async || {
                (!shopper.browser.is_there(&its_button).await).then_some(())
            })
            .await;
        shopper.browser.close_tab(&order_page).await;

        // The notice reached NaruPay, the webhook the shop, and the page that stood open noticed.
        shopper.sees_order("paid").await;
        shopper.was_charged_once().await;
    });
}

#[test]
fn by_mobile_phone_bill() {
    story(Device::Phone, async |shopper| {
        shopper.orders(&["pencils"]).await;
        shopper.chooses("MOBILE").await;
        shopper.opens_window().await;
        shopper.agrees_with("KT").await;
        shopper.sees_result("paid").await;
        shopper.goes_back_to_shop().await;
        shopper.sees_order("paid").await;
    });
}

#[test]
fn by_book_voucher() {
    story(Device::Desktop, async |shopper| {
        shopper.orders(&["book"]).await;
        shopper.chooses("GIFT_VOUCHER").await;
        shopper.chooses_kind("BOOK").await;
        shopper.opens_window().await;
        shopper.agrees().await;
        shopper.sees_result("paid").await;
        shopper.goes_back_to_shop().await;
        shopper.sees_order("paid").await;
    });
}

#[test]
fn by_card_from_abroad() {
    story(Device::Desktop, async |shopper| {
        shopper.orders(&["tea"]).await;
        shopper.chooses("OVERSEAS_CARD").await;
        shopper.opens_window().await;
        shopper.agrees_with("4V").await;
        shopper.sees_result("paid").await;
        shopper.goes_back_to_shop().await;
        shopper.sees_order("paid").await;
    });
}

/// 복합과세: a book without VAT beside tea with it, and the shop decides about the last cups itself.
#[test]
fn scarce_goods_are_checked_by_the_shop_before_the_money_moves() {
    story(Device::Phone, async |shopper| {
        shopper.orders(&["cup", "book"]).await;
        shopper.chooses("CARD").await;
        shopper.opens_window().await;
        shopper.agrees_with("61").await;
        shopper.sees_result("paid").await;
        let payment = shopper.payment().await;
        assert_eq!(
            [&payment["taxFreeAmount"], &payment["vat"]],
            [&json!(15_000), &json!(3_818)],
            "{payment}"
        );
        shopper.goes_back_to_shop().await;
        shopper.sees_order("paid").await;
    });
}

#[test]
fn a_part_is_given_back_from_the_order_page() {
    story(Device::Desktop, async |shopper| {
        shopper.orders(&["tea", "notebook"]).await;
        shopper.chooses("CARD").await;
        shopper.opens_window().await;
        shopper.agrees_with("61").await;
        shopper.sees_result("paid").await;
        shopper.goes_back_to_shop().await;
        shopper.is_at(Page::Order).await;
        shopper
            .browser
            .click("[data-test=line-notebook] [data-test=cancel-item]")
            .await;
        shopper.sees_order("partly-canceled").await;
        assert_eq!(shopper.browser.text("[data-test=balance]").await, "18,000원");
        shopper.browser.click("[data-test=cancel]").await;
        shopper.sees_order("canceled").await;
        assert_eq!(shopper.payment().await["balance"], 0);
    });
}

//! What a shopper could write into the address bar, and pages whose time has passed.

use serde_json::json;

use crate::kit::{Demo, Device, Page, Shopper, folder, story};

/// Where the PG would send the browser after an agreement, and the PG's key of it.
async fn agreement(shopper: &Shopper) -> (String, String, String) {
    let payment = shopper.payment().await;
    let attempt = shopper.attempt().await;
    let checkout = payment["checkoutUrl"].as_str().unwrap_or_default();
    let truth = shopper.demo.truth(&attempt).await;
    let key = truth["paymentKey"].as_str().unwrap_or_default().to_owned();
    (format!("{checkout}/attempts/{attempt}/success"), key, attempt)
}

#[test]
fn a_return_with_another_amount_or_order_pays_nothing() {
    story(Device::Phone, async |shopper| {
        shopper.orders(&["tea"]).await;
        shopper.chooses("CARD").await;
        shopper.opens_window().await;
        let (back, key, attempt) = agreement(shopper).await;
        for forged in [
            format!("{back}?paymentKey={key}&orderId={attempt}&amount=100&paymentType=NORMAL"),
            format!("{back}?paymentKey={key}&orderId=att_other&amount=18000&paymentType=NORMAL"),
            format!("{back}?paymentKey={key}&orderId={attempt}"),
        ] {
            shopper.browser.goto(&forged).await;
            shopper.is_at(Page::Message).await;
            shopper.was_not_charged().await;
            assert_eq!(shopper.payment().await["status"], "READY", "{forged}");
        }
        // The honest shopper still can.
        shopper.browser.click("[data-test=try-again]").await;
        shopper.is_at(Page::Checkout).await;
        shopper.opens_window().await;
        shopper.agrees_with("61").await;
        shopper.sees_result("paid").await;
        shopper.was_charged_once().await;
    });
}

/// The dialog's page may speak of a bad return too, and lead back.
#[test]
fn a_bad_return_in_the_dialog_is_told_there() {
    story(Device::Desktop, async |shopper| {
        shopper.orders(&["tea"]).await;
        shopper.browser.click("[data-test=pay]").await;
        shopper.is_at(Page::Window).await;
        let (back, key, attempt) = agreement(shopper).await;
        shopper.is_at(Page::Opener).await;
        let forged = format!("{back}?paymentKey={key}&orderId={attempt}&amount=1&paymentType=NORMAL");
        shopper
            .browser
            .script("location.assign(arguments[0])", json!([forged]))
            .await;
        shopper.is_at(Page::Message).await;
        shopper.browser.click("[data-test=try-again]").await;
        shopper.is_at(Page::Checkout).await;
        shopper.was_not_charged().await;
    });
}

#[test]
fn a_key_the_pg_does_not_know_pays_nothing() {
    story(Device::Phone, async |shopper| {
        shopper.orders(&["tea"]).await;
        shopper.chooses("CARD").await;
        shopper.opens_window().await;
        let (back, _, attempt) = agreement(shopper).await;
        let forged =
            format!("{back}?paymentKey=tgen_20261125000000forged&orderId={attempt}&amount=18000&paymentType=NORMAL");
        shopper.browser.goto(&forged).await;
        shopper.was_not_charged().await;
        assert_ne!(shopper.payment().await["status"], "DONE");
    });
}

#[test]
fn an_agreement_for_a_cheap_order_does_not_pay_a_dear_one() {
    story(Device::Phone, async |shopper| {
        shopper.orders(&["pencils"]).await;
        shopper.chooses("CARD").await;
        shopper.opens_window().await;
        let (_, cheap_key, cheap_attempt) = agreement(shopper).await;
        let cheap_order = shopper.order.clone();
        shopper.orders(&["table"]).await;
        shopper.chooses("CARD").await;
        shopper.opens_window().await;
        let (dear_back, _, dear_attempt) = agreement(shopper).await;
        for forged in [
            format!("{dear_back}?paymentKey={cheap_key}&orderId={cheap_attempt}&amount=6500&paymentType=NORMAL"),
            format!("{dear_back}?paymentKey={cheap_key}&orderId={dear_attempt}&amount=89000&paymentType=NORMAL"),
        ] {
            shopper.browser.goto(&forged).await;
            shopper.was_not_charged().await;
            assert_ne!(shopper.payment().await["status"], "DONE", "{forged}");
        }
        assert_eq!(shopper.demo.payment_of(&cheap_order).await["status"], "READY");
        shopper.goes_to_shop(&format!("/orders/{}", shopper.order)).await;
        shopper.sees_order("unpaid").await;
    });
}

#[test]
fn an_address_that_was_cut_short_says_so() {
    story(Device::Desktop, async |shopper| {
        shopper.orders(&["tea"]).await;
        let payment = shopper.payment().await;
        let checkout = payment["checkoutUrl"].as_str().unwrap_or_default();
        shopper.browser.goto(&checkout[..checkout.len() - 3]).await;
        shopper.is_at(Page::Message).await;
    });
}

/// The demo ends and starts again two hours later, on the data it left.
#[test]
fn an_expired_checkout_says_so_and_takes_no_money() {
    story(Device::Phone, async |shopper| {
        let place = folder("expired");
        let kept = place.join("kept");
        let before = Demo::start(&place.join("before"), &kept, &[]);
        let payment = before.create("order-that-expires", json!({})).await;
        let path = payment["checkoutUrl"]
            .as_str()
            .unwrap_or_default()
            .replace(&before.api_url, "");
        shopper.browser.goto(&format!("{}{path}", before.api_url)).await;
        shopper.is_at(Page::Checkout).await;
        drop(before);

        let later = two_hours_after(payment["createdAt"].as_str().unwrap_or_default());
        let after = Demo::start(&place.join("after"), &kept, &["--clock", &later]);
        shopper.browser.goto(&format!("{}{path}", after.api_url)).await;
        shopper.sees_result("not_paid").await;
        shopper.sees("시간").await;
        assert_eq!(after.payment_of("order-that-expires").await["status"], "EXPIRED");
        drop(after);
        let _ = std::fs::remove_dir_all(place);
    });
}

fn two_hours_after(time: &str) -> String {
    let time = vocabulary::Timestamp::parse(time).expect("views hold times");
    (time + vocabulary::Duration::hours(2)).in_korea()
}

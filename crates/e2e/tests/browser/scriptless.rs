//! Without JavaScript everything works up to the PG's own window, which needs it.

use serde_json::{Value, json};

use crate::kit::{Device, Page, Setup, Shopper, story_with};

const SCRIPTLESS: Setup = Setup {
    device: Device::Desktop,
    languages: "ko-KR,ko",
    scripts: false,
};

#[test]
fn from_the_shop_up_to_the_window_and_the_result() {
    story_with(SCRIPTLESS, async |shopper| {
        shopper.orders(&["table"]).await;
        shopper.chooses("CARD").await;
        shopper.chooses_instalments(2).await;
        shopper.browser.click("[data-test=pay]").await;
        shopper.is_at(Page::Opener).await;
        shopper.sees("자바스크립트").await;
        enters_the_window_as_its_script_would(shopper).await;
        shopper.agrees_with("71").await;
        shopper.sees_result("paid").await;
        shopper.goes_back_to_shop().await;
        shopper.sees_order("paid").await;
        shopper.was_charged_once().await;
    });
}

#[test]
fn a_decline_leads_back_to_the_choice_and_the_way_out_is_there() {
    story_with(SCRIPTLESS, async |shopper| {
        shopper.orders(&["tea"]).await;
        shopper.chooses("EASY_PAY").await;
        shopper.browser.click("[data-test=pay]").await;
        shopper.is_at(Page::Opener).await;
        shopper.browser.click("[data-test=other-method]").await;
        shopper.is_at(Page::Checkout).await;
        shopper.chooses("CARD").await;
        shopper.browser.click("[data-test=pay]").await;
        shopper.is_at(Page::Opener).await;
        enters_the_window_as_its_script_would(shopper).await;
        shopper.is_declined("decline").await;
        shopper.is_at(Page::Checkout).await;
        shopper.sees("결제되지 않았어요").await;
        shopper.was_not_charged().await;
    });
}

#[test]
fn a_deposit_is_seen_by_asking_again() {
    story_with(SCRIPTLESS, async |shopper| {
        shopper.orders(&["book"]).await;
        shopper.chooses("VIRTUAL_ACCOUNT").await;
        shopper.browser.click("[data-test=pay]").await;
        shopper.is_at(Page::Opener).await;
        enters_the_window_as_its_script_would(shopper).await;
        shopper.agrees_with("88").await;
        shopper.sees_result("waiting_for_deposit").await;
        shopper
            .demo
            .pg("deposit", json!({ "orderId": shopper.attempt().await }))
            .await;
        shopper.browser.click("[data-test=look-again]").await;
        shopper.sees_result("paid").await;
    });
}

/// The simulated PG's window is plain pages; only its opener is a script. Goes there with the same fields.
async fn enters_the_window_as_its_script_would(shopper: &Shopper) {
    let parameters = shopper.browser.attribute("#opener", "data-parameters").await;
    let parameters: Value = serde_json::from_str(&parameters).expect("the opener gets JSON");
    let mut address = reqwest::Url::parse(&format!("{}/window", shopper.demo.pg_url)).unwrap();
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut fields = vec![("clientKey".to_owned(), plain(&parameters["clientKey"]))];
    let request = parameters["request"].as_object().expect("a request");
    for (name, value) in request {
        match value {
            Value::Object(amount) if name == "amount" => {
                fields.push(("amount".to_owned(), plain(&amount["value"])));
                fields.push(("currency".to_owned(), plain(&amount["currency"])));
            }
            Value::Object(detail) => fields.extend(detail.iter().map(|(name, value)| (name.clone(), plain(value)))),
            _ if name == "windowTarget" => {}
            value => fields.push((name.clone(), plain(value))),
        }
    }
    address.query_pairs_mut().extend_pairs(fields);
    shopper.browser.goto(address.as_str()).await;
    shopper.is_at(Page::Window).await;
}

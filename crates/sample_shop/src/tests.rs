mod fake;
mod street;
mod verifying;

use serde_json::json;
use vocabulary::Money;

use crate::orders::OrderId;
use crate::words::Lang;
use street::Street;

#[tokio::test]
async fn a_shopper_buys_and_the_order_page_says_so() {
    let street = Street::open().await;
    let mut hana = street.browser();
    hana.add("notebook", 2).await;
    hana.add("book", 1).await;
    let form = hana.form().await;
    let seen = hana.send_form(&form).await;
    assert_eq!(
        (seen.status, seen.to),
        (303, format!("{}/checkout/t1?lang=ko", street.naru.base()))
    );

    let order = form.0;
    let asked = street.naru.state().bodies[0].clone();
    assert_eq!(asked["amount"], 39_000);
    assert_eq!(asked["taxFreeAmount"], 15_000, "the book bears no VAT");
    assert_eq!(asked["orderName"], "한지 공책 외 1건");
    assert_eq!(asked["returnUrl"], format!("{}/orders/{order}", street.url));
    assert_eq!(asked["confirm"], "AUTOMATIC");
    assert!(asked.get("instalmentMonthsMax").is_none(), "under 50,000 won");

    assert!(
        hana.get("/cart").await.text.contains("cart-empty"),
        "the cart became the order"
    );
    assert_eq!(hana.see_order(&order).await.order_status(), "unpaid");
    street.naru.set(&order, json!({ "status": "IN_PROGRESS" }));
    assert_eq!(hana.see_order(&order).await.order_status(), "checking");
    street.naru.set(&order, json!({ "status": "DONE", "method": "CARD" }));
    assert_eq!(street.tell("evt_1", "payment.done", &order).await, 204);
    let page = hana.see_order(&order).await;
    assert_eq!(page.order_status(), "paid");
    assert!(page.text.contains("결제 완료") && page.text.contains("카드"));
    assert!(hana.get("/orders").await.text.contains(&order));
    let operator = hana.get("/operator").await.text;
    assert!(operator.contains("data-test=\"stock-notebook\">498<") && operator.contains("data-verdict=\"applied\""));
    assert!(operator.contains("김**") && !operator.contains("김나루"));
}

#[tokio::test]
async fn a_waiting_deposit_shows_the_account() {
    let street = Street::open().await;
    let mut hana = street.browser();
    hana.add("tea", 1).await;
    let order = hana.order().await;
    let account =
        json!({ "bank": "신한", "number": "110123456789", "holder": "나루상점", "dueAt": "2026-12-02T23:59:59+09:00" });
    street.naru.set(
        &order,
        json!({ "status": "WAITING_FOR_DEPOSIT", "method": "VIRTUAL_ACCOUNT", "virtualAccount": account }),
    );
    let page = hana.see_order(&order).await;
    assert_eq!(page.order_status(), "waiting-for-deposit");
    assert!(page.text.contains("110123456789") && page.text.contains("2026.12.02 23:59"));

    street.naru.set(&order, json!({ "status": "DONE" }));
    let page = hana.see_order(&order).await;
    assert!(
        page.text.contains("data-test=\"refund-account\""),
        "a deposit goes back to an account"
    );
    let refund = [
        ("number", "0"),
        ("good", ""),
        ("bank", "88"),
        ("account", "1102 345-6789"),
        ("holder", "김나루"),
    ];
    let bad = [
        ("number", "0"),
        ("good", ""),
        ("bank", "88"),
        ("account", "12"),
        ("holder", "김나루"),
    ];
    assert_eq!(hana.post(&format!("/orders/{order}/cancel"), &bad).await.status, 422);
    assert_eq!(hana.post(&format!("/orders/{order}/cancel"), &refund).await.status, 303);
    let asked = street.naru.state().bodies.last().cloned().unwrap();
    assert_eq!(
        asked["refundAccount"],
        json!({ "bank": "88", "number": "11023456789", "holder": "김나루" })
    );
    assert_eq!(hana.see_order(&order).await.order_status(), "canceled");
}

#[tokio::test]
async fn a_form_sent_twice_is_one_order_and_one_payment() {
    let street = Street::open().await;
    let mut hana = street.browser();
    hana.add("pencils", 1).await;
    let form = hana.form().await;
    let (mut left, mut right) = (hana.clone(), hana.clone());
    let (one, two) = tokio::join!(left.send_form(&form), right.send_form(&form));
    assert_eq!((one.status, two.status), (303, 303));
    assert_eq!(one.to, two.to);
    let again = hana.send_form(&form).await;
    assert_eq!(again.to, one.to, "back and reload lead to the same payment");
    assert_eq!(
        hana.get("/checkout").await.to,
        format!("/orders/{}", form.0),
        "there is no form to go back to"
    );
    assert_eq!(street.naru.state().posts.len(), 1);

    street.naru.set(&form.0, json!({ "status": "DONE" }));
    street.tell("evt_1", "payment.done", &form.0).await;
    let after = hana.send_form(&form).await;
    assert_eq!(
        after.to,
        format!("/orders/{}", form.0),
        "a paid order is shown, not paid again"
    );
    assert!(
        hana.get("/operator")
            .await
            .text
            .contains("data-test=\"stock-pencils\">499<")
    );
}

#[tokio::test]
async fn a_double_click_adds_once() {
    let street = Street::open().await;
    let mut hana = street.browser();
    hana.add("tea", 1).await;
    for _ in 0..2 {
        hana.post("/cart", &[("good", "tea"), ("quantity", "2"), ("seen", "1")])
            .await;
    }
    assert!(hana.get("/cart").await.text.contains("<output>3</output>"));
    hana.post("/cart", &[("good", "tea"), ("quantity", "99999")]).await;
    assert!(hana.get("/cart").await.text.contains("<output>9</output>"), "bounded");
    hana.post("/cart", &[("good", "tea"), ("quantity", "0")]).await;
    assert!(hana.get("/cart").await.text.contains("cart-empty"));
}

#[tokio::test]
async fn a_cart_changed_in_another_tab_is_shown_before_it_is_paid() {
    let street = Street::open().await;
    let mut hana = street.browser();
    hana.add("tea", 1).await;
    let form = hana.form().await;
    hana.add("table", 1).await;
    let seen = hana.send_form(&form).await;
    assert_eq!(seen.status, 409);
    assert!(seen.text.contains("107,000원 결제하기") && street.naru.state().posts.is_empty());
    let order = hana.order().await;
    assert_eq!(street.naru.payment(&order)["amount"], 107_000);
    assert_eq!(street.naru.state().bodies[0]["instalmentMonthsMax"], 12);
}

#[tokio::test]
async fn webhooks_forged_doubled_or_late_change_nothing() {
    let street = Street::open().await;
    let mut hana = street.browser();
    hana.add("tea", 1).await;
    let order = hana.order().await;
    street.naru.set(&order, json!({ "status": "IN_PROGRESS" }));
    let early = street.naru.payment(&order);
    street.naru.set(&order, json!({ "status": "DONE" }));
    let late = street.naru.payment(&order);
    street.naru.state().down = true;

    let body = json!({ "type": "payment.done", "id": "evt_0", "data": late }).to_string();
    let now = vocabulary::Clock::now(&*street.clock).as_seconds();
    assert_eq!(street.post_webhook("evt_0", now, "v1,AAAA", body.clone()).await, 401);
    let recorded = fake::sign("evt_0", now - 301, &body);
    assert_eq!(
        street.post_webhook("evt_0", now - 301, &recorded, body).await,
        401,
        "an old recording"
    );
    assert_eq!(hana.see_order(&order).await.order_status(), "unpaid");

    assert_eq!(street.tell_of("evt_2", "payment.done", late.clone()).await, 204);
    assert_eq!(street.tell_of("evt_2", "payment.done", late).await, 204, "doubled");
    assert_eq!(street.tell_of("evt_1", "payment.confirming", early).await, 204, "late");
    let page = hana.see_order(&order).await;
    assert_eq!(page.order_status(), "paid");
    assert!(
        page.text.contains("not-fresh"),
        "and it is said that nobody could be asked"
    );

    let mut cheap = street.naru.payment(&order);
    cheap["amount"] = json!(1);
    cheap["version"] = json!(99);
    assert_eq!(street.tell_of("evt_3", "payment.canceled", cheap).await, 204);
    let mut other = street.naru.payment(&order);
    other["orderId"] = json!("someone-elses");
    assert_eq!(street.tell_of("evt_4", "payment.done", other).await, 204);
    assert_eq!(
        street.tell_of("evt_5", "payment.done", json!({ "new": "shape" })).await,
        204
    );
    let operator = hana.get("/operator").await.text;
    let verdicts = [
        "unread", "not-ours", "strange", "stale", "stale", "applied", "forged", "forged",
    ];
    let listed: Vec<&str> = operator
        .split("data-verdict=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert_eq!(listed, verdicts);
    assert_eq!(hana.see_order(&order).await.order_status(), "paid");
}

#[tokio::test]
async fn the_last_cups_go_to_who_pays_first_and_nobody_else_is_charged() {
    let street = Street::open().await;
    let (mut hana, mut minsu) = (street.browser(), street.browser());
    hana.add("cup", 2).await;
    minsu.add("cup", 2).await;
    let (first, second) = (hana.order().await, minsu.order().await);
    assert_eq!(street.naru.state().bodies[0]["confirm"], "BY_SHOP");
    for (event, order) in [("evt_1", &first), ("evt_2", &second)] {
        street.naru.set(order, agreed("att_1"));
        assert_eq!(street.tell(event, "payment.awaits_confirm", order).await, 204);
        // The same again while the decision is on its way.
        assert_eq!(street.tell(event, "payment.awaits_confirm", order).await, 204);
    }
    let settled = |order: &str, status: &'static str| {
        let order = String::from(order);
        move |state: &fake::Payments| state.by_order[&order]["status"] == status
    };
    street.naru.until(settled(&first, "DONE")).await;
    street.naru.until(settled(&second, "ABORTED")).await;
    assert_eq!(hana.see_order(&first).await.order_status(), "paid");
    let page = minsu.see_order(&second).await;
    assert_eq!(page.order_status(), "not-paid");
    assert!(page.text.contains("pay-again"));
    let again = minsu.post(&format!("/orders/{second}/pay"), &[]).await;
    assert_eq!(again.to, "/checkout");
    let form = minsu.form().await;
    assert_eq!(
        minsu.send_form(&form).await.status,
        409,
        "one cup is left, two are wanted"
    );
    assert!(minsu.get("/operator").await.text.contains("data-test=\"stock-cup\">1<"));
}

#[tokio::test]
async fn a_decision_is_told_until_it_is_heard_even_without_the_webhook() {
    let street = Street::open().await;
    let mut hana = street.browser();
    hana.add("cup", 1).await;
    let order = hana.order().await;
    street.naru.set(&order, agreed("att_1"));
    street.naru.state().answers_lost = 2;
    assert_eq!(hana.see_order(&order).await.order_status(), "checking");
    let confirms = |state: &fake::Payments| {
        state
            .posts
            .iter()
            .filter(|(path, _)| path.ends_with("/confirm"))
            .count()
            >= 3
    };
    street.naru.until(confirms).await;
    assert_eq!(hana.see_order(&order).await.order_status(), "paid");
    let keys: Vec<String> = street
        .naru
        .state()
        .posts
        .iter()
        .skip(1)
        .map(|(_, key)| key.clone())
        .collect();
    assert!(
        keys.iter().all(|key| key == "decide-att_1"),
        "one key, however often: {keys:?}"
    );
}

#[tokio::test]
async fn after_a_declined_card_the_next_one_is_decided_anew() {
    let street = Street::open().await;
    let mut hana = street.browser();
    hana.add("cup", 1).await;
    let order = hana.order().await;
    for attempt in ["att_1", "att_2"] {
        street.naru.set(&order, agreed(attempt));
        assert_eq!(street.tell(attempt, "payment.awaits_confirm", &order).await, 204);
        let key = format!("decide-{attempt}");
        street
            .naru
            .until(|state| state.posts.iter().any(|(_, told)| *told == key))
            .await;
        assert!(
            hana.get("/operator").await.text.contains("data-test=\"stock-cup\">2<"),
            "held once"
        );
    }
}

/// The shopper agreed; the shop is asked.
fn agreed(attempt: &str) -> serde_json::Value {
    json!({ "status": "IN_PROGRESS", "attempts": [{ "id": "att_0", "status": "DECLINED" }, { "id": attempt, "status": "AGREED" }] })
}

#[tokio::test]
async fn while_the_api_is_down_the_cart_is_kept_and_nothing_is_ordered_twice() {
    let street = Street::open().await;
    let mut hana = street.browser();
    hana.add("tea", 2).await;
    street.naru.state().down = true;
    let form = hana.form().await;
    let seen = hana.send_form(&form).await;
    assert_eq!(seen.status, 503);
    assert!(seen.text.contains("청구된 금액은 없고") && seen.text.contains("try-again"));
    assert!(hana.get("/cart").await.text.contains("<output>2</output>"), "kept");
    assert!(
        hana.get("/operator")
            .await
            .text
            .contains("data-test=\"stock-tea\">500<"),
        "nothing is held"
    );
    assert_eq!(hana.see_order(&form.0).await.order_status(), "not-opened");

    street.naru.state().down = false;
    street.naru.state().answers_lost = 1;
    let pay = format!("/orders/{}/pay", form.0);
    assert_eq!(hana.post(&pay, &[]).await.status, 503, "made, but the answer was lost");
    assert_eq!(hana.post(&pay, &[]).await.status, 303);
    let state = street.naru.state();
    assert_eq!(state.by_order.len(), 1);
    assert_eq!(state.posts[0], state.posts[1], "the same key");
    assert_eq!(state.bodies[0], state.bodies[1], "and the same body");
}

#[tokio::test]
async fn one_item_then_the_whole_order_is_canceled_and_a_double_click_cancels_once() {
    let street = Street::open().await;
    let mut hana = street.browser();
    hana.add("book", 2).await;
    hana.add("tea", 1).await;
    let order = hana.order().await;
    street.naru.set(&order, json!({ "status": "DONE", "method": "CARD" }));
    let page = hana.see_order(&order).await;
    let number = page.after("name=\"number\" value=\"");
    let cancel = format!("/orders/{order}/cancel");
    for _ in 0..2 {
        hana.post(&cancel, &[("number", &number), ("good", "book")]).await;
    }
    let asked = street.naru.state().bodies.last().cloned().unwrap();
    assert_eq!(
        (&asked["amount"], &asked["taxFreeAmount"]),
        (&json!(15_000), &json!(15_000))
    );
    let page = hana.see_order(&order).await;
    assert_eq!(page.order_status(), "partly-canceled");
    assert!(page.text.contains("data-test=\"balance\">33,000원<") && page.text.contains("1개 취소됨"));
    assert!(
        hana.get("/operator")
            .await
            .text
            .contains("data-test=\"stock-book\">499<"),
        "one went back"
    );

    street.naru.state().refuse_cancels = true;
    hana.post(&cancel, &[("number", "1"), ("good", "")]).await;
    let page = hana.see_order(&order).await;
    assert!(
        page.text
            .contains("취소하지 못했습니다. 결제는 그대로입니다. 안 됩니다.")
    );
    street.naru.state().refuse_cancels = false;
    street.naru.state().answers_lost = 1;
    hana.post(&cancel, &[("number", "2"), ("good", "")]).await;
    assert_eq!(
        hana.see_order(&order).await.order_status(),
        "canceled",
        "the answer was lost, the cancel was not"
    );
    hana.post(&cancel, &[("number", "2"), ("good", "")]).await;
    assert_eq!(hana.see_order(&order).await.order_status(), "canceled");
    assert!(
        hana.get("/operator")
            .await
            .text
            .contains("data-test=\"stock-tea\">500<")
    );
    assert_eq!(street.naru.payment(&order)["cancels"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn strangers_and_bad_input_get_a_clear_no() {
    let street = Street::open().await;
    let (mut hana, mut mallory) = (street.browser(), street.browser());
    hana.add("tea", 1).await;
    let order = hana.order().await;
    assert_eq!(mallory.see_order(&order).await.status, 404, "another browser's order");
    assert_eq!(
        mallory
            .post(&format!("/orders/{order}/cancel"), &[("number", "0")])
            .await
            .status,
        404
    );
    let forged = hana
        .post_from("https://evil.example", "/cart", &[("good", "tea"), ("quantity", "1")])
        .await;
    assert_eq!(forged.status, 403);
    hana.add("tea", 1).await;
    let (id, cart) = hana.form().await;
    let bad = [
        ("order", id.as_str()),
        ("cart", &cart),
        ("name", "<b>"),
        ("email", "x"),
        ("phone", "123"),
    ];
    let seen = hana.post("/orders", &bad).await;
    assert_eq!(seen.status, 422);
    assert!(seen.text.contains("value=\"&#60;b&#62;\"") && seen.text.contains("id=\"email-wrong\""));
    assert_eq!(hana.post("/orders", &[("order", "x")]).await.status, 400);
    assert_eq!(
        hana.post("/cart", &[("good", "tea"), ("quantity", "-1")]).await.status,
        400
    );
    assert_eq!(
        hana.post("/cart", &[("good", &"x".repeat(9_000)), ("quantity", "1")])
            .await
            .status,
        400
    );
    assert_eq!(hana.get("/goods/none").await.status, 404);
    assert_eq!(hana.get("/lang/en?back=//evil.example").await.to, "/");
}

#[tokio::test]
async fn pages_speak_both_languages_and_carry_nothing_inline() {
    let street = Street::open().await;
    let mut hana = street.browser();
    hana.add("tea", 1).await;
    for lang in ["ko", "en"] {
        assert_eq!(hana.get(&format!("/lang/{lang}?back=/cart")).await.to, "/cart");
        for path in [
            "/",
            "/goods/cup",
            "/cart",
            "/checkout",
            "/orders",
            "/operator",
            "/nowhere",
        ] {
            let page = hana.get(path).await;
            assert!(page.text.contains(&format!("<html lang=\"{lang}\">")), "{path}");
            for inline in ["style=", "<style", "onclick", "javascript:", "<script>"] {
                assert!(!page.text.contains(inline), "{inline} in {path}");
            }
            assert!(
                page.policy.contains("default-src 'none'")
                    && page.policy.contains(&format!("frame-src {};", street.naru.base()))
            );
        }
    }
    assert_eq!(hana.get("/assets/cup.svg").await.status, 200);
    assert_eq!(hana.get("/assets/secret").await.status, 404);
}

#[test]
fn sums_times_and_numbers_are_written_as_people_read_them() {
    assert_eq!(Lang::Ko.won(Money::krw(1_234_567)), "1,234,567원");
    assert_eq!(Lang::En.won(Money::krw(-900)), "₩-900");
    assert_eq!(Lang::preferred("fr-FR, en-GB;q=0.8, ko;q=0.5"), Lang::En);
    assert_eq!(Lang::preferred(""), Lang::Ko);
    assert!(OrderId::parse("naru-20261125-7k3m9q").is_some());
    assert!(OrderId::parse("naru-20261125-7k3m9/").is_none() && OrderId::parse("나루").is_none());
}

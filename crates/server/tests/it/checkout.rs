//! The shopper's pages, without a browser.

use axum::http::header;
use payments::Told;
use serde_json::json;
use vocabulary::Duration;

use crate::kit::{PUBLIC_URL, World, checkout_path, order_of};

const POLICY: axum::http::HeaderName = header::CONTENT_SECURITY_POLICY;

#[tokio::test]
async fn the_page_shows_what_is_owed_and_may_be_framed_by_the_shop_alone() {
    let world = World::new().await;
    let page = world
        .get(&world.checkout("order-1").await)
        .without("authorization")
        .send()
        .await;
    page.shows("15,000<small>원</small>")
        .shows("15,000원 결제하기")
        .shows("만년필")
        .shows("naru 상점")
        .shows("테스트");
    page.shows("value=\"CARD\" checked").shows("/assets/accent/1c5c58.css");
    let policy = page.header(POLICY);
    assert!(
        policy.starts_with("default-src 'none'") && policy.ends_with("frame-ancestors https://shop.example"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"));
    assert_eq!(page.header(header::CACHE_CONTROL), "no-store");
    assert_eq!(page.header(header::REFERRER_POLICY), "strict-origin");
    assert!(
        page.headers["permissions-policy"]
            .to_str()
            .unwrap()
            .contains("payment=")
    );
    let mut body = order_of("order-2");
    body.as_object_mut().unwrap().remove("returnUrl");
    let path = checkout_path(&world.create(body).await);
    assert!(
        world
            .get(&path)
            .send()
            .await
            .header(POLICY)
            .ends_with("frame-ancestors 'none'")
    );
}

#[tokio::test]
async fn the_page_speaks_korean_first_and_english_on_request() {
    let world = World::new().await;
    let path = world.checkout("order-1").await;
    world.get(&path).send().await.shows("<html lang=\"ko\">");
    world
        .get(&path)
        .header("accept-language", "en-US,en")
        .send()
        .await
        .shows("Pay ₩15,000");
    let switched = world.get(&format!("{path}?lang=en")).send().await;
    switched.shows("<html lang=\"en\">").shows("attempts?lang=en");
    assert!(switched.header(header::SET_COOKIE).starts_with("naru_lang=en;"));
    world
        .get(&path)
        .header("cookie", "a=b; naru_lang=en")
        .send()
        .await
        .shows("<html lang=\"en\">");
}

#[tokio::test]
async fn the_window_page_allows_the_pg_and_nobody_else() {
    let world = World::new().await;
    let path = world.checkout("order-1").await;
    let form = "method=CARD&instalmentMonths.CARD=0&kind.EASY_PAY=TOSSPAY&lang=ko";
    let place = world
        .ask("POST", &format!("{path}/attempts"))
        .header("origin", PUBLIC_URL)
        .form(form)
        .send()
        .await
        .leads_to();
    assert!(place.starts_with(&format!("{path}/attempts/att_")), "{place}");
    let window = world.get(&place).send().await;
    window
        .shows("data-parameters=\"")
        .shows("결제창 열기")
        .shows("<noscript>")
        .shows("/v2/standard")
        .shows("open-toss.");
    let policy = window.header(POLICY);
    assert!(
        policy.contains("script-src 'self' http://127.0.0.1:") && policy.contains("frame-src http://127.0.0.1:"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe") && !policy.contains("script-src *"));
}

#[tokio::test]
async fn a_second_press_is_the_first_one_again() {
    let world = World::new().await;
    let path = world.checkout("order-1").await;
    let press = || async {
        world
            .ask("POST", &format!("{path}/attempts"))
            .form("method=CARD")
            .send()
            .await
            .leads_to()
    };
    let (first, second) = (press().await, press().await);
    assert_eq!(first, second);
    world.clock.advance(Duration::minutes(1));
    assert_ne!(first, press().await, "a minute later it is meant");
}

#[tokio::test]
async fn a_choice_that_cannot_be_leads_back_to_the_choices() {
    let world = World::new().await;
    let path = world.checkout("order-1").await;
    for form in [
        "",
        "method=CASH",
        "method=CARD&instalmentMonths=x",
        "method=CARD&instalmentMonths.CARD=99",
        "method=EASY_PAY&kind=NOPE",
    ] {
        let back = world
            .ask("POST", &format!("{path}/attempts"))
            .form(form)
            .send()
            .await
            .leads_to();
        assert_eq!(back, format!("{path}?failed=choice"), "{form}");
    }
    let back = world
        .ask("POST", &format!("{path}/attempts"))
        .form(&"x".repeat(9_000))
        .send()
        .await
        .leads_to();
    assert_eq!(back, format!("{path}?failed=choice"));
    world
        .get(&format!("{path}?failed=choice"))
        .send()
        .await
        .shows("role=\"alert\"")
        .shows("다시 골라");
    let script = world.get(&format!("{path}?failed=%3Cscript%3E")).send().await;
    assert!(
        !script.text.contains("<script>"),
        "what stands in an address is no page's text"
    );
}

#[tokio::test]
async fn another_site_cannot_press_the_button() {
    let world = World::new().await;
    let path = world.checkout("order-1").await;
    for origin in ["https://evil.example", "null", "http://pay.test.evil.example"] {
        let got = world
            .ask("POST", &format!("{path}/attempts"))
            .header("origin", origin)
            .form("method=CARD")
            .send()
            .await;
        assert_eq!(got.status, 403, "{origin}");
        got.shows("다른 사이트");
    }
}

#[tokio::test]
async fn addresses_that_are_no_payments_get_a_page_and_not_a_clue() {
    let world = World::new().await;
    let path = world.checkout("order-1").await;
    let token = path.strip_prefix("/checkout/").unwrap();
    let flipped = format!(
        "{}{}",
        &token[..token.len() - 2],
        if token.ends_with("AA") { "BB" } else { "AA" }
    );
    for wrong in ["x", "%FF", &flipped, &token[1..]] {
        for rest in ["", "/result", "/status"] {
            let got = world.get(&format!("/checkout/{wrong}{rest}")).send().await;
            assert_eq!(got.status, 404, "{wrong}{rest}");
            got.shows("찾을 수 없는 결제예요");
        }
    }
    let other = world.checkout("order-2").await;
    let attempt = world
        .ask("POST", &format!("{other}/attempts"))
        .form("method=CARD")
        .send()
        .await
        .leads_to();
    let attempt = attempt.rsplit('/').next().unwrap().to_owned();
    for rest in [
        "",
        "/success?paymentKey=k&orderId=o&amount=15000",
        "/fail?code=X&message=y",
    ] {
        let got = world.get(&format!("{path}/attempts/{attempt}{rest}")).send().await;
        assert_eq!(got.status, 404, "another payment's attempt{rest}");
    }
}

#[tokio::test]
async fn a_forged_return_moves_nothing() {
    let world = World::new().await;
    let payment = world.payment("order-1").await;
    let path = checkout_path(&payment);
    let place = world
        .ask("POST", &format!("{path}/attempts"))
        .form("method=CARD")
        .send()
        .await
        .leads_to();
    let attempt = place.rsplit('/').next().unwrap().to_owned();
    for (query, status) in [
        (format!("paymentKey=k&orderId={attempt}&amount=1"), 400),
        ("paymentKey=k&orderId=order-1&amount=15000".to_owned(), 400),
        ("".to_owned(), 400),
        ("paymentKey=%00&orderId=&amount=15000".to_owned(), 400),
    ] {
        let got = world.get(&format!("{place}/success?{query}")).send().await;
        assert_eq!(got.status, status, "{query}: {}", got.text);
        got.shows("결제 결과를 알아볼 수 없어요");
    }
    let id = payment["id"].as_str().unwrap();
    assert_eq!(
        world.get(&format!("/v1/payments/{id}")).send().await.json()["status"],
        "READY"
    );
    // With the right sum but a key that the PG never gave, the PG itself says no.
    let got = world
        .get(&format!(
            "{place}/success?paymentKey=tgen_made_up&orderId={attempt}&amount=15000"
        ))
        .send()
        .await;
    assert!(got.leads_to().contains("?failed="), "{got:?}");
    let events = world
        .get(&format!("/v1/events?paymentId={id}&type={}", Told::Done.as_str()))
        .send()
        .await
        .json();
    assert_eq!(events["items"], json!([]));
}

#[tokio::test]
async fn closing_the_window_leads_back_with_the_reason() {
    let world = World::new().await;
    let path = world.checkout("order-1").await;
    let place = world
        .ask("POST", &format!("{path}/attempts"))
        .form("method=CARD")
        .send()
        .await
        .leads_to();
    let back = world
        .get(&format!("{place}/fail?code=PAY_PROCESS_CANCELED&message=x"))
        .send()
        .await
        .leads_to();
    assert_eq!(back, format!("{path}?failed=closed_by_shopper"));
    world
        .get(&back)
        .send()
        .await
        .shows("결제창을 닫으셨어요")
        .shows("돈은 나가지 않았어요");
    // The way back pressed twice, and the window's page from the browser's history.
    assert!(
        world
            .get(&format!("{place}/fail?code=PAY_PROCESS_CANCELED"))
            .send()
            .await
            .leads_to()
            .contains("failed=")
    );
    assert_eq!(world.get(&place).send().await.leads_to(), path);
}

#[tokio::test]
async fn paid_is_said_once_and_stays() {
    let world = World::new().await;
    let payment = world.payment("order-1").await;
    let (path, id) = (checkout_path(&payment), payment["id"].as_str().unwrap().to_owned());
    world
        .post(
            &format!("/v1/test/payments/{id}/pay"),
            &json!({ "method": "CARD", "outcome": "approve" }),
        )
        .send()
        .await;
    assert_eq!(world.get(&path).send().await.leads_to(), format!("{path}/result"));
    let result = world.get(&format!("{path}/result")).send().await;
    result
        .shows("결제 완료")
        .shows("data-outcome=\"paid\"")
        .shows("상점으로 돌아가기");
    result.shows(
        &format!("https://shop.example/back?a=1&amp;paymentId={id}&amp;orderId=order-1&amp;status=DONE")
            .replace("&amp;", "&#38;"),
    );
    let status = world.get(&format!("{path}/status")).send().await;
    assert_eq!(status.headers["access-control-allow-origin"], "*");
    assert_eq!(
        status.json(),
        json!({ "status": "DONE", "outcome": "paid", "final": true, "paymentId": id, "orderId": "order-1" })
    );
    let again = world
        .ask("POST", &format!("{path}/attempts"))
        .form("method=CARD")
        .send()
        .await
        .leads_to();
    assert_eq!(again, format!("{path}/result"), "what is paid is not paid again");
}

#[tokio::test]
async fn a_virtual_account_is_shown_with_its_number_and_time() {
    let world = World::new().await;
    let payment = world.payment("order-1").await;
    let (path, id) = (checkout_path(&payment), payment["id"].as_str().unwrap().to_owned());
    let body = json!({ "method": "VIRTUAL_ACCOUNT", "outcome": "approve" });
    let account = world
        .post(&format!("/v1/test/payments/{id}/pay"), &body)
        .send()
        .await
        .json()["virtualAccount"]
        .clone();
    let result = world.get(&format!("{path}/result")).send().await;
    result
        .shows("입금을 기다리고 있어요")
        .shows(account["number"].as_str().unwrap())
        .shows("12월 2일")
        .shows("data-copy=");
}

#[tokio::test]
async fn an_expired_checkout_says_so_even_before_it_was_swept() {
    let world = World::new().await;
    let path = world.checkout("order-1").await;
    world.clock.advance(Duration::minutes(31));
    assert_eq!(world.get(&path).send().await.leads_to(), format!("{path}/result"));
    world
        .get(&format!("{path}/result"))
        .send()
        .await
        .shows("결제 시간이 지났어요")
        .shows("상점에서 다시 주문");
    let late = world
        .ask("POST", &format!("{path}/attempts"))
        .form("method=CARD")
        .send()
        .await
        .leads_to();
    assert_eq!(late, format!("{path}/result"));
}

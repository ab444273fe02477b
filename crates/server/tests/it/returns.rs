//! The way back from a PG that posts a form: from another origin, without cookies, in the PG's letters.

use aws_lc_rs::digest;
use axum::http::header;
use url::form_urlencoded;

use crate::kit::{Got, NICE_CLIENT_ID, NICE_SECRET_KEY, World};

/// The checkout's path, and the window's.
async fn window(world: &World, order: &str) -> (String, String) {
    let path = world.checkout(order).await;
    let ask = world.ask("POST", &format!("{path}/attempts")).form("method=CARD");
    let place = ask.send().await.leads_to();
    (path, place)
}

fn agreed(place: &str, amount: &str) -> String {
    let token = "NICEUNTT0123456789ABCDEF0123456789ABCDEF";
    let signed = format!("{token}{NICE_CLIENT_ID}{amount}{NICE_SECRET_KEY}");
    let signature = digest::digest(&digest::SHA256, signed.as_bytes());
    let signature: String = signature.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    form_urlencoded::Serializer::new(String::new())
        .append_pair("authResultCode", "0000")
        .append_pair("authResultMsg", "인증 성공")
        .append_pair("tid", "UT0000113m01012611251015301234")
        .append_pair("clientId", NICE_CLIENT_ID)
        .append_pair("orderId", place.rsplit('/').next().unwrap())
        .append_pair("amount", amount)
        .append_pair("mallReserved", "")
        .append_pair("authToken", token)
        .append_pair("signature", &signature)
        .finish()
}

async fn post(world: &World, path: &str, form: &[u8]) -> Got {
    let ask = world
        .ask("POST", path)
        .without("authorization")
        .header("origin", "https://pay.nicepay.co.kr")
        .form("");
    ask.body(form.to_vec()).send().await
}

#[tokio::test]
async fn the_window_page_speaks_to_nice_and_allows_nobody_else() {
    let world = World::nice().await;
    let (_, place) = window(&world, "order-1").await;
    let page = world.get(&place).send().await;
    page.shows("open-nice.").shows("/nice/v1/js/");
    assert!(!page.text.contains(NICE_SECRET_KEY));
    let policy = page.header(header::CONTENT_SECURITY_POLICY);
    assert!(
        policy.contains("script-src 'self' http://127.0.0.1:1;")
            && policy.contains("form-action 'self' http://127.0.0.1:1;")
            && !policy.contains("unsafe"),
        "{policy}"
    );
    let script = page
        .text
        .split("src=\"")
        .find(|rest| rest.contains("open-nice."))
        .unwrap();
    let script = world.get(script.split('"').next().unwrap()).send().await;
    script.shows("AUTHNICE.requestPay").shows("fnError");
}

#[tokio::test]
async fn a_signed_form_from_another_site_leads_on_like_an_address() {
    let world = World::nice().await;
    let (path, place) = window(&world, "order-1").await;
    // The approve finds a closed port: certainly nothing was charged, and the shopper may choose again.
    let got = post(
        &world,
        &format!("{place}/success?lang=en"),
        agreed(&place, "15000").as_bytes(),
    )
    .await;
    assert_eq!(got.status, 303);
    assert_eq!(got.leads_to(), format!("{path}?failed=pg_unavailable&lang=en"));
    // Coming back twice is quiet.
    let again = post(&world, &format!("{place}/success"), agreed(&place, "15000").as_bytes()).await;
    assert_eq!(again.status, 303, "{}", again.text);
}

#[tokio::test]
async fn a_form_that_does_not_fit_moves_nothing() {
    let world = World::nice().await;
    let (path, place) = window(&world, "order-1").await;
    let success = format!("{place}/success");
    let forged = agreed(&place, "15000").replace("amount=15000", "amount=100");
    let signed_for_less = agreed(&place, "100");
    let other = agreed("att_other", "15000");
    let client_approval = "success=true&resultCode=0000&status=paid&tid=UT1&orderId=o&amount=15000";
    for form in [forged.as_str(), &signed_for_less, &other, client_approval, "", "%&=%zz"] {
        let got = post(&world, &success, form.as_bytes()).await;
        assert_eq!(got.status, 400, "{form}: {}", got.text);
    }
    let over = format!("{}&mallReserved={}", agreed(&place, "15000"), "x".repeat(33_000));
    assert_eq!(post(&world, &success, over.as_bytes()).await.status, 400);
    let large = format!("mallReserved={}&{}", "x".repeat(30_000), agreed(&place, "15000"));
    let got = post(&world, &success, large.as_bytes()).await;
    assert_eq!(
        got.leads_to(),
        format!("{path}?failed=pg_unavailable"),
        "a large one is taken"
    );
}

#[tokio::test]
async fn a_shopper_who_gave_up_comes_back_in_any_letters() {
    let world = World::nice().await;
    for (order, message) in [
        ("order-1", &b"%BB%E7%BF%EB%C0%DA+%C3%EB%BC%D2"[..]),
        ("order-2", b"\xbb\xe7\xbf\xeb\xc0\xda"),
    ] {
        let (path, place) = window(&world, order).await;
        let form = [b"authResultCode=I002&authResultMsg=", message].concat();
        let got = post(&world, &format!("{place}/fail"), &form).await;
        assert_eq!(got.leads_to(), format!("{path}?failed=closed_by_shopper"));
    }
}

use super::*;

type Form<'a> = Vec<(&'a str, &'a str)>;

fn order<'a>(method: &'a str, amount: &'a str) -> Form<'a> {
    vec![
        ("clientKey", CLIENT_KEY),
        ("method", method),
        ("amount", amount),
        ("orderId", "order-0001"),
        ("orderName", "면 티셔츠 <b>외</b> 1건"),
        ("successUrl", "http://shop.example/return?cart=7"),
        ("failUrl", "http://shop.example/fail"),
    ]
}

/// A page, or where it leads.
struct Page {
    status: u16,
    location: String,
    policy: String,
    html: String,
}

impl Page {
    fn query(&self) -> Vec<(String, String)> {
        url::Url::parse(&self.location)
            .unwrap()
            .query_pairs()
            .into_owned()
            .collect()
    }

    fn value(&self, name: &str) -> Option<String> {
        self.query()
            .into_iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }
}

impl Counter {
    async fn page(&self, method: Method, path: &str, form: &Form<'_>) -> Page {
        let request = self.http.request(method, format!("{}{path}", self.url));
        let response = if form.is_empty() { request } else { request.form(form) }
            .send()
            .await
            .unwrap();
        let header = |name: &str| {
            response
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
                .unwrap_or_default()
        };
        let (location, policy) = (header("location"), header("content-security-policy"));
        Page {
            status: response.status().as_u16(),
            location,
            policy,
            html: response.text().await.unwrap(),
        }
    }

    async fn open_window(&self, form: &Form<'_>) -> String {
        let opened = self.page(Method::POST, "/toss/window", form).await;
        assert_eq!(opened.status, 303, "{}", opened.html);
        opened.location
    }
}

#[tokio::test]
async fn a_card_is_chosen_and_paid_with_without_a_script() {
    let counter = Counter::open().await;
    let window = counter.open_window(&order("CARD", "60000")).await;
    let first = counter.page(Method::GET, &window, &vec![]).await;
    assert_eq!(first.status, 200);
    assert!(first.html.contains("60,000원") && first.html.contains("data-test=\"method-CARD\""));
    assert!(
        first.html.contains("&lt;b&gt;외&lt;/b&gt;"),
        "what the shop says is text"
    );
    assert!(
        !first.policy.contains("unsafe") && first.policy.contains("default-src 'none'"),
        "{}",
        first.policy
    );
    let chosen = vec![("outcome", "next"), ("company", "41"), ("instalment", "3")];
    let second = counter.page(Method::POST, &window, &chosen).await;
    assert!(second.html.contains("45184212****123*") && second.html.contains("data-test=\"pay\""));
    let pay = vec![("outcome", "approve"), ("company", "41"), ("instalment", "3")];
    let paid = counter.page(Method::POST, &window, &pay).await;
    assert_eq!(paid.status, 303);
    assert!(
        paid.location
            .starts_with("http://shop.example/return?cart=7&paymentType=NORMAL&orderId=order-0001")
    );
    assert_eq!(paid.value("amount").as_deref(), Some("60000"));
    let key = paid.value("paymentKey").unwrap();
    let again = counter.page(Method::POST, &window, &pay).await;
    assert_eq!(again.location, paid.location, "pressing twice changes nothing");
    assert_eq!(
        counter.page(Method::GET, &window, &vec![]).await.location,
        paid.location,
        "nor does going back"
    );
    let (_, confirmed) = counter.confirm(&key, "order-0001", 60_000).await;
    assert_eq!(
        (
            &confirmed["card"]["issuerCode"],
            &confirmed["card"]["installmentPlanMonths"]
        ),
        (&json!("41"), &json!(3))
    );
}

#[tokio::test]
async fn closing_and_declining_lead_to_the_fail_address() {
    let counter = Counter::open().await;
    let mut form = order("CARD", "15000");
    form.push(("_auto", "close"));
    let closed = counter.page(Method::POST, "/toss/window", &form).await;
    assert_eq!(
        (closed.status, closed.value("code").as_deref()),
        (303, Some("PAY_PROCESS_CANCELED"))
    );
    assert_eq!(
        closed.value("orderId"),
        None,
        "a closed window does not say of which order"
    );
    form.pop();
    form.push(("_auto", "decline"));
    let declined = counter.page(Method::POST, "/toss/window", &form).await;
    assert_eq!(declined.value("code").as_deref(), Some("REJECT_CARD_COMPANY"));
    assert_eq!(declined.value("orderId").as_deref(), Some("order-0001"));
    assert_eq!(counter.notices().await.len(), 0, "neither changes a status");
    form.pop();
    form.push(("_auto", "decline-lost"));
    let lost = counter.page(Method::POST, "/toss/window", &form).await;
    let answer = counter
        .confirm(&lost.value("paymentKey").unwrap(), "order-0001", 15_000)
        .await;
    assert_eq!(no(&answer), (400, "INVALID_CARD_LOST_OR_STOLEN"));
}

#[tokio::test]
async fn every_method_goes_through_its_window() {
    let counter = Counter::open().await;
    let cases: [(&str, Form, &str); 6] = [
        ("TRANSFER", vec![("bank", "88"), ("receipt", "소득공제")], "DONE"),
        (
            "VIRTUAL_ACCOUNT",
            vec![("bank", "20"), ("depositor", "박입금"), ("receipt", "미발행")],
            "WAITING_FOR_DEPOSIT",
        ),
        (
            "MOBILE_PHONE",
            vec![("carrier", "SKT"), ("phone", "010-1234-5678")],
            "DONE",
        ),
        ("CULTURE_GIFT_CERTIFICATE", vec![("account", "user")], "DONE"),
        ("도서문화상품권", vec![], "DONE"),
        ("GAME_GIFT_CERTIFICATE", vec![], "DONE"),
    ];
    for (index, (method, choice, status)) in cases.into_iter().enumerate() {
        let order_id = format!("order-{index:04}");
        let mut form = order(method, "5000");
        form.retain(|(name, _)| *name != "orderId");
        form.push(("orderId", &order_id));
        let window = counter.open_window(&form).await;
        assert!(
            counter
                .page(Method::GET, &window, &vec![])
                .await
                .html
                .contains("data-test=\"next\"")
        );
        let next = [vec![("outcome", "next")], choice.clone()].concat();
        let second = counter.page(Method::POST, &window, &next).await;
        assert!(second.html.contains("data-test=\"pay\""), "{method}: {}", second.html);
        let pay = [vec![("outcome", "approve")], choice].concat();
        let end = counter.page(Method::POST, &window, &pay).await;
        let (_, paid) = counter
            .confirm(&end.value("paymentKey").unwrap(), &order_id, 5_000)
            .await;
        assert_eq!(paid["status"], status, "{method}");
    }
    let (_, transfer) = counter.get("/v1/payments/orders/order-0000").await;
    assert_eq!(
        (&transfer["transfer"]["bankCode"], &transfer["cashReceipt"]["type"]),
        (&json!("88"), &json!("소득공제"))
    );
    let (_, account) = counter.get("/v1/payments/orders/order-0001").await;
    assert_eq!(account["virtualAccount"]["customerName"], "박입금");
    let (_, mobile) = counter.get("/v1/payments/orders/order-0002").await;
    assert_eq!(mobile["mobilePhone"]["customerMobilePhone"], "01012345678");
}

#[tokio::test]
async fn overseas_cards_and_paypal_have_their_windows() {
    let counter = Counter::open().await;
    let mut form = order("CARD", "10.50");
    form.extend([
        ("currency", "USD"),
        ("useInternationalCardOnly", "true"),
        ("language", "EN"),
    ]);
    let window = counter.open_window(&form).await;
    let first = counter.page(Method::GET, &window, &vec![]).await;
    assert!(
        first.html.contains("$10.50") && first.html.contains("lang=\"en\""),
        "{}",
        first.html
    );
    let end = counter
        .page(Method::POST, &window, &vec![("outcome", "approve"), ("brand", "4M")])
        .await;
    let confirm = json!({ "paymentKey": end.value("paymentKey"), "orderId": "order-0001", "amount": 10.5 });
    let (_, paid) = counter.post("/v1/payments/confirm", confirm).await;
    assert_eq!(
        (&paid["card"]["issuerCode"], &paid["currency"]),
        (&json!("4M"), &json!("USD"))
    );
}

#[tokio::test]
async fn a_mistake_is_shown_and_a_fault_is_taken_along() {
    let counter = Counter::open().await;
    let window = counter.open_window(&order("MOBILE_PHONE", "5000")).await;
    let mistaken = vec![("outcome", "next"), ("phone", "call me")];
    let answer = counter.page(Method::POST, &window, &mistaken).await;
    assert_eq!(answer.status, 422);
    assert!(answer.html.contains("data-test=\"mistake\"") && answer.html.contains("value=\"call me\""));
    let wrong_code = vec![("outcome", "approve"), ("phone", "01012345678"), ("code", "123456")];
    let answer = counter.page(Method::POST, &window, &wrong_code).await;
    assert!(
        answer.status == 422 && answer.html.contains("data-test=\"pay\""),
        "asked for again: {}",
        answer.html
    );
    let faulty = vec![
        ("outcome", "approve"),
        ("phone", "01012345678"),
        ("code", "000000"),
        ("fault", "5xx-after"),
    ];
    let end = counter.page(Method::POST, &window, &faulty).await;
    let answer = counter
        .confirm(&end.value("paymentKey").unwrap(), "order-0001", 5_000)
        .await;
    assert_eq!(answer.0, 500);
    assert_eq!(counter.simulator.toss().truth("order-0001").unwrap().approvals, 1);
}

#[tokio::test]
async fn a_request_the_pg_refuses_opens_no_window() {
    let counter = Counter::open().await;
    for (name, value, code) in [
        ("amount", "99", "BELOW_MINIMUM_AMOUNT"),
        ("amount", "-1", "BELOW_ZERO_AMOUNT"),
        ("amount", "10.5", "INVALID_REQUEST"),
        ("orderId", "short", "INVALID_ORDER_ID"),
        ("orderName", &"가".repeat(101), "INVALID_ORDER_NAME"),
        ("method", "BARTER", "NOT_SUPPORTED_METHOD"),
        ("currency", "USD", "NOT_SUPPORTED_USD"),
        ("currency", "WON", "INVALID_CURRENCY"),
        ("cardInstallmentPlan", "3", "NOT_ALLOWED_INSTALLMENT_BELOW_AMOUNT"),
        ("validHours", "2161", "EXCEED_MAX_VALID_HOURS"),
        ("flowMode", "DIRECT", "INVALID_FLOW_MODE_PARAMETERS"),
        ("successUrl", "/relative", "INCORRECT_SUCCESS_URL_FORMAT"),
        ("customerEmail", "nobody", "INVALID_EMAIL"),
    ] {
        let mut form = order("CARD", "15000");
        form.retain(|(given, _)| *given != name);
        form.push((name, value));
        let answer = counter.page(Method::POST, "/toss/window", &form).await;
        assert_eq!(
            (answer.status, answer.value("code").as_deref()),
            (303, Some(code)),
            "{name}={value}"
        );
    }
    let mut framed = order("CARD", "99");
    framed.push(("windowTarget", "iframe"));
    let answer = counter.page(Method::POST, "/toss/window", &framed).await;
    assert_eq!(answer.status, 400);
    assert!(
        answer
            .html
            .contains("data-url=\"http://shop.example/fail?code=BELOW_MINIMUM_AMOUNT"),
        "{}",
        answer.html
    );
    let mut stranger = order("CARD", "15000");
    stranger[0].1 = "test_ck_nobody";
    let answer = counter.page(Method::POST, "/toss/window", &stranger).await;
    assert_eq!(answer.status, 401, "nobody is sent anywhere for an unknown merchant");
    assert_eq!(
        counter.page(Method::GET, "/toss/window/unknown", &vec![]).await.status,
        404
    );
}

#[tokio::test]
async fn an_iframe_tells_the_page_around_it() {
    let counter = Counter::open().await;
    let mut form = order("CARD", "15000");
    form.retain(|(name, _)| !name.ends_with("Url"));
    form.extend([("windowTarget", "iframe"), ("_origin", "http://shop.example")]);
    let window = counter.open_window(&form).await;
    let first = counter.page(Method::GET, &window, &vec![]).await;
    assert!(first.policy.contains("frame-ancestors *"));
    let end = counter.page(Method::POST, &window, &vec![("outcome", "approve")]).await;
    assert_eq!(end.location, format!("{window}/result"));
    let result = counter.page(Method::GET, &end.location, &vec![]).await;
    for part in [
        "data-outcome=\"success\"",
        "data-origin=\"http://shop.example\"",
        "data-payment-key=\"tviva",
    ] {
        assert!(result.html.contains(part), "{part}: {}", result.html);
    }
}

#[tokio::test]
async fn a_window_left_open_runs_out() {
    let counter = Counter::open().await;
    let window = counter.open_window(&order("CARD", "15000")).await;
    counter.wait(Duration::minutes(30));
    assert_eq!(counter.notices().await, ["EXPIRED"]);
    let late = counter.page(Method::POST, &window, &vec![("outcome", "approve")]).await;
    assert_eq!(late.value("code").as_deref(), Some("NOT_FOUND_PAYMENT_SESSION"));
}

#[tokio::test]
async fn files_and_pages_are_where_they_should_be() {
    let counter = Counter::open().await;
    let key = counter.paid(Product::VirtualAccount, "order-0001", 15_000).await;
    for path in ["/toss/v2/standard", "/toss/v1", "/v2/standard", "/v1"] {
        let file = counter.page(Method::GET, path, &vec![]).await;
        assert!(
            file.status == 200 && file.html.contains("TossPayments.ANONYMOUS"),
            "{path}"
        );
    }
    let checkout = format!("/toss/v1/payments/{key}/checkout");
    let receipt = format!("/toss/receipt/redirection?transactionId={key}&ref=PX");
    for path in [
        "/toss",
        "/toss/",
        "/toss/assets/window.css",
        "/toss/assets/window.js",
        &checkout,
        &receipt,
    ] {
        assert_eq!(counter.page(Method::GET, path, &vec![]).await.status, 200, "{path}");
    }
    let console = counter.page(Method::GET, "/toss/", &vec![]).await;
    assert!(console.html.contains("data-test=\"deposit\""));
    let pressed = counter
        .page(Method::POST, "/toss/_control/deposit", &vec![("orderId", "order-0001")])
        .await;
    assert_eq!((pressed.status, pressed.location.as_str()), (303, "/toss/"));
    assert!(
        counter
            .page(Method::GET, "/toss/", &vec![])
            .await
            .html
            .contains("data-test=\"take-back\"")
    );
}

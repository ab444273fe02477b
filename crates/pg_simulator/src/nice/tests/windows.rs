use super::*;

type Form<'a> = Vec<(&'a str, &'a str)>;

fn order<'a>(method: &'a str, amount: &'a str) -> Form<'a> {
    vec![
        ("clientId", CLIENT_ID),
        ("method", method),
        ("amount", amount),
        ("orderId", "order-0001"),
        ("goodsName", "면 <b>티셔츠</b> \"외\""),
        ("returnUrl", "http://shop.example/return"),
        ("mallReserved", "cart=7"),
        ("vbankHolder", "우리상점"),
        ("isDigital", "false"),
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
    /// The value of a hidden field.
    fn hidden(&self, name: &str) -> Option<&str> {
        let begin = format!("name=\"{name}\" value=\"");
        let (_, rest) = self.html.split_once(&begin)?;
        rest.split('"').next()
    }
}

impl Counter {
    async fn page(&self, method: Method, path: &str, form: &Form<'_>) -> Page {
        let request = self.http.request(method, format!("{}{path}", self.url));
        let request = if form.is_empty() { request } else { request.form(form) };
        let response = request.send().await.unwrap();
        let header = |name: &str| {
            let value = response.headers().get(name);
            value
                .map(|value| value.to_str().unwrap().to_owned())
                .unwrap_or_default()
        };
        Page {
            status: response.status().as_u16(),
            location: header("location"),
            policy: header("content-security-policy"),
            html: response.text().await.unwrap(),
        }
    }

    async fn window(&self, form: &Form<'_>) -> String {
        let opened = self.page(Method::POST, "/nice/window", form).await;
        assert_eq!(opened.status, 303, "{}", opened.html);
        opened.location
    }

    /// Opens a window, answers it, and shows its end.
    async fn through(&self, form: &Form<'_>, answer: &Form<'_>) -> Page {
        let window = self.window(form).await;
        let answered = self.page(Method::POST, &window, answer).await;
        assert_eq!(answered.status, 303, "{}", answered.html);
        self.page(Method::GET, &answered.location, &vec![]).await
    }
}

#[tokio::test]
async fn a_card_is_chosen_and_paid_with_without_a_script() {
    let counter = Counter::open().await;
    let window = counter.window(&order("card", "60000")).await;
    let page = counter.page(Method::GET, &window, &vec![]).await;
    assert!(page.html.contains("60,000원") && page.html.contains("data-test=\"method-card\""));
    assert!(
        page.html.contains("면 &lt;b&gt;티셔츠&lt;/b&gt; -외-"),
        "what the shop says is text"
    );
    assert!(
        !page.policy.contains("unsafe") && page.policy.contains("default-src 'none'"),
        "{}",
        page.policy
    );
    let pay = vec![("outcome", "approve"), ("card", "06"), ("quota", "3")];
    let answered = counter.page(Method::POST, &window, &pay).await;
    let end = counter.page(Method::GET, &answered.location, &vec![]).await;
    assert!(
        end.html.contains("action=\"http://shop.example/return\""),
        "{}",
        end.html
    );
    assert_eq!(
        (end.hidden("authResultCode"), end.hidden("mallReserved")),
        (Some("0000"), Some("cart=7"))
    );
    let (token, tid) = (end.hidden("authToken").unwrap(), end.hidden("tid").unwrap());
    let signature = sign(&[token, CLIENT_ID, "60000", SECRET]);
    assert_eq!(end.hidden("signature"), Some(signature.as_str()));
    let again = counter.page(Method::POST, &window, &pay).await;
    let same = counter.page(Method::GET, &again.location, &vec![]).await;
    assert_eq!(same.hidden("tid"), Some(tid), "pressing twice changes nothing");
    let (_, paid) = counter.approve(tid, 60_000).await;
    assert_eq!(
        (&paid["card"]["cardCode"], &paid["card"]["cardQuota"]),
        (&json!("06"), &json!(3))
    );
    let receipt = paid["receiptUrl"].as_str().unwrap();
    let shown = counter.http.get(receipt).send().await.unwrap().text().await.unwrap();
    assert!(shown.contains(tid));
}

#[tokio::test]
async fn closing_and_declining_come_back_without_a_tid() {
    let counter = Counter::open().await;
    for (outcome, expected) in [("close", "I002"), ("decline", "C002")] {
        let end = counter
            .through(&order("card", "15000"), &vec![("outcome", outcome)])
            .await;
        assert_eq!(end.hidden("authResultCode"), Some(expected));
        assert_eq!((end.hidden("tid"), end.hidden("signature")), (None, None));
    }
    let end = counter
        .through(&order("card", "15000"), &vec![("outcome", "decline-later")])
        .await;
    let refused = counter.approve(end.hidden("tid").unwrap(), 15_000).await;
    assert_eq!((code(&refused), &refused.1["status"]), ("3095", &json!("failed")));
}

#[tokio::test]
async fn the_panel_makes_things_go_wrong() {
    let counter = Counter::open().await;
    let answer = vec![("outcome", "approve"), ("fault", "5xx-after"), ("refuse", "")];
    let end = counter.through(&order("card", "15000"), &answer).await;
    assert_eq!(counter.approve(end.hidden("tid").unwrap(), 15_000).await.0, 500);
    assert_eq!(counter.pg().truth("order-0001").unwrap().approvals, 1);
}

#[tokio::test]
async fn every_method_has_a_window() {
    let counter = Counter::open().await;
    for product in Product::ALL {
        let mut form = order(product.as_str(), "60000");
        if product == Product::DirectCard {
            form.extend([("cardCode", "06"), ("cardQuota", "00")]);
        }
        let window = counter.window(&form).await;
        let page = counter.page(Method::GET, &window, &vec![]).await;
        let test = format!("data-test=\"method-{}\"", product.as_str());
        assert!(
            page.html.contains(&test) && page.html.contains("data-test=\"pay\""),
            "{product:?}"
        );
    }
    let form = order("cardAndEasyPay", "60000");
    let end = counter
        .through(&form, &vec![("outcome", "approve"), ("card", "pay:payco")])
        .await;
    assert_eq!(
        counter.approve(end.hidden("tid").unwrap(), 60_000).await.1["payMethod"],
        "payco"
    );
}

#[tokio::test]
async fn a_wrong_request_opens_no_window() {
    let counter = Counter::open().await;
    let replaced = |name: &'static str, value: &'static str| {
        let mut form = order("card", "60000");
        form.retain(|(given, _)| *given != name);
        form.push((name, value));
        form
    };
    for (name, value, expected) in [
        ("clientId", "S2_nobody", "U102"),
        ("method", "gold", "P012"),
        ("amount", "", "P001"),
        ("amount", "12.5", "P010"),
        ("amount", "0", "P017"),
        ("amount", "999", "3041"),
        ("returnUrl", "javascript:alert(1)", "P010"),
        ("cardQuota", "01", "P028"),
        ("taxFreeAmt", "60001", "P036"),
        ("currency", "USD", "P012"),
    ] {
        let page = counter.page(Method::POST, "/nice/window", &replaced(name, value)).await;
        assert_eq!(page.status, 400, "{name}={value}");
        assert!(
            page.html.contains(&format!("<code>{expected}</code>")),
            "{name}={value}: {}",
            page.html
        );
    }
    let mut small = order("card", "49999");
    small.push(("cardQuota", "00,03"));
    let page = counter.page(Method::POST, "/nice/window", &small).await;
    assert!(page.html.contains("<code>P037</code>"));
}

#[tokio::test]
async fn the_script_and_its_files_are_served() {
    let counter = Counter::open().await;
    let script = counter.page(Method::GET, "/nice/v1/js/", &vec![]).await;
    assert!(script.status == 200 && script.html.contains("AUTHNICE"));
    for path in [
        "/nice/assets/window.css",
        "/nice/assets/window.js",
        "/nice/assets/icon.svg",
        "/nice/",
    ] {
        assert_eq!(counter.page(Method::GET, path, &vec![]).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn the_window_can_be_gone_through_by_the_control_address() {
    let counter = Counter::open().await;
    let parameters = json!({
        "clientId": CLIENT_ID, "method": "vbank", "orderId": "order-0001", "amount": 33_000, "goodsName": "의자",
        "returnUrl": "http://shop.example/return", "vbankHolder": "우리상점",
    });
    let visit = async |outcome: &str| {
        let body = json!({ "parameters": parameters, "outcome": outcome });
        counter.post("/_control/window", body).await
    };
    assert_eq!(visit("close").await.1["return"]["authResultCode"], "I002");
    let (status, agreed) = visit("approve").await;
    assert_eq!((status, &agreed["return"]["authResultCode"]), (200, &json!("0000")));
    counter.approve(agreed["return"]["tid"].as_str().unwrap(), 33_000).await;
    assert_eq!(visit("approve").await.1["code"], "P015");
    let deposit = json!({ "orderId": "order-0001", "amount": 33_000 });
    assert_eq!(counter.post("/_control/deposit", deposit).await.0, 200);
    let (_, truth) = counter.get("/_control/truth/order-0001").await;
    assert_eq!((&truth["status"], &truth["approved"]), (&json!("paid"), &json!(33_000)));
    let console = counter.page(Method::GET, "/nice/", &vec![]).await;
    assert!(console.html.contains("order-0001"));
}

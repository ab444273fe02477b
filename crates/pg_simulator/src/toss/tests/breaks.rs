//! Every fault, asked for in every way, at every call: what the client gets, and what the PG knows afterwards.

use std::error::Error;
use std::io::ErrorKind;

use axum::body::{Body, to_bytes};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tower::ServiceExt;

use super::*;
use crate::faults::{CLOCK_SKEW, Cut, Fault, Group, Operation, WRONG_BY, magic_amount};

/// What a client has in hands after a call.
#[derive(Debug, PartialEq)]
enum Seen {
    Reset,
    /// Less than was announced.
    CutOff,
    Page,
    /// No UTF-8; read as EUC-KR it is this.
    OtherLetters(Value),
    Json(u16, Value),
}

/// How a fault is asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    Header,
    NextCalls,
    OrderId,
    Amount,
    Window,
    Payment,
    Rate,
}

const WAYS: [Way; 7] = [
    Way::Header,
    Way::NextCalls,
    Way::OrderId,
    Way::Amount,
    Way::Window,
    Way::Payment,
    Way::Rate,
];

impl Counter {
    /// Nothing takes time, and no connection is used twice: a reset is then nobody else's.
    pub(super) async fn brisk() -> Counter {
        let mut counter = Counter::open().await;
        counter.simulator.toss().set_hang(Duration::ZERO);
        counter.simulator.toss().set_slow(Duration::ZERO);
        counter.http = reqwest::Client::builder()
            .no_proxy()
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        counter
    }

    async fn see(&self, method: Method, path: &str, header: Option<&str>, body: Option<Value>) -> Seen {
        let mut request = self.http.request(method, format!("{}/toss{path}", self.url));
        request = request.basic_auth(SECRET_KEY, Some(""));
        if let Some(spec) = header {
            request = request.header("simulator-fault", spec);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => {
                assert_eq!(io_kind(&error), Some(ErrorKind::ConnectionReset), "{error:?}");
                return Seen::Reset;
            }
        };
        let status = answer.status().as_u16();
        let kind = answer.headers().get("content-type").cloned();
        let kind = kind.as_ref().and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let Ok(body) = answer.bytes().await else {
            return Seen::CutOff;
        };
        if kind.starts_with("text/html") && status == 200 {
            return Seen::Page;
        }
        if kind.contains("euc-kr") {
            assert!(std::str::from_utf8(&body).is_err());
            let (text, _, broken) = encoding_rs::EUC_KR.decode(&body);
            assert!(!broken);
            return Seen::OtherLetters(serde_json::from_str(&text).unwrap());
        }
        Seen::Json(status, serde_json::from_slice(&body).unwrap_or_default())
    }

    async fn see_confirm(&self, key: &str, order_id: &str, won: i64, header: Option<&str>) -> Seen {
        let body = json!({ "paymentKey": key, "orderId": order_id, "amount": won });
        self.see(Method::POST, "/v1/payments/confirm", header, Some(body)).await
    }

    /// A shopper agrees in the window, and chooses a fault in its panel.
    async fn chosen_in_window(&self, order_id: &str, won: i64, fault: &str, on: &str) -> String {
        let opened = format!(
            "clientKey={CLIENT_KEY}&method=CARD&amount={won}&orderId={order_id}&orderName=chair\
             &successUrl=http://shop.test/ok&failUrl=http://shop.test/no"
        );
        let page = self.http.get(format!("{}/toss/window?{opened}", self.url)).send();
        let page = page.await.unwrap().headers()["location"].to_str().unwrap().to_owned();
        let fields = [("outcome", "approve"), ("fault", fault), ("faultOn", on)];
        let back = self.http.post(format!("{}{page}", self.url)).form(&fields).send().await;
        let back = back.unwrap().headers()["location"].to_str().unwrap().to_owned();
        let back = url::Url::parse(&back).unwrap();
        let key = back.query_pairs().find(|(name, _)| name == "paymentKey");
        key.unwrap().1.into_owned()
    }
}

fn io_kind(error: &(dyn Error + 'static)) -> Option<ErrorKind> {
    if let Some(error) = error.downcast_ref::<std::io::Error>() {
        return Some(error.kind());
    }
    error.source().and_then(io_kind)
}

/// Does this answer have the manual's types?
fn well_typed(answer: &Value) -> bool {
    answer["orderId"].is_string()
        && answer["totalAmount"].is_i64()
        && answer["balanceAmount"].is_i64()
        && answer["card"].is_object()
}

/// Is what the client saw what `fault` promises? `fine` is the status of the answer that would have been given.
fn as_promised(fault: Fault, seen: &Seen, order_id: &str, asked: i64, now: Timestamp) {
    let answer = match (fault, seen) {
        (Fault::TimeoutBefore | Fault::TimeoutAfter, Seen::Json(504, _)) => return,
        (Fault::ErrorBefore | Fault::ErrorAfter, Seen::Json(500, body)) => {
            assert_eq!(body["code"], "FAILED_INTERNAL_SYSTEM_PROCESSING");
            return;
        }
        (Fault::ResetBefore | Fault::ResetAfter, Seen::Reset) => return,
        (Fault::Truncated, Seen::CutOff) | (Fault::Html, Seen::Page) => return,
        (Fault::EucKr, Seen::OtherLetters(answer)) => answer,
        (Fault::WrongTypes, Seen::Json(200, answer)) => {
            assert!(!well_typed(answer), "{answer}");
            return;
        }
        (_, Seen::Json(200, answer)) => answer,
        (_, seen) => panic!("{fault:?}: {seen:?}"),
    };
    assert!(well_typed(answer), "{fault:?}: {answer}");
    assert_eq!(answer["orderId"] != order_id, fault == Fault::WrongOrder, "{fault:?}");
    let booked = asked + if fault == Fault::WrongAmount { WRONG_BY } else { 0 };
    assert_eq!(answer["totalAmount"], booked, "{fault:?}");
    let told = if fault == Fault::ClockSkew {
        now + CLOCK_SKEW
    } else {
        now
    };
    assert_eq!(answer["approvedAt"], told.in_korea(), "{fault:?}");
}

/// Was the call carried out?
fn carried_out(fault: Fault) -> bool {
    !matches!(fault, Fault::TimeoutBefore | Fault::ErrorBefore | Fault::ResetBefore)
}

/// What the shop hears of an approve. `answered`: before anything but the early notices was sent.
fn heard(fault: Fault) -> (usize, usize) {
    match fault {
        Fault::NoticeEarly => (1, 0),
        Fault::NoticeLost | Fault::NoticeLate | Fault::NoticeReordered => (0, 0),
        Fault::NoticeDoubled | Fault::NoticeForged => (0, 2),
        _ if carried_out(fault) => (0, 1),
        _ => (0, 0),
    }
}

#[tokio::test]
async fn an_approve_meets_every_fault_in_every_way() {
    for fault in Fault::ALL {
        for way in WAYS {
            let (counter, name) = (Counter::brisk().await, fault.as_str());
            let toss = counter.simulator.toss();
            let order_id = match way {
                Way::OrderId => format!("order-{way:?}-fault-{name}"),
                _ => format!("order-{way:?}-{name}"),
            };
            let won = if way == Way::Amount {
                magic_amount(fault)
            } else {
                15_000
            };
            let key = match way {
                Way::Window => counter.chosen_in_window(&order_id, won, name, "").await,
                _ => counter.authenticated(Product::Card, &order_id, won),
            };
            let ask = match way {
                Way::NextCalls => Some(json!({ "operation": "approve", "fault": name, "times": 1 })),
                Way::Payment => Some(json!({ "orderId": order_id, "fault": format!("approve-{name}") })),
                Way::Rate => Some(json!({ "operation": "approve", "fault": name, "rate": 1 })),
                Way::Header | Way::OrderId | Way::Amount | Way::Window => None,
            };
            if let Some(ask) = ask {
                assert_eq!(counter.post("/_control/faults", ask).await.0, 200);
            }
            let seen = counter
                .see_confirm(&key, &order_id, won, (way == Way::Header).then_some(name))
                .await;
            as_promised(fault, &seen, &order_id, won, toss.now());
            let early = std::mem::take(&mut *counter.shop.heard.lock().unwrap()).len();
            assert_eq!((early, counter.notices().await.len()), heard(fault), "{way:?} {name}");
            let truth = counter.simulator.truth(&order_id).unwrap();
            assert_eq!(truth.approvals, u32::from(carried_out(fault)), "{way:?} {name}");
            if matches!(fault, Fault::NoticeLate | Fault::NoticeReordered) {
                counter.wait(Duration::minutes(10));
                assert_eq!(counter.notices().await, ["DONE"], "{way:?} {name}");
            }
            // Once was all: the shop asks and is told.
            let again = counter
                .see(Method::GET, &format!("/v1/payments/{key}"), None, None)
                .await;
            let Seen::Json(200, answer) = again else {
                panic!("{way:?} {name}: {again:?}")
            };
            let status = if carried_out(fault) { "DONE" } else { "IN_PROGRESS" };
            assert_eq!(answer["status"], status, "{way:?} {name}");
        }
    }
}

#[tokio::test]
async fn every_other_call_meets_every_broken_answer() {
    let counter = Counter::brisk().await;
    let broken = [Group::Silence, Group::Garbled].into_iter().flat_map(Group::faults);
    for fault in broken {
        for operation in [
            Operation::Cancel,
            Operation::Inquire,
            Operation::Issue,
            Operation::Other,
        ] {
            for by_header in [true, false] {
                let spec = format!("{}-{}", operation.as_str(), fault.as_str());
                let order_id = format!("order-{spec}-{by_header}");
                let issued = json!({ "amount": 5000, "orderId": order_id, "orderName": "의자", "customerName": "박구매",
                                     "bank": "20" });
                let (method, path, body) = match operation {
                    Operation::Issue => (Method::POST, "/v1/virtual-accounts".to_owned(), Some(issued)),
                    Operation::Other => {
                        let all = "/v1/transactions?startDate=2026-03-01&endDate=2026-03-03";
                        counter.paid(Product::Card, &order_id, 15_000).await;
                        (Method::GET, all.to_owned(), None)
                    }
                    _ => {
                        let key = counter.paid(Product::Card, &order_id, 15_000).await;
                        match operation {
                            Operation::Cancel => {
                                let body = json!({ "cancelReason": "변심", "cancelAmount": 4000 });
                                (Method::POST, format!("/v1/payments/{key}/cancel"), Some(body))
                            }
                            _ => (Method::GET, format!("/v1/payments/{key}"), None),
                        }
                    }
                };
                if !by_header {
                    counter.simulator.plan_fault(operation, fault, 1);
                }
                let seen = counter
                    .see(method, &path, by_header.then_some(spec.as_str()), body)
                    .await;
                match (fault, &seen) {
                    (Fault::Slow, Seen::Json(200, _)) => {}
                    (Fault::WrongTypes, Seen::Json(200, _)) | (Fault::EucKr, Seen::OtherLetters(_)) => {}
                    (Fault::Truncated, Seen::CutOff) | (Fault::Html, Seen::Page) => {}
                    (Fault::ResetBefore | Fault::ResetAfter, Seen::Reset) => {}
                    (Fault::TimeoutBefore | Fault::TimeoutAfter, Seen::Json(504, _)) => {}
                    (Fault::ErrorBefore | Fault::ErrorAfter, Seen::Json(500, _)) => {}
                    (Fault::EucKr, Seen::Json(200, _)) => panic!("{spec}: no Korean in it"),
                    (_, seen) => panic!("{spec}: {seen:?}"),
                }
                let truth = counter.simulator.truth(&order_id);
                match operation {
                    Operation::Cancel => {
                        assert_eq!(truth.unwrap().cancels, usize::from(carried_out(fault)), "{spec}");
                    }
                    Operation::Issue => assert_eq!(truth.is_some_and(|truth| truth.waiting), carried_out(fault)),
                    _ => assert_eq!(truth.unwrap().approvals, 1),
                }
            }
        }
    }
}

#[tokio::test]
async fn the_window_offers_every_fault_in_its_groups_and_at_every_call() {
    let counter = Counter::brisk().await;
    let opened = format!("clientKey={CLIENT_KEY}&method=CARD&amount=15000&orderId=order-0001&orderName=chair");
    let page = counter.http.get(format!("{}/toss/window?{opened}", counter.url)).send();
    let page = page.await.unwrap().headers()["location"].to_str().unwrap().to_owned();
    let window = counter.http.get(format!("{}{page}", counter.url)).send().await.unwrap();
    let console = counter.http.get(format!("{}/toss/", counter.url)).send().await.unwrap();
    for html in [window.text().await.unwrap(), console.text().await.unwrap()] {
        for group in Group::ALL {
            let label = format!("<optgroup label=\"{}\">", group.names().0);
            assert!(html.contains(&label), "{label}");
        }
        for fault in Fault::ALL {
            let option = format!("<option value=\"{}\">{}</option>", fault.as_str(), fault.korean());
            assert!(html.contains(&option), "{option}");
        }
        for operation in Operation::ALL {
            assert!(html.contains(&format!("<option value=\"{}\"", operation.as_str())));
        }
    }
    // Chosen for another call than the approve.
    let key = counter.chosen_in_window("order-0002", 15_000, "html", "cancel").await;
    assert!(matches!(
        counter.see_confirm(&key, "order-0002", 15_000, None).await,
        Seen::Json(200, _)
    ));
    let body = Some(json!({ "cancelReason": "변심" }));
    let path = format!("/v1/payments/{key}/cancel");
    assert_eq!(counter.see(Method::POST, &path, None, body).await, Seen::Page);
}

#[tokio::test]
async fn a_cancel_of_a_wrong_amount_is_in_every_record() {
    let counter = Counter::brisk().await;
    for (order_id, wanted, booked) in [("order-0001", 4_000, 4_100), ("order-0002", 15_000, 14_900)] {
        let key = counter.paid(Product::Card, order_id, 15_000).await;
        counter.simulator.plan_fault(Operation::Cancel, Fault::WrongAmount, 1);
        let (status, answer) = counter.cancel(&key, json!({ "cancelAmount": wanted })).await;
        assert_eq!((status, &answer["cancels"][0]["cancelAmount"]), (200, &json!(booked)));
        assert_eq!(
            counter.simulator.truth(order_id).unwrap().balance,
            Money::krw(15_000 - booked)
        );
    }
}

/// A request as bytes, over a connection of its own.
async fn raw(counter: &Counter, key: &str, order_id: &str, fault: &str) -> (Vec<u8>, Option<ErrorKind>) {
    let body = json!({ "paymentKey": key, "orderId": order_id, "amount": 15000 }).to_string();
    let address = counter.url.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let authorization = reqwest::Client::new().get("http://x/").basic_auth(SECRET_KEY, Some(""));
    let authorization = authorization.build().unwrap().headers()["authorization"].clone();
    let request = format!(
        "POST /toss/v1/payments/confirm HTTP/1.1\r\nhost: {address}\r\nauthorization: {}\r\nsimulator-fault: {fault}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        authorization.to_str().unwrap(),
        body.len(),
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let ended = stream.read_to_end(&mut answer).await;
    (answer, ended.err().map(|error| error.kind()))
}

#[tokio::test]
async fn a_reset_is_a_reset_and_half_an_answer_says_how_long_it_would_have_been() {
    let counter = Counter::brisk().await;
    for (fault, approvals) in [("reset-before", 0), ("reset-after", 1)] {
        let key = counter.authenticated(Product::Card, fault, 15_000);
        let ended = raw(&counter, &key, fault, fault).await;
        assert_eq!(ended, (Vec::new(), Some(ErrorKind::ConnectionReset)), "{fault}");
        assert_eq!(counter.simulator.truth(fault).unwrap().approvals, approvals);
    }
    let key = counter.authenticated(Product::Card, "truncated", 15_000);
    let (answer, ended) = raw(&counter, &key, "truncated", "truncated").await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let announced = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(announced.parse::<usize>().unwrap() / 2, body.len());
    assert!(body.starts_with('{') && ended.is_none_or(|kind| kind == ErrorKind::ConnectionReset));
}

#[tokio::test]
async fn a_slow_call_takes_as_long_as_it_was_told() {
    let counter = Counter::brisk().await;
    assert_eq!(counter.post("/_control/settings", json!({ "slowMs": 60 })).await.0, 200);
    let key = counter.authenticated(Product::Card, "order-0001", 15_000);
    let began = tokio::time::Instant::now();
    let seen = counter.see_confirm(&key, "order-0001", 15_000, Some("slow")).await;
    assert!(matches!(seen, Seen::Json(200, _)));
    assert!(began.elapsed() >= std::time::Duration::from_millis(60));
}

#[tokio::test]
async fn without_a_socket_a_reset_is_an_answer_that_is_recognised_and_cannot_be_read() {
    let counter = Counter::brisk().await;
    let authorization = reqwest::Client::new().get("http://x/").basic_auth(SECRET_KEY, Some(""));
    let authorization = authorization.build().unwrap().headers()["authorization"].clone();
    for (fault, is_cut) in [("reset-before", true), ("reset-after", true), ("truncated", false)] {
        let key = counter.authenticated(Product::Card, fault, 15_000);
        let body = json!({ "paymentKey": key, "orderId": fault, "amount": 15000 }).to_string();
        let request = axum::http::Request::post("/toss/v1/payments/confirm")
            .header("authorization", &authorization)
            .header("simulator-fault", fault)
            .body(Body::from(body))
            .unwrap();
        let response = counter.simulator.router().oneshot(request).await.unwrap();
        assert_eq!(response.extensions().get::<Cut>().is_some(), is_cut, "{fault}");
        assert!(to_bytes(response.into_body(), 1 << 20).await.is_err(), "{fault}");
    }
}

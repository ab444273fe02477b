//! NICE's answers, canned, against what we make of them.

mod account;
mod approves;
mod cancels;
mod error_codes;
mod hostile;
mod inquiries;
mod listings;
mod logs;
mod notices;
mod receipts;
mod returns;
mod window;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use vocabulary::pg::{Answer, CancelAnswer, Report};
use vocabulary::{Mode, Money, Reason, Secret, TestClock, Timestamp};

use super::{Nice, sign};
use crate::http::{Request, Response, Transport, TransportError};
use crate::{Approve, CancelAsk, Connector, Inquiry, Outside, PgConfig, TaxShare};

const CLIENT_ID: &str = "S2_af4543a0be4d49a98122e01ec2059a56";
const SECRET_KEY: &str = "9eb85607103646da9f9c02b128f2e5ee";
const TID: &str = "UT0000113m01012611251015301234";
const ORDER: &str = "att_01kavz8q6nfh0w2sj9xxr5m3td";
const NOW: &str = "2026-11-25T10:15:31+09:00";
const EDI_DATE: &str = "2026-11-25T10:15:31.150+0900";

/// A PG of prepared answers. Out of answers it is silent.
#[derive(Default)]
struct Canned {
    answers: Mutex<VecDeque<Result<Response, TransportError>>>,
    seen: Mutex<Vec<Request>>,
}

impl Canned {
    fn say(self: &Arc<Self>, status: u16, body: impl ToString) -> Arc<Self> {
        self.say_bytes(status, body.to_string().into_bytes())
    }

    fn say_bytes(self: &Arc<Self>, status: u16, body: Vec<u8>) -> Arc<Self> {
        self.push(Ok(Response {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Bytes::from(body),
        }))
    }

    fn push(self: &Arc<Self>, answer: Result<Response, TransportError>) -> Arc<Self> {
        self.answers.lock().unwrap().push_back(answer);
        Arc::clone(self)
    }

    /// Method, path and query, and JSON body of the n-th request.
    fn request(&self, n: usize) -> (String, String, Value) {
        let seen = self.seen.lock().unwrap();
        let path = seen[n].url.strip_prefix("http://127.0.0.1:9/nice").expect("our PG");
        let body = serde_json::from_slice(&seen[n].body).unwrap_or(Value::Null);
        (seen[n].method.to_string(), path.to_owned(), body)
    }

    fn header(&self, n: usize, name: &str) -> Option<String> {
        let seen = self.seen.lock().unwrap();
        Some(seen[n].headers.get(name)?.to_str().unwrap().to_owned())
    }

    fn count(&self) -> usize {
        self.seen.lock().unwrap().len()
    }
}

impl Transport for Canned {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        self.seen.lock().unwrap().push(request);
        let silence = Err(TransportError::NoAnswer("no answer was prepared".into()));
        let answer = self.answers.lock().unwrap().pop_front().unwrap_or(silence);
        Box::pin(async move { answer })
    }
}

fn pg() -> Arc<Canned> {
    Arc::default()
}

fn settings(pairs: &[(&str, &str)]) -> PgConfig {
    let base = [("client_id", CLIENT_ID), ("api_url", "http://127.0.0.1:9/nice/")];
    let text = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    PgConfig {
        pg: "nice".into(),
        mode: Mode::Test,
        settings: base.iter().chain(pairs).map(text).collect(),
        secrets: BTreeMap::from([("secret_key".to_owned(), Secret::new(SECRET_KEY.to_owned()))]),
    }
}

fn clock(now: &str) -> Arc<TestClock> {
    Arc::new(TestClock::at(Timestamp::parse(now).unwrap()))
}

fn nice_with(config: &PgConfig, pg: &Arc<Canned>, clock: Arc<TestClock>) -> Nice {
    let transport = Arc::clone(pg) as Arc<dyn Transport>;
    Nice::new(config, &Outside { transport, clock }).unwrap()
}

fn nice(pg: &Arc<Canned>) -> Nice {
    nice_with(&settings(&[]), pg, clock(NOW))
}

fn approve_ask() -> Approve {
    Approve {
        pg_key: TID.into(),
        pg_order_id: ORDER.into(),
        amount: Money::krw(15_000),
        idempotency_key: "approve-1".into(),
    }
}

fn approve(pg: &Arc<Canned>) -> Answer {
    nice(pg).approve(&approve_ask()).now_or_never().unwrap()
}

fn inquiry(key: Option<&str>) -> Inquiry {
    Inquiry {
        pg_key: key.map(Into::into),
        pg_order_id: ORDER.into(),
        opened_at: Timestamp::parse("2026-11-25T10:15:00+09:00").unwrap(),
    }
}

fn inquire(pg: &Arc<Canned>, key: Option<&str>) -> Answer {
    nice(pg).inquire(&inquiry(key)).now_or_never().unwrap()
}

fn cancel_ask(amount: Option<i64>, balance: i64) -> CancelAsk {
    let zero = Money::krw(0);
    CancelAsk {
        pg_key: TID.into(),
        pg_order_id: ORDER.into(),
        amount: amount.map(Money::krw),
        tax: TaxShare {
            tax_free: zero,
            exempt: zero,
        },
        balance: Money::krw(balance),
        reason: "마음이 바뀜".into(),
        refund_account: None,
        idempotency_key: "cancel-1".into(),
        reference: "can_1".into(),
    }
}

fn cancel(pg: &Arc<Canned>, amount: Option<i64>, balance: i64) -> CancelAnswer {
    nice(pg).cancel(&cancel_ask(amount, balance)).now_or_never().unwrap()
}

fn reported(answer: Answer) -> Report {
    match answer {
        Answer::Report(report) => *report,
        other => panic!("no report: {other:?}"),
    }
}

fn refused(answer: Answer) -> (Reason, String) {
    match answer {
        Answer::No(failure) => (failure.reason, failure.pg_code),
        other => panic!("no refusal: {other:?}"),
    }
}

fn unknown(answer: Answer) -> String {
    match answer {
        Answer::Unknown(text) => text,
        other => panic!("not unknown: {other:?}"),
    }
}

fn unclear(answer: CancelAnswer) -> String {
    match answer {
        CancelAnswer::Unknown(text) => text,
        other => panic!("not unknown: {other:?}"),
    }
}

/// A card payment of 15,000 won as NICE answers it, signed.
fn payment() -> Value {
    signed(json!({
        "resultCode": "0000", "resultMsg": "정상 처리되었습니다.", "tid": TID, "cancelledTid": null, "orderId": ORDER,
        "ediDate": EDI_DATE, "status": "paid", "paidAt": "2026-11-25T10:15:31.000+0900", "failedAt": "0",
        "cancelledAt": "0", "payMethod": "card", "amount": 15000, "balanceAmt": 15000, "goodsName": "나룻배 모형",
        "mallReserved": null, "useEscrow": false, "currency": "KRW", "channel": "pc", "approveNo": "000000",
        "buyerName": null, "buyerTel": null, "buyerEmail": null, "issuedCashReceipt": false,
        "receiptUrl": "https://npg.nicepay.co.kr/issue/IssueLoader.do?type=0&TID=1", "mallUserId": null, "coupon": null,
        "card": {"cardCode": "04", "cardName": "삼성", "cardNum": "123412******1234", "cardQuota": 3,
                 "isInterestFree": true, "cardType": "credit", "canPartCancel": true, "acquCardCode": "04",
                 "acquCardName": "삼성"},
        "vbank": null, "cancels": null, "cashReceipts": null, "messageSource": "nicepay",
    }))
}

/// With the signature that NICE would give it.
fn signed(mut payment: Value) -> Value {
    let text = |name: &str| match &payment[name] {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let parts = [text("tid"), text("amount"), text("ediDate")];
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    payment["signature"] = json!(sign::sign(&parts, &Secret::new(SECRET_KEY.to_owned())));
    payment
}

/// The payment with some of its fields changed, before it is signed.
fn with(changes: Value) -> Value {
    signed(spoilt(changes))
}

/// The same, changed after it was signed.
fn spoilt(changes: Value) -> Value {
    let mut payment = payment();
    for (name, value) in changes.as_object().unwrap() {
        payment[name] = value.clone();
    }
    payment
}

/// One line of `cancels`.
fn line(tid: &str, amount: i64, at: &str) -> Value {
    json!({"tid": tid, "amount": amount, "cancelledAt": at, "reason": "마음이 바뀜", "receiptUrl": "https://x.kr", "couponAmt": 0})
}

fn error(code: &str) -> Value {
    json!({"resultCode": code, "resultMsg": "안내 문구"})
}

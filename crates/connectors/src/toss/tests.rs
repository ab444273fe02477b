//! Toss's answers, canned, against what we make of them.

mod account;
mod approves;
mod cancels;
mod error_codes;
mod hostile;
mod listings;
mod logs;
mod notices;
mod receipts;
mod window;
mod wire;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use vocabulary::pg::{Answer, CancelAnswer, Report};
use vocabulary::{Currency, Mode, Money, Reason, Secret, Timestamp};

use super::Toss;
use crate::http::{Request, Response, Transport, TransportError};
use crate::{Approve, CancelAsk, Connector, Inquiry, PgConfig, TaxShare};

const KEY: &str = "tviva20261125101500Nr7k2";
const ORDER: &str = "att_01kavz8q6nfh0w2sj9xxr5m3td";
const SECRET_KEY: &str = "test_sk_naru0secret";

/// A PG of prepared answers. Out of answers it is silent.
#[derive(Default)]
struct Canned {
    answers: Mutex<VecDeque<Result<Response, TransportError>>>,
    seen: Mutex<Vec<Request>>,
}

impl Canned {
    fn say(self: &Arc<Self>, status: u16, body: impl ToString) -> Arc<Self> {
        let status = StatusCode::from_u16(status).unwrap();
        let body = Bytes::from(body.to_string());
        self.push(Ok(Response {
            status,
            headers: HeaderMap::new(),
            body,
        }))
    }

    fn push(self: &Arc<Self>, answer: Result<Response, TransportError>) -> Arc<Self> {
        self.answers.lock().unwrap().push_back(answer);
        Arc::clone(self)
    }

    /// Method, path and query, and JSON body of the n-th request.
    fn request(&self, n: usize) -> (String, String, Value) {
        let seen = self.seen.lock().unwrap();
        let request = &seen[n];
        let path = request
            .url
            .strip_prefix("http://127.0.0.1:9/toss")
            .expect("the configured address")
            .to_owned();
        (
            request.method.to_string(),
            path,
            serde_json::from_slice(&request.body).unwrap_or(Value::Null),
        )
    }

    fn header(&self, n: usize, name: &str) -> Option<String> {
        Some(
            self.seen.lock().unwrap()[n]
                .headers
                .get(name)?
                .to_str()
                .unwrap()
                .to_owned(),
        )
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
    let base = [
        ("client_key", "test_ck_naru0client"),
        ("api_url", "http://127.0.0.1:9/toss/"),
    ];
    let text = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    PgConfig {
        pg: "toss".into(),
        mode: Mode::Test,
        settings: base.iter().chain(pairs).map(text).collect(),
        secrets: BTreeMap::from([("secret_key".to_owned(), Secret::new(SECRET_KEY.to_owned()))]),
    }
}

fn toss(pg: &Arc<Canned>) -> Toss {
    Toss::new(&settings(&[]), Arc::clone(pg) as Arc<dyn Transport>).unwrap()
}

fn approve(pg: &Arc<Canned>) -> Answer {
    approve_of(pg, Money::krw(15_000))
}

fn approve_of(pg: &Arc<Canned>, amount: Money) -> Answer {
    let ask = Approve {
        pg_key: KEY.into(),
        pg_order_id: ORDER.into(),
        amount,
        idempotency_key: "approve-1".into(),
    };
    toss(pg).approve(&ask).now_or_never().unwrap()
}

fn inquire(pg: &Arc<Canned>, key: Option<&str>) -> Answer {
    let opened_at = Timestamp::parse("2026-11-25T10:15:00+09:00").unwrap();
    let ask = Inquiry {
        pg_key: key.map(Into::into),
        pg_order_id: ORDER.into(),
        opened_at,
    };
    toss(pg).inquire(&ask).now_or_never().unwrap()
}

fn cancel_ask(amount: Option<i64>, balance: i64) -> CancelAsk {
    CancelAsk {
        pg_key: KEY.into(),
        pg_order_id: ORDER.into(),
        amount: amount.map(Money::krw),
        tax: TaxShare {
            tax_free: Money::krw(0),
            exempt: Money::krw(0),
        },
        balance: Money::krw(balance),
        reason: "마음이 바뀜".into(),
        refund_account: None,
        idempotency_key: "cancel-1".into(),
        reference: "cancel-1".into(),
    }
}

fn cancel(pg: &Arc<Canned>, amount: Option<i64>, balance: i64) -> CancelAnswer {
    toss(pg).cancel(&cancel_ask(amount, balance)).now_or_never().unwrap()
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

/// A card payment of 15,000 won as Toss answers it: all keys there, most of them null.
fn payment() -> Value {
    json!({
        "mId": "tvivanaru", "version": "2022-11-16", "paymentKey": KEY, "type": "NORMAL", "status": "DONE",
        "orderId": ORDER, "orderName": "나룻배 모형", "lastTransactionKey": "txrd_approve",
        "requestedAt": "2026-11-25T10:15:00+09:00", "approvedAt": "2026-11-25T10:15:31+09:00",
        "method": "카드", "currency": "KRW", "country": "KR",
        "totalAmount": 15000, "balanceAmount": 15000, "suppliedAmount": 13636, "vat": 1364,
        "taxFreeAmount": 0, "taxExemptionAmount": 0, "useEscrow": false, "cultureExpense": false,
        "isPartialCancelable": true,
        "card": {"issuerCode": "61", "acquirerCode": "61", "number": "43301234****123*", "amount": 15000,
                 "installmentPlanMonths": 3, "isInterestFree": true, "interestPayer": "MERCHANT", "approveNo": "00000000",
                 "useCardPoint": false, "cardType": "신용", "ownerType": "개인", "acquireStatus": "READY"},
        "virtualAccount": null, "transfer": null, "mobilePhone": null, "giftCertificate": null, "easyPay": null,
        "cashReceipt": null, "cashReceipts": null, "discount": null, "cancels": null, "failure": null, "metadata": null,
        "secret": "ps_naru", "receipt": {"url": "https://dashboard.tosspayments.com/receipt/1"},
        "checkout": {"url": "https://api.tosspayments.com/v1/payments/x/checkout"},
    })
}

/// The payment with some of its fields changed.
fn with(changes: Value) -> Value {
    let mut payment = payment();
    for (name, value) in changes.as_object().unwrap() {
        payment[name] = value.clone();
    }
    payment
}

fn without(names: &[&str]) -> Value {
    let mut payment = payment();
    payment
        .as_object_mut()
        .unwrap()
        .retain(|name, _| !names.contains(&name.as_str()));
    payment
}

/// One line of `cancels`.
fn line(key: &str, amount: i64, left: i64, at: &str) -> Value {
    json!({"cancelAmount": amount, "cancelReason": "마음이 바뀜", "taxFreeAmount": 0, "taxExemptionAmount": 0,
           "refundableAmount": left, "cardDiscountAmount": 0, "transferDiscountAmount": 0, "easyPayDiscountAmount": 0,
           "canceledAt": at, "transactionKey": key, "receiptKey": null, "cancelStatus": "DONE", "cancelRequestId": null})
}

fn error(code: &str) -> Value {
    json!({"code": code, "message": "안내 문구"})
}

fn dollars(cents: i64) -> Money {
    Money::new(cents, Currency::USD)
}

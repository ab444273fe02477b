//! NICE as far as these stories need it, without a network: one card payment for each order id.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use aws_lc_rs::digest;
use axum::http::{HeaderMap, Method, StatusCode};
use connectors::http::{Request, Response, Transport, TransportError};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

pub const CLIENT_ID: &str = "S2_af4543a0be4d49a98122e01ec2059a56";
pub const SECRET_KEY: &str = "9eb85607103646da9f9c02b128f2e5ee";
const EDI_DATE: &str = "2026-11-25T10:00:00.000+0900";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// The call gets lost on its way there.
    Before,
    /// It is carried out, and its answer gets lost.
    After,
}

#[derive(Default)]
pub struct Nice(Mutex<State>);

#[derive(Default)]
struct State {
    /// By order id.
    orders: HashMap<String, Paid>,
    plans: Vec<(&'static str, How, u32)>,
    asked: Vec<&'static str>,
    /// An approve that got lost arrives just before the next such call.
    lands_before: Option<&'static str>,
}

#[derive(Clone)]
struct Paid {
    tid: String,
    amount: i64,
    standing: Standing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// The shopper agreed; NICE lists nothing yet.
    Agreed,
    Paid,
    Canceled,
}

impl Nice {
    pub fn plan(&self, call: &'static str, how: How, times: u32) {
        self.0.lock().unwrap().plans.push((call, how, times));
    }

    pub fn clear(&self) {
        self.0.lock().unwrap().plans.clear();
    }

    pub fn lands_before(&self, call: &'static str) {
        self.0.lock().unwrap().lands_before = Some(call);
    }

    pub fn count(&self, call: &str) -> usize {
        let state = self.0.lock().unwrap();
        state.asked.iter().filter(|asked| **asked == call).count()
    }

    pub fn charged(&self) -> i64 {
        let state = self.0.lock().unwrap();
        let paid = state.orders.values().filter(|paid| paid.standing == Standing::Paid);
        paid.map(|paid| paid.amount).sum()
    }

    /// What the window posts back when the shopper agrees.
    pub fn agreed(&self, order: &str, amount: i64) -> BTreeMap<String, String> {
        let mut state = self.0.lock().unwrap();
        let tid = format!("UT0000113m0101261125{:010}", state.orders.len());
        let paid = Paid {
            tid: tid.clone(),
            amount,
            standing: Standing::Agreed,
        };
        state.orders.insert(order.to_owned(), paid);
        let (token, amount) = ("NICEUNTT1", amount.to_string());
        let pairs = [
            ("authResultCode", "0000"),
            ("clientId", CLIENT_ID),
            ("tid", &tid),
            ("orderId", order),
            ("amount", &amount),
            ("authToken", token),
            ("signature", &sign(&[token, CLIENT_ID, &amount])),
        ];
        crate::kit::query(&pairs)
    }
}

impl Transport for Nice {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let answer = self.0.lock().unwrap().take(&request);
        Box::pin(async move { answer })
    }
}

impl State {
    fn take(&mut self, request: &Request) -> Result<Response, TransportError> {
        let path = request.url.split("/v1/payments/").nth(1).unwrap_or_default();
        let path = path.split('?').next().unwrap_or_default();
        let body: Value = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        let (call, key) = match (path, request.method == Method::GET) {
            ("netcancel", _) => ("net cancel", body["orderId"].as_str().unwrap_or_default()),
            (path, true) => ("inquire", path.trim_start_matches("find/")),
            (path, false) => match path.strip_suffix("/cancel") {
                Some(tid) => ("cancel", tid),
                None => ("approve", path),
            },
        };
        self.asked.push(call);
        let how = self.planned(call);
        if how == Some(How::Before) {
            return Err(TransportError::NoAnswer("lost on its way there".to_owned()));
        }
        if self.lands_before == Some(call) {
            self.lands_before = None;
            self.orders
                .values_mut()
                .filter(|paid| paid.standing == Standing::Agreed)
                .for_each(|paid| paid.standing = Standing::Paid);
        }
        let answer = self.carry_out(call, key);
        match how {
            Some(_) => Err(TransportError::NoAnswer("lost on its way back".to_owned())),
            None => Ok(Response {
                status: StatusCode::OK,
                headers: HeaderMap::new(),
                body: answer.to_string().into(),
            }),
        }
    }

    fn planned(&mut self, call: &str) -> Option<How> {
        let plan = self.plans.iter_mut().find(|(of, _, times)| *of == call && *times > 0)?;
        plan.2 -= 1;
        Some(plan.1)
    }

    fn carry_out(&mut self, call: &str, key: &str) -> Value {
        let found = self
            .orders
            .iter_mut()
            .find(|(order, paid)| *order == key || paid.tid == key);
        let Some((order, paid)) = found else {
            return refusal("U333");
        };
        match (call, paid.standing) {
            ("approve", Standing::Agreed) => paid.standing = Standing::Paid,
            ("net cancel" | "cancel", Standing::Paid) => paid.standing = Standing::Canceled,
            ("net cancel" | "cancel", Standing::Canceled) => return refusal("2013"),
            (_, Standing::Agreed) => return refusal("A118"),
            _ => {}
        }
        view(order, paid)
    }
}

fn refusal(code: &str) -> Value {
    json!({ "resultCode": code, "resultMsg": "거래가 없거나 처리할 수 없습니다." })
}

fn view(order: &str, paid: &Paid) -> Value {
    let (status, balance) = match paid.standing {
        Standing::Canceled => ("cancelled", 0),
        _ => ("paid", paid.amount),
    };
    let canceled = json!([{ "tid": format!("{}C", &paid.tid[..29]), "amount": paid.amount,
        "cancelledAt": "2026-11-25T10:00:30.000+0900", "reason": "망취소" }]);
    json!({
        "resultCode": "0000", "resultMsg": "정상 처리되었습니다.", "tid": paid.tid, "orderId": order, "ediDate": EDI_DATE,
        "status": status, "paidAt": "2026-11-25T10:00:00.000+0900", "payMethod": "card", "amount": paid.amount,
        "balanceAmt": balance, "currency": "KRW", "signature": sign(&[&paid.tid, &paid.amount.to_string(), EDI_DATE]),
        "cancels": if balance == 0 { canceled } else { Value::Null },
    })
}

fn sign(parts: &[&str]) -> String {
    let text = format!("{}{SECRET_KEY}", parts.concat());
    let hash = digest::digest(&digest::SHA256, text.as_bytes());
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

//! The API for merchants' servers: who calls, test codes, repeated calls and faults are dealt with here,
//! once for every endpoint; the endpoints themselves only decide.

mod auth;
mod cancel;
mod confirm;
mod issue;
mod listings;
mod receipts;

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Map, Value};
use vocabulary::Money;

pub(crate) use cancel::cancel;
pub(crate) use confirm::{confirm, confirm_legacy, inquire, inquire_by_order};
pub(crate) use issue::{key_in, virtual_account};
pub(crate) use listings::{request_settlement, settlements, transactions};
pub(crate) use receipts::{cancel_receipt, issue_receipt, list_receipts};

use super::idempotency::{Answer, Identity, KEY_CHARS_MAX, Turn};
use super::merchant::{Merchant, Pair};
use super::payment::Payment;
use super::trouble::Trouble;
use super::wire::{self, Reader};
use super::{Code, Lang, Pg, notice};
use crate::faults::{self, Active, Break, NoticePlan, Operation, dates};

const TEST_CODE: HeaderName = HeaderName::from_static("tosspayments-test-code");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const FAULT: HeaderName = HeaderName::from_static("simulator-fault");

/// Who calls, in which language, and what is to go wrong.
pub(crate) struct Call {
    merchant: Arc<Merchant>,
    mid: Arc<str>,
    pair: Pair,
    lang: Lang,
    faults: Active,
}

/// An answer or a refusal, before it is written down.
pub(crate) type Verdict = Result<Bytes, Code>;

/// Which payment a call is about, so that it meets the faults that payment carries.
pub(crate) enum Subject<'a> {
    None,
    Key(&'a str),
    Order(&'a str),
    New { order_id: &'a str, amount: Money },
}

/// What `perform` needs to know of a request.
pub(crate) struct Ask<'a> {
    pub operation: Operation,
    pub subject: Subject<'a>,
    pub headers: &'a HeaderMap,
    /// Of a POST, for its idempotency key; empty for a GET.
    pub address: String,
}

impl Call {
    fn reader<'a>(&self, pg: &Pg, public_url: &'a str) -> Reader<'a> {
        Reader {
            lang: self.lang,
            now: pg.now(),
            public_url,
        }
    }

    fn payment_json(&self, pg: &Pg, payment: &Payment) -> Bytes {
        let public_url = pg.public_url();
        notice::json(&self.reader(pg, &public_url).payment(payment))
    }

    /// A merchant sees its own payments, and only with the pair of keys that opened them.
    fn owns(&self, payment: &Payment) -> Result<(), Code> {
        if payment.merchant.mid != self.merchant.mid {
            return Err(Code::NOT_FOUND_PAYMENT);
        }
        if payment.pair != self.pair {
            Err(Code::FORBIDDEN_REQUEST)
        } else {
            Ok(())
        }
    }
}

/// Carries a call through: key, test code, idempotency, faults before, the act, faults after.
pub(crate) async fn perform(pg: &Pg, ask: Ask<'_>, act: impl FnOnce(&Call) -> Verdict) -> Response {
    let lang = lang_of(ask.headers);
    let (merchant, pair, secret) = match auth::caller(pg, ask.headers) {
        Ok(caller) => caller,
        Err(code) => return refusal(code, lang),
    };
    if let Some(code) = forced(ask.headers, &secret) {
        return refusal(code, lang);
    }
    let running = match take_turn(pg, &ask, secret) {
        Ok(running) => running,
        Err(Early::Refused(code)) => return refusal(code, lang),
        Err(Early::Again(answer)) => return written(answer.status, answer.body),
    };
    let mid = pg.mid(&merchant);
    let faults = active_faults(pg, &ask, &mid);
    let told_early = faults.notices.early.then(|| order_of(pg, &ask.subject)).flatten();
    if let Some(response) = pg.0.line.before(&faults).await {
        return match faults.before {
            Some(Break::ServerError) => running.end(pg, broken(lang)),
            // Nobody looked at the call, so nothing is kept of it either.
            _ => response,
        };
    }
    let verdict = act(&Call {
        merchant,
        mid,
        pair,
        lang,
        faults,
    });
    let answer = match verdict {
        _ if faults.after == Some(Break::ServerError) => broken(lang),
        Ok(body) => Answer {
            status: StatusCode::OK,
            body: if faults.clock_skew { dates::skewed(&body) } else { body },
        },
        Err(code) => refused(code, lang),
    };
    if let Some(order_id) = told_early {
        pg.0.notices.deliver_early(&order_id).await;
    }
    let response = running.end(pg, answer);
    pg.0.line.after(&faults, response).await
}

/// A request with an idempotency key, from its start to its answer.
struct Running<'a> {
    pg: &'a Pg,
    identity: Option<Identity>,
}

enum Early {
    Refused(Code),
    Again(Answer),
}

fn take_turn<'a>(pg: &'a Pg, ask: &Ask, secret: String) -> Result<Running<'a>, Early> {
    let key = ask.headers.get(IDEMPOTENCY_KEY).filter(|_| !ask.address.is_empty());
    let Some(key) = key else {
        return Ok(Running { pg, identity: None });
    };
    let key = String::from_utf8_lossy(key.as_bytes()).into_owned();
    if key.is_empty() || key.chars().count() > KEY_CHARS_MAX {
        return Err(Early::Refused(Code::INVALID_IDEMPOTENCY_KEY));
    }
    let identity = (key, secret, ask.address.clone());
    match pg.answers().take_turn(&identity, pg.now()) {
        Turn::First => Ok(Running {
            pg,
            identity: Some(identity),
        }),
        Turn::Again(answer) => Err(Early::Again(answer)),
        Turn::StillRunning => Err(Early::Refused(Code::IDEMPOTENT_REQUEST_PROCESSING)),
    }
}

impl Running<'_> {
    fn end(mut self, pg: &Pg, answer: Answer) -> Response {
        if let Some(identity) = self.identity.take() {
            pg.answers().finish(&identity, answer.clone(), pg.now());
        }
        written(answer.status, answer.body)
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if let Some(identity) = &self.identity {
            self.pg.answers().give_up(identity);
        }
    }
}

/// The answer a test wants by header. Live keys have no such power.
fn forced(headers: &HeaderMap, secret: &str) -> Option<Code> {
    let wanted = headers.get(TEST_CODE).filter(|_| !secret.starts_with("live_"))?;
    let code = wanted.to_str().ok().and_then(Code::parse);
    Some(code.unwrap_or(Code::INVALID_TEST_CODE))
}

fn active_faults(pg: &Pg, ask: &Ask, mid: &Arc<str>) -> Active {
    let wanted = ask.headers.get(FAULT).and_then(|value| value.to_str().ok());
    let by_header = wanted
        .map(|value| faults::in_header(value, ask.operation))
        .unwrap_or_default();
    let key = match ask.subject {
        Subject::Key(key) => Some(Arc::from(key)),
        Subject::Order(order_id) => pg.with(NoticePlan::default(), |store, now| {
            store.of_order(mid, order_id, now).map(|payment| payment.key.clone())
        }),
        Subject::None | Subject::New { .. } => None,
    };
    let mut carried = pg.faults_for(ask.operation, key.as_deref());
    if let Subject::New { order_id, amount } = ask.subject {
        carried = carried.with(faults::draw(&mut Trouble::of(order_id, amount).plans, ask.operation));
    }
    by_header.with(carried)
}

fn order_of(pg: &Pg, subject: &Subject) -> Option<Arc<str>> {
    match subject {
        Subject::None => None,
        Subject::Key(key) => pg.with(NoticePlan::default(), |store, _| {
            store.peek(key).map(|payment| payment.order_id.clone())
        }),
        Subject::Order(order_id) | Subject::New { order_id, .. } => Some(Arc::from(*order_id)),
    }
}

fn lang_of(headers: &HeaderMap) -> Lang {
    let wanted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if wanted.trim_start().to_ascii_lowercase().starts_with("en") {
        Lang::En
    } else {
        Lang::Ko
    }
}

fn broken(lang: Lang) -> Answer {
    refused(Code::FAILED_INTERNAL_SYSTEM_PROCESSING, lang)
}

fn refused(code: Code, lang: Lang) -> Answer {
    let body = notice::json(&wire::Error {
        code: code.as_str(),
        message: code.message(lang),
    });
    Answer {
        status: code.status(),
        body,
    }
}

fn refusal(code: Code, lang: Lang) -> Response {
    let answer = refused(code, lang);
    written(answer.status, answer.body)
}

/// A refusal with words of the simulator's own.
fn refusal_saying(code: Code, message: &str) -> Response {
    written(
        code.status(),
        notice::json(&wire::Error {
            code: code.as_str(),
            message,
        }),
    )
}

fn written(status: StatusCode, body: Bytes) -> Response {
    let json = HeaderValue::from_static("application/json");
    (status, [(header::CONTENT_TYPE, json)], body).into_response()
}

/// A body as an object; an empty one is an empty object.
fn object(body: &[u8]) -> Result<Map<String, Value>, Code> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_slice(body).map_err(|_| Code::INVALID_REQUEST)
}

fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Result<&'a str, Code> {
    match object.get(name) {
        None | Some(Value::Null) => Err(Code::INVALID_REQUIRED_PARAM),
        Some(Value::String(text)) => Ok(text),
        Some(_) => Err(Code::INVALID_REQUEST),
    }
}

fn text_if_given<'a>(object: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Code> {
    match text(object, name) {
        Ok(text) => Ok(Some(text)),
        Err(Code::INVALID_REQUIRED_PARAM) => Ok(None),
        Err(code) => Err(code),
    }
}

fn given<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).filter(|value| !value.is_null())
}

impl Pg {
    fn mid(&self, merchant: &Merchant) -> Arc<str> {
        self.0
            .mids
            .get(&merchant.mid)
            .cloned()
            .unwrap_or_else(|| Arc::from(merchant.mid.as_str()))
    }
}

/// There is no such address, or not with this method.
pub(crate) async fn unknown(headers: HeaderMap) -> Response {
    refusal(Code::NOT_FOUND_HTTP_METHOD, lang_of(&headers))
}

/// Billing, brandpay, payouts, promotions: known addresses that nothing stands behind yet.
pub(crate) async fn not_simulated() -> Response {
    refusal_saying(
        Code::NOT_SUPPORTED_METHOD,
        "시뮬레이터가 아직 흉내 내지 않는 기능입니다. (not simulated yet: billing, brandpay, payouts, promotions)",
    )
}

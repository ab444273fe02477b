//! The API for merchants' servers: who calls and what is to go wrong is dealt with here, once for every endpoint;
//! the endpoints themselves only decide.

mod access;
mod cancel;
mod hooks;
mod listings;
mod payments;
mod receipts;

use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use vocabulary::{Duration, Timestamp};

pub use access::Tokens;
pub(crate) use access::issue_token;
pub(crate) use cancel::{cancel, net_cancel};
pub use hooks::Hook;
pub(crate) use hooks::{create_hook, delete_hook, list_hooks, update_hook};
pub(crate) use listings::{settlements, transactions};
pub(crate) use payments::{approve, check_amount, find, inquire};
pub use receipts::Receipts;
pub(crate) use receipts::{cancel_receipt, get_receipt, issue_receipt};

use super::fields::Fields;
use super::merchant::Merchant;
use super::payment::Payment;
use super::sign::sign;
use super::wire::{self, Reader};
use super::{Code, Pg, notice};
use crate::faults::{self, Active, CLOCK_SKEW, NoticePlan, Operation};

const FAULT: HeaderName = HeaderName::from_static("simulator-fault");

/// Who calls, and what is to go wrong.
pub(crate) struct Call {
    merchant: Arc<Merchant>,
    faults: Active,
    now: Timestamp,
    public_url: Arc<str>,
}

/// An answer or a refusal, before it is written down.
pub(crate) type Verdict = Result<Bytes, Code>;

/// Which payment a call is about, so that it meets the faults that payment carries.
pub(crate) enum Subject<'a> {
    None,
    Tid(&'a str),
    Order(&'a str),
}

/// What `perform` needs to know of a request.
pub(crate) struct Ask<'a> {
    pub operation: Operation,
    pub subject: Subject<'a>,
    pub headers: &'a HeaderMap,
}

impl Call {
    fn reader(&self) -> Reader<'_> {
        Reader {
            now: self.now,
            skew: if self.faults.clock_skew {
                CLOCK_SKEW
            } else {
                Duration::ZERO
            },
            public_url: &self.public_url,
        }
    }

    fn payment_json(&self, payment: &Payment) -> Bytes {
        notice::json(&self.reader().payment(payment))
    }

    /// A signature may be left out; one that is there is checked.
    fn check_signature(&self, fields: &Fields, parts: &[&str]) -> Result<(), Code> {
        let Some(given) = fields.get("signData") else {
            return Ok(());
        };
        let edi_date = fields.get("ediDate").unwrap_or_default();
        let parts = [parts, &[edi_date, &self.merchant.secret_key]].concat();
        if given.eq_ignore_ascii_case(&sign(&parts)) {
            Ok(())
        } else {
            Err(Code::SIGNATURE_WRONG)
        }
    }

    /// A merchant sees its own payments, and of them what was approved or refused.
    fn owns(&self, payment: &Payment) -> bool {
        payment.merchant.mid == self.merchant.mid
    }
}

/// Carries a call through: key, faults before, the act, faults after.
pub(crate) async fn perform(pg: &Pg, ask: Ask<'_>, act: impl FnOnce(&Call) -> Verdict) -> Response {
    let merchant = match access::caller(pg, ask.headers) {
        Ok(merchant) => merchant,
        Err(code) => return refusal(code),
    };
    let subject = subject(pg, &merchant, &ask.subject);
    let faults = active_faults(pg, &ask, subject.as_deref());
    if let Some(response) = pg.0.line.before(&faults).await {
        return response;
    }
    let answer = act(&Call {
        merchant,
        faults,
        now: pg.now(),
        public_url: pg.public_url(),
    });
    if let Some(payment) = subject.filter(|_| faults.notices.early) {
        pg.0.notices.deliver_early(&payment.order_id).await;
    }
    let response = match answer {
        Ok(body) => written(StatusCode::OK, body),
        Err(code) => refusal(code),
    };
    pg.0.line.after(&faults, response).await
}

/// The payment whose faults a call meets; also one that is not approved yet.
fn subject(pg: &Pg, merchant: &Merchant, subject: &Subject) -> Option<Arc<Payment>> {
    pg.with(NoticePlan::default(), |store, _| match subject {
        Subject::None => None,
        Subject::Tid(tid) => store.peek(tid).cloned(),
        Subject::Order(order_id) => {
            let mut payments = store.all_of_order(order_id);
            payments.retain(|payment| payment.merchant.mid == merchant.mid);
            payments.pop()
        }
    })
}

fn active_faults(pg: &Pg, ask: &Ask, subject: Option<&Payment>) -> Active {
    let wanted = ask.headers.get(FAULT).and_then(|value| value.to_str().ok());
    let by_header = wanted
        .map(|value| faults::in_header(value, ask.operation))
        .unwrap_or_default();
    by_header.with(pg.faults_for(ask.operation, subject))
}

pub(crate) fn refusal(code: Code) -> Response {
    written(code.status(), notice::json(&wire::Refusal::from(code)))
}

fn written(status: StatusCode, body: Bytes) -> Response {
    let json = HeaderValue::from_static("application/json;charset=utf-8");
    (status, [(header::CONTENT_TYPE, json)], body).into_response()
}

pub(crate) async fn no_such_address() -> Response {
    refusal(Code::NO_SUCH_ADDRESS)
}

pub(crate) async fn no_such_method() -> Response {
    refusal(Code::NO_SUCH_METHOD)
}

/// Billing, checkout pages, terms, promotions, card data: known addresses that nothing stands behind yet.
pub(crate) async fn not_simulated() -> Response {
    refusal(Code::NOT_SIMULATED)
}

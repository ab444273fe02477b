//! Approve and inquiry.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use serde_json::{Map, Value};

use super::{Ask, Call, Subject, Verdict, given, object, perform, text};
use crate::faults::{NoticePlan, Operation, WRONG_BY};
use crate::toss::payment::{Event, Status};
use crate::toss::{Code, Pg, amount, keys};

/// `POST /v1/payments/confirm {paymentKey, orderId, amount}`
pub(crate) async fn confirm(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    let object = object(&body);
    let key = object
        .as_ref()
        .ok()
        .and_then(|object| text(object, "paymentKey").ok())
        .unwrap_or_default()
        .to_owned();
    approve(&pg, &headers, "/v1/payments/confirm".to_owned(), &key, object).await
}

/// `POST /v1/payments/{paymentKey} {orderId, amount}`: how approving was spelt before; old clients still do.
pub(crate) async fn confirm_legacy(
    State(pg): State<Pg>,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    approve(&pg, &headers, format!("/v1/payments/{key}"), &key, object(&body)).await
}

async fn approve(
    pg: &Pg,
    headers: &HeaderMap,
    address: String,
    key: &str,
    body: Result<Map<String, Value>, Code>,
) -> Response {
    let ask = Ask {
        operation: Operation::Approve,
        subject: Subject::Key(key),
        headers,
        address,
    };
    perform(pg, ask, |call| {
        let body = body?;
        if key.is_empty() {
            return Err(Code::INVALID_REQUIRED_PARAM);
        }
        let order_id = text(&body, "orderId")?;
        let amount = given(&body, "amount").ok_or(Code::INVALID_REQUIRED_PARAM)?;
        pg.approve(call, key, order_id, amount)
    })
    .await
}

impl Pg {
    fn approve(&self, call: &Call, key: &str, order_id: &str, asked: &Value) -> Verdict {
        let event = Event::Approved {
            transaction: keys::transaction(self.now(), &self.0.chance),
            account_number: keys::account_number(&self.0.chance),
            receipt: keys::receipt(&self.0.chance),
            wrong_by: if call.faults.wrong_amount { WRONG_BY } else { 0 },
        };
        let payment = self.with(call.faults.notices, |store, now| {
            let payment = store.get(key, now).ok_or(Code::NOT_FOUND_PAYMENT)?;
            call.owns(&payment)?;
            if payment.order_id.as_ref() != order_id {
                return Err(Code::INVALID_REQUEST);
            }
            if payment.status == Status::InProgress {
                // A mistaken request is not a refused payment: it may still be confirmed rightly.
                if amount::from_json(asked, payment.total.currency) != Some(payment.total) {
                    return Err(Code::INVALID_REQUEST);
                }
                if store.order_is_taken(&call.mid, &payment.order_id, key) {
                    return Err(Code::DUPLICATED_ORDER_ID);
                }
                if let Some(code) = payment.trouble.refuse {
                    store.apply(key, Event::Refused(code), now)?;
                    return Err(code);
                }
            }
            store.apply(key, event, now)
        })?;
        Ok(call.payment_json(self, &payment))
    }
}

/// `GET /v1/payments/{paymentKey}`
pub(crate) async fn inquire(State(pg): State<Pg>, Path(key): Path<String>, headers: HeaderMap) -> Response {
    let ask = Ask {
        operation: Operation::Inquire,
        subject: Subject::Key(&key),
        headers: &headers,
        address: String::new(),
    };
    perform(&pg, ask, |call| {
        let found = pg.with(NoticePlan::default(), |store, now| store.get(&key, now));
        let payment = found.ok_or(Code::NOT_FOUND_PAYMENT)?;
        call.owns(&payment)?;
        Ok(call.payment_json(&pg, &payment))
    })
    .await
}

/// `GET /v1/payments/orders/{orderId}`
pub(crate) async fn inquire_by_order(
    State(pg): State<Pg>,
    Path(order_id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let subject = Subject::Order(&order_id);
    let ask = Ask {
        operation: Operation::Inquire,
        subject,
        headers: &headers,
        address: String::new(),
    };
    perform(&pg, ask, |call| {
        let found = pg.with(NoticePlan::default(), |store, now| {
            store.of_order(&call.mid, &order_id, now)
        });
        let payment = found.ok_or(Code::NOT_FOUND_PAYMENT)?;
        call.owns(&payment)?;
        Ok(call.payment_json(&pg, &payment))
    })
    .await
}

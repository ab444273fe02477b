//! Approve, inquiry, and the check of an amount. Source: the manual's "결제 승인", "거래 조회", "금액 검증".

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use serde::Serialize;

use super::{Ask, Call, Subject, Verdict, perform};
use crate::faults::{NoticePlan, Operation, WRONG_BY};
use crate::nice::fields::Fields;
use crate::nice::payment::{Event, Status};
use crate::nice::sign::sign;
use crate::nice::{Code, Pg, dates, notice};

/// `POST /v1/payments/{tid} {amount, ediDate?, signData?}`
pub(crate) async fn approve(
    State(pg): State<Pg>,
    Path(tid): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let ask = Ask {
        operation: Operation::Approve,
        subject: Subject::Tid(&tid),
        headers: &headers,
    };
    perform(&pg, ask, |call| pg.approve(call, &tid, &Fields::from_body(&body)?)).await
}

impl Pg {
    fn approve(&self, call: &Call, tid: &str, fields: &Fields) -> Verdict {
        let amount = fields.won("amount")?.ok_or(Code::FIELD_MISSING)?;
        call.check_signature(fields, &[tid, &amount.to_string()])?;
        let event = Event::Approved {
            numbers: self.numbers(&call.merchant.mid),
            wrong_by: if call.faults.wrong_amount { WRONG_BY } else { 0 },
        };
        let payment = self.with(call.faults.notices, |store, now| {
            let payment = store
                .get(tid, now)
                .filter(|payment| call.owns(payment))
                .ok_or(Code::NOTHING_FOUND)?;
            if payment.status == Status::Authenticated {
                // A mistaken request is not a refused payment: it may still be approved rightly.
                if amount != payment.amount.minor {
                    return Err(Code::AMOUNT_DIFFERS);
                }
                if store.order_is_taken(&call.merchant.mid, &payment.order_id, tid) {
                    return Err(Code::ORDER_PAID);
                }
                if let Some(code) = payment.trouble.refuse {
                    return store.apply(tid, Event::Refused(code), now);
                }
            }
            store.apply(tid, event, now)
        })?;
        Ok(call.payment_json(&payment))
    }
}

/// `GET /v1/payments/{tid}?ediDate=&signData=`
pub(crate) async fn inquire(
    State(pg): State<Pg>,
    Path(tid): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let ask = Ask {
        operation: Operation::Inquire,
        subject: Subject::Tid(&tid),
        headers: &headers,
    };
    perform(&pg, ask, |call| {
        let fields = Fields::parse(query.unwrap_or_default().as_bytes());
        call.check_signature(&fields, &[&tid])?;
        let found = pg.with(NoticePlan::default(), |store, now| store.get(&tid, now));
        let payment = found.filter(|payment| call.owns(payment) && payment.is_transaction());
        Ok(call.payment_json(payment.as_deref().ok_or(Code::NOTHING_FOUND)?))
    })
    .await
}

/// `GET /v1/payments/find/{orderId}?orderDate=YYYYMMDD`: the day, in Korea, of the approve or refusal.
pub(crate) async fn find(
    State(pg): State<Pg>,
    Path(order_id): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let ask = Ask {
        operation: Operation::Inquire,
        subject: Subject::Order(&order_id),
        headers: &headers,
    };
    perform(&pg, ask, |call| {
        let fields = Fields::parse(query.unwrap_or_default().as_bytes());
        let day = fields.needed("orderDate")?;
        if !dates::is_day(day) {
            return Err(Code::FIELD_NOT_OF_TYPE);
        }
        call.check_signature(&fields, &[&order_id])?;
        let found = pg.with(NoticePlan::default(), |store, now| {
            store.of_order(&call.merchant.mid, &order_id, now)
        });
        let payment = found.filter(|payment| {
            let at = payment.approved_at.or(payment.failed_at);
            at.is_some_and(|at| dates::day(at) == day)
        });
        Ok(call.payment_json(payment.as_deref().ok_or(Code::NOTHING_FOUND)?))
    })
    .await
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Checked {
    result_code: &'static str,
    result_msg: &'static str,
    is_valid: bool,
    edi_date: String,
    signature: String,
}

/// `POST /v1/check-amount/{tid} {amount}`: is it the amount of the window?
pub(crate) async fn check_amount(
    State(pg): State<Pg>,
    Path(tid): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let ask = Ask {
        operation: Operation::Other,
        subject: Subject::Tid(&tid),
        headers: &headers,
    };
    perform(&pg, ask, |call| {
        let fields = Fields::from_body(&body)?;
        let amount = fields.won("amount")?.ok_or(Code::FIELD_MISSING)?;
        call.check_signature(&fields, &[&tid, &amount.to_string()])?;
        let found = pg.with(NoticePlan::default(), |store, now| store.get(&tid, now));
        let payment = found.filter(|payment| call.owns(payment)).ok_or(Code::NOTHING_FOUND)?;
        let edi_date = call.reader().edi_date();
        Ok(notice::json(&Checked {
            result_code: Code::SUCCESS.as_str(),
            result_msg: Code::SUCCESS.message(),
            is_valid: payment.amount.minor == amount,
            signature: sign(&[&tid, &edi_date, &call.merchant.secret_key]),
            edi_date,
        }))
    })
    .await
}

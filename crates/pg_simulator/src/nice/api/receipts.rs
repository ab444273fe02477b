//! Cash receipts issued by themselves, without a payment here. Source: the manual's "현금영수증".

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use serde::Serialize;
use vocabulary::{Digits, Timestamp};

use super::{Ask, Call, Subject, perform};
use crate::faults::{NoticePlan, Operation};
use crate::nice::fields::Fields;
use crate::nice::keys::{self, Service};
use crate::nice::payment::ReceiptKind;
use crate::nice::sign::sign;
use crate::nice::{Code, Pg, dates, notice};

/// The oldest make room beyond this.
const RECEIPTS_MAX: usize = 50_000;
const ORDER_ID_BYTES_MAX: usize = 64;
const GOODS_NAME_BYTES_MAX: usize = 40;
const REASON_BYTES_MAX: usize = 100;

#[derive(Clone)]
struct Receipt {
    tid: Arc<str>,
    mid: String,
    order_id: String,
    goods_name: String,
    kind: ReceiptKind,
    amount: i64,
    left: i64,
    approve_number: String,
    at: Timestamp,
    cancelled_at: Option<Timestamp>,
}

#[derive(Default)]
pub struct Receipts {
    by_tid: HashMap<Arc<str>, Receipt>,
    ages: VecDeque<Arc<str>>,
}

impl Receipts {
    fn add(&mut self, receipt: Receipt) {
        self.ages.push_back(receipt.tid.clone());
        self.by_tid.insert(receipt.tid.clone(), receipt);
        if self.ages.len() > RECEIPTS_MAX
            && let Some(oldest) = self.ages.pop_front()
        {
            self.by_tid.remove(&oldest);
        }
    }

    pub fn contains(&self, tid: &str) -> bool {
        self.by_tid.contains_key(tid)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    result_code: &'static str,
    result_msg: &'static str,
    tid: &'a str,
    order_id: &'a str,
    status: &'static str,
    goods_name: &'a str,
    receipt_type: &'static str,
    amount: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    cancel_amt: Option<i64>,
    balance_amt: i64,
    approved_at: String,
    cancelled_at: String,
    approve_no: &'a str,
    receipt_url: String,
    edi_date: String,
    signature: String,
}

/// Supply, VAT, tax-free part and service charge, together the amount.
const PARTS: [&str; 4] = ["supplyAmt", "goodsVat", "taxFreeAmt", "serviceAmt"];

/// `POST /v1/receipt`
pub(crate) async fn issue_receipt(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    perform(&pg, ask(&headers), |call| {
        let fields = Fields::from_body(&body)?;
        let order_id = needed(&fields, "orderId", ORDER_ID_BYTES_MAX)?;
        let goods_name = needed(&fields, "goodsName", GOODS_NAME_BYTES_MAX)?;
        let amount = fields.won("amount")?.ok_or(Code::FIELD_MISSING)?;
        call.check_signature(&fields, &[&order_id, &amount.to_string()])?;
        check_parts(&fields, amount)?;
        let kind = ReceiptKind::parse(fields.needed("receiptType")?).ok_or(Code::FIELD_NOT_OF_LIST)?;
        check_number(&fields)?;
        let approve_number = keys::receipt_number(&pg.0.chance);
        let receipt = pg.with(NoticePlan::default(), |store, now| {
            let tid = pg.fresh_tid(store, &call.merchant.mid, Service::Receipt, now);
            let receipt = Receipt {
                tid: Arc::from(tid),
                mid: call.merchant.mid.clone(),
                order_id,
                goods_name,
                kind,
                amount,
                left: amount,
                approve_number,
                at: now,
                cancelled_at: None,
            };
            store.receipts.add(receipt.clone());
            receipt
        });
        Ok(view(call, &receipt, None))
    })
    .await
}

/// `POST /v1/receipt/{tid}/cancel`
pub(crate) async fn cancel_receipt(
    State(pg): State<Pg>,
    Path(tid): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    perform(&pg, ask(&headers), |call| {
        if call.merchant.sandbox {
            return Err(Code::SANDBOX_LACKS);
        }
        let fields = Fields::from_body(&body)?;
        needed(&fields, "orderId", ORDER_ID_BYTES_MAX)?;
        needed(&fields, "reason", REASON_BYTES_MAX)?;
        call.check_signature(&fields, &[&tid])?;
        let wanted = fields.won("cancelAmt")?;
        if let Some(wanted) = wanted {
            check_parts(&fields, wanted)?;
        }
        let (receipt, amount) = pg.with(NoticePlan::default(), |store, now| {
            let receipt = store.receipts.by_tid.get_mut(tid.as_str());
            let receipt = receipt.filter(|receipt| receipt.mid == call.merchant.mid);
            let receipt = receipt.ok_or(Code::NO_TRANSACTION)?;
            if receipt.left == 0 {
                return Err(Code::ALREADY_CANCELLED);
            }
            let year = |at| dates::in_korea(at).year();
            if year(receipt.at) != year(now) {
                return Err(Code::CANCEL_TOO_LATE);
            }
            let amount = wanted.unwrap_or(receipt.left);
            if amount <= 0 {
                return Err(Code::NOT_POSITIVE);
            }
            if amount > receipt.left {
                return Err(Code::MORE_THAN_LEFT);
            }
            receipt.left -= amount;
            receipt.cancelled_at = Some(now);
            Ok((receipt.clone(), amount))
        })?;
        Ok(view(call, &receipt, Some(amount)))
    })
    .await
}

/// `GET /v1/receipt/{tid}`
pub(crate) async fn get_receipt(State(pg): State<Pg>, Path(tid): Path<String>, headers: HeaderMap) -> Response {
    perform(&pg, ask(&headers), |call| {
        let found = pg.with(NoticePlan::default(), |store, _| {
            store.receipts.by_tid.get(tid.as_str()).cloned()
        });
        let receipt = found.filter(|receipt| receipt.mid == call.merchant.mid);
        Ok(view(call, &receipt.ok_or(Code::NOTHING_FOUND)?, None))
    })
    .await
}

fn ask(headers: &HeaderMap) -> Ask<'_> {
    Ask {
        operation: Operation::Other,
        subject: Subject::None,
        headers,
    }
}

fn needed(fields: &Fields, name: &str, bytes_max: usize) -> Result<String, Code> {
    fields.text(name, bytes_max)?.ok_or(Code::FIELD_MISSING)
}

fn check_parts(fields: &Fields, amount: i64) -> Result<(), Code> {
    let mut sum = 0;
    for name in PARTS {
        sum += fields.won(name)?.ok_or(Code::FIELD_MISSING)?;
    }
    if sum == amount { Ok(()) } else { Err(Code::SUM_WRONG) }
}

/// A phone's ten or eleven digits, or a business number's ten.
fn check_number(fields: &Fields) -> Result<(), Code> {
    let number = Digits::parse(fields.needed("receiptNo")?).ok_or(Code::FIELD_NOT_OF_TYPE)?;
    if matches!(number.reveal_for("the tax office's check").len(), 10 | 11) {
        Ok(())
    } else {
        Err(Code::FIELD_NOT_OF_TYPE)
    }
}

fn view(call: &Call, receipt: &Receipt, cancelled: Option<i64>) -> Bytes {
    let reader = call.reader();
    let edi_date = reader.edi_date();
    let secret = &call.merchant.secret_key;
    notice::json(&View {
        result_code: Code::SUCCESS.as_str(),
        result_msg: Code::SUCCESS.message(),
        tid: &receipt.tid,
        order_id: &receipt.order_id,
        status: match receipt.left {
            0 => "cancelRequested",
            _ => "issueRequested",
        },
        goods_name: &receipt.goods_name,
        receipt_type: receipt.kind.as_str(),
        amount: receipt.amount,
        cancel_amt: cancelled,
        balance_amt: receipt.left,
        approved_at: reader.moment(receipt.at),
        cancelled_at: receipt
            .cancelled_at
            .map_or_else(|| "0".to_owned(), |at| reader.moment(at)),
        approve_no: &receipt.approve_number,
        receipt_url: reader.receipt_url(&receipt.tid),
        signature: sign(&[&receipt.tid, &receipt.order_id, &edi_date, secret]),
        edi_date,
    })
}

//! Cash receipts without a payment. Source: "현금영수증 API" (2022-07-27 and later).

use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value};
use vocabulary::{Currency, Money};

use super::{Ask, Call, Subject, Verdict, given, object, perform, text};
use crate::faults::{NoticePlan, Operation};
use crate::toss::receipts::{Receipt, View};
use crate::toss::window::fields::Fields;
use crate::toss::window::params;
use crate::toss::{Code, Pg, amount, calendar, keys, notice};

const LIMIT_DEFAULT: usize = 100;
const LIMIT_MAX: usize = 10_000;

fn ask<'a>(headers: &'a HeaderMap, address: &str) -> Ask<'a> {
    Ask {
        operation: Operation::Other,
        subject: Subject::None,
        headers,
        address: address.to_owned(),
    }
}

/// `POST /v1/cash-receipts`
pub(crate) async fn issue_receipt(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    perform(&pg, ask(&headers, "/v1/cash-receipts"), |call| {
        pg.issue_receipt(call, &object(&body)?)
    })
    .await
}

/// `POST /v1/cash-receipts/{receiptKey}/cancel {amount?}`
pub(crate) async fn cancel_receipt(
    State(pg): State<Pg>,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let address = format!("/v1/cash-receipts/{key}/cancel");
    perform(&pg, ask(&headers, &address), |call| {
        let amount = won(&object(&body)?, "amount")?;
        let ids = keys::receipt(&pg.0.chance);
        let cancel = pg.with(NoticePlan::default(), |store, now| {
            store.receipts.cancel(&call.mid, &key, amount, ids.key, now)
        })?;
        Ok(view(&pg, call, &cancel))
    })
    .await
}

/// `GET /v1/cash-receipts?requestDate=yyyy-MM-dd&cursor=&limit=`
pub(crate) async fn list_receipts(State(pg): State<Pg>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    perform(&pg, ask(&headers, ""), |call| {
        let fields = Fields::parse(query.unwrap_or_default().as_bytes());
        let day = fields.needed("requestDate")?;
        calendar::date(day).ok_or(Code::INVALID_DATE)?;
        let number = |name: &str| {
            fields
                .get(name)
                .map(|text| text.parse::<usize>().map_err(|_| Code::INVALID_REQUEST))
        };
        let limit = number("limit").transpose()?.unwrap_or(LIMIT_DEFAULT);
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(Code::EXCEED_MAX_QUERY_LIMIT);
        }
        let start = number("cursor").transpose()?.unwrap_or(0);
        let mut page: Vec<Receipt> = pg.with(NoticePlan::default(), |store, _| {
            store
                .receipts
                .of_day(&call.mid, day)
                .skip(start)
                .take(limit + 1)
                .cloned()
                .collect()
        });
        let has_next = page.len() > limit;
        page.truncate(limit);
        let public_url = pg.public_url();
        let reader = call.reader(&pg, &public_url);
        let data = page.iter().map(|receipt| receipt.view(&reader)).collect();
        Ok(notice::json(&Page {
            has_next,
            last_cursor: start + page.len(),
            data,
        }))
    })
    .await
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    has_next: bool,
    last_cursor: usize,
    data: Vec<View<'a>>,
}

impl Pg {
    fn issue_receipt(&self, call: &Call, body: &Map<String, Value>) -> Verdict {
        let amount = won(body, "amount")?.ok_or(Code::INVALID_REQUIRED_PARAM)?;
        let tax_free = won(body, "taxFreeAmount")?.unwrap_or(Money::krw(0));
        let (order_id, order_name) = (text(body, "orderId")?, text(body, "orderName")?);
        params::check_order(order_id, order_name)?;
        let kind = params::receipt_kind(text(body, "type")?)?.ok_or(Code::INVALID_REQUEST)?;
        let identity = text(body, "customerIdentityNumber").or_else(|_| text(body, "registrationNumber"))?;
        let is_number = (1..=30).contains(&identity.len()) && identity.bytes().all(|byte| byte.is_ascii_digit());
        let parts_fit = (0..=amount.minor).contains(&tax_free.minor);
        if !is_number || !amount.is_positive() || !parts_fit {
            return Err(Code::INVALID_REQUEST);
        }
        let ids = keys::receipt(&self.0.chance);
        let receipt = Receipt {
            key: ids.key,
            mid: call.mid.clone(),
            issue_number: ids.issue_number,
            kind,
            order_id: order_id.to_owned(),
            order_name: order_name.to_owned(),
            identity: identity.to_owned(),
            amount,
            tax_free,
            at: self.now(),
            cancels: None,
        };
        // As at the PG, neither the order nor a second receipt for it is checked.
        self.with(NoticePlan::default(), |store, _| store.receipts.add(receipt.clone()));
        Ok(view(self, call, &receipt))
    }
}

fn view(pg: &Pg, call: &Call, receipt: &Receipt) -> Bytes {
    let public_url = pg.public_url();
    notice::json(&receipt.view(&call.reader(pg, &public_url)))
}

fn won(body: &Map<String, Value>, name: &str) -> Result<Option<Money>, Code> {
    let Some(value) = given(body, name) else {
        return Ok(None);
    };
    amount::from_json(value, Currency::KRW)
        .map(Some)
        .ok_or(Code::INVALID_REQUEST)
}

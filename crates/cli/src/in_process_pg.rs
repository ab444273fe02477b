//! A PG that is no PG: approves at once whatever it is asked, in this process. For measuring what
//! NaruPay itself costs; hidden behind `serve --pg-in-process`, which live keys refuse.

use bytes::Bytes;
use connectors::http::{Request, Response, Transport, TransportError};
use futures_util::future::BoxFuture;
use http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

pub struct InProcessPg;

/// What an approve asks.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ask {
    payment_key: String,
    order_id: String,
    amount: Value,
}

impl Transport for InProcessPg {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        let (status, body) = answer(&request);
        Box::pin(async move {
            Ok(Response {
                status,
                headers: HeaderMap::new(),
                body: Bytes::from(body.to_string()),
            })
        })
    }
}

fn answer(request: &Request) -> (StatusCode, Value) {
    let approves = request.method == Method::POST && request.url.ends_with("/v1/payments/confirm");
    match serde_json::from_slice::<Ask>(&request.body) {
        Ok(ask) if approves => (StatusCode::OK, approved(&ask)),
        _ => {
            let code = json!({ "code": "NOT_FOUND_PAYMENT", "message": "존재하지 않는 결제 정보 입니다." });
            (StatusCode::NOT_FOUND, code)
        }
    }
}

/// As long as a real answer's parts that are read.
fn approved(ask: &Ask) -> Value {
    json!({
        "mId": "tnarupay000000",
        "version": "2022-11-16",
        "paymentKey": ask.payment_key,
        "orderId": ask.order_id,
        "orderName": "측정",
        "status": "DONE",
        "currency": "KRW",
        "totalAmount": ask.amount,
        "balanceAmount": ask.amount,
        "method": "카드",
        "requestedAt": "2026-11-25T10:00:00+09:00",
        "approvedAt": "2026-11-25T10:00:05+09:00",
        "lastTransactionKey": ask.payment_key,
        "isPartialCancelable": true,
        "cancels": null,
        "card": {
            "issuerCode": "61",
            "number": "43301234****123*",
            "installmentPlanMonths": 0,
            "isInterestFree": false,
            "approveNo": "00000000",
        },
        "receipt": { "url": "https://dashboard.tosspayments.com/receipt" },
    })
}

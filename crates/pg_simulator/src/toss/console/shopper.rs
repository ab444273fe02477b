//! The window without a browser: what a shop's page hands to the script goes in, and what the browser
//! would come back with comes out. Every simulated PG answers at this address in this shape.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{answer, refused};
use crate::toss::Pg;
use crate::toss::window::fields::Fields;
use crate::toss::window::params::WindowRequest;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Visit {
    /// What the script is called with: `{clientKey, customerKey, request}`.
    parameters: Map<String, Value>,
    #[serde(default)]
    outcome: Outcome,
}

#[derive(Default, Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    #[default]
    Approve,
    Decline,
    Close,
}

pub(super) async fn visit(State(pg): State<Pg>, body: Bytes) -> Response {
    let Ok(visit) = serde_json::from_slice::<Visit>(&body) else {
        return answer(Err((StatusCode::BAD_REQUEST, "INVALID_JSON")));
    };
    let fields = flat(&visit.parameters);
    let come_back = |pairs: &[(&str, &str)]| {
        let back: BTreeMap<&str, &str> = pairs.iter().copied().collect();
        Ok(json!({ "return": back }))
    };
    let order_id = fields.get("orderId").unwrap_or_default().to_owned();
    answer(match visit.outcome {
        Outcome::Decline => come_back(&[
            ("code", "REJECT_CARD_COMPANY"),
            ("message", "시험 거절"),
            ("orderId", &order_id),
        ]),
        Outcome::Close => come_back(&[("code", "PAY_PROCESS_CANCELED"), ("message", "시험 창 닫기")]),
        Outcome::Approve => agree(&pg, &fields)
            .and_then(|(key, amount)| come_back(&[("paymentKey", &key), ("orderId", &order_id), ("amount", &amount)])),
    })
}

/// The payment key, and the amount as the browser's address says it.
fn agree(pg: &Pg, fields: &Fields) -> Result<(String, String), (StatusCode, &'static str)> {
    let request = WindowRequest::parse(fields).map_err(refused)?;
    let amount = fields.get("amount").unwrap_or_default().to_owned();
    let key = pg.authenticate_with(request, fields).map_err(refused)?;
    Ok((key, amount))
}

/// The script's nested parameters as the window's flat fields.
fn flat(parameters: &Map<String, Value>) -> Fields {
    let inner = |name: &str| match parameters.get("request").and_then(|request| request.get(name)) {
        Some(Value::Object(inner)) => inner.clone(),
        _ => Map::new(),
    };
    let (amount, card) = (inner("amount"), inner("card"));
    let mut fields = Map::new();
    let mut put = |name: &str, value: Option<&Value>| {
        if let Some(value @ (Value::String(_) | Value::Number(_) | Value::Bool(_))) = value {
            fields.insert(name.to_owned(), value.clone());
        }
    };
    if let Some(Value::Object(request)) = parameters.get("request") {
        for (name, value) in request.iter().chain(&card) {
            put(name, Some(value));
        }
    }
    put("clientKey", parameters.get("clientKey"));
    put("amount", amount.get("value"));
    put("currency", amount.get("currency"));
    Fields::from_json(&fields)
}

//! The description of the API, made from the code. What every operation has in common is added here, once.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use crate::api::{cancels, events, payments, pgs, receipts, test_help, webhooks, work_list};
use crate::problem::{Code, ProblemView};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "NaruPay",
        version = "2026-11-25",
        description = "Payments of one shop through its PGs. Secret keys as Bearer token, or as Basic user name with an \
                       empty password; test and live data are apart. Every POST carries an Idempotency-Key: the same \
                       key and body get the first answer again. Amounts are whole numbers in the currency's smallest \
                       unit, times are RFC 3339. Errors are RFC 9457 problems; branch on `code`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(
        payments::create_payment,
        payments::list_payments,
        payments::get_payment,
        payments::get_payment_by_order,
        payments::confirm_payment,
        payments::refuse_payment,
        payments::sync_payment,
        work_list::list_work,
        cancels::cancel_payment,
        receipts::issue_cash_receipt,
        events::list_events,
        events::get_event,
        webhooks::create_webhook_endpoint,
        webhooks::list_webhook_endpoints,
        webhooks::get_webhook_endpoint,
        webhooks::update_webhook_endpoint,
        webhooks::delete_webhook_endpoint,
        webhooks::rotate_webhook_secret,
        webhooks::list_webhook_deliveries,
        webhooks::get_webhook_delivery,
        webhooks::replay_webhook_delivery,
        pgs::list_pgs,
        test_help::test_deposit,
        test_help::test_pay,
    ),
    components(schemas(ProblemView)),
    tags(
        (name = "payments", description = "What shoppers owe, and what became of it"),
        (name = "events", description = "What happened, as webhooks tell it"),
        (name = "webhooks", description = "Where events are sent, and what was sent"),
        (name = "pgs", description = "The shop's contracts with PGs"),
        (name = "test", description = "Shoppers and banks without browsers, for tests")
    )
)]
struct Api;

/// OpenAPI 3.1.
pub fn openapi() -> Value {
    let mut api = serde_json::to_value(Api::openapi()).unwrap_or_default();
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.info().code).collect();
    api["components"]["schemas"]["Problem"]["properties"]["code"]["enum"] = json!(codes);
    api["components"]["securitySchemes"] = json!({
        "secretKey": { "type": "http", "scheme": "bearer", "description": "sk_test_… or sk_live_…" },
        "secretKeyAsUser": { "type": "http", "scheme": "basic", "description": "The secret key as user name, no password" },
    });
    api["security"] = json!([{ "secretKey": [] }, { "secretKeyAsUser": [] }]);
    let schemas = api["components"]["schemas"].clone();
    for (path, item) in api["paths"].as_object_mut().into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            add_what_all_have(path, method, operation);
            allow_no_body(operation, &schemas);
        }
    }
    api
}

static TEXT: LazyLock<String> = LazyLock::new(|| {
    let mut text = serde_json::to_string_pretty(&openapi()).unwrap_or_default();
    text.push('\n');
    text
});

/// As `/openapi.json` serves it and `docs/openapi.json` holds it.
pub fn openapi_json() -> &'static str {
    &TEXT
}

fn add_what_all_have(path: &str, method: &str, operation: &mut Value) {
    let parameters = operation["parameters"].take();
    let mut parameters: Vec<Value> = parameters.as_array().cloned().unwrap_or_default();
    if method == "post" {
        parameters.push(json!({
            "name": "Idempotency-Key", "in": "header", "required": true,
            "description": "New for new work, the same when repeated; remembered for at least 24 hours.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" },
            "example": "order-20261125-0001-pay",
        }));
    }
    parameters.push(json!({
        "name": "Naru-Version", "in": "header", "required": false,
        "description": "Version of the API; the newest unless given.",
        "schema": { "type": "string", "enum": ["2026-11-25"] },
    }));
    parameters.push(json!({
        "name": "Accept-Language", "in": "header", "required": false,
        "description": "`ko` for Korean texts in problems, else English.",
        "schema": { "type": "string" },
    }));
    operation["parameters"] = Value::Array(parameters);
    let Some(responses) = operation["responses"].as_object_mut() else {
        return;
    };
    for (status, response) in responses.iter_mut() {
        response["headers"] = headers(method == "post" && status.starts_with('2'));
    }
    for status in problem_statuses(path, method) {
        responses.insert(status.to_string(), problem(status));
    }
}

/// Where nothing must be said, an empty body says it.
fn allow_no_body(operation: &mut Value, schemas: &Value) {
    let reference = operation
        .pointer("/requestBody/content/application~1json/schema/$ref")
        .and_then(Value::as_str);
    let name = reference
        .and_then(|reference| reference.rsplit('/').next())
        .map(str::to_owned);
    if name.is_some_and(|name| schemas[&name]["required"].is_null()) {
        operation["requestBody"]["required"] = json!(false);
    }
}

fn problem_statuses(path: &str, method: &str) -> Vec<u16> {
    let mut statuses = vec![400, 401, 405, 406, 429, 500, 503];
    if path.contains('{') {
        statuses.push(404);
    }
    if matches!(method, "post" | "patch") {
        statuses.extend([408, 409, 413, 415, 422]);
    }
    if method == "delete" {
        statuses.extend([409, 422]);
    }
    if path.starts_with("/v1/test/") {
        statuses.push(403);
    }
    statuses
}

fn problem(status: u16) -> Value {
    let codes = Code::ALL
        .iter()
        .map(|code| code.info())
        .filter(|info| info.status == status);
    let list: Vec<String> = codes
        .map(|info| format!("`{}`: {}.", info.code, info.title_en))
        .collect();
    let mut headers = headers(false);
    if matches!(status, 409 | 429 | 503) {
        headers["Retry-After"] = json!({ "description": "Seconds after which to ask again, where that helps.", "schema": { "type": "integer" } });
    }
    json!({
        "description": list.join("\n"),
        "headers": headers,
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
    })
}

fn headers(replayable: bool) -> Value {
    let mut headers = Map::new();
    headers.insert(
        "Request-Id".into(),
        json!({ "description": "Names the request in our log.", "schema": { "type": "string" } }),
    );
    headers.insert(
        "Server-Timing".into(),
        json!({ "description": "Milliseconds: total, waiting for the PG, our own.", "schema": { "type": "string" } }),
    );
    if replayable {
        headers.insert(
            "Idempotent-Replay".into(),
            json!({ "description": "`true`: this is the first answer to this key, again.", "schema": { "type": "string", "enum": ["true"] } }),
        );
    }
    Value::Object(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_says_all_it_may_answer() {
        let api = openapi();
        assert_eq!(api["openapi"], "3.1.0");
        let mut names = Vec::new();
        for (path, item) in api["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let name = operation["operationId"].as_str().unwrap();
                assert!(
                    operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()),
                    "{name} has no summary"
                );
                assert!(operation["responses"]["401"].is_object(), "{method} {path}");
                names.push(name.to_owned());
            }
        }
        names.sort();
        let all = names.len();
        names.dedup();
        assert_eq!((names.len(), all), (24, 24));
    }

    /// A reference that leads nowhere breaks every generator.
    #[test]
    fn every_reference_leads_somewhere() {
        fn look(value: &Value, api: &Value) {
            match value {
                Value::Object(map) => {
                    if let Some(Value::String(path)) = map.get("$ref") {
                        assert!(api.pointer(path.trim_start_matches('#')).is_some(), "{path}");
                    }
                    map.values().for_each(|value| look(value, api));
                }
                Value::Array(items) => items.iter().for_each(|value| look(value, api)),
                _ => {}
            }
        }
        let api = openapi();
        look(&api, &api);
    }
}

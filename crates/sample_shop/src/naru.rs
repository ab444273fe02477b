use std::time::Duration;

use reqwest::header::{ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Client, Method, Response, StatusCode};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use vocabulary::Secret;

use crate::words::Lang;

/// NaruPay's public API, as much of it as this shop needs.
pub struct Naru {
    http: Client,
    base: String,
    key: Secret<String>,
}

#[derive(Debug, Error)]
pub enum Error {
    /// A definite no: nothing was done. `detail` is written for people, in the language asked for.
    #[error("NaruPay refused with {code}")]
    Refused { code: String, detail: String },
    /// No clear answer. Asking again with the same key is safe.
    #[error("NaruPay gave no answer: {0}")]
    Unavailable(String),
}

const VERSION: &str = "2026-11-25";
const CONNECT_MS_MAX: u64 = 2_000;
/// Reads are for pages: rather an older state shown soon than a page that hangs.
const READ_MS_MAX: u64 = 3_000;
/// Opening a payment asks no PG, and a shopper waits.
const CREATE_MS_MAX: u64 = 10_000;
/// A PG may take its time to approve or to refund.
const WRITE_MS_MAX: u64 = 40_000;
const ANSWER_BYTES_MAX: usize = 256 * 1024;
const DETAIL_CHARS_MAX: usize = 300;

/// What to ask for; amounts in won.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatePaymentBody<'a> {
    pub order_id: &'a str,
    pub order_name: &'a str,
    pub amount: i64,
    pub tax_free_amount: i64,
    pub confirm: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instalment_months_max: Option<u8>,
    pub return_url: &'a str,
    pub customer: CustomerBody<'a>,
}

#[derive(Serialize)]
pub struct CustomerBody<'a> {
    pub name: &'a str,
    pub email: &'a str,
    pub phone: &'a str,
}

/// Without an amount: all that is left.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CancelBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_free_amount: Option<i64>,
    pub reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refund_account: Option<RefundAccountBody<'a>>,
}

#[derive(Serialize)]
pub struct RefundAccountBody<'a> {
    pub bank: &'a str,
    pub number: &'a str,
    pub holder: &'a str,
}

/// A payment as NaruPay shows it; the rest of its fields is not needed here.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaymentView {
    pub id: String,
    pub order_id: String,
    pub status: String,
    pub amount: i64,
    pub currency: String,
    pub balance: i64,
    pub method: Option<String>,
    pub checkout_url: Option<String>,
    pub receipt_url: Option<String>,
    pub virtual_account: Option<VirtualAccountView>,
    #[serde(default)]
    pub attempts: Vec<AttemptView>,
    #[serde(default)]
    pub cancels: Vec<CancelView>,
    /// Grows with every change; an older view must not undo a newer one.
    pub version: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VirtualAccountView {
    pub bank: String,
    pub number: String,
    pub holder: String,
    pub due_at: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
pub struct AttemptView {
    pub id: String,
    pub status: String,
}

#[derive(Debug, Clone, Deserialize)]
pub struct CancelView {
    pub status: String,
}

/// Body of a webhook.
#[derive(Debug, Deserialize)]
pub struct EventBody {
    #[serde(rename = "type")]
    pub kind: String,
    pub data: PaymentView,
}

#[derive(Deserialize)]
pub struct EndpointView {
    pub id: String,
    pub url: String,
}

#[derive(Deserialize)]
struct Page<T> {
    items: Vec<T>,
}

#[derive(Deserialize)]
struct WithSecret {
    secret: String,
}

#[derive(Deserialize)]
struct ProblemView {
    #[serde(default)]
    code: String,
    #[serde(default)]
    detail: String,
}

impl Naru {
    pub fn new(base: String, key: Secret<String>) -> Naru {
        let http = Client::builder()
            .connect_timeout(Duration::from_millis(CONNECT_MS_MAX))
            .redirect(reqwest::redirect::Policy::none())
            // NaruPay is the shop's own; the way to it leads through nobody's proxy.
            .no_proxy()
            .build()
            .expect("the TLS library starts");
        Naru { http, base, key }
    }

    /// `body` is the JSON of a `CreatePaymentBody`: kept by the order, so that a repeat is the same to the byte.
    pub async fn create_payment(&self, body: String, key: &str, lang: Lang) -> Result<PaymentView, Error> {
        let request = self.posting("/v1/payments", body, key, lang);
        read(request.timeout(Duration::from_millis(CREATE_MS_MAX)).send().await).await
    }

    pub async fn payment_by_order(&self, order_id: &str) -> Result<PaymentView, Error> {
        self.get(&format!("/v1/orders/{order_id}/payment")).await
    }

    /// Sell: let the approval go on.
    pub async fn confirm_payment(&self, payment_id: &str, key: &str) -> Result<PaymentView, Error> {
        let path = format!("/v1/payments/{payment_id}/confirm");
        self.post(&path, String::from("{}"), key, Lang::Ko).await
    }

    /// Do not sell: nothing is charged.
    pub async fn refuse_payment(&self, payment_id: &str, key: &str) -> Result<PaymentView, Error> {
        let path = format!("/v1/payments/{payment_id}/refuse");
        self.post(&path, String::from("{}"), key, Lang::Ko).await
    }

    pub async fn cancel_payment(
        &self,
        payment_id: &str,
        body: &CancelBody<'_>,
        key: &str,
        lang: Lang,
    ) -> Result<PaymentView, Error> {
        let path = format!("/v1/payments/{payment_id}/cancel");
        self.post(&path, json(body), key, lang).await
    }

    pub async fn webhook_endpoints(&self) -> Result<Vec<EndpointView>, Error> {
        Ok(self.get::<Page<EndpointView>>("/v1/webhook-endpoints").await?.items)
    }

    pub async fn create_webhook_endpoint(&self, url: &str, key: &str) -> Result<Secret<String>, Error> {
        let body = json(&serde_json::json!({ "url": url, "types": EVENT_TYPES }));
        let made: WithSecret = self.post("/v1/webhook-endpoints", body, key, Lang::Ko).await?;
        Ok(Secret::new(made.secret))
    }

    pub async fn rotate_webhook_secret(&self, id: &str, key: &str) -> Result<Secret<String>, Error> {
        let path = format!("/v1/webhook-endpoints/{id}/rotate-secret");
        let made: WithSecret = self
            .post(&path, String::from(r#"{"overlapHours":1}"#), key, Lang::Ko)
            .await?;
        Ok(Secret::new(made.secret))
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        let request = self
            .request(Method::GET, path)
            .timeout(Duration::from_millis(READ_MS_MAX));
        read(request.send().await).await
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: String, key: &str, lang: Lang) -> Result<T, Error> {
        let request = self.posting(path, body, key, lang);
        read(request.timeout(Duration::from_millis(WRITE_MS_MAX)).send().await).await
    }

    fn posting(&self, path: &str, body: String, key: &str, lang: Lang) -> reqwest::RequestBuilder {
        self.request(Method::POST, path)
            .header("Idempotency-Key", key)
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT_LANGUAGE, lang.code())
            .body(body)
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let key = self.key.reveal_for("calling NaruPay");
        self.http
            .request(method, format!("{}{path}", self.base))
            .header(AUTHORIZATION, format!("Bearer {key}"))
            .header("Naru-Version", VERSION)
    }
}

/// What this shop acts on or shows.
const EVENT_TYPES: [&str; 12] = [
    "payment.created",
    "payment.awaits_confirm",
    "payment.confirming",
    "payment.waiting_for_deposit",
    "payment.done",
    "payment.attempt_failed",
    "payment.aborted",
    "payment.expired",
    "payment.partial_canceled",
    "payment.canceled",
    "payment.cancel_failed",
    "payment.deposit_taken_back",
];

pub fn json(body: &impl Serialize) -> String {
    // Bodies are structs of strings and numbers, which always have a JSON form.
    serde_json::to_string(body).unwrap_or_default()
}

async fn read<T: DeserializeOwned>(sent: reqwest::Result<Response>) -> Result<T, Error> {
    let response = sent.map_err(unavailable)?;
    let status = response.status();
    let body = bounded(response).await?;
    if status.is_success() {
        return serde_json::from_slice(&body).map_err(|error| Error::Unavailable(format!("unreadable: {error}")));
    }
    match serde_json::from_slice::<ProblemView>(&body) {
        Ok(problem) if problem.code == "idempotency_key_in_use" => Err(Error::Unavailable(problem.code)),
        Ok(problem) if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS => Err(Error::Refused {
            code: problem.code,
            detail: problem.detail.chars().take(DETAIL_CHARS_MAX).collect(),
        }),
        _ => Err(Error::Unavailable(format!("status {status}"))),
    }
}

async fn bounded(mut response: Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unavailable)? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(Error::Unavailable(String::from("the answer is too long")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn unavailable(error: reqwest::Error) -> Error {
    Error::Unavailable(error.without_url().to_string())
}

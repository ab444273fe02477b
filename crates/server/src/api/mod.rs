//! What shops call. Handlers are thin: shape, meaning, view.

pub(crate) mod bodies;
pub(crate) mod cancels;
pub(crate) mod events;
pub(crate) mod payments;
pub(crate) mod pgs;
mod query;
pub(crate) mod receipts;
pub(crate) mod test_help;
pub(crate) mod webhooks;
pub(crate) mod work_list;

use std::str::FromStr;
use std::sync::Arc;

use ::payments::Payment;
use axum::Router;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use flows::view::PaymentView;
use flows::{Answer, App, Error, Render, Replied, ShopSide};
use serde::Serialize;
use vocabulary::{DeliveryId, EndpointId, EventId, PaymentId};

pub(crate) use query::Parameters;

use crate::Server;
use crate::problem::{Problem, not_found};
use crate::request::Context;

const IDEMPOTENT_REPLAY: HeaderName = HeaderName::from_static("idempotent-replay");

/// Every route, with the path of its operation in the OpenAPI description.
pub(crate) fn routes() -> Router<Server> {
    Router::new()
        .route(
            "/v1/payments",
            get(payments::list_payments).post(payments::create_payment),
        )
        .route("/v1/payments/{paymentId}", get(payments::get_payment))
        .route("/v1/orders/{orderId}/payment", get(payments::get_payment_by_order))
        .route("/v1/payments/{paymentId}/confirm", post(payments::confirm_payment))
        .route("/v1/payments/{paymentId}/refuse", post(payments::refuse_payment))
        .route("/v1/payments/{paymentId}/sync", post(payments::sync_payment))
        .route("/v1/payments/{paymentId}/cancel", post(cancels::cancel_payment))
        .route(
            "/v1/payments/{paymentId}/cash-receipt",
            post(receipts::issue_cash_receipt),
        )
        .route("/v1/events", get(events::list_events))
        .route("/v1/events/{eventId}", get(events::get_event))
        .route(
            "/v1/webhook-endpoints",
            get(webhooks::list_webhook_endpoints).post(webhooks::create_webhook_endpoint),
        )
        .route(
            "/v1/webhook-endpoints/{endpointId}",
            get(webhooks::get_webhook_endpoint)
                .patch(webhooks::update_webhook_endpoint)
                .delete(webhooks::delete_webhook_endpoint),
        )
        .route(
            "/v1/webhook-endpoints/{endpointId}/rotate-secret",
            post(webhooks::rotate_webhook_secret),
        )
        .route("/v1/webhook-deliveries", get(webhooks::list_webhook_deliveries))
        .route(
            "/v1/webhook-deliveries/{deliveryId}",
            get(webhooks::get_webhook_delivery),
        )
        .route(
            "/v1/webhook-deliveries/{deliveryId}/replay",
            post(webhooks::replay_webhook_delivery),
        )
        .route("/v1/pgs", get(pgs::list_pgs))
        .route("/v1/work-list", get(work_list::list_work))
        .route("/v1/test/payments/{paymentId}/deposit", post(test_help::test_deposit))
        .route("/v1/test/payments/{paymentId}/pay", post(test_help::test_pay))
}

/// An answer as it is, or was, remembered.
pub(crate) struct Reply(Replied);

impl From<Replied> for Reply {
    fn from(replied: Replied) -> Reply {
        Reply(replied)
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let Replied { answer, replayed } = self.0;
        let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = if status.is_success() {
            "application/json"
        } else {
            crate::problem::CONTENT_TYPE
        };
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        let mut response = (status, headers, answer.body).into_response();
        if replayed {
            response
                .headers_mut()
                .insert(IDEMPOTENT_REPLAY, HeaderValue::from_static("true"));
        }
        response
    }
}

/// What was read, as JSON.
pub(crate) struct View<T>(pub T);

impl<T: Serialize> IntoResponse for View<T> {
    fn into_response(self) -> Response {
        Reply(Replied {
            answer: json(200, &self.0),
            replayed: false,
        })
        .into_response()
    }
}

pub(crate) fn json(status: u16, view: &impl Serialize) -> Answer {
    // Strings, numbers, lists and maps with text keys always have a JSON form.
    Answer {
        status,
        body: serde_json::to_string(view).unwrap_or_default(),
    }
}

/// How a use case's result becomes the bytes that are sent and remembered.
pub(crate) fn rendering(context: &Context, status: fn(&PaymentView) -> u16) -> Arc<Render> {
    let context = context.clone();
    Arc::new(move |result: Result<&PaymentView, &Error>| match result {
        Ok(view) => json(status(view), view),
        Err(error) => Problem::from(error).answer(&context),
    })
}

/// A thing's id in the path. What is no id names nothing.
pub(crate) struct Id<T>(pub T);

pub(crate) trait Noun {
    const NOUN: &'static str;
}

impl Noun for PaymentId {
    const NOUN: &'static str = "payment";
}
impl Noun for EventId {
    const NOUN: &'static str = "event";
}
impl Noun for EndpointId {
    const NOUN: &'static str = "webhook endpoint";
}
impl Noun for DeliveryId {
    const NOUN: &'static str = "webhook delivery";
}

impl<T: FromStr + Noun> FromRequestParts<Server> for Id<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Server) -> Result<Id<T>, Problem> {
        let text = Path::<String>::from_request_parts(parts, server).await;
        text.ok()
            .and_then(|Path(text)| text.parse().ok())
            .map(Id)
            .ok_or_else(|| not_found(T::NOUN))
    }
}

/// A plain read of one payment.
pub(crate) async fn payment(app: &App, side: &ShopSide, id: PaymentId) -> Result<Payment, Problem> {
    let found = app.store.payment(side.scope, id).await.map_err(Error::from)?;
    found.ok_or_else(|| not_found(PaymentId::NOUN))
}

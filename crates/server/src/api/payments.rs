use std::sync::Arc;

use axum::extract::{Path, State};
use flows::view::{self, PaymentView};
use flows::{App, Error};
use payments::{OrderId, State as Status};
use serde::{Deserialize, Serialize};
use store::PaymentFilter;
use utoipa::ToSchema;
use vocabulary::PaymentId;

use super::bodies::{CreatePaymentBody, EmptyBody};
use super::{Id, Parameters, Reply, View, payment, query, rendering};
use crate::asked::Asked;
use crate::auth::Shop;
use crate::problem::{Code, Problem, not_found, order_error};
use crate::request::Context;

/// Make a payment for an order. The shopper pays at its `checkoutUrl`.
#[utoipa::path(post, path = "/v1/payments", tag = "payments", request_body = CreatePaymentBody,
    responses((status = 201, description = "Made", body = PaymentView)))]
pub(crate) async fn create_payment(
    State(app): State<Arc<App>>,
    Shop(side): Shop,
    context: Context,
    asked: Asked<CreatePaymentBody>,
) -> Result<Reply, Problem> {
    let (new, first) = asked.body.command()?;
    let replied = flows::create(&app, &side, new, first, asked.memo, rendering(&context, |_| 201)).await?;
    Ok(replied.into())
}

/// Read a payment.
#[utoipa::path(get, path = "/v1/payments/{paymentId}", tag = "payments",
    params(("paymentId" = String, Path)), responses((status = 200, description = "Found", body = PaymentView)))]
pub(crate) async fn get_payment(
    State(app): State<Arc<App>>,
    Shop(side): Shop,
    Id(id): Id<PaymentId>,
) -> Result<View<PaymentView>, Problem> {
    let found = payment(&app, &side, id).await?;
    Ok(View(view::payment(&app, &found)))
}

/// Read the payment of an order.
#[utoipa::path(get, path = "/v1/orders/{orderId}/payment", tag = "payments",
    params(("orderId" = String, Path)), responses((status = 200, description = "Found", body = PaymentView)))]
pub(crate) async fn get_payment_by_order(
    State(app): State<Arc<App>>,
    Shop(side): Shop,
    order: Result<Path<OrderIdText>, axum::extract::rejection::PathRejection>,
) -> Result<View<PaymentView>, Problem> {
    // What cannot be an order id names no order.
    let order: OrderId = order
        .ok()
        .and_then(|Path(text)| text.0.parse().ok())
        .ok_or_else(|| not_found("order"))?;
    let found = app
        .store
        .payment_by_order(side.scope, &order)
        .await
        .map_err(Error::from)?;
    let found = found.ok_or_else(|| not_found("order"))?;
    Ok(View(view::payment(&app, &found)))
}

#[derive(Deserialize)]
pub(crate) struct OrderIdText(String);

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListPaymentsQuery {
    /// One status or several with commas, such as `DONE,PARTIAL_CANCELED`.
    status: Option<String>,
    order_id: Option<String>,
    /// Made at or after this time.
    #[param(format = DateTime)]
    from: Option<String>,
    /// Made before this time.
    #[param(format = DateTime)]
    to: Option<String>,
    /// Items per page; 20 unless given.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PaymentPage)]
pub(crate) struct PaymentPage {
    items: Vec<PaymentView>,
    /// `null`: this was the last page. A page may hold fewer than asked for and still have a next one.
    next_cursor: Option<String>,
}

/// List payments, newest first.
#[utoipa::path(get, path = "/v1/payments", tag = "payments", params(ListPaymentsQuery),
    responses((status = 200, description = "A page", body = PaymentPage)))]
pub(crate) async fn list_payments(
    State(app): State<Arc<App>>,
    Shop(side): Shop,
    Parameters(query): Parameters<ListPaymentsQuery>,
) -> Result<View<PaymentPage>, Problem> {
    let page = app
        .store
        .payments(side.scope, &query.filter()?)
        .await
        .map_err(query::listing)?;
    let items = page.items.iter().map(|payment| view::payment(&app, payment)).collect();
    Ok(View(PaymentPage {
        items,
        next_cursor: page.next_cursor,
    }))
}

impl ListPaymentsQuery {
    fn filter(self) -> Result<PaymentFilter, Problem> {
        let words = self.status.iter().flat_map(|words| words.split(',')).map(str::trim);
        let states: Result<Vec<Status>, ()> = words.map(str::parse).collect();
        let states =
            states.map_err(|()| query::wrong("status", "payment statuses, with commas", "쉼표로 나눈 결제 상태"))?;
        let order_id: Option<Result<OrderId, _>> = self.order_id.as_deref().map(str::parse);
        Ok(PaymentFilter {
            states,
            order_id: order_id
                .transpose()
                .map_err(|error| order_error(&error).coded(Code::InvalidQuery))?,
            from: query::time("from", self.from.as_deref())?,
            to: query::time("to", self.to.as_deref())?,
            limit: query::limit(self.limit.as_deref())?,
            cursor: self.cursor,
        })
    }
}

/// Sell: approve a payment that waits for the shop's decision (`confirm: BY_SHOP`).
#[utoipa::path(post, path = "/v1/payments/{paymentId}/confirm", tag = "payments", request_body = EmptyBody,
    params(("paymentId" = String, Path)), responses((status = 200, description = "Decided; see its status", body = PaymentView)))]
pub(crate) async fn confirm_payment(
    State(app): State<Arc<App>>,
    Shop(side): Shop,
    Id(id): Id<PaymentId>,
    context: Context,
    asked: Asked<EmptyBody>,
) -> Result<Reply, Problem> {
    Ok(
        flows::confirm(&app, &side, id, asked.memo, rendering(&context, |_| 200))
            .await?
            .into(),
    )
}

/// Do not sell: give up a payment that waits for the shop's decision. Nothing is charged.
#[utoipa::path(post, path = "/v1/payments/{paymentId}/refuse", tag = "payments", request_body = EmptyBody,
    params(("paymentId" = String, Path)), responses((status = 200, description = "Given up", body = PaymentView)))]
pub(crate) async fn refuse_payment(
    State(app): State<Arc<App>>,
    Shop(side): Shop,
    Id(id): Id<PaymentId>,
    context: Context,
    asked: Asked<EmptyBody>,
) -> Result<Reply, Problem> {
    Ok(flows::refuse(&app, &side, id, asked.memo, rendering(&context, |_| 200))
        .await?
        .into())
}

/// Ask the PG now how the payment stands.
#[utoipa::path(post, path = "/v1/payments/{paymentId}/sync", tag = "payments", request_body = EmptyBody,
    params(("paymentId" = String, Path)), responses((status = 200, description = "As the PG sees it", body = PaymentView)))]
pub(crate) async fn sync_payment(
    State(app): State<Arc<App>>,
    Shop(side): Shop,
    Id(id): Id<PaymentId>,
    context: Context,
    asked: Asked<EmptyBody>,
) -> Result<Reply, Problem> {
    Ok(flows::sync(&app, &side, id, asked.memo, rendering(&context, |_| 200))
        .await?
        .into())
}

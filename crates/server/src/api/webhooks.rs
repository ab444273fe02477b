use std::sync::Arc;

use axum::extract::State;
use flows::{App, Error, remembered, webhooks};
use serde::{Deserialize, Serialize};
use store::{Delivery, DeliveryFilter, DeliveryTry, Endpoint};
use utoipa::ToSchema;
use vocabulary::{DeliveryId, Duration, EndpointId, Timestamp};

use super::bodies::{EmptyBody, invalid};
use super::events::known_kind;
use super::{Id, Noun, Parameters, Reply, View, json, query};
use crate::asked::{Asked, Changes};
use crate::auth::Shop;
use crate::problem::{Problem, not_found};

const KINDS_MAX: usize = 64;
const OVERLAP_HOURS_MAX: u32 = 168;
const OVERLAP_HOURS_DEFAULT: u32 = 24;

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreateWebhookEndpointBody {
    /// A public https address.
    #[schema(example = "https://shop.example/webhooks", max_length = 2000)]
    url: String,
    /// Event types wanted, such as `payment.done`; all unless given.
    #[schema(max_items = 64)]
    types: Option<Vec<String>>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct UpdateWebhookEndpointBody {
    #[schema(max_length = 2000)]
    url: Option<String>,
    /// An empty list: all.
    #[schema(max_items = 64)]
    types: Option<Vec<String>>,
    enabled: Option<bool>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct RotateSecretBody {
    /// How long the old secret goes on signing beside the new one; 24 unless given.
    #[schema(minimum = 0, maximum = 168)]
    overlap_hours: Option<u32>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookEndpoint)]
pub(crate) struct EndpointView {
    id: String,
    url: String,
    /// Empty: all.
    types: Vec<String>,
    enabled: bool,
    created_at: String,
    /// Only in the answers that make it: keep it where the shop's server verifies webhooks.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = WebhookEndpointList)]
pub(crate) struct EndpointList {
    items: Vec<EndpointView>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookDelivery)]
pub(crate) struct DeliveryView {
    id: String,
    endpoint_id: String,
    event_id: String,
    payment_id: String,
    #[serde(rename = "type")]
    kind: String,
    /// PENDING, DELIVERED, or PARKED after days without success.
    status: &'static str,
    tries: u32,
    /// When it is sent next, while it is pending.
    next_at: Option<String>,
    created_at: String,
    /// What became of each try; only when one delivery is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<Vec<TryView>>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookTry)]
pub(crate) struct TryView {
    number: u32,
    at: String,
    duration_ms: u32,
    /// `null`: no answer came.
    status: Option<u16>,
    /// Why it failed, or how the answer began.
    note: String,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebhookDeliveryPage)]
pub(crate) struct DeliveryPage {
    items: Vec<DeliveryView>,
    /// `null`: this was the last page.
    next_cursor: Option<String>,
}

/// Register an address for webhooks. The answer holds its signing secret, which is not shown again.
#[utoipa::path(post, path = "/v1/webhook-endpoints", tag = "webhooks", request_body = CreateWebhookEndpointBody,
    responses((status = 201, description = "Registered", body = EndpointView)))]
pub(crate) async fn create_webhook_endpoint(
    State(app): State<Arc<App>>,
    Shop(side): Shop,
    Asked { body, memo }: Asked<CreateWebhookEndpointBody>,
) -> Result<Reply, Problem> {
    let kinds = kinds(body.types.unwrap_or_default())?;
    let made = || async {
        let (set, endpoint) = webhooks::create(&app, side.scope, &body.url, kinds.clone()).await?;
        Ok((set, json(201, &with_secret(&endpoint))))
    };
    Ok(remembered(&app, side.scope, memo, made).await?.into())
}

/// List the addresses for webhooks.
#[utoipa::path(get, path = "/v1/webhook-endpoints", tag = "webhooks",
    responses((status = 200, description = "All of them", body = EndpointList)))]
pub(crate) async fn list_webhook_endpoints(
    State(app): State<Arc<App>>,
    Shop(side): Shop,
) -> Result<View<EndpointList>, Problem> {
    let found = app.store.endpoints(side.scope).await.map_err(Error::from)?;
    Ok(View(EndpointList {
        items: found.iter().map(endpoint_view).collect(),
    }))
}

/// Read an address for webhooks.
#[utoipa::path(get, path = "/v1/webhook-endpoints/{endpointId}", tag = "webhooks",
    params(("endpointId" = String, Path)), responses((status = 200, description = "Found", body = EndpointView)))]
pub(crate) async fn get_webhook_endpoint(
    State(app): State<Arc<App>>,
    Shop(side): Shop,
    Id(id): Id<EndpointId>,
) -> Result<View<EndpointView>, Problem> {
    let found = app.store.endpoint(side.scope, id).await.map_err(Error::from)?;
    Ok(View(endpoint_view(&found.ok_or_else(|| not_found(EndpointId::NOUN))?)))
}

/// Change an address for webhooks; what is left out stays.
#[utoipa::path(patch, path = "/v1/webhook-endpoints/{endpointId}", tag = "webhooks", request_body = UpdateWebhookEndpointBody,
    params(("endpointId" = String, Path)), responses((status = 200, description = "Changed", body = EndpointView)))]
pub(crate) async fn update_webhook_endpoint(
    State(app): State<Arc<App>>,
    Shop(side): Shop,
    Id(id): Id<EndpointId>,
    Changes(body): Changes<UpdateWebhookEndpointBody>,
) -> Result<View<EndpointView>, Problem> {
    let kinds = body.types.map(kinds).transpose()?;
    let disabled = body.enabled.map(|enabled| !enabled);
    let endpoint = webhooks::update(&app, side.scope, id, body.url.as_deref(), kinds, disabled).await?;
    Ok(View(endpoint_view(&endpoint)))
}

/// Send nothing more there. Its deliveries stay in the log.
#[utoipa::path(delete, path = "/v1/webhook-endpoints/{endpointId}", tag = "webhooks",
    params(("endpointId" = String, Path)), responses((status = 200, description = "No longer used", body = EndpointView)))]
pub(crate) async fn delete_webhook_endpoint(
    State(app): State<Arc<App>>,
    Shop(side): Shop,
    Id(id): Id<EndpointId>,
) -> Result<View<EndpointView>, Problem> {
    Ok(View(endpoint_view(&webhooks::disable(&app, side.scope, id).await?)))
}

/// Make a new signing secret. The old one goes on signing beside it for a while.
#[utoipa::path(post, path = "/v1/webhook-endpoints/{endpointId}/rotate-secret", tag = "webhooks", request_body = RotateSecretBody,
    params(("endpointId" = String, Path)), responses((status = 200, description = "The new secret", body = EndpointView)))]
pub(crate) async fn rotate_webhook_secret(
    State(app): State<Arc<App>>,
    Shop(side): Shop,
    Id(id): Id<EndpointId>,
    Asked { body, memo }: Asked<RotateSecretBody>,
) -> Result<Reply, Problem> {
    let hours = body.overlap_hours.unwrap_or(OVERLAP_HOURS_DEFAULT);
    if hours > OVERLAP_HOURS_MAX {
        return Err(invalid("overlapHours", "takes 0 to 168", "0~168을 써 주세요"));
    }
    let rotated = || async {
        let overlap = Duration::hours(i64::from(hours));
        let (set, endpoint) = webhooks::rotate_secret(&app, side.scope, id, overlap).await?;
        Ok((set, json(200, &with_secret(&endpoint))))
    };
    Ok(remembered(&app, side.scope, memo, rotated).await?.into())
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListDeliveriesQuery {
    endpoint_id: Option<String>,
    event_id: Option<String>,
    /// PENDING, DELIVERED or PARKED.
    status: Option<String>,
    /// Items per page; 20 unless given.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

/// List what was sent, or is to be sent, newest first.
#[utoipa::path(get, path = "/v1/webhook-deliveries", tag = "webhooks", params(ListDeliveriesQuery),
    responses((status = 200, description = "A page", body = DeliveryPage)))]
pub(crate) async fn list_webhook_deliveries(
    State(app): State<Arc<App>>,
    Shop(side): Shop,
    Parameters(query): Parameters<ListDeliveriesQuery>,
) -> Result<View<DeliveryPage>, Problem> {
    let page = app
        .store
        .deliveries(side.scope, &query.filter()?)
        .await
        .map_err(query::listing)?;
    let items = page
        .items
        .iter()
        .map(|delivery| delivery_view(delivery, None))
        .collect();
    Ok(View(DeliveryPage {
        items,
        next_cursor: page.next_cursor,
    }))
}

/// Read one delivery with the log of its tries.
#[utoipa::path(get, path = "/v1/webhook-deliveries/{deliveryId}", tag = "webhooks",
    params(("deliveryId" = String, Path)), responses((status = 200, description = "Found", body = DeliveryView)))]
pub(crate) async fn get_webhook_delivery(
    State(app): State<Arc<App>>,
    Shop(side): Shop,
    Id(id): Id<DeliveryId>,
) -> Result<View<DeliveryView>, Problem> {
    let found = app.store.delivery(side.scope, id).await.map_err(Error::from)?;
    let found = found.ok_or_else(|| not_found(DeliveryId::NOUN))?;
    let tries = app.store.delivery_tries(side.scope, id).await.map_err(Error::from)?;
    Ok(View(delivery_view(&found, Some(tries))))
}

/// Send a delivery again, whether it arrived or was given up.
#[utoipa::path(post, path = "/v1/webhook-deliveries/{deliveryId}/replay", tag = "webhooks", request_body = EmptyBody,
    params(("deliveryId" = String, Path)), responses((status = 200, description = "It will be sent", body = DeliveryView)))]
pub(crate) async fn replay_webhook_delivery(
    State(app): State<Arc<App>>,
    Shop(side): Shop,
    Id(id): Id<DeliveryId>,
    asked: Asked<EmptyBody>,
) -> Result<Reply, Problem> {
    let replayed = || async {
        let (set, delivery) = webhooks::replay(&app, side.scope, id).await?;
        Ok((set, json(200, &delivery_view(&delivery, None))))
    };
    Ok(remembered(&app, side.scope, asked.memo, replayed).await?.into())
}

impl ListDeliveriesQuery {
    fn filter(self) -> Result<DeliveryFilter, Problem> {
        let endpoint = self.endpoint_id.as_deref().map(str::parse).transpose();
        let event = self.event_id.as_deref().map(str::parse).transpose();
        let state = self.status.as_deref().map(str::parse).transpose();
        Ok(DeliveryFilter {
            endpoint: endpoint
                .map_err(|_| query::wrong("endpointId", "a webhook endpoint's id", "웹훅 주소 아이디"))?,
            event: event.map_err(|_| query::wrong("eventId", "an event's id", "이벤트 아이디"))?,
            state: state.map_err(|()| {
                query::wrong(
                    "status",
                    "PENDING, DELIVERED or PARKED",
                    "PENDING, DELIVERED, PARKED 가운데 하나",
                )
            })?,
            limit: query::limit(self.limit.as_deref())?,
            cursor: self.cursor,
        })
    }
}

fn kinds(kinds: Vec<String>) -> Result<Vec<String>, Problem> {
    let unknown = kinds.iter().find(|kind| !known_kind(kind));
    if kinds.len() > KINDS_MAX || unknown.is_some() {
        return Err(invalid(
            "types",
            "takes event types such as payment.done",
            "payment.done 같은 이벤트 종류를 써 주세요",
        ));
    }
    Ok(kinds)
}

fn endpoint_view(endpoint: &Endpoint) -> EndpointView {
    EndpointView {
        id: endpoint.id.to_string(),
        url: endpoint.url.clone(),
        types: endpoint.kinds.clone(),
        enabled: !endpoint.disabled,
        created_at: endpoint.created_at.in_korea(),
        secret: None,
    }
}

fn with_secret(endpoint: &Endpoint) -> EndpointView {
    let secret = endpoint.secret.reveal_for("the one answer that shows it").clone();
    EndpointView {
        secret: Some(secret),
        ..endpoint_view(endpoint)
    }
}

fn delivery_view(delivery: &Delivery, tries: Option<Vec<DeliveryTry>>) -> DeliveryView {
    let pending = delivery.state == store::DeliveryState::Pending;
    DeliveryView {
        id: delivery.id.to_string(),
        endpoint_id: delivery.endpoint.to_string(),
        event_id: delivery.event.to_string(),
        payment_id: delivery.payment.to_string(),
        kind: delivery.kind.clone(),
        status: delivery.state.as_str(),
        tries: delivery.tries,
        next_at: pending.then_some(delivery.next_at).map(Timestamp::in_korea),
        created_at: delivery.created_at.in_korea(),
        log: tries.map(|tries| tries.into_iter().map(try_view).collect()),
    }
}

fn try_view(one: DeliveryTry) -> TryView {
    TryView {
        number: one.number,
        at: one.at.in_korea(),
        duration_ms: one.duration_ms,
        status: one.status,
        note: one.note,
    }
}

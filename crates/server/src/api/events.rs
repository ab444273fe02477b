use std::sync::Arc;

use axum::extract::State;
use flows::view::EventView;
use flows::{App, Error};
use payments::Told;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use store::{EventFilter, StoredEvent};
use utoipa::ToSchema;
use vocabulary::EventId;

use super::{Id, Noun, Parameters, View, query};
use crate::auth::Shop;
use crate::problem::{Code, Problem, not_found};

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListEventsQuery {
    /// One type or several with commas, such as `payment.done`.
    #[serde(rename = "type")]
    kinds: Option<String>,
    payment_id: Option<String>,
    /// Items per page; 20 unless given.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventPage {
    /// Byte for byte as webhooks carry them.
    #[schema(value_type = Vec<EventView>)]
    items: Vec<Box<RawValue>>,
    /// `null`: this was the last page.
    next_cursor: Option<String>,
}

/// List what happened, newest first; of one payment in its order.
#[utoipa::path(get, path = "/v1/events", tag = "events", params(ListEventsQuery),
    responses((status = 200, description = "A page", body = EventPage)))]
pub(crate) async fn list_events(
    State(app): State<Arc<App>>,
    Shop(side): Shop,
    Parameters(query): Parameters<ListEventsQuery>,
) -> Result<View<EventPage>, Problem> {
    let page = app
        .store
        .events(side.scope, &query.filter()?)
        .await
        .map_err(query::listing)?;
    let items = page.items.into_iter().map(raw).collect::<Result<_, Problem>>()?;
    Ok(View(EventPage {
        items,
        next_cursor: page.next_cursor,
    }))
}

/// Read an event.
#[utoipa::path(get, path = "/v1/events/{eventId}", tag = "events",
    params(("eventId" = String, Path)), responses((status = 200, description = "Found", body = EventView)))]
pub(crate) async fn get_event(
    State(app): State<Arc<App>>,
    Shop(side): Shop,
    Id(id): Id<EventId>,
) -> Result<View<Box<RawValue>>, Problem> {
    let found = app.store.event(side.scope, id).await.map_err(Error::from)?;
    Ok(View(raw(found.ok_or_else(|| not_found(EventId::NOUN))?)?))
}

/// As stored. What cannot be read is a damaged row.
fn raw(event: StoredEvent) -> Result<Box<RawValue>, Problem> {
    RawValue::from_string(event.body).map_err(|error| {
        tracing::error!(event.id = %event.id, %error, "event {} is not JSON", event.id);
        Problem::new(Code::InternalError)
    })
}

impl ListEventsQuery {
    fn filter(self) -> Result<EventFilter, Problem> {
        let kinds: Vec<String> = self
            .kinds
            .iter()
            .flat_map(|words| words.split(','))
            .map(|word| word.trim().to_owned())
            .collect();
        if kinds.iter().any(|kind| !known_kind(kind)) {
            return Err(query::wrong(
                "type",
                "event types such as payment.done, with commas",
                "쉼표로 나눈 payment.done 같은 이벤트 종류",
            ));
        }
        let payment = self.payment_id.as_deref().map(str::parse).transpose();
        Ok(EventFilter {
            payment: payment.map_err(|_| query::wrong("paymentId", "a payment's id", "결제 아이디"))?,
            kinds,
            limit: query::limit(self.limit.as_deref())?,
            cursor: self.cursor,
        })
    }
}

pub(crate) fn known_kind(kind: &str) -> bool {
    Told::ALL.iter().any(|told| told.as_str() == kind)
}

use std::sync::Arc;

use axum::extract::State;
use flows::work_list::WorkItem;
use flows::{App, Error};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Parameters, View, query};
use crate::auth::Shop;
use crate::problem::Problem;

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WorkListQuery {
    /// Payments per page; 20 unless given.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WorkPage {
    items: Vec<WorkItem>,
    /// `null`: this was the last page.
    next_cursor: Option<String>,
}

/// List what a person should look into: payments that do not end by themselves, the oldest first.
#[utoipa::path(get, path = "/v1/work-list", tag = "payments", params(WorkListQuery),
    responses((status = 200, description = "A page; empty when nothing is stuck", body = WorkPage)))]
pub(crate) async fn list_work(
    State(app): State<Arc<App>>,
    Shop(side): Shop,
    Parameters(query): Parameters<WorkListQuery>,
) -> Result<View<WorkPage>, Problem> {
    let limit = query::limit(query.limit.as_deref())?;
    let page = flows::work_list::work_list(&app, side.scope, query.cursor.as_deref(), limit).await;
    let page = page.map_err(|error| match error {
        Error::NotFound(_) => query::wrong("cursor", "nextCursor of the page before", "앞 페이지의 nextCursor"),
        other => other.into(),
    })?;
    Ok(View(WorkPage {
        items: page.items,
        next_cursor: page.next_cursor,
    }))
}

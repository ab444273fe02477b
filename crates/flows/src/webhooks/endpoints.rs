use store::{ChangeSet, Delivery, DeliveryState, Endpoint};
use vocabulary::{DeliveryId, Duration, EndpointId, Scope};

use super::{address, sign};
use crate::{App, Error};

pub const ENDPOINTS_MAX: usize = 16;
/// The old secret goes on signing at most this long.
const OVERLAP_MAX: Duration = Duration::days(7);

/// A new endpoint and the change that saves it.
pub async fn create(app: &App, scope: Scope, url: &str, kinds: Vec<String>) -> Result<(ChangeSet, Endpoint), Error> {
    let url = address::check(url, app.settings.webhook_private_addresses)?;
    let in_use = app
        .store
        .endpoints(scope)
        .await?
        .iter()
        .filter(|endpoint| !endpoint.disabled)
        .count();
    if in_use >= ENDPOINTS_MAX {
        return Err(Error::TooManyEndpoints);
    }
    let now = app.clock.now();
    let endpoint = Endpoint {
        id: EndpointId::new(now, &app.chance),
        scope,
        url,
        kinds,
        secret: sign::new_secret(&app.chance),
        old_secret: None,
        disabled: false,
        version: 1,
        created_at: now,
    };
    let mut set = ChangeSet::new(scope);
    set.endpoint(None, &endpoint);
    Ok((set, endpoint))
}

/// Another address or other kinds; `None` leaves what is.
pub async fn update(
    app: &App,
    scope: Scope,
    id: EndpointId,
    url: Option<&str>,
    kinds: Option<Vec<String>>,
    disabled: Option<bool>,
) -> Result<Endpoint, Error> {
    let before = app
        .store
        .endpoint(scope, id)
        .await?
        .ok_or(Error::NotFound("webhook endpoint"))?;
    let mut after = before.clone();
    if let Some(url) = url {
        after.url = address::check(url, app.settings.webhook_private_addresses)?;
    }
    after.kinds = kinds.unwrap_or(after.kinds);
    after.disabled = disabled.unwrap_or(after.disabled);
    save(app, &before, after).await
}

/// Nothing more is sent there; what was sent stays in the log.
pub async fn disable(app: &App, scope: Scope, id: EndpointId) -> Result<Endpoint, Error> {
    update(app, scope, id, None, None, Some(true)).await
}

/// A new secret; the old one goes on signing beside it for `overlap`, so that no webhook is lost
/// while the shop deploys. The change saves it.
pub async fn rotate_secret(
    app: &App,
    scope: Scope,
    id: EndpointId,
    overlap: Duration,
) -> Result<(ChangeSet, Endpoint), Error> {
    let before = app
        .store
        .endpoint(scope, id)
        .await?
        .ok_or(Error::NotFound("webhook endpoint"))?;
    let mut after = before.clone();
    let until = app.clock.now() + overlap.min(OVERLAP_MAX);
    after.old_secret = Some((before.secret.clone(), until));
    after.secret = sign::new_secret(&app.chance);
    after.version += 1;
    let mut set = ChangeSet::new(scope);
    set.endpoint(Some(&before), &after);
    Ok((set, after))
}

async fn save(app: &App, before: &Endpoint, mut after: Endpoint) -> Result<Endpoint, Error> {
    after.version = before.version + 1;
    let mut set = ChangeSet::new(before.scope);
    set.endpoint(Some(before), &after);
    app.store.commit(set).await?;
    Ok(after)
}

/// Sends a delivery again, whether it arrived or was given up, and as long as the first time. The change saves it.
pub async fn replay(app: &App, scope: Scope, id: DeliveryId) -> Result<(ChangeSet, Delivery), Error> {
    let before = app
        .store
        .delivery(scope, id)
        .await?
        .ok_or(Error::NotFound("webhook delivery"))?;
    let mut after = before.clone();
    after.state = DeliveryState::Pending;
    after.tries_before = before.tries;
    after.next_at = app.clock.now();
    after.version += 1;
    let mut set = ChangeSet::new(scope);
    set.delivery(&before, &after, None);
    Ok((set, after))
}

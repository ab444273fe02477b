use std::collections::HashMap;
use std::sync::Arc;

use futures_util::future::join_all;
use store::{ChangeSet, Delivery, DeliveryState, Endpoint, NotCommitted, StoredEvent};
use vocabulary::{DeliveryId, Scope};

use crate::{App, Error};

const BATCH_MAX: u32 = 500;

/// Turns stored events into deliveries, one for each endpoint that wants it. Returns how many events.
pub async fn fan_out(app: &Arc<App>) -> Result<usize, Error> {
    let events = app.store.outbox(BATCH_MAX).await?;
    let mut endpoints: HashMap<Scope, Vec<Endpoint>> = HashMap::new();
    for (scope, _) in &events {
        if !endpoints.contains_key(scope) {
            endpoints.insert(*scope, app.store.endpoints(*scope).await?);
        }
    }
    let changes = events.iter().map(|(scope, event)| {
        let wanted = endpoints
            .get(scope)
            .into_iter()
            .flatten()
            .filter(|endpoint| wants(endpoint, event));
        let deliveries = wanted.map(|endpoint| delivery(app, endpoint, event)).collect();
        let mut set = ChangeSet::new(*scope);
        set.fan_out(event.id, deliveries);
        app.store.commit(set)
    });
    for done in join_all(changes).await {
        match done {
            // Another server was faster.
            Ok(()) | Err(NotCommitted::Conflict(_)) => {}
            Err(NotCommitted::Fault(fault)) => return Err(fault.into()),
        }
    }
    Ok(events.len())
}

fn wants(endpoint: &Endpoint, event: &StoredEvent) -> bool {
    !endpoint.disabled && (endpoint.kinds.is_empty() || endpoint.kinds.contains(&event.kind))
}

fn delivery(app: &App, endpoint: &Endpoint, event: &StoredEvent) -> Delivery {
    let now = app.clock.now();
    Delivery {
        id: DeliveryId::new(now, &app.chance),
        scope: endpoint.scope,
        endpoint: endpoint.id,
        event: event.id,
        payment: event.payment,
        sequence: event.sequence,
        kind: event.kind.clone(),
        state: DeliveryState::Pending,
        tries: 0,
        tries_before: 0,
        next_at: now,
        created_at: now,
        version: 1,
    }
}

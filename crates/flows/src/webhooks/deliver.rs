use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::join_all;
use store::{ChangeSet, Delivery, DeliveryState, DeliveryTry, Endpoint, NotCommitted, StoredEvent};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use vocabulary::{Duration, EndpointId};

use super::address;
use super::courier::{Carried, Connections, Courier, Letter};
use super::sign::signature;
use crate::{App, Error};

const BATCH_MAX: u32 = 256;
/// More than the places of many shops that hang at once.
const AT_ONCE_MAX: usize = 512;
/// A shop that hangs holds up at most this many of the workers.
pub(super) const AT_ONCE_PER_ENDPOINT: usize = 8;
/// While one server sends a delivery, no other does.
const LEASE: Duration = Duration::seconds(30);
/// An endpoint with all its places taken hangs if none came free for so long.
const HANGS_AFTER: std::time::Duration = std::time::Duration::from_secs(1);
/// What waits for an endpoint that hangs is put off by this, out of the way of what others wait for.
const HANGING_WAIT: Duration = Duration::seconds(10);
/// Waits after each failed try, in seconds; together a little over four days.
const WAITS_S: [i64; 14] = [
    5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 43_200, 64_800, 86_400, 86_400,
];

/// Sends webhooks, some at a time.
pub struct Sender {
    courier: Arc<dyn Courier>,
    workers: Arc<Semaphore>,
    busy: Arc<Busy>,
}

/// The endpoints that are being sent something.
#[derive(Default)]
struct Busy(Mutex<HashMap<EndpointId, Places>>);

/// What an endpoint is being sent.
struct Places {
    taken: usize,
    /// When a place was last free.
    free_at: Instant,
}

enum Place {
    Taken(Held),
    /// Its turn comes soon.
    Busy,
    Hanging,
}

impl Sender {
    /// Over connections of its own.
    pub fn new(private_addresses: bool) -> Result<Sender, Error> {
        Ok(Sender::through(Arc::new(Connections::open(private_addresses)?)))
    }

    pub fn through(courier: Arc<dyn Courier>) -> Sender {
        Sender {
            courier,
            workers: Arc::new(Semaphore::new(AT_ONCE_MAX)),
            busy: Arc::default(),
        }
    }
}

/// One of an endpoint's places, given back when dropped: even by a task that stops on a broken promise.
struct Held {
    busy: Arc<Busy>,
    endpoint: EndpointId,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.busy.leave(self.endpoint);
    }
}

impl Busy {
    /// Takes one of the endpoint's places if one is free.
    fn enter(self: &Arc<Busy>, endpoint: EndpointId) -> Place {
        let now = Instant::now();
        let mut busy = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let places = busy.entry(endpoint).or_insert(Places { taken: 0, free_at: now });
        if places.taken < AT_ONCE_PER_ENDPOINT {
            places.taken += 1;
            places.free_at = now;
            Place::Taken(Held {
                busy: self.clone(),
                endpoint,
            })
        } else if now.duration_since(places.free_at) < HANGS_AFTER {
            Place::Busy
        } else {
            Place::Hanging
        }
    }

    fn leave(&self, endpoint: EndpointId) {
        let mut busy = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(places) = busy.get_mut(&endpoint) {
            places.taken -= 1;
            places.free_at = Instant::now();
            if places.taken == 0 {
                busy.remove(&endpoint);
            }
        }
    }
}

/// Sends what is due, each in a task of its own. Returns how many were begun or put off; it does not
/// wait for them, and what waits for a place at its endpoint is left as it is.
pub async fn deliver(app: &Arc<App>) -> Result<usize, Error> {
    let due = app.store.due_deliveries(app.clock.now(), BATCH_MAX).await?;
    let (mut begun, mut put_off) = (Vec::new(), Vec::new());
    for delivery in due {
        match app.webhooks.busy.enter(delivery.endpoint) {
            Place::Taken(held) => begun.push((delivery, held)),
            Place::Busy => {}
            Place::Hanging => put_off.push(delivery),
        }
    }
    let count = begun.len() + put_off.len();
    // Side by side, so that the store saves them together.
    let later = join_all(put_off.iter().map(|delivery| app.claim(delivery, HANGING_WAIT))).await;
    let claimed = join_all(begun.iter().map(|(delivery, _)| app.claim(delivery, LEASE))).await;
    let mut failed = later.into_iter().find_map(Result::err);
    for ((_, held), claimed) in begun.into_iter().zip(claimed) {
        match claimed {
            Ok(Some(claimed)) => start(app, claimed, held).await?,
            // Another server has it.
            Ok(None) => {}
            Err(error) => failed = Some(error),
        }
    }
    failed.map_or(Ok(count), Err)
}

async fn start(app: &Arc<App>, claimed: Delivery, held: Held) -> Result<(), Error> {
    // Bounded by the semaphore: a full house makes the loop wait, not the memory grow.
    let place = app
        .webhooks
        .workers
        .clone()
        .acquire_owned()
        .await
        .map_err(|_| Error::Busy)?;
    let task = {
        let app = app.clone();
        async move {
            let sent = app.send(&claimed).await;
            drop((held, place));
            app.outbox_bell.notify_one();
            if let Err(error) = sent {
                tracing::warn!(delivery.id = %claimed.id, %error, "webhook delivery {} was not saved", claimed.id);
            }
        }
    };
    app.start(task);
    Ok(())
}

/// The same, waiting until all of them were answered: for whoever steps by hand.
pub async fn deliver_and_wait(app: &Arc<App>) -> Result<usize, Error> {
    let count = deliver(app).await?;
    let all = u32::try_from(AT_ONCE_MAX).unwrap_or(u32::MAX);
    drop(app.webhooks.workers.acquire_many(all).await);
    Ok(count)
}

impl App {
    /// Keeps a delivery from being due for a while; `None`: another server has it.
    async fn claim(&self, due: &Delivery, wait: Duration) -> Result<Option<Delivery>, Error> {
        let mut claimed = due.clone();
        claimed.next_at = self.clock.now() + wait;
        self.save_delivery(due, claimed, None).await
    }

    async fn send(&self, claimed: &Delivery) -> Result<(), Error> {
        let endpoint = self.store.endpoint(claimed.scope, claimed.endpoint).await?;
        let event = self.store.event(claimed.scope, claimed.event).await?;
        let (Some(endpoint), Some(event)) = (endpoint.filter(|endpoint| !endpoint.disabled), event) else {
            let mut parked = claimed.clone();
            parked.state = DeliveryState::Parked;
            return self.save_delivery(claimed, parked, None).await.map(drop);
        };
        let tried = self.post(&endpoint, &event, claimed).await;
        let mut after = claimed.clone();
        after.tries = tried.number;
        let now = self.clock.now();
        let failed_before = claimed.tries.saturating_sub(claimed.tries_before) as usize;
        match (tried.status, WAITS_S.get(failed_before)) {
            (Some(200..=299), _) => after.state = DeliveryState::Delivered,
            (_, Some(wait)) => after.next_at = now + self.jittered(*wait),
            (_, None) => {
                after.state = DeliveryState::Parked;
                tracing::error!(delivery.id = %after.id, event.id = %after.event, "webhook {} was given up after {} tries", after.event, after.tries);
            }
        }
        let outcome = if after.state == DeliveryState::Delivered {
            "delivered"
        } else {
            "failed"
        };
        metrics::counter!("narupay_webhooks", "outcome" => outcome).increment(1);
        self.save_delivery(claimed, after, Some(tried)).await.map(drop)
    }

    /// Up to a tenth more, so that what failed together does not come back together.
    fn jittered(&self, wait_s: i64) -> Duration {
        Duration::millis(wait_s * 1000 + self.chance.below(wait_s as u64 * 100 + 1) as i64)
    }

    async fn post(&self, endpoint: &Endpoint, event: &StoredEvent, delivery: &Delivery) -> DeliveryTry {
        let now = self.clock.now();
        let number = delivery.tries + 1;
        // Registered when private addresses were allowed: names are checked when they are resolved, numbers here.
        if let Err(refused) = address::check(&endpoint.url, self.settings.webhook_private_addresses) {
            return DeliveryTry {
                delivery: delivery.id,
                number,
                at: now,
                duration_ms: 0,
                status: None,
                note: refused.to_string(),
            };
        }
        let id = event.id.to_string();
        let mut signatures = signature(&endpoint.secret, &id, now, &event.body);
        if let Some((old, until)) = &endpoint.old_secret
            && *until > now
        {
            signatures = format!("{signatures} {}", signature(old, &id, now, &event.body));
        }
        let letter = Letter {
            url: &endpoint.url,
            headers: [
                ("content-type", "application/json".to_owned()),
                ("webhook-id", id),
                ("webhook-timestamp", now.as_seconds().to_string()),
                ("webhook-signature", signatures),
                ("naru-payment-version", event.sequence.to_string()),
            ],
            body: &event.body,
        };
        let begun = Instant::now();
        let Carried { status, note } = self.webhooks.courier.carry(letter).await;
        DeliveryTry {
            delivery: delivery.id,
            number,
            at: now,
            duration_ms: u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX),
            status,
            note,
        }
    }

    /// `None`: another server has it.
    async fn save_delivery(
        &self,
        before: &Delivery,
        mut after: Delivery,
        tried: Option<DeliveryTry>,
    ) -> Result<Option<Delivery>, Error> {
        after.version = before.version + 1;
        let mut set = ChangeSet::new(before.scope);
        set.delivery(before, &after, tried);
        match self.store.commit(set).await {
            Ok(()) => Ok(Some(after)),
            Err(NotCommitted::Conflict(_)) => Ok(None),
            Err(NotCommitted::Fault(fault)) => Err(fault.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

    use super::*;

    #[test]
    fn a_delivery_that_breaks_off_gives_its_place_back() {
        let busy = Arc::new(Busy::default());
        let endpoint = EndpointId::from_uuid(uuid::Uuid::nil());
        for _ in 0..AT_ONCE_PER_ENDPOINT + 1 {
            let Place::Taken(held) = busy.enter(endpoint) else {
                panic!("no place is free")
            };
            let broken = catch_unwind(AssertUnwindSafe(move || {
                let _held = held;
                resume_unwind(Box::new("a broken promise"))
            }));
            assert!(broken.is_err());
        }
        let all: Vec<Place> = (0..AT_ONCE_PER_ENDPOINT).map(|_| busy.enter(endpoint)).collect();
        assert!(all.iter().all(|place| matches!(place, Place::Taken(_))));
        assert!(matches!(busy.enter(endpoint), Place::Busy), "no more than there are");
    }
}

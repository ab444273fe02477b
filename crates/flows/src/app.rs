use std::sync::Arc;

use payments::{Event, Now, Payment, Refused, Step};
use store::{ChangeSet, Conflict, EventRecord, NotCommitted, Store};
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;
use tracing::Instrument;
use vocabulary::{Chance, Clock, EventId, PaymentId, Scope, Secret};

use crate::memo::Working;
use crate::{Directory, Error, pg_time, view, webhooks};

/// How often a decision is made anew because someone else was faster.
pub(crate) const RACES_MAX: u32 = 20;

/// What the use cases work with.
pub struct App {
    pub store: Store,
    pub directory: Directory,
    pub clock: Arc<dyn Clock>,
    pub chance: Chance,
    pub settings: Settings,
    /// Rings when there is something for the outbox worker.
    pub(crate) outbox_bell: Notify,
    /// Rings when there is something for the notice worker.
    pub(crate) notice_bell: Notify,
    pub(crate) notice_allowance: crate::notices::Allowance,
    pub(crate) webhooks: webhooks::Sender,
    /// Work that must end even if whoever asked for it has gone.
    tasks: TaskTracker,
}

#[derive(Debug, Clone)]
pub struct Settings {
    /// Where browsers and PGs reach us, without a slash at the end: `https://pay.shop.kr`.
    pub public_url: String,
    /// Signs checkout addresses; 32 bytes.
    pub signing_key: Secret<Vec<u8>>,
    /// The key before the last rotation; addresses it signed still open.
    pub old_signing_key: Option<Secret<Vec<u8>>>,
    /// Webhooks may go to private and loopback addresses.
    pub webhook_private_addresses: bool,
}

impl App {
    pub fn new(
        store: Store,
        directory: Directory,
        clock: Arc<dyn Clock>,
        chance: Chance,
        settings: Settings,
    ) -> Result<Arc<App>, Error> {
        let webhooks = webhooks::Sender::new(settings.webhook_private_addresses)?;
        Ok(App::sending(webhooks, store, directory, clock, chance, settings))
    }

    /// With a sender of webhooks of the caller's.
    pub fn sending(
        webhooks: webhooks::Sender,
        store: Store,
        directory: Directory,
        clock: Arc<dyn Clock>,
        chance: Chance,
        settings: Settings,
    ) -> Arc<App> {
        Arc::new(App {
            store,
            directory,
            clock,
            chance,
            settings,
            outbox_bell: Notify::new(),
            notice_bell: Notify::new(),
            notice_allowance: crate::notices::Allowance::default(),
            webhooks,
            tasks: TaskTracker::new(),
        })
    }

    /// Runs a use case to its end, even when the caller's connection breaks meanwhile: a PG may have
    /// been asked, and its answer must be saved.
    pub(crate) async fn finish<T: Send + 'static>(
        self: &Arc<App>,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        match self.tasks.spawn(pg_time::measured(work).in_current_span()).await {
            Ok((done, waited)) => {
                pg_time::add(waited);
                done
            }
            Err(crash) => {
                tracing::error!(error = %crash, "a use case stopped on a broken promise");
                Err(Error::Bug)
            }
        }
    }

    /// Starts work that nobody waits for, but that must end before the program does.
    pub(crate) fn start(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(work);
    }

    /// Waits until nothing that must end is still running.
    pub async fn drained(&self) {
        self.tasks.close();
        self.tasks.wait().await;
    }

    pub(crate) async fn load(&self, scope: Scope, id: PaymentId) -> Result<Payment, Error> {
        self.store.payment(scope, id).await?.ok_or(Error::NotFound("payment"))
    }

    /// Decide and save, and decide again on the newest state if someone else was faster.
    /// Nothing is written when the event is no news and no answer is to be remembered.
    pub(crate) async fn apply(
        &self,
        mut payment: Payment,
        event: &Event,
        working: &mut Working,
        last: impl Fn(&Payment) -> bool,
    ) -> Result<Applied, Error> {
        for _ in 0..RACES_MAX {
            let now = Now {
                at: self.clock.now(),
                chance: &self.chance,
            };
            let step = payment.on(event.clone(), &now)?;
            let changed = step.changed;
            let (change, after) = self.change(Some(&payment), step, now.at, working, &last);
            if change.set.is_empty() {
                return Ok(Applied {
                    payment: after,
                    changed,
                });
            }
            match self.commit(change).await {
                Ok(()) => {
                    working.saved(now.at);
                    return Ok(Applied {
                        payment: after,
                        changed,
                    });
                }
                Err(NotCommitted::Conflict(Conflict::Key)) => return Err(Error::KeyInUse),
                // What was learned must be saved even if the answer comes too late.
                Err(NotCommitted::Conflict(Conflict::Answer)) => working.overtaken(),
                Err(NotCommitted::Conflict(_)) => payment = self.load(payment.scope, payment.id).await?,
                Err(NotCommitted::Fault(fault)) => return Err(fault.into()),
            }
        }
        tracing::warn!(payment.id = %payment.id, event = event.name(), "payment {} changed too often to decide", payment.id);
        Err(Error::Busy)
    }

    /// The change set of a step: rows, entries, event and outbox, and the remembered answer.
    pub(crate) fn change(
        &self,
        before: Option<&Payment>,
        step: Step,
        now: vocabulary::Timestamp,
        working: &mut Working,
        last: &impl Fn(&Payment) -> bool,
    ) -> (Change, Payment) {
        let mut set = ChangeSet::new(step.payment.scope);
        let mut after = step.payment.clone();
        if step.changed {
            set.payment(before, &step);
            after.version = step.payment.version + 1;
            if let Some(told) = step.told {
                let id = EventId::new(now, &self.chance);
                let kind = told.as_str();
                set.event(EventRecord {
                    id,
                    scope: after.scope,
                    payment: after.id,
                    sequence: after.version,
                    kind,
                    body: view::event_json(self, id, kind, now, &after),
                    at: now,
                });
            }
        }
        working.write(self, &mut set, &after, now, last(&after));
        let tells = step.changed && step.told.is_some();
        (Change { set, tells }, after)
    }

    pub(crate) async fn commit(&self, change: Change) -> Result<(), NotCommitted> {
        self.store.commit(change.set).await?;
        if change.tells {
            self.outbox_bell.notify_one();
        }
        Ok(())
    }
}

/// A decision, ready to be saved.
pub(crate) struct Change {
    set: ChangeSet,
    /// It has an event for the outbox.
    tells: bool,
}

/// What became of an event.
pub(crate) struct Applied {
    /// As saved.
    pub payment: Payment,
    /// False: it was no news, someone else has dealt with it.
    pub changed: bool,
}

/// A refusal of the rules is an answer like any other.
impl From<Refused> for Error {
    fn from(refused: Refused) -> Error {
        Error::Refused(refused)
    }
}

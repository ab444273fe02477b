//! Toss Payments, from the PG's side: window, API, notices, faults.

mod amount;
mod api;
mod calendar;
mod codes;
mod console;
mod control;
mod errors;
mod idempotency;
mod keys;
mod merchant;
mod notice;
mod payment;
mod receipts;
mod routes;
mod sdk;
mod store;
#[cfg(test)]
mod tests;
mod trouble;
mod window;
mod wire;
mod words;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use vocabulary::{Chance, Clock, Duration, Timestamp};

pub use control::{Deposit, DepositRefused, Truth};
pub use errors::Code;
pub use merchant::{ApiVersion, KeyPair, Merchant, Pair};
pub use payment::Status;
pub use trouble::REFUSALS;
pub use window::params::{Instalments, Product, Waits, WindowRequest};

use crate::faults::{self, Active, Fault, Line, NoticePlan, Operation, Plan};
use crate::notices::{Letter, Message, Notices};
use idempotency::Answers;
use store::{PAYMENTS_MAX, Store, Told};

pub(crate) use routes::router;

/// Which language answers are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    Ko,
    En,
}

impl Lang {
    pub fn pick(self, (korean, english): (&'static str, &'static str)) -> &'static str {
        match self {
            Lang::Ko => korean,
            Lang::En => english,
        }
    }
}

/// The PG itself, and the handle by which tests and the console move it. Cheap to clone.
#[derive(Clone)]
pub struct Pg(Arc<Shared>);

struct Shared {
    clock: Arc<dyn Clock>,
    chance: Chance,
    /// By client key and by secret key, with the pair the key is of.
    by_client_key: HashMap<String, (Arc<Merchant>, Pair)>,
    by_secret_key: HashMap<String, (Arc<Merchant>, Pair)>,
    mids: HashMap<String, Arc<str>>,
    notice_urls: RwLock<HashMap<String, Vec<Arc<str>>>>,
    public_url: RwLock<Arc<str>>,
    store: Mutex<Store>,
    answers: Mutex<Answers>,
    notices: Notices,
    line: Arc<Line>,
}

impl Pg {
    pub(crate) fn new(
        merchants: Vec<Merchant>,
        seed: u64,
        clock: Arc<dyn Clock>,
        notices: Notices,
        line: Arc<Line>,
    ) -> Pg {
        let mut by_client_key = HashMap::new();
        let mut by_secret_key = HashMap::new();
        let mut mids = HashMap::new();
        let mut notice_urls = HashMap::new();
        for merchant in merchants.into_iter().map(Arc::new) {
            let urls: Vec<Arc<str>> = merchant.notice_urls.iter().map(|url| Arc::from(url.as_str())).collect();
            notice_urls.insert(merchant.mid.clone(), urls);
            mids.insert(merchant.mid.clone(), Arc::from(merchant.mid.as_str()));
            by_client_key.insert(merchant.client_key.clone(), (merchant.clone(), Pair::Api));
            by_secret_key.insert(merchant.secret_key.clone(), (merchant.clone(), Pair::Api));
            if let Some(widget) = &merchant.widget {
                by_client_key.insert(widget.client_key.clone(), (merchant.clone(), Pair::Widget));
                by_secret_key.insert(widget.secret_key.clone(), (merchant.clone(), Pair::Widget));
            }
        }
        Pg(Arc::new(Shared {
            clock,
            chance: Chance::seeded(seed),
            by_client_key,
            by_secret_key,
            mids,
            notice_urls: RwLock::new(notice_urls),
            public_url: RwLock::new(Arc::from("")),
            store: Mutex::new(Store::holding(PAYMENTS_MAX)),
            answers: Mutex::default(),
            notices,
            line,
        }))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(crate) fn set_public_url(&self, url: &str) {
        let url = url.trim_end_matches('/');
        *self.0.public_url.write().unwrap_or_else(PoisonError::into_inner) = Arc::from(url);
    }

    pub(crate) fn public_url(&self) -> Arc<str> {
        self.0.public_url.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Where a merchant's notices go from now on; for servers whose address is known only after their start.
    pub fn set_notice_urls(&self, mid: &str, urls: &[&str]) {
        let urls = urls.iter().map(|url| Arc::from(*url)).collect();
        self.0
            .notice_urls
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(mid.to_owned(), urls);
    }

    /// Every API answer takes at least this long, as with a real PG behind a network.
    pub fn set_latency(&self, latency: Duration) {
        self.0.line.set_latency(latency);
    }

    /// How long a hanging call hangs; at most, and at first, 90 seconds.
    pub fn set_hang(&self, hang: Duration) {
        self.0.line.set_hang(hang);
    }

    /// How long a slow call takes.
    pub fn set_slow(&self, slow: Duration) {
        self.0.line.set_slow(slow);
    }

    /// Spoils the next `times` calls of `operation`, whosever they are.
    pub fn plan_fault(&self, operation: Operation, fault: Fault, times: u32) {
        self.0.line.plan(Plan::new(operation, fault, times));
    }

    /// Ends the faults that were planned, and the rates.
    pub fn clear_faults(&self) {
        self.0.line.clear();
    }

    /// From now on these shares of the calls go wrong; see [`Line::set_rates`].
    pub fn set_rates(&self, rates: &[(Option<Operation>, Fault, f64)]) {
        self.0.line.set_rates(rates);
    }

    fn answers(&self) -> std::sync::MutexGuard<'_, Answers> {
        self.0.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something to the store at one moment, and tells the merchants what came of it.
    fn with<T>(&self, plan: NoticePlan, act: impl FnOnce(&mut Store, Timestamp) -> T) -> T {
        let now = self.now();
        let (value, told) = {
            let mut store = self.0.store.lock().unwrap_or_else(PoisonError::into_inner);
            store.expire(now);
            let value = act(&mut store, now);
            (value, std::mem::take(&mut store.told))
        };
        for told in told {
            self.tell(told, plan, now);
        }
        value
    }

    /// Ends payments whose time is over. Returns when the next one's is.
    pub(crate) fn expire(&self) -> Option<Timestamp> {
        self.with(NoticePlan::default(), |store, now| {
            while store.expire(now) {}
            store.next_deadline()
        })
    }

    fn tell(&self, told: Told, plan: NoticePlan, now: Timestamp) {
        let urls = self.0.notice_urls.read().unwrap_or_else(PoisonError::into_inner);
        let Some(urls) = urls.get(&told.payment.merchant.mid).filter(|urls| !urls.is_empty()) else {
            return;
        };
        let plan = if told.by_call { plan } else { NoticePlan::default() };
        let changed: Arc<dyn Message> = Arc::new(notice::StatusChanged {
            payment: told.payment.clone(),
            at: now,
            public_url: self.public_url(),
            skewed: plan.skewed,
        });
        let deposit = told.deposit.then(|| -> Arc<dyn Message> {
            Arc::new(notice::DepositCallback {
                payment: told.payment.clone(),
                at: now,
                skewed: plan.skewed,
            })
        });
        let letters = urls.iter().flat_map(|url| {
            let messages = [Some(&changed), deposit.as_ref()].into_iter().flatten();
            messages.map(|message| Letter {
                url: url.clone(),
                message: message.clone(),
                schedule: &notice::SCHEDULE,
            })
        });
        let transmission = || keys::transmission(now, &self.0.chance);
        self.0.notices.send(plan, letters.collect(), transmission);
    }

    /// The faults for one call: planned ones, and those the payment carries.
    fn faults_for(&self, operation: Operation, subject: Option<&str>) -> Active {
        let planned = self.0.line.draw(operation);
        let Some(key) = subject else { return planned };
        let mut store = self.0.store.lock().unwrap_or_else(PoisonError::into_inner);
        if store.peek(key).is_none_or(|payment| payment.trouble.plans.is_empty()) {
            return planned;
        }
        let mut carried = Active::default();
        store.amend(key, |payment| {
            carried = faults::draw(&mut payment.trouble.plans, operation)
        });
        planned.with(carried)
    }
}

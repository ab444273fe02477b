//! NICE Payments (start-api), from the PG's side: window, API, notices, faults.

mod api;
mod codes;
mod console;
mod control;
mod dates;
mod fields;
mod keys;
mod merchant;
mod notice;
mod orgs;
mod payment;
mod routes;
mod sdk;
mod sign;
mod store;
#[cfg(test)]
mod tests;
mod trouble;
mod window;
mod wire;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use vocabulary::{Chance, Clock, Duration, Money, Timestamp};

pub use codes::Code;
pub use control::{Deposit, DepositRefused, Truth};
pub use merchant::{Merchant, NoticeForm};
pub use payment::Status;
pub use trouble::REFUSALS;
pub use window::params::{DepositUntil, Product, WindowRequest};

use crate::faults::{self, Active, Fault, Line, NoticePlan, Operation, Plan};
use crate::notices::{Letter, Message, Notices};
use api::Tokens;
use keys::Service;
use payment::{Numbers, Payment};
use store::{PAYMENTS_MAX, Store, Told};

pub(crate) use routes::router;

/// How many numbers are tried in one second before the next second's are taken.
const TRIES_PER_SECOND: u32 = 32;

/// Which language the window is in.
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
    /// By client id.
    merchants: HashMap<String, Arc<Merchant>>,
    notice_urls: RwLock<HashMap<String, Vec<Arc<str>>>>,
    public_url: RwLock<Arc<str>>,
    store: Mutex<Store>,
    tokens: Mutex<Tokens>,
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
        let mut by_client_id = HashMap::new();
        let mut notice_urls = HashMap::new();
        for merchant in merchants {
            let urls: Vec<Arc<str>> = merchant.notice_urls.iter().map(|url| Arc::from(url.as_str())).collect();
            notice_urls.insert(merchant.mid.clone(), urls);
            by_client_id.insert(merchant.client_id.clone(), Arc::new(merchant));
        }
        Pg(Arc::new(Shared {
            clock,
            chance: Chance::seeded(seed),
            merchants: by_client_id,
            notice_urls: RwLock::new(notice_urls),
            public_url: RwLock::new(Arc::from("")),
            store: Mutex::new(Store::holding(PAYMENTS_MAX)),
            tokens: Mutex::default(),
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

    /// Where a merchant's notices of every method go from now on; for servers whose address is known only after
    /// their start.
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

    fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.0.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A tid no other transaction has. A second holds ten thousand; when they run short the next one's are taken.
    fn fresh_tid(&self, store: &Store, mid: &str, service: Service, now: Timestamp) -> String {
        let mut at = now;
        loop {
            for _ in 0..TRIES_PER_SECOND {
                let tid = keys::tid(mid, service, at, &self.0.chance);
                if !store.contains(&tid) && !store.receipts.contains(&tid) {
                    return tid;
                }
            }
            at = at + Duration::seconds(1);
        }
    }

    fn numbers(&self, mid: &str) -> Numbers {
        let chance = &self.0.chance;
        Numbers {
            approve: keys::approve_number(chance),
            account: keys::account_number(chance),
            receipt_tid: keys::tid(mid, Service::Receipt, self.now(), chance),
            receipt: keys::receipt_number(chance),
        }
    }

    /// Does something to the store at one moment, and tells the merchants what came of it.
    fn with<T>(&self, plan: NoticePlan, act: impl FnOnce(&mut Store, Timestamp) -> T) -> T {
        let now = self.now();
        let (value, told) = {
            let mut store = self.0.store.lock().unwrap_or_else(PoisonError::into_inner);
            store.expire(now);
            let value = act(&mut store, now);
            let told = std::mem::take(&mut store.told);
            let told: Vec<_> = told
                .into_iter()
                .map(|told| (self.receivers(&store, &told.payment), told))
                .collect();
            (value, told)
        };
        for (urls, told) in told {
            self.tell(urls, told, plan, now);
        }
        value
    }

    /// Ends payments whose time is over.
    pub(crate) fn expire(&self) {
        self.with(NoticePlan::default(), |store, now| while store.expire(now) {});
    }

    /// The addresses that hear of a payment: the merchant's for everything, and the one registered for its method.
    fn receivers(&self, store: &Store, payment: &Payment) -> Vec<Arc<str>> {
        let urls = self.0.notice_urls.read().unwrap_or_else(PoisonError::into_inner);
        let mut receivers = urls.get(&payment.merchant.mid).cloned().unwrap_or_default();
        let hooks = store.hooks.get(&payment.merchant.mid);
        if let Some(hook) = hooks.and_then(|hooks| hooks.get(payment.means.group())) {
            receivers.push(Arc::from(hook.url.as_str()));
        }
        receivers
    }

    fn tell(&self, urls: Vec<Arc<str>>, told: Told, plan: NoticePlan, now: Timestamp) {
        if urls.is_empty() {
            return;
        }
        let plan = if told.by_call { plan } else { NoticePlan::default() };
        let message: Arc<dyn Message> = Arc::new(notice::Changed {
            payment: told.payment,
            at: now,
            public_url: self.public_url(),
            skewed: plan.skewed,
        });
        let letter = |url| Letter {
            url,
            message: message.clone(),
            schedule: &notice::SCHEDULE,
        };
        let letters = urls.into_iter().map(letter).collect();
        self.0
            .notices
            .send(plan, letters, || keys::transmission(&self.0.chance));
    }

    /// The faults for one call: planned ones, and those the payment carries.
    fn faults_for(&self, operation: Operation, subject: Option<&Payment>) -> Active {
        let planned = self.0.line.draw(operation);
        let Some(payment) = subject.filter(|payment| !payment.trouble.plans.is_empty()) else {
            return planned;
        };
        let mut carried = Active::default();
        let mut store = self.0.store.lock().unwrap_or_else(PoisonError::into_inner);
        store.amend(&payment.tid, |payment| {
            carried = faults::draw(&mut payment.trouble.plans, operation)
        });
        planned.with(carried)
    }
}

/// `12,345원`
fn won(amount: Money) -> String {
    let digits = amount.minor.unsigned_abs().to_string();
    let mut text = String::from(if amount.minor < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + "원"
}

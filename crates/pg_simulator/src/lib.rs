//! The PGs' side of the counter: simulators that speak each PG's published protocol, misbehave on purpose,
//! and know the truth that our own records are measured against. Shares no code with `connectors`.
//!
//! Everything lives in memory. Nothing here may be trusted with real card data: numbers are masked on arrival.

pub mod faults;
mod html;
pub mod nice;
mod notices;
mod server;
mod tls;
pub mod toss;

use std::future::Future;
use std::sync::{Arc, OnceLock};

use axum::Router;
use vocabulary::{Clock, Money};

use faults::{Fault, Line, Operation, Plan};

pub use notices::{Carried, Courier, Sent};
pub use server::serve;
pub use tls::{Certificate, TlsError};

/// Set apart from the seed of Toss.
const NICE_SEED: u64 = 0x4e49_4345;

/// What a simulator needs to know.
pub struct Config {
    /// How browsers reach us: `http://host:port`. None: the address we are served at.
    pub public_url: Option<String>,
    pub merchants: Vec<toss::Merchant>,
    pub nice: Vec<nice::Merchant>,
    /// Who carries notices; `None`: real connections. A simulation brings its own.
    pub courier: Option<Arc<dyn Courier>>,
    /// Keys and numbers come from it; the same seed and calls give the same ones.
    pub seed: u64,
    pub clock: Arc<dyn Clock>,
}

/// What a PG knows about an order, all its payments together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Truth {
    /// What was approved and, for virtual accounts, deposited. Zero before.
    pub approved: Money,
    /// What is left of it after cancels.
    pub balance: Money,
    /// Over all payments of the order: more than one means the shopper was charged twice.
    pub approvals: u32,
    pub cancels: usize,
    /// A virtual account waits for its deposit.
    pub waiting: bool,
}

/// All simulated PGs with their shared notice sender. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Simulator {
    toss: toss::Pg,
    nice: nice::Pg,
    notices: notices::Notices,
    /// One for each PG.
    lines: Arc<[Arc<Line>]>,
    /// The certificates, once TLS is served.
    desk: Arc<OnceLock<Arc<tls::Desk>>>,
    public_url: Option<String>,
}

impl Simulator {
    pub fn new(config: Config) -> Simulator {
        let notices = notices::Notices::new(config.clock.clone(), config.courier);
        let desk = Arc::new(OnceLock::new());
        let line = Arc::new(Line::seeded(config.seed, desk.clone()));
        let toss = toss::Pg::new(
            config.merchants,
            config.seed,
            config.clock.clone(),
            notices.clone(),
            line.clone(),
        );
        // Another seed, so that the PGs do not give the same numbers.
        let seed = config.seed.wrapping_add(NICE_SEED);
        let nice_line = Arc::new(Line::seeded(seed, desk.clone()));
        let nice = nice::Pg::new(config.nice, seed, config.clock, notices.clone(), nice_line.clone());
        let simulator = Simulator {
            toss,
            nice,
            notices,
            lines: Arc::new([line, nice_line]),
            desk,
            public_url: config.public_url,
        };
        if let Some(url) = &simulator.public_url {
            simulator.set_public_url(url);
        }
        simulator
    }

    /// Every route: `/toss/…`, `/nice/…`, and for clients of Toss that can only change a host, `/v1/…` and
    /// `/v2/standard` too.
    pub fn router(&self) -> Router {
        toss::router(self.toss.clone()).merge(nice::router(self.nice.clone()))
    }

    pub fn set_public_url(&self, url: &str) {
        self.toss.set_public_url(url);
        self.nice.set_public_url(url);
    }

    pub fn toss(&self) -> &toss::Pg {
        &self.toss
    }

    pub fn nice(&self) -> &nice::Pg {
        &self.nice
    }

    /// What the PGs know about an order id. None: no PG ever heard of it.
    pub fn truth(&self, order_id: &str) -> Option<Truth> {
        let toss = self.toss.truth(order_id).map(|truth| truth.of_any_pg());
        let nice = || self.nice.truth(order_id).map(|truth| truth.of_any_pg());
        toss.or_else(nice)
    }

    /// What the PGs know about every order they remember, by order id, in no order.
    pub fn truths(&self) -> Vec<(String, Truth)> {
        let toss = self.toss.truths().into_iter();
        let nice = self.nice.truths().into_iter();
        let toss = toss.map(|(order_id, truth)| (order_id, truth.of_any_pg()));
        let nice = nice.map(|(order_id, truth)| (order_id, truth.of_any_pg()));
        toss.chain(nice).collect()
    }

    /// Spoils the next `times` calls of `operation` at each PG, whosever they are.
    pub fn plan_fault(&self, operation: Operation, fault: Fault, times: u32) {
        self.plan(Plan::new(operation, fault, times));
    }

    /// Spoils the next calls that `plan` means at each PG.
    pub fn plan(&self, plan: Plan) {
        self.lines.iter().for_each(|line| line.plan(plan));
    }

    /// Ends the faults that were planned, and the rates, at every PG.
    pub fn clear_faults(&self) {
        self.lines.iter().for_each(|line| line.clear());
    }

    /// From now on these shares of the calls go wrong, at every PG; see [`Line::set_rates`].
    pub fn set_rates(&self, rates: &[(Option<Operation>, Fault, f64)]) {
        self.lines.iter().for_each(|line| line.set_rates(rates));
    }

    /// [`serve`] speaks TLS from its start, with this certificate; to be called before it. Returns the certificate,
    /// in PEM, of the authority that a client has to trust. A second call only changes the certificate.
    pub fn use_tls(&self, certificate: Certificate) -> Result<String, TlsError> {
        let host = self.public_url.as_deref().and_then(tls::host_of);
        let made = Arc::new(tls::Desk::open(certificate, host.as_deref())?);
        let desk = self.desk.get_or_init(|| made);
        desk.show(certificate);
        Ok(desk.authority_pem().to_owned())
    }

    /// New connections see this certificate from now on, and open ones are closed. False: no TLS is served.
    pub fn show_certificate(&self, certificate: Certificate) -> bool {
        self.desk.get().map(|desk| desk.show(certificate)).is_some()
    }

    /// One step of the notice sender: ends payments whose time is over, sends every notice that is due by the
    /// clock and schedules the retries. Returns how many notices were tried. For tests that move the clock.
    pub async fn deliver_due_notices(&self) -> usize {
        self.toss.expire();
        self.nice.expire();
        let mut tried = 0;
        loop {
            match self.notices.deliver_due().await {
                0 => return tried,
                count => tried += count,
            }
        }
    }

    /// The driver: sends notices as they fall due until `stop`. Runs beside [`serve`].
    pub async fn run_notices(self, stop: impl Future<Output = ()>) {
        let ends_payments = async {
            loop {
                self.toss.expire();
                self.nice.expire();
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            }
        };
        tokio::select! {
            () = self.notices.run(stop) => {}
            () = ends_payments => {}
        }
    }

    /// The latest notices tried, newest first, of all PGs.
    pub fn notices_sent(&self) -> Vec<Sent> {
        self.notices.history()
    }

    /// How many notices wait for their time.
    pub fn notices_waiting(&self) -> usize {
        self.notices.waiting()
    }
}

//! One PG's wire to its clients, as far as it can be made to misbehave. Every PG calls [`Line::draw`],
//! [`Line::before`] and [`Line::after`] once for each call of its API.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use tokio::sync::watch;
use vocabulary::{Chance, Duration};

use super::plan::{draw, remember};
use super::spoil;
use super::{Active, Break, Fault, Operation, Plan, Rate};
use crate::tls::{Certificate, Desk};

/// The longest a call hangs; a client has given up long before.
const HANG_MAX: Duration = Duration::seconds(90);
/// How long a slow call takes, unless told otherwise.
const SLOW: Duration = Duration::seconds(3);
/// The most rates in force at a time.
const RATES_MAX: usize = 256;

/// In the extensions of a response: there is none. The server resets the connection; whoever calls without a
/// socket takes it for that, and reading the body fails as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut;

pub struct Line {
    /// Added to every API answer, for benchmarks that want a PG as slow as a real one.
    latency_us: AtomicI64,
    hang_us: AtomicI64,
    slow_us: AtomicI64,
    faults: Mutex<InForce>,
    /// Decides for the rates, and how an answer is spoiled.
    chance: Chance,
    closing: watch::Sender<bool>,
    /// Of all PGs together.
    desk: Arc<OnceLock<Arc<Desk>>>,
}

#[derive(Default)]
struct InForce {
    plans: Vec<Plan>,
    rates: Vec<Rate>,
}

impl Line {
    pub(crate) fn seeded(seed: u64, desk: Arc<OnceLock<Arc<Desk>>>) -> Line {
        Line {
            latency_us: AtomicI64::new(0),
            hang_us: AtomicI64::new(HANG_MAX.as_micros()),
            slow_us: AtomicI64::new(SLOW.as_micros()),
            faults: Mutex::default(),
            chance: Chance::seeded(seed),
            closing: watch::Sender::new(false),
            desk,
        }
    }

    pub fn set_latency(&self, latency: Duration) {
        self.latency_us
            .store(latency.min(HANG_MAX).as_micros(), Ordering::Relaxed);
    }

    pub fn set_hang(&self, hang: Duration) {
        self.hang_us.store(hang.min(HANG_MAX).as_micros(), Ordering::Relaxed);
    }

    pub fn set_slow(&self, slow: Duration) {
        self.slow_us.store(slow.min(HANG_MAX).as_micros(), Ordering::Relaxed);
    }

    /// From now on these shares of the calls go wrong, instead of those set before. An operation of `None` means
    /// every call. The same seed and the same calls in the same order meet the same faults.
    pub fn set_rates(&self, rates: &[(Option<Operation>, Fault, f64)]) {
        let rates = rates.iter().take(RATES_MAX);
        self.in_force().rates = rates
            .filter(|(_, _, rate)| *rate > 0.0)
            .map(|&(operation, fault, rate)| Rate { operation, fault, rate })
            .collect();
    }

    /// Sets one rate and leaves the others; a rate of 0 ends it.
    pub fn set_rate(&self, rate: Rate) {
        let mut in_force = self.in_force();
        let same = |other: &Rate| other.operation == rate.operation && other.fault == rate.fault;
        in_force.rates.retain(|other| !same(other));
        if rate.rate > 0.0 && in_force.rates.len() < RATES_MAX {
            in_force.rates.push(rate);
        }
    }

    /// Spoils the next calls that `plan` means, whosever they are.
    pub fn plan(&self, plan: Plan) {
        remember(&mut self.in_force().plans, plan);
    }

    /// Which certificate new connections see; None: no TLS is served.
    pub fn certificate(&self) -> Option<Certificate> {
        self.desk.get().map(|desk| desk.shown())
    }

    /// Shows another one from now on. False: no TLS is served.
    pub fn show_certificate(&self, certificate: Certificate) -> bool {
        self.desk.get().map(|desk| desk.show(certificate)).is_some()
    }

    /// Ends plans and rates.
    pub fn clear(&self) {
        *self.in_force() = InForce::default();
    }

    pub fn plans(&self) -> Vec<Plan> {
        self.in_force().plans.clone()
    }

    pub fn rates(&self) -> Vec<Rate> {
        self.in_force().rates.clone()
    }

    /// The faults planned or drawn for one call. Plans are used up by it.
    pub fn draw(&self, operation: Operation) -> Active {
        let mut in_force = self.in_force();
        let planned = draw(&mut in_force.plans, operation);
        let mut drawn = Active::default();
        for rate in &in_force.rates {
            if rate.strikes(operation, &self.chance) {
                drawn.add(rate.fault);
            }
        }
        planned.with(drawn)
    }

    /// Before the call is looked at. `Some`: it never is, and this is all the client gets.
    pub async fn before(&self, active: &Active) -> Option<Response> {
        self.wait(&self.latency_us).await;
        if active.slow {
            self.wait(&self.slow_us).await;
        }
        match active.before? {
            Break::Hang => Some(self.hang().await),
            Break::ServerError => Some(server_error()),
            Break::Reset => Some(cut()),
        }
    }

    /// After the call was carried out: what becomes of its finished answer.
    pub async fn after(&self, active: &Active, answer: Response) -> Response {
        match active.after {
            Some(Break::Hang) => self.hang().await,
            // A PG that has its own way to say so has already said it.
            Some(Break::ServerError) if answer.status().is_server_error() => answer,
            Some(Break::ServerError) => server_error(),
            Some(Break::Reset) => cut(),
            None => match active.spoil {
                Some(how) => spoil::spoiled(how, answer, &self.chance).await,
                None => answer,
            },
        }
    }

    /// Hangs as long as a hanging call does.
    async fn hang(&self) -> Response {
        self.wait(&self.hang_us).await;
        StatusCode::GATEWAY_TIMEOUT.into_response()
    }

    /// Lets every hanging call go, so that the simulator can stop.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }

    async fn wait(&self, micros: &AtomicI64) {
        let time = Duration::micros(micros.load(Ordering::Relaxed));
        if time <= Duration::ZERO {
            return;
        }
        let mut closing = self.closing.subscribe();
        tokio::select! {
            () = tokio::time::sleep(time.to_std()) => {}
            _ = closing.wait_for(|closing| *closing) => {}
        }
    }

    fn in_force(&self) -> MutexGuard<'_, InForce> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a front server says when the one behind it broke.
fn server_error() -> Response {
    let html = HeaderValue::from_static("text/html");
    let page = "<html><head><title>500 Internal Server Error</title></head><body><center><h1>500 Internal Server \
                Error</h1></center></body></html>";
    (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, html)], page).into_response()
}

fn cut() -> Response {
    let reset = futures_util::stream::once(std::future::ready(Err::<Bytes, _>(std::io::Error::from(
        std::io::ErrorKind::ConnectionReset,
    ))));
    let mut response = Response::new(Body::from_stream(reset));
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response.extensions_mut().insert(Cut);
    response
}

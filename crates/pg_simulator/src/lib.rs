//! The PGs' side of the counter: simulators that speak each PG's published protocol, misbehave on purpose,
//! and know the truth that our own records are measured against. Shares no code with `connectors`.
//!
//! Everything lives in memory. Nothing here may be trusted with real card data: numbers are masked on arrival.

pub mod faults;
mod html;
pub mod nice;
mod notices;
pub mod toss;

use std::future::Future;
use std::io;
use std::sync::Arc;

use axum::Router;
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use vocabulary::Clock;

pub use notices::{Carried, Courier, Sent};

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

/// All simulated PGs with their shared notice sender. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Simulator {
    toss: toss::Pg,
    notices: notices::Notices,
    line: Arc<faults::Line>,
    public_url_given: bool,
}

impl Simulator {
    pub fn new(config: Config) -> Simulator {
        let notices = notices::Notices::new(config.clock.clone(), config.courier);
        let line = Arc::new(faults::Line::default());
        let toss = toss::Pg::new(
            config.merchants,
            config.seed,
            config.clock,
            notices.clone(),
            line.clone(),
        );
        let simulator = Simulator {
            toss,
            notices,
            line,
            public_url_given: config.public_url.is_some(),
        };
        if let Some(url) = &config.public_url {
            simulator.set_public_url(url);
        }
        simulator
    }

    /// Every route: `/toss/…`, and for clients that can only change a host, `/v1/…` and `/v2/standard` too.
    pub fn router(&self) -> Router {
        toss::router(self.toss.clone())
    }

    pub fn set_public_url(&self, url: &str) {
        self.toss.set_public_url(url);
    }

    pub fn toss(&self) -> &toss::Pg {
        &self.toss
    }

    /// One step of the notice sender: ends payments whose time is over, sends every notice that is due by the
    /// clock and schedules the retries. Returns how many notices were tried. For tests that move the clock.
    pub async fn deliver_due_notices(&self) -> usize {
        self.toss.expire();
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

/// Serves the simulator until `stop`; calls that hang on purpose are let go then. Notices are [`Simulator::run_notices`]'s.
pub async fn serve(
    simulator: Simulator,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    if !simulator.public_url_given {
        simulator.set_public_url(&format!("http://{}", listener.local_addr()?));
    }
    let line = simulator.line.clone();
    let stop = async move {
        stop.await;
        line.close();
    };
    let listener = listener.tap_io(|stream| {
        // Small answers must not wait for an acknowledgement.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, simulator.router())
        .with_graceful_shutdown(stop)
        .await
}

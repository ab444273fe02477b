//! One shopper with a shop's server behind: creates a payment with its first attempt, agrees at the PG
//! and comes back. When the server answers the return, the sale is in the books.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, bail};
use pg_simulator::toss::{Pg, Product, WindowRequest};
use serde::Deserialize;
use vocabulary::{Chance, Money, Secret};

use super::wire::{Answer, Connection};

/// Numbers orders; the same seed gives the same amounts.
pub struct Orders {
    chance: Chance,
    run: u64,
    number: AtomicU64,
}

pub struct Order {
    id: String,
    amount: i64,
}

impl Orders {
    pub fn new(seed: u64) -> Orders {
        Orders {
            chance: Chance::seeded(seed),
            run: seed,
            number: AtomicU64::new(0),
        }
    }

    pub fn next(&self) -> Order {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        Order {
            id: format!("bench-{}-{number}", self.run),
            amount: 1_000 + 10 * self.chance.below(10_000) as i64,
        }
    }
}

/// Where agreeing happens.
#[derive(Clone)]
pub enum Till {
    /// At the simulator, whose switch for "the shopper agreed" is in this process.
    Simulator { pg: Pg, client_key: String },
    /// Nowhere: the server's own answers take any key.
    InProcess,
}

pub struct Payer {
    server: Connection,
    headers: String,
    till: Till,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Created {
    checkout_url: String,
    attempts: Vec<Opened>,
}

#[derive(Deserialize)]
struct Opened {
    id: String,
}

impl Payer {
    pub fn new(address: &str, secret_key: &Secret<String>, till: Till) -> Payer {
        let key = secret_key.reveal_for("calling our own server");
        Payer {
            server: Connection::to(address),
            headers: format!("Content-Type: application/json\r\nAuthorization: Bearer {key}\r\n"),
            till,
        }
    }

    /// Returns our own time: that of both requests less the PG's.
    pub async fn pay(&mut self, order: &Order) -> anyhow::Result<Duration> {
        let Order { id, amount } = order;
        let body = format!(r#"{{"orderId":"{id}","orderName":"나룻배 모형","amount":{amount},"method":"CARD"}}"#);
        let headers = format!("{}Idempotency-Key: {id}\r\n", self.headers);
        let answer = self
            .server
            .ask("POST", "/v1/payments", &headers, body.as_bytes())
            .await?;
        if answer.status != 201 {
            bail!("create was answered {}: {}", answer.status, text(&answer));
        }
        let created: Created = serde_json::from_slice(&answer.body).context("a payment that cannot be read")?;
        let attempt = &created.attempts.first().context("no attempt was opened")?.id;
        let pg_key = self.agree(attempt, *amount)?;
        let path = path_of(&created.checkout_url).context("an address without a path")?;
        let back = format!("{path}/attempts/{attempt}/success?paymentKey={pg_key}&orderId={attempt}&amount={amount}");
        let returned = self.server.ask("GET", &back, "", b"").await?;
        let at_result = returned
            .location
            .as_deref()
            .is_some_and(|place| place.contains("/result"));
        if returned.status != 303 || !at_result {
            bail!("the return was answered {}: {}", returned.status, text(&returned));
        }
        Ok(answer.own() + returned.own())
    }

    fn agree(&self, attempt: &str, amount: i64) -> anyhow::Result<String> {
        match &self.till {
            Till::InProcess => Ok(format!("tbench{}", attempt.trim_start_matches("att_"))),
            Till::Simulator { pg, client_key } => {
                let request = WindowRequest::new(client_key, Product::Card, Money::krw(amount), attempt);
                pg.authenticate(request)
                    .map_err(|code| anyhow::anyhow!("the simulator refused: {}", code.as_str()))
            }
        }
    }
}

fn path_of(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    rest.find('/').map(|at| &rest[at..])
}

fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).chars().take(300).collect()
}

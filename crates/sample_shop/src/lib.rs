//! A small shop on the web that sells through NaruPay as any shop would: it knows only the
//! public HTTP API, the browser script and webhooks. Orders live in memory: it is an example
//! to read and a shop to test against, not a place to keep books.
//!
//! Start reading at `webhook.rs` (how a webhook is verified) and `ordering.rs` (one order, one payment).

mod canceling;
mod deciding;
mod goods;
mod inbox;
mod naru;
mod ordering;
mod orders;
mod sessions;
mod web;
pub mod webhook;
mod words;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use vocabulary::{Chance, Clock, Secret, Timestamp};

use goods::Shelf;
use inbox::Inbox;
pub use naru::Error;
use naru::Naru;
use orders::Orders;
use sessions::Sessions;

/// What a shop's server knows. Addresses are `https://host[:port]`, a slash at the end is dropped.
pub struct Config {
    /// Where this server reaches NaruPay.
    pub api_url: String,
    /// Where the shopper's browser reaches NaruPay; often the same.
    pub browser_api_url: String,
    /// `sk_…`: stays on this server.
    pub secret_key: Secret<String>,
    /// `ck_…`: goes into pages.
    pub client_key: String,
    /// Where browsers and webhooks reach this shop.
    pub public_url: String,
    /// `whsec_…`; without it call `Shop::register_webhook` before the first sale.
    pub webhook_secret: Option<Secret<String>>,
    pub clock: Arc<dyn Clock>,
    pub chance: Chance,
}

/// The shop. Cheap to clone; clones are the same shop.
#[derive(Clone)]
pub struct Shop(Arc<Inner>);

struct Inner {
    naru: Naru,
    sdk_url: String,
    /// Scheme, host and port of the browser's NaruPay, for the content security policy.
    sdk_origin: String,
    client_key: String,
    public_url: String,
    clock: Arc<dyn Clock>,
    chance: Chance,
    webhook_secret: Mutex<Option<Secret<String>>>,
    desk: Mutex<Desk>,
}

/// Everything the shop remembers. Held only between awaits, never across one.
struct Desk {
    shelf: Shelf,
    sessions: Sessions,
    orders: Orders,
    inbox: Inbox,
}

impl Shop {
    pub fn new(config: Config) -> Shop {
        let browser_api_url = trimmed(&config.browser_api_url);
        Shop(Arc::new(Inner {
            naru: Naru::new(trimmed(&config.api_url), config.secret_key),
            sdk_url: format!("{browser_api_url}/sdk/v1/narupay.js"),
            sdk_origin: origin(&browser_api_url),
            client_key: config.client_key,
            public_url: trimmed(&config.public_url),
            clock: config.clock,
            chance: config.chance,
            webhook_secret: Mutex::new(config.webhook_secret),
            desk: Mutex::new(Desk {
                shelf: Shelf::stocked(),
                sessions: Sessions::default(),
                orders: Orders::default(),
                inbox: Inbox::default(),
            }),
        }))
    }

    /// Asks NaruPay to send this shop's webhooks here and keeps the secret they are signed with.
    /// An endpoint left by an earlier run with the same address is taken over with a new secret.
    pub async fn register_webhook(&self) -> Result<(), Error> {
        let url = format!("{}/webhooks", self.0.public_url);
        let key = hex(&self.0.chance.bytes::<16>());
        let old = self.0.naru.webhook_endpoints().await?;
        let secret = match old.into_iter().find(|endpoint| endpoint.url == url) {
            Some(endpoint) => self.0.naru.rotate_webhook_secret(&endpoint.id, &key).await?,
            None => self.0.naru.create_webhook_endpoint(&url, &key).await?,
        };
        *self.0.webhook_secret.lock().unwrap_or_else(PoisonError::into_inner) = Some(secret);
        Ok(())
    }

    pub fn router(&self) -> axum::Router {
        web::router(self.clone())
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.0.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn webhook_secret(&self) -> Option<Secret<String>> {
        self.0
            .webhook_secret
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }
}

/// Serves until `stop` is cancelled, then finishes what is in flight.
pub async fn serve(shop: Shop, listener: TcpListener, stop: CancellationToken) -> std::io::Result<()> {
    axum::serve(listener, shop.router())
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
}

fn trimmed(url: &str) -> String {
    String::from(url.trim_end_matches('/'))
}

fn origin(url: &str) -> String {
    reqwest::Url::parse(url).map_or_else(|_| String::from("'none'"), |url| url.origin().ascii_serialization())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;

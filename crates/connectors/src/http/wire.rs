use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use reqwest::{Certificate, Client, redirect, retry, tls};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{ANSWER_BYTES_MAX, Request, Response, Transport, TransportError};

/// Name, TCP and TLS together. Until they are done the PG cannot have acted.
const CONNECT_DEADLINE: Duration = Duration::from_secs(3);
/// Shorter than what PGs' front servers allow, so that it is we who close an idle connection
/// and not they, just as a request is on its way.
const IDLE_DEADLINE: Duration = Duration::from_secs(20);
const IDLE_CONNECTIONS_MAX: usize = 64;
/// A PG that hangs may hold this many requests, and no more, of ours. At 300 ms an answer that
/// is 3,400 a second to one PG.
pub(super) const IN_FLIGHT_MAX: usize = 1024;
/// Addresses come from configuration, so there are as many as PGs.
const HOSTS_MAX: usize = 256;

/// The real way to the PGs. It sends each request once: no proxy, no redirect, no retry. One for
/// all PG accounts is enough; each PG has its own connections and its own limit in it.
pub struct Wire {
    client: Client,
    in_flight: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// Why there is no way to the PGs from this machine.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    #[error("the HTTP client for the PGs cannot be made")]
    Client(#[from] reqwest::Error),
    #[error("there is no certificate in what is to be trusted beside the usual roots")]
    NothingToTrust,
}

impl Wire {
    /// Trusts Mozilla's root certificates, which are in the binary: the same trust on every
    /// machine, also in a container without any, and none that somebody added to the machine.
    pub fn new() -> Result<Wire, WireError> {
        Wire::to(Vec::new())
    }

    /// Also trusts the authorities of `pem`, for a simulated PG or one in a house network. Only for installations
    /// without live keys: whoever holds such an authority's key can be any PG.
    /// Errors: the text holds no certificate, or one that cannot be read.
    pub fn trusting(pem: &[u8]) -> Result<Wire, WireError> {
        let added = Certificate::from_pem_bundle(pem)?;
        if added.is_empty() {
            return Err(WireError::NothingToTrust);
        }
        Wire::to(added)
    }

    fn to(added: Vec<Certificate>) -> Result<Wire, WireError> {
        let mozilla = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
        let roots = mozilla
            .map(|root| Certificate::from_der(root))
            .chain(added.into_iter().map(Ok))
            .collect::<Result<Vec<_>, _>>()?;
        let client = Client::builder()
            .tls_certs_only(roots)
            .tls_version_min(tls::Version::TLS_1_2)
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            // With HTTP/2 all requests would share one connection and its fate.
            .http1_only()
            .tcp_nodelay(true)
            .connect_timeout(CONNECT_DEADLINE)
            .pool_idle_timeout(IDLE_DEADLINE)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .user_agent(concat!("narupay/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Wire {
            client,
            in_flight: Mutex::default(),
        })
    }

    /// A place among the requests on their way to `host`, until it is dropped.
    pub(super) fn enter(&self, host: String) -> Result<OwnedSemaphorePermit, TransportError> {
        let mut hosts = self.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= HOSTS_MAX && !hosts.contains_key(&host) {
            return Err(TransportError::NotSent(format!(
                "over {HOSTS_MAX} PG addresses are in use"
            )));
        }
        let semaphore = hosts
            .entry(host)
            .or_insert_with(|| Arc::new(Semaphore::new(IN_FLIGHT_MAX)));
        Arc::clone(semaphore)
            .try_acquire_owned()
            .map_err(|_| TransportError::NotSent(format!("{IN_FLIGHT_MAX} requests already wait for this PG")))
    }

    async fn ask(&self, request: Request) -> Result<Response, TransportError> {
        let url = reqwest::Url::parse(&request.url)
            .map_err(|error| TransportError::NotSent(format!("the PG's address is wrong: {error}")))?;
        let _permit = self.enter(url.origin().ascii_serialization())?;
        let sent = self
            .client
            .request(request.method, url)
            .headers(request.headers)
            .body(request.body)
            .timeout(request.deadline)
            .send()
            .await;
        let mut answer = sent.map_err(sort)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut body = BytesMut::new();
        while let Some(chunk) = answer
            .chunk()
            .await
            .map_err(|error| TransportError::NoAnswer(chain(error)))?
        {
            if body.len() + chunk.len() > ANSWER_BYTES_MAX {
                return Err(TransportError::NoAnswer(format!(
                    "the answer is over {ANSWER_BYTES_MAX} bytes"
                )));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response {
            status,
            headers,
            body: Bytes::from(body),
        })
    }
}

impl Transport for Wire {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(self.ask(request))
    }
}

/// An error while connecting came before the first byte of the request; any other one, a
/// deadline that ran out somewhere included, may have come after the PG acted.
fn sort(error: reqwest::Error) -> TransportError {
    // Built by us and never handed to a connection.
    if error.is_connect() || error.is_builder() {
        TransportError::NotSent(chain(error))
    } else {
        TransportError::NoAnswer(chain(error))
    }
}

/// The error with its sources in one line; without the address, which may hold keys.
fn chain(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

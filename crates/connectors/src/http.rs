//! How connectors reach their PGs. A trait, so that a simulation or a benchmark can answer
//! in-process; the real one never follows a redirect, never retries, never uses a proxy.

mod wire;

#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{HeaderMap, Method, StatusCode};
use thiserror::Error;

pub use wire::{Wire, WireError};

/// The longest answer a PG may give. The longest real one, a payment with its cancels, has about 5 kB.
pub const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// One request to a PG. It is sent once: whether to repeat is for the caller to decide.
#[derive(Clone)]
pub struct Request {
    pub method: Method,
    pub url: String,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// From sending to the last byte of the answer.
    pub deadline: Duration,
}

#[derive(Clone)]
pub struct Response {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// Why there is no answer, sorted by what it says about the PG having seen the request.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TransportError {
    /// No connection was made: the PG cannot have acted.
    #[error("no connection to the PG: {0}")]
    NotSent(String),
    /// The PG may have acted.
    #[error("no answer from the PG: {0}")]
    NoAnswer(String),
}

pub trait Transport: Send + Sync {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>>;
}

// Bodies carry account numbers and names: what is printed is only their length. Keys travel in
// headers marked as sensitive, which print as such.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {} {:?}, {} bytes",
            self.method,
            self.url,
            self.headers,
            self.body.len()
        )
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} bytes", self.status, self.body.len())
    }
}

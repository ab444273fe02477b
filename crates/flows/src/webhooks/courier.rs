//! How a webhook gets to the shop's server. A trait, so that a simulation can receive it in-process.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::address::PublicOnly;
use super::deliver::AT_ONCE_PER_ENDPOINT;
use crate::Error;

const ANSWER_WITHIN: Duration = Duration::from_secs(10);
const CONNECT_WITHIN: Duration = Duration::from_secs(3);
const ANSWER_BYTES_KEPT: usize = 500;

/// One try of one webhook.
#[derive(Debug, Clone)]
pub struct Letter<'a> {
    pub url: &'a str,
    pub headers: [(&'static str, String); 5],
    pub body: &'a str,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// `None`: there was no answer.
    pub status: Option<u16>,
    /// How the answer begins, or why there was none; a few hundred characters at most.
    pub note: String,
}

/// Carries a webhook once and waits for the answer, at most some seconds.
pub trait Courier: Send + Sync {
    fn carry<'a>(&'a self, letter: Letter<'a>) -> BoxFuture<'a, Carried>;
}

/// The usual courier: never to a private address unless told so, never along a redirect.
pub(super) struct Connections(reqwest::Client);

impl Connections {
    pub fn open(private_addresses: bool) -> Result<Connections, Error> {
        let mut http = reqwest::Client::builder()
            .connect_timeout(CONNECT_WITHIN)
            .timeout(ANSWER_WITHIN)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .pool_max_idle_per_host(AT_ONCE_PER_ENDPOINT)
            .user_agent(concat!("NaruPay/", env!("CARGO_PKG_VERSION")));
        if !private_addresses {
            http = http.dns_resolver(Arc::new(PublicOnly));
        }
        let http = http
            .build()
            .map_err(|error| Error::Unavailable(format!("the webhook client: {error}")))?;
        Ok(Connections(http))
    }
}

impl Courier for Connections {
    fn carry<'a>(&'a self, letter: Letter<'a>) -> BoxFuture<'a, Carried> {
        let mut request = self.0.post(letter.url).body(letter.body.to_owned());
        for (name, value) in letter.headers {
            request = request.header(name, value);
        }
        Box::pin(async move {
            match request.send().await {
                Ok(answer) => Carried {
                    status: Some(answer.status().as_u16()),
                    note: first_words(answer).await,
                },
                Err(error) => Carried {
                    status: None,
                    note: reason(&error),
                },
            }
        })
    }
}

/// The beginning of an answer, for the shop's developer; the rest is not read.
async fn first_words(mut answer: reqwest::Response) -> String {
    let mut kept = Vec::new();
    while kept.len() < ANSWER_BYTES_KEPT {
        match answer.chunk().await {
            Ok(Some(chunk)) => kept.extend_from_slice(&chunk[..chunk.len().min(ANSWER_BYTES_KEPT - kept.len())]),
            Ok(None) | Err(_) => break,
        }
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// Why there was no answer, without the address, which the shop knows.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer within 10 seconds".to_owned();
    }
    let mut text = String::from("no connection");
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = cause.to_string();
        source = cause.source();
    }
    text.chars().take(ANSWER_BYTES_KEPT).collect()
}

//! Where the shops want their webhooks, and whether that can work.

use std::time::Duration;

use store::{Endpoint, Store};
use tokio::net::TcpStream;
use url::Url;
use vocabulary::Mode;

use super::Finding;
use crate::config::Config;

const CONNECT_WITHIN: Duration = Duration::from_secs(5);

/// With `reach` it also connects, and sends nothing.
pub async fn look(config: &Config, store: &Store, reach: bool, findings: &mut Vec<Finding>) {
    let scopes = match store.scopes().await {
        Ok(scopes) => scopes,
        Err(fault) => {
            findings.push(Finding::fail("webhooks", fault.to_string(), "see the database above"));
            return;
        }
    };
    let mut count = 0;
    for scope in scopes {
        let endpoints = match store.endpoints(scope).await {
            Ok(endpoints) => endpoints,
            Err(fault) => {
                findings.push(Finding::fail("webhooks", fault.to_string(), "see the database above"));
                return;
            }
        };
        for endpoint in endpoints.into_iter().filter(|endpoint| !endpoint.disabled) {
            count += 1;
            findings.extend(judge(&endpoint, scope.mode));
            if reach {
                findings.extend(connect(&endpoint).await);
            }
        }
    }
    if config.webhook_private_addresses && config.is_live() {
        findings.push(Finding::warn(
            "webhooks",
            "they may go to private addresses, so a shop could make us call machines of this network",
            "leave webhooks.allow_private_addresses away, unless the shops are your own",
        ));
    }
    findings.push(Finding::ok("webhooks", format!("{count} endpoints")));
}

fn judge(endpoint: &Endpoint, mode: Mode) -> Option<Finding> {
    let plain = mode == Mode::Live && !endpoint.url.starts_with("https://");
    plain.then(|| {
        Finding::warn(
            "webhooks",
            format!("{} is not encrypted, and it hears of real orders", endpoint.url),
            "ask the shop for an https:// address",
        )
    })
}

async fn connect(endpoint: &Endpoint) -> Option<Finding> {
    let url = Url::parse(&endpoint.url).ok()?;
    let place = (url.host_str()?.to_owned(), url.port_or_known_default()?);
    let problem = match tokio::time::timeout(CONNECT_WITHIN, TcpStream::connect(place)).await {
        Ok(Ok(_)) => return None,
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no connection in {} s", CONNECT_WITHIN.as_secs()),
    };
    Some(Finding::warn(
        "webhooks",
        format!("{} is not reached: {problem}", endpoint.url),
        "is the shop's server up? Deliveries are tried again for days",
    ))
}

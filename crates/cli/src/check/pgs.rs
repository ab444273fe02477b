//! Do the keys of each PG account work? Asked with an inquiry about an order that does not exist:
//! a PG that answers "unknown order" has accepted the key, and nothing moved.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use connectors::http::{Request, Response, Transport, TransportError, Wire};
use connectors::{Connector, Inquiry, Outside};
use flows::{AccountSetup, ShopSetup};
use futures_util::future::BoxFuture;
use vocabulary::pg::Answer;
use vocabulary::{AttemptId, Chance, Clock};

use super::Finding;
use crate::clock::MachineClock;
use crate::config::Config;

/// A PG that takes longer is no help to a shopper either.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);

pub async fn look(config: &Config, findings: &mut Vec<Finding>) {
    let wire = match Wire::new() {
        Ok(wire) => Arc::new(wire),
        Err(error) => {
            findings.push(Finding::fail(
                "PGs",
                error.to_string(),
                "this is a fault of the build: report it",
            ));
            return;
        }
    };
    for shop in &config.shops {
        for account in &shop.accounts {
            findings.extend(ask(shop, account, &wire).await);
        }
    }
}

/// Whether the keys work; then what else the connector noticed, which never takes the first one's place.
async fn ask(shop: &ShopSetup, account: &AccountSetup, wire: &Arc<Wire>) -> Vec<Finding> {
    let check = format!("PG {}/{} ({})", shop.slug, account.slug, account.config.mode);
    let heard = Arc::new(Heard {
        wire: wire.clone(),
        trouble: Mutex::default(),
    });
    let outside = Outside {
        transport: heard.clone(),
        clock: Arc::new(MachineClock::real()),
    };
    let connector = match connectors::connect(&account.config, &outside) {
        Ok(connector) => connector,
        Err(problem) => {
            return vec![Finding::fail(
                check,
                problem.to_string(),
                "mend the account's settings in narupay.toml",
            )];
        }
    };
    let next = "compare the keys with the PG's console, and that this machine may reach the PG";
    let Ok(answer) = tokio::time::timeout(ANSWER_WITHIN, inquire(&*connector)).await else {
        let what = format!("no answer in {} s", ANSWER_WITHIN.as_secs());
        return vec![Finding::fail(check, what, next)];
    };
    let works = || {
        let simulated = if account.simulator.is_some() {
            ", a simulator"
        } else {
            ""
        };
        Finding::ok(check.clone(), format!("{} accepts the keys{simulated}", connector.pg()))
    };
    let finding = match answer {
        Answer::No(_) | Answer::Report(_) => works(),
        Answer::Unknown(said) => Finding::fail(check.clone(), heard.trouble().unwrap_or(said), next),
    };
    let version = "set the account's api_version to what the PG's console says";
    let remarks = connector.remarks().into_iter();
    let remarks = remarks.map(|remark| Finding::warn(check.clone(), remark, version));
    [finding].into_iter().chain(remarks).collect()
}

async fn inquire(connector: &dyn Connector) -> Answer {
    let now = MachineClock::real().now();
    // Random, so never one of the PG's own.
    let nobodys = AttemptId::new(now, &Chance::system()).to_string();
    let ask = Inquiry {
        pg_key: None,
        pg_order_id: nobodys,
        opened_at: now,
    };
    connector.inquire(&ask).await
}

/// The wire, and what went wrong on it: the connector's answer no longer says that.
struct Heard {
    wire: Arc<Wire>,
    trouble: Mutex<Option<TransportError>>,
}

impl Heard {
    fn trouble(&self) -> Option<String> {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        trouble.as_ref().map(ToString::to_string)
    }
}

impl Transport for Heard {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let answer = self.wire.send(request).await;
            *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = answer.as_ref().err().cloned();
            answer
        })
    }
}

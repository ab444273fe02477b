//! The network: server to PG, PG to server, server to shop.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration as StdDuration;

use axum::body::Body;
use bytes::Bytes;
use connectors::http::{Request, Response, Transport, TransportError};
use flows::webhooks;
use futures_util::future::BoxFuture;
use http_body_util::BodyExt;
use pg_simulator::faults::{Cut, Fault};
use pg_simulator::{Carried, Courier};
use tower::ServiceExt;
use vocabulary::{Duration, Secret, Timestamp};

use crate::node::Life;
use crate::world::{World, lock};

/// One generation's way to the PGs.
pub struct Wire {
    pub world: Weak<World>,
    pub life: Arc<Life>,
}

/// The faults a PG can be told to make of one call.
const PG_FAULTS: [Fault; 14] = [
    Fault::TimeoutBefore,
    Fault::TimeoutAfter,
    Fault::TimeoutAfter,
    Fault::ErrorBefore,
    Fault::ErrorAfter,
    Fault::WrongAmount,
    Fault::Slow,
    Fault::ResetBefore,
    Fault::ResetAfter,
    Fault::Truncated,
    Fault::Html,
    Fault::WrongTypes,
    Fault::WrongOrder,
    Fault::NoticeForged,
];

impl Transport for Wire {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let Some(world) = self.world.upgrade() else {
                return Err(TransportError::NotSent("the world is over".to_owned()));
            };
            self.life.rest_in_peace().await;
            let deadline = request.deadline;
            let answer = tokio::time::timeout(deadline, self.carry(&world, request)).await;
            self.life.rest_in_peace().await;
            match answer {
                Ok(answer) => answer,
                Err(_) => Err(no_answer("the deadline is over")),
            }
        })
    }
}

impl Wire {
    async fn carry(&self, world: &Arc<World>, request: Request) -> Result<Response, TransportError> {
        world.tally.pg_calls.fetch_add(1, Ordering::Relaxed);
        let path = path_of(&request.url);
        let name = format!("server {}: {} {path}", self.life.generation, request.method);
        if *lock(&world.cut) || world.strikes(|climate| climate.refused) {
            world.fault(&format!("{name}: no connection"));
            world.wait_ms(1, 3_000).await;
            return Err(TransportError::NotSent("connection refused".to_owned()));
        }
        if world.strikes(|climate| climate.dies_at_call) {
            world.kill(&self.life, &format!("before it asks the PG: {path}"));
            self.life.rest_in_peace().await;
        }
        world.wait_ms(5, 120).await;
        if world.strikes(|climate| climate.lost_before) {
            world.fault(&format!("{name}: the request is lost"));
            std::future::pending::<()>().await;
        }
        if world.strikes(|climate| climate.late) {
            let late = StdDuration::from_millis(world.dice.between(10_000, 55_000));
            world.fault(&format!("{name}: the request takes {} s", late.as_secs()));
            let (later, again) = (world.clone(), request.clone());
            tokio::spawn(async move {
                tokio::time::sleep(late).await;
                later.say(&format!("the PG gets a late {} {}", again.method, path_of(&again.url)));
                let _ = at_counter(&later, &again, None).await;
            });
            std::future::pending::<()>().await;
        }
        if world.strikes(|climate| climate.doubled) {
            world.fault(&format!("{name}: the request arrives twice"));
            let _ = at_counter(world, &request, None).await;
        }
        if world.strikes(|climate| climate.slow) {
            world.fault(&format!("{name}: the network is slow"));
            world.wait_ms(500, 20_000).await;
        }
        let moves_money = request.method == http::Method::POST;
        let fault = world
            .strikes(|climate| climate.pg * if moves_money { 2 } else { 1 })
            .then(|| world.dice.pick(&PG_FAULTS));
        if let Some(fault) = fault {
            world.fault(&format!("{name}: the PG makes {}", fault.as_str()));
        }
        let answer = at_counter(world, &request, fault).await;
        let status = answer
            .as_ref()
            .map_or("nothing".to_owned(), |answer| answer.status.to_string());
        world.say(&format!("{name}: {status}"));
        if world.strikes(|climate| climate.dies_at_call) {
            world.kill(&self.life, &format!("after it asked the PG: {path}"));
            self.life.rest_in_peace().await;
        }
        if world.strikes(|climate| climate.lost_after) {
            world.fault(&format!("{name}: the answer is lost"));
            if world.dice.percent(50) {
                std::future::pending::<()>().await;
            }
            return Err(no_answer("connection reset"));
        }
        if world.strikes(|climate| climate.slow) {
            world.fault(&format!("{name}: the answer is slow"));
            world.wait_ms(500, 20_000).await;
        }
        world.wait_ms(5, 120).await;
        answer
    }
}

/// The request at the PG's door.
async fn at_counter(world: &Arc<World>, request: &Request, fault: Option<Fault>) -> Result<Response, TransportError> {
    let mut builder = http::Request::builder()
        .method(request.method.clone())
        .uri(path_of(&request.url));
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    if let Some(fault) = fault {
        builder = builder.header("simulator-fault", fault.as_str());
    }
    let request = builder
        .body(Body::from(request.body.clone()))
        .map_err(|error| TransportError::NotSent(error.to_string()))?;
    let Ok(answer) = world.counter.clone().oneshot(request).await;
    if answer.extensions().get::<Cut>().is_some() {
        return Err(no_answer("connection reset"));
    }
    let (parts, body) = answer.into_parts();
    let body = body
        .collect()
        .await
        .map_err(|_| no_answer("half an answer"))?
        .to_bytes();
    Ok(Response {
        status: parts.status,
        headers: parts.headers,
        body,
    })
}

fn no_answer(why: &str) -> TransportError {
    TransportError::NoAnswer(why.to_owned())
}

/// Of an address: what follows the host.
fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').map_or("/", |at| &rest[at..])
}

/// The PGs' notices on their way to whichever generation is alive.
pub struct NoticePost {
    pub world: Weak<World>,
}

impl Courier for NoticePost {
    fn carry<'a>(
        &'a self,
        url: &'a str,
        headers: &'a [(&'static str, String)],
        body: Bytes,
        answer_within: Duration,
    ) -> BoxFuture<'a, Option<Carried>> {
        Box::pin(async move {
            let world = self.world.upgrade()?;
            let send = || {
                let mut request = http::Request::builder().method("POST").uri(path_of(url));
                for (name, value) in headers {
                    request = request.header(*name, value);
                }
                request.body(Body::from(body.clone())).ok()
            };
            if world.strikes(|climate| climate.doubled) {
                world.fault("a notice arrives twice");
                world.call(send()?).await;
            }
            if world.strikes(|climate| climate.late) {
                world.fault("a notice is late");
                world.wait_ms(1_000, 9_000).await;
            }
            let answer = tokio::time::timeout(answer_within.to_std(), world.call(send()?)).await;
            let got = answer.ok().flatten()?;
            Some(Carried {
                status: got.status,
                body: Bytes::from(got.body),
            })
        })
    }
}

/// One generation's way to the shops' servers.
pub struct HookPost {
    pub world: Weak<World>,
    pub life: Arc<Life>,
}

impl webhooks::Courier for HookPost {
    fn carry<'a>(&'a self, letter: webhooks::Letter<'a>) -> BoxFuture<'a, webhooks::Carried> {
        Box::pin(async move {
            self.life.rest_in_peace().await;
            let status = match self.world.upgrade() {
                Some(world) => deliver(&world, &letter).await,
                None => None,
            };
            self.life.rest_in_peace().await;
            webhooks::Carried {
                status,
                note: String::new(),
            }
        })
    }
}

async fn deliver(world: &World, letter: &webhooks::Letter<'_>) -> Option<u16> {
    world.tally.webhooks.fetch_add(1, Ordering::Relaxed);
    world.wait_ms(1, 80).await;
    if world.strikes(|climate| climate.lost_before) {
        world.fault("a webhook is lost");
        tokio::time::sleep(StdDuration::from_secs(10)).await;
        return None;
    }
    if world.strikes(|climate| climate.hook_fails) {
        let hangs = world.dice.percent(30);
        world.fault(if hangs {
            "a shop's server hangs"
        } else {
            "a shop's server answers a webhook with 500"
        });
        if hangs {
            tokio::time::sleep(StdDuration::from_secs(10)).await;
            return None;
        }
        return Some(500);
    }
    receive(world, letter);
    world.wait_ms(1, 80).await;
    if world.strikes(|climate| climate.lost_after) {
        world.fault("a shop's answer to a webhook is lost");
        return None;
    }
    Some(200)
}

/// The shop's server takes a webhook, and checks it as the guide says.
fn receive(world: &World, letter: &webhooks::Letter<'_>) {
    let header = |name: &str| {
        let found = letter.headers.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, value)| value.as_str())
    };
    let shop = letter
        .url
        .rsplit('/')
        .next()
        .and_then(|shop| shop.parse::<usize>().ok());
    let body: serde_json::Value = serde_json::from_str(letter.body).unwrap_or_default();
    let payment = body["data"]["id"].as_str().unwrap_or_default().to_owned();
    let version: u32 = header("naru-payment-version").parse().unwrap_or(0);
    let at = Timestamp::from_seconds(header("webhook-timestamp").parse().unwrap_or(0));
    let wrong = {
        let mut model = world.model();
        let Some(hook) = shop.and_then(|shop| model.hooks.get_mut(&shop)) else {
            return;
        };
        let secret = Secret::new(hook.secret.clone());
        let signed = webhooks::signature(&secret, header("webhook-id"), at, letter.body);
        let seen = hook.got.entry(payment.clone()).or_default();
        let newest = seen.last().copied().unwrap_or(0);
        let first_time = seen.insert(version);
        if header("webhook-signature") != signed {
            Some("is signed wrongly")
        } else if first_time && version < newest {
            Some("overtook another")
        } else {
            None
        }
    };
    world.say(&format!("shop hears {} of {payment}, version {version}", body["type"]));
    if let Some(wrong) = wrong {
        world.violation(format!(
            "webhook {} of {payment}, version {version}, {wrong}",
            body["type"]
        ));
    }
}

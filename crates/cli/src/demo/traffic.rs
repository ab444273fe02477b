//! Shoppers that buy by themselves: a plausible mix, the same for the same seed.

use std::time::Duration;

use serde_json::json;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use vocabulary::Chance;

use super::shopper::{Api, Outcome, Visit};

/// Shoppers at the till at the same time; more would wait outside.
const SHOPPERS_MAX: usize = 64;

/// Name, price in won, and the part of it that is free of VAT (books, fresh food).
const GOODS: [(&str, i64, i64); 7] = [
    ("나룻배 모형", 48_000, 0),
    ("강변 머그컵", 15_000, 0),
    ("시집 『물길』", 12_000, 12_000),
    ("햇사과 3kg", 27_900, 27_900),
    ("과일과 머그컵 선물", 42_900, 27_900),
    ("노 젓는 장갑", 9_900, 0),
    ("원목 책상", 389_000, 0),
];

/// Method, kind, and how many of a hundred choose it. Source of the proportions: none, they are made up to look right.
const WAYS: [(&str, Option<&str>, u64); 5] = [
    ("CARD", None, 52),
    ("EASY_PAY", None, 28),
    ("TRANSFER", None, 8),
    ("VIRTUAL_ACCOUNT", None, 8),
    ("MOBILE", None, 4),
];

/// How much goes on.
pub struct Plan {
    pub per_minute: u32,
    pub seed: u64,
    /// Where a browser goes in the end.
    pub return_url: String,
}

/// What comes after the visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Afterwards {
    Nothing,
    CancelAll,
    CancelSome(i64),
}

pub async fn run(plan: Plan, api: Api, stop: CancellationToken) {
    let chance = Chance::seeded(plan.seed);
    // Order ids differ from run to run, the shoppers do not.
    let run = u64::from_le_bytes(Chance::system().bytes());
    let mut every = tokio::time::interval(Duration::from_secs(60) / plan.per_minute);
    let mut shoppers = JoinSet::new();
    for number in 0_u64.. {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = every.tick() => {}
        }
        while shoppers.try_join_next().is_some() {}
        if shoppers.len() >= SHOPPERS_MAX {
            continue;
        }
        let (visit, afterwards) = imagine(&chance, format!("t{run:016x}-{number}"));
        let (api, return_url) = (api.clone(), plan.return_url.clone());
        shoppers.spawn(async move {
            let order = visit.order_id.clone();
            if let Err(error) = go(&api, visit, afterwards, &return_url).await {
                tracing::warn!(
                    order.id = order,
                    error = format!("{error:#}"),
                    "a shopper of the demo had trouble with order {order}"
                );
            }
        });
    }
    while shoppers.join_next().await.is_some() {}
}

fn imagine(chance: &Chance, order_id: String) -> (Visit, Afterwards) {
    let (order_name, price, tax_free) = GOODS[chance.below(GOODS.len() as u64) as usize];
    let count = if price < 50_000 { 1 + chance.below(3) as i64 } else { 1 };
    let mut draw = chance.below(WAYS.iter().map(|(_, _, share)| share).sum());
    let mut way = WAYS[0];
    for candidate in WAYS {
        if draw < candidate.2 {
            way = candidate;
            break;
        }
        draw -= candidate.2;
    }
    let outcome = match chance.below(100) {
        0..=83 => Outcome::Approve,
        84..=88 => Outcome::Decline,
        89..=95 => Outcome::Close,
        _ => Outcome::WalkAway,
    };
    let amount = price * count;
    let afterwards = match (chance.below(100), way.0) {
        // A phone bill is canceled whole, and a deposit needs an account to go back to.
        (_, "VIRTUAL_ACCOUNT" | "MOBILE") => Afterwards::Nothing,
        (0..=3, _) => Afterwards::CancelAll,
        (4..=6, _) if tax_free == 0 => Afterwards::CancelSome(amount / 3),
        _ => Afterwards::Nothing,
    };
    let visit = Visit {
        order_id,
        order_name,
        amount,
        tax_free: tax_free * count,
        method: way.0,
        kind: way.1,
        outcome,
    };
    (visit, afterwards)
}

async fn go(api: &Api, visit: Visit, afterwards: Afterwards, return_url: &str) -> anyhow::Result<()> {
    let id = api.shop(&visit, return_url).await?;
    if visit.outcome != Outcome::Approve {
        return Ok(());
    }
    if visit.method == "VIRTUAL_ACCOUNT" {
        let key = format!("deposit-{}", visit.order_id);
        api.post(&format!("/v1/test/payments/{id}/deposit"), &key, &json!({}))
            .await?;
    }
    let body = match afterwards {
        Afterwards::Nothing => return Ok(()),
        Afterwards::CancelAll => json!({ "reason": "고객 변심" }),
        Afterwards::CancelSome(amount) => json!({ "amount": amount, "reason": "일부 품절" }),
    };
    let key = format!("cancel-{}", visit.order_id);
    api.post(&format!("/v1/payments/{id}/cancel"), &key, &body).await?;
    Ok(())
}

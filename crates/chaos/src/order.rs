//! One order: the shop's server that sells, and the shopper who buys. Each is a task with a stream of chance of its own.

use std::collections::BTreeSet;
use std::sync::Arc;

use http::Request;
use serde_json::{Value, json};
use vocabulary::{Duration, PaymentId};

use crate::dice::Dice;
use crate::shopper;
use crate::world::{Got, Known, World, remembered};

/// Tries after which a shop gives one request up.
const TRIES_MAX: u32 = 60;

pub struct Order {
    pub world: Arc<World>,
    pub dice: Dice,
    pub shop: usize,
    pub number: u64,
    pub id: PaymentId,
    pub amount: i64,
    /// Path of the checkout page.
    pub checkout: String,
    pub by_shop: bool,
}

/// From the basket to the last refund.
pub async fn play(world: Arc<World>, number: u64) {
    let dice = Dice::new(world.seed, &format!("order {number}"));
    world.sleep(Duration::seconds(dice.between(0, 1_500) as i64)).await;
    let Some(order) = create(world, dice, number).await else {
        return;
    };
    let order = Arc::new(order);
    for _ in 0..order.dice.between(1, 3) {
        shopper::visit(&order).await;
        if order.by_shop {
            order.decide().await;
        }
        if order.paid().await {
            break;
        }
    }
    if order.dice.percent(15) {
        order.operator_refunds();
    }
    if order.dice.percent(20) {
        order.receipt().await;
    }
    if order.dice.percent(65) {
        order.cancels().await;
    }
    if order.dice.percent(30) {
        let key = format!("sync-{number}");
        order.insist("sync", &key, &json!({})).await;
    }
    order.paid().await;
}

async fn create(world: Arc<World>, dice: Dice, number: u64) -> Option<Order> {
    let shop = dice.below(world.shops.len() as u64) as usize;
    let amount = dice.between(10, 2_000) as i64 * 100;
    let by_shop = dice.percent(30);
    let name = format!("order-{number:04}");
    let mut body = json!({
        "orderId": name,
        "orderName": "면 티셔츠",
        "amount": amount,
        "expiresInMinutes": dice.pick(&[5, 30, 120]),
        "depositWithinHours": dice.pick(&[1, 24, 72]),
        "confirm": if by_shop { "BY_SHOP" } else { "AUTOMATIC" },
        "lateApproval": if dice.percent(30) { "ACCEPT" } else { "CANCEL" },
        "customer": { "name": "박구매", "email": "buyer@example.com", "phone": "01012345678" },
    });
    if dice.percent(30) {
        body["taxFreeAmount"] = json!(amount / 4);
    }
    world.say(&format!("shop {shop} sells {name} for {amount}"));
    let key = format!("create-{number}");
    let got = insist(&world, &dice, shop, "/v1/payments", &key, &body).await?;
    let view = got.json();
    let (Some(id), Some(checkout)) = (view["id"].as_str(), view["checkoutUrl"].as_str()) else {
        world.violation(format!("{name} was answered {} {}", got.status, got.body));
        return None;
    };
    let id: PaymentId = id.parse().ok()?;
    let scope = world.node().and_then(|node| {
        let side = node.app.directory.by_secret_key(&world.shops[shop].secret_key)?;
        Some(side.scope)
    });
    let scope = match scope {
        Some(scope) => scope,
        // The server died just now; any later one knows the shop by the same id.
        None => world.model().known.values().find(|known| known.shop == shop)?.scope,
    };
    let known = Known {
        shop,
        scope,
        order: name,
        amount,
        version: 1,
        told_done: false,
        cancel_keys: BTreeSet::new(),
        by_hand: 0,
        touched: true,
    };
    world.model().known.insert(id, known);
    let checkout = checkout.split_once("://").map_or(checkout, |(_, rest)| rest);
    let checkout = checkout.find('/').map_or("/", |at| &checkout[at..]).to_owned();
    Some(Order {
        world,
        dice,
        shop,
        number,
        id,
        amount,
        checkout,
        by_shop,
    })
}

/// Asks again and again with one key, as a good shop does, until the answer is final.
async fn insist(world: &Arc<World>, dice: &Dice, shop: usize, path: &str, key: &str, body: &Value) -> Option<Got> {
    let mut wait = 500;
    for _ in 0..TRIES_MAX {
        let ask = || world.ask(shop, "POST", path, Some(key), body);
        let got = if dice.percent(8) {
            let (first, second) = tokio::join!(ask(), ask());
            first.filter(remembered).or(second)
        } else {
            ask().await
        };
        if let Some(got) = got.filter(remembered) {
            world.say(&format!(
                "shop {shop}: {key} is answered {} {}",
                got.status,
                short(&got)
            ));
            repeat_later(world, dice, shop, path, key, body);
            return Some(got);
        }
        world.sleep(Duration::millis(dice.between(wait / 2, wait) as i64)).await;
        wait = (wait * 2).min(240_000);
    }
    world.say(&format!("shop {shop} gives {key} up"));
    None
}

/// Hours later the same request comes once more; the world holds it to the first answer.
fn repeat_later(world: &Arc<World>, dice: &Dice, shop: usize, path: &str, key: &str, body: &Value) {
    if !dice.percent(25) {
        return;
    }
    let wait = Duration::seconds(dice.between(1, 6_000) as i64);
    let (world, path, key, mut body) = (world.clone(), path.to_owned(), key.to_owned(), body.clone());
    let other = dice.percent(25);
    tokio::spawn(async move {
        world.sleep(wait).await;
        if !other {
            world.ask(shop, "POST", &path, Some(&key), &body).await;
            return;
        }
        body["reason"] = json!("another reason");
        let request = Request::builder()
            .method("POST")
            .uri(&path)
            .header("authorization", format!("Bearer {}", world.shops[shop].secret_key))
            .header("idempotency-key", &key)
            .header("content-type", "application/json")
            .body(body.to_string().into());
        let Ok(request) = request else { return };
        let got = world.call(request).await;
        if let Some(got) = got.filter(|got| got.status < 300) {
            world.violation(format!("key {key} with another body was answered {}", got.status));
        }
    });
}

fn short(got: &Got) -> String {
    let view = got.json();
    match view["code"].as_str() {
        Some(code) => code.to_owned(),
        None => format!(
            "{} {} canceled {}",
            view["orderId"].as_str().unwrap_or_default(),
            view["status"].as_str().unwrap_or_default(),
            view["canceledAmount"]
        ),
    }
}

impl Order {
    pub fn path(&self, rest: &str) -> String {
        format!("/v1/payments/{}{rest}", self.id)
    }

    pub async fn insist(&self, what: &str, key: &str, body: &Value) -> Option<Got> {
        insist(
            &self.world,
            &self.dice,
            self.shop,
            &self.path(&format!("/{what}")),
            key,
            body,
        )
        .await
    }

    /// Looks a few times whether money has come.
    async fn paid(&self) -> bool {
        for _ in 0..4 {
            let got = self
                .world
                .ask(self.shop, "GET", &self.path(""), None, &Value::Null)
                .await;
            let status = got.as_ref().map(Got::json);
            if got.is_some_and(|got| got.status == 404) {
                self.world
                    .violation(format!("payment {} was acknowledged and is gone", self.id));
            }
            let status = status
                .as_ref()
                .and_then(|view| view["status"].as_str())
                .unwrap_or_default();
            if matches!(status, "DONE" | "PARTIAL_CANCELED" | "WAITING_FOR_DEPOSIT") {
                return true;
            }
            self.world
                .sleep(Duration::seconds(self.dice.between(1, 60) as i64))
                .await;
        }
        false
    }

    /// The shop has the last word.
    async fn decide(&self) {
        let wait = self.dice.pick(&[1, 1, 5, 30, 30, 200, 900]);
        self.world.sleep(Duration::seconds(wait)).await;
        let visit = self.dice.below(1_000);
        let word = if self.dice.percent(85) { "confirm" } else { "refuse" };
        let key = format!("{word}-{}-{visit}", self.number);
        self.insist(word, &key, &json!({})).await;
    }

    async fn receipt(&self) {
        let key = format!("receipt-{}", self.number);
        let body = json!({ "kind": "INCOME_DEDUCTION", "number": "01012345678" });
        self.insist("cash-receipt", &key, &body).await;
    }

    /// Money back: whole, parts, too much, one after the other or all at once.
    async fn cancels(&self) {
        let count = self.dice.between(1, 4);
        let mut asked = Vec::new();
        for n in 0..count {
            let key = format!("cancel-{}-{n}", self.number);
            let mut body = json!({ "reason": "구매자 변심" });
            if self.dice.percent(75) {
                let most = self.amount as u64 * 3 / 2;
                body["amount"] = json!(self.dice.between(1, most.max(2)));
            }
            if self.dice.percent(60) {
                body["refundAccount"] = json!({ "bank": "20", "number": "1002123456789", "holder": "박구매" });
            }
            if let Some(known) = self.world.model().known.get_mut(&self.id) {
                known.cancel_keys.insert(key.clone());
            }
            asked.push((key, body));
        }
        if self.dice.percent(50) {
            let all = asked.iter().map(|(key, body)| self.insist("cancel", key, body));
            futures_util::future::join_all(all).await;
            return;
        }
        for (key, body) in &asked {
            self.insist("cancel", key, body).await;
            self.world
                .sleep(Duration::seconds(self.dice.between(1, 600) as i64))
                .await;
        }
    }

    /// Somebody refunds in the PG's own console, which we hear of late or by asking.
    fn operator_refunds(&self) {
        let Some(attempt) = self.paid_attempt() else { return };
        let Some(truth) = self.world.pg.toss().truth(&attempt) else {
            return;
        };
        let part = self.dice.between(1, truth.balance.minor.max(1) as u64);
        let body = json!({ "cancelReason": "콘솔", "cancelAmount": part });
        self.by_hand();
        let world = self.world.clone();
        let key = world.shops[self.shop].toss_secret_key.clone();
        tokio::spawn(async move {
            use base64::Engine;
            let basic = base64::engine::general_purpose::STANDARD.encode(format!("{key}:"));
            let request = Request::builder()
                .method("POST")
                .uri(format!("/toss/v1/payments/{}/cancel", truth.payment_key))
                .header("authorization", format!("Basic {basic}"))
                .header("content-type", "application/json")
                .body(axum::body::Body::from(body.to_string()));
            if let Ok(request) = request {
                let Ok(answer) = tower::ServiceExt::oneshot(world.counter.clone(), request).await;
                world.say(&format!(
                    "an operator refunds {part} in the console: {}",
                    answer.status()
                ));
            }
        });
    }

    pub fn by_hand(&self) {
        if let Some(known) = self.world.model().known.get_mut(&self.id) {
            known.by_hand += 1;
        }
    }

    /// An order at the PG that holds money for this payment.
    fn paid_attempt(&self) -> Option<String> {
        let mut known = shopper::attempts_of(&self.world, self.id);
        known.retain(|attempt| {
            let truth = self.world.pg.truth(attempt);
            truth.is_some_and(|truth| truth.balance.minor > 0)
        });
        known.pop()
    }
}

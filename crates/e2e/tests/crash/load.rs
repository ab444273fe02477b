use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use vocabulary::Chance;

use crate::server::{CLIENT_KEY, SHOP_KEY};

const SETTLED_WITHIN: Duration = Duration::from_secs(120);
/// States that a payment rests in: nothing was asked of the PG, or its word is known.
const RESTING: [&str; 6] = ["READY", "DONE", "PARTIAL_CANCELED", "CANCELED", "EXPIRED", "ABORTED"];

/// What a shopper and a shop remember of an order.
#[derive(Debug, Clone)]
pub struct Order {
    pub order_id: String,
    /// Acknowledged: the server answered the create.
    pub id: Option<String>,
}

#[derive(Clone)]
pub struct Load {
    http: Client,
    api: String,
    pg: String,
}

impl Load {
    pub fn new(api: &str, pg: &str) -> Load {
        let http = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(10));
        Load {
            http: http.build().unwrap(),
            api: api.to_owned(),
            pg: pg.to_owned(),
        }
    }

    /// Buys and cancels until told to stop, asking again whatever got no answer.
    pub async fn shop(self, number: usize, chance: Chance, stop: Arc<AtomicBool>) -> Vec<Order> {
        let mut orders = Vec::new();
        while !stop.load(Ordering::SeqCst) {
            let order_id = format!("crash-{number}-{}-{}", orders.len(), chance.below(1_000_000_000));
            let amount = 1_000 + chance.below(50_000) as i64;
            let id = self.buy(&order_id, amount, &stop).await;
            if let Some(id) = id.as_ref().filter(|_| chance.below(3) == 0) {
                let body = json!({ "reason": "구매자 변심", "amount": 500 });
                let path = format!("/v1/payments/{id}/cancel");
                self.post(&path, &format!("cancel-{order_id}"), &body, &stop).await;
            }
            orders.push(Order { order_id, id });
        }
        orders
    }

    async fn buy(&self, order_id: &str, amount: i64, stop: &AtomicBool) -> Option<String> {
        let body = json!({ "orderId": order_id, "orderName": "시험 주문", "amount": amount, "method": "CARD" });
        let created = self.post("/v1/payments", order_id, &body, stop).await?;
        let id = created["id"].as_str()?.to_owned();
        let attempt = created["attempts"][0]["id"].as_str()?;
        let checkout = created["checkoutUrl"].as_str()?;
        let ask = json!({
            "clientKey": CLIENT_KEY, "method": "CARD", "amount": amount, "currency": "KRW", "orderId": attempt,
            "orderName": "시험 주문", "successUrl": checkout, "failUrl": checkout,
        });
        let agreed = self
            .http
            .post(format!("{}/_control/authenticate", self.pg))
            .json(&ask)
            .send()
            .await
            .ok()?;
        let agreed: Value = agreed.json().await.ok()?;
        let key = agreed["paymentKey"].as_str()?;
        let back = format!("{checkout}/attempts/{attempt}/success?paymentKey={key}&orderId={attempt}&amount={amount}");
        // A shopper reloads a page that did not come.
        while !stop.load(Ordering::SeqCst) {
            match self.http.get(&back).send().await {
                Ok(answer) if !answer.status().is_server_error() => break,
                _ => tokio::task::yield_now().await,
            }
        }
        Some(id)
    }

    /// Until it is answered: the same key and body each time.
    async fn post(&self, path: &str, key: &str, body: &Value, stop: &AtomicBool) -> Option<Value> {
        loop {
            let request = self
                .http
                .post(format!("{}{path}", self.api))
                .bearer_auth(SHOP_KEY)
                .header("Idempotency-Key", key);
            match request.json(body).send().await {
                Ok(answer) if answer.status().is_success() => return answer.json().await.ok(),
                Ok(answer) if is_final(&answer) => return None,
                _ if stop.load(Ordering::SeqCst) => return None,
                _ => tokio::task::yield_now().await,
            }
        }
    }

    /// Waits until each acknowledged payment rests, and returns them as the API shows them.
    pub async fn settle(&self, orders: &[Order]) -> Vec<Value> {
        let begun = Instant::now();
        let mut settled = Vec::new();
        for order in orders.iter().filter(|order| order.id.is_some()) {
            loop {
                let path = format!("{}/v1/orders/{}/payment", self.api, order.order_id);
                let answer = self.http.get(path).bearer_auth(SHOP_KEY).send().await.unwrap();
                if answer.status() == StatusCode::NOT_FOUND {
                    break;
                }
                let payment: Value = answer.json().await.unwrap();
                let open = payment["cancels"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|cancel| cancel["status"] == "UNKNOWN" || cancel["status"] == "REQUESTED");
                if RESTING.contains(&payment["status"].as_str().unwrap()) && !open {
                    settled.push(payment);
                    break;
                }
                assert!(begun.elapsed() < SETTLED_WITHIN, "still pending: {payment:#}");
                tokio::task::yield_now().await;
            }
        }
        settled
    }
}

/// A refusal that asking again does not change.
fn is_final(answer: &Response) -> bool {
    answer.status().is_client_error()
        && ![StatusCode::CONFLICT, StatusCode::TOO_MANY_REQUESTS].contains(&answer.status())
}

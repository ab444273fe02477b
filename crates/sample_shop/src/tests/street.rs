//! The shop on a loopback port, and browsers that walk in.

use std::sync::Arc;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};
use vocabulary::{Chance, Clock, Secret, TestClock, Timestamp};

use super::fake::{Fake, sign};
use crate::{Config, Shop, serve};

pub struct Street {
    pub naru: Fake,
    pub url: String,
    pub clock: Arc<TestClock>,
    _stop: DropGuard,
}

impl Street {
    pub async fn open() -> Street {
        let naru = Fake::start().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let clock = Arc::new(TestClock::at(Timestamp::parse("2026-11-25T14:03:00+09:00").unwrap()));
        let shop = Shop::new(Config {
            api_url: naru.base(),
            browser_api_url: format!("{}/", naru.base()),
            secret_key: Secret::new(String::from("sk_test_1")),
            client_key: String::from("ck_test_1"),
            public_url: url.clone(),
            webhook_secret: None,
            clock: clock.clone(),
            chance: Chance::seeded(1),
        });
        shop.register_webhook().await.unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(serve(shop, listener, stop.clone()));
        Street {
            naru,
            url,
            clock,
            _stop: stop.drop_guard(),
        }
    }

    pub fn browser(&self) -> Browser {
        Browser {
            http: Client::builder().redirect(Policy::none()).build().unwrap(),
            base: self.url.clone(),
            cookie: String::new(),
        }
    }

    /// A webhook about the order's payment as it is now; the shop's status code.
    pub async fn tell(&self, id: &str, kind: &str, order: &str) -> u16 {
        self.tell_of(id, kind, self.naru.payment(order)).await
    }

    pub async fn tell_of(&self, id: &str, kind: &str, payment: Value) -> u16 {
        let body =
            json!({ "type": kind, "timestamp": "2026-11-25T14:03:00+09:00", "id": id, "data": payment }).to_string();
        let at = self.clock.now().as_seconds();
        self.post_webhook(id, at, &sign(id, at, &body), body).await
    }

    pub async fn post_webhook(&self, id: &str, at: i64, signature: &str, body: String) -> u16 {
        let request = Client::new()
            .post(format!("{}/webhooks", self.url))
            .header("webhook-id", id)
            .header("webhook-timestamp", at.to_string())
            .header("webhook-signature", signature)
            .body(body);
        request.send().await.unwrap().status().as_u16()
    }
}

/// Keeps its cookie, follows no redirect by itself.
#[derive(Clone)]
pub struct Browser {
    http: Client,
    base: String,
    cookie: String,
}

pub struct Seen {
    pub status: u16,
    /// Where a redirect leads.
    pub to: String,
    pub text: String,
    pub policy: String,
}

impl Seen {
    /// The value of a hidden field or attribute: `name="order" value="…"`.
    pub fn after(&self, mark: &str) -> String {
        let (_, rest) = self
            .text
            .split_once(mark)
            .unwrap_or_else(|| panic!("no {mark} in {}", self.text));
        String::from(rest.split_once('"').unwrap().0)
    }

    pub fn order_status(&self) -> String {
        self.after("data-status=\"")
    }
}

impl Browser {
    pub async fn get(&mut self, path: &str) -> Seen {
        let request = self.http.get(self.url(path));
        self.see(request).await
    }

    pub async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Seen {
        let request = self.http.post(self.url(path)).header("origin", &self.base).form(form);
        self.see(request).await
    }

    pub async fn post_from(&mut self, origin: &str, path: &str, form: &[(&str, &str)]) -> Seen {
        let request = self.http.post(self.url(path)).header("origin", origin).form(form);
        self.see(request).await
    }

    pub async fn add(&mut self, good: &str, quantity: u32) {
        let seen = self
            .post("/cart", &[("good", good), ("quantity", &quantity.to_string())])
            .await;
        assert_eq!((seen.status, seen.to.as_str()), (303, "/cart"));
    }

    /// Opens the order form: its order number and cart version.
    pub async fn form(&mut self) -> (String, String) {
        let seen = self.get("/checkout").await;
        (
            seen.after("name=\"order\" value=\""),
            seen.after("name=\"cart\" value=\""),
        )
    }

    pub async fn send_form(&mut self, (order, cart): &(String, String)) -> Seen {
        let form = [
            ("order", order.as_str()),
            ("cart", cart),
            ("name", "김나루"),
            ("email", "naru@example.com"),
            ("phone", "010-1234-5678"),
        ];
        self.post("/orders", &form).await
    }

    /// Form and order in one; the order's number.
    pub async fn order(&mut self) -> String {
        let form = self.form().await;
        let seen = self.send_form(&form).await;
        assert_eq!(seen.status, 303, "{}", seen.text);
        form.0
    }

    pub async fn see_order(&mut self, order: &str) -> Seen {
        self.get(&format!("/orders/{order}")).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    async fn see(&mut self, request: RequestBuilder) -> Seen {
        let answer = request.header(COOKIE, &self.cookie).send().await.unwrap();
        if let Some(cookie) = answer.headers().get(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            self.cookie = format!("{pair}; {}", self.cookie);
        }
        let header = |answer: &Response, name: &str| {
            let value = answer.headers().get(name).map(|value| value.to_str().unwrap());
            String::from(value.unwrap_or_default())
        };
        Seen {
            status: answer.status().as_u16(),
            to: header(&answer, LOCATION.as_str()),
            policy: header(&answer, "content-security-policy"),
            text: answer.text().await.unwrap(),
        }
    }
}

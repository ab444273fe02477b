//! One shopper, as seen from outside: the shop's server creates a payment, a browser chooses a method,
//! goes through the PG's window and comes back. Only public addresses are used.

use std::time::Duration;

use anyhow::{Context, bail};
use reqwest::header::LOCATION;
use reqwest::{Client, RequestBuilder, StatusCode, Url};
use serde_json::{Value, json};
use vocabulary::Secret;

const ANSWER_WITHIN: Duration = Duration::from_secs(40);
/// A phone: the PG's window then takes the whole page, as an address that can be followed.
const BROWSER: &str = "Mozilla/5.0 (Linux; Android 15; Mobile) narupay-demo";
/// A page or an answer larger than this is none of ours.
const ANSWER_BYTES_MAX: usize = 512 * 1024;

/// Calls to NaruPay as a shop's server makes them.
#[derive(Clone)]
pub struct Api {
    http: Client,
    base: String,
    /// The simulated PG: where its script opens the window.
    pg: String,
    secret_key: Secret<String>,
}

/// What a shopper is going to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    pub order_id: String,
    pub order_name: &'static str,
    pub amount: i64,
    pub tax_free: i64,
    pub method: &'static str,
    pub kind: Option<&'static str>,
    pub outcome: Outcome,
}

/// What happens in the PG's window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Approve,
    Decline,
    Close,
    /// The shopper never comes back from it.
    WalkAway,
}

impl Api {
    pub fn new(base: &str, pg: &str, secret_key: &Secret<String>) -> Api {
        Api {
            http: Client::builder()
                .no_proxy()
                .user_agent(BROWSER)
                .redirect(reqwest::redirect::Policy::none())
                .timeout(ANSWER_WITHIN)
                .build()
                .expect("a client without certificates of its own can be made"),
            base: base.to_owned(),
            pg: pg.to_owned(),
            secret_key: secret_key.clone(),
        }
    }

    pub async fn post(&self, path: &str, key: &str, body: &Value) -> anyhow::Result<Value> {
        let request = self
            .http
            .post(format!("{}{path}", self.base))
            .header("Idempotency-Key", key)
            .json(body);
        self.ask(request).await
    }

    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.ask(self.http.get(format!("{}{path}", self.base))).await
    }

    pub async fn delete(&self, path: &str) -> anyhow::Result<()> {
        let key = self.secret_key.reveal_for("calling our own API as the demo's shop");
        let answer = self
            .http
            .delete(format!("{}{path}", self.base))
            .bearer_auth(key)
            .send()
            .await?;
        answer.error_for_status()?;
        Ok(())
    }

    async fn ask(&self, request: RequestBuilder) -> anyhow::Result<Value> {
        let key = self.secret_key.reveal_for("calling our own API as the demo's shop");
        let (status, _, text) = read(request.bearer_auth(key)).await?;
        if !status.is_success() {
            bail!(
                "the API answered {status}: {}",
                text.chars().take(300).collect::<String>()
            );
        }
        serde_json::from_str(&text).context("the API's answer is not JSON")
    }

    /// Creates the payment and goes through with it. Returns the payment's id.
    pub async fn shop(&self, visit: &Visit, return_url: &str) -> anyhow::Result<String> {
        let body = json!({
            "orderId": visit.order_id,
            "orderName": visit.order_name,
            "amount": visit.amount,
            "taxFreeAmount": visit.tax_free,
            "returnUrl": return_url,
        });
        let payment = self
            .post("/v1/payments", &format!("create-{}", visit.order_id), &body)
            .await?;
        let id = payment["id"].as_str().context("the payment has no id")?.to_owned();
        let checkout = payment["checkoutUrl"].as_str().context("the payment has no checkout")?;
        self.page(checkout).await?;
        let mut form = vec![("method", visit.method)];
        form.extend(visit.kind.map(|kind| ("kind", kind)));
        let chosen = self.http.post(format!("{checkout}/attempts")).form(&form);
        let (status, window, text) = read(chosen).await?;
        let window = window.with_context(|| format!("choosing a method was answered {status}: {}", brief(&text)))?;
        let window = Url::parse(&self.base)?.join(&window)?;
        let page = self.page(window.as_str()).await?;
        let parameters = parameters(&page).context("the window's page has no parameters")?;
        let Some(auto) = visit.outcome.auto() else {
            return Ok(id);
        };
        let address = window_address(&self.pg, &parameters, auto).context("the parameters are not Toss's")?;
        let (status, back, text) = read(self.http.get(address)).await?;
        let back = back.with_context(|| format!("the PG's window answered {status}: {}", brief(&text)))?;
        let (_, result, _) = read(self.http.get(back)).await?;
        if let Some(result) = result {
            self.page(Url::parse(&self.base)?.join(&result)?.as_str()).await?;
        }
        Ok(id)
    }

    async fn page(&self, url: &str) -> anyhow::Result<String> {
        let (status, _, text) = read(self.http.get(url)).await?;
        if !status.is_success() {
            bail!("a page answered {status}: {}", brief(&text));
        }
        Ok(text)
    }
}

impl Outcome {
    /// What the simulator's window calls it; `None`: it is not even opened.
    fn auto(self) -> Option<&'static str> {
        match self {
            Outcome::Approve => Some("approve"),
            Outcome::Decline => Some("decline"),
            Outcome::Close => Some("close"),
            Outcome::WalkAway => None,
        }
    }
}

fn brief(text: &str) -> String {
    text.chars().take(300).collect()
}

async fn read(request: RequestBuilder) -> anyhow::Result<(StatusCode, Option<String>, String)> {
    let mut answer = request.send().await?;
    let location = answer
        .headers()
        .get(LOCATION)
        .and_then(|place| place.to_str().ok())
        .map(str::to_owned);
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            bail!("an answer is over {ANSWER_BYTES_MAX} bytes");
        }
        body.extend_from_slice(&chunk);
    }
    Ok((answer.status(), location, String::from_utf8_lossy(&body).into_owned()))
}

/// The JSON that our window page hands to the PG's script.
fn parameters(page: &str) -> Option<Value> {
    let (_, rest) = page.split_once("data-parameters=\"")?;
    let (text, _) = rest.split_once('"')?;
    let text = [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#x22;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&lt;", "<"),
        ("&#60;", "<"),
        ("&gt;", ">"),
        ("&#62;", ">"),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ]
    .iter()
    .fold(text.to_owned(), |text, (code, letter)| text.replace(code, letter));
    serde_json::from_str(&text).ok()
}

/// The window's address with the fields as the PG's script puts them there, and with the simulator's own
/// `_auto`, which answers for the shopper.
fn window_address(pg: &str, parameters: &Value, auto: &str) -> Option<Url> {
    let request = parameters.get("request")?;
    let mut url = Url::parse(&format!("{pg}/window")).ok()?;
    let mut fields = url.query_pairs_mut();
    fields.append_pair("clientKey", parameters.get("clientKey")?.as_str()?);
    for (name, value) in request.as_object()? {
        match (name.as_str(), value) {
            ("amount", amount) => {
                fields.append_pair("amount", &plain(amount.get("value")?));
                fields.append_pair("currency", &plain(amount.get("currency")?));
            }
            (_, Value::Object(detail)) => {
                for (name, value) in detail
                    .iter()
                    .filter(|(_, value)| !value.is_object() && !value.is_array())
                {
                    fields.append_pair(name, &plain(value));
                }
            }
            (_, Value::Array(_) | Value::Null) => {}
            (name, value) => {
                fields.append_pair(name, &plain(value));
            }
        }
    }
    fields.append_pair("_auto", auto);
    drop(fields);
    Some(url)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

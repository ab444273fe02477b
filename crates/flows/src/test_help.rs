//! Acting as the shopper and the bank, at a PG's simulator, for a shop's own tests. Test mode only.

use std::collections::BTreeMap;
use std::sync::Arc;

use connectors::Locale;
use payments::{AttemptState, Payment};
use serde_json::{Value, json};
use vocabulary::{AttemptId, Mode, Money, PaymentId};

use crate::directory::Account;
use crate::memo::Working;
use crate::{App, Choice, Error, ShopSide, checkout};

const ANSWER_WITHIN: std::time::Duration = std::time::Duration::from_secs(10);

/// What the shopper does in the PG's window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Approve,
    Decline,
    Close,
}

/// Pays as a shopper would, without a browser: opens an attempt, agrees at the simulator, comes back.
pub async fn pay(
    app: &Arc<App>,
    side: &ShopSide,
    id: PaymentId,
    choice: Choice,
    outcome: Outcome,
) -> Result<Payment, Error> {
    let (payment, attempt) = checkout::open(app, side.scope, id, choice).await?;
    let query = match outcome {
        Outcome::Approve => {
            let pg_key = agree(app, &payment, attempt).await?;
            query(&[
                ("paymentKey", &pg_key),
                ("orderId", &attempt.to_string()),
                ("amount", &payment.order.amount.minor.to_string()),
            ])
        }
        Outcome::Decline => query(&[
            ("code", "REJECT_CARD_COMPANY"),
            ("message", "시험 거절"),
            ("orderId", &attempt.to_string()),
        ]),
        Outcome::Close => query(&[("code", "PAY_PROCESS_CANCELED"), ("message", "시험 창 닫기")]),
    };
    checkout::returned(app, side.scope, id, attempt, query).await
}

/// The shopper agrees in the window. Returns the PG's key, with which the browser would come back.
pub async fn agree(app: &App, payment: &Payment, attempt: AttemptId) -> Result<String, Error> {
    let account = app.account_of(payment.attempt(attempt)?)?;
    let window = checkout::window(app, payment, attempt, Locale::Korean, true)?;
    let parameters: Value = serde_json::from_str(&window.parameters).map_err(|_| Error::Bug)?;
    let url = format!("{}/_control/authenticate", simulator(&account)?);
    let agreed = call(&url, &flat(&parameters)).await?;
    agreed["paymentKey"].as_str().map(str::to_owned).ok_or(Error::TestOnly)
}

/// Makes the deposit to a virtual account arrive at the simulator, and waits for what follows.
pub async fn deposit(app: &Arc<App>, side: &ShopSide, id: PaymentId, amount: Option<Money>) -> Result<Payment, Error> {
    let payment = app.load(side.scope, id).await?;
    let waiting = payment
        .attempts
        .iter()
        .find(|attempt| attempt.state == AttemptState::Waiting);
    let waiting = waiting.ok_or(Error::Refused(payments::Refused::Closed(payment.state)))?;
    let account = app.account_of(waiting)?;
    let order: AttemptId = waiting.id;
    let sum = amount.unwrap_or(payment.order.amount);
    let body = json!({ "orderId": order.to_string(), "amount": sum.minor });
    call(&format!("{}/_control/deposit", simulator(&account)?), &body).await?;
    let app = app.clone();
    app.clone()
        .finish(async move { app.ask_now(payment, None, &mut Working::unasked()).await })
        .await
}

fn simulator(account: &Account) -> Result<&str, Error> {
    account
        .simulator
        .as_deref()
        .filter(|_| account.scope.mode == Mode::Test)
        .ok_or(Error::TestOnly)
}

fn query(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

async fn call(url: &str, body: &Value) -> Result<Value, Error> {
    let http = reqwest::Client::builder().no_proxy().timeout(ANSWER_WITHIN).build();
    let answer = http.map_err(|_| Error::TestOnly)?.post(url).json(body).send().await;
    let answer = answer.and_then(reqwest::Response::error_for_status).map_err(|error| {
        tracing::warn!(%error, "the PG's simulator does not answer as it should");
        Error::Unavailable("the PG's simulator".to_owned())
    })?;
    Ok(answer.json().await.unwrap_or(Value::Null))
}

/// The window's parameters as the simulator's flat form fields.
fn flat(parameters: &Value) -> Value {
    let request = &parameters["request"];
    let mut fields = json!({
        "clientKey": parameters["clientKey"],
        "amount": request["amount"]["value"],
        "currency": request["amount"]["currency"],
    });
    let simple = request
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, value)| value.is_string() || value.is_number());
    let card = request["card"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, value)| !value.is_array());
    for (name, value) in simple.chain(card) {
        fields[name] = value.clone();
    }
    fields
}

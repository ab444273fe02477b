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

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Outcome::Approve => "approve",
            Outcome::Decline => "decline",
            Outcome::Close => "close",
        }
    }
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
    let back = visit(app, &payment, attempt, outcome).await?;
    checkout::returned(app, side.scope, id, attempt, back).await
}

/// The shopper in the PG's window. Returns what the browser would come back with.
pub async fn visit(
    app: &App,
    payment: &Payment,
    attempt: AttemptId,
    outcome: Outcome,
) -> Result<BTreeMap<String, String>, Error> {
    let account = app.account_of(payment.attempt(attempt)?)?;
    let window = checkout::window(app, payment, attempt, Locale::Korean, true)?;
    let parameters: Value = serde_json::from_str(&window.parameters).map_err(|_| Error::Bug)?;
    let url = format!("{}/_control/window", simulator(&account)?);
    let visited = call(&url, &json!({ "parameters": parameters, "outcome": outcome.as_str() })).await?;
    serde_json::from_value(visited["return"].clone()).map_err(|_| Error::TestOnly)
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

async fn call(url: &str, body: &Value) -> Result<Value, Error> {
    let http = reqwest::Client::builder().no_proxy().timeout(ANSWER_WITHIN).build();
    let answer = http.map_err(|_| Error::TestOnly)?.post(url).json(body).send().await;
    let answer = answer.and_then(reqwest::Response::error_for_status).map_err(|error| {
        tracing::warn!(%error, "the PG's simulator does not answer as it should");
        Error::Unavailable("the PG's simulator".to_owned())
    })?;
    Ok(answer.json().await.unwrap_or(Value::Null))
}

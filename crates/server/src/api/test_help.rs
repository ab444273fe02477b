use std::sync::Arc;

use axum::extract::State;
use flows::test_help::{self, Outcome};
use flows::view::{self, PaymentView};
use flows::{App, Choice, Error, remembered};
use payments::Payment;
use serde::Deserialize;
use store::ChangeSet;
use utoipa::ToSchema;
use vocabulary::{Mode, Money, PaymentId};

use super::bodies::MethodWord;
use super::{Id, Reply, json, payment};
use crate::asked::Asked;
use crate::auth::Shop;
use crate::problem::{Code, Problem};

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TestDepositBody {
    /// What arrives; the payment's amount unless given.
    #[schema(minimum = 1)]
    amount: Option<i64>,
}

/// What the made-up shopper does in the PG's window.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = TestOutcome)]
pub(crate) enum OutcomeWord {
    Approve,
    Decline,
    Close,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TestPayBody {
    method: MethodWord,
    /// Easy-pay provider or voucher kind.
    kind: Option<String>,
    #[schema(minimum = 0, maximum = 36)]
    instalment_months: Option<u8>,
    outcome: OutcomeWord,
}

/// Make the deposit to a virtual account arrive. Test keys and simulated PGs only.
#[utoipa::path(post, path = "/v1/test/payments/{paymentId}/deposit", tag = "test", request_body = TestDepositBody,
    params(("paymentId" = String, Path)), responses((status = 200, description = "It arrived", body = PaymentView)))]
pub(crate) async fn test_deposit(
    State(app): State<Arc<App>>,
    Shop(side): Shop,
    Id(id): Id<PaymentId>,
    Asked { body, memo }: Asked<TestDepositBody>,
) -> Result<Reply, Problem> {
    test_only(side.scope.mode)?;
    let currency = payment(&app, &side, id).await?.order.amount.currency;
    let amount = body.amount.map(|minor| Money::new(minor, currency));
    let paid = || async {
        let payment = test_help::deposit(&app, &side, id, amount).await?;
        Ok::<_, Error>((ChangeSet::new(side.scope), shown(&app, &payment)))
    };
    Ok(remembered(&app, side.scope, memo, paid).await?.into())
}

/// Pay as a shopper would, without a browser. Test keys and simulated PGs only.
#[utoipa::path(post, path = "/v1/test/payments/{paymentId}/pay", tag = "test", request_body = TestPayBody,
    params(("paymentId" = String, Path)), responses((status = 200, description = "What came of it", body = PaymentView)))]
pub(crate) async fn test_pay(
    State(app): State<Arc<App>>,
    Shop(side): Shop,
    Id(id): Id<PaymentId>,
    Asked { body, memo }: Asked<TestPayBody>,
) -> Result<Reply, Problem> {
    test_only(side.scope.mode)?;
    let choice = Choice {
        method: body.method.into(),
        kind: body.kind,
        instalment_months: body.instalment_months,
    };
    let outcome = match body.outcome {
        OutcomeWord::Approve => Outcome::Approve,
        OutcomeWord::Decline => Outcome::Decline,
        OutcomeWord::Close => Outcome::Close,
    };
    let paid = || async {
        let payment = test_help::pay(&app, &side, id, choice.clone(), outcome).await?;
        Ok::<_, Error>((ChangeSet::new(side.scope), shown(&app, &payment)))
    };
    Ok(remembered(&app, side.scope, memo, paid).await?.into())
}

fn test_only(mode: Mode) -> Result<(), Problem> {
    if mode == Mode::Test {
        Ok(())
    } else {
        Err(Problem::new(Code::TestOnly))
    }
}

fn shown(app: &App, payment: &Payment) -> flows::Answer {
    json(200, &view::payment(app, payment))
}

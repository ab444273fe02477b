use std::sync::Arc;

use connectors::{ReceiptAnswer, ReceiptAsk};
use payments::{CancelState, Event, Payment};
use vocabulary::pg::CashReceiptKind;
use vocabulary::{Digits, Money, PaymentId};

use crate::memo::{self, Expect, Working};
use crate::{App, Error, Memo, Render, Replied, ShopSide};

/// Issues a cash receipt (현금영수증) for a paid transfer or deposit that has none.
///
/// Errors: [`Error::PgRefused`] for the PG's definite no; [`Error::OutcomeUnknown`] when it gave no
/// answer: the same request with the same key asks again, and the PG answers it once.
pub async fn issue_receipt(
    app: &Arc<App>,
    side: &Arc<ShopSide>,
    id: PaymentId,
    kind: CashReceiptKind,
    made_out_to: Digits,
    memo: Memo,
    render: Arc<Render>,
) -> Result<Replied, Error> {
    let scope = side.scope;
    memo::once(
        app,
        scope,
        memo,
        render,
        Expect::Anything,
        move |app, mut working| async move {
            let done = async {
                let payment = app.load(scope, id).await?;
                let asked = if working.begun().is_some() {
                    payment
                } else {
                    app.apply(payment, &Event::AskReceipt { kind }, &mut working, memo::never)
                        .await?
                        .payment
                };
                app.ask_receipt(asked, kind, made_out_to, &mut working).await
            }
            .await;
            (working, done)
        },
    )
    .await
}

impl App {
    async fn ask_receipt(
        &self,
        payment: Payment,
        kind: CashReceiptKind,
        made_out_to: Digits,
        working: &mut Working,
    ) -> Result<Payment, Error> {
        let attempt = payment
            .paid_by()
            .ok_or(Error::Refused(payments::Refused::NoReceiptPossible))?;
        let receipt = payment.receipt.as_ref().ok_or(Error::Bug)?;
        let account = self.account_of(attempt)?;
        let ask = ReceiptAsk {
            order_id: payment.order.id.to_string(),
            order_name: payment.order.name.clone(),
            amount: receipt.amount,
            tax_free: tax_free_left(&payment)?,
            kind,
            made_out_to,
            idempotency_key: format!("{}-receipt-{}", payment.id, receipt.requested_at.as_micros()),
        };
        let answer = match account.connector.issue_receipt(&ask).await? {
            ReceiptAnswer::Issued(issued) => Ok(issued),
            ReceiptAnswer::No(failure) => Err(failure),
            ReceiptAnswer::Unknown(what) => {
                tracing::warn!(payment.id = %payment.id, %what, "the PG's answer to a cash receipt is unknown");
                return Err(Error::OutcomeUnknown);
            }
        };
        let refused = answer.clone().err();
        let event = Event::ReceiptAnswered(answer);
        let issued = |after: &Payment| after.receipt.as_ref().is_some_and(|receipt| receipt.issued.is_some());
        let payment = self.apply(payment, &event, working, issued).await?.payment;
        refused.map_or(Ok(payment), |failure| Err(Error::PgRefused(failure)))
    }
}

/// The part of what the shop still has that is free of VAT.
fn tax_free_left(payment: &Payment) -> Result<Money, Error> {
    let done = payment
        .cancels
        .iter()
        .filter(|cancel| cancel.state == CancelState::Done)
        .map(|cancel| cancel.tax.tax_free);
    let back = Money::sum(payment.order.amount.currency, done).map_err(payments::Refused::from)?;
    let left = payment.order.tax.tax_free.checked_sub(back);
    Ok(left.map_err(payments::Refused::from)?)
}

use std::sync::Arc;
use std::time::Instant;

use connectors::{ReceiptAnswer, ReceiptAsk, RecordedReceipt};
use payments::{About, CancelState, Event, Payment, ReceiptState};
use vocabulary::pg::CashReceiptKind;
use vocabulary::{Digits, Money, PaymentId, Reason};

use crate::drive::{Drive, note, proves_nothing};
use crate::memo::{self, Expect, Working};
use crate::{App, Error, Memo, Render, Replied, ShopSide};

/// Issues a cash receipt (현금영수증) for a paid transfer or deposit that has none. When money goes back,
/// the sweep has the PG take it back, whole or in part.
///
/// Errors: [`Error::PgRefused`] for the PG's definite no; [`Error::OutcomeUnknown`] when it gave no
/// answer: the same request with the same key, or with a new one, asks again, and the PG answers it once
/// (to whom the first one was made out counts); [`Error::Busy`] while somebody is asking.
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
                app.receipt_now(payment, kind, made_out_to, &mut working).await
            }
            .await;
            (working, done)
        },
    )
    .await
}

impl App {
    async fn receipt_now(
        &self,
        payment: Payment,
        kind: CashReceiptKind,
        made_out_to: Digits,
        working: &mut Working,
    ) -> Result<Payment, Error> {
        if let Some(receipt) = &payment.receipt {
            if receipt.state == ReceiptState::Requested && receipt.being_asked(self.clock.now()) {
                return Err(Error::Busy);
            }
            if receipt.state != ReceiptState::Requested && working.begun().is_some() {
                // Whoever began under this key got as far as an answer.
                let refused = receipt
                    .failure
                    .clone()
                    .filter(|_| receipt.state == ReceiptState::Refused);
                return refused.map_or(Ok(payment), |failure| Err(Error::PgRefused(failure)));
            }
        }
        let event = Event::AskReceipt { kind };
        let asked = self.apply(payment, &event, working, memo::never).await?.payment;
        self.ask_receipt(asked, kind, made_out_to, working).await
    }

    async fn ask_receipt(
        &self,
        payment: Payment,
        kind: CashReceiptKind,
        made_out_to: Digits,
        working: &mut Working,
    ) -> Result<Payment, Error> {
        let receipt = payment.receipt.as_ref().ok_or(Error::Bug)?;
        let account = self.account_of(payment.attempt(receipt.attempt)?)?;
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
            ReceiptAnswer::No(failure) if receipt.asks > 1 && proves_nothing(&failure) => {
                self.apply(
                    payment,
                    &Event::Unanswered {
                        about: About::Receipt,
                        heard: None,
                    },
                    working,
                    memo::never,
                )
                .await?;
                return Err(Error::OutcomeUnknown);
            }
            ReceiptAnswer::No(failure) => Err(failure),
            ReceiptAnswer::Unknown(what) => {
                tracing::warn!(payment.id = %payment.id, %what, "the PG's answer to a cash receipt is unknown");
                let event = Event::Unanswered {
                    about: About::Receipt,
                    heard: None,
                };
                self.apply(payment, &event, working, memo::never).await?;
                return Err(Error::OutcomeUnknown);
            }
        };
        let refused = answer.clone().err();
        let event = Event::ReceiptAnswered(answer);
        let issued = |after: &Payment| after.receipt.as_ref().is_some_and(|receipt| receipt.issued.is_some());
        let payment = self.apply(payment, &event, working, issued).await?.payment;
        refused.map_or(Ok(payment), |failure| Err(Error::PgRefused(failure)))
    }

    /// Has the PG take back what the receipt says beyond what the shop still has.
    pub(crate) async fn take_back_receipt(&self, payment: Payment, drive: &mut Drive<'_>) -> Result<Payment, Error> {
        let receipt = payment.receipt.as_ref().ok_or(Error::Bug)?;
        let (Some(issued), Some(back)) = (&receipt.issued, receipt.taking_back) else {
            return Err(Error::Bug);
        };
        let account = self.account_of(payment.attempt(receipt.attempt)?)?;
        let recorded = RecordedReceipt {
            pg_key: issued.pg_key.clone(),
            idempotency_key: format!("{}-receipt-back-{}", payment.id, back.since.as_micros()),
        };
        let part = (back.amount != receipt.amount).then_some(back.amount);
        let asked = Instant::now();
        let (outcome, answer) = match account.connector.cancel_receipt(&recorded, part).await? {
            ReceiptAnswer::Issued(_) => ("done", Some(Ok(()))),
            // In the PG's console, say.
            ReceiptAnswer::No(failure) if failure.reason == Reason::AlreadyProcessed && part.is_none() => {
                ("done", Some(Ok(())))
            }
            // A new taking back begins only where this one certainly did nothing.
            ReceiptAnswer::No(failure) if proves_nothing(&failure) => ("unknown", None),
            ReceiptAnswer::No(failure) => ("no", Some(Err(failure))),
            ReceiptAnswer::Unknown(what) => {
                tracing::warn!(payment.id = %payment.id, %what, "the PG's answer to taking back a cash receipt is unknown");
                ("unknown", None)
            }
        };
        note("cancel_receipt", &account, &payment, asked, outcome);
        let Some(answer) = answer else { return Ok(payment) };
        let event = Event::ReceiptBackAnswered(answer);
        Ok(self.apply(payment, &event, drive.working, drive.last).await?.payment)
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

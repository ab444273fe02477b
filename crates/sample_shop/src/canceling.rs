//! Cancels by the shopper. Each has a number within its order, shown in the form and part of the key:
//! a double click repeats a cancel, it never makes two.

use vocabulary::Secret;

use crate::naru::{self, CancelBody, RefundAccountBody};
use crate::orders::{Cancel, CancelOf, CancelOutcome, Order, OrderId};
use crate::{Desk, Shop};

/// Where money of a virtual account goes back to. Passed on, never kept.
pub struct RefundAccount {
    pub bank: String,
    pub number: Secret<String>,
    pub holder: String,
}

const REASON: &str = "고객 요청";

impl Shop {
    /// Cancels the whole order or one unit of a good. `number` is the order's count of cancels when the
    /// page was made. The outcome is kept with the order; false when NaruPay gave no clear answer.
    pub(crate) async fn cancel(
        &self,
        id: &OrderId,
        number: usize,
        of: CancelOf,
        refund: Option<RefundAccount>,
    ) -> bool {
        let Some(busy) = self.busy(id) else { return true };
        let _one_by_one = busy.lock().await;
        let Some((payment_id, lang)) = self.note_cancel(id, number, of) else {
            return true;
        };
        let price = match of {
            CancelOf::Whole => None,
            CancelOf::One(good) => Some((good.price.minor, if good.tax_free { good.price.minor } else { 0 })),
        };
        let body = CancelBody {
            amount: price.map(|(amount, _)| amount),
            tax_free_amount: price.map(|(_, tax_free)| tax_free),
            reason: REASON,
            refund_account: refund.as_ref().map(|account| RefundAccountBody {
                bank: &account.bank,
                number: account.number.reveal_for("refunding a deposit"),
                holder: &account.holder,
            }),
        };
        let key = format!("cancel-{}-{number}", id.as_str());
        let answer = self.0.naru.cancel_payment(&payment_id, &body, &key, lang).await;
        self.note_outcome(id, number, answer)
    }

    /// Writes the cancel down before NaruPay is asked. `None`: a repeat of one that is settled, or not possible.
    fn note_cancel(&self, id: &OrderId, number: usize, of: CancelOf) -> Option<(String, crate::words::Lang)> {
        let mut desk = self.desk();
        let order = desk.orders.get_mut(id)?;
        let payment_id = order.payment.as_ref()?.id.clone();
        match order.cancels.get(number) {
            Some(before) if before.of == of && before.outcome == CancelOutcome::Asked => {}
            Some(_) => return None,
            None if number == order.cancels.len() && order.may_cancel(of) => order.cancels.push(Cancel {
                of,
                outcome: CancelOutcome::Asked,
            }),
            None => return None,
        }
        Some((payment_id, order.lang))
    }

    fn note_outcome(&self, id: &OrderId, number: usize, answer: Result<naru::PaymentView, naru::Error>) -> bool {
        let mut desk = self.desk();
        let Desk { shelf, orders, .. } = &mut *desk;
        let Some(order) = orders.get_mut(id) else { return true };
        let (outcome, view) = match answer {
            // Open until the payment lists no open cancel; `hear` settles it.
            Ok(view) => (CancelOutcome::Open, Some(view)),
            Err(naru::Error::Refused { code, detail }) => {
                tracing::info!(order.id = id.as_str(), code, "a cancel was refused");
                (CancelOutcome::Refused(detail), None)
            }
            Err(error) => {
                tracing::warn!(order.id = id.as_str(), %error, "a cancel has no clear answer yet");
                return false;
            }
        };
        if let Some(cancel) = order.cancels.get_mut(number) {
            cancel.outcome = outcome;
        }
        order.count_canceled();
        if let Some(view) = view {
            order.hear(view, shelf);
        }
        // The webhook may have been faster than the answer: settle what it could not know of.
        order.settle(shelf);
        true
    }
}

impl Order {
    pub fn may_cancel(&self, of: CancelOf) -> bool {
        match of {
            CancelOf::Whole => self.standing().may_cancel_whole(),
            CancelOf::One(good) => {
                let left = self.lines.iter().any(|line| line.good == good && line.left() > 0);
                self.standing().may_cancel_one() && left
            }
        }
    }

    /// The number the next cancel form carries: that of a cancel without an answer, else a new one.
    pub fn cancel_number(&self) -> usize {
        let unanswered = |cancel: &Cancel| cancel.outcome == CancelOutcome::Asked;
        self.cancels.iter().position(unanswered).unwrap_or(self.cancels.len())
    }
}

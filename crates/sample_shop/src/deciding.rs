//! The stock check for scarce goods: NaruPay asks after the shopper agreed and before any money moves.

use std::time::Duration;

use crate::orders::{Decision, OrderId};
use crate::{Desk, Shop};

/// The decision is made once and kept; only telling it is tried again.
const TRIES_MAX: u32 = 8;
const WAIT_MS_FIRST: u64 = 200;

impl Shop {
    /// Decides and tells NaruPay, in the background: a webhook is answered first.
    /// Nothing happens when nobody asked, or when it is under way.
    pub(crate) fn decide_if_asked(&self, id: &OrderId) {
        let asked = self
            .desk()
            .orders
            .get(id)
            .is_some_and(|order| order.awaits_decision().is_some());
        let Some(busy) = self.busy(id).filter(|_| asked) else {
            return;
        };
        let Ok(one_by_one) = busy.try_lock_owned() else { return };
        let (shop, id) = (self.clone(), id.clone());
        tokio::spawn(async move {
            let heard = shop.tell_decision(&id).await;
            drop(one_by_one);
            if heard {
                // A question about the next attempt may have come while this one was being answered.
                shop.decide_if_asked(&id);
            }
        });
    }

    /// False when NaruPay could not be reached; the next look at the order tries again.
    async fn tell_decision(&self, id: &OrderId) -> bool {
        let Some(Asked {
            payment,
            attempt,
            decision,
        }) = self.decision(id)
        else {
            return false;
        };
        let key = format!("decide-{attempt}");
        for repeat in 0..TRIES_MAX {
            let answer = match decision {
                Decision::Sell => self.0.naru.confirm_payment(&payment, &key).await,
                Decision::Refuse => self.0.naru.refuse_payment(&payment, &key).await,
            };
            match answer {
                Ok(view) => {
                    self.told(id, attempt);
                    self.hear(id, view);
                    return true;
                }
                Err(error @ crate::Error::Refused { .. }) => {
                    tracing::warn!(order.id = id.as_str(), %error, "NaruPay no longer waits for the shop's decision");
                    self.told(id, attempt);
                    return true;
                }
                Err(error) => {
                    tracing::warn!(order.id = id.as_str(), %error, repeat, "the shop's decision was not heard");
                    tokio::time::sleep(Duration::from_millis(WAIT_MS_FIRST << repeat)).await;
                }
            }
        }
        false
    }

    fn decision(&self, id: &OrderId) -> Option<Asked> {
        let mut desk = self.desk();
        let Desk { shelf, orders, .. } = &mut *desk;
        let order = orders.get_mut(id)?;
        Some(Asked {
            payment: order.payment.as_ref()?.id.clone(),
            attempt: String::from(order.awaits_decision()?),
            decision: order.decide(shelf),
        })
    }

    fn told(&self, id: &OrderId, attempt: String) {
        if let Some(order) = self.desk().orders.get_mut(id) {
            order.decision_told = Some(attempt);
        }
    }
}

/// What NaruPay asked, and our answer.
struct Asked {
    payment: String,
    attempt: String,
    decision: Decision,
}

//! The stock check for scarce goods: NaruPay asks after the shopper agreed and before any money moves.

use std::time::Duration;

use crate::orders::{Decision, OrderId};
use crate::{Desk, Shop};

/// The decision is made once and kept; only telling it is tried again.
const TRIES_MAX: u32 = 5;
const WAIT_MS_FIRST: u64 = 200;

impl Shop {
    /// Decides and tells NaruPay, in the background: a webhook is answered first.
    /// Nothing happens when nobody asked, or when it is under way.
    pub(crate) fn decide_if_asked(&self, id: &OrderId) {
        let asked = self.desk().orders.get(id).is_some_and(|order| order.awaits_decision());
        let Some(busy) = self.busy(id).filter(|_| asked) else {
            return;
        };
        let Ok(one_by_one) = busy.try_lock_owned() else { return };
        let (shop, id) = (self.clone(), id.clone());
        tokio::spawn(async move {
            shop.tell_decision(&id).await;
            drop(one_by_one);
        });
    }

    async fn tell_decision(&self, id: &OrderId) {
        let Some((payment_id, decision)) = self.decision(id) else {
            return;
        };
        let key = format!("decide-{}", id.as_str());
        for attempt in 0..TRIES_MAX {
            let answer = match decision {
                Decision::Sell => self.0.naru.confirm_payment(&payment_id, &key).await,
                Decision::Refuse => self.0.naru.refuse_payment(&payment_id, &key).await,
            };
            match answer {
                Ok(view) => {
                    self.told(id);
                    self.hear(id, view);
                    return;
                }
                Err(error @ crate::Error::Refused { .. }) => {
                    tracing::warn!(order.id = id.as_str(), %error, "NaruPay no longer waits for the shop's decision");
                    self.told(id);
                    return;
                }
                Err(error) => {
                    tracing::warn!(order.id = id.as_str(), %error, attempt, "the shop's decision was not heard");
                    tokio::time::sleep(Duration::from_millis(WAIT_MS_FIRST << attempt)).await;
                }
            }
        }
    }

    fn decision(&self, id: &OrderId) -> Option<(String, Decision)> {
        let mut desk = self.desk();
        let Desk { shelf, orders, .. } = &mut *desk;
        let order = orders.get_mut(id)?;
        let payment_id = order.payment.as_ref()?.id.clone();
        Some((payment_id, order.decide(shelf)))
    }

    fn told(&self, id: &OrderId) {
        if let Some(order) = self.desk().orders.get_mut(id) {
            order.decision_told = true;
        }
    }
}

//! The window a shopper pays in: opened by a shop's page, answered once, ended with a form for the return address.

mod choice;
mod end;
mod handlers;
pub mod params;
mod view;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

pub use end::{End, Outcome};
pub(crate) use handlers::{answer, open_by_form, open_by_query, receipt, result, show};

use super::fields::Fields;
use super::{Code, Pg, keys};
use crate::faults::{NoticePlan, Plan, remember};
use params::WindowRequest;

/// Open windows beyond this close the oldest.
const WINDOWS_MAX: usize = 20_000;

/// One open window.
#[derive(Clone)]
pub struct Window {
    pub request: Arc<WindowRequest>,
    /// How it ended; shown again to whoever goes back.
    pub ended: Option<End>,
}

#[derive(Default)]
pub struct Windows {
    by_id: HashMap<String, Window>,
    ages: VecDeque<String>,
}

impl Windows {
    fn open(&mut self, id: String, window: Window) {
        self.by_id.insert(id.clone(), window);
        self.ages.push_back(id);
        if self.ages.len() > WINDOWS_MAX
            && let Some(oldest) = self.ages.pop_front()
        {
            self.by_id.remove(&oldest);
        }
    }

    fn get(&self, id: &str) -> Option<Window> {
        self.by_id.get(id).cloned()
    }

    fn end(&mut self, id: &str, end: End) {
        if let Some(window) = self.by_id.get_mut(id) {
            window.ended = Some(end);
        }
    }
}

impl Pg {
    /// May a window open for this? Errors: an unknown client id, or an order that was paid.
    pub(super) fn admit(&self, request: &WindowRequest) -> Result<(), Code> {
        let merchant = self.0.merchants.get(&request.client_id).ok_or(Code::KEY_UNKNOWN)?;
        let paid = self.with(NoticePlan::default(), |store, _| {
            store.order_is_taken(&merchant.mid, &request.order_id, "")
        });
        if paid { Err(Code::ORDER_PAID_AT_WINDOW) } else { Ok(()) }
    }

    /// Ends a window as the shopper chose, together with the faults chosen for the payment. An authenticated
    /// payment waits for the shop's approve.
    pub(super) fn finish(&self, request: &WindowRequest, fields: &Fields, outcome: Outcome) -> Result<End, Code> {
        let refuse = match outcome {
            Outcome::Close => return Ok(End::Failure(Code::CLOSED_BY_BUYER)),
            Outcome::Decline => return Ok(End::Failure(Code::ISSUER_AUTHENTICATION)),
            Outcome::DeclineLater => Some(Code::REFUSED_BY_ISSUER),
            Outcome::Approve => fields.get("refuse").and_then(Code::parse),
        };
        let merchant = self.0.merchants.get(&request.client_id).ok_or(Code::KEY_UNKNOWN)?;
        let choice = choice::read(request, fields, self.now())?;
        let fault = fields.get("fault").and_then(|spec| match fields.get("faultOn") {
            Some(operation) => Plan::parse(&format!("{operation}-{spec}")),
            None => Plan::parse(spec),
        });
        let auth_token = keys::auth_token(&self.0.chance);
        let tid = self.with(NoticePlan::default(), |store, now| {
            let tid = self.fresh_tid(store, &merchant.mid, choice.0.service(), now);
            let mut payment = end::authenticated(request, merchant.clone(), choice, tid, now);
            payment.trouble.refuse = refuse.or(payment.trouble.refuse);
            if let Some(plan) = fault {
                remember(&mut payment.trouble.plans, plan);
            }
            let tid = payment.tid.clone();
            store.add(payment);
            tid
        });
        Ok(End::Success { tid, auth_token })
    }
}

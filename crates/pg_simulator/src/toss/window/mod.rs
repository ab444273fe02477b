//! The window a shopper pays in: opened by a shop's page, answered step by step, ended with a way back.

pub mod choice;
mod end;
pub mod fields;
mod handlers;
pub mod params;
mod steps;
mod view;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

pub(crate) use handlers::{answer, checkout, open_by_form, open_by_query, receipt, result, show};

use super::payment::{Event, Payment, Status};
use super::trouble::Trouble;
use super::{Code, Pg, keys};
use crate::faults::NoticePlan;
use fields::Fields;
use params::WindowRequest;

/// Open windows beyond this close the oldest.
const WINDOWS_MAX: usize = 20_000;

/// One open window.
#[derive(Clone)]
pub struct Window {
    pub payment: Arc<str>,
    pub request: Arc<WindowRequest>,
    /// How it ended; shown again to whoever goes back.
    pub ended: Option<end::End>,
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

    fn end(&mut self, id: &str, end: end::End) {
        if let Some(window) = self.by_id.get_mut(id) {
            window.ended = Some(end);
        }
    }
}

impl Pg {
    /// Makes a payment that waits for its shopper. The request has been checked.
    pub(super) fn begin(&self, request: &WindowRequest) -> Result<Arc<Payment>, Code> {
        let (merchant, pair) = self
            .0
            .by_client_key
            .get(&request.client_key)
            .ok_or(Code::UNAUTHORIZED_KEY)?;
        let order_id: Arc<str> = Arc::from(request.order_id.as_str());
        let payment = Payment {
            key: Arc::from(""),
            merchant: merchant.clone(),
            pair: *pair,
            order_id: order_id.clone(),
            order_name: request.order_name.clone(),
            status: Status::Ready,
            requested_at: self.now(),
            approved_at: None,
            expires_at: self.now() + super::payment::WINDOW_OPEN,
            total: request.amount,
            balance: request.amount,
            tax_free: request.tax_free,
            tax_exempt: request.tax_exempt,
            means: None,
            country: if request.overseas_only { "US" } else { "KR" },
            use_escrow: request.use_escrow,
            culture_expense: request.culture_expense,
            metadata: request.metadata.clone(),
            secret: keys::secret(&self.0.chance),
            last_transaction: None,
            cancels: Vec::new(),
            receipt_wanted: None,
            receipt: None,
            failure: None,
            approvals: 0,
            trouble: Trouble::of(&request.order_id, request.amount),
        };
        self.with(NoticePlan::default(), |store, _| {
            if store.order_is_taken(&merchant.mid, &order_id, "") {
                return Err(Code::DUPLICATED_ORDER_ID);
            }
            Ok(self.add(store, payment))
        })
    }

    /// Gives a new payment a key no other has, and keeps it.
    pub(super) fn add(&self, store: &mut super::store::Store, mut payment: Payment) -> Arc<Payment> {
        loop {
            let key = keys::payment(&payment.merchant.mid, payment.requested_at, &self.0.chance);
            if !store.contains(&key) {
                payment.key = Arc::from(key);
                return store.add(payment);
            }
        }
    }

    /// The shopper's choice is authenticated: the payment now waits for the shop's confirm.
    pub(super) fn choose(&self, key: &str, request: &WindowRequest, fields: &Fields) -> Result<(), Code> {
        let choice = choice::read(request, fields, self.now())?;
        self.with(NoticePlan::default(), |store, now| {
            store.get(key, now).ok_or(Code::NOT_FOUND_PAYMENT_SESSION)?;
            store.amend(key, |payment| payment.receipt_wanted = choice.receipt);
            store.apply(key, Event::Authenticated(choice.means), now)?;
            Ok(())
        })
    }
}

//! What the PG remembers. In memory, bounded, behind one lock that is held only while something changes.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use vocabulary::{Money, Timestamp};

use super::Code;
use super::api::{Hook, Receipts};
use super::payment::{Event, Payment, Status};
use super::window::Windows;

/// The oldest finished payments make room beyond this.
pub const PAYMENTS_MAX: usize = 200_000;
/// Each payment has about this many movements: its approve and a cancel.
const MOVEMENTS_PER_PAYMENT: usize = 2;
/// How many payments that ran out are ended in one go.
const EXPIRED_AT_ONCE_MAX: usize = 256;
/// How many unfinished payments are passed over in search of one to forget.
const PASSED_OVER_MAX: usize = 64;

/// Money that came or went, as the transactions and settlements listings show it.
#[derive(Debug, Clone)]
pub struct Movement {
    pub sequence: u64,
    /// Of a part that was cancelled its own; else the payment's.
    pub tid: String,
    pub payment: Arc<str>,
    pub at: Timestamp,
    pub status: Status,
    /// Negative for a cancel.
    pub amount: Money,
}

/// A change of which the merchant is told.
pub struct Told {
    pub payment: Arc<Payment>,
    /// By the call at hand, so that its faults apply; otherwise a person did it.
    pub by_call: bool,
}

pub struct Store {
    payments_max: usize,
    payments: HashMap<Arc<str>, Arc<Payment>>,
    /// Tids by order id, oldest first. Merchants may share an order id; look-ups tell them apart.
    orders: HashMap<Arc<str>, Vec<Arc<str>>>,
    ages: VecDeque<Arc<str>>,
    deadlines: BTreeSet<(Timestamp, Arc<str>)>,
    movements: VecDeque<Movement>,
    movements_ever: u64,
    pub windows: Windows,
    pub receipts: Receipts,
    /// Addresses for notices that were registered by API, by merchant and group of methods.
    pub hooks: HashMap<String, BTreeMap<&'static str, Hook>>,
    pub told: Vec<Told>,
}

impl Store {
    pub fn holding(payments_max: usize) -> Store {
        Store {
            payments_max,
            payments: HashMap::new(),
            orders: HashMap::new(),
            ages: VecDeque::new(),
            deadlines: BTreeSet::new(),
            movements: VecDeque::new(),
            movements_ever: 0,
            windows: Windows::default(),
            receipts: Receipts::default(),
            hooks: HashMap::new(),
            told: Vec::new(),
        }
    }

    pub fn contains(&self, tid: &str) -> bool {
        self.payments.contains_key(tid)
    }

    pub fn add(&mut self, payment: Payment) {
        let tid = payment.tid.clone();
        self.orders
            .entry(payment.order_id.clone())
            .or_default()
            .push(tid.clone());
        if let Some(deadline) = payment.deadline() {
            self.deadlines.insert((deadline, tid.clone()));
        }
        self.ages.push_back(tid.clone());
        self.payments.insert(tid, Arc::new(payment));
        self.forget_oldest();
    }

    /// The payment as it stands at `now`.
    pub fn get(&mut self, tid: &str, now: Timestamp) -> Option<Arc<Payment>> {
        let deadline = self.payments.get(tid)?.deadline();
        if deadline.is_some_and(|deadline| deadline <= now) {
            self.run_out(tid, now);
        }
        self.payments.get(tid).cloned()
    }

    /// The transaction an order id stands for: the one that took it, else the newest that failed or expired.
    pub fn of_order(&mut self, mid: &str, order_id: &str, now: Timestamp) -> Option<Arc<Payment>> {
        let tids = self.orders.get(order_id)?.clone();
        let payments = tids.iter().filter_map(|tid| self.get(tid, now));
        let payments: Vec<_> = payments
            .filter(|payment| payment.merchant.mid == mid && payment.is_transaction())
            .collect();
        let took = payments.iter().find(|payment| payment.takes_order());
        took.or(payments.last()).cloned()
    }

    /// Has another payment, or a cancel, already used up the merchant's order id?
    pub fn order_is_taken(&self, mid: &str, order_id: &str, by_other_than: &str) -> bool {
        let others = self.payments_of(order_id).filter(|payment| payment.merchant.mid == mid);
        others
            .filter(|payment| payment.tid.as_ref() != by_other_than)
            .any(|payment| payment.takes_order())
    }

    pub fn all_of_order(&self, order_id: &str) -> Vec<Arc<Payment>> {
        self.payments_of(order_id).cloned().collect()
    }

    pub fn order_ids(&self) -> impl Iterator<Item = &Arc<str>> {
        self.orders.keys()
    }

    fn payments_of(&self, order_id: &str) -> impl Iterator<Item = &Arc<Payment>> {
        let tids = self.orders.get(order_id).map(Vec::as_slice).unwrap_or_default();
        tids.iter().filter_map(|tid| self.payments.get(tid))
    }

    /// The newest first.
    pub fn newest(&self) -> impl Iterator<Item = &Arc<Payment>> {
        self.ages.iter().rev().filter_map(|tid| self.payments.get(tid))
    }

    pub fn movements(&self) -> &VecDeque<Movement> {
        &self.movements
    }

    pub fn peek(&self, tid: &str) -> Option<&Arc<Payment>> {
        self.payments.get(tid)
    }

    /// Changes what is not part of the life cycle: faults still to come.
    pub fn amend(&mut self, tid: &str, change: impl FnOnce(&mut Payment)) {
        if let Some(payment) = self.payments.get_mut(tid) {
            change(Arc::make_mut(payment));
        }
    }

    /// Lets `event` happen to a payment, and notes what follows from it.
    pub fn apply(&mut self, tid: &str, event: Event, now: Timestamp) -> Result<Arc<Payment>, Code> {
        let slot = self.payments.get_mut(tid).ok_or(Code::NO_TRANSACTION)?;
        let waited_until = slot.deadline();
        // Refusals and accounts that nobody paid into are not told of.
        let told = !matches!(event, Event::Refused(_) | Event::RanOut);
        let had_money = slot.paid_at.is_some();
        Arc::make_mut(slot).on(event, now)?;
        let payment = slot.clone();
        if let Some(deadline) = waited_until {
            self.deadlines.remove(&(deadline, payment.tid.clone()));
        }
        if let Some(deadline) = payment.deadline() {
            self.deadlines.insert((deadline, payment.tid.clone()));
        }
        if told {
            self.book(&payment, had_money, now);
            self.told.push(Told {
                payment: payment.clone(),
                by_call: true,
            });
        }
        Ok(payment)
    }

    /// Only money is listed: an account that is issued, or given up before its deposit, is none.
    fn book(&mut self, payment: &Payment, had_money: bool, now: Timestamp) {
        let (tid, amount) = match payment.cancels.last() {
            _ if payment.paid_at.is_none() => return,
            Some(cancel) if had_money => (
                cancel.tid.clone(),
                Money::new(-cancel.amount.minor, cancel.amount.currency),
            ),
            _ => (payment.tid.to_string(), payment.amount),
        };
        self.movements_ever += 1;
        self.movements.push_back(Movement {
            sequence: self.movements_ever,
            tid,
            payment: payment.tid.clone(),
            at: now,
            status: payment.status,
            amount,
        });
        if self.movements.len() > self.payments_max * MOVEMENTS_PER_PAYMENT {
            self.movements.pop_front();
        }
    }

    /// Ends payments whose time is over. Returns whether more are waiting.
    pub fn expire(&mut self, now: Timestamp) -> bool {
        for _ in 0..EXPIRED_AT_ONCE_MAX {
            match self.deadlines.first() {
                Some((at, tid)) if *at <= now => {
                    let tid = tid.clone();
                    self.run_out(&tid, now);
                }
                _ => return false,
            }
        }
        true
    }

    fn run_out(&mut self, tid: &str, now: Timestamp) {
        // Only open payments have a deadline, so this is never refused.
        let ended = self.apply(tid, Event::RanOut, now);
        debug_assert!(ended.is_ok(), "a finished payment had a deadline");
    }

    fn forget_oldest(&mut self) {
        let mut passed_over = 0;
        while self.payments.len() > self.payments_max {
            let Some(tid) = self.ages.pop_front() else { return };
            let unfinished = self.payments.get(&tid).is_some_and(|payment| payment.status.is_open());
            if unfinished && passed_over < PASSED_OVER_MAX {
                passed_over += 1;
                self.ages.push_back(tid);
                continue;
            }
            self.forget(&tid);
        }
    }

    fn forget(&mut self, tid: &Arc<str>) {
        let Some(payment) = self.payments.remove(tid) else {
            return;
        };
        if let Some(deadline) = payment.deadline() {
            self.deadlines.remove(&(deadline, tid.clone()));
        }
        if let Some(tids) = self.orders.get_mut(&payment.order_id) {
            tids.retain(|kept| kept != tid);
            if tids.is_empty() {
                self.orders.remove(&payment.order_id);
            }
        }
    }
}

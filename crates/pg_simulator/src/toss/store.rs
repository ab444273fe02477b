//! What the PG remembers. In memory, bounded, behind one lock that is held only while something changes.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use vocabulary::{Money, Timestamp};

use super::errors::Code;
use super::payment::{Event, Payment, Status};
use super::receipts::Receipts;
use super::window::Windows;

/// The oldest finished payments make room beyond this.
pub const PAYMENTS_MAX: usize = 200_000;
/// Each payment has about this many movements: its approve and a cancel.
const TRANSACTIONS_PER_PAYMENT: usize = 2;
/// How many payments that ran out are ended in one go.
const EXPIRED_AT_ONCE_MAX: usize = 256;
/// How many unfinished payments are passed over in search of one to forget.
const PASSED_OVER_MAX: usize = 64;

/// One movement, as the transactions and settlements listings show it.
#[derive(Debug, Clone)]
pub struct Transaction {
    pub key: String,
    pub payment: Arc<str>,
    pub at: Timestamp,
    pub status: Status,
    /// Negative for a cancel, zero for an account that was only issued.
    pub amount: Money,
}

/// A change of which the merchant is told.
pub struct Told {
    pub payment: Arc<Payment>,
    /// Also goes out as DEPOSIT_CALLBACK.
    pub deposit: bool,
    /// By the call at hand, so that its faults apply; otherwise time did it.
    pub by_call: bool,
}

pub struct Store {
    payments_max: usize,
    payments: HashMap<Arc<str>, Arc<Payment>>,
    /// Payment keys by order id, oldest first. Merchants may share an order id; look-ups tell them apart.
    orders: HashMap<Arc<str>, Vec<Arc<str>>>,
    ages: VecDeque<Arc<str>>,
    deadlines: BTreeSet<(Timestamp, Arc<str>)>,
    transactions: VecDeque<Transaction>,
    pub windows: Windows,
    pub receipts: Receipts,
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
            transactions: VecDeque::new(),
            windows: Windows::default(),
            receipts: Receipts::default(),
            told: Vec::new(),
        }
    }

    pub fn contains(&self, key: &str) -> bool {
        self.payments.contains_key(key)
    }

    pub fn add(&mut self, payment: Payment) -> Arc<Payment> {
        let key = payment.key.clone();
        self.orders
            .entry(payment.order_id.clone())
            .or_default()
            .push(key.clone());
        self.deadlines.insert((payment.expires_at, key.clone()));
        self.ages.push_back(key.clone());
        let payment = Arc::new(payment);
        self.payments.insert(key, payment.clone());
        self.forget_oldest();
        payment
    }

    /// The payment as it stands at `now`.
    pub fn get(&mut self, key: &str, now: Timestamp) -> Option<Arc<Payment>> {
        if self.payments.get(key)?.ran_out(now) {
            self.run_out(key, now);
        }
        self.payments.get(key).cloned()
    }

    /// The payment an order id stands for: the approved one if there is one, else the newest.
    pub fn of_order(&mut self, mid: &str, order_id: &str, now: Timestamp) -> Option<Arc<Payment>> {
        let keys = self.orders.get(order_id)?.clone();
        let payments = keys.iter().filter_map(|key| self.get(key, now));
        let payments: Vec<_> = payments.filter(|payment| payment.merchant.mid == mid).collect();
        payments
            .iter()
            .find(|payment| takes_order(payment))
            .or(payments.last())
            .cloned()
    }

    /// Has another payment already used up the merchant's order id?
    pub fn order_is_taken(&self, mid: &str, order_id: &str, by_other_than: &str) -> bool {
        let payments = self.payments_of(order_id).filter(|payment| payment.merchant.mid == mid);
        payments
            .filter(|payment| payment.key.as_ref() != by_other_than)
            .any(|payment| takes_order(payment))
    }

    pub fn all_of_order(&self, order_id: &str) -> Vec<Arc<Payment>> {
        self.payments_of(order_id).cloned().collect()
    }

    pub fn order_ids(&self) -> impl Iterator<Item = &Arc<str>> {
        self.orders.keys()
    }

    fn payments_of(&self, order_id: &str) -> impl Iterator<Item = &Arc<Payment>> {
        let keys = self.orders.get(order_id).map(Vec::as_slice).unwrap_or_default();
        keys.iter().filter_map(|key| self.payments.get(key))
    }

    /// The newest first.
    pub fn newest(&self) -> impl Iterator<Item = &Arc<Payment>> {
        self.ages.iter().rev().filter_map(|key| self.payments.get(key))
    }

    pub fn transactions(&self) -> &VecDeque<Transaction> {
        &self.transactions
    }

    pub fn peek(&self, key: &str) -> Option<&Arc<Payment>> {
        self.payments.get(key)
    }

    /// Lets `event` happen to a payment, and notes what follows from it.
    pub fn apply(&mut self, key: &str, event: Event, now: Timestamp) -> Result<Arc<Payment>, Code> {
        self.happen(key, event, now, true)
    }

    /// Changes what is not part of the life cycle: faults still to come.
    pub fn amend(&mut self, key: &str, change: impl FnOnce(&mut Payment)) {
        if let Some(payment) = self.payments.get_mut(key) {
            change(Arc::make_mut(payment));
        }
    }

    /// Ends payments whose time is over. Returns whether more are waiting.
    pub fn expire(&mut self, now: Timestamp) -> bool {
        for _ in 0..EXPIRED_AT_ONCE_MAX {
            match self.deadlines.first() {
                Some((at, key)) if *at <= now => {
                    let key = key.clone();
                    self.run_out(&key, now);
                }
                _ => return false,
            }
        }
        true
    }

    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    fn run_out(&mut self, key: &str, now: Timestamp) {
        // Only open payments have a deadline, so this is never refused.
        let ended = self.happen(key, Event::RanOut, now, false);
        debug_assert!(ended.is_ok(), "a finished payment had a deadline");
    }

    fn happen(&mut self, key: &str, event: Event, now: Timestamp, by_call: bool) -> Result<Arc<Payment>, Code> {
        let slot = self.payments.get_mut(key).ok_or(Code::NOT_FOUND_PAYMENT)?;
        let was_open_until = slot.status.is_open().then_some(slot.expires_at);
        let deposit = matches!(
            event,
            Event::Deposited { .. } | Event::DepositTakenBack { .. } | Event::Canceled(_)
        ) && slot.virtual_account().is_some();
        let told = !matches!(event, Event::Authenticated(_));
        let movement = movement(&event);
        Arc::make_mut(slot).on(event, now)?;
        let payment = slot.clone();
        if let Some(deadline) = was_open_until {
            self.deadlines.remove(&(deadline, payment.key.clone()));
        }
        if payment.status.is_open() {
            self.deadlines.insert((payment.expires_at, payment.key.clone()));
        }
        if let Some(movement) = movement {
            self.book(&payment, movement, now);
        }
        if told {
            self.told.push(Told {
                payment: payment.clone(),
                deposit,
                by_call,
            });
        }
        Ok(payment)
    }

    fn book(&mut self, payment: &Payment, (key, movement): (String, Movement), now: Timestamp) {
        let zero = Money::zero(payment.total.currency);
        let negative = |money: Money| Money::new(-money.minor, money.currency);
        let amount = match movement {
            Movement::In if payment.status == Status::Done => payment.total,
            Movement::In => zero,
            Movement::TakenBack => negative(payment.total),
            Movement::Canceled(amount) if payment.approved_at.is_some() => negative(amount),
            Movement::Canceled(_) => zero,
        };
        let status = payment.status;
        self.transactions.push_back(Transaction {
            key,
            payment: payment.key.clone(),
            at: now,
            status,
            amount,
        });
        if self.transactions.len() > self.payments_max * TRANSACTIONS_PER_PAYMENT {
            self.transactions.pop_front();
        }
    }

    fn forget_oldest(&mut self) {
        let mut passed_over = 0;
        while self.payments.len() > self.payments_max {
            let Some(key) = self.ages.pop_front() else { return };
            let unfinished = self.payments.get(&key).is_some_and(|payment| payment.status.is_open());
            if unfinished && passed_over < PASSED_OVER_MAX {
                passed_over += 1;
                self.ages.push_back(key);
                continue;
            }
            self.forget(&key);
        }
    }

    fn forget(&mut self, key: &Arc<str>) {
        let Some(payment) = self.payments.remove(key) else {
            return;
        };
        self.deadlines.remove(&(payment.expires_at, key.clone()));
        if let Some(keys) = self.orders.get_mut(&payment.order_id) {
            keys.retain(|kept| kept != key);
            if keys.is_empty() {
                self.orders.remove(&payment.order_id);
            }
        }
    }
}

enum Movement {
    In,
    TakenBack,
    Canceled(Money),
}

fn movement(event: &Event) -> Option<(String, Movement)> {
    match event {
        Event::Approved { transaction, .. } | Event::Deposited { transaction, .. } => {
            Some((transaction.clone(), Movement::In))
        }
        Event::DepositTakenBack { transaction } => Some((transaction.clone(), Movement::TakenBack)),
        Event::Canceled(cancel) => Some((cancel.transaction.clone(), Movement::Canceled(cancel.amount))),
        Event::Authenticated(_) | Event::Refused(_) | Event::RanOut => None,
    }
}

fn takes_order(payment: &Payment) -> bool {
    !payment.status.is_open() && !matches!(payment.status, Status::Aborted | Status::Expired)
}

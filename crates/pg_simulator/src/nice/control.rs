//! What only a simulator can do: look at the truth, make money arrive, authenticate without a window.

use std::collections::BTreeMap;
use std::sync::Arc;

use vocabulary::Money;

use super::fields::Fields;
use super::payment::{Event, Payment, Status};
use super::store::Told;
use super::window::params::WindowRequest;
use super::window::{End, Outcome};
use super::{Code, Pg};
use crate::faults::{NoticePlan, Operation, Plan, remember};

/// What the PG knows about an order, all its payments together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// Of the payment that took the order, or else of the newest.
    pub tid: String,
    pub status: Status,
    /// What was paid. Zero before.
    pub approved: Money,
    /// What is left of it after cancels.
    pub balance: Money,
    /// Over all payments of the order: more than one means the shopper was charged twice.
    pub approvals: u32,
    pub cancels: usize,
}

impl Truth {
    /// What every PG's truth has.
    pub fn of_any_pg(&self) -> crate::Truth {
        crate::Truth {
            approved: self.approved,
            balance: self.balance,
            approvals: self.approvals,
            cancels: self.cancels,
            waiting: self.status == Status::Ready,
        }
    }

    fn of(payments: &[Arc<Payment>]) -> Option<Truth> {
        let taken = payments
            .iter()
            .find(|payment| payment.approvals > 0 || payment.status == Status::Ready);
        let payment = taken.or(payments.last())?;
        let zero = Money::zero(payment.amount.currency);
        let has_money = payment.paid_at.is_some();
        Some(Truth {
            tid: payment.tid.to_string(),
            status: payment.status,
            approved: if has_money { payment.amount } else { zero },
            balance: if has_money { payment.balance } else { zero },
            approvals: payments.iter().map(|payment| payment.approvals).sum(),
            cancels: payment.cancels.len(),
        })
    }
}

/// Why a bank sends money back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DepositRefused {
    /// No account of this order waits for money.
    NoAccountWaits,
    WrongAmount,
}

impl DepositRefused {
    pub fn as_str(self) -> &'static str {
        match self {
            DepositRefused::NoAccountWaits => "NO_ACCOUNT_WAITS",
            DepositRefused::WrongAmount => "WRONG_AMOUNT",
        }
    }
}

/// Money on its way to a virtual account.
#[derive(Debug, Clone, Default)]
pub struct Deposit {
    /// None: exactly what is asked for. In won.
    pub amount: Option<i64>,
    /// Books the deposit even if the amount is wrong, which no bank does.
    pub forced: bool,
}

impl Pg {
    /// The shopper opens the window and agrees, in one step. Returns the form that the return address gets.
    pub fn authenticate(&self, request: WindowRequest) -> Result<BTreeMap<String, String>, Code> {
        self.visit(request, &Fields::default(), Outcome::Approve)
    }

    pub(crate) fn visit(
        &self,
        request: WindowRequest,
        fields: &Fields,
        outcome: Outcome,
    ) -> Result<BTreeMap<String, String>, Code> {
        let request = request.checked()?;
        self.admit(&request)?;
        let end: End = self.finish(&request, fields, outcome)?;
        let merchant = self.0.merchants.get(&request.client_id).ok_or(Code::KEY_UNKNOWN)?;
        Ok(end.form(&request, merchant))
    }

    /// What the PG knows about an order id. None: it never heard of it.
    pub fn truth(&self, order_id: &str) -> Option<Truth> {
        Truth::of(&self.with(NoticePlan::default(), |store, _| store.all_of_order(order_id)))
    }

    /// What the PG knows about every order it remembers, by order id, in no order.
    pub fn truths(&self) -> Vec<(String, Truth)> {
        let orders: Vec<_> = self.with(NoticePlan::default(), |store, _| {
            store
                .order_ids()
                .map(|order_id| (order_id.clone(), store.all_of_order(order_id)))
                .collect()
        });
        let known = orders
            .iter()
            .filter_map(|(order_id, payments)| Some((order_id.to_string(), Truth::of(payments)?)));
        known.collect()
    }

    /// A deposit arrives. As at a real bank only the exact amount is taken, unless it is forced; after its time an
    /// account no longer waits.
    pub fn make_deposit(&self, order_id: &str, deposit: Deposit) -> Result<(), DepositRefused> {
        let payments = self.with(NoticePlan::default(), |store, _| store.all_of_order(order_id));
        let waiting = payments.into_iter().find(|payment| payment.status == Status::Ready);
        let waiting = waiting.ok_or(DepositRefused::NoAccountWaits)?;
        if !deposit.forced && deposit.amount.is_some_and(|amount| amount != waiting.amount.minor) {
            return Err(DepositRefused::WrongAmount);
        }
        let faults = self.faults_for(Operation::Deposit, Some(&waiting));
        let numbers = self.numbers(&waiting.merchant.mid);
        self.with(faults.notices, |store, now| {
            store.apply(&waiting.tid, Event::Deposited { numbers }, now)
        })
        .map(drop)
        .map_err(|_| DepositRefused::NoAccountWaits)
    }

    /// Sends the notice of an order's present state once more, as the PG's console does.
    pub fn resend_notice(&self, order_id: &str) -> Result<(), Code> {
        self.with(NoticePlan::default(), |store, _| {
            let payment = store.all_of_order(order_id).pop().ok_or(Code::NOTHING_FOUND)?;
            if !payment.is_transaction() {
                return Err(Code::NOTHING_FOUND);
            }
            store.told.push(Told {
                payment,
                by_call: false,
            });
            Ok(())
        })
    }

    /// Adds a fault to one payment: for what it does next.
    pub fn plan_fault_for(&self, order_id: &str, plan: Plan) -> Result<(), Code> {
        self.with(NoticePlan::default(), |store, _| {
            let payment = store.all_of_order(order_id).pop().ok_or(Code::NOTHING_FOUND)?;
            store.amend(&payment.tid, |payment| remember(&mut payment.trouble.plans, plan));
            Ok(())
        })
    }
}

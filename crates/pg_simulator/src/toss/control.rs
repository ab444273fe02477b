//! What only a simulator can do: look at the truth, make money arrive, authenticate without a window.

use std::sync::Arc;

use vocabulary::Money;

use super::payment::{Event, Payment, Status};
use super::store::Told;
use super::window::fields::Fields;
use super::window::params::WindowRequest;
use super::{Code, Pg, keys};
use crate::faults::{Active, NoticePlan, Operation, Plan, remember};

/// What the PG knows about an order, all its payments together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// Of the payment that took the order, or else of the newest.
    pub payment_key: String,
    pub status: Status,
    /// What was approved and, for virtual accounts, deposited. Zero before.
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
            waiting: self.status == Status::WaitingForDeposit,
        }
    }

    fn of(payments: &[Arc<Payment>]) -> Option<Truth> {
        let taken = payments
            .iter()
            .find(|payment| payment.approvals > 0 || payment.status == Status::WaitingForDeposit);
        let payment = taken.or(payments.last())?;
        let zero = Money::zero(payment.total.currency);
        let has_money = payment.approved_at.is_some();
        Some(Truth {
            payment_key: payment.key.to_string(),
            status: payment.status,
            approved: if has_money { payment.total } else { zero },
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
    TooLate,
}

impl DepositRefused {
    pub fn as_str(self) -> &'static str {
        match self {
            DepositRefused::NoAccountWaits => "NO_ACCOUNT_WAITS",
            DepositRefused::WrongAmount => "WRONG_AMOUNT",
            DepositRefused::TooLate => "TOO_LATE",
        }
    }
}

/// Money on its way to a virtual account.
#[derive(Debug, Clone, Default)]
pub struct Deposit {
    /// None: exactly what is asked for. In the currency's minor units.
    pub amount: Option<i64>,
    pub depositor: Option<String>,
    /// Books the deposit even if the amount is wrong or the time is over, which no bank does.
    pub forced: bool,
}

impl Pg {
    /// The shopper opens the window and agrees, in one step. Returns the payment key, ready to be confirmed.
    pub fn authenticate(&self, request: WindowRequest) -> Result<String, Code> {
        self.authenticate_with(request, &Fields::default())
    }

    pub(crate) fn authenticate_with(&self, request: WindowRequest, fields: &Fields) -> Result<String, Code> {
        let request = request.checked()?;
        let payment = self.begin(&request)?;
        self.choose(&payment.key, &request, fields)?;
        Ok(payment.key.to_string())
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

    /// A deposit arrives. As at a real bank only the exact amount in time is taken, unless it is forced.
    pub fn make_deposit(&self, order_id: &str, deposit: Deposit) -> Result<(), DepositRefused> {
        let faults = self.deposit_faults(order_id);
        let transaction = keys::transaction(self.now(), &self.0.chance);
        let receipt = keys::receipt(&self.0.chance);
        self.with(faults.notices, |store, now| {
            let is_waiting = |payment: &Arc<Payment>| payment.status == Status::WaitingForDeposit;
            let payment = store.all_of_order(order_id).into_iter().find(is_waiting);
            let payment = payment.ok_or(DepositRefused::NoAccountWaits)?;
            let account = payment.virtual_account().ok_or(DepositRefused::NoAccountWaits)?;
            if !deposit.forced && deposit.amount.is_some_and(|amount| amount != payment.total.minor) {
                return Err(DepositRefused::WrongAmount);
            }
            if !deposit.forced && account.due_at <= now {
                return Err(DepositRefused::TooLate);
            }
            let depositor = deposit.depositor.unwrap_or_else(|| account.customer_name.clone());
            let arrived = Event::Deposited {
                depositor,
                transaction,
                receipt,
            };
            store
                .apply(&payment.key, arrived, now)
                .map_err(|_| DepositRefused::NoAccountWaits)?;
            Ok(())
        })
    }

    /// The bank finds its mistake: the deposit is undone and the payment waits again.
    pub fn take_deposit_back(&self, order_id: &str) -> Result<(), DepositRefused> {
        let faults = self.deposit_faults(order_id);
        let transaction = keys::transaction(self.now(), &self.0.chance);
        self.with(faults.notices, |store, now| {
            let is_deposited =
                |payment: &Arc<Payment>| payment.status == Status::Done && payment.virtual_account().is_some();
            let payment = store.all_of_order(order_id).into_iter().find(is_deposited);
            let payment = payment.ok_or(DepositRefused::NoAccountWaits)?;
            let taken_back = Event::DepositTakenBack { transaction };
            store
                .apply(&payment.key, taken_back, now)
                .map_err(|_| DepositRefused::NoAccountWaits)?;
            Ok(())
        })
    }

    /// Sends the notices of an order's present state once more, as the developer centre's button does.
    pub fn resend_notice(&self, order_id: &str) -> Result<(), Code> {
        self.with(NoticePlan::default(), |store, _| {
            let payment = store.all_of_order(order_id).pop().ok_or(Code::NOT_FOUND_PAYMENT)?;
            let deposit = payment.virtual_account().is_some() && payment.last_transaction.is_some();
            store.told.push(Told {
                payment,
                deposit,
                by_call: false,
            });
            Ok(())
        })
    }

    /// Adds a fault to one payment: for what it does next.
    pub fn plan_fault_for(&self, order_id: &str, plan: Plan) -> Result<(), Code> {
        self.with(NoticePlan::default(), |store, _| {
            let payment = store.all_of_order(order_id).pop().ok_or(Code::NOT_FOUND_PAYMENT)?;
            store.amend(&payment.key, |payment| remember(&mut payment.trouble.plans, plan));
            Ok(())
        })
    }

    fn deposit_faults(&self, order_id: &str) -> Active {
        let payment = self.with(NoticePlan::default(), |store, _| store.all_of_order(order_id).pop());
        let mut faults = self.faults_for(Operation::Deposit, payment.as_ref().map(|payment| payment.key.as_ref()));
        // No call of the merchant's stands behind a deposit, so there is no answer to be earlier than.
        faults.notices.early = false;
        faults
    }
}

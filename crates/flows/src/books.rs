//! Do the books balance, and do they agree with the payments?

use std::collections::VecDeque;

use payments::{AttemptState, Payment};
use serde::Serialize;
use vocabulary::{Money, PaymentId, Scope};

use crate::{App, Error};

const BATCH: u32 = 500;
/// More differences than this say the same thing.
const DIFFERENCES_MAX: usize = 1_000;

/// The trial balance of one shop and mode, and what does not agree.
#[derive(Debug)]
pub struct Report {
    pub scope: Scope,
    pub balance: ledger::TrialBalance,
    pub balanced: bool,
    pub payments: u64,
    pub differences: Vec<Difference>,
}

/// A payment and its entries that do not say the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    pub payment: String,
    /// What the payment says PGs hold for it, in minor units.
    pub expected: i64,
    /// What the entries say.
    pub posted: i64,
    pub currency: &'static str,
}

impl Report {
    pub fn clean(&self) -> bool {
        self.balanced && self.differences.is_empty()
    }
}

/// Checks every shop and mode.
pub async fn check_all(app: &App) -> Result<Vec<Report>, Error> {
    let mut reports = Vec::new();
    for scope in app.store.scopes().await? {
        reports.push(check(app, scope).await?);
    }
    Ok(reports)
}

pub async fn check(app: &App, scope: Scope) -> Result<Report, Error> {
    let balance = app.store.trial_balance(scope).await?;
    let mut report = Report {
        scope,
        balanced: balance.balanced().unwrap_or(false),
        balance,
        payments: 0,
        differences: Vec::new(),
    };
    let mut posted = Posted {
        app,
        scope,
        after: None,
        read: VecDeque::new(),
        all_read: false,
    };
    let mut after = None;
    loop {
        let batch = app.store.payments_after(scope, after, BATCH).await?;
        let Some(last) = batch.last() else { break };
        after = Some(last.id);
        for payment in &batch {
            report.payments += 1;
            let zero = Money::zero(payment.order.amount.currency);
            let mut sum = zero;
            while let Some((id, amount)) = posted.up_to(payment.id).await? {
                if id == payment.id && amount.currency == zero.currency {
                    sum = amount;
                } else {
                    report.differ(id, None, amount);
                }
            }
            let expected = held_by_pgs(payment);
            if expected != Some(sum) {
                report.differ(payment.id, expected, sum);
            }
        }
    }
    while let Some((id, amount)) = posted.next().await? {
        report.differ(id, None, amount);
    }
    Ok(report)
}

/// The entries' sums, payment by payment, read beside the payments themselves.
struct Posted<'a> {
    app: &'a App,
    scope: Scope,
    after: Option<PaymentId>,
    read: VecDeque<(PaymentId, Money)>,
    all_read: bool,
}

impl Posted<'_> {
    /// The next sum, if it belongs to `id` or to a payment before it.
    async fn up_to(&mut self, id: PaymentId) -> Result<Option<(PaymentId, Money)>, Error> {
        self.fill().await?;
        Ok(self.read.pop_front_if(|(next, _)| *next <= id))
    }

    async fn next(&mut self) -> Result<Option<(PaymentId, Money)>, Error> {
        self.fill().await?;
        Ok(self.read.pop_front())
    }

    async fn fill(&mut self) -> Result<(), Error> {
        if !self.read.is_empty() || self.all_read {
            return Ok(());
        }
        let sums = self.app.store.receivables(self.scope, self.after, BATCH).await?;
        self.all_read = sums.is_empty();
        self.after = sums.last().map(|(id, _)| *id).or(self.after);
        self.read.extend(sums);
        Ok(())
    }
}

impl Report {
    fn differ(&mut self, id: PaymentId, expected: Option<Money>, posted: Money) {
        if self.differences.len() < DIFFERENCES_MAX {
            self.differences.push(Difference {
                payment: id.to_string(),
                expected: expected.map_or(0, |sum| sum.minor),
                posted: posted.minor,
                currency: posted.currency.code(),
            });
        }
    }
}

/// What PGs owe the shop for a payment by its own state: what is paid less what went back, and what
/// is held by mistake. Before the PGs' fees.
fn held_by_pgs(payment: &Payment) -> Option<Money> {
    let held = payment
        .attempts
        .iter()
        .filter(|attempt| attempt.state == AttemptState::Voiding);
    let held = held.filter_map(|attempt| attempt.amount_at_pg);
    let held = Money::sum(payment.order.amount.currency, held).ok()?;
    payment.balance().ok()?.checked_add(held).ok()
}

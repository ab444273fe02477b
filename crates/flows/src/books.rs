//! Do the books balance, and do they agree with the payments?

use payments::{AttemptState, Payment};
use serde::Serialize;
use vocabulary::{Money, PaymentId, Scope};

use crate::{App, Error};

const BATCH: usize = 500;
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
    /// Event chains that were changed after the fact.
    pub broken_chains: Vec<String>,
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
        self.balanced && self.differences.is_empty() && self.broken_chains.is_empty()
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
        broken_chains: app.store.verify_chain().await?.broken,
    };
    let mut after = None;
    loop {
        let batch = app.store.payments_after(scope, after, BATCH).await?;
        let Some(last) = batch.last() else { return Ok(report) };
        let posted = app.store.receivables(scope, after, last.id).await?;
        report.compare(&batch, &posted);
        after = Some(last.id);
    }
}

impl Report {
    fn compare(&mut self, batch: &[Payment], posted: &[(PaymentId, Money)]) {
        self.payments += batch.len() as u64;
        for payment in batch {
            let zero = Money::zero(payment.order.amount.currency);
            let posted = posted
                .iter()
                .find(|(id, _)| *id == payment.id)
                .map_or(zero, |(_, sum)| *sum);
            let expected = held_by_pgs(payment);
            if expected != Some(posted) && self.differences.len() < DIFFERENCES_MAX {
                self.differences.push(Difference {
                    payment: payment.id.to_string(),
                    expected: expected.map_or(0, |sum| sum.minor),
                    posted: posted.minor,
                    currency: posted.currency.code(),
                });
            }
        }
        let strangers = posted
            .iter()
            .filter(|(id, sum)| !sum.is_zero() && !batch.iter().any(|payment| payment.id == *id));
        for (id, sum) in strangers.take(DIFFERENCES_MAX.saturating_sub(self.differences.len())) {
            self.differences.push(Difference {
                payment: id.to_string(),
                expected: 0,
                posted: sum.minor,
                currency: sum.currency.code(),
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

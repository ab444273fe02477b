//! Do the books balance, and do they agree with the payments?

use std::collections::VecDeque;

use ledger::{Kind, Posting};
use payments::{AttemptState, Payment};
use serde::Serialize;
use store::Fault;
use vocabulary::{Currency, Money, PaymentId, Scope};

use crate::{App, Error};

const BATCH: u32 = 500;
/// More differences than this say the same thing.
const DIFFERENCES_MAX: usize = 1_000;
/// How often a payment that changes while it is looked at is looked at again.
const LOOKS_MAX: u32 = 5;

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
                    report.look_again(app, id, amount).await?;
                }
            }
            if held_by_pgs(payment) != Some(sum) {
                report.look_again(app, payment.id, sum).await?;
            }
        }
    }
    while let Some((id, amount)) = posted.next().await? {
        report.look_again(app, id, amount).await?;
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
    /// Payments and entries are read one after the other while both go on changing. One that seems to differ
    /// is read anew, between two looks at the payment that agree, before anybody is alarmed.
    async fn look_again(&mut self, app: &App, id: PaymentId, seen: Money) -> Result<(), Error> {
        let currency = seen.currency;
        let mut before = app.store.payment(self.scope, id).await?;
        for _ in 0..LOOKS_MAX {
            let posted = match app.store.postings(self.scope, id).await {
                Ok(postings) => posted(&postings, currency)?,
                // A posting that does not balance is none of ours: that is what we are here to tell.
                Err(Fault::Corrupt { .. }) => {
                    let payment = before.filter(|payment| payment.order.amount.currency == currency);
                    self.differ(id, payment.as_ref().and_then(held_by_pgs), seen);
                    return Ok(());
                }
                Err(fault) => return Err(fault.into()),
            };
            let after = app.store.payment(self.scope, id).await?;
            let version = |payment: &Option<Payment>| payment.as_ref().map(|payment| payment.version);
            if version(&before) != version(&after) {
                before = after;
                continue;
            }
            // Entries in another currency than the payment's have nothing that answers for them.
            let own = after.filter(|payment| payment.order.amount.currency == currency);
            let expected = own.as_ref().and_then(held_by_pgs);
            if expected != Some(posted) {
                self.differ(id, expected, posted);
            }
            return Ok(());
        }
        // It is being worked on all the time; the next check meets it at rest.
        tracing::info!(payment.id = %id, "payment {id} changed too often to be checked");
        Ok(())
    }

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

/// What the postings add to what PGs owe the shop, fees apart.
fn posted(postings: &[Posting], currency: Currency) -> Result<Money, Error> {
    let sums = postings
        .iter()
        .filter(|posting| posting.kind() != Kind::PgFee)
        .filter_map(Posting::receivable)
        .filter(|sum| sum.currency == currency);
    Money::sum(currency, sums).map_err(|error| {
        tracing::error!(%error, "the sum of a payment's entries is too large");
        Error::Bug
    })
}

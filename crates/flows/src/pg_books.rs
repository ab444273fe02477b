//! Do our payments agree with what the PGs have? The third side of the books: each PG is asked about every
//! attempt that may have moved money, and, where it lists what it booked, for what we know nothing of.

use std::collections::BTreeMap;

use connectors::{Listed, Listing, TransactionKind};
use futures_util::StreamExt;
use futures_util::stream;
use payments::{Attempt, AttemptState, Payment};
use serde::Serialize;
use vocabulary::pg::{Answer, Standing};
use vocabulary::{AttemptId, Money, PaymentId, PgAccountId, Scope, Timestamp};

use crate::directory::Account;
use crate::drive::ask_about;
use crate::{App, Error};

const BATCH: u32 = 200;
/// Questions to the PGs at a time: a check must not crowd out shoppers.
const AT_ONCE: usize = 8;
/// More differences than this say the same thing.
const DIFFERENCES_MAX: usize = 1_000;
/// Orders of one PG account and span that are remembered while its list is read.
const LISTED_MAX: usize = 2_000_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DifferenceKind {
    /// We have it, the PG does not.
    Missing,
    /// The PG has it, we do not.
    Extra,
    /// Both have it, over different sums.
    Amount,
    /// Both have it, in states that do not fit.
    State,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PgDifference {
    pub kind: DifferenceKind,
    /// `null`: no payment of ours.
    pub payment: Option<String>,
    pub order_id: Option<String>,
    pub pg_order_id: String,
    pub pg_key: Option<String>,
    /// What we say, and what the PG says: a state and a sum in minor units.
    pub ours: String,
    pub theirs: String,
    pub currency: &'static str,
}

/// What came of comparing one PG account.
#[derive(Debug, Clone)]
pub struct PgReport {
    pub scope: Scope,
    pub account: PgAccountId,
    /// Attempts that were compared.
    pub compared: u64,
    /// Not settled yet: the PG is still being asked about them anyway.
    pub open: u64,
    /// The PG gave no clear answer about them.
    pub unanswered: u64,
    /// Whether the PG's own list was read, so that what only the PG has would show.
    pub listed: bool,
    pub differences: Vec<PgDifference>,
}

impl PgReport {
    pub fn clean(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Which payments to compare: those created in the span.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub until: Timestamp,
}

/// Compares every PG account of every shop that is configured.
pub async fn check_all(app: &App, span: Span) -> Result<Vec<PgReport>, Error> {
    let mut reports = Vec::new();
    let mut sides: Vec<_> = app.directory.sides().collect();
    sides.sort_by_key(|side| side.scope);
    for side in sides {
        let mut of_side: BTreeMap<PgAccountId, PgReport> = BTreeMap::new();
        for account in &side.accounts {
            of_side.insert(account.id, PgReport::new(side.scope, account.id));
        }
        ask_payments(app, side.scope, span, &mut of_side).await?;
        for account in &side.accounts {
            if let Some(report) = of_side.get_mut(&account.id) {
                report.read_list(app, account, span).await?;
            }
        }
        reports.extend(of_side.into_values());
    }
    Ok(reports)
}

async fn ask_payments(
    app: &App,
    scope: Scope,
    span: Span,
    reports: &mut BTreeMap<PgAccountId, PgReport>,
) -> Result<(), Error> {
    let mut after: Option<PaymentId> = None;
    loop {
        let batch = app.store.payments_after(scope, after, BATCH).await?;
        let Some(last) = batch.last() else {
            return Ok(());
        };
        after = Some(last.id);
        if last.created_at < span.from {
            continue;
        }
        let inside = batch
            .iter()
            .filter(|payment| (span.from..span.until).contains(&payment.created_at));
        let asks = inside.flat_map(|payment| payment.attempts.iter().map(move |attempt| (payment, attempt)));
        let verdicts: Vec<_> = stream::iter(asks.filter(|(_, attempt)| worth_asking(attempt)))
            .map(|(payment, attempt)| async move {
                let verdict = match app.directory.account(attempt.pg_account) {
                    Some(account) => compare(app, &account, payment, attempt).await,
                    None => Ok(Verdict::Unanswered),
                };
                (attempt.pg_account, verdict)
            })
            .buffered(AT_ONCE)
            .collect()
            .await;
        for (account, verdict) in verdicts {
            if let Some(report) = reports.get_mut(&account) {
                report.take(verdict?);
            }
        }
        if last.created_at >= span.until {
            return Ok(());
        }
    }
}

/// Of a window nobody came back from, the PG has nothing to say.
fn worth_asking(attempt: &Attempt) -> bool {
    attempt.pg_key.is_some() || !matches!(attempt.state, AttemptState::Opened | AttemptState::Declined)
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    Agrees,
    Open,
    Unanswered,
    Differs(DifferenceKind, String, String),
    Whose(Box<PgDifference>),
}

/// Payments go on changing while they are compared: one that seems to differ is read again first.
async fn compare(app: &App, account: &Account, payment: &Payment, attempt: &Attempt) -> Result<Verdict, Error> {
    let answer = ask_about(account, payment, attempt).await;
    let mut verdict = judge(payment, attempt, &answer);
    if !matches!(verdict, Verdict::Differs(..)) {
        return Ok(verdict);
    }
    let now = app.load(payment.scope, payment.id).await?;
    if now.version != payment.version {
        let attempt = now.attempt(attempt.id)?;
        let answer = ask_about(account, &now, attempt).await;
        verdict = judge(&now, attempt, &answer);
    }
    Ok(match verdict {
        Verdict::Differs(kind, ours, theirs) => Verdict::Whose(Box::new(PgDifference {
            kind,
            payment: Some(payment.id.to_string()),
            order_id: Some(payment.order.id.to_string()),
            pg_order_id: attempt.id.to_string(),
            pg_key: attempt.pg_key.clone(),
            ours,
            theirs,
            currency: payment.order.amount.currency.code(),
        })),
        other => other,
    })
}

/// What an inquiry's answer makes of our own word. Pure.
fn judge(payment: &Payment, attempt: &Attempt, answer: &Answer) -> Verdict {
    let open_cancel = payment
        .cancels
        .iter()
        .any(|cancel| cancel.attempt == attempt.id && cancel.state.open());
    if matches!(
        attempt.state,
        AttemptState::Approving | AttemptState::Unknown | AttemptState::Voiding | AttemptState::Agreed
    ) || open_cancel
    {
        return Verdict::Open;
    }
    let zero = Money::zero(payment.order.amount.currency);
    let (ours_paid, ours_left) = match attempt.state {
        AttemptState::Approved => (payment.order.amount, payment.balance().unwrap_or(zero)),
        _ => (zero, zero),
    };
    let ours = format!("{} {}", attempt.state, ours_left.minor);
    let differs = |kind, theirs: String| Verdict::Differs(kind, ours.clone(), theirs);
    let report = match answer {
        Answer::Unknown(_) => return Verdict::Unanswered,
        Answer::No(_) if matches!(attempt.state, AttemptState::Approved | AttemptState::Waiting) => {
            return differs(DifferenceKind::Missing, "unknown there".to_owned());
        }
        Answer::No(_) => return Verdict::Agrees,
        Answer::Report(report) => report,
    };
    let (standing, theirs_left) = match report.standing {
        Standing::NotYet => ("NOT_YET", zero),
        Standing::WaitingForDeposit => ("WAITING_FOR_DEPOSIT", zero),
        Standing::Approved => ("APPROVED", report.balance),
        Standing::Canceled => ("CANCELED", zero),
        Standing::Failed(_) => ("FAILED", zero),
    };
    let theirs = format!("{standing} {}", theirs_left.minor);
    let has_money = theirs_left.minor != 0;
    match attempt.state {
        AttemptState::Approved if report.standing == Standing::Canceled && ours_left.is_zero() => Verdict::Agrees,
        AttemptState::Approved if !matches!(report.standing, Standing::Approved | Standing::Canceled) => {
            differs(DifferenceKind::State, theirs)
        }
        AttemptState::Approved if report.amount != ours_paid || theirs_left != ours_left => {
            differs(DifferenceKind::Amount, theirs)
        }
        AttemptState::Approved => Verdict::Agrees,
        AttemptState::Waiting if report.standing == Standing::WaitingForDeposit => Verdict::Agrees,
        AttemptState::Waiting => differs(DifferenceKind::State, theirs),
        // Declined, voided, never come back from: the PG may know it, but must hold nothing.
        _ if has_money => differs(DifferenceKind::Extra, theirs),
        _ => Verdict::Agrees,
    }
}

/// Shops may share a contract, so it may be any shop's.
async fn is_ours(app: &App, pg_order_id: &str) -> Result<bool, Error> {
    let Ok(id) = pg_order_id.parse::<AttemptId>() else {
        return Ok(false);
    };
    for side in app.directory.sides() {
        if app.store.payment_of_attempt(side.scope, id).await?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

impl PgReport {
    fn new(scope: Scope, account: PgAccountId) -> PgReport {
        PgReport {
            scope,
            account,
            compared: 0,
            open: 0,
            unanswered: 0,
            listed: false,
            differences: Vec::new(),
        }
    }

    fn take(&mut self, verdict: Verdict) {
        self.compared += 1;
        match verdict {
            Verdict::Agrees => {}
            Verdict::Open => self.open += 1,
            Verdict::Unanswered | Verdict::Differs(..) => self.unanswered += 1,
            Verdict::Whose(difference) => self.differ(*difference),
        }
    }

    fn differ(&mut self, difference: PgDifference) {
        if self.differences.len() < DIFFERENCES_MAX {
            self.differences.push(difference);
        }
    }

    /// What the PG booked under orders that are none of ours: another program uses the same contract, or a
    /// payment of ours was lost.
    async fn read_list(&mut self, app: &App, account: &Account, span: Span) -> Result<(), Error> {
        let mut strangers: BTreeMap<String, (Money, String)> = BTreeMap::new();
        let mut cursor = None;
        loop {
            let ask = Listing {
                from: span.from,
                until: span.until,
                cursor,
            };
            let (lines, next) = match account.connector.transactions(&ask).await {
                Ok(Listed::Page { lines, next }) => (lines, next),
                Ok(Listed::Unknown(what)) => {
                    tracing::warn!(pg_account.id = %account.id, %what, "the PG's list cannot be read");
                    return Ok(());
                }
                // This PG has no list.
                Err(_) => return Ok(()),
            };
            for line in lines {
                if is_ours(app, &line.pg_order_id).await? {
                    // Compared one by one above.
                    continue;
                }
                if strangers.len() >= LISTED_MAX {
                    return Err(Error::Busy);
                }
                let zero = (Money::zero(line.amount.currency), line.pg_key);
                let (sum, _) = strangers.entry(line.pg_order_id).or_insert(zero);
                let signed = match line.kind {
                    TransactionKind::Payment => line.amount.minor,
                    TransactionKind::Cancel => -line.amount.minor,
                };
                sum.minor = sum.minor.saturating_add(signed);
            }
            cursor = next;
            if cursor.is_none() {
                break;
            }
        }
        self.listed = true;
        for (pg_order_id, (sum, pg_key)) in strangers {
            if !sum.is_zero() {
                self.differ(PgDifference {
                    kind: DifferenceKind::Extra,
                    payment: None,
                    order_id: None,
                    pg_order_id,
                    pg_key: Some(pg_key),
                    ours: "unknown here".to_owned(),
                    theirs: format!("BOOKED {}", sum.minor),
                    currency: sum.currency.code(),
                });
            }
        }
        Ok(())
    }
}

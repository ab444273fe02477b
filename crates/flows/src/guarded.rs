//! A PG account's connector with its time budgets and its circuit breaker around it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use connectors::{
    Approve, Bill, CancelAsk, Capabilities, Connector, Inquiry, Listed, Listing, NetCancel, Notice, NoticeAnswer,
    NoticeRefused, ReceiptAnswer, ReceiptAsk, RecordedReceipt, Returned, Unsupported, Window,
};
use futures_util::future::BoxFuture;
use vocabulary::pg::{Answer, CancelAnswer};
use vocabulary::{Clock, Failure, Money, Reason, Timestamp};

use crate::Budgets;
use crate::breaker::{Breaker, BreakerState, Kind, Outcome, Pass};

const RESTS: &str = "this PG account rests after many failures; it was not asked";
const LATE: &str = "the PG took longer than the account's time budget";

pub(crate) struct Guarded {
    inner: Arc<dyn Connector>,
    budgets: Budgets,
    clock: Arc<dyn Clock>,
    breaker: Mutex<Breaker>,
    /// The PG account's name, for the log and the metrics.
    name: String,
}

/// How a PG account does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    pub breaker: BreakerState,
    pub since: Timestamp,
    /// Of the last minute.
    pub failed: u32,
    pub asked: u32,
}

impl Guarded {
    pub fn new(inner: Arc<dyn Connector>, budgets: Budgets, clock: Arc<dyn Clock>, name: String) -> Guarded {
        let breaker = Mutex::new(Breaker::new(clock.now()));
        Guarded {
            inner,
            budgets,
            clock,
            breaker,
            name,
        }
    }

    pub fn health(&self) -> Health {
        let now = self.clock.now();
        let mut breaker = self.breaker();
        breaker.shunned(now);
        let (failed, asked) = breaker.counted(now);
        Health {
            breaker: breaker.state(),
            since: breaker.since(),
            failed,
            asked,
        }
    }

    /// New attempts had better go elsewhere, where they can.
    pub fn shunned(&self) -> bool {
        self.breaker().shunned(self.clock.now())
    }

    /// As [`Guarded::shunned`], and of those that may go here the place is taken.
    pub fn takes_attempt(&self) -> bool {
        self.breaker().takes_attempt(self.clock.now())
    }

    fn admit(&self, kind: Kind) -> Option<Pass> {
        self.breaker().admit(kind, self.clock.now())
    }

    fn ended(&self, pass: Pass, outcome: Outcome) {
        let mut breaker = self.breaker();
        let before = breaker.state();
        breaker.ended(pass, outcome, self.clock.now());
        let after = breaker.state();
        drop(breaker);
        if before == after {
            return;
        }
        let (before, after) = (before.as_str(), after.as_str());
        tracing::warn!(pg_account = %self.name, before, after, "the breaker of PG account {} is {after}, it was {before}", self.name);
        for state in BreakerState::ALL {
            let is = f64::from(u8::from(state.as_str() == after));
            metrics::gauge!("narupay_pg_breaker", "pg_account" => self.name.clone(), "state" => state.as_str()).set(is);
        }
    }

    fn breaker(&self) -> MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks within `budget`; what takes longer is `late`, and nobody knows what became of it.
    async fn asked<T>(
        &self,
        pass: Pass,
        budget: Duration,
        ask: BoxFuture<'_, T>,
        late: T,
        outcome: impl Fn(&T) -> Outcome,
    ) -> T {
        let answer = tokio::time::timeout(budget, ask).await.unwrap_or(late);
        self.ended(pass, outcome(&answer));
        answer
    }
}

fn of_answer(answer: &Answer) -> Outcome {
    match answer {
        Answer::Report(_) => Outcome::Clear,
        Answer::No(failure) => of_no(failure),
        Answer::Unknown(_) => Outcome::Failed,
    }
}

fn of_cancel(answer: &CancelAnswer) -> Outcome {
    match answer {
        CancelAnswer::Done { .. } | CancelAnswer::Pending => Outcome::Clear,
        CancelAnswer::No(failure) => of_no(failure),
        CancelAnswer::Unknown(_) => Outcome::Failed,
    }
}

fn of_no(failure: &Failure) -> Outcome {
    match failure.reason {
        Reason::PgUnavailable | Reason::TooManyRequests => Outcome::Failed,
        _ => Outcome::Clear,
    }
}

impl Connector for Guarded {
    fn pg(&self) -> &'static str {
        self.inner.pg()
    }

    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    fn window(&self, bill: &Bill) -> Result<Window, Unsupported> {
        self.inner.window(bill)
    }

    fn read_return(&self, query: &BTreeMap<String, String>) -> Returned {
        self.inner.read_return(query)
    }

    fn approve<'a>(&'a self, ask: &'a Approve) -> BoxFuture<'a, Answer> {
        Box::pin(async move {
            let Some(pass) = self.admit(Kind::Approve) else {
                // It never left, so nothing can have been charged.
                return Answer::No(Failure::ours(Reason::PgUnavailable));
            };
            let late = Answer::Unknown(LATE.to_owned());
            self.asked(pass, self.budgets.approve(), self.inner.approve(ask), late, of_answer)
                .await
        })
    }

    fn inquire<'a>(&'a self, ask: &'a Inquiry) -> BoxFuture<'a, Answer> {
        Box::pin(async move {
            let Some(pass) = self.admit(Kind::Inquire) else {
                return Answer::Unknown(RESTS.to_owned());
            };
            let late = Answer::Unknown(LATE.to_owned());
            self.asked(pass, self.budgets.inquire(), self.inner.inquire(ask), late, of_answer)
                .await
        })
    }

    fn cancel<'a>(&'a self, ask: &'a CancelAsk) -> BoxFuture<'a, CancelAnswer> {
        Box::pin(async move {
            let Some(pass) = self.admit(Kind::Refund) else {
                return CancelAnswer::Unknown(RESTS.to_owned());
            };
            let late = CancelAnswer::Unknown(LATE.to_owned());
            self.asked(pass, self.budgets.cancel(), self.inner.cancel(ask), late, of_cancel)
                .await
        })
    }

    fn net_cancel<'a>(&'a self, ask: &'a NetCancel) -> BoxFuture<'a, Result<CancelAnswer, Unsupported>> {
        Box::pin(async move {
            let Some(pass) = self.admit(Kind::Refund) else {
                return Ok(CancelAnswer::Unknown(RESTS.to_owned()));
            };
            let late = Ok(CancelAnswer::Unknown(LATE.to_owned()));
            let outcome = |answer: &Result<CancelAnswer, Unsupported>| match answer {
                Ok(answer) => of_cancel(answer),
                Err(_) => Outcome::Clear,
            };
            self.asked(pass, self.budgets.cancel(), self.inner.net_cancel(ask), late, outcome)
                .await
        })
    }

    fn transactions<'a>(&'a self, ask: &'a Listing) -> BoxFuture<'a, Result<Listed, Unsupported>> {
        self.inner.transactions(ask)
    }

    fn issue_receipt<'a>(&'a self, ask: &'a ReceiptAsk) -> BoxFuture<'a, Result<ReceiptAnswer, Unsupported>> {
        self.inner.issue_receipt(ask)
    }

    fn cancel_receipt<'a>(
        &'a self,
        receipt: &'a RecordedReceipt,
        amount: Option<Money>,
    ) -> BoxFuture<'a, Result<ReceiptAnswer, Unsupported>> {
        self.inner.cancel_receipt(receipt, amount)
    }

    fn read_notice(&self, headers: &BTreeMap<String, String>, body: &[u8]) -> Result<Notice, NoticeRefused> {
        self.inner.read_notice(headers, body)
    }

    fn notice_answer(&self) -> NoticeAnswer {
        self.inner.notice_answer()
    }

    fn remarks(&self) -> Vec<String> {
        self.inner.remarks()
    }
}

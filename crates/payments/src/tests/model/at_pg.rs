//! What the PG of the model does, and what it answers.

use vocabulary::pg::{Answer, CancelAnswer, Report, Standing};
use vocabulary::{AttemptId, CancelId, Failure, Method, Money, Reason};

use super::super::pg_double::{account, line, report};
use super::{Run, Truth};

impl Run {
    pub(super) fn truth(&mut self, id: AttemptId) -> &mut Truth {
        if let Some(place) = self.truths.iter().position(|truth| truth.id == id) {
            return &mut self.truths[place];
        }
        let lists_refunds = self.dice(2);
        self.truths.push(Truth {
            id,
            standing: Standing::NotYet,
            amount: 0,
            lines: Vec::new(),
            lists_refunds,
        });
        self.truths.last_mut().unwrap()
    }

    /// The PG approves, issues, declines, or takes another sum.
    pub(super) fn approve(&mut self, id: AttemptId) {
        let virtual_account = self.payment.attempt(id).unwrap().method == Method::VirtualAccount;
        let wrong = self.dice(12);
        let declines = self.dice(4);
        let amount = self.payment.order.amount.minor + i64::from(wrong);
        let truth = self.truth(id);
        if truth.standing == Standing::NotYet {
            truth.amount = amount;
            truth.standing = match (declines, virtual_account) {
                (true, _) => Standing::Failed(Failure::ours(Reason::DeclinedByIssuer)),
                (_, true) => Standing::WaitingForDeposit,
                _ => Standing::Approved,
            };
        }
    }

    pub(super) fn inquire(&mut self, id: AttemptId) -> Answer {
        let truth = self.truth(id).clone();
        match &truth.standing {
            Standing::NotYet => Answer::No(Failure::ours(Reason::NotFoundAtPg)),
            Standing::Failed(failure) if truth.lists_refunds => Answer::No(failure.clone()),
            _ => Answer::Report(Box::new(self.report(&truth))),
        }
    }

    pub(super) fn report(&self, truth: &Truth) -> Report {
        let balance = match truth.standing {
            Standing::WaitingForDeposit => truth.amount,
            _ => truth.holds(),
        };
        let mut report = report(
            truth.id,
            truth.standing.clone(),
            Money::krw(truth.amount),
            Money::krw(balance),
        );
        if truth.standing == Standing::WaitingForDeposit {
            report.means = account(None, false);
        }
        if truth.lists_refunds {
            report.cancels = truth.lines.clone();
        }
        report
    }

    pub(super) fn cancel(&mut self, id: CancelId) -> CancelAnswer {
        let cancel = self.payment.cancel(id).unwrap();
        let (attempt, amount, whole) = (cancel.attempt, cancel.amount().minor, cancel.whole);
        let believed = self.payment.balance().unwrap().minor;
        let held = self.truth(attempt).holds();
        let sum = if whole { held } else { amount };
        // The balance we send along guards against what we do not know yet.
        if self.truth(attempt).standing == Standing::Approved && held != believed {
            return CancelAnswer::No(Failure::ours(Reason::NotCancelable));
        }
        self.give_back(attempt, sum, &id.to_string())
    }

    pub(super) fn give_back(&mut self, id: AttemptId, sum: i64, key: &str) -> CancelAnswer {
        let truth = self.truth(id);
        match truth.standing {
            Standing::WaitingForDeposit => truth.standing = Standing::Canceled,
            Standing::Approved if sum > 0 && sum <= truth.holds() => truth.lines.push(line(key, Money::krw(sum))),
            Standing::Canceled => {}
            _ => return CancelAnswer::No(Failure::ours(Reason::NotCancelable)),
        }
        if truth.standing == Standing::Approved && truth.holds() == 0 {
            truth.standing = Standing::Canceled;
        }
        let truth = truth.clone();
        let refunded = truth.lines.iter().find(|line| line.pg_key == key).cloned();
        CancelAnswer::Done {
            report: Box::new(self.report(&truth)),
            refunded,
        }
    }

    /// Things that happen at the PG without us.
    pub(super) fn console(&mut self) {
        let Some(id) = self.pick() else { return };
        let what = self.chance.below(4);
        let (part, key) = (1 + self.chance.below(5_000) as i64, self.chance.below(u64::MAX));
        let wrong = i64::from(self.dice(8));
        let virtual_account = self.payment.attempt(id).unwrap().method == Method::VirtualAccount;
        let truth = self.truth(id);
        match (&truth.standing, what) {
            (Standing::WaitingForDeposit, 0 | 1) => {
                truth.standing = Standing::Approved;
                truth.amount += wrong;
            }
            (Standing::WaitingForDeposit, 2) => truth.standing = Standing::Canceled,
            (Standing::Approved, 0) => {
                let part = part.min(truth.holds());
                truth.lines.push(line(&format!("X-{key}"), Money::krw(part)));
                if truth.holds() == 0 {
                    truth.standing = Standing::Canceled;
                }
            }
            // The bank takes the deposit back; what was given back of it is the PG's loss.
            (Standing::Approved, 3) if virtual_account => {
                truth.standing = Standing::WaitingForDeposit;
                truth.lines.clear();
            }
            // It said no, and then yes.
            (Standing::Failed(_), 1) => truth.standing = Standing::Approved,
            _ => {}
        }
    }
}

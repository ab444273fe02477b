//! What follows from what a PG says: the approve answer, the inquiry and the notice are one thing.

use vocabulary::pg::{Answer, CancelAnswer, Means, Refunded, Report, Standing};
use vocabulary::{AttemptId, CancelId, Failure, Money, Reason, Secret};

use crate::attempt::Move;
use crate::decide::{heard_text, refund_of};
use crate::state::Turn;
use crate::{
    About, Attempt, AttemptState, Cancel, CancelOrigin, CancelState, LateApproval, Now, Payment, Refused, State, Step,
    Told,
};

/// A request that cannot be repeated is given up after this many looks that show no trace of it.
const LOOKS_BEFORE_GIVEN_UP: u32 = 10;

impl Payment {
    pub(crate) fn pg_says(&self, id: AttemptId, answer: Answer, now: &Now) -> Result<Step, Refused> {
        let attempt = self.attempt(id)?;
        let report = match answer {
            Answer::Unknown(what) => return self.unclear(id, &what, now),
            Answer::No(failure) => {
                return match attempt.state {
                    // A PG that holds money cannot mean this; the question stays open.
                    AttemptState::Approved | AttemptState::Voiding | AttemptState::Voided => Ok(Step::stay(self)),
                    _ => self.declined(id, failure, now),
                };
            }
            Answer::Report(report) => report,
        };
        match &report.standing {
            Standing::NotYet => self.unclear(id, "the PG knows the order and has approved nothing", now),
            Standing::Failed(failure) => match attempt.state {
                // Held without money, and none can come any more.
                AttemptState::Voiding if attempt.amount_at_pg.is_none() => self.given_back(id, now),
                AttemptState::Approved | AttemptState::Voiding | AttemptState::Voided => Ok(Step::stay(self)),
                _ => self.declined(id, failure.clone(), now),
            },
            Standing::WaitingForDeposit => self.deposit_awaited(id, &report, now),
            Standing::Approved => self.approved(id, &report, now),
            Standing::Canceled => self.canceled_at_pg(id, &report, now),
        }
    }

    fn unclear(&self, id: AttemptId, what: &str, now: &Now) -> Result<Step, Refused> {
        match self.attempt(id)?.state {
            AttemptState::Approving => {}
            _ => return Ok(Step::stay(self)),
        }
        let mut payment = self.clone();
        let attempt = payment.attempt_mut(id)?;
        attempt.state = attempt.state.on(Move::Unclear)?;
        attempt.last_heard = Some(heard_text(what));
        // Whoever asked looks once more at once: the lease goes on.
        attempt.asked_at = Some(now.at);
        payment.state = self.state.on(Turn::OutcomeUnknown)?;
        Ok(Step::of(payment).tell(Told::Confirming))
    }

    pub(crate) fn undo(&self, id: AttemptId) -> Result<Step, Refused> {
        let attempt = self.attempt(id)?;
        if attempt.undoing || !attempt.state.in_doubt() {
            return Ok(Step::stay(self));
        }
        let mut payment = self.clone();
        payment.attempt_mut(id)?.undoing = true;
        Ok(Step::of(payment))
    }

    fn deposit_awaited(&self, id: AttemptId, report: &Report, now: &Now) -> Result<Step, Refused> {
        let attempt = self.attempt(id)?;
        match attempt.state {
            AttemptState::Approved => return self.deposit_taken_back(id, report, now),
            AttemptState::Waiting => return self.still_waiting(id, report, now),
            AttemptState::Voiding if attempt.amount_at_pg.is_none() && account_expired(report) => {
                return self.given_back(id, now);
            }
            AttemptState::Voiding | AttemptState::Voided => return Ok(Step::stay(self)),
            // A PG may list an account whose time ran out as waiting for ever: it is no new account.
            _ if account_expired(report) => return self.declined(id, Failure::ours(Reason::Expired), now),
            _ => {}
        }
        if !self.takes(id, report) {
            return self.hold(id, report);
        }
        let mut payment = self.clone();
        payment.state = self.state.on(Turn::DepositAwaited)?;
        payment.failure = None;
        let attempt = payment.attempt_mut(id)?;
        attempt.state = attempt.state.on(Move::Wait)?;
        attempt.learn(report);
        attempt.rests(now.at);
        Ok(Step::of(payment).tell(Told::WaitingForDeposit))
    }

    fn still_waiting(&self, id: AttemptId, report: &Report, now: &Now) -> Result<Step, Refused> {
        if !account_expired(report) {
            return Ok(Step::stay(self));
        }
        let mut step = self.declined(id, Failure::ours(Reason::Expired), now)?;
        if step.payment.state == State::Ready {
            step.payment.state = step.payment.state.on(Turn::TimeUp)?;
            step = step.tell(Told::Expired);
        }
        Ok(step)
    }

    fn deposit_taken_back(&self, id: AttemptId, report: &Report, now: &Now) -> Result<Step, Refused> {
        if self.state == State::Canceled {
            // All of it was given back before: nothing is left to be taken.
            return Ok(Step::stay(self));
        }
        let mut payment = self.clone();
        // What a cancel was to give back is gone already.
        payment.drop_cancels(id, Reason::AlreadyProcessed)?;
        let rest = payment.left()?;
        let attempt = payment.attempt_mut(id)?;
        let posting = ledger::sale_reversed(attempt.pg_account, rest)?;
        attempt.learn(report);
        attempt.approved_at = None;
        if self.state == State::PartialCanceled {
            // A second deposit of the whole would not be what is owed any more: the account is to be closed, and
            // what still comes is held and goes back.
            attempt.state = attempt.state.on(Move::Hold)?;
            (attempt.asked_at, attempt.asks, attempt.asking) = (None, 0, false);
            attempt.amount_at_pg = None;
            attempt.failure = Some(Failure::ours(Reason::AlreadyProcessed));
            payment.state = self.state.on(Turn::Refunded { all: true })?;
        } else {
            attempt.state = attempt.state.on(Move::TakenBack)?;
            attempt.rests(now.at);
            payment.state = self.state.on(Turn::DepositTakenBack)?;
        }
        Ok(Step::of(payment).post(posting).tell(Told::DepositTakenBack))
    }

    fn approved(&self, id: AttemptId, report: &Report, now: &Now) -> Result<Step, Refused> {
        match self.attempt(id)?.state {
            AttemptState::Approved => return Step::stay(self).with_refunds_at_pg(id, report, now),
            AttemptState::Voiding => return self.hold(id, report),
            AttemptState::Voided => return Ok(Step::stay(self)),
            _ => {}
        }
        if !self.takes(id, report) {
            return self.hold(id, report);
        }
        let mut payment = self.clone();
        payment.state = self.state.on(Turn::Paid)?;
        payment.failure = None;
        let attempt = payment.attempt_mut(id)?;
        attempt.state = attempt.state.on(Move::Approve)?;
        attempt.learn(report);
        attempt.approved_at = Some(report.approved_at.unwrap_or(now.at));
        attempt.amount_at_pg = Some(report.amount);
        let posting = ledger::sale(attempt.pg_account, self.order.tax)?;
        payment.close_windows(Reason::Superseded)?;
        // A cancel of the account asked for before its deposit came too late: it never happened.
        payment.drop_cancels(id, Reason::AlreadyProcessed)?;
        Step::of(payment)
            .post(posting)
            .tell(Told::Done)
            .with_refunds_at_pg(id, report, now)
    }

    /// May this attempt's approval stand? The sum must be the shop's, no other attempt may pay or
    /// have paid (one whose money goes back is out of the race), the PG must not have been asked to undo it, and
    /// a payment given up takes it only if the shop's terms say so and the shop itself has not refused to sell.
    fn takes(&self, id: AttemptId, report: &Report) -> bool {
        let undoing = self.attempt(id).is_ok_and(|attempt| attempt.undoing);
        let free = !self
            .attempts
            .iter()
            .any(|other| other.id != id && other.state.holds_payment() && other.state != AttemptState::Voiding);
        let shop_refused = self
            .failure
            .as_ref()
            .is_some_and(|failure| failure.reason == Reason::RefusedByShop);
        let open = match self.state {
            State::Ready | State::InProgress | State::Confirming | State::WaitingForDeposit => true,
            State::Aborted | State::Expired => self.terms.late_approval == LateApproval::Accept && !shop_refused,
            State::Done | State::PartialCanceled | State::Canceled => false,
        };
        !undoing && free && open && report.amount == self.order.amount
    }

    /// The PG has, or may get, money it must not keep.
    fn hold(&self, id: AttemptId, report: &Report) -> Result<Step, Refused> {
        let attempt = self.attempt(id)?;
        let has_money = report.standing == Standing::Approved && report.balance.is_positive();
        if attempt.state == AttemptState::Voiding && (attempt.amount_at_pg.is_some() || !has_money) {
            return Ok(Step::stay(self));
        }
        let before = attempt.state;
        let mut payment = self.clone();
        let wrong_sum = report.amount != self.order.amount;
        if !self.state.settled() && !self.another_holds(id) {
            payment.state = self.state.on(Turn::OutcomeUnknown)?;
        }
        payment.drop_cancels(id, Reason::AlreadyProcessed)?;
        let attempt = payment.attempt_mut(id)?;
        attempt.state = attempt.state.on(Move::Hold)?;
        attempt.learn(report);
        if before != AttemptState::Voiding {
            (attempt.asked_at, attempt.asks, attempt.asking) = (None, 0, false);
        }
        attempt.amount_at_pg = has_money.then_some(report.balance);
        let reason = if wrong_sum {
            Reason::AmountMismatch
        } else if attempt.undoing {
            Reason::PgUnavailable
        } else {
            Reason::Superseded
        };
        attempt.failure = Some(Failure::ours(reason));
        let posting = has_money
            .then(|| ledger::held(attempt.pg_account, report.balance))
            .transpose()?;
        let mut step = Step::of(payment).tell(Told::Held);
        step.postings.extend(posting);
        Ok(step)
    }

    pub(crate) fn void_answered(&self, id: AttemptId, answer: CancelAnswer, now: &Now) -> Result<Step, Refused> {
        if self.attempt(id)?.state != AttemptState::Voiding {
            return Ok(Step::stay(self));
        }
        match answer {
            CancelAnswer::Done { .. } => self.given_back(id, now),
            CancelAnswer::Pending => self.unanswered(About::Attempt(id), Some("the PG gives it back later"), now),
            CancelAnswer::Unknown(what) => self.unanswered(About::Attempt(id), Some(&what), now),
            CancelAnswer::No(failure) => {
                // The money is still there; the waits grow and a person is called.
                let mut step = self.unanswered(About::Attempt(id), None, now)?;
                step.payment.attempt_mut(id)?.failure = Some(failure);
                step.changed = true;
                Ok(step)
            }
        }
    }

    fn given_back(&self, id: AttemptId, now: &Now) -> Result<Step, Refused> {
        let mut payment = self.clone();
        let attempt = payment.attempt_mut(id)?;
        attempt.state = attempt.state.on(Move::GivenBack)?;
        let held = attempt.amount_at_pg.take().filter(|held| !held.is_zero());
        let posting = held
            .map(|held| ledger::held_returned(attempt.pg_account, held))
            .transpose()?;
        let failure = attempt.failure.clone();
        if self.state == State::Confirming && !self.another_holds(id) {
            payment.state = payment.state.on(Turn::Declined { for_good: false })?;
            payment.failure = failure;
            if now.at >= payment.expires_at {
                payment.state = payment.state.on(Turn::TimeUp)?;
            }
        }
        let mut step = Step::of(payment).tell(Told::HeldReturned);
        step.postings.extend(posting);
        Ok(step)
    }

    fn canceled_at_pg(&self, id: AttemptId, report: &Report, now: &Now) -> Result<Step, Refused> {
        let undoing = self.attempt(id)?.undoing;
        match self.attempt(id)?.state {
            AttemptState::Approved => Step::stay(self).with_refunds_at_pg(id, report, now),
            AttemptState::Voiding => self.given_back(id, now),
            AttemptState::Waiting => match self.open_cancel(id) {
                Some(cancel) => self.cancel_done(cancel, None, now),
                None => {
                    let mut payment = self.clone();
                    payment.state = self.state.on(Turn::Closed)?;
                    let attempt = payment.attempt_mut(id)?;
                    attempt.state = attempt.state.on(Move::Decline)?;
                    attempt.failure = Some(Failure::ours(Reason::AlreadyProcessed));
                    Ok(Step::of(payment).tell(Told::Canceled))
                }
            },
            AttemptState::Declined | AttemptState::Voided => Ok(Step::stay(self)),
            // The net cancel whose answer was lost.
            _ if undoing => self.declined(id, Failure::ours(Reason::PgUnavailable), now),
            // Approved and given back before we heard of either: nothing is left to account for.
            _ => self.declined(id, Failure::ours(Reason::AlreadyProcessed), now),
        }
    }

    fn open_cancel(&self, attempt: AttemptId) -> Option<CancelId> {
        self.cancels
            .iter()
            .find(|cancel| cancel.attempt == attempt && cancel.state.open())
            .map(|cancel| cancel.id)
    }

    /// An open cancel that cannot be repeated and of which the PG has no trace, look after look.
    fn lost_cancel(&self, id: AttemptId) -> Option<CancelId> {
        let lost = self.cancels.iter().find(|cancel| {
            cancel.attempt == id
                && cancel.state.open()
                && cancel.with_refund_account
                && cancel.asks > LOOKS_BEFORE_GIVEN_UP
        });
        lost.map(|cancel| cancel.id)
    }

    /// The PG's refund lines that no cancel of ours stands for. If its list does not add up to
    /// what is gone (`false`), one line stands for the difference.
    fn unknown_lines(&self, report: &Report, gone: Money) -> Result<(bool, Vec<Refunded>), Refused> {
        let known = |line: &Refunded| {
            self.cancels
                .iter()
                .any(|cancel| cancel.pg_key.as_deref() == Some(&line.pg_key))
        };
        let unknown = |line: &&Refunded| line.amount.is_positive() && !known(line);
        let lines: Vec<Refunded> = report.cancels.iter().filter(unknown).cloned().collect();
        if Money::sum(gone.currency, lines.iter().map(|line| line.amount))? == gone {
            return Ok((true, lines));
        }
        let at = report.cancels.last().map_or(self.created_at, |line| line.at);
        let rest = Refunded {
            pg_key: format!("{}-{}", report.pg_key, report.balance.minor),
            amount: gone,
            at,
            reason: String::new(),
        };
        Ok((false, vec![rest]))
    }

    fn refunded_elsewhere(&self, id: AttemptId, line: Refunded, now: &Now) -> Result<Step, Refused> {
        let left = self.left()?;
        let zero = Money::zero(line.amount.currency);
        // The PG does not say which goods went back: taxed ones first.
        let taxed = left.supplied.checked_add(left.vat)?;
        let untaxed = line.amount.checked_sub(taxed)?;
        let untaxed = if untaxed.is_positive() { untaxed } else { zero };
        let tax_free = if untaxed.minor > left.tax_free.minor {
            left.tax_free
        } else {
            untaxed
        };
        let exempt = untaxed.checked_sub(tax_free)?;
        let tax = left
            .part(line.amount, tax_free, exempt)
            .map_err(|_| Refused::CancelTax)?;
        let mut payment = self.clone();
        payment.cancels.push(Cancel {
            id: CancelId::new(now.at, now.chance),
            attempt: id,
            origin: CancelOrigin::Pg,
            state: CancelState::Done,
            tax,
            whole: tax == left,
            reason: line.reason,
            requested_at: line.at,
            done_at: Some(line.at),
            asked_at: None,
            asks: 0,
            asking: false,
            with_refund_account: false,
            pg_key: Some(line.pg_key),
            last_heard: None,
            failure: None,
        });
        let posting = refund_of(payment.attempt(id)?, tax)?;
        let all = payment.balance()?.is_zero();
        payment.state = payment.state.on(Turn::Refunded { all })?;
        let told = if all { Told::Canceled } else { Told::PartialCanceled };
        Ok(Step::of(payment).post(posting).tell(told))
    }
}

impl Step {
    /// Takes up refunds the PG lists and we do not know: our own whose answer was lost, or made in
    /// the PG's console.
    pub(crate) fn with_refunds_at_pg(mut self, id: AttemptId, report: &Report, now: &Now) -> Result<Step, Refused> {
        let approved = self.payment.attempt(id)?.state == AttemptState::Approved;
        if !approved || report.amount != self.payment.order.amount {
            // Of an account given up before its deposit the PG has nothing left, and nothing went back.
            return Ok(self);
        }
        let gone = report
            .amount
            .checked_sub(report.balance)?
            .checked_sub(self.payment.canceled()?)?;
        let lost = self.payment.lost_cancel(id);
        if !gone.is_positive() {
            return match lost {
                Some(lost) => self.refusing(lost, Reason::NotFoundAtPg),
                None => Ok(self),
            };
        }
        let (listed, mut lines) = self.payment.unknown_lines(report, gone)?;
        if let Some(open) = self.payment.open_cancel(id) {
            let amount = self.payment.cancel(open)?.amount();
            if let Some(ours) = lines.iter().position(|line| line.amount == amount) {
                let line = lines.remove(ours);
                let done = self.payment.cancel_done(open, Some(line), now)?;
                self = self.followed_by(done);
            } else if !listed && lost.is_none() {
                // Which of them went through cannot be told yet; repeating the open one will.
                return Ok(self);
            } else if lost.is_some() || gone.minor > self.payment.left()?.total()?.minor {
                // Others took what it was to give back.
                self = self.refusing(open, Reason::AlreadyProcessed)?;
            }
        }
        for line in lines {
            let next = self.payment.refunded_elsewhere(id, line, now)?;
            self = self.followed_by(next);
        }
        Ok(self)
    }

    fn refusing(self, cancel: CancelId, reason: Reason) -> Result<Step, Refused> {
        let refused = self.payment.cancel_refused(cancel, Failure::ours(reason))?;
        Ok(self.followed_by(refused))
    }

    /// One change out of two decisions: saved together, told by the later news.
    fn followed_by(self, next: Step) -> Step {
        let mut postings = self.postings;
        postings.extend(next.postings);
        Step {
            payment: next.payment,
            changed: self.changed || next.changed,
            postings,
            told: next.told.or(self.told),
        }
    }
}

fn account_expired(report: &Report) -> bool {
    matches!(&report.means, Means::VirtualAccount(account) if account.expired)
}

impl Attempt {
    /// Takes over what the PG tells about itself, its keys and the means of payment.
    fn learn(&mut self, report: &Report) {
        self.pg_key = Some(report.pg_key.clone());
        self.last_heard = None;
        self.method = report.method.unwrap_or(self.method);
        if report.means != Means::Unknown {
            self.means = report.means.clone();
        }
        self.partial_cancel_allowed = report.partial_cancel_allowed;
        if report.receipt_url.is_some() {
            self.receipt_url = report.receipt_url.clone();
        }
        if report.cash_receipt.is_some() {
            self.cash_receipt = report.cash_receipt.clone();
        }
        if let Some(secret) = &report.notice_secret {
            self.notice_secret = Some(Secret::new(secret.clone()));
        }
    }
}

use ledger::Tax;
use vocabulary::pg::{Answer, CancelAnswer, Means, Refunded};
use vocabulary::{AttemptId, CancelId, Failure, Method, Money, Reason};

use crate::attempt::Move;
use crate::cancel::CancelMove;
use crate::state::Turn;
use crate::todo;
use crate::{
    ATTEMPTS_MAX, About, Attempt, AttemptState, CANCELS_MAX, Cancel, CancelOrder, CancelOrigin, CancelState, Confirm,
    Event, NewAttempt, Now, Payment, Refused, State, Step, Told,
};

impl Payment {
    /// The only way a payment changes. A refusal changes nothing; a repeat is quiet.
    pub fn on(&self, event: Event, now: &Now) -> Result<Step, Refused> {
        match event {
            Event::Open(new) => self.open(new, now),
            Event::Agreed {
                attempt,
                pg_key,
                pg_order_id,
                amount_text,
            } => self.agreed(attempt, pg_key, &pg_order_id, &amount_text, now),
            Event::GaveUp { attempt, failure } => self.gave_up(attempt, failure, now),
            Event::ShopConfirms => self.shop_confirms(now),
            Event::ShopRefuses => self.shop_refuses(now),
            Event::Ask(about) => self.ask(about, now),
            Event::Unanswered { about, heard } => self.unanswered(about, heard.as_deref(), now),
            Event::Undo(attempt) => self.undo(attempt),
            Event::PgSays { attempt, answer } => self.pg_says(attempt, answer, now),
            Event::Cancel(order) => self.start_cancel(order, now),
            Event::CancelAnswered { cancel, answer } => self.cancel_answered(cancel, answer, now),
            Event::VoidAnswered { attempt, answer } => self.void_answered(attempt, answer, now),
            Event::AskReceipt { kind } => self.ask_receipt(kind, now),
            Event::ReceiptAnswered(answer) => self.receipt_answered(answer),
            Event::ReceiptBackAnswered(answer) => self.receipt_back_answered(answer, now),
            Event::TimeUp => self.time_up(now),
        }
    }

    fn open(&self, new: NewAttempt, now: &Now) -> Result<Step, Refused> {
        if self.attempts.iter().any(|attempt| attempt.state.holds_payment()) && !self.state.settled() {
            return Err(Refused::AnotherUnderWay);
        }
        if self.state != State::Ready {
            return Err(Refused::Closed(self.state));
        }
        if now.at >= self.expires_at {
            return Err(Refused::Expired);
        }
        if self.attempts.len() >= ATTEMPTS_MAX {
            return Err(Refused::TooManyAttempts);
        }
        if !self.terms.methods.is_empty() && !self.terms.methods.contains(&new.method) {
            return Err(Refused::MethodNotAllowed(new.method));
        }
        let mut payment = self.clone();
        payment.attempts.push(Attempt {
            id: AttemptId::new(now.at, now.chance),
            pg_account: new.pg_account,
            method: new.method,
            kind: new.kind,
            instalment_months: new.instalment_months,
            state: AttemptState::Opened,
            opened_at: now.at,
            pg_key: None,
            asked_at: None,
            asks: 0,
            undoing: false,
            asking: false,
            amount_at_pg: None,
            approved_at: None,
            means: Means::Unknown,
            partial_cancel_allowed: true,
            receipt_url: None,
            cash_receipt: None,
            notice_secret: None,
            last_heard: None,
            failure: None,
        });
        Ok(Step::of(payment))
    }

    fn agreed(&self, id: AttemptId, pg_key: String, order: &str, claimed: &str, now: &Now) -> Result<Step, Refused> {
        let attempt = self.attempt(id)?;
        if attempt.state != AttemptState::Opened {
            // A reload, the back button, or a second tab: what counts was decided before.
            return Ok(Step::stay(self));
        }
        if order != id.to_string() {
            return Err(Refused::ReturnedOrder);
        }
        if claimed.parse() != Ok(self.order.amount.minor) && !self.same_major(claimed) {
            return Err(Refused::ReturnedAmount {
                claimed: claimed.chars().take(40).collect(),
            });
        }
        if self
            .attempts
            .iter()
            .any(|other| other.id != id && other.state.holds_payment())
        {
            return Err(Refused::AnotherUnderWay);
        }
        if self.state != State::Ready {
            return Err(Refused::Closed(self.state));
        }
        if now.at >= self.expires_at {
            return Err(Refused::Expired);
        }
        let ask_shop = self.terms.confirm == Confirm::ByShop;
        let mut payment = self.clone();
        payment.state = self.state.on(Turn::Agreed)?;
        payment.failure = None;
        let attempt = payment.attempt_mut(id)?;
        attempt.state = attempt.state.on(Move::Agree { ask_shop })?;
        attempt.pg_key = Some(pg_key);
        asked(&mut attempt.asked_at, &mut attempt.asks, now);
        attempt.asking = !ask_shop;
        let step = Step::of(payment);
        Ok(if ask_shop { step.tell(Told::AwaitsConfirm) } else { step })
    }

    /// Does the browser's text name our amount in major units, as `10.99` for 1099 cents?
    fn same_major(&self, claimed: &str) -> bool {
        let exponent = self.order.amount.currency.exponent() as usize;
        let Some((whole, part)) = claimed.split_once('.') else {
            let unit = 10_i64.pow(exponent as u32);
            return exponent > 0
                && claimed.parse::<i64>().ok().and_then(|whole| whole.checked_mul(unit))
                    == Some(self.order.amount.minor);
        };
        if part.len() > exponent || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return false;
        }
        format!("{whole}{part:0<exponent$}").parse() == Ok(self.order.amount.minor)
    }

    fn gave_up(&self, id: AttemptId, failure: Failure, now: &Now) -> Result<Step, Refused> {
        match self.attempt(id)?.state {
            AttemptState::Opened => self.declined(id, failure, now),
            // Once the PG may have been asked, what a browser says is no news.
            _ => Ok(Step::stay(self)),
        }
    }

    /// A definite no to one attempt.
    pub(crate) fn declined(&self, id: AttemptId, failure: Failure, now: &Now) -> Result<Step, Refused> {
        let before = self.attempt(id)?.state;
        if before == AttemptState::Declined {
            return Ok(Step::stay(self));
        }
        let mut payment = self.clone();
        let attempt = payment.attempt_mut(id)?;
        attempt.state = attempt.state.on(Move::Decline)?;
        (attempt.last_heard, attempt.undoing) = (None, false);
        attempt.failure = Some(failure.clone());
        // A window that closes while another attempt goes ahead, or after the end, is no news of the payment.
        if !before.holds_payment() && self.state != State::Ready {
            return Ok(Step::of(payment));
        }
        if before == AttemptState::Waiting {
            // The account is gone; so is what a cancel of it was to do.
            payment.drop_cancels(id, failure.reason)?;
        }
        if let Some(turn) = self.held_by_another(id) {
            payment.state = self.state.on(turn)?;
            return Ok(Step::of(payment));
        }
        let for_good = payment.attempts.len() >= ATTEMPTS_MAX || failure.reason == Reason::RefusedByShop;
        payment.state = self.state.on(Turn::Declined { for_good })?;
        payment.failure = Some(failure);
        if payment.state == State::Ready && now.at >= payment.expires_at {
            payment.state = payment.state.on(Turn::TimeUp)?;
        }
        let told = match payment.state {
            State::Aborted => Told::Aborted,
            State::Expired => Told::Expired,
            _ => Told::AttemptFailed,
        };
        Ok(Step::of(payment).tell(told))
    }

    pub(crate) fn another_holds(&self, id: AttemptId) -> bool {
        let mut others = self.attempts.iter().filter(|other| other.id != id);
        others.any(|other| other.state.holds_payment())
    }

    /// Where the payment stands by its other attempts, once this one is out of the race.
    fn held_by_another(&self, id: AttemptId) -> Option<Turn> {
        let others = || self.attempts.iter().filter(|other| other.id != id);
        let any = |state: AttemptState| others().any(|other| other.state == state);
        if self.state.settled() {
            None
        } else if any(AttemptState::Waiting) {
            Some(Turn::DepositAwaited)
        } else {
            (any(AttemptState::Unknown) || any(AttemptState::Voiding)).then_some(Turn::OutcomeUnknown)
        }
    }

    /// Ends the open cancels of an attempt that has left the state they were asked in.
    pub(crate) fn drop_cancels(&mut self, id: AttemptId, reason: Reason) -> Result<(), Refused> {
        for cancel in self
            .cancels
            .iter_mut()
            .filter(|cancel| cancel.attempt == id && cancel.state.open())
        {
            cancel.state = cancel.state.on(CancelMove::Refuse)?;
            cancel.failure = Some(Failure::ours(reason));
        }
        Ok(())
    }

    fn shop_confirms(&self, now: &Now) -> Result<Step, Refused> {
        let Some(id) = self.awaiting_shop() else {
            let confirmed =
                self.terms.confirm == Confirm::ByShop && self.attempts.iter().any(|a| a.state.holds_payment());
            return if confirmed {
                Ok(Step::stay(self))
            } else {
                Err(Refused::NotAwaitingShop)
            };
        };
        let mut payment = self.clone();
        let attempt = payment.attempt_mut(id)?;
        attempt.state = attempt.state.on(Move::Confirm)?;
        attempt.asks = 0;
        asked(&mut attempt.asked_at, &mut attempt.asks, now);
        attempt.asking = true;
        Ok(Step::of(payment))
    }

    fn shop_refuses(&self, now: &Now) -> Result<Step, Refused> {
        let id = self.awaiting_shop().ok_or(Refused::NotAwaitingShop)?;
        self.declined(id, Failure::ours(Reason::RefusedByShop), now)
    }

    fn awaiting_shop(&self) -> Option<AttemptId> {
        self.attempts
            .iter()
            .find(|attempt| attempt.state == AttemptState::Agreed)
            .map(|attempt| attempt.id)
    }

    fn ask(&self, about: About, now: &Now) -> Result<Step, Refused> {
        if !self.may_ask(about, now.at) {
            return Ok(Step::stay(self));
        }
        let mut payment = self.clone();
        match about {
            About::Attempt(id) => {
                let attempt = payment.attempt_mut(id)?;
                asked(&mut attempt.asked_at, &mut attempt.asks, now);
                attempt.asking = true;
            }
            About::Cancel(id) => {
                let cancel = payment.cancel_mut(id)?;
                asked(&mut cancel.asked_at, &mut cancel.asks, now);
                cancel.asking = true;
            }
            About::Receipt => payment.ask_receipt_back(now)?,
        }
        Ok(Step::of(payment))
    }

    pub(crate) fn unanswered(&self, about: About, heard: Option<&str>, now: &Now) -> Result<Step, Refused> {
        let mut payment = self.clone();
        let open = self.todo_about(about).is_some();
        let heard = heard.map(heard_text);
        let (asked_at, asking) = match about {
            About::Attempt(id) if open => {
                let attempt = payment.attempt_mut(id)?;
                attempt.last_heard = heard.or(attempt.last_heard.take());
                (&mut attempt.asked_at, &mut attempt.asking)
            }
            About::Cancel(id) if open => {
                let cancel = payment.cancel_mut(id)?;
                cancel.last_heard = heard.or(cancel.last_heard.take());
                (&mut cancel.asked_at, &mut cancel.asking)
            }
            // A receipt being issued is nobody's question, and yet someone may be asking.
            About::Receipt => match &mut payment.receipt {
                Some(receipt) => (&mut receipt.asked_at, &mut receipt.asking),
                None => return Ok(Step::stay(self)),
            },
            _ => return Ok(Step::stay(self)),
        };
        if !*asking {
            return Ok(Step::stay(self));
        }
        (*asked_at, *asking) = (Some(now.at), false);
        Ok(Step::of(payment))
    }

    fn start_cancel(&self, order: CancelOrder, now: &Now) -> Result<Step, Refused> {
        match self.state {
            State::Ready => return self.close(now),
            State::InProgress if self.awaiting_shop().is_some() => return self.shop_refuses(now),
            State::Done | State::PartialCanceled | State::WaitingForDeposit => {}
            _ if self.held_deposit().is_some() => return Err(Refused::RefundAccountNeeded),
            state => return Err(Refused::NothingToCancel(state)),
        }
        if self.cancels.iter().any(|cancel| cancel.state.open()) {
            return Err(Refused::CancelUnderWay);
        }
        if self.cancels.len() >= CANCELS_MAX {
            return Err(Refused::TooManyCancels);
        }
        let attempt = self.paid_by().ok_or(Refused::NothingToCancel(self.state))?;
        let deposited = attempt.method == Method::VirtualAccount && attempt.state == AttemptState::Approved;
        if deposited && order.refund_account.is_none() {
            return Err(Refused::RefundAccountNeeded);
        }
        let (tax, whole) = match attempt.state {
            AttemptState::Waiting => (self.nothing_back(&order)?, true),
            _ => self.part_back(&order, attempt.partial_cancel_allowed)?,
        };
        let mut payment = self.clone();
        payment.cancels.push(Cancel {
            id: CancelId::new(now.at, now.chance),
            attempt: attempt.id,
            origin: CancelOrigin::Shop,
            state: CancelState::Requested,
            tax,
            whole,
            reason: order.reason,
            requested_at: now.at,
            done_at: None,
            asked_at: Some(now.at),
            asks: 1,
            asking: true,
            with_refund_account: deposited,
            pg_key: None,
            last_heard: None,
            failure: None,
        });
        Ok(Step::of(payment))
    }

    /// Giving up an account before its deposit: in full, and no money moves.
    fn nothing_back(&self, order: &CancelOrder) -> Result<Tax, Refused> {
        if order.amount.is_some_and(|amount| amount != self.order.amount) {
            return Err(Refused::PartialNotAllowed);
        }
        let zero = Money::zero(self.order.amount.currency);
        Ok(Tax {
            supplied: zero,
            vat: zero,
            tax_free: zero,
            exempt: zero,
        })
    }

    fn part_back(&self, order: &CancelOrder, partial_allowed: bool) -> Result<(Tax, bool), Refused> {
        let left = self.left()?;
        let all = left.total()?;
        if let Some(expected) = order.expected_balance.filter(|expected| *expected != all) {
            return Err(Refused::BalanceDiffers { expected, left: all });
        }
        let amount = order.amount.unwrap_or(all);
        if !amount.is_positive() {
            return Err(Refused::CancelNotPositive);
        }
        let rest = all.checked_sub(amount)?;
        if rest.minor < 0 {
            return Err(Refused::ExceedsPaid {
                asked: amount,
                left: all,
            });
        }
        if rest.is_zero() {
            return match order.tax_free {
                Some(tax_free) if tax_free != left.tax_free => Err(Refused::CancelTax),
                _ => Ok((left, true)),
            };
        }
        if !partial_allowed {
            return Err(Refused::PartialNotAllowed);
        }
        let zero = Money::zero(amount.currency);
        let part = left
            .part(amount, order.tax_free.unwrap_or(zero), zero)
            .map_err(|_| Refused::CancelTax)?;
        Ok((part, false))
    }

    /// The shop gives up a payment nobody has paid.
    fn close(&self, now: &Now) -> Result<Step, Refused> {
        let mut payment = self.clone();
        payment.state = self.state.on(Turn::Closed)?;
        payment.failure = Some(Failure::ours(Reason::RefusedByShop));
        payment.expires_at = payment.expires_at.min(now.at);
        payment.close_windows(Reason::RefusedByShop)?;
        Ok(Step::of(payment).tell(Told::Canceled))
    }

    pub(crate) fn close_windows(&mut self, reason: Reason) -> Result<(), Refused> {
        for attempt in self
            .attempts
            .iter_mut()
            .filter(|attempt| attempt.state == AttemptState::Opened)
        {
            attempt.state = attempt.state.on(Move::Decline)?;
            attempt.failure = Some(Failure::ours(reason));
        }
        Ok(())
    }

    fn cancel_answered(&self, id: CancelId, answer: CancelAnswer, now: &Now) -> Result<Step, Refused> {
        let cancel = self.cancel(id)?;
        let attempt = cancel.attempt;
        if !cancel.state.open() {
            // Over for us; what the PG reports with a late "done" still counts.
            return match answer {
                CancelAnswer::Done { report, .. } => self.pg_says(attempt, Answer::Report(report), now),
                _ => Ok(Step::stay(self)),
            };
        }
        match answer {
            CancelAnswer::Done { report, refunded } => {
                let step = self.cancel_done(id, refunded, now)?;
                // The same report may tell of refunds made in the PG's own console.
                step.with_refunds_at_pg(attempt, &report, now)
            }
            CancelAnswer::Pending | CancelAnswer::Unknown(_) => {
                let mut payment = self.clone();
                let cancel = payment.cancel_mut(id)?;
                cancel.last_heard = Some(match &answer {
                    CancelAnswer::Unknown(what) => heard_text(what),
                    _ => "the PG took the order and will tell the end later".to_owned(),
                });
                cancel.state = cancel.state.on(CancelMove::Unclear)?;
                // The waits count from the end of the asking.
                (cancel.asked_at, cancel.asking) = (Some(now.at), false);
                Ok(Step::of(payment))
            }
            CancelAnswer::No(failure) => self.cancel_refused(id, failure),
        }
    }

    pub(crate) fn cancel_refused(&self, id: CancelId, failure: Failure) -> Result<Step, Refused> {
        let mut payment = self.clone();
        let cancel = payment.cancel_mut(id)?;
        cancel.state = cancel.state.on(CancelMove::Refuse)?;
        cancel.last_heard = None;
        cancel.failure = Some(failure);
        Ok(Step::of(payment).tell(Told::CancelFailed))
    }

    /// Marks a cancel done and posts what went back.
    pub(crate) fn cancel_done(&self, id: CancelId, line: Option<Refunded>, now: &Now) -> Result<Step, Refused> {
        let mut payment = self.clone();
        let cancel = payment.cancel_mut(id)?;
        cancel.state = cancel.state.on(CancelMove::Done)?;
        cancel.done_at = Some(line.as_ref().map_or(now.at, |line| line.at));
        cancel.pg_key = line.map(|line| line.pg_key);
        cancel.last_heard = None;
        let (tax, attempt) = (cancel.tax, cancel.attempt);
        let attempt = payment.attempt_mut(attempt)?;
        if attempt.state == AttemptState::Waiting {
            attempt.state = attempt.state.on(Move::Decline)?;
            attempt.failure = Some(Failure::ours(Reason::RefusedByShop));
            payment.state = payment.state.on(Turn::Closed)?;
            return Ok(Step::of(payment).tell(Told::Canceled));
        }
        let posting = refund_of(attempt, tax)?;
        let all = payment.balance()?.is_zero();
        payment.state = payment.state.on(Turn::Refunded { all })?;
        let told = if all { Told::Canceled } else { Told::PartialCanceled };
        Ok(Step::of(payment).post(posting).tell(told))
    }

    fn time_up(&self, now: &Now) -> Result<Step, Refused> {
        let shop_is_late = |attempt: &&Attempt| {
            attempt.state == AttemptState::Agreed
                && attempt
                    .asked_at
                    .is_some_and(|asked| now.at >= asked + todo::SHOP_DECIDES_WITHIN)
        };
        if let Some(late) = self.attempts.iter().find(shop_is_late) {
            return self.declined(late.id, Failure::ours(Reason::Expired), now);
        }
        if self.state != State::Ready || now.at < self.expires_at {
            return Ok(Step::stay(self));
        }
        let mut payment = self.clone();
        payment.state = self.state.on(Turn::TimeUp)?;
        payment.failure.get_or_insert(Failure::ours(Reason::Expired));
        payment.close_windows(Reason::Expired)?;
        Ok(Step::of(payment).tell(Told::Expired))
    }
}

pub(crate) fn refund_of(attempt: &Attempt, tax: Tax) -> Result<ledger::Posting, Refused> {
    Ok(ledger::refund(attempt.pg_account, tax)?)
}

/// What is kept of what we saw: enough to tell a person, whatever a PG sends.
pub(crate) fn heard_text(what: &str) -> String {
    const CHARS_MAX: usize = 200;
    let plain = |letter: char| if letter.is_control() { ' ' } else { letter };
    what.chars().take(CHARS_MAX).map(plain).collect()
}

/// Notes that a PG is asked now.
pub(crate) fn asked(asked_at: &mut Option<vocabulary::Timestamp>, asks: &mut u32, now: &Now) {
    *asked_at = Some(now.at);
    *asks = asks.saturating_add(1);
}

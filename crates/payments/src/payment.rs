use ledger::Tax;
use vocabulary::{AttemptId, CancelId, Failure, Money, PaymentId, Scope, Timestamp};

use crate::{
    Attempt, AttemptState, Cancel, CancelState, Customer, Now, Order, OrderError, Receipt, Refused, State, Step, Terms,
    Texts, Told,
};

/// Most tries per payment; a shopper who needs more starts a new order.
pub const ATTEMPTS_MAX: usize = 20;
/// Most cancels per payment, refused ones included.
pub const CANCELS_MAX: usize = 100;

/// What a shopper owes for one order, with all that was tried and given back.
#[derive(Debug, Clone)]
pub struct Payment {
    pub id: PaymentId,
    pub scope: Scope,
    pub order: Order,
    pub terms: Terms,
    pub customer: Customer,
    pub metadata: Texts,
    pub state: State,
    /// Counts the saved changes; 0 before the first. The store counts, and refuses a change decided on an older version.
    pub version: u32,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// In the order they were opened.
    pub attempts: Vec<Attempt>,
    /// In the order they were asked for.
    pub cancels: Vec<Cancel>,
    pub receipt: Option<Receipt>,
    /// Why the last attempt failed.
    pub failure: Option<Failure>,
}

#[derive(Debug, Clone)]
pub struct NewPayment {
    pub order: Order,
    pub terms: Terms,
    pub customer: Customer,
    pub metadata: Texts,
}

impl Payment {
    pub fn create(scope: Scope, new: NewPayment, now: &Now) -> Result<Step, OrderError> {
        new.terms.check(new.order.amount.currency)?;
        let payment = Payment {
            id: PaymentId::new(now.at, now.chance),
            scope,
            expires_at: now.at + new.terms.lifetime,
            order: new.order,
            terms: new.terms,
            customer: new.customer,
            metadata: new.metadata,
            state: State::Ready,
            version: 0,
            created_at: now.at,
            attempts: Vec::new(),
            cancels: Vec::new(),
            receipt: None,
            failure: None,
        };
        Ok(Step::of(payment).tell(Told::Created))
    }

    pub fn attempt(&self, id: AttemptId) -> Result<&Attempt, Refused> {
        self.attempts
            .iter()
            .find(|attempt| attempt.id == id)
            .ok_or(Refused::NoSuchAttempt)
    }

    pub fn cancel(&self, id: CancelId) -> Result<&Cancel, Refused> {
        self.cancels
            .iter()
            .find(|cancel| cancel.id == id)
            .ok_or(Refused::NoSuchCancel)
    }

    /// The attempt that paid, or through which a deposit is awaited.
    pub fn paid_by(&self) -> Option<&Attempt> {
        self.attempts
            .iter()
            .find(|attempt| matches!(attempt.state, AttemptState::Approved | AttemptState::Waiting))
    }

    /// An attempt whose deposit must go back and waits for an account to go to.
    pub fn held_deposit(&self) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.needs_refund_account())
    }

    /// What was given back.
    pub fn canceled(&self) -> Result<Money, Refused> {
        let done = self.cancels.iter().filter(|cancel| cancel.state == CancelState::Done);
        Ok(Money::sum(self.order.amount.currency, done.map(Cancel::amount))?)
    }

    /// What the shop has of this payment now: nothing before it is paid.
    pub fn balance(&self) -> Result<Money, Refused> {
        match self.paid_by() {
            Some(attempt) if attempt.state == AttemptState::Approved => {
                Ok(self.order.amount.checked_sub(self.canceled()?)?)
            }
            _ => Ok(Money::zero(self.order.amount.currency)),
        }
    }

    /// What a new cancel may take, with its tax: the order less all that is or may be given back.
    pub(crate) fn left(&self) -> Result<Tax, Refused> {
        let reserved = self.cancels.iter().filter(|cancel| cancel.reserves());
        Ok(reserved.map(|cancel| cancel.tax).try_fold(self.order.tax, Tax::less)?)
    }

    pub(crate) fn attempt_mut(&mut self, id: AttemptId) -> Result<&mut Attempt, Refused> {
        self.attempts
            .iter_mut()
            .find(|attempt| attempt.id == id)
            .ok_or(Refused::NoSuchAttempt)
    }

    pub(crate) fn cancel_mut(&mut self, id: CancelId) -> Result<&mut Cancel, Refused> {
        self.cancels
            .iter_mut()
            .find(|cancel| cancel.id == id)
            .ok_or(Refused::NoSuchCancel)
    }
}

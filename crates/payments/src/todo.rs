use vocabulary::pg::Means;
use vocabulary::{AttemptId, CancelId, Duration, Timestamp};

use crate::{AttemptState, CancelState, Payment, State};

/// How long whoever started asking has before someone else may ask: longer than any connector waits.
const ASKED_LEASE: Duration = Duration::seconds(45);
/// How long a shop that wants the last word may take; PGs give up after about ten minutes.
pub(crate) const SHOP_DECIDES_WITHIN: Duration = Duration::minutes(9);
/// Waits between questions about an unknown outcome grow to this and go on for ever.
const ASK_AGAIN_FIRST: Duration = Duration::seconds(5);
const ASK_AGAIN_MAX: Duration = Duration::hours(1);
/// Banks book a deposit made in the last minute some time later.
const DEPOSIT_GRACE: Duration = Duration::minutes(30);
/// Asked this often without an answer, a person should look.
const ASKS_BEFORE_ALARM: u32 = 10;

/// What has to be asked of a PG next. It follows from the saved state alone: the state is the to-do list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Todo {
    /// Ask the PG to approve; if the attempt was asked before, find out first.
    Approve(AttemptId),
    /// Find out what the PG did.
    Inquire(AttemptId),
    /// Have the PG give back what it should not hold.
    Void(AttemptId),
    Cancel(CancelId),
}

impl Payment {
    pub fn todo(&self) -> Option<Todo> {
        for attempt in &self.attempts {
            match attempt.state {
                AttemptState::Approving if attempt.asks <= 1 => return Some(Todo::Approve(attempt.id)),
                AttemptState::Approving | AttemptState::Unknown => return Some(Todo::Inquire(attempt.id)),
                AttemptState::Voiding => return Some(Todo::Void(attempt.id)),
                _ => {}
            }
        }
        if let Some(cancel) = self.cancels.iter().find(|cancel| cancel.state.open()) {
            // Without the refund account the request cannot be repeated: ask what became of it.
            let repeatable = !cancel.with_refund_account || cancel.asks <= 1;
            return Some(if repeatable {
                Todo::Cancel(cancel.id)
            } else {
                Todo::Inquire(cancel.attempt)
            });
        }
        let waiting = self
            .attempts
            .iter()
            .find(|attempt| attempt.state == AttemptState::Waiting)?;
        Some(Todo::Inquire(waiting.id))
    }

    /// When someone must look at this payment again if nothing happens before; `None`: never.
    pub fn due_at(&self) -> Option<Timestamp> {
        let attempts = self.attempts.iter().filter_map(|attempt| match attempt.state {
            AttemptState::Agreed => attempt.asked_at.map(|asked| asked + SHOP_DECIDES_WITHIN),
            AttemptState::Approving => Some(attempt.asked_at.map_or(self.created_at, |asked| asked + ASKED_LEASE)),
            AttemptState::Unknown | AttemptState::Voiding => Some(again(attempt.asked_at, attempt.asks)),
            AttemptState::Waiting => {
                let due = match &attempt.means {
                    Means::VirtualAccount(account) => account.due_at,
                    _ => None,
                };
                let due = due.unwrap_or(attempt.opened_at + self.terms.deposit_within) + DEPOSIT_GRACE;
                let asked_again = attempt.asked_at.map_or(due, |asked| asked + ASK_AGAIN_MAX);
                Some(due.max(asked_again))
            }
            _ => None,
        });
        let cancels = self.cancels.iter().filter_map(|cancel| match cancel.state {
            CancelState::Requested => Some(cancel.asked_at.unwrap_or(cancel.requested_at) + ASKED_LEASE),
            CancelState::Unknown => Some(again(cancel.asked_at, cancel.asks)),
            _ => None,
        });
        let expiry = (self.state == State::Ready).then_some(self.expires_at);
        attempts.chain(cancels).chain(expiry).min()
    }

    /// Asked and asked, and still not known: for the alarm and the work list.
    pub fn needs_a_person(&self) -> bool {
        let attempts = self.attempts.iter().filter(|attempt| {
            matches!(attempt.state, AttemptState::Unknown | AttemptState::Voiding) && attempt.asks >= ASKS_BEFORE_ALARM
        });
        let cancels = self
            .cancels
            .iter()
            .filter(|cancel| cancel.state == CancelState::Unknown && cancel.asks >= ASKS_BEFORE_ALARM);
        attempts.count() + cancels.count() > 0
    }
}

/// 5 s, 10 s, 20 s … up to an hour, counted from the last question.
fn again(asked_at: Option<Timestamp>, asks: u32) -> Timestamp {
    let Some(asked) = asked_at else {
        return Timestamp::from_micros(0);
    };
    let doublings = asks.saturating_sub(1).min(20);
    let wait = Duration::micros(ASK_AGAIN_FIRST.as_micros() << doublings).min(ASK_AGAIN_MAX);
    asked + wait
}

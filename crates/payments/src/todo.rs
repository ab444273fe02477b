use vocabulary::pg::Means;
use vocabulary::{AttemptId, CancelId, Duration, Timestamp};

use crate::{Attempt, AttemptState, Cancel, Payment, State};

/// How long whoever started asking has before someone else may ask: longer than the calls of one
/// question take together (a look of 10 s, the request's 30 s, and another look).
pub(crate) const ASKED_LEASE: Duration = Duration::seconds(60);
/// How long a shop that wants the last word may take; PGs give up after about ten minutes.
pub(crate) const SHOP_DECIDES_WITHIN: Duration = Duration::minutes(9);
/// The first wait between questions about an unknown outcome; each is twice the one before, up to an hour.
const ASK_AGAIN_FIRST: Duration = Duration::seconds(5);
const ASK_AGAIN_MAX: Duration = Duration::hours(1);
/// A deposit that no notice told of is found this much later at the latest.
const DEPOSIT_LOOK_EVERY: Duration = Duration::hours(6);
/// Banks book a deposit made in the last minute some time later.
const DEPOSIT_GRACE: Duration = Duration::minutes(30);
/// An account that still waits so long after its time will not end by itself.
pub(crate) const DEPOSIT_ALARM: Duration = Duration::days(3);
/// Asked this often without an answer, a person should look.
pub(crate) const ASKS_BEFORE_ALARM: u32 = 10;
/// For how long a question is asked by itself, about.
pub const PARKED_AFTER_DAYS: u32 = 3;
/// Asked this often, for so many days, a question is parked: it stays open and is not asked by itself any more.
const ASKS_BEFORE_PARKED: u32 = 80;

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
    /// Find out what became of a cancel that cannot be asked for again.
    LookFor(CancelId),
    /// Have the PG take back what a cash receipt says too much.
    TakeBackReceipt,
}

/// What a question is about: asked by one at a time, whatever else of the payment is asked meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    Attempt(AttemptId),
    Cancel(CancelId),
    Receipt,
}

impl Todo {
    pub fn about(self) -> About {
        match self {
            Todo::Approve(id) | Todo::Inquire(id) | Todo::Void(id) => About::Attempt(id),
            Todo::Cancel(id) | Todo::LookFor(id) => About::Cancel(id),
            Todo::TakeBackReceipt => About::Receipt,
        }
    }
}

/// An open question to a PG.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question {
    pub todo: Todo,
    /// When the sweep asks, if nobody did before; `None`: it is parked, and only asked because of news or a person.
    pub due: Option<Timestamp>,
    /// Until then it is somebody's.
    leased_until: Option<Timestamp>,
}

impl Payment {
    /// The question that is due first, be it only later.
    pub fn todo(&self) -> Option<Todo> {
        self.questions()
            .filter(|question| question.due.is_some())
            .min_by_key(|question| question.due)
            .map(|question| question.todo)
    }

    /// What there is to ask about one thing, whatever else is due before it.
    pub fn todo_about(&self, about: About) -> Option<Todo> {
        self.question(about).map(|question| question.todo)
    }

    /// Everything there is to ask, parked questions first, then in the order in which it is due.
    pub fn to_ask(&self) -> Vec<About> {
        let mut questions: Vec<Question> = self.questions().collect();
        questions.sort_by_key(|question| question.due);
        questions.into_iter().map(|question| question.todo.about()).collect()
    }

    /// Something is still open, and no PG is asked about it by itself any more.
    pub fn parked(&self) -> bool {
        self.questions().any(|question| question.due.is_none())
    }

    /// The same of one question.
    pub fn is_parked(&self, about: About) -> bool {
        self.question(about).is_some_and(|question| question.due.is_none())
    }

    /// What somebody asks a PG at this moment: asking the same beside them could be refused only for
    /// being the second.
    pub fn being_asked(&self, now: Timestamp) -> Option<About> {
        self.questions()
            .find(|question| question.leased_until.is_some_and(|until| now < until))
            .map(|question| question.todo.about())
    }

    /// There is something to ask, and nobody is asking it.
    pub(crate) fn may_ask(&self, about: About, now: Timestamp) -> bool {
        self.question(about)
            .is_some_and(|question| question.leased_until.is_none_or(|until| until <= now))
    }

    /// When someone must look at this payment again if nothing happens before; `None`: never.
    pub fn due_at(&self) -> Option<Timestamp> {
        let questions = self.questions().filter_map(|question| question.due);
        let shop_is_late = self
            .attempts
            .iter()
            .filter(|attempt| attempt.state == AttemptState::Agreed)
            .filter_map(|attempt| attempt.asked_at.map(|asked| asked + SHOP_DECIDES_WITHIN));
        let expiry = (self.state == State::Ready).then_some(self.expires_at);
        questions.chain(shop_is_late).chain(expiry).min()
    }

    pub(crate) fn question(&self, about: About) -> Option<Question> {
        self.questions().find(|question| question.todo.about() == about)
    }

    fn questions(&self) -> impl Iterator<Item = Question> {
        let attempts = self.attempts.iter().filter_map(|attempt| self.about_attempt(attempt));
        let cancels = self.cancels.iter().filter_map(about_cancel);
        attempts.chain(cancels).chain(self.about_receipt())
    }

    fn about_attempt(&self, attempt: &Attempt) -> Option<Question> {
        let Attempt {
            asked_at, asks, asking, ..
        } = *attempt;
        let todo = match attempt.state {
            AttemptState::Approving if asks <= 1 => Todo::Approve(attempt.id),
            AttemptState::Approving | AttemptState::Unknown | AttemptState::Waiting => Todo::Inquire(attempt.id),
            AttemptState::Voiding => Todo::Void(attempt.id),
            _ => return None,
        };
        if attempt.state == AttemptState::Waiting && !asking {
            let looked = asked_at.unwrap_or(attempt.opened_at);
            let ends = self.account_ends(attempt);
            let due = if looked < ends {
                Some((looked + DEPOSIT_LOOK_EVERY).min(ends))
            } else {
                (looked < ends + DEPOSIT_ALARM).then(|| looked + ASK_AGAIN_MAX)
            };
            return Some(Question {
                todo,
                due,
                leased_until: None,
            });
        }
        Some(question(todo, asked_at, asks, asking))
    }

    /// When the deposit of a waiting attempt must be there, or will not come.
    pub(crate) fn account_ends(&self, attempt: &Attempt) -> Timestamp {
        let due = match &attempt.means {
            Means::VirtualAccount(account) => account.due_at,
            _ => None,
        };
        due.unwrap_or(attempt.opened_at + self.terms.deposit_within) + DEPOSIT_GRACE
    }

    fn about_receipt(&self) -> Option<Question> {
        let receipt = self.receipt.as_ref().filter(|_| self.receipt_excess().is_some())?;
        Some(question(
            Todo::TakeBackReceipt,
            receipt.asked_at,
            receipt.asks,
            receipt.asking,
        ))
    }
}

fn about_cancel(cancel: &Cancel) -> Option<Question> {
    if !cancel.state.open() {
        return None;
    }
    // Without the refund account the request cannot be repeated: ask what became of it.
    let todo = if cancel.with_refund_account && cancel.asks > 1 {
        Todo::LookFor(cancel.id)
    } else {
        Todo::Cancel(cancel.id)
    };
    Some(question(todo, cancel.asked_at, cancel.asks, cancel.asking))
}

/// Due when the lease of whoever asks is over, or, after an answer that was none, 5 s, 10 s, 20 s … up
/// to an hour later. What was never asked is due at once.
fn question(todo: Todo, asked_at: Option<Timestamp>, asks: u32, asking: bool) -> Question {
    let Some(asked) = asked_at else {
        return Question {
            todo,
            due: Some(Timestamp::from_micros(0)),
            leased_until: None,
        };
    };
    let doublings = asks.saturating_sub(1).min(20);
    let wait = Duration::micros(ASK_AGAIN_FIRST.as_micros() << doublings).min(ASK_AGAIN_MAX);
    let wait = if asking { wait.max(ASKED_LEASE) } else { wait };
    Question {
        todo,
        // Whoever asks may have died asking: that is looked into however often it was asked.
        due: (asking || asks < ASKS_BEFORE_PARKED).then(|| asked + wait),
        leased_until: asking.then_some(asked + ASKED_LEASE),
    }
}

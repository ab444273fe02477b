use ledger::Posting;
use vocabulary::pg::{Answer, CancelAnswer, CashReceiptKind};
use vocabulary::{AttemptId, CancelId, Chance, Failure, Method, PgAccountId, Timestamp};

use crate::{About, CancelOrder, Payment};

/// The moment a decision is made at, and where its new ids come from.
#[derive(Clone, Copy)]
pub struct Now<'a> {
    pub at: Timestamp,
    pub chance: &'a Chance,
}

/// What can happen to a payment.
#[derive(Debug, Clone)]
pub enum Event {
    /// The shopper chose a method; the PG's window is about to open.
    Open(NewAttempt),
    /// The browser came back saying the shopper agreed. `amount_text` is what it claims, believed by nobody.
    Agreed {
        attempt: AttemptId,
        pg_key: String,
        pg_order_id: String,
        amount_text: String,
    },
    /// The window ended without an agreement, or a notice said it never will.
    GaveUp {
        attempt: AttemptId,
        failure: Failure,
    },
    /// The shop sells.
    ShopConfirms,
    /// The shop does not sell.
    ShopRefuses,
    /// We are about to ask the PG what [`Payment::todo_about`] says; saved first, so that no one else
    /// asks too. Quiet while someone does.
    Ask(About),
    /// We asked, and no clear answer came: the wait until the next question counts from now.
    Unanswered {
        about: About,
        /// What we saw instead of an answer.
        heard: Option<String>,
    },
    /// We are about to have the PG undo an approve that is in doubt; saved first, so that an approval that shows up
    /// meanwhile does not stand. Quiet once the attempt is in doubt no more.
    Undo(AttemptId),
    /// The PG answered an approve or an inquiry, or told us by a notice that we verified.
    PgSays {
        attempt: AttemptId,
        answer: Answer,
    },
    /// The shop wants money to go back.
    Cancel(CancelOrder),
    CancelAnswered {
        cancel: CancelId,
        answer: CancelAnswer,
    },
    /// The PG answered our asking it to give back what it should not hold.
    VoidAnswered {
        attempt: AttemptId,
        answer: CancelAnswer,
    },
    /// The shop wants a cash receipt for a paid transfer or deposit.
    AskReceipt {
        kind: CashReceiptKind,
    },
    ReceiptAnswered(Result<vocabulary::pg::CashReceipt, Failure>),
    /// The PG answered our taking back of a cash receipt.
    ReceiptBackAnswered(Result<(), Failure>),
    /// Look at the clock.
    TimeUp,
}

impl Event {
    /// For logs.
    pub fn name(&self) -> &'static str {
        match self {
            Event::Open(_) => "open",
            Event::Agreed { .. } => "agreed",
            Event::GaveUp { .. } => "gave up",
            Event::ShopConfirms => "shop confirms",
            Event::ShopRefuses => "shop refuses",
            Event::Ask(_) => "ask",
            Event::Unanswered { .. } => "unanswered",
            Event::Undo(_) => "undo",
            Event::PgSays { .. } => "pg says",
            Event::Cancel(_) => "cancel",
            Event::CancelAnswered { .. } => "cancel answered",
            Event::VoidAnswered { .. } => "void answered",
            Event::AskReceipt { .. } => "ask receipt",
            Event::ReceiptAnswered(_) => "receipt answered",
            Event::ReceiptBackAnswered(_) => "receipt back answered",
            Event::TimeUp => "time up",
        }
    }
}

#[derive(Debug, Clone)]
pub struct NewAttempt {
    pub pg_account: PgAccountId,
    pub method: Method,
    pub kind: Option<String>,
    pub instalment_months: Option<u8>,
}

/// A decision: the payment as it will be, with the entries and the news that belong to it.
/// Nothing has happened until all of it is saved together.
#[derive(Debug, Clone)]
pub struct Step {
    pub payment: Payment,
    /// False: the event told us nothing new; there is nothing to save.
    pub changed: bool,
    pub postings: Vec<Posting>,
    /// What the shop is told, if anything.
    pub told: Option<Told>,
}

impl Step {
    /// A change.
    pub(crate) fn of(payment: Payment) -> Step {
        Step {
            payment,
            changed: true,
            postings: Vec::new(),
            told: None,
        }
    }

    /// No news.
    pub(crate) fn stay(payment: &Payment) -> Step {
        Step {
            payment: payment.clone(),
            changed: false,
            postings: Vec::new(),
            told: None,
        }
    }

    pub(crate) fn post(mut self, posting: Posting) -> Step {
        self.postings.push(posting);
        self
    }

    pub(crate) fn tell(mut self, told: Told) -> Step {
        self.told = Some(told);
        self
    }
}

/// What a shop hears about a payment. Each is a webhook's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Told {
    Created,
    /// The shop is to confirm or refuse.
    AwaitsConfirm,
    /// A PG's answer is missing; do not ship yet, do not ask the shopper to pay again.
    Confirming,
    WaitingForDeposit,
    Done,
    /// An attempt failed; the shopper may try again.
    AttemptFailed,
    Aborted,
    Expired,
    PartialCanceled,
    Canceled,
    CancelFailed,
    DepositTakenBack,
    /// A PG holds money it should not; we are asking for it back.
    Held,
    HeldReturned,
    ReceiptIssued,
    ReceiptFailed,
}

impl Told {
    pub const ALL: [Told; 16] = [
        Told::Created,
        Told::AwaitsConfirm,
        Told::Confirming,
        Told::WaitingForDeposit,
        Told::Done,
        Told::AttemptFailed,
        Told::Aborted,
        Told::Expired,
        Told::PartialCanceled,
        Told::Canceled,
        Told::CancelFailed,
        Told::DepositTakenBack,
        Told::Held,
        Told::HeldReturned,
        Told::ReceiptIssued,
        Told::ReceiptFailed,
    ];

    /// As webhooks and the events API spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Told::Created => "payment.created",
            Told::AwaitsConfirm => "payment.awaits_confirm",
            Told::Confirming => "payment.confirming",
            Told::WaitingForDeposit => "payment.waiting_for_deposit",
            Told::Done => "payment.done",
            Told::AttemptFailed => "payment.attempt_failed",
            Told::Aborted => "payment.aborted",
            Told::Expired => "payment.expired",
            Told::PartialCanceled => "payment.partial_canceled",
            Told::Canceled => "payment.canceled",
            Told::CancelFailed => "payment.cancel_failed",
            Told::DepositTakenBack => "payment.deposit_taken_back",
            Told::Held => "payment.held",
            Told::HeldReturned => "payment.held_returned",
            Told::ReceiptIssued => "payment.receipt_issued",
            Told::ReceiptFailed => "payment.receipt_failed",
        }
    }
}

//! One payment at the PG and the only way it changes. Pure.

use std::sync::Arc;

use vocabulary::{Duration, Money, Timestamp};

use super::Code;
use super::keys::Service;
use super::merchant::Merchant;
use super::orgs::Org;
use super::trouble::Trouble;

/// How long an authentication waits for its approve. Source: code A245, "30분".
pub const APPROVE_WITHIN: Duration = Duration::minutes(30);
/// How long an approve can be undone. Source: the manual, "망취소".
pub const NET_CANCEL_WITHIN: Duration = Duration::hours(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// The window is through; for the PG's API this is no transaction yet.
    Authenticated,
    /// A virtual account waits for its deposit.
    Ready,
    Paid,
    PartialCancelled,
    Cancelled,
    Failed,
    Expired,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Authenticated => "authenticated",
            Status::Ready => "ready",
            Status::Paid => "paid",
            Status::PartialCancelled => "partialCancelled",
            Status::Cancelled => "cancelled",
            Status::Failed => "failed",
            Status::Expired => "expired",
        }
    }

    /// Time alone still changes it.
    pub fn is_open(self) -> bool {
        matches!(self, Status::Authenticated | Status::Ready)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub issuer: &'static Org,
    pub quota: u8,
    pub interest_free: bool,
    pub check: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub bank: &'static Org,
    /// Empty until the account is issued.
    pub number: String,
    pub holder: String,
    pub due_at: Timestamp,
}

/// With what the shopper pays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Means {
    Card(Card),
    /// By the name answers give it. `card`: None when points or money paid.
    EasyPay {
        provider: &'static str,
        card: Option<Card>,
    },
    Bank(&'static Org),
    Vbank(Account),
    Cellphone,
}

impl Means {
    pub fn name(&self) -> &'static str {
        match self {
            Means::Card(_) => "card",
            Means::EasyPay { provider, .. } => provider,
            Means::Bank(_) => "bank",
            Means::Vbank(_) => "vbank",
            Means::Cellphone => "cellphone",
        }
    }

    pub fn service(&self) -> Service {
        match self {
            Means::Card(_) | Means::EasyPay { .. } => Service::Card,
            Means::Bank(_) => Service::Bank,
            Means::Vbank(_) => Service::Vbank,
            Means::Cellphone => Service::Cellphone,
        }
    }

    /// Which of the addresses for notices hears of it.
    pub fn group(&self) -> &'static str {
        match self {
            Means::Card(_) | Means::EasyPay { .. } => "card",
            Means::Bank(_) => "bank",
            Means::Vbank(_) => "vbank",
            Means::Cellphone => "cellphone",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptKind {
    Individual,
    Company,
}

impl ReceiptKind {
    pub fn as_str(self) -> &'static str {
        match self {
            ReceiptKind::Individual => "individual",
            ReceiptKind::Company => "company",
        }
    }

    pub fn parse(text: &str) -> Option<ReceiptKind> {
        match text {
            "individual" => Some(ReceiptKind::Individual),
            "company" => Some(ReceiptKind::Company),
            _ => None,
        }
    }
}

/// A cash receipt that was asked for in the window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CashReceipt {
    pub tid: String,
    pub kind: ReceiptKind,
    pub number: String,
    pub amount: Money,
    pub tax_free: Money,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancel {
    /// Of its own for a part; the payment's for the whole.
    pub tid: String,
    pub amount: Money,
    pub tax_free: Money,
    pub left: Money,
    pub reason: String,
    pub order_id: String,
    pub at: Timestamp,
}

#[derive(Debug, Clone)]
pub struct Payment {
    pub tid: Arc<str>,
    pub merchant: Arc<Merchant>,
    pub order_id: Arc<str>,
    pub goods_name: String,
    pub status: Status,
    pub authenticated_at: Timestamp,
    pub approved_at: Option<Timestamp>,
    pub paid_at: Option<Timestamp>,
    pub failed_at: Option<Timestamp>,
    pub amount: Money,
    pub balance: Money,
    /// What is left of the tax-free part.
    pub tax_free: Money,
    pub means: Means,
    pub approve_number: String,
    pub use_escrow: bool,
    pub mall_reserved: Option<String>,
    pub mall_user_id: Option<String>,
    pub buyer_name: Option<String>,
    pub buyer_tel: Option<String>,
    pub buyer_email: Option<String>,
    pub mobile: bool,
    pub cancels: Vec<Cancel>,
    pub receipt_wanted: Option<ReceiptKind>,
    pub receipt: Option<CashReceipt>,
    pub failure: Option<Code>,
    /// How often this payment was charged; more than once would be our own bug.
    pub approvals: u32,
    pub trouble: Trouble,
}

/// Fresh numbers, in case they are needed.
#[derive(Debug, Clone)]
pub struct Numbers {
    pub approve: String,
    pub account: String,
    pub receipt_tid: String,
    pub receipt: String,
}

/// What happens to a payment.
#[derive(Debug, Clone)]
pub enum Event {
    Approved { numbers: Numbers, wrong_by: i64 },
    Refused(Code),
    Deposited { numbers: Numbers },
    Cancelled(Cancel),
    RanOut,
}

impl Payment {
    /// The only way a payment changes state.
    pub fn on(&mut self, event: Event, now: Timestamp) -> Result<(), Code> {
        use Status::{Authenticated, Cancelled, Expired, Failed, Paid, PartialCancelled, Ready};
        match (self.status, event) {
            (Authenticated, Event::Approved { numbers, wrong_by }) => self.approve(numbers, wrong_by, now),
            (Authenticated, Event::Refused(code)) => {
                self.failure = Some(code);
                self.failed_at = Some(now);
                self.status = Failed;
            }
            (Authenticated | Ready, Event::RanOut) => self.status = Expired,
            (Ready, Event::Deposited { numbers }) => self.paid(numbers, now),
            (Ready | Paid | PartialCancelled, Event::Cancelled(cancel)) => self.cancel(cancel),
            (Cancelled, Event::Cancelled(_)) => return Err(Code::ALREADY_CANCELLED),
            (Authenticated, Event::Cancelled(_)) => return Err(Code::NO_TRANSACTION),
            (Expired, Event::Approved { .. } | Event::Refused(_)) if self.approved_at.is_none() => {
                return Err(Code::AUTHENTICATION_TOO_OLD);
            }
            (Ready | Paid | PartialCancelled, Event::Approved { .. } | Event::Refused(_)) => {
                return Err(Code::ALREADY_APPROVED);
            }
            (_, Event::Approved { .. } | Event::Refused(_)) => return Err(Code::TID_USED),
            (_, Event::Cancelled(_) | Event::Deposited { .. } | Event::RanOut) => return Err(Code::NOT_CANCELLABLE),
        }
        Ok(())
    }

    fn approve(&mut self, numbers: Numbers, wrong_by: i64, now: Timestamp) {
        self.amount.minor += wrong_by;
        self.balance = self.amount;
        self.approved_at = Some(now);
        self.approve_number = numbers.approve.clone();
        match &mut self.means {
            Means::Vbank(account) => {
                account.number = numbers.account;
                self.status = Status::Ready;
            }
            _ => self.paid(numbers, now),
        }
    }

    fn paid(&mut self, numbers: Numbers, now: Timestamp) {
        self.paid_at = Some(now);
        self.approvals += 1;
        self.status = Status::Paid;
        self.receipt = self.receipt_wanted.map(|kind| CashReceipt {
            tid: numbers.receipt_tid,
            kind,
            number: numbers.receipt,
            amount: self.amount,
            tax_free: self.tax_free,
        });
    }

    fn cancel(&mut self, cancel: Cancel) {
        self.balance = cancel.left;
        self.tax_free.minor -= cancel.tax_free.minor;
        self.status = if cancel.left.is_zero() {
            Status::Cancelled
        } else {
            Status::PartialCancelled
        };
        self.cancels.push(cancel);
    }

    /// When the state ends by itself.
    pub fn deadline(&self) -> Option<Timestamp> {
        match (self.status, &self.means) {
            (Status::Authenticated, _) => Some(self.authenticated_at + APPROVE_WITHIN),
            (Status::Ready, Means::Vbank(account)) => Some(account.due_at),
            _ => None,
        }
    }

    /// Does the PG's API know of it? Before its approve it is no transaction.
    pub fn is_transaction(&self) -> bool {
        self.approved_at.is_some() || self.status == Status::Failed
    }

    /// Does it use its order id up?
    pub fn takes_order(&self) -> bool {
        self.approved_at.is_some() && self.status != Status::Expired
    }
}

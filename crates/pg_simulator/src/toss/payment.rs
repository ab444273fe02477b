//! One payment at the PG and the only way it changes. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use vocabulary::{Duration, Money, Timestamp};

use super::codes::Org;
use super::errors::Code;
use super::merchant::{Merchant, Pair};
use super::trouble::Trouble;

/// How long a window stays open. Source: payment life cycle, "READY".
pub const WINDOW_OPEN: Duration = Duration::minutes(30);
/// How long an authenticated payment waits for its confirm. Source: as above, "IN_PROGRESS".
pub const CONFIRM_WITHIN: Duration = Duration::minutes(10);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    Ready,
    InProgress,
    WaitingForDeposit,
    Done,
    Canceled,
    PartialCanceled,
    Aborted,
    Expired,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Ready => "READY",
            Status::InProgress => "IN_PROGRESS",
            Status::WaitingForDeposit => "WAITING_FOR_DEPOSIT",
            Status::Done => "DONE",
            Status::Canceled => "CANCELED",
            Status::PartialCanceled => "PARTIAL_CANCELED",
            Status::Aborted => "ABORTED",
            Status::Expired => "EXPIRED",
        }
    }

    pub fn is_open(self) -> bool {
        matches!(self, Status::Ready | Status::InProgress)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub amount: Money,
    pub issuer: &'static str,
    pub acquirer: Option<&'static str>,
    pub number_masked: String,
    pub instalment_months: u8,
    pub interest_free: bool,
    pub interest_payer: Option<&'static str>,
    pub use_point: bool,
    pub kind: CardKind,
    pub corporate: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardKind {
    Credit,
    Check,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualAccount {
    pub bank: &'static Org,
    /// Empty until the account is issued.
    pub number: String,
    pub customer_name: String,
    pub depositor: Option<String>,
    pub due_at: Timestamp,
    pub fixed: bool,
    /// When a refund that was ordered is paid out.
    pub refund_paid_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voucher {
    Culture,
    Book,
    Game,
}

/// With what the shopper pays; known from authentication on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Means {
    Card(Card),
    EasyPay {
        provider: &'static Org,
        card: Option<Card>,
        charged: Money,
        discount: Money,
    },
    VirtualAccount(VirtualAccount),
    Transfer {
        bank: &'static Org,
    },
    Mobile {
        phone: String,
    },
    Voucher(Voucher),
    ForeignEasyPay {
        provider: &'static Org,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiptKind {
    IncomeDeduction,
    ExpenseProof,
}

/// A cash receipt asked for together with the payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CashReceipt {
    pub kind: ReceiptKind,
    pub key: String,
    pub issue_number: String,
    pub amount: Money,
    pub tax_free: Money,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancel {
    pub amount: Money,
    pub tax_free: Money,
    pub tax_exempt: Money,
    pub left: Money,
    pub reason: String,
    pub at: Timestamp,
    pub transaction: String,
    pub easy_pay_discount: Money,
}

#[derive(Debug, Clone)]
pub struct Payment {
    pub key: Arc<str>,
    pub merchant: Arc<Merchant>,
    pub pair: Pair,
    pub order_id: Arc<str>,
    pub order_name: String,
    pub status: Status,
    pub requested_at: Timestamp,
    pub approved_at: Option<Timestamp>,
    /// When a payment that is still open runs out.
    pub expires_at: Timestamp,
    pub total: Money,
    pub balance: Money,
    /// What is left of the tax-free and the exempt part.
    pub tax_free: Money,
    pub tax_exempt: Money,
    pub means: Option<Means>,
    pub country: &'static str,
    pub use_escrow: bool,
    pub culture_expense: bool,
    pub metadata: BTreeMap<String, String>,
    pub secret: String,
    pub last_transaction: Option<String>,
    pub cancels: Vec<Cancel>,
    pub receipt_wanted: Option<ReceiptKind>,
    pub receipt: Option<CashReceipt>,
    pub failure: Option<Code>,
    /// How often this payment was approved; more than once would be our own bug.
    pub approvals: u32,
    pub trouble: Trouble,
}

/// What happens to a payment.
#[derive(Debug, Clone)]
pub enum Event {
    Authenticated(Means),
    Approved {
        transaction: String,
        account_number: String,
        receipt: CashReceiptIds,
        wrong_by: i64,
    },
    Refused(Code),
    Deposited {
        depositor: String,
        transaction: String,
        receipt: CashReceiptIds,
    },
    DepositTakenBack {
        transaction: String,
    },
    Canceled(Cancel),
    RanOut,
}

/// Fresh keys for a cash receipt, in case one is due.
#[derive(Debug, Clone, Default)]
pub struct CashReceiptIds {
    pub key: String,
    pub issue_number: String,
}

impl Payment {
    /// The only way a payment changes. A refusal changes nothing.
    pub fn on(&mut self, event: Event, now: Timestamp) -> Result<(), Code> {
        use Status::*;
        match (self.status, event) {
            (Ready, Event::Authenticated(means)) => {
                self.means = Some(means);
                self.expires_at = now + CONFIRM_WITHIN;
                self.status = InProgress;
            }
            (
                InProgress,
                Event::Approved {
                    transaction,
                    account_number,
                    receipt,
                    wrong_by,
                },
            ) => {
                self.approve(account_number, receipt, wrong_by, now);
                self.last_transaction = Some(transaction);
            }
            (InProgress, Event::Refused(code)) => {
                self.failure = Some(code);
                self.status = Aborted;
            }
            (Ready | InProgress, Event::RanOut) => {
                self.failure = Some(Code::EXPIRED_PAYMENT);
                self.means = None;
                self.status = Expired;
            }
            (
                WaitingForDeposit,
                Event::Deposited {
                    depositor,
                    transaction,
                    receipt,
                },
            ) => {
                if let Some(Means::VirtualAccount(account)) = &mut self.means {
                    account.depositor = Some(depositor);
                }
                self.done(receipt, now);
                self.last_transaction = Some(transaction);
            }
            (Done, Event::DepositTakenBack { transaction }) => {
                if let Some(Means::VirtualAccount(account)) = &mut self.means {
                    account.depositor = None;
                }
                self.approved_at = None;
                self.receipt = None;
                self.last_transaction = Some(transaction);
                self.status = WaitingForDeposit;
            }
            (WaitingForDeposit | Done | PartialCanceled, Event::Canceled(cancel)) => self.cancel(cancel),
            (Canceled, Event::Canceled(_)) => return Err(Code::ALREADY_CANCELED_PAYMENT),
            (_, Event::Canceled(_)) => return Err(Code::NOT_CANCELABLE_PAYMENT),
            (Ready | Expired, Event::Approved { .. } | Event::Refused(_)) => {
                return Err(Code::NOT_FOUND_PAYMENT_SESSION);
            }
            (Expired, Event::Authenticated(_)) => return Err(Code::NOT_FOUND_PAYMENT_SESSION),
            (_, Event::Approved { .. } | Event::Refused(_) | Event::Authenticated(_)) => {
                return Err(Code::ALREADY_PROCESSED_PAYMENT);
            }
            (_, Event::Deposited { .. } | Event::DepositTakenBack { .. } | Event::RanOut) => {
                return Err(Code::INVALID_REQUEST);
            }
        }
        Ok(())
    }

    fn approve(&mut self, account_number: String, receipt: CashReceiptIds, wrong_by: i64, now: Timestamp) {
        self.total.minor += wrong_by;
        self.balance = self.total;
        match &mut self.means {
            Some(Means::VirtualAccount(account)) => {
                account.number = account_number;
                self.status = Status::WaitingForDeposit;
            }
            Some(Means::Card(card)) => {
                card.amount.minor += wrong_by;
                self.done(receipt, now);
            }
            Some(Means::EasyPay { card: Some(card), .. }) => {
                card.amount.minor += wrong_by;
                self.done(receipt, now);
            }
            Some(Means::EasyPay { charged, .. }) => {
                charged.minor += wrong_by;
                self.done(receipt, now);
            }
            _ => self.done(receipt, now),
        }
    }

    fn done(&mut self, ids: CashReceiptIds, now: Timestamp) {
        self.approved_at = Some(now);
        self.approvals += 1;
        self.status = Status::Done;
        if let Some(kind) = self.receipt_wanted {
            let CashReceiptIds { key, issue_number } = ids;
            self.receipt = Some(CashReceipt {
                kind,
                key,
                issue_number,
                amount: self.total,
                tax_free: self.tax_free,
            });
        }
    }

    fn cancel(&mut self, cancel: Cancel) {
        self.balance = cancel.left;
        self.tax_free.minor -= cancel.tax_free.minor;
        self.tax_exempt.minor -= cancel.tax_exempt.minor;
        let deposited = self.approved_at.is_some();
        if let Some(Means::VirtualAccount(account)) = &mut self.means
            && deposited
        {
            account.refund_paid_at = Some(super::calendar::business_days_later(cancel.at, 2));
        }
        self.last_transaction = Some(cancel.transaction.clone());
        self.status = if cancel.left.is_zero() {
            Status::Canceled
        } else {
            Status::PartialCanceled
        };
        self.cancels.push(cancel);
    }

    /// Has the time of an open payment run out?
    pub fn ran_out(&self, now: Timestamp) -> bool {
        self.status.is_open() && self.expires_at <= now
    }

    pub fn virtual_account(&self) -> Option<&VirtualAccount> {
        match &self.means {
            Some(Means::VirtualAccount(account)) => Some(account),
            _ => None,
        }
    }

    /// May it be canceled in parts? Book and game vouchers only whole.
    pub fn cancelable_in_parts(&self) -> bool {
        let voucher = matches!(self.means, Some(Means::Voucher(Voucher::Book | Voucher::Game)));
        let exempt_card = matches!(self.means, Some(Means::Card(_))) && !self.tax_exempt.is_zero();
        !voucher && !exempt_card
    }
}

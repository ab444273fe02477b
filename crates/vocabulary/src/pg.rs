//! What a PG says about a payment, in our words. Connectors translate into these;
//! the payment rules read nothing else.

use crate::{Failure, Method, Money, Timestamp};

/// How an approved or waiting attempt stands at the PG at one moment. An approve answer,
/// an inquiry and a notice all come down to this.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The PG's key of the payment.
    pub pg_key: String,
    /// The order id we gave the PG: an attempt's id.
    pub pg_order_id: String,
    pub standing: Standing,
    /// The whole sum the payment is over, approved or not.
    pub amount: Money,
    /// What can still be canceled.
    pub balance: Money,
    pub method: Option<Method>,
    pub means: Means,
    pub approved_at: Option<Timestamp>,
    /// What the PG has refunded, oldest first.
    pub cancels: Vec<Refunded>,
    /// A value the PG repeats in its notices so that we know them.
    pub notice_secret: Option<String>,
    pub receipt_url: Option<String>,
    pub cash_receipt: Option<CashReceipt>,
    pub partial_cancel_allowed: bool,
}

/// Where a payment stands at the PG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Known, but nothing is approved: the window is open or waits for our approve.
    NotYet,
    /// A virtual account is issued; the deposit has not come.
    WaitingForDeposit,
    /// The money is the shop's, less what was canceled.
    Approved,
    /// Everything approved was refunded, or an account was given up before its deposit.
    Canceled,
    /// Refused, or ran out: a definite no.
    Failed(Failure),
}

/// What a PG's answer to an approve or an inquiry comes down to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Report(Box<Report>),
    /// A definite no to this approve, or: the PG does not know the payment.
    No(Failure),
    /// No clear answer came. The text says what we saw, for the log and the operator.
    Unknown(String),
}

/// What a PG's answer to a cancel comes down to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CancelAnswer {
    /// Refunded; the report is the payment after it. `refunded` is this cancel's own line when it can be told.
    Done {
        report: Box<Report>,
        refunded: Option<Refunded>,
    },
    /// The PG took the order and will tell the end later.
    Pending,
    No(Failure),
    Unknown(String),
}

/// One refund as the PG lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refunded {
    /// The PG's key of the refund; unique within a PG account.
    pub pg_key: String,
    pub amount: Money,
    pub at: Timestamp,
    pub reason: String,
}

/// With what the shopper paid. Never a full card or account number of a shopper's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Means {
    Unknown,
    Card(Card),
    EasyPay { provider: String, card: Option<Card> },
    VirtualAccount(VirtualAccount),
    Transfer { bank: String },
    Mobile { phone_masked: String },
    GiftVoucher,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Company's Korean name, or the PG's code where the table has none.
    pub issuer: String,
    /// As the PG masks it.
    pub number_masked: String,
    /// 0: paid at once.
    pub instalment_months: u8,
    pub interest_free: bool,
    pub approval_number: String,
}

/// An account the shop's, not the shopper's: it may be shown whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualAccount {
    pub bank: String,
    pub number: String,
    pub holder: String,
    pub due_at: Option<Timestamp>,
    pub depositor: Option<String>,
    pub expired: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CashReceiptKind {
    /// 소득공제: a person's income deduction.
    IncomeDeduction,
    /// 지출증빙: a business's proof of expense.
    ExpenseProof,
}

/// 현금영수증 as the PG reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CashReceipt {
    pub kind: CashReceiptKind,
    pub pg_key: String,
    pub issue_number: String,
    pub url: Option<String>,
    pub amount: Money,
}

/// Where a deposit already made is sent back to. The number is the shopper's: it is passed on, not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundAccount {
    /// A bank's code or name as the PG's tables spell it.
    pub bank: String,
    pub number: crate::Digits,
    pub holder: String,
}

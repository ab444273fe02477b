use std::collections::BTreeMap;
use std::fmt;

use futures_util::future::BoxFuture;
use thiserror::Error;
use vocabulary::pg::{Answer, CancelAnswer, CashReceipt, CashReceiptKind, RefundAccount};
use vocabulary::{Digits, Duration, Failure, Method, Money, Timestamp};

/// One PG account's way to its PG. Every call may be repeated: it carries a key derived from
/// ours, so that our retry is the PG's repeat. No call waits longer than its stated deadline.
///
/// What a PG cannot do stays with the default: [`Unsupported`]. Billing keys (자동결제: register,
/// charge, delete) become three more such calls here.
pub trait Connector: Send + Sync {
    /// The PG's short name, as configuration and logs spell it: `toss`.
    fn pg(&self) -> &'static str;

    /// What this account's PG can do, method by method.
    fn capabilities(&self) -> &Capabilities;

    /// What the shopper's browser needs to open the PG's window. Pure.
    fn window(&self, bill: &Bill) -> Result<Window, Unsupported>;

    /// Reads how the browser came back. Nothing in it is proof of anything. Pure.
    fn read_return(&self, query: &BTreeMap<String, String>) -> Returned;

    /// Moves the money: asks the PG to approve what the shopper agreed to.
    ///
    /// [`Answer::No`] is about this call alone: it was refused, or never left. After an
    /// [`Answer::Unknown`] a repeat that gets a `No` (a closed port, a changed key) therefore does
    /// not undo what the first call may have done; only [`Connector::inquire`] settles that.
    fn approve<'a>(&'a self, ask: &'a Approve) -> BoxFuture<'a, Answer>;

    /// What the PG says about a payment. Moves nothing. Its only [`Answer::No`] is that the PG
    /// does not know the payment; a question that was not sent or was refused is `Unknown`.
    fn inquire<'a>(&'a self, ask: &'a Inquiry) -> BoxFuture<'a, Answer>;

    /// Refunds, whole or in part. As with [`Connector::approve`], a `No` is about this call alone;
    /// `Unknown`, which includes "canceled before", is settled by [`Connector::inquire`].
    fn cancel<'a>(&'a self, ask: &'a CancelAsk) -> BoxFuture<'a, CancelAnswer>;

    /// 망취소: undoes an approve whose answer never came, by our order id, so that its outcome becomes
    /// certain. Only within [`Capabilities::net_cancel_within`]; never for an ordinary refund.
    /// `Done`: nothing is charged any more. `No`: the PG has nothing to undo, or it is too late (the
    /// failure's reason says which); `Unknown`: ask later.
    fn net_cancel<'a>(&'a self, _ask: &'a NetCancel) -> BoxFuture<'a, Result<CancelAnswer, Unsupported>> {
        Box::pin(async { Err(Unsupported("net cancels")) })
    }

    /// What the PG booked in a span of time, page by page, oldest first.
    fn transactions<'a>(&'a self, _ask: &'a Listing) -> BoxFuture<'a, Result<Listed, Unsupported>> {
        Box::pin(async { Err(Unsupported("listing transactions")) })
    }

    /// Issues a cash receipt (현금영수증) that stands on its own.
    fn issue_receipt<'a>(&'a self, _ask: &'a ReceiptAsk) -> BoxFuture<'a, Result<ReceiptAnswer, Unsupported>> {
        Box::pin(async { Err(Unsupported("cash receipts")) })
    }

    /// Takes back a cash receipt issued by [`Connector::issue_receipt`], whole (`None`) or in part.
    fn cancel_receipt<'a>(
        &'a self,
        _receipt: &'a RecordedReceipt,
        _amount: Option<Money>,
    ) -> BoxFuture<'a, Result<ReceiptAnswer, Unsupported>> {
        Box::pin(async { Err(Unsupported("cash receipts")) })
    }

    /// Understands what the PG sent us, from its headers (names in lower case) and raw body. Pure.
    fn read_notice(&self, headers: &BTreeMap<String, String>, body: &[u8]) -> Result<Notice, NoticeRefused>;

    /// What the PG wants to hear when a notice is safely stored.
    fn notice_answer(&self) -> NoticeAnswer {
        NoticeAnswer {
            status: 200,
            content_type: "text/plain",
            body: "OK",
        }
    }

    /// What an operator should know about this account, one line each: shown, never acted on.
    fn remarks(&self) -> Vec<String> {
        Vec::new()
    }
}

/// What a PG account can do.
#[derive(Debug, Clone)]
pub struct Capabilities {
    pub methods: Vec<MethodRules>,
    /// Currencies beside KRW are per method at most PGs; this is their union.
    pub currencies: Vec<vocabulary::Currency>,
    pub cash_receipts: bool,
    /// An approve may be sent again when an inquiry shows that nothing was approved.
    pub approve_repeatable: bool,
    /// How long after an approve the PG takes a net cancel of it; `None`: it knows no net cancel.
    pub net_cancel_within: Option<Duration>,
    pub escrow: bool,
    /// Versions of the PG's API this connector knows, newest last, and the one in use.
    pub api_versions: &'static [&'static str],
    pub api_version: &'static str,
}

impl Capabilities {
    pub fn rules(&self, method: Method) -> Option<&MethodRules> {
        self.methods.iter().find(|rules| rules.method == method)
    }
}

/// A PG's rules for one method.
#[derive(Debug, Clone)]
pub struct MethodRules {
    pub method: Method,
    pub currencies: &'static [vocabulary::Currency],
    /// Smallest sum the PG takes, in the first currency.
    pub amount_min: Money,
    pub partial_cancel: bool,
    /// Smallest sum for paying by instalments; `None`: no instalments.
    pub instalment_min: Option<Money>,
    pub instalment_months_max: u8,
    /// For easy pay and vouchers: the kinds to choose from, as the API spells them. Empty: no choice.
    pub kinds: &'static [&'static str],
}

/// Language of the PG's pages, where it has more than one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locale {
    Korean,
    English,
    Japanese,
    Chinese,
}

/// What the PG's window is asked to collect.
#[derive(Debug, Clone)]
pub struct Bill {
    /// Unique per attempt; what we look the payment up by.
    pub pg_order_id: String,
    pub order_name: String,
    pub amount: Money,
    pub tax: TaxShare,
    pub method: Method,
    /// Easy-pay provider or voucher kind, one of [`MethodRules::kinds`].
    pub kind: Option<String>,
    pub locale: Locale,
    /// A phone: no overlay, the window takes the whole page.
    pub mobile: bool,
    pub customer_name: Option<String>,
    pub customer_email: Option<String>,
    pub customer_phone: Option<Digits>,
    /// Fixed number of months chosen before the window (0: at once).
    pub instalment_months: Option<u8>,
    /// Most months the shop allows.
    pub instalment_months_max: Option<u8>,
    /// Months by card company code for which the shop pays the interest.
    pub interest_free: Vec<(String, Vec<u8>)>,
    /// When a virtual account runs out.
    pub deposit_due_at: Option<Timestamp>,
    /// How long that is from now, for PGs that want hours.
    pub deposit_within: Option<Duration>,
    pub cash_receipt: Option<CashReceiptKind>,
    pub escrow: bool,
    pub escrow_items: Vec<EscrowItem>,
    /// 문화비: books, shows, museums; counts for a tax deduction.
    pub culture_expense: bool,
    /// Where the browser comes back to; absolute.
    pub success_url: String,
    pub fail_url: String,
}

/// How an amount splits for tax. The VAT part follows from these by the PG's own formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaxShare {
    /// 면세: free of VAT.
    pub tax_free: Money,
    /// Outside VAT altogether (cup deposits and the like).
    pub exempt: Money,
}

#[derive(Debug, Clone)]
pub struct EscrowItem {
    pub id: String,
    pub name: String,
    pub code: String,
    pub unit_price: Money,
    pub quantity: u32,
}

/// How a browser opens the PG's window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// The PG's own script, loaded on a page that does nothing else.
    pub script_url: String,
    /// Origins the page's CSP must allow, besides our own, for script, frame, connect and form.
    pub origins: Vec<String>,
    /// Which of our small openers speaks to that script: `toss`.
    pub opener: &'static str,
    /// What the opener is given, as JSON. No secret is in it.
    pub parameters: String,
}

/// How the browser came back from the window. Only a claim: the approve call tells the truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Returned {
    /// The shopper agreed; the PG waits for our approve. The key is the PG's; the order id and
    /// amount are what the browser says and must equal ours.
    Agreed {
        pg_key: String,
        pg_order_id: String,
        amount_text: String,
    },
    /// The shopper or the PG gave up before anything could be charged.
    Refused(Failure),
    /// Not a return this PG makes.
    Malformed(&'static str),
}

#[derive(Debug, Clone)]
pub struct Approve {
    pub pg_key: String,
    pub pg_order_id: String,
    pub amount: Money,
    /// The same for every repeat of this approve, different for every other.
    pub idempotency_key: String,
}

#[derive(Debug, Clone)]
pub struct Inquiry {
    /// Known once the shopper came back or the PG wrote to us.
    pub pg_key: Option<String>,
    pub pg_order_id: String,
    /// For PGs that look up by day.
    pub opened_at: Timestamp,
}

#[derive(Debug, Clone)]
pub struct CancelAsk {
    pub pg_key: String,
    pub pg_order_id: String,
    /// `None`: everything that is left.
    pub amount: Option<Money>,
    pub tax: TaxShare,
    /// What we believe is left before this cancel; a PG that can, refuses if it differs.
    pub balance: Money,
    pub reason: String,
    /// For a virtual account whose deposit has come.
    pub refund_account: Option<RefundAccount>,
    pub idempotency_key: String,
    /// The same for every repeat of this cancel, different for every other: for PGs that refuse a second
    /// refund under one reference. At most 60 of `A-Z a-z 0-9 _ -`.
    pub reference: String,
}

#[derive(Debug, Clone)]
pub struct NetCancel {
    pub pg_key: Option<String>,
    pub pg_order_id: String,
    pub amount: Money,
    /// When the attempt was opened.
    pub opened_at: Timestamp,
}

#[derive(Debug, Clone)]
pub struct Listing {
    /// Inclusive.
    pub from: Timestamp,
    /// Exclusive.
    pub until: Timestamp,
    /// [`Listed::Page`]'s `next`; `None`: the first page.
    pub cursor: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    Page {
        lines: Vec<Transaction>,
        /// `None`: this was the last page.
        next: Option<String>,
    },
    /// No clear answer came.
    Unknown(String),
}

/// One line of a PG's books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    pub pg_key: String,
    pub pg_order_id: String,
    pub kind: TransactionKind,
    /// Above zero for both kinds.
    pub amount: Money,
    pub at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionKind {
    /// Money became the shop's.
    Payment,
    /// Money went back.
    Cancel,
}

#[derive(Debug, Clone)]
pub struct ReceiptAsk {
    pub order_id: String,
    pub order_name: String,
    pub amount: Money,
    pub tax_free: Money,
    pub kind: CashReceiptKind,
    /// Phone, business or card number the receipt is made out to.
    pub made_out_to: Digits,
    pub idempotency_key: String,
}

/// A receipt as we keep it: enough to take it back.
#[derive(Debug, Clone)]
pub struct RecordedReceipt {
    pub pg_key: String,
    pub idempotency_key: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReceiptAnswer {
    Issued(CashReceipt),
    No(Failure),
    Unknown(String),
}

/// What a PG told us. A claim until it is verified the way that PG demands: by
/// `secret` where one is given, and always by asking the PG itself.
#[derive(Debug, Clone)]
pub struct Notice {
    pub pg_order_id: String,
    pub pg_key: Option<String>,
    /// Equal for the same notice sent twice.
    pub dedup_key: String,
    /// Must equal the secret the PG gave us for this payment, where it gave one.
    pub secret: Option<vocabulary::Secret<String>>,
    /// The secret is the only proof there is: without a match the notice is a forgery.
    pub secret_required: bool,
    /// The connector checked a signature that only the PG can make.
    pub signed: bool,
    /// In the PG's words, for the log: `PAYMENT_STATUS_CHANGED DONE`.
    pub what: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NoticeRefused {
    #[error("the notice cannot be read: {0}")]
    Malformed(String),
    /// Well formed but of no concern to payments; stored and answered, nothing else.
    #[error("the notice is about {0}, which needs nothing from us")]
    Irrelevant(String),
    /// Its signature is not the PG's.
    #[error("the notice is signed wrongly")]
    Forged,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoticeAnswer {
    pub status: u16,
    pub content_type: &'static str,
    pub body: &'static str,
}

/// What this PG or PG account cannot do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unsupported(pub &'static str);

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this PG account does not support {}", self.0)
    }
}

impl std::error::Error for Unsupported {}

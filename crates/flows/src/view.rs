//! Payments and events as shops see them: in answers and in webhooks, byte for byte alike.

use std::collections::BTreeMap;

use payments::{Attempt, AttemptState, Cancel, Confirm, Payment};
use serde::Serialize;
use utoipa::ToSchema;
use vocabulary::pg::{CashReceiptKind, Means};
use vocabulary::{EventId, Failure, Money, Party, Timestamp};

use crate::{App, token};

/// What a shopper owes for one order, and what became of it. Amounts are in the currency's minor unit.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Payment)]
pub struct PaymentView {
    #[schema(example = "pay_01kb1m3k2me5tbz2k4wq3vx0ae")]
    pub id: String,
    #[schema(example = "test")]
    pub mode: &'static str,
    #[schema(example = "order-20261125-0001")]
    pub order_id: String,
    pub order_name: String,
    #[schema(example = "DONE")]
    pub status: &'static str,
    pub amount: i64,
    #[schema(example = "KRW")]
    pub currency: &'static str,
    pub supplied_amount: i64,
    pub vat: i64,
    pub tax_free_amount: i64,
    pub tax_exempt_amount: i64,
    pub canceled_amount: i64,
    /// What the shop has of it now.
    pub balance: i64,
    pub method: Option<&'static str>,
    pub method_kind: Option<String>,
    pub pg: Option<&'static str>,
    /// Where the shopper pays; gone once there is nothing more to do there.
    pub checkout_url: Option<String>,
    /// Why the last attempt failed.
    pub failure: Option<FailureView>,
    pub card: Option<CardView>,
    pub virtual_account: Option<VirtualAccountView>,
    pub easy_pay: Option<EasyPayView>,
    pub receipt_url: Option<String>,
    pub cash_receipt: Option<CashReceiptView>,
    pub attempts: Vec<AttemptView>,
    pub cancels: Vec<CancelView>,
    pub confirm: &'static str,
    pub escrow: bool,
    pub customer: CustomerView,
    pub metadata: BTreeMap<String, String>,
    pub return_url: Option<String>,
    /// Counts the changes; a webhook with a lower number is old news.
    pub version: u32,
    /// A PG has not answered for long; a person should look.
    pub needs_attention: bool,
    /// No PG is asked about it by itself any more: it waits for a notice, a sync, or a person.
    pub parked: bool,
    pub created_at: String,
    pub expires_at: String,
    pub approved_at: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Failure)]
pub struct FailureView {
    #[schema(example = "insufficient_funds")]
    pub reason: &'static str,
    /// Who has to do something: SHOPPER, SHOP or PG.
    pub acts: &'static str,
    /// May the shopper try again?
    pub retryable: bool,
    pub pg_code: Option<String>,
    pub pg_message: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Card)]
pub struct CardView {
    pub issuer: String,
    /// Masked by the PG.
    pub number: String,
    pub instalment_months: u8,
    pub interest_free: bool,
    pub approval_number: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = VirtualAccount)]
pub struct VirtualAccountView {
    pub bank: String,
    pub number: String,
    pub holder: String,
    pub due_at: Option<String>,
    pub depositor: Option<String>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = EasyPay)]
pub struct EasyPayView {
    pub provider: String,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = CashReceipt)]
pub struct CashReceiptView {
    /// INCOME_DEDUCTION or EXPENSE_PROOF.
    pub kind: &'static str,
    /// REQUESTED, ISSUED, REFUSED or CANCELED.
    pub status: &'static str,
    pub issue_number: Option<String>,
    pub url: Option<String>,
    pub amount: i64,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Attempt)]
pub struct AttemptView {
    pub id: String,
    pub status: &'static str,
    pub pg: Option<&'static str>,
    pub pg_account: String,
    pub method: &'static str,
    pub kind: Option<String>,
    pub pg_key: Option<String>,
    pub opened_at: String,
    pub approved_at: Option<String>,
    /// What was seen of the PG while no clear answer has come.
    pub last_heard: Option<String>,
    pub failure: Option<FailureView>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Cancel)]
pub struct CancelView {
    pub id: String,
    pub status: &'static str,
    pub amount: i64,
    pub tax_free_amount: i64,
    pub reason: String,
    /// SHOP, or PG for a refund made in the PG's own console.
    pub origin: &'static str,
    pub requested_at: String,
    pub done_at: Option<String>,
    /// What was seen of the PG while no clear answer has come.
    pub last_heard: Option<String>,
    pub failure: Option<FailureView>,
}

#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Customer)]
pub struct CustomerView {
    pub name: Option<String>,
    pub email: Option<String>,
    /// All but the last four digits are masked.
    pub phone: Option<String>,
}

/// An event, as listed and as sent by webhook.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Event)]
pub struct EventView<'a> {
    #[serde(rename = "type")]
    #[schema(example = "payment.done")]
    pub kind: &'a str,
    pub id: String,
    pub timestamp: String,
    pub data: PaymentView,
}

pub fn payment(app: &App, payment: &Payment) -> PaymentView {
    let paid_by = payment.paid_by();
    let shown = paid_by.or(payment
        .attempts
        .iter()
        .rev()
        .find(|attempt| attempt.state.holds_payment()));
    let minor = |amount: Result<Money, _>| amount.map_or(0, |amount: Money| amount.minor);
    let tax = payment.order.tax;
    PaymentView {
        id: payment.id.to_string(),
        mode: payment.scope.mode.as_str(),
        order_id: payment.order.id.to_string(),
        order_name: payment.order.name.clone(),
        status: payment.state.as_str(),
        amount: payment.order.amount.minor,
        currency: payment.order.amount.currency.code(),
        supplied_amount: tax.supplied.minor,
        vat: tax.vat.minor,
        tax_free_amount: tax.tax_free.minor,
        tax_exempt_amount: tax.exempt.minor,
        canceled_amount: minor(payment.canceled()),
        balance: minor(payment.balance()),
        method: shown.map(|attempt| attempt.method.as_str()),
        method_kind: shown.and_then(|attempt| attempt.kind.clone()),
        pg: shown.and_then(|attempt| pg_name(app, attempt)),
        checkout_url: (!payment.state.settled()).then(|| token::checkout_url(app, payment.scope, payment.id)),
        failure: payment.failure.as_ref().map(failure),
        card: shown.and_then(|attempt| card(&attempt.means)),
        virtual_account: shown.and_then(|attempt| virtual_account(&attempt.means)),
        easy_pay: shown.and_then(|attempt| easy_pay(&attempt.means)),
        receipt_url: paid_by
            .filter(has_money)
            .and_then(|attempt| attempt.receipt_url.clone()),
        cash_receipt: cash_receipt(payment, paid_by),
        attempts: payment.attempts.iter().map(|one| attempt(app, one)).collect(),
        cancels: payment.cancels.iter().map(cancel).collect(),
        confirm: match payment.terms.confirm {
            Confirm::Automatic => "AUTOMATIC",
            Confirm::ByShop => "BY_SHOP",
        },
        escrow: payment.terms.escrow,
        customer: CustomerView {
            name: payment.customer.name.clone(),
            email: payment.customer.email.clone(),
            phone: payment
                .customer
                .phone
                .as_ref()
                .map(|phone| masked(phone.reveal_for("showing its last digits"))),
        },
        metadata: payment.metadata.pairs().clone(),
        return_url: payment.terms.return_url.clone(),
        version: payment.version,
        needs_attention: payment.needs_a_person(),
        parked: payment.parked(),
        created_at: payment.created_at.in_korea(),
        expires_at: payment.expires_at.in_korea(),
        approved_at: paid_by.and_then(|attempt| attempt.approved_at).map(Timestamp::in_korea),
    }
}

/// The body of an event, as stored once and sent to every endpoint.
pub(crate) fn event_json(app: &App, id: EventId, kind: &str, at: Timestamp, changed: &Payment) -> String {
    let view = EventView {
        kind,
        id: id.to_string(),
        timestamp: at.in_korea(),
        data: payment(app, changed),
    };
    // Strings, numbers and maps with text keys always have a JSON form.
    serde_json::to_string(&view).unwrap_or_default()
}

/// A deposit that is merely awaited has no receipt, whatever address the PG hands out for one.
fn has_money(attempt: &&Attempt) -> bool {
    attempt.state == AttemptState::Approved
}

fn pg_name(app: &App, attempt: &Attempt) -> Option<&'static str> {
    app.directory
        .account(attempt.pg_account)
        .map(|account| account.connector.pg())
}

fn attempt(app: &App, attempt: &Attempt) -> AttemptView {
    AttemptView {
        id: attempt.id.to_string(),
        status: attempt.state.as_str(),
        pg: pg_name(app, attempt),
        pg_account: attempt.pg_account.to_string(),
        method: attempt.method.as_str(),
        kind: attempt.kind.clone(),
        pg_key: attempt.pg_key.clone(),
        opened_at: attempt.opened_at.in_korea(),
        approved_at: attempt.approved_at.map(Timestamp::in_korea),
        last_heard: attempt.last_heard.clone(),
        failure: attempt.failure.as_ref().map(failure),
    }
}

fn cancel(cancel: &Cancel) -> CancelView {
    CancelView {
        id: cancel.id.to_string(),
        status: cancel.state.as_str(),
        amount: cancel.amount().minor,
        tax_free_amount: cancel.tax.tax_free.minor,
        reason: cancel.reason.clone(),
        origin: cancel.origin.as_str(),
        requested_at: cancel.requested_at.in_korea(),
        done_at: cancel.done_at.map(Timestamp::in_korea),
        last_heard: cancel.last_heard.clone(),
        failure: cancel.failure.as_ref().map(failure),
    }
}

pub fn failure(failure: &Failure) -> FailureView {
    let said = |text: &String| (!text.is_empty()).then(|| text.clone());
    FailureView {
        reason: failure.reason.as_str(),
        acts: match failure.reason.acts() {
            Party::Shopper => "SHOPPER",
            Party::Shop => "SHOP",
            Party::Pg => "PG",
        },
        retryable: failure.reason.shopper_may_retry(),
        pg_code: said(&failure.pg_code),
        pg_message: said(&failure.pg_message),
    }
}

fn card(means: &Means) -> Option<CardView> {
    let (Means::Card(card) | Means::EasyPay { card: Some(card), .. }) = means else {
        return None;
    };
    Some(CardView {
        issuer: card.issuer.clone(),
        number: card.number_masked.clone(),
        instalment_months: card.instalment_months,
        interest_free: card.interest_free,
        approval_number: card.approval_number.clone(),
    })
}

fn virtual_account(means: &Means) -> Option<VirtualAccountView> {
    let Means::VirtualAccount(account) = means else {
        return None;
    };
    Some(VirtualAccountView {
        bank: account.bank.clone(),
        number: account.number.clone(),
        holder: account.holder.clone(),
        due_at: account.due_at.map(Timestamp::in_korea),
        depositor: account.depositor.clone(),
    })
}

fn easy_pay(means: &Means) -> Option<EasyPayView> {
    let Means::EasyPay { provider, .. } = means else {
        return None;
    };
    Some(EasyPayView {
        provider: provider.clone(),
    })
}

fn cash_receipt(payment: &Payment, paid_by: Option<&Attempt>) -> Option<CashReceiptView> {
    let kind = |kind| match kind {
        CashReceiptKind::IncomeDeduction => "INCOME_DEDUCTION",
        CashReceiptKind::ExpenseProof => "EXPENSE_PROOF",
    };
    let with_payment = paid_by
        .and_then(|attempt| attempt.cash_receipt.as_ref())
        .map(|receipt| CashReceiptView {
            kind: kind(receipt.kind),
            status: "ISSUED",
            issue_number: Some(receipt.issue_number.clone()),
            url: receipt.url.clone(),
            amount: receipt.amount.minor,
        });
    let asked_later = || {
        payment.receipt.as_ref().map(|receipt| CashReceiptView {
            kind: kind(receipt.kind),
            status: receipt.state.as_str(),
            issue_number: receipt.issued.as_ref().map(|issued| issued.issue_number.clone()),
            url: receipt.issued.as_ref().and_then(|issued| issued.url.clone()),
            amount: receipt.amount.minor,
        })
    };
    with_payment.or_else(asked_later)
}

fn masked(digits: &str) -> String {
    let shown = digits.len().saturating_sub(4);
    digits
        .char_indices()
        .map(|(at, digit)| if at < shown { '*' } else { digit })
        .collect()
}

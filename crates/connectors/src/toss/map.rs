//! Toss's words into ours.

use vocabulary::pg::{Card, CashReceipt, CashReceiptKind, Means, Refunded, Report, Standing, VirtualAccount};
use vocabulary::{Currency, Failure, Method, Reason, Timestamp};

use super::client::well_formed_key;
use super::{codes, errors, wire};

pub(super) const CODE_CHARS_MAX: usize = 100;
/// The manual's own limit.
pub(super) const MESSAGE_CHARS_MAX: usize = 510;
const KEY_CHARS_MAX: usize = 200;
const URL_CHARS_MAX: usize = 2000;
const NAME_CHARS_MAX: usize = 100;
const REASON_CHARS_MAX: usize = 200;
/// A payment in 100-won steps could be canceled more often; nobody does.
const CANCELS_MAX: usize = 1000;

/// What we asked about. An answer about anything else is not believed.
pub(super) struct Asked<'a> {
    pub(super) pg_key: Option<&'a str>,
    pub(super) order_id: &'a str,
}

pub(super) enum Unbelieved {
    /// The answer is about another payment.
    Other(String),
    Unreadable(String),
}

/// Where a cancel line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CancelStatus {
    Done,
    Pending,
    Aborted,
}

/// Reads an answer that must be the payment asked about.
pub(super) fn payment(body: &[u8], asked: &Asked<'_>) -> Result<wire::Payment, Unbelieved> {
    let payment: wire::Payment = serde_json::from_slice(body)
        .map_err(|error| Unbelieved::Unreadable(format!("the answer is not a payment ({})", place(&error))))?;
    if payment.order_id != asked.order_id {
        return Err(Unbelieved::Other("the answer is about another order".into()));
    }
    if asked.pg_key.is_some_and(|key| key != payment.payment_key) {
        return Err(Unbelieved::Other("the answer is about another payment key".into()));
    }
    Ok(payment)
}

/// Where and how JSON is wrong; serde's own text would quote the value.
pub(super) fn place(error: &serde_json::Error) -> String {
    format!(
        "{:?} error at line {}, column {}",
        error.classify(),
        error.line(),
        error.column()
    )
    .to_lowercase()
}

/// `None` where what decides about money makes no sense; the text says what.
pub(super) fn report(payment: wire::Payment) -> Result<Report, String> {
    if !well_formed_key(&payment.payment_key, KEY_CHARS_MAX) {
        return Err("the payment key is not one".into());
    }
    let currency: Currency = payment
        .currency
        .parse()
        .map_err(|_| "the currency is not an ISO code".to_owned())?;
    let amount = payment
        .total_amount
        .money(currency)
        .ok_or(format!("the total is no amount of {currency}"))?;
    let balance = payment
        .balance_amount
        .money(currency)
        .ok_or(format!("the balance is no amount of {currency}"))?;
    if balance.minor < 0 || balance.minor > amount.minor {
        return Err(format!("the balance of {balance} does not fit the total of {amount}"));
    }
    let cancels = cancels(&payment, currency)?;
    let done = cancels.into_iter().filter(|(_, status)| *status == CancelStatus::Done);
    Ok(Report {
        standing: standing(&payment)?,
        amount,
        balance,
        method: method(&payment),
        means: means(&payment),
        approved_at: payment.approved_at.as_deref().and_then(time),
        cancels: done.map(|(line, _)| line).collect(),
        notice_secret: payment
            .secret
            .filter(|secret| !secret.is_empty() && secret.len() <= KEY_CHARS_MAX),
        receipt_url: payment
            .receipt
            .and_then(|receipt| receipt.url)
            .filter(|url| is_link(url)),
        cash_receipt: payment.cash_receipt.and_then(|receipt| cash_receipt(receipt, currency)),
        // Where it is not said, Toss decides when asked.
        partial_cancel_allowed: payment.is_partial_cancelable.unwrap_or(true),
        pg_key: payment.payment_key,
        pg_order_id: payment.order_id,
    })
}

fn standing(payment: &wire::Payment) -> Result<Standing, String> {
    let failed = |otherwise| {
        let (code, message) = match &payment.failure {
            Some(failure) => (
                clean(&failure.code, CODE_CHARS_MAX),
                failure.message.as_deref().unwrap_or_default(),
            ),
            None => (String::new(), ""),
        };
        let reason = if code.is_empty() {
            otherwise
        } else {
            errors::reason(&code)
        };
        Standing::Failed(Failure {
            reason,
            pg_code: code,
            pg_message: clean(message, MESSAGE_CHARS_MAX),
        })
    };
    Ok(match payment.status.as_str() {
        "READY" | "IN_PROGRESS" => Standing::NotYet,
        "WAITING_FOR_DEPOSIT" => Standing::WaitingForDeposit,
        "DONE" | "PARTIAL_CANCELED" => Standing::Approved,
        "CANCELED" => Standing::Canceled,
        "ABORTED" => failed(Reason::DeclinedByIssuer),
        "EXPIRED" => failed(Reason::Expired),
        other => return Err(format!("the status {} is new to us", clean(other, 40))),
    })
}

/// Each line with where it stands, oldest first. Toss promises no order.
pub(super) fn cancels(payment: &wire::Payment, currency: Currency) -> Result<Vec<(Refunded, CancelStatus)>, String> {
    let lines = payment.cancels.as_deref().unwrap_or_default();
    if lines.len() > CANCELS_MAX {
        return Err(format!("over {CANCELS_MAX} cancels are listed"));
    }
    let mut cancels = lines
        .iter()
        .map(|line| cancel(line, currency))
        .collect::<Result<Vec<_>, _>>()?;
    cancels.sort_by_key(|(line, _)| line.at);
    Ok(cancels)
}

fn cancel(line: &wire::Cancel, currency: Currency) -> Result<(Refunded, CancelStatus), String> {
    if !well_formed_key(&line.transaction_key, KEY_CHARS_MAX) {
        return Err("a cancel's transaction key is not one".into());
    }
    let amount = line.cancel_amount.money(currency).filter(|amount| amount.is_positive());
    let amount = amount.ok_or(format!("a cancel's sum is no amount of {currency}"))?;
    let at = time(&line.canceled_at).ok_or("a cancel's time cannot be read")?;
    let status = match line.cancel_status.as_deref() {
        None | Some("DONE") => CancelStatus::Done,
        Some("IN_PROGRESS") => CancelStatus::Pending,
        Some("ABORTED") => CancelStatus::Aborted,
        Some(other) => return Err(format!("the cancel status {} is new to us", clean(other, 40))),
    };
    let reason = clean(line.cancel_reason.as_deref().unwrap_or_default(), REASON_CHARS_MAX);
    Ok((
        Refunded {
            pg_key: line.transaction_key.clone(),
            amount,
            at,
            reason,
        },
        status,
    ))
}

fn method(payment: &wire::Payment) -> Option<Method> {
    let issuer = payment.card.as_ref().and_then(|card| card.issuer_code.as_deref());
    match payment.method.as_deref().and_then(codes::method)? {
        Method::Card if issuer.is_some_and(|code| codes::OVERSEAS_ISSUERS.contains(&code)) => {
            Some(Method::OverseasCard)
        }
        method => Some(method),
    }
}

fn means(payment: &wire::Payment) -> Means {
    let bank = |code: &Option<String>| name(codes::bank(code.as_deref().unwrap_or_default()));
    let easy_pay = payment
        .easy_pay
        .as_ref()
        .and_then(|easy_pay| easy_pay.provider.as_deref());
    if let Some(provider) = easy_pay {
        return Means::EasyPay {
            provider: name(codes::easy_pay(provider)),
            card: payment.card.as_ref().map(card),
        };
    }
    match (method(payment), payment) {
        (_, wire::Payment { card: Some(paid), .. }) => Means::Card(card(paid)),
        (
            _,
            wire::Payment {
                virtual_account: Some(account),
                ..
            },
        ) => Means::VirtualAccount(VirtualAccount {
            bank: bank(&account.bank_code),
            number: name(&account.account_number),
            holder: name(account.customer_name.as_deref().unwrap_or_default()),
            due_at: account.due_date.as_deref().and_then(time),
            depositor: account
                .depositor_name
                .as_deref()
                .filter(|text| !text.is_empty())
                .map(name),
            expired: account.expired.unwrap_or(false),
        }),
        (
            _,
            wire::Payment {
                transfer: Some(transfer),
                ..
            },
        ) => Means::Transfer {
            bank: bank(&transfer.bank_code),
        },
        (
            _,
            wire::Payment {
                mobile_phone: Some(phone),
                ..
            },
        ) => Means::Mobile {
            phone_masked: mask(phone.customer_mobile_phone.as_deref().unwrap_or_default()),
        },
        (Some(Method::GiftVoucher), _) => Means::GiftVoucher,
        _ => Means::Unknown,
    }
}

fn card(card: &wire::Card) -> Card {
    let text = |field: &Option<String>| name(field.as_deref().unwrap_or_default());
    Card {
        issuer: name(codes::card_company(card.issuer_code.as_deref().unwrap_or_default())),
        number_masked: masked_number(card.number.as_deref().unwrap_or_default()),
        instalment_months: card.installment_plan_months.unwrap_or(0),
        interest_free: card.is_interest_free.unwrap_or(false),
        approval_number: text(&card.approve_no),
    }
}

/// As Toss masks it. Should a whole number ever come, it goes no further than here.
fn masked_number(number: &str) -> String {
    const DIGITS_SHOWN_MAX: usize = 10;
    let mut digits = 0;
    let shown = number.chars().take(20).map(|letter| {
        digits += usize::from(letter.is_ascii_digit());
        if letter.is_ascii_digit() && digits > DIGITS_SHOWN_MAX && !number.contains('*') {
            '*'
        } else {
            letter
        }
    });
    clean(&shown.collect::<String>(), 20)
}

/// `01012345678` becomes `010****5678`.
fn mask(phone: &str) -> String {
    let letters: Vec<char> = phone.chars().take(20).collect();
    if letters.len() < 8 {
        return "*".repeat(letters.len());
    }
    let hidden = 3..letters.len() - 4;
    letters
        .iter()
        .enumerate()
        .map(|(place, letter)| if hidden.contains(&place) { '*' } else { *letter })
        .collect()
}

pub(super) fn cash_receipt(receipt: wire::CashReceipt, currency: Currency) -> Option<CashReceipt> {
    Some(CashReceipt {
        kind: match receipt.kind.as_str() {
            "소득공제" => CashReceiptKind::IncomeDeduction,
            "지출증빙" => CashReceiptKind::ExpenseProof,
            _ => return None,
        },
        amount: receipt.amount.money(currency)?,
        issue_number: clean(receipt.issue_number.as_deref().unwrap_or_default(), NAME_CHARS_MAX),
        url: receipt.receipt_url.filter(|url| is_link(url)),
        pg_key: Some(receipt.receipt_key).filter(|key| well_formed_key(key, KEY_CHARS_MAX))?,
    })
}

pub(super) fn receipt_kind(kind: CashReceiptKind) -> &'static str {
    match kind {
        CashReceiptKind::IncomeDeduction => "소득공제",
        CashReceiptKind::ExpenseProof => "지출증빙",
    }
}

/// With an offset; or without one, which at Toss is Korean time.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    const KOREA: jiff::tz::Offset = jiff::tz::Offset::constant(9);
    const CHARS_MAX: usize = 40;
    if text.len() > CHARS_MAX {
        return None;
    }
    Timestamp::parse(text).or_else(|| {
        let local: jiff::civil::DateTime = text.parse().ok()?;
        Some(Timestamp::from_micros(KOREA.to_timestamp(local).ok()?.as_microsecond()))
    })
}

/// Text that others wrote, made fit to be stored, logged and shown: one line, and short.
pub(super) fn clean(text: &str, chars_max: usize) -> String {
    text.chars()
        .take(chars_max)
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect()
}

fn name(text: &str) -> String {
    clean(text, NAME_CHARS_MAX)
}

/// It ends up behind a link on our pages, so nothing but the web's own scheme will do.
fn is_link(url: &str) -> bool {
    let web = url.starts_with("https://") || url.starts_with("http://");
    web && url.len() <= URL_CHARS_MAX && url.bytes().all(|byte| byte.is_ascii_graphic())
}

//! NICE's words into ours.

use vocabulary::pg::{Card, CashReceipt, CashReceiptKind, Means, Refunded, Report, Standing, VirtualAccount};
use vocabulary::{Currency, Failure, Method, Money, Reason, Secret, Timestamp};

use super::client::{SUCCESS, well_formed_key};
use super::{codes, errors, sign, wire};
use crate::decimal::Decimal;

pub(super) const CODE_CHARS_MAX: usize = 20;
/// The window's messages are the longest.
pub(super) const MESSAGE_CHARS_MAX: usize = 500;
pub(super) const TID_CHARS_MAX: usize = 30;
pub(super) const ORDER_ID_CHARS_MAX: usize = 64;
const URL_CHARS_MAX: usize = 2000;
const NAME_CHARS_MAX: usize = 100;
const REASON_CHARS_MAX: usize = 200;
/// A payment in 100-won steps could be canceled more often; nobody does.
const CANCELS_MAX: usize = 1000;
const KOREA: jiff::tz::Offset = jiff::tz::Offset::constant(9);

/// What we asked about. An answer about anything else is not believed.
pub(super) struct Asked<'a> {
    pub(super) pg_key: Option<&'a str>,
    pub(super) order_id: &'a str,
    /// The id of a cancel of it. Whether NICE repeats that or the payment's is not documented.
    pub(super) or_order_id: Option<&'a str>,
}

pub(super) enum Unbelieved {
    /// The answer is about another payment.
    Other(String),
    Unreadable(String),
}

impl Unbelieved {
    pub(super) fn text(self) -> String {
        let (Unbelieved::Other(text) | Unbelieved::Unreadable(text)) = self;
        text
    }
}

/// Reads an answer that must be the payment asked about, signed by NICE.
pub(super) fn payment(
    body: &[u8],
    asked: &Asked<'_>,
    secret_key: &Secret<String>,
) -> Result<wire::Payment, Unbelieved> {
    let payment: wire::Payment = serde_json::from_slice(body)
        .map_err(|error| Unbelieved::Unreadable(format!("the answer is not a payment ({})", place(&error))))?;
    if payment.order_id != asked.order_id && Some(payment.order_id.as_str()) != asked.or_order_id {
        return Err(Unbelieved::Other("the answer is about another order".into()));
    }
    if asked.pg_key.is_some_and(|key| key != payment.tid) {
        return Err(Unbelieved::Other("the answer is about another tid".into()));
    }
    match signed(&payment, secret_key) {
        Some(true) => Ok(payment),
        Some(false) => Err(Unbelieved::Unreadable("the answer is signed wrongly".into())),
        // Only what came to nothing goes unsigned.
        None if matches!(payment.status.as_str(), "failed" | "expired") => Ok(payment),
        None => Err(Unbelieved::Unreadable("the answer is not signed".into())),
    }
}

/// `None`: no signature is given.
pub(super) fn signed(payment: &wire::Payment, secret_key: &Secret<String>) -> Option<bool> {
    let given = payment.signature.as_deref().filter(|signature| !signature.is_empty())?;
    let edi_date = payment.edi_date.as_deref().unwrap_or_default();
    let verified = won(payment.amount)
        .map(|amount| amount.minor.to_string())
        .is_some_and(|amount| sign::verify(given, &[&payment.tid, &amount, edi_date], secret_key));
    Some(verified)
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

/// `Err` where what decides about money makes no sense; the text says what. `order_id` is the payment's own.
pub(super) fn report(payment: wire::Payment, order_id: &str) -> Result<Report, String> {
    if !well_formed_key(&payment.tid, TID_CHARS_MAX) {
        return Err("the tid is not one".into());
    }
    if payment.currency.as_deref().is_some_and(|currency| currency != "KRW") {
        return Err("the payment is not in won".into());
    }
    let amount = won(payment.amount).ok_or("the amount is no amount of won")?;
    let balance = won(payment.balance_amt).ok_or("the balance is no amount of won")?;
    if balance.minor < 0 || balance.minor > amount.minor {
        return Err(format!("the balance of {balance} does not fit the total of {amount}"));
    }
    let cancels = cancels(&payment)?;
    let standing = standing(&payment)?;
    Ok(Report {
        standing,
        amount,
        balance,
        method: method(&payment),
        means: means(&payment),
        approved_at: payment.paid_at.as_deref().and_then(time),
        cancels,
        notice_secret: None,
        receipt_url: payment.receipt_url.clone().filter(|url| is_link(url)),
        cash_receipt: payment
            .cash_receipts
            .as_deref()
            .unwrap_or_default()
            .iter()
            .rev()
            .find_map(cash_receipt),
        // Where it is not said, NICE decides when asked.
        partial_cancel_allowed: payment
            .card
            .as_ref()
            .and_then(|card| card.can_part_cancel.as_ref()?.yes())
            .unwrap_or(true),
        pg_key: payment.tid,
        pg_order_id: order_id.to_owned(),
    })
}

fn standing(payment: &wire::Payment) -> Result<Standing, String> {
    Ok(match payment.status.as_str() {
        "ready" => Standing::WaitingForDeposit,
        // An account whose day is over, which the means say.
        "expired" if payment.vbank.is_some() => Standing::WaitingForDeposit,
        "expired" => Standing::Failed(Failure::ours(Reason::Expired)),
        "paid" | "partialCancelled" => Standing::Approved,
        "cancelled" => Standing::Canceled,
        "failed" => {
            let code = payment.result_code.as_deref().filter(|code| *code != SUCCESS);
            let code = clean(code.unwrap_or_default(), CODE_CHARS_MAX);
            Standing::Failed(Failure {
                reason: errors::reason(&code),
                pg_message: clean(payment.result_msg.as_deref().unwrap_or_default(), MESSAGE_CHARS_MAX),
                pg_code: code,
            })
        }
        other => return Err(format!("the status {} is new to us", clean(other, 40))),
    })
}

/// Oldest first. NICE promises no order.
pub(super) fn cancels(payment: &wire::Payment) -> Result<Vec<Refunded>, String> {
    let lines = payment.cancels.as_deref().unwrap_or_default();
    if lines.len() > CANCELS_MAX {
        return Err(format!("over {CANCELS_MAX} cancels are listed"));
    }
    let mut cancels = lines.iter().map(cancel).collect::<Result<Vec<_>, _>>()?;
    cancels.sort_by_key(|line| line.at);
    Ok(cancels)
}

fn cancel(line: &wire::Cancel) -> Result<Refunded, String> {
    if !well_formed_key(&line.tid, TID_CHARS_MAX) {
        return Err("a cancel's tid is not one".into());
    }
    let amount = won(line.amount)
        .filter(|amount| amount.is_positive())
        .ok_or("a cancel's sum is no amount of won")?;
    Ok(Refunded {
        pg_key: line.tid.clone(),
        amount,
        at: time(&line.cancelled_at).ok_or("a cancel's time cannot be read")?,
        reason: clean(line.reason.as_deref().unwrap_or_default(), REASON_CHARS_MAX),
    })
}

fn method(payment: &wire::Payment) -> Option<Method> {
    let company = payment.card.as_ref().and_then(|card| card.card_code.as_deref());
    Some(match payment.pay_method.as_deref()? {
        "card" if company.is_some_and(|code| codes::OVERSEAS_CARDS.contains(&code)) => Method::OverseasCard,
        "card" => Method::Card,
        "bank" => Method::Transfer,
        "vbank" => Method::VirtualAccount,
        "cellphone" => Method::Mobile,
        easy_pay => return codes::easy_pay(easy_pay).map(|_| Method::EasyPay),
    })
}

fn means(payment: &wire::Payment) -> Means {
    let paid_with = payment.pay_method.as_deref().unwrap_or_default();
    if let Some(provider) = codes::easy_pay(paid_with) {
        // Points and a purse's own money come with a card that has no number.
        let with_card = payment.card.as_ref().filter(|card| card.card_num.is_some());
        return Means::EasyPay {
            provider: provider.to_owned(),
            card: with_card.map(|paid| card(payment, paid)),
        };
    }
    match (paid_with, &payment.card, &payment.bank, &payment.vbank) {
        ("card", Some(paid), _, _) => Means::Card(card(payment, paid)),
        ("vbank", _, _, Some(account)) => Means::VirtualAccount(VirtualAccount {
            bank: named(&account.vbank_code, &account.vbank_name, codes::bank),
            number: name(&account.vbank_number),
            holder: name(account.vbank_holder.as_deref().unwrap_or_default()),
            due_at: account.vbank_exp_date.as_deref().and_then(day_or_time),
            depositor: None,
            expired: payment.status == "expired",
        }),
        ("bank", _, Some(paid), _) => Means::Transfer {
            bank: named(&paid.bank_code, &paid.bank_name, codes::bank),
        },
        ("cellphone", ..) => Means::Mobile {
            phone_masked: mask(payment.buyer_tel.as_deref().unwrap_or_default()),
        },
        _ => Means::Unknown,
    }
}

/// Our name for a code, theirs where we have none.
fn named(code: &Option<String>, theirs: &Option<String>, ours: fn(&str) -> &str) -> String {
    let code = code.as_deref().unwrap_or_default();
    let known = ours(code);
    let theirs = theirs.as_deref().filter(|theirs| known == code && !theirs.is_empty());
    name(theirs.unwrap_or(known))
}

fn card(payment: &wire::Payment, card: &wire::Card) -> Card {
    Card {
        issuer: named(&card.card_code, &card.card_name, codes::card_company),
        number_masked: masked_number(card.card_num.as_deref().unwrap_or_default()),
        instalment_months: card.card_quota.as_ref().and_then(wire::Word::number).unwrap_or(0),
        interest_free: card
            .is_interest_free
            .as_ref()
            .and_then(wire::Word::yes)
            .unwrap_or(false),
        approval_number: name(payment.approve_no.as_deref().unwrap_or_default()),
    }
}

/// As NICE masks it. Should a whole number ever come, it goes no further than here.
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

fn cash_receipt(receipt: &wire::CashReceipt) -> Option<CashReceipt> {
    if !matches!(receipt.status.as_deref(), None | Some("issueRequested" | "issued")) {
        return None;
    }
    Some(CashReceipt {
        kind: match receipt.receipt_type.as_str() {
            "individual" => CashReceiptKind::IncomeDeduction,
            "company" => CashReceiptKind::ExpenseProof,
            _ => return None,
        },
        amount: won(receipt.amount)?,
        issue_number: name(receipt.issue_no.as_deref().unwrap_or_default()),
        url: receipt.receipt_url.clone().filter(|url| is_link(url)),
        pg_key: Some(receipt.receipt_tid.clone()).filter(|key| well_formed_key(key, TID_CHARS_MAX))?,
    })
}

pub(super) fn receipt_kind(kind: CashReceiptKind) -> &'static str {
    match kind {
        CashReceiptKind::IncomeDeduction => "individual",
        CashReceiptKind::ExpenseProof => "company",
    }
}

pub(super) fn won(number: Decimal) -> Option<Money> {
    number.money(Currency::KRW)
}

/// `2026-03-01T10:15:31.000+0900`, as NICE writes it, or with a colon; without an offset it is Korean time.
/// `0` is none.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    const CHARS_MAX: usize = 40;
    if text.len() > CHARS_MAX || !text.is_ascii() {
        return None;
    }
    let (before, offset) = text.split_at(text.len().saturating_sub(5));
    let colonless = offset.starts_with(['+', '-']) && offset[1..].bytes().all(|byte| byte.is_ascii_digit());
    if colonless && before.contains('T') {
        return Timestamp::parse(&format!("{before}{}:{}", &offset[..3], &offset[3..]));
    }
    Timestamp::parse(text).or_else(|| {
        let local: jiff::civil::DateTime = Some(text).filter(|text| text.contains('T'))?.parse().ok()?;
        in_korea(local)
    })
}

/// The day a virtual account runs out: the manual has it in several forms. A day alone means its end.
fn day_or_time(text: &str) -> Option<Timestamp> {
    if let Some(time) = time(text) {
        return Some(time);
    }
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let form = match text.len() {
        8 if digits => "%Y%m%d",
        12 if digits => "%Y%m%d%H%M",
        14 if digits => "%Y%m%d%H%M%S",
        10 => "%Y-%m-%d",
        _ => return None,
    };
    if text.len() <= 10 {
        return in_korea(jiff::civil::Date::strptime(form, text).ok()?.at(23, 59, 59, 0));
    }
    in_korea(jiff::civil::DateTime::strptime(form, text).ok()?)
}

fn in_korea(local: jiff::civil::DateTime) -> Option<Timestamp> {
    Some(Timestamp::from_micros(KOREA.to_timestamp(local).ok()?.as_microsecond()))
}

/// Text that others wrote, made fit to be stored, logged and shown: one line, and short.
pub(super) fn clean(text: &str, chars_max: usize) -> String {
    text.chars()
        .take(chars_max)
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect()
}

/// The same, within the bytes that NICE counts in.
pub(super) fn cut(text: &str, bytes_max: usize) -> String {
    let mut cut = String::new();
    for letter in clean(text.trim(), bytes_max).chars() {
        if cut.len() + letter.len_utf8() > bytes_max {
            break;
        }
        cut.push(letter);
    }
    cut.trim_end().to_owned()
}

fn name(text: &str) -> String {
    clean(text, NAME_CHARS_MAX)
}

/// It ends up behind a link on our pages, so nothing but the web's own scheme will do.
fn is_link(url: &str) -> bool {
    let web = url.starts_with("https://") || url.starts_with("http://");
    web && url.len() <= URL_CHARS_MAX && url.bytes().all(|byte| byte.is_ascii_graphic())
}

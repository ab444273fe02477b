//! Parameters for `TossPayments(clientKey).payment({customerKey}).requestPayment(request)`.

use serde::Serialize;
use vocabulary::pg::CashReceiptKind;
use vocabulary::{Method, Money};

use super::config::Config;
use super::map;
use crate::decimal::Major;
use crate::{Bill, EscrowItem, Locale, MethodRules, TaxShare, Unsupported, Window};

/// Nobody is remembered between payments; Toss's word for that.
const ANONYMOUS: &str = "@@ANONYMOUS";
const ORDER_NAME_CHARS_MAX: usize = 100;
const CUSTOMER_CHARS_MAX: usize = 100;
const INSTALMENT_MONTHS_MIN: u8 = 2;
/// 90 days.
const DEPOSIT_HOURS_MAX: i64 = 2160;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Parameters<'a> {
    client_key: &'a str,
    customer_key: &'static str,
    request: Request<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    method: &'static str,
    amount: Amount,
    order_id: &'a str,
    order_name: String,
    success_url: &'a str,
    fail_url: &'a str,
    window_target: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_mobile_phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_free_amount: Option<Major>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card: Option<Card<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transfer: Option<Account<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    virtual_account: Option<Account<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    foreign_easy_pay: Option<ForeignEasyPay>,
}

#[derive(Serialize)]
struct Amount {
    currency: &'static str,
    value: Major,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Card<'a> {
    flow_mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    easy_pay: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card_installment_plan: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_card_installment_plan: Option<u8>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    free_installment_plans: Vec<FreeInstallment<'a>>,
    use_escrow: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    escrow_products: Vec<EscrowProduct<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_exemption_amount: Option<Major>,
    #[serde(skip_serializing_if = "Option::is_none")]
    use_international_card_only: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'static str>,
}

#[derive(Serialize)]
struct FreeInstallment<'a> {
    company: &'a str,
    months: &'a [u8],
}

/// `transfer` and `virtualAccount`, which differ only in the deposit's time.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Account<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    cash_receipt: Option<CashReceipt>,
    use_escrow: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    escrow_products: Vec<EscrowProduct<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_hours: Option<i64>,
    is_cultural_expenses: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_exemption_amount: Option<Major>,
}

#[derive(Serialize)]
struct CashReceipt {
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EscrowProduct<'a> {
    id: &'a str,
    name: &'a str,
    code: &'a str,
    unit_price: Major,
    quantity: u32,
}

#[derive(Serialize)]
struct ForeignEasyPay {
    provider: &'static str,
    country: &'static str,
}

/// The window of one bill. Names too long for Toss are cut, an e-mail or phone it would refuse
/// is left out: neither is worth losing a sale. What it cannot do at all is `Unsupported`.
pub(super) fn window(config: &Config, rules: &MethodRules, bill: &Bill) -> Result<Window, Unsupported> {
    let kind = kind(rules, bill)?;
    check(rules, bill)?;
    let mut request = request(bill);
    match bill.method {
        Method::Card => request.card = Some(card(rules, bill)),
        Method::EasyPay => {
            let flow_mode = if kind.is_some() { "DIRECT" } else { "DEFAULT" };
            request.card = Some(Card {
                flow_mode,
                easy_pay: kind,
                ..card(rules, bill)
            });
        }
        Method::OverseasCard => {
            let language = Some(language(bill.locale));
            request.card = Some(Card {
                flow_mode: "DEFAULT",
                use_international_card_only: Some(true),
                language,
                ..Card::default()
            });
        }
        Method::Transfer => {
            request.method = "TRANSFER";
            request.transfer = Some(account(bill));
        }
        Method::VirtualAccount => {
            request.method = "VIRTUAL_ACCOUNT";
            request.virtual_account = Some(deposit(bill)?);
        }
        Method::Mobile => request.method = "MOBILE_PHONE",
        Method::GiftVoucher => {
            request.method = match kind {
                Some("BOOK") => "BOOK_GIFT_CERTIFICATE",
                Some("GAME") => "GAME_GIFT_CERTIFICATE",
                // Also where no kind was chosen: by far the most used.
                _ => "CULTURE_GIFT_CERTIFICATE",
            };
        }
        Method::OverseasEasyPay => {
            request.method = "FOREIGN_EASY_PAY";
            request.foreign_easy_pay = Some(ForeignEasyPay {
                provider: kind.unwrap_or("PAYPAL"),
                country: "KR",
            });
        }
    }
    let parameters = Parameters {
        client_key: &config.client_key,
        customer_key: ANONYMOUS,
        request,
    };
    let parameters = serde_json::to_string(&parameters).map_err(|_| Unsupported("such amounts"))?;
    Ok(Window {
        script_url: config.script_url.clone(),
        origins: config.origins.clone(),
        opener: "toss",
        parameters: harmless(&parameters),
    })
}

fn kind(rules: &MethodRules, bill: &Bill) -> Result<Option<&'static str>, Unsupported> {
    let Some(kind) = bill.kind.as_deref() else {
        return Ok(None);
    };
    let known = rules.kinds.iter().copied().find(|known| *known == kind);
    known.map(Some).ok_or(Unsupported("this kind of the method"))
}

fn check(rules: &MethodRules, bill: &Bill) -> Result<(), Unsupported> {
    if !rules.currencies.contains(&bill.amount.currency) {
        return Err(Unsupported("this currency with this method"));
    }
    if !bill.amount.is_positive() {
        return Err(Unsupported("amounts of nothing"));
    }
    let order_id = bill.pg_order_id.as_bytes();
    let letters = order_id
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if !(6..=64).contains(&order_id.len()) || !letters {
        return Err(Unsupported(
            "such an order id: it takes 6 to 64 letters, digits, - and _",
        ));
    }
    if bill
        .instalment_months
        .is_some_and(|months| months == 1 || months > rules.instalment_months_max)
    {
        return Err(Unsupported("so many monthly instalments with this method"));
    }
    Ok(())
}

fn request(bill: &Bill) -> Request<'_> {
    let order_name = map::clean(bill.order_name.trim(), ORDER_NAME_CHARS_MAX);
    let phone = bill
        .customer_phone
        .as_ref()
        .map(|phone| phone.reveal_for("toss window"));
    let TaxShare { tax_free, .. } = bill.tax;
    Request {
        method: "CARD",
        amount: Amount {
            currency: bill.amount.currency.code(),
            value: Major(bill.amount),
        },
        order_id: &bill.pg_order_id,
        order_name: if order_name.is_empty() {
            bill.pg_order_id.clone()
        } else {
            order_name
        },
        success_url: &bill.success_url,
        fail_url: &bill.fail_url,
        // On a phone Toss refuses the overlay.
        window_target: if bill.mobile { "self" } else { "iframe" },
        customer_name: bill
            .customer_name
            .as_deref()
            .map(|name| map::clean(name.trim(), CUSTOMER_CHARS_MAX))
            .filter(|name| !name.is_empty()),
        customer_email: bill
            .customer_email
            .as_deref()
            .filter(|mail| (3..=CUSTOMER_CHARS_MAX).contains(&mail.len())),
        customer_mobile_phone: phone.filter(|digits| (8..=15).contains(&digits.len())),
        tax_free_amount: more_than_nothing(tax_free),
        card: None,
        transfer: None,
        virtual_account: None,
        foreign_easy_pay: None,
    }
}

fn card<'a>(rules: &MethodRules, bill: &'a Bill) -> Card<'a> {
    let cap = bill
        .instalment_months_max
        .map(|months| months.min(rules.instalment_months_max));
    // A cap below the smallest plan leaves paying at once.
    let fixed = bill
        .instalment_months
        .or(cap.filter(|months| *months < INSTALMENT_MONTHS_MIN).map(|_| 0));
    let plan = |(company, months)| FreeInstallment { company, months };
    let plans = bill
        .interest_free
        .iter()
        .map(|(company, months)| (company.as_str(), months.as_slice()));
    Card {
        flow_mode: "DEFAULT",
        card_installment_plan: fixed,
        // Toss takes one of the two, not both.
        max_card_installment_plan: cap.filter(|_| fixed.is_none()),
        free_installment_plans: plans.map(plan).collect(),
        use_escrow: bill.escrow,
        escrow_products: escrow_products(bill),
        tax_exemption_amount: more_than_nothing(bill.tax.exempt),
        language: Some(language(bill.locale)).filter(|language| *language != "KO"),
        ..Card::default()
    }
}

fn account(bill: &Bill) -> Account<'_> {
    Account {
        // Unsaid, the window asks the shopper.
        cash_receipt: bill.cash_receipt.map(|kind: CashReceiptKind| CashReceipt {
            kind: map::receipt_kind(kind),
        }),
        use_escrow: bill.escrow,
        escrow_products: escrow_products(bill),
        due_date: None,
        valid_hours: None,
        is_cultural_expenses: bill.culture_expense,
        tax_exemption_amount: more_than_nothing(bill.tax.exempt),
    }
}

/// The moment rather than the hours where both are known: it is what the shopper was promised.
fn deposit(bill: &Bill) -> Result<Account<'_>, Unsupported> {
    let hours = bill.deposit_within.map(|within| within.as_seconds() / 3600);
    if hours.is_some_and(|hours| hours > DEPOSIT_HOURS_MAX) {
        return Err(Unsupported("deposits after more than 90 days"));
    }
    // Korean time; the manual's form has no offset.
    let due_date = bill
        .deposit_due_at
        .map(|at| at.in_korea().chars().take("2026-03-01T10:15:31".len()).collect());
    let valid_hours = hours
        .map(|hours| hours.max(1))
        .filter(|_| bill.deposit_due_at.is_none());
    Ok(Account {
        due_date,
        valid_hours,
        ..account(bill)
    })
}

fn escrow_products(bill: &Bill) -> Vec<EscrowProduct<'_>> {
    let items = if bill.escrow { bill.escrow_items.as_slice() } else { &[] };
    items.iter().map(escrow_product).collect()
}

fn escrow_product(item: &EscrowItem) -> EscrowProduct<'_> {
    let EscrowItem {
        id,
        name,
        code,
        unit_price,
        quantity,
    } = item;
    EscrowProduct {
        id,
        name,
        code,
        unit_price: Major(*unit_price),
        quantity: *quantity,
    }
}

fn more_than_nothing(amount: Money) -> Option<Major> {
    amount.is_positive().then_some(Major(amount))
}

fn language(locale: Locale) -> &'static str {
    match locale {
        Locale::Korean => "KO",
        Locale::English => "EN",
        Locale::Japanese => "JA",
        Locale::Chinese => "ZH",
    }
}

/// In JSON these letters stand only inside strings, where their escapes mean the same; without
/// them no text of a shop can end the element the page puts this in.
fn harmless(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for letter in json.chars() {
        match letter {
            '<' | '>' | '&' | '\'' | '\u{2028}' | '\u{2029}' => {
                text.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            _ => text.push(letter),
        }
    }
    text
}

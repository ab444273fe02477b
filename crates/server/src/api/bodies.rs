//! What shops send, and how it becomes commands. Each type is a promise to strangers: see the OpenAPI description.

use std::collections::BTreeMap;

use flows::Choice;
use payments::{Confirm, Customer, EscrowItem, InterestFree, LateApproval, NewPayment, Order, Terms, Texts};
use serde::Deserialize;
use utoipa::ToSchema;
use vocabulary::pg::CashReceiptKind;
use vocabulary::{Currency, Duration, Method, Money};

use crate::problem::{Code, Problem, order_error};

const ESCROW_TEXT_CHARS_MAX: usize = 100;
const METHODS_MAX: usize = 20;

/// How the shopper pays.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = Method)]
pub(crate) enum MethodWord {
    Card,
    EasyPay,
    Transfer,
    VirtualAccount,
    Mobile,
    GiftVoucher,
    OverseasCard,
    OverseasEasyPay,
}

impl From<MethodWord> for Method {
    fn from(word: MethodWord) -> Method {
        match word {
            MethodWord::Card => Method::Card,
            MethodWord::EasyPay => Method::EasyPay,
            MethodWord::Transfer => Method::Transfer,
            MethodWord::VirtualAccount => Method::VirtualAccount,
            MethodWord::Mobile => Method::Mobile,
            MethodWord::GiftVoucher => Method::GiftVoucher,
            MethodWord::OverseasCard => Method::OverseasCard,
            MethodWord::OverseasEasyPay => Method::OverseasEasyPay,
        }
    }
}

/// Who has the last word before money moves: the server at once, or the shop by `confirm` and `refuse`.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = Confirm)]
pub(crate) enum ConfirmWord {
    Automatic,
    ByShop,
}

/// What to do with a PG's yes that comes after the payment was given up.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = LateApproval)]
pub(crate) enum LateApprovalWord {
    Cancel,
    Accept,
}

/// For whom a cash receipt (현금영수증) is: 소득공제 or 지출증빙.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = CashReceiptKind)]
pub(crate) enum ReceiptWord {
    IncomeDeduction,
    ExpenseProof,
}

impl From<ReceiptWord> for CashReceiptKind {
    fn from(word: ReceiptWord) -> CashReceiptKind {
        match word {
            ReceiptWord::IncomeDeduction => CashReceiptKind::IncomeDeduction,
            ReceiptWord::ExpenseProof => CashReceiptKind::ExpenseProof,
        }
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CreatePaymentBody {
    /// The shop's own order number, unique within shop and mode.
    #[schema(pattern = "^[A-Za-z0-9_-]{6,64}$", example = "order-20261125-0001")]
    order_id: String,
    #[schema(min_length = 1, max_length = 100, example = "만년필 외 2건")]
    order_name: String,
    /// In the currency's smallest unit: 15000 is ₩15,000, and $150.00 with currency USD.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_i64, example = 15000)]
    amount: i64,
    /// ISO 4217; KRW unless given.
    #[schema(example = "KRW", min_length = 3, max_length = 3)]
    currency: Option<String>,
    /// The part of the amount that is free of VAT (면세).
    #[schema(minimum = 0)]
    tax_free_amount: Option<i64>,
    /// The part of the amount outside VAT altogether, such as a cup deposit.
    #[schema(minimum = 0)]
    tax_exempt_amount: Option<i64>,
    /// Methods the shopper may choose from; all there are unless given.
    #[schema(max_items = 20)]
    methods: Option<Vec<MethodWord>>,
    confirm: Option<ConfirmWord>,
    /// How long the shopper may take; 30 unless given.
    #[schema(minimum = 1, maximum = 43200)]
    expires_in_minutes: Option<u32>,
    /// How long a virtual account waits for its deposit; 168 unless given.
    #[schema(minimum = 1, maximum = 2160)]
    deposit_within_hours: Option<u32>,
    /// Most months of instalments to offer; 0 for none.
    #[schema(minimum = 0, maximum = 36)]
    instalment_months_max: Option<u8>,
    /// Instalments for which the shop pays the interest.
    #[schema(max_items = 30)]
    interest_free: Option<Vec<InterestFreeBody>>,
    /// Ask the PG for this receipt with a transfer or deposit.
    cash_receipt: Option<ReceiptWord>,
    escrow: Option<EscrowBody>,
    /// 문화비 소득공제: books, shows, museums.
    culture_expense: Option<bool>,
    late_approval: Option<LateApprovalWord>,
    /// Where the hosted page leads back to; paymentId, orderId and status are added as a hint.
    #[schema(example = "https://shop.example/orders/1", max_length = 2000)]
    return_url: Option<String>,
    customer: Option<CustomerBody>,
    /// Up to 20 notes of the shop's own, returned with every answer and webhook.
    metadata: Option<BTreeMap<String, String>>,
    /// Opens the first attempt at once.
    method: Option<MethodWord>,
    /// Easy-pay provider or voucher kind of that attempt.
    kind: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct InterestFreeBody {
    /// The PG's code of the card company.
    #[schema(example = "61", min_length = 1)]
    company: String,
    #[schema(min_items = 1)]
    months: Vec<u8>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct EscrowBody {
    #[schema(max_items = 50)]
    items: Vec<EscrowItemBody>,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct EscrowItemBody {
    id: String,
    name: String,
    code: String,
    unit_price: i64,
    #[schema(minimum = 1)]
    quantity: u32,
}

#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct CustomerBody {
    #[schema(min_length = 1, max_length = 100)]
    name: Option<String>,
    #[schema(max_length = 100, example = "kim@example.kr")]
    email: Option<String>,
    /// Digits; dashes are dropped.
    #[schema(example = "010-1234-5678")]
    phone: Option<String>,
}

impl CreatePaymentBody {
    pub fn command(self) -> Result<(NewPayment, Option<Choice>), Problem> {
        let currency = self.currency.as_deref().map_or(Ok(Currency::KRW), str::parse);
        let currency = currency.map_err(|_| {
            invalid(
                "currency",
                "takes an ISO 4217 code such as KRW",
                "KRW 같은 ISO 4217 통화 코드를 써 주세요",
            )
        })?;
        let money = |minor| Money::new(minor, currency);
        let part = |minor: Option<i64>| money(minor.unwrap_or(0));
        let id = self.order_id.parse().map_err(|error| order_error(&error))?;
        let (tax_free, exempt) = (part(self.tax_free_amount), part(self.tax_exempt_amount));
        let order = Order::new(id, &self.order_name, money(self.amount), tax_free, exempt);
        let order = order.map_err(|error| order_error(&error))?;
        let first = first_choice(self.method, self.kind)?;
        let methods = self.methods.unwrap_or_default();
        if methods.len() > METHODS_MAX {
            return Err(invalid("methods", "takes up to 20 methods", "20개까지 써 주세요"));
        }
        let defaults = Terms::default();
        let escrow = self.escrow.map(|escrow| escrow.items);
        let terms = Terms {
            confirm: match self.confirm {
                Some(ConfirmWord::ByShop) => Confirm::ByShop,
                Some(ConfirmWord::Automatic) | None => Confirm::Automatic,
            },
            methods: methods.into_iter().map(Method::from).collect(),
            lifetime: self
                .expires_in_minutes
                .map_or(defaults.lifetime, |minutes| Duration::minutes(i64::from(minutes))),
            instalment_months_max: self.instalment_months_max,
            interest_free: self
                .interest_free
                .unwrap_or_default()
                .into_iter()
                .map(InterestFree::from)
                .collect(),
            deposit_within: self
                .deposit_within_hours
                .map_or(defaults.deposit_within, |hours| Duration::hours(i64::from(hours))),
            cash_receipt: self.cash_receipt.map(CashReceiptKind::from),
            escrow: escrow.is_some(),
            escrow_items: escrow_items(escrow.unwrap_or_default(), currency)?,
            culture_expense: self.culture_expense.unwrap_or(false),
            late_approval: match self.late_approval {
                Some(LateApprovalWord::Accept) => LateApproval::Accept,
                Some(LateApprovalWord::Cancel) | None => LateApproval::Cancel,
            },
            return_url: self.return_url.map(return_url).transpose()?,
        };
        terms.check(currency).map_err(|error| order_error(&error))?;
        let customer = self.customer.unwrap_or_default();
        let customer = Customer::new(
            customer.name.as_deref(),
            customer.email.as_deref(),
            customer.phone.as_deref(),
        );
        let customer = customer.map_err(|error| order_error(&error))?;
        let metadata = Texts::new(self.metadata.unwrap_or_default()).map_err(|error| order_error(&error))?;
        Ok((
            NewPayment {
                order,
                terms,
                customer,
                metadata,
            },
            first,
        ))
    }
}

fn first_choice(method: Option<MethodWord>, kind: Option<String>) -> Result<Option<Choice>, Problem> {
    match (method, kind) {
        (Some(method), kind) => Ok(Some(Choice {
            method: method.into(),
            kind,
            instalment_months: None,
        })),
        (None, Some(_)) => Err(invalid("kind", "needs `method` beside it", "`method`와 함께 써 주세요")),
        (None, None) => Ok(None),
    }
}

/// It becomes a link and a policy's origin, so it must be an address that browsers read as we do.
fn return_url(text: String) -> Result<String, Problem> {
    let read = url::Url::parse(&text).ok();
    let fine = read.is_some_and(|url| {
        matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none()
    });
    if fine && !text.chars().any(|letter| letter.is_whitespace() || letter.is_control()) {
        return Ok(text);
    }
    Err(order_error(&payments::OrderError::ReturnUrl))
}

impl From<InterestFreeBody> for InterestFree {
    fn from(body: InterestFreeBody) -> InterestFree {
        InterestFree {
            company: body.company,
            months: body.months,
        }
    }
}

fn escrow_items(items: Vec<EscrowItemBody>, currency: Currency) -> Result<Vec<EscrowItem>, Problem> {
    let too_long = |text: &String| !(1..=ESCROW_TEXT_CHARS_MAX).contains(&text.chars().count());
    if items
        .iter()
        .any(|item| [&item.id, &item.name, &item.code].into_iter().any(too_long))
    {
        return Err(invalid(
            "escrow.items",
            "takes id, name and code of 1 to 100 characters",
            "id, name, code는 1~100자예요",
        ));
    }
    let item = |item: EscrowItemBody| EscrowItem {
        id: item.id,
        name: item.name,
        code: item.code,
        unit_price: Money::new(item.unit_price, currency),
        quantity: item.quantity,
    };
    Ok(items.into_iter().map(item).collect())
}

/// Nothing to say. An empty body will do as well.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EmptyBody {}

/// A text of 1 to `max` characters without control characters, trimmed.
pub(crate) fn text(field: &str, text: &str, max: usize) -> Result<String, Problem> {
    let text = text.trim();
    if (1..=max).contains(&text.chars().count()) && !text.chars().any(char::is_control) {
        return Ok(text.to_owned());
    }
    Err(invalid(
        field,
        &format!("takes 1 to {max} characters without control characters"),
        &format!("제어 문자 없이 1~{max}자를 써 주세요"),
    ))
}

pub(crate) fn invalid(field: &str, english: &str, korean: &str) -> Problem {
    Problem::saying(
        Code::InvalidValue,
        format!("`{field}` {english}."),
        format!("`{field}`: {korean}."),
    )
    .at(field)
}

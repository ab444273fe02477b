use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use ledger::Tax;
use thiserror::Error;
use vocabulary::pg::CashReceiptKind;
use vocabulary::{Currency, Digits, Duration, Method, Money};

/// Largest amount of one payment, in minor units: a trillion. Keeps every sum of sums in range.
const AMOUNT_MAX: i64 = 1_000_000_000_000;
const ORDER_NAME_MAX: usize = 100;
const CUSTOMER_TEXT_MAX: usize = 100;
const METADATA_PAIRS_MAX: usize = 20;
const METADATA_KEY_MAX: usize = 40;
const METADATA_VALUE_MAX: usize = 500;
const URL_MAX: usize = 2_000;
const LIFETIME_MIN: Duration = Duration::minutes(1);
const LIFETIME_MAX: Duration = Duration::days(30);
const DEPOSIT_WITHIN_MIN: Duration = Duration::hours(1);
const DEPOSIT_WITHIN_MAX: Duration = Duration::days(90);
const ESCROW_ITEMS_MAX: usize = 50;
const INTEREST_FREE_MAX: usize = 30;
/// Each of 0 and 2 to 36 once.
const INTEREST_FREE_MONTHS_MAX: usize = 36;
const COMPANY_MAX: usize = 40;
const ESCROW_TEXT_MAX: usize = 100;

/// The shop's own name for an order: 6 to 64 of `A-Z a-z 0-9 _ -`. Unique within a shop and mode.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OrderId(String);

impl OrderId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OrderId {
    type Err = OrderError;

    fn from_str(text: &str) -> Result<OrderId, OrderError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if (6..=64).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(OrderId(text.to_owned()))
        } else {
            Err(OrderError::OrderId)
        }
    }
}

impl fmt::Display for OrderId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the shopper owes and for what. Does not change once made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    pub id: OrderId,
    pub name: String,
    pub amount: Money,
    pub tax: Tax,
}

impl Order {
    pub fn new(id: OrderId, name: &str, amount: Money, tax_free: Money, exempt: Money) -> Result<Order, OrderError> {
        if amount.minor <= 0 {
            return Err(OrderError::AmountNotPositive);
        }
        if amount.minor > AMOUNT_MAX {
            return Err(OrderError::AmountTooLarge {
                max: Money::new(AMOUNT_MAX, amount.currency),
            });
        }
        let tax = Tax::split(amount, tax_free, exempt).map_err(|_| OrderError::TaxFree)?;
        Ok(Order {
            id,
            name: text("orderName", name, 1, ORDER_NAME_MAX)?,
            amount,
            tax,
        })
    }
}

/// What the shop lays down for a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub confirm: Confirm,
    /// Methods the shopper may choose from; empty: all that the shop's PG accounts have.
    pub methods: Vec<Method>,
    /// How long the shopper may take before the payment expires.
    pub lifetime: Duration,
    /// Most months of instalments offered; `None`: what the PG allows.
    pub instalment_months_max: Option<u8>,
    pub interest_free: Vec<InterestFree>,
    /// How long a virtual account waits for its deposit.
    pub deposit_within: Duration,
    /// Ask the PG for this receipt with a transfer or deposit.
    pub cash_receipt: Option<CashReceiptKind>,
    pub escrow: bool,
    pub escrow_items: Vec<EscrowItem>,
    pub culture_expense: bool,
    pub late_approval: LateApproval,
    /// Where the hosted page sends the shopper back to, with the payment's id and order id added.
    pub return_url: Option<String>,
}

impl Default for Terms {
    fn default() -> Terms {
        Terms {
            confirm: Confirm::Automatic,
            methods: Vec::new(),
            lifetime: Duration::minutes(30),
            instalment_months_max: None,
            interest_free: Vec::new(),
            deposit_within: Duration::days(7),
            cash_receipt: None,
            escrow: false,
            escrow_items: Vec::new(),
            culture_expense: false,
            late_approval: LateApproval::Cancel,
            return_url: None,
        }
    }
}

impl Terms {
    /// Checks what the types cannot.
    pub fn check(&self, currency: Currency) -> Result<(), OrderError> {
        if !(LIFETIME_MIN..=LIFETIME_MAX).contains(&self.lifetime) {
            return Err(OrderError::Range {
                field: "expiresInMinutes",
                min: 1,
                max: LIFETIME_MAX.as_seconds() / 60,
            });
        }
        if !(DEPOSIT_WITHIN_MIN..=DEPOSIT_WITHIN_MAX).contains(&self.deposit_within) {
            let max = DEPOSIT_WITHIN_MAX.as_seconds() / 3600;
            return Err(OrderError::Range {
                field: "depositWithinHours",
                min: 1,
                max,
            });
        }
        if self.instalment_months_max.is_some_and(|months| !is_instalment(months)) {
            return Err(OrderError::Range {
                field: "instalmentMonthsMax",
                min: 0,
                max: 36,
            });
        }
        let bad_offer = |offer: &InterestFree| {
            !(1..=INTEREST_FREE_MONTHS_MAX).contains(&offer.months.len())
                || !fits(&offer.company, 1, COMPANY_MAX)
                || !offer.months.iter().all(|months| is_instalment(*months))
        };
        if self.interest_free.len() > INTEREST_FREE_MAX || self.interest_free.iter().any(bad_offer) {
            return Err(OrderError::InterestFree);
        }
        let bad_item = |item: &EscrowItem| {
            item.unit_price.currency != currency
                || item.quantity == 0
                || ![&item.id, &item.name, &item.code]
                    .iter()
                    .all(|text| fits(text, 0, ESCROW_TEXT_MAX))
        };
        if self.escrow_items.len() > ESCROW_ITEMS_MAX || self.escrow_items.iter().any(bad_item) {
            return Err(OrderError::EscrowItems);
        }
        match &self.return_url {
            Some(url) if url.len() > URL_MAX || !(url.starts_with("https://") || url.starts_with("http://")) => {
                Err(OrderError::ReturnUrl)
            }
            _ => Ok(()),
        }
    }
}

/// 0 (at once) or 2 to 36; one month is no instalment.
fn is_instalment(months: u8) -> bool {
    months == 0 || (2..=36).contains(&months)
}

/// Who has the last word before money moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirm {
    /// We approve as soon as the shopper agreed.
    Automatic,
    /// The shop's server decides, say after a look at its stock.
    ByShop,
}

/// What to do with a PG's "yes" that comes after the payment was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LateApproval {
    Accept,
    Cancel,
}

/// Months for which the shop pays a card company's interest (무이자 할부).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterestFree {
    /// Card company as the PG's table spells it.
    pub company: String,
    pub months: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EscrowItem {
    pub id: String,
    pub name: String,
    pub code: String,
    pub unit_price: Money,
    pub quantity: u32,
}

/// Who buys, as far as the shop tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Customer {
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<Digits>,
}

impl Customer {
    pub fn new(name: Option<&str>, email: Option<&str>, phone: Option<&str>) -> Result<Customer, OrderError> {
        let name = name
            .map(|name| text("customer.name", name, 1, CUSTOMER_TEXT_MAX))
            .transpose()?;
        let email = email
            .map(|email| text("customer.email", email, 3, CUSTOMER_TEXT_MAX))
            .transpose()?;
        if email
            .as_deref()
            .is_some_and(|email| !email.contains('@') || email.contains(char::is_whitespace))
        {
            return Err(OrderError::Email);
        }
        let phone = phone
            .map(|phone| Digits::parse(phone).ok_or(OrderError::Phone))
            .transpose()?;
        let well_formed = |phone: &Digits| (8..=15).contains(&phone.reveal_for("checking its length").len());
        if phone.as_ref().is_some_and(|phone| !well_formed(phone)) {
            return Err(OrderError::Phone);
        }
        Ok(Customer { name, email, phone })
    }
}

/// The shop's own notes on a payment: up to 20 short pairs, kept in order of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts(BTreeMap<String, String>);

impl Texts {
    pub fn new(pairs: BTreeMap<String, String>) -> Result<Texts, OrderError> {
        let fits = |(key, value): (&String, &String)| {
            (1..=METADATA_KEY_MAX).contains(&key.chars().count()) && value.chars().count() <= METADATA_VALUE_MAX
        };
        if pairs.len() > METADATA_PAIRS_MAX || !pairs.iter().all(fits) {
            return Err(OrderError::Metadata);
        }
        Ok(Texts(pairs))
    }

    pub fn pairs(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OrderError {
    #[error("orderId takes 6 to 64 of A-Z a-z 0-9 _ -")]
    OrderId,
    #[error("{field} takes {min} to {max} characters, none of them control characters")]
    Text {
        field: &'static str,
        min: usize,
        max: usize,
    },
    #[error("the amount must be above zero")]
    AmountNotPositive,
    #[error("the amount is over {max}")]
    AmountTooLarge { max: Money },
    #[error("the parts without tax are negative or more than the amount")]
    TaxFree,
    #[error("{field} takes {min} to {max}")]
    Range { field: &'static str, min: i64, max: i64 },
    #[error("interestFree takes up to 30 offers, each with a card company and up to 36 months from 2 to 36")]
    InterestFree,
    #[error("escrowItems takes up to 50 items priced in the payment's currency, with texts of up to 100 characters")]
    EscrowItems,
    #[error("returnUrl takes an absolute http or https address of up to 2000 characters")]
    ReturnUrl,
    #[error("customer.email is not an e-mail address")]
    Email,
    #[error("customer.phone takes 8 to 15 digits")]
    Phone,
    #[error("metadata takes up to 20 pairs, keys of 1 to 40 and values of up to 500 characters")]
    Metadata,
}

fn text(field: &'static str, text: &str, min: usize, max: usize) -> Result<String, OrderError> {
    let trimmed = text.trim();
    if !fits(trimmed, min, max) {
        return Err(OrderError::Text { field, min, max });
    }
    Ok(trimmed.to_owned())
}

fn fits(text: &str, min: usize, max: usize) -> bool {
    (min..=max).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

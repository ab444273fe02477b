use std::borrow::Cow;
use std::collections::BTreeMap;

use payments::{
    Confirm, Customer, EscrowItem, InterestFree, LateApproval, Order, OrderId, Payment, State, Terms, Texts,
};
use serde::{Deserialize, Serialize};
use vocabulary::{Currency, Digits, Duration, Method, Money, PaymentId, Scope, Timestamp};

use super::detail::{FailureJson, MoneyJson, TaxJson, Text, from_json, is_false, to_json, word};
use super::receipt_detail::{ReceiptJson, parse_receipt_kind, receipt_kind};
use crate::Fault;

#[derive(Serialize, Deserialize)]
struct PaymentJson<'a> {
    order: Text<'a>,
    name: Text<'a>,
    currency: Text<'a>,
    amount: i64,
    tax: TaxJson,
    state: Text<'a>,
    created_at: i64,
    expires_at: i64,
    terms: TermsJson<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer_name: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer_email: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer_phone: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    metadata: BTreeMap<Text<'a>, Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    receipt: Option<ReceiptJson<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure: Option<FailureJson<'a>>,
}

#[derive(Serialize, Deserialize)]
struct TermsJson<'a> {
    #[serde(default, skip_serializing_if = "is_false")]
    confirm_by_shop: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    methods: Vec<Text<'a>>,
    lifetime: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    instalment_months_max: Option<u8>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    interest_free: Vec<(Text<'a>, Vec<u8>)>,
    deposit_within: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cash_receipt: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "is_false")]
    escrow: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    escrow_items: Vec<EscrowItemJson<'a>>,
    #[serde(default, skip_serializing_if = "is_false")]
    culture_expense: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    late_approval_accepted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    return_url: Option<Text<'a>>,
}

#[derive(Serialize, Deserialize)]
struct EscrowItemJson<'a> {
    id: Text<'a>,
    name: Text<'a>,
    code: Text<'a>,
    unit_price: MoneyJson<'a>,
    quantity: u32,
}

/// What the columns do not hold; attempts and cancels are rows of their own.
pub(crate) fn encode(payment: &Payment) -> String {
    let customer = &payment.customer;
    let phone = customer.phone.as_ref();
    to_json(&PaymentJson {
        order: payment.order.id.as_str().into(),
        name: payment.order.name.as_str().into(),
        currency: payment.order.amount.currency.code().into(),
        amount: payment.order.amount.minor,
        tax: payment.order.tax.into(),
        state: payment.state.as_str().into(),
        created_at: payment.created_at.as_micros(),
        expires_at: payment.expires_at.as_micros(),
        terms: TermsJson::from(&payment.terms),
        customer_name: customer.name.as_deref().map(Cow::from),
        customer_email: customer.email.as_deref().map(Cow::from),
        customer_phone: phone.map(|phone| phone.reveal_for("storing a payment").into()),
        metadata: payment
            .metadata
            .pairs()
            .iter()
            .map(|(key, value)| (key.as_str().into(), value.as_str().into()))
            .collect(),
        receipt: payment.receipt.as_ref().map(ReceiptJson::from),
        failure: payment.failure.as_ref().map(FailureJson::from),
    })
}

/// A payment without its attempts and cancels.
pub(crate) fn decode(scope: Scope, id: PaymentId, version: u32, text: &str) -> Result<Payment, Fault> {
    let json: PaymentJson = from_json("a payment", text)?;
    let currency: Currency = word(&json.currency)?;
    let phone = json
        .customer_phone
        .as_deref()
        .map(|phone| Digits::parse(phone).ok_or_else(|| Fault::corrupt(format!("the customer's phone of {id}"))));
    let metadata = json
        .metadata
        .into_iter()
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    Ok(Payment {
        id,
        scope,
        order: Order {
            id: word::<OrderId>(&json.order)?,
            name: json.name.into_owned(),
            amount: Money::new(json.amount, currency),
            tax: json.tax.tax(currency),
        },
        terms: json.terms.terms()?,
        customer: Customer {
            name: json.customer_name.map(Cow::into_owned),
            email: json.customer_email.map(Cow::into_owned),
            phone: phone.transpose()?,
        },
        metadata: Texts::new(metadata).map_err(|_| Fault::corrupt(format!("the metadata of {id}")))?,
        state: word::<State>(&json.state)?,
        version,
        created_at: Timestamp::from_micros(json.created_at),
        expires_at: Timestamp::from_micros(json.expires_at),
        attempts: Vec::new(),
        cancels: Vec::new(),
        receipt: json.receipt.map(ReceiptJson::receipt).transpose()?,
        failure: json.failure.map(FailureJson::failure).transpose()?,
    })
}

impl<'a> From<&'a Terms> for TermsJson<'a> {
    fn from(terms: &'a Terms) -> TermsJson<'a> {
        TermsJson {
            confirm_by_shop: terms.confirm == Confirm::ByShop,
            methods: terms.methods.iter().map(|method| method.as_str().into()).collect(),
            lifetime: terms.lifetime.as_micros(),
            instalment_months_max: terms.instalment_months_max,
            interest_free: terms
                .interest_free
                .iter()
                .map(|offer| (offer.company.as_str().into(), offer.months.clone()))
                .collect(),
            deposit_within: terms.deposit_within.as_micros(),
            cash_receipt: terms.cash_receipt.map(|kind| receipt_kind(kind).into()),
            escrow: terms.escrow,
            escrow_items: terms.escrow_items.iter().map(EscrowItemJson::from).collect(),
            culture_expense: terms.culture_expense,
            late_approval_accepted: terms.late_approval == LateApproval::Accept,
            return_url: terms.return_url.as_deref().map(Cow::from),
        }
    }
}

impl TermsJson<'_> {
    fn terms(self) -> Result<Terms, Fault> {
        let methods: Result<Vec<Method>, Fault> = self.methods.iter().map(|method| word(method)).collect();
        let interest_free = self.interest_free.into_iter().map(|(company, months)| InterestFree {
            company: company.into_owned(),
            months,
        });
        let items: Result<Vec<EscrowItem>, Fault> = self.escrow_items.into_iter().map(EscrowItemJson::item).collect();
        Ok(Terms {
            confirm: if self.confirm_by_shop {
                Confirm::ByShop
            } else {
                Confirm::Automatic
            },
            methods: methods?,
            lifetime: Duration::micros(self.lifetime),
            instalment_months_max: self.instalment_months_max,
            interest_free: interest_free.collect(),
            deposit_within: Duration::micros(self.deposit_within),
            cash_receipt: self.cash_receipt.as_deref().map(parse_receipt_kind).transpose()?,
            escrow: self.escrow,
            escrow_items: items?,
            culture_expense: self.culture_expense,
            late_approval: if self.late_approval_accepted {
                LateApproval::Accept
            } else {
                LateApproval::Cancel
            },
            return_url: self.return_url.map(Cow::into_owned),
        })
    }
}

impl<'a> From<&'a EscrowItem> for EscrowItemJson<'a> {
    fn from(item: &'a EscrowItem) -> EscrowItemJson<'a> {
        EscrowItemJson {
            id: item.id.as_str().into(),
            name: item.name.as_str().into(),
            code: item.code.as_str().into(),
            unit_price: item.unit_price.into(),
            quantity: item.quantity,
        }
    }
}

impl EscrowItemJson<'_> {
    fn item(self) -> Result<EscrowItem, Fault> {
        Ok(EscrowItem {
            id: self.id.into_owned(),
            name: self.name.into_owned(),
            code: self.code.into_owned(),
            unit_price: self.unit_price.money()?,
            quantity: self.quantity,
        })
    }
}

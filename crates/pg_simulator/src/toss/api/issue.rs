//! Payments that a shop's server makes without a window: virtual accounts, and cards keyed in.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use bytes::Bytes;
use serde_json::{Map, Value};
use vocabulary::{Money, Timestamp};

use super::{Ask, Call, Subject, Verdict, given, object, perform, text, text_if_given};
use crate::faults::{Operation, WRONG_BY};
use crate::toss::payment::{self, Card, CardKind, Event, Means, Payment, ReceiptKind, Status, VirtualAccount};
use crate::toss::trouble::Trouble;
use crate::toss::window::params::{self, Waits};
use crate::toss::{Code, Pg, amount, calendar, codes, keys};

/// Source: error code BELOW_MINIMUM_AMOUNT.
const CARD_MIN: i64 = 100;
const ACCOUNT_MIN: i64 = 200;

/// `POST /v1/virtual-accounts`
pub(crate) async fn virtual_account(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    issue(pg, headers, "/v1/virtual-accounts", body, account).await
}

/// `POST /v1/payments/key-in`
pub(crate) async fn key_in(State(pg): State<Pg>, headers: HeaderMap, body: Bytes) -> Response {
    issue(pg, headers, "/v1/payments/key-in", body, card).await
}

/// Reads the means out of a body; the amount is known to be in won.
type ReadMeans = fn(&Map<String, Value>, Money, Timestamp) -> Result<(Means, Option<ReceiptKind>), Code>;

async fn issue(pg: Pg, headers: HeaderMap, address: &str, body: Bytes, read: ReadMeans) -> Response {
    let body = object(&body);
    let order = body.as_ref().map_err(|code| *code).and_then(Order::read);
    let subject = match &order {
        Ok(order) => Subject::New {
            order_id: &order.id,
            amount: order.amount,
        },
        Err(_) => Subject::None,
    };
    let ask = Ask {
        operation: Operation::Issue,
        subject,
        headers: &headers,
        address: address.to_owned(),
    };
    let order = order.clone();
    perform(&pg, ask, |call| {
        let (body, order) = (body?, order?);
        let (means, receipt) = read(&body, order.amount, pg.now())?;
        pg.sell(call, order, means, receipt)
    })
    .await
}

#[derive(Clone)]
struct Order {
    id: String,
    name: String,
    amount: Money,
    tax_free: Money,
    tax_exempt: Money,
    use_escrow: bool,
    metadata: BTreeMap<String, String>,
}

impl Order {
    fn read(body: &Map<String, Value>) -> Result<Order, Code> {
        let won = |name: &str| match given(body, name) {
            Some(value) => amount::from_json(value, vocabulary::Currency::KRW)
                .map(Some)
                .ok_or(Code::INVALID_REQUEST),
            None => Ok(None),
        };
        let total = won("amount")?.ok_or(Code::INVALID_REQUIRED_PARAM)?;
        let zero = Money::krw(0);
        let (tax_free, tax_exempt) = (
            won("taxFreeAmount")?.unwrap_or(zero),
            won("taxExemptionAmount")?.unwrap_or(zero),
        );
        if !total.is_positive() {
            return Err(Code::BELOW_ZERO_AMOUNT);
        }
        let parts_fit = tax_free.minor >= 0 && tax_exempt.minor >= 0;
        if !parts_fit || tax_free.minor.saturating_add(tax_exempt.minor) > total.minor {
            return Err(Code::INVALID_REQUEST);
        }
        let (id, name) = (text(body, "orderId")?.to_owned(), text(body, "orderName")?.to_owned());
        params::check_order(&id, &name)?;
        let metadata = given(body, "metadata")
            .and_then(Value::as_object)
            .map(plain)
            .unwrap_or_default();
        let use_escrow = given(body, "useEscrow").and_then(Value::as_bool).unwrap_or(false);
        Ok(Order {
            id,
            name,
            amount: total,
            tax_free,
            tax_exempt,
            use_escrow,
            metadata,
        })
    }
}

fn plain(object: &Map<String, Value>) -> BTreeMap<String, String> {
    let texts = object
        .iter()
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    texts.take(5).collect()
}

impl Pg {
    /// Makes a payment that is authenticated and approved in one go.
    fn sell(&self, call: &Call, order: Order, means: Means, receipt: Option<ReceiptKind>) -> Verdict {
        let now = self.now();
        let order_id: Arc<str> = Arc::from(order.id.as_str());
        let trouble = Trouble::of(&order.id, order.amount);
        let refuse = trouble.refuse;
        let approved = Event::Approved {
            transaction: keys::transaction(now, &self.0.chance),
            account_number: keys::account_number(&self.0.chance),
            receipt: keys::receipt(&self.0.chance),
            wrong_by: if call.faults.wrong_amount { WRONG_BY } else { 0 },
        };
        let payment = Payment {
            key: Arc::from(""),
            merchant: call.merchant.clone(),
            pair: call.pair,
            order_id: order_id.clone(),
            order_name: order.name,
            status: Status::Ready,
            requested_at: now,
            approved_at: None,
            expires_at: now + payment::WINDOW_OPEN,
            total: order.amount,
            balance: order.amount,
            tax_free: order.tax_free,
            tax_exempt: order.tax_exempt,
            means: None,
            country: "KR",
            use_escrow: order.use_escrow,
            culture_expense: false,
            metadata: order.metadata,
            secret: keys::secret(&self.0.chance),
            last_transaction: None,
            cancels: Vec::new(),
            receipt_wanted: receipt,
            receipt: None,
            failure: None,
            approvals: 0,
            trouble,
        };
        let payment = self.with(call.faults.notices, |store, now| {
            if store.order_is_taken(&call.mid, &order_id, "") {
                return Err(Code::DUPLICATED_ORDER_ID);
            }
            let key = self.add(store, payment).key.clone();
            store.apply(&key, Event::Authenticated(means), now)?;
            // The call itself used these faults up.
            store.amend(&key, |payment| {
                payment.trouble.plans.retain(|plan| plan.operation.is_some())
            });
            if let Some(code) = refuse {
                store.apply(&key, Event::Refused(code), now)?;
                return Err(code);
            }
            store.apply(&key, approved, now)
        })?;
        Ok(call.payment_json(self, &payment))
    }
}

fn account(body: &Map<String, Value>, total: Money, now: Timestamp) -> Result<(Means, Option<ReceiptKind>), Code> {
    if total.minor < ACCOUNT_MIN {
        return Err(Code::BELOW_MINIMUM_AMOUNT);
    }
    let bank = codes::bank(text(body, "bank")?)
        .filter(|bank| codes::issues_accounts(bank))
        .ok_or(Code::INVALID_BANK)?;
    let customer_name = text(body, "customerName")?;
    if customer_name.is_empty() || customer_name.chars().count() > 100 {
        return Err(Code::INVALID_REQUEST);
    }
    let hours = given(body, "validHours").map(|value| value.to_string().trim_matches('"').to_owned());
    let waits = Waits::parse(hours.as_deref(), text_if_given(body, "dueDate")?)?;
    let receipt = match given(body, "cashReceipt").and_then(Value::as_object) {
        Some(receipt) => params::receipt_kind(text(receipt, "type")?)?,
        None => None,
    };
    let account = VirtualAccount {
        bank,
        number: String::new(),
        customer_name: customer_name.to_owned(),
        depositor: None,
        due_at: waits.due_at(now)?,
        fixed: text_if_given(body, "accountKey")?.is_some(),
        refund_paid_at: None,
    };
    Ok((Means::VirtualAccount(account), receipt))
}

fn card(body: &Map<String, Value>, total: Money, now: Timestamp) -> Result<(Means, Option<ReceiptKind>), Code> {
    if total.minor < CARD_MIN {
        return Err(Code::BELOW_MINIMUM_AMOUNT);
    }
    let digits_only = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text(body, "cardNumber")?;
    if !(14..=16).contains(&number.len()) || !digits_only(number) {
        return Err(Code::INVALID_CARD_NUMBER);
    }
    let issuer = codes::issuer_of(number).ok_or(Code::INVALID_CARD_NUMBER)?;
    check_expiration(
        text(body, "cardExpirationYear")?,
        text(body, "cardExpirationMonth")?,
        now,
    )?;
    let identity = text(body, "customerIdentityNumber")?;
    if !matches!(identity.len(), 6 | 10) || !digits_only(identity) {
        return Err(Code::INVALID_CARD_IDENTITY);
    }
    if text_if_given(body, "cardPassword")?.is_some_and(|password| password.len() != 2 || !digits_only(password)) {
        return Err(Code::INVALID_CARD_PASSWORD);
    }
    let months = match given(body, "cardInstallmentPlan") {
        Some(value) => params::instalment_months(value.to_string().trim_matches('"'))?,
        None => 0,
    };
    if months > 0 && total.minor < params::INSTALMENT_FROM.minor {
        return Err(Code::NOT_ALLOWED_INSTALLMENT_BELOW_AMOUNT);
    }
    let flag = |name: &str| given(body, name).and_then(Value::as_bool).unwrap_or(false);
    let interest_free = months > 0 && flag("useFreeInstallmentPlan");
    let card = Card {
        amount: total,
        issuer,
        acquirer: Some(codes::acquirer_of(issuer)),
        number_masked: masked(number),
        instalment_months: months,
        interest_free,
        interest_payer: interest_free.then_some("MERCHANT"),
        use_point: flag("useCardPoint"),
        kind: if codes::is_check_card(issuer) {
            CardKind::Check
        } else {
            CardKind::Credit
        },
        corporate: identity.len() == 10,
    };
    Ok((Means::Card(card), None))
}

/// The number itself is never kept: first eight, then stars, the last but one group, a star.
fn masked(number: &str) -> String {
    let tail = &number[12..number.len() - 1];
    format!("{}****{tail}*", &number[..8])
}

fn check_expiration(year: &str, month: &str, now: Timestamp) -> Result<(), Code> {
    let today = calendar::in_korea(now);
    let year: i16 = year
        .parse()
        .ok()
        .filter(|_| year.len() == 2)
        .ok_or(Code::INVALID_CARD_EXPIRATION)?;
    let month: i8 = month
        .parse()
        .ok()
        .filter(|month| (1..=12).contains(month))
        .ok_or(Code::INVALID_CARD_EXPIRATION)?;
    let expired = (2000 + year, month) < (today.year(), today.month());
    if expired {
        Err(Code::INVALID_CARD_EXPIRATION)
    } else {
        Ok(())
    }
}

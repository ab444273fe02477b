use askama::Template;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Form, Json};
use serde::{Deserialize, Serialize};
use vocabulary::{Money, Secret, Timestamp};

use super::pages::{LineText, Message, Page, html};
use super::visitor::Visitor;
use super::{missing, refused};
use crate::Shop;
use crate::canceling::RefundAccount;
use crate::goods::Good;
use crate::orders::{CancelOf, CancelOutcome, Order, OrderId, Standing};
use crate::words::Lang;

#[derive(Template)]
#[template(path = "order.html")]
struct OrderPage {
    page: Page,
    sdk_url: String,
    client_key: String,
    id: String,
    status: &'static str,
    state_title: &'static str,
    state_text: &'static str,
    moves: bool,
    version: u64,
    fresh: bool,
    cancel_note: String,
    account: Option<AccountText>,
    may_pay: bool,
    may_reorder: bool,
    lines: Vec<OrderLine>,
    total: String,
    /// Empty unless something was canceled.
    balance: String,
    given_back: String,
    placed_at: String,
    method: &'static str,
    customer_name: String,
    receipt_url: String,
    may_cancel: bool,
    /// A deposit can only go back to an account the shopper names.
    asks_account: bool,
    cancel_text: &'static str,
    cancel_number: usize,
    banks: &'static [(&'static str, &'static str)],
}

struct AccountText {
    bank: String,
    number: String,
    holder: String,
    due: String,
}

struct OrderLine {
    text: LineText,
    canceled: u32,
    canceled_text: String,
    may_cancel: bool,
}

impl std::ops::Deref for OrderLine {
    type Target = LineText;
    fn deref(&self) -> &LineText {
        &self.text
    }
}

/// Banks most people have, by the two-digit codes Korean PGs share.
const BANKS: [(&str, &str); 12] = [
    ("06", "국민"),
    ("88", "신한"),
    ("20", "우리"),
    ("81", "하나"),
    ("11", "농협"),
    ("03", "기업"),
    ("90", "카카오뱅크"),
    ("92", "토스뱅크"),
    ("89", "케이뱅크"),
    ("45", "새마을금고"),
    ("71", "우체국"),
    ("23", "SC제일"),
];

/// The order of that number, if this browser made it.
pub fn own(shop: &Shop, visitor: &Visitor, id: &str) -> Option<OrderId> {
    let id = OrderId::parse(id)?;
    let session = visitor.session.as_ref()?;
    let desk = shop.desk();
    desk.orders
        .get(&id)
        .is_some_and(|order| order.session == *session)
        .then_some(id)
}

pub async fn show_order(State(shop): State<Shop>, visitor: Visitor, Path(id): Path<String>) -> Response {
    let Some(id) = own(&shop, &visitor, &id) else {
        return missing(&visitor);
    };
    let fresh = shop.refresh(&id).await;
    let desk = shop.desk();
    match desk.orders.get(&id) {
        Some(order) => html(&order_page(&shop, &visitor, order, fresh)),
        None => missing(&visitor),
    }
}

fn order_page(shop: &Shop, visitor: &Visitor, order: &Order, fresh: bool) -> OrderPage {
    let lang = visitor.lang;
    let standing = order.standing();
    let (state_title, state_text) = lang.standing(standing);
    let payment = order.payment.as_ref();
    let by_account = payment.is_some_and(|payment| payment.method.as_deref() == Some("VIRTUAL_ACCOUNT"));
    let balance = payment.map_or(order.total().minor, |payment| payment.balance);
    let some_back = standing == Standing::PartlyCanceled;
    let page = Page::of(visitor);
    OrderPage {
        sdk_url: shop.0.sdk_url.clone(),
        client_key: shop.0.client_key.clone(),
        id: String::from(order.id.as_str()),
        status: standing.as_str(),
        state_title,
        state_text,
        moves: standing.moves(),
        version: payment.map_or(0, |payment| payment.version),
        fresh,
        cancel_note: cancel_note(order, lang),
        account: account(order, lang).filter(|_| standing == Standing::WaitingForDeposit),
        may_pay: matches!(standing, Standing::Unpaid | Standing::NotOpened),
        may_reorder: standing == Standing::NotPaid,
        lines: order_lines(order, lang),
        total: lang.won(order.total()),
        balance: if some_back {
            lang.won(Money::krw(balance))
        } else {
            String::new()
        },
        given_back: lang.won(Money::krw(order.total().minor - balance)),
        placed_at: lang.time(order.placed_at),
        method: payment
            .and_then(|payment| payment.method.as_deref())
            .map_or("", |code| lang.method(code)),
        customer_name: order.customer.name.clone(),
        receipt_url: payment
            // Before the money is here there is nothing to show a receipt for.
            .filter(|_| standing != Standing::WaitingForDeposit)
            .and_then(|payment| payment.receipt_url.clone())
            .filter(|url| url.starts_with("https://") || url.starts_with("http://"))
            .unwrap_or_default(),
        may_cancel: order.may_cancel(CancelOf::Whole),
        asks_account: by_account && standing.may_cancel_one(),
        cancel_text: if standing.may_cancel_one() {
            page.w.cancel_text
        } else {
            page.w.cancel_unpaid
        },
        page,
        cancel_number: order.cancel_number(),
        banks: &BANKS,
    }
}

fn order_lines(order: &Order, lang: Lang) -> Vec<OrderLine> {
    order
        .lines
        .iter()
        .map(|line| OrderLine {
            text: LineText::new(line.good, line.quantity, lang),
            canceled: line.canceled,
            canceled_text: lang.canceled(line.canceled),
            may_cancel: order.may_cancel(CancelOf::One(line.good)),
        })
        .collect()
}

fn account(order: &Order, lang: Lang) -> Option<AccountText> {
    let account = order.payment.as_ref()?.virtual_account.as_ref()?;
    let due = account.due_at.as_deref().and_then(Timestamp::parse);
    Some(AccountText {
        bank: account.bank.clone(),
        number: account.number.clone(),
        holder: account.holder.clone(),
        due: due.map_or(String::new(), |due| lang.time(due)),
    })
}

/// How the latest cancel went, unless the order's state says it already.
fn cancel_note(order: &Order, lang: Lang) -> String {
    let words = lang.words();
    match order.cancels.last().map(|cancel| &cancel.outcome) {
        Some(CancelOutcome::Asked | CancelOutcome::Open) => String::from(words.cancel_asked),
        Some(CancelOutcome::Refused(why)) => format!("{} {why}", words.cancel_refused).trim_end().into(),
        Some(CancelOutcome::Done) | None => String::new(),
    }
}

/// For our script, which shows the page anew when something changed.
#[derive(Serialize)]
struct StateView {
    status: &'static str,
    version: u64,
}

pub async fn show_state(State(shop): State<Shop>, visitor: Visitor, Path(id): Path<String>) -> Response {
    let Some(id) = own(&shop, &visitor, &id) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    shop.refresh(&id).await;
    let desk = shop.desk();
    let state = desk.orders.get(&id).map(|order| StateView {
        status: order.standing().as_str(),
        version: order.payment.as_ref().map_or(0, |payment| payment.version),
    });
    Json(state).into_response()
}

#[derive(Deserialize)]
pub struct CancelForm {
    number: usize,
    /// One unit of this good; empty: everything.
    #[serde(default)]
    good: String,
    #[serde(default)]
    bank: String,
    #[serde(default)]
    account: String,
    #[serde(default)]
    holder: String,
}

const HOLDER_CHARS_MAX: usize = 40;

pub async fn cancel_order(
    State(shop): State<Shop>,
    visitor: Visitor,
    Path(id): Path<String>,
    form: Result<Form<CancelForm>, FormRejection>,
) -> Response {
    let Some(id) = own(&shop, &visitor, &id) else {
        return missing(&visitor);
    };
    let Ok(Form(form)) = form else {
        return refused(&visitor, StatusCode::BAD_REQUEST);
    };
    let of = match Good::find(&form.good) {
        Some(good) => CancelOf::One(good),
        None if form.good.is_empty() => CancelOf::Whole,
        None => return refused(&visitor, StatusCode::BAD_REQUEST),
    };
    let order_url = format!("/orders/{}", id.as_str());
    let number = form.number;
    let Ok(refund) = refund_account(form) else {
        let words = visitor.lang.words();
        let mut message = Message::new(&visitor, words.cancel_refused, words.refund_account_wrong);
        message.link = (order_url, String::from(words.order));
        return (StatusCode::UNPROCESSABLE_ENTITY, message).into_response();
    };
    shop.cancel(&id, number, of, refund).await;
    Redirect::to(&order_url).into_response()
}

struct BadAccount;

/// `None` when the form asked for no account.
fn refund_account(form: CancelForm) -> Result<Option<RefundAccount>, BadAccount> {
    if form.bank.is_empty() && form.account.is_empty() {
        return Ok(None);
    }
    let number: String = form
        .account
        .chars()
        .filter(|letter| !matches!(letter, ' ' | '-'))
        .collect();
    let number_is_fine = (6..=20).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    let holder = form.holder.trim();
    let holder_is_fine = (1..=HOLDER_CHARS_MAX).contains(&holder.chars().count());
    let bank_is_known = BANKS.iter().any(|(code, _)| *code == form.bank);
    if !(number_is_fine && holder_is_fine && bank_is_known) {
        return Err(BadAccount);
    }
    Ok(Some(RefundAccount {
        bank: form.bank,
        number: Secret::new(number),
        holder: String::from(holder),
    }))
}

#[derive(Template)]
#[template(path = "orders.html")]
struct OrdersPage {
    page: Page,
    orders: Vec<HistoryRow>,
}

struct HistoryRow {
    id: String,
    name: String,
    status: &'static str,
    state: &'static str,
    placed_at: String,
    total: String,
}

const HISTORY_MAX: usize = 50;

/// The orders of this browser.
pub async fn list_orders(State(shop): State<Shop>, visitor: Visitor) -> Response {
    let lang = visitor.lang;
    let desk = shop.desk();
    let own = |order: &&Order| Some(&order.session) == visitor.session.as_ref();
    let row = |order: &Order| HistoryRow {
        id: String::from(order.id.as_str()),
        name: names(order, lang),
        status: order.standing().as_str(),
        state: lang.standing(order.standing()).0,
        placed_at: lang.time(order.placed_at),
        total: lang.won(order.total()),
    };
    let orders = desk
        .orders
        .latest_first()
        .filter(own)
        .take(HISTORY_MAX)
        .map(row)
        .collect();
    html(&OrdersPage {
        page: Page::of(&visitor),
        orders,
    })
}

fn names(order: &Order, lang: Lang) -> String {
    let names: Vec<&str> = order.lines.iter().map(|line| line.good.name(lang)).collect();
    names.join(", ")
}

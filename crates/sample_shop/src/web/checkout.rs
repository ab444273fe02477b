use askama::Template;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Form, Json};
use serde::{Deserialize, Serialize};

use super::pages::{LineText, Message, Page, html};
use super::visitor::Visitor;
use super::{missing, refused};
use crate::goods::Good;
use crate::ordering::{self, NotOpened, NotPlaced};
use crate::orders::{Customer, OrderId, Standing};
use crate::words::Words;
use crate::{Desk, Error, Shop};

#[derive(Template)]
#[template(path = "order_form.html")]
struct OrderFormPage {
    page: Page,
    sdk_url: String,
    client_key: String,
    notice: String,
    order: String,
    cart_version: u32,
    lines: Vec<LineText>,
    total: String,
    checked_before_sale: bool,
    fields: Vec<Field>,
    pay_label: String,
}

struct Field {
    name: &'static str,
    label: &'static str,
    kind: &'static str,
    autocomplete: &'static str,
    max: usize,
    value: String,
    wrong: &'static str,
}

/// The order form as the browser sends it.
#[derive(Deserialize)]
pub struct OrderForm {
    order: String,
    cart: u32,
    name: String,
    email: String,
    phone: String,
}

const NAME_CHARS_MAX: usize = 40;
const EMAIL_BYTES_MAX: usize = 100;
const PHONE_CHARS_MAX: usize = 20;

pub async fn show_form(State(shop): State<Shop>, visitor: Visitor) -> Response {
    form_page(&shop, &visitor, "", None)
}

/// The form for the cart as it is now; what was entered stays in it.
fn form_page(shop: &Shop, visitor: &Visitor, notice: &str, entered: Option<Customer>) -> Response {
    let Some(id) = visitor.session.as_ref() else {
        return Redirect::to("/cart").into_response();
    };
    let now = shop.now();
    let mut desk = shop.desk();
    let Desk { sessions, orders, .. } = &mut *desk;
    let session = sessions.open(id, now);
    if session.cart.is_empty() {
        // Who comes back from paying finds the order the cart became.
        let placed = session.draft.as_ref().filter(|draft| orders.get(draft).is_some());
        let to = placed.map_or_else(|| String::from("/cart"), |id| format!("/orders/{}", id.as_str()));
        return Redirect::to(&to).into_response();
    }
    // A number is used for one order: the next form gets a new one.
    let order = match session.draft.clone().filter(|draft| orders.get(draft).is_none()) {
        Some(draft) => draft,
        None => OrderId::new(now, &shop.0.chance),
    };
    session.draft = Some(order.clone());
    let words = visitor.lang.words();
    let wrong = entered.is_some();
    let customer = entered.or_else(|| session.customer.clone());
    let total = session.cart.total();
    html(&OrderFormPage {
        page: Page::of(visitor),
        sdk_url: shop.0.sdk_url.clone(),
        client_key: shop.0.client_key.clone(),
        notice: String::from(notice),
        order: String::from(order.as_str()),
        cart_version: session.cart.version,
        lines: LineText::all(&session.cart, visitor.lang),
        total: visitor.lang.won(total),
        checked_before_sale: session.cart.lines().iter().any(|(good, _)| good.checked_before_sale),
        fields: fields(words, customer, wrong),
        pay_label: visitor.lang.pay(total),
    })
}

fn fields(words: &'static Words, customer: Option<Customer>, judged: bool) -> Vec<Field> {
    let customer = customer.unwrap_or(Customer {
        name: String::new(),
        email: String::new(),
        phone: String::new(),
    });
    let unless = |fine: bool, text: &'static str| if judged && !fine { text } else { "" };
    vec![
        Field {
            name: "name",
            label: words.name,
            kind: "text",
            autocomplete: "name",
            max: NAME_CHARS_MAX,
            wrong: unless(name_is_fine(&customer.name), words.wrong_name),
            value: customer.name,
        },
        Field {
            name: "email",
            label: words.email,
            kind: "email",
            autocomplete: "email",
            max: EMAIL_BYTES_MAX,
            wrong: unless(email_is_fine(&customer.email), words.wrong_email),
            value: customer.email,
        },
        Field {
            name: "phone",
            label: words.phone,
            kind: "tel",
            autocomplete: "tel",
            max: PHONE_CHARS_MAX,
            wrong: unless(phone_is_fine(&customer.phone), words.wrong_phone),
            value: customer.phone,
        },
    ]
}

pub async fn place_order(
    State(shop): State<Shop>,
    visitor: Visitor,
    form: Result<Form<OrderForm>, FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else {
        return refused(&visitor, StatusCode::BAD_REQUEST);
    };
    let (Some(session), Some(order)) = (visitor.session.as_ref(), OrderId::parse(&form.order)) else {
        return Redirect::to("/cart").into_response();
    };
    let customer = Customer {
        name: String::from(form.name.trim()),
        email: String::from(form.email.trim()),
        phone: form
            .phone
            .chars()
            .filter(|letter| !matches!(letter, ' ' | '-'))
            .collect(),
    };
    let words = visitor.lang.words();
    if !(name_is_fine(&customer.name) && email_is_fine(&customer.email) && phone_is_fine(&customer.phone)) {
        let page = form_page(&shop, &visitor, words.look_again, Some(customer));
        return with_status(StatusCode::UNPROCESSABLE_ENTITY, page);
    }
    let form = ordering::Form {
        order,
        cart_version: form.cart,
        customer,
        lang: visitor.lang,
    };
    match shop.place(session, form) {
        Ok(id) => go_and_pay(&shop, &visitor, &id).await,
        Err(NotPlaced::SoldOut(good)) => sold_out(&visitor, good),
        Err(NotPlaced::CartChanged) => with_status(
            StatusCode::CONFLICT,
            form_page(&shop, &visitor, words.cart_changed, None),
        ),
    }
}

/// Pay again: the same payment while it can be paid, else the same goods in a new order.
pub async fn pay_order(State(shop): State<Shop>, visitor: Visitor, Path(id): Path<String>) -> Response {
    let Some(id) = super::order::own(&shop, &visitor, &id) else {
        return missing(&visitor);
    };
    let ended: Option<Vec<(&Good, u32)>> = shop.desk().orders.get(&id).and_then(|order| {
        let lines = order.lines.iter().map(|line| (line.good, line.quantity));
        (order.standing() == Standing::NotPaid).then(|| lines.collect())
    });
    let (Some(lines), Some(session)) = (ended, visitor.session.as_ref()) else {
        return go_and_pay(&shop, &visitor, &id).await;
    };
    let now = shop.now();
    let mut desk = shop.desk();
    let cart = &mut desk.sessions.open(session, now).cart;
    for (good, quantity) in lines {
        cart.set(good, quantity);
    }
    Redirect::to("/checkout").into_response()
}

/// Where our script sends the shopper.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ToPay {
    checkout_url: String,
    order_url: String,
}

async fn go_and_pay(shop: &Shop, visitor: &Visitor, id: &OrderId) -> Response {
    let order_url = format!("/orders/{}", id.as_str());
    match shop.open_payment(id).await {
        Ok(Some(checkout_url)) if visitor.wants_json => Json(ToPay {
            checkout_url,
            order_url,
        })
        .into_response(),
        Ok(Some(checkout_url)) => Redirect::to(&checkout_url).into_response(),
        // Paid, ended or being checked: the order page says which.
        Ok(None) => Redirect::to(&order_url).into_response(),
        Err(NotOpened::NoOrder) => missing(visitor),
        Err(NotOpened::SoldOut(good)) => sold_out(visitor, good),
        Err(NotOpened::Naru(error)) => not_opened(visitor, &order_url, &error),
    }
}

fn not_opened(visitor: &Visitor, order_url: &str, error: &Error) -> Response {
    let words = visitor.lang.words();
    let (text, retry_url) = match error {
        Error::Refused { .. } => (words.pay_refused_text, String::new()),
        Error::Unavailable(_) => (words.pay_down_text, format!("{order_url}/pay")),
    };
    let mut message = Message::new(visitor, words.pay_down, text).back_to_cart();
    message.retry_url = retry_url;
    (StatusCode::SERVICE_UNAVAILABLE, message).into_response()
}

fn sold_out(visitor: &Visitor, good: &str) -> Response {
    let title = visitor.lang.words().not_enough;
    let message = Message::new(visitor, title, &visitor.lang.sold_out(good)).back_to_cart();
    (StatusCode::CONFLICT, message).into_response()
}

fn with_status(status: StatusCode, mut page: Response) -> Response {
    if page.status().is_success() {
        *page.status_mut() = status;
    }
    page
}

fn name_is_fine(name: &str) -> bool {
    (1..=NAME_CHARS_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control)
}

/// Only what a slip of the finger would break: the mail itself is the real test.
fn email_is_fine(email: &str) -> bool {
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'@');
    let two_parts = |(name, host): (&str, &str)| plain(name) && plain(host) && host.trim_matches('.').contains('.');
    email.len() <= EMAIL_BYTES_MAX && email.split_once('@').is_some_and(two_parts)
}

fn phone_is_fine(phone: &str) -> bool {
    (9..=PHONE_CHARS_MAX).contains(&phone.len())
        && phone.trim_start_matches('+').bytes().all(|byte| byte.is_ascii_digit())
}

use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::pages::{LineText, Page, html};
use super::visitor::Visitor;
use super::{missing, refused};
use crate::goods::{GOODS, Good, INSTALMENT_FROM, QUANTITY_MAX};
use crate::sessions::SessionId;
use crate::words::Lang;
use crate::{Desk, Shop};

struct GoodText {
    slug: &'static str,
    name: &'static str,
    about: &'static str,
    detail: &'static str,
    price: String,
    tax_free: bool,
    instalments: bool,
    scarce: bool,
    sold_out: bool,
    left_text: String,
}

impl GoodText {
    fn new(good: &'static Good, desk: &Desk, lang: Lang) -> GoodText {
        let left = desk.shelf.left(good);
        GoodText {
            slug: good.slug,
            name: good.name(lang),
            about: good.about(lang),
            detail: good.detail(lang),
            price: lang.won(good.price),
            tax_free: good.tax_free,
            instalments: good.price.minor >= INSTALMENT_FROM.minor,
            scarce: good.checked_before_sale,
            sold_out: left == 0,
            left_text: lang.left(left),
        }
    }
}

#[derive(Template)]
#[template(path = "goods.html")]
struct GoodsPage {
    page: Page,
    goods: Vec<GoodText>,
}

pub async fn list_goods(State(shop): State<Shop>, visitor: Visitor) -> Response {
    let desk = shop.desk();
    let goods = GOODS.iter().map(|good| GoodText::new(good, &desk, visitor.lang));
    html(&GoodsPage {
        page: Page::of(&visitor),
        goods: goods.collect(),
    })
}

#[derive(Template)]
#[template(path = "good.html")]
struct GoodPage {
    page: Page,
    good: GoodText,
    in_cart: u32,
    quantities: Vec<u32>,
}

pub async fn show_good(State(shop): State<Shop>, visitor: Visitor, Path(slug): Path<String>) -> Response {
    let Some(good) = Good::find(&slug) else {
        return missing(&visitor);
    };
    let desk = shop.desk();
    html(&GoodPage {
        page: Page::of(&visitor),
        good: GoodText::new(good, &desk, visitor.lang),
        in_cart: visitor.cart.quantity(good),
        quantities: (1..=desk.shelf.left(good).clamp(1, QUANTITY_MAX)).collect(),
    })
}

struct CartLine {
    text: LineText,
    less: u32,
    more: u32,
    full: bool,
}

impl std::ops::Deref for CartLine {
    type Target = LineText;
    fn deref(&self) -> &LineText {
        &self.text
    }
}

#[derive(Template)]
#[template(path = "cart.html")]
struct CartPage {
    page: Page,
    lines: Vec<CartLine>,
    total: String,
}

pub async fn show_cart(visitor: Visitor) -> Response {
    let line = |text: LineText| CartLine {
        less: text.quantity.saturating_sub(1),
        more: text.quantity + 1,
        full: text.quantity >= QUANTITY_MAX,
        text,
    };
    html(&CartPage {
        page: Page::of(&visitor),
        lines: LineText::all(&visitor.cart, visitor.lang)
            .into_iter()
            .map(line)
            .collect(),
        total: visitor.lang.won(visitor.cart.total()),
    })
}

/// `quantity` of a good on top of the `seen` ones the page was made with, so that a double click adds once.
#[derive(Deserialize)]
pub struct CartForm {
    good: String,
    quantity: u32,
    #[serde(default)]
    seen: u32,
}

pub async fn change_cart(
    State(shop): State<Shop>,
    visitor: Visitor,
    form: Result<Form<CartForm>, FormRejection>,
) -> Response {
    let Ok(Form(form)) = form else {
        return refused(&visitor, StatusCode::BAD_REQUEST);
    };
    let Some(good) = Good::find(&form.good) else {
        return missing(&visitor);
    };
    let id = visitor
        .session
        .clone()
        .unwrap_or_else(|| SessionId::new(&shop.0.chance));
    let quantity = form.seen.saturating_add(form.quantity);
    shop.desk().sessions.open(&id, shop.now()).cart.set(good, quantity);
    visitor.welcome(&id, "/cart")
}

#[derive(Deserialize)]
pub struct Back {
    #[serde(default)]
    back: String,
}

pub async fn choose_lang(visitor: Visitor, Path(lang): Path<String>, Query(back): Query<Back>) -> Response {
    let Some(lang) = Lang::parse(&lang) else {
        return missing(&visitor);
    };
    visitor.speaks(lang, own_path(&back.back))
}

/// Only ever a page of this shop: a path of plain letters, never another host.
fn own_path(path: &str) -> &str {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_');
    if path.starts_with('/') && !path.starts_with("//") && path.bytes().all(plain) {
        path
    } else {
        "/"
    }
}

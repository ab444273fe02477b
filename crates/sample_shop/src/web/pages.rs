use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};

use super::visitor::Visitor;
use crate::goods::Good;
use crate::sessions::{Cart, price_of};
use crate::words::{Lang, Words};

/// What every page shows around its own content.
pub struct Page {
    pub lang: Lang,
    pub w: &'static Words,
    pub cart_count: u32,
    pub other_lang_url: String,
}

impl Page {
    pub fn of(visitor: &Visitor) -> Page {
        // A form's address has no page of its own to come back to.
        let back = match visitor.path.as_str() {
            path if path.ends_with("/pay") || path.ends_with("/cancel") => {
                path.rsplit_once('/').map_or("/", |(order, _)| order)
            }
            path => path,
        };
        Page {
            lang: visitor.lang,
            w: visitor.lang.words(),
            cart_count: visitor.cart.count(),
            other_lang_url: format!("/lang/{}?back={back}", visitor.lang.other().code()),
        }
    }
}

pub struct LineText {
    pub slug: &'static str,
    pub name: &'static str,
    pub each: String,
    pub sum: String,
    pub quantity: u32,
}

impl LineText {
    pub fn new(good: &'static Good, quantity: u32, lang: Lang) -> LineText {
        LineText {
            slug: good.slug,
            name: good.name(lang),
            each: lang.won(good.price),
            sum: lang.won(price_of(good, quantity)),
            quantity,
        }
    }

    pub fn all(cart: &Cart, lang: Lang) -> Vec<LineText> {
        cart.lines()
            .iter()
            .map(|&(good, quantity)| LineText::new(good, quantity, lang))
            .collect()
    }
}

/// One thing to say, and where to go from there.
#[derive(Template)]
#[template(path = "message.html")]
pub struct Message {
    page: Page,
    title: String,
    text: String,
    pub retry_url: String,
    pub link: (String, String),
}

impl Message {
    pub fn new(visitor: &Visitor, title: &str, text: &str) -> Message {
        let page = Page::of(visitor);
        let link = (String::from("/"), String::from(page.w.look_around));
        Message {
            page,
            title: String::from(title),
            text: String::from(text),
            retry_url: String::new(),
            link,
        }
    }

    pub fn back_to_cart(mut self) -> Message {
        self.link = (String::from("/cart"), String::from(self.page.w.to_cart));
        self
    }
}

impl IntoResponse for Message {
    fn into_response(self) -> Response {
        html(&self)
    }
}

pub fn html(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

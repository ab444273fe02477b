use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::pages::{Page, html};
use super::visitor::Visitor;
use crate::Shop;
use crate::goods::GOODS;
use crate::inbox::{Answer, Received, Verdict};
use crate::orders::Order;
use crate::webhook::Headers;
use crate::words::Lang;

const ORDERS_SHOWN_MAX: usize = 100;

#[derive(Template)]
#[template(path = "operator.html")]
struct OperatorPage {
    page: Page,
    goods: Vec<(&'static str, u32, &'static str)>,
    orders: Vec<OrderRow>,
    webhooks: Vec<WebhookRow>,
}

struct OrderRow {
    id: String,
    placed_at: String,
    status: &'static str,
    state: &'static str,
    customer: String,
    total: String,
}

struct WebhookRow {
    at: String,
    id: String,
    kind: String,
    order: String,
    version: String,
    genuine: bool,
    signature: &'static str,
    verdict: &'static str,
    verdict_text: &'static str,
}

pub async fn show(State(shop): State<Shop>, visitor: Visitor) -> Response {
    let lang = visitor.lang;
    let desk = shop.desk();
    let orders = desk.orders.latest_first().take(ORDERS_SHOWN_MAX);
    html(&OperatorPage {
        page: Page::of(&visitor),
        goods: GOODS
            .iter()
            .map(|good| (good.name(lang), desk.shelf.left(good), good.slug))
            .collect(),
        orders: orders.map(|order| order_row(order, lang)).collect(),
        webhooks: desk
            .inbox
            .received()
            .map(|received| webhook_row(received, lang))
            .collect(),
    })
}

fn order_row(order: &Order, lang: Lang) -> OrderRow {
    OrderRow {
        id: String::from(order.id.as_str()),
        placed_at: lang.time(order.placed_at),
        status: order.standing().as_str(),
        state: lang.standing(order.standing()).0,
        customer: masked(&order.customer.name),
        total: lang.won(order.total()),
    }
}

/// `김*` and `H***`: enough to talk about an order.
fn masked(name: &str) -> String {
    let stars = name.chars().count().saturating_sub(1).clamp(1, 3);
    name.chars().take(1).chain(std::iter::repeat_n('*', stars)).collect()
}

fn webhook_row(received: &Received, lang: Lang) -> WebhookRow {
    let words = lang.words();
    let genuine = !matches!(received.verdict, Verdict::Forged(_));
    let (verdict, verdict_text) = match received.verdict {
        Verdict::TakenIn => ("applied", words.taken_in),
        Verdict::Stale => ("stale", words.stale),
        Verdict::Strange => ("strange", words.strange),
        Verdict::NotOurs => ("not-ours", words.not_ours),
        Verdict::NotUnderstood => ("unread", words.unread),
        Verdict::Forged(_) => ("forged", words.ignored),
    };
    WebhookRow {
        at: lang.time(received.at),
        id: received.id.clone(),
        kind: received.kind.clone(),
        order: received.order.clone(),
        version: received.version.map(|version| version.to_string()).unwrap_or_default(),
        genuine,
        signature: if genuine { words.genuine } else { words.forged },
        verdict,
        verdict_text,
    }
}

/// The body is verified as it came, before anyone reads it as JSON.
pub async fn receive_webhook(State(shop): State<Shop>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let signed = Headers {
        id: text("webhook-id"),
        timestamp: text("webhook-timestamp"),
        signature: text("webhook-signature"),
    };
    match shop.receive(signed, &body) {
        Answer::Thanks => StatusCode::NO_CONTENT,
        Answer::BadSignature => StatusCode::UNAUTHORIZED,
        Answer::NotReady => StatusCode::SERVICE_UNAVAILABLE,
    }
}

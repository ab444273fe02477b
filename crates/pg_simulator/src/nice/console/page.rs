//! The console page: recent payments with their switches, notices, faults.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use vocabulary::Timestamp;

use crate::faults::{self, NoticePlan};
use crate::html::Html;
use crate::nice::fields::Fields;
use crate::nice::payment::{Payment, Status};
use crate::nice::{Pg, won};
use crate::notices::Sent;

/// Payments and notices shown at a time.
const SHOWN_MAX: usize = 50;
const TRIED_MAX: usize = 20;

/// `GET /nice/`
pub(crate) async fn show(State(pg): State<Pg>, RawQuery(query): RawQuery) -> Response {
    let fields = Fields::parse(query.unwrap_or_default().as_bytes());
    let payments: Vec<_> = pg.with(NoticePlan::default(), |store, _| {
        store.newest().take(SHOWN_MAX).cloned().collect()
    });
    let tried = pg.0.notices.history();
    let body = Html::new()
        .tags("<!doctype html><html lang=\"ko\"><head><meta charset=\"utf-8\">")
        .tags("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")
        .tags("<meta name=\"robots\" content=\"noindex\"><meta name=\"color-scheme\" content=\"light dark\">")
        .tags("<title>NICE Payments 시뮬레이터</title><link rel=\"stylesheet\" href=\"/nice/assets/window.css\">")
        .tags("<link rel=\"icon\" href=\"/nice/assets/icon.svg\" type=\"image/svg+xml\"></head><body>")
        .tags("<header class=\"top broad\"><p class=\"brand\">NICE Payments <span class=\"badge\">시뮬레이터</span></p></header>")
        .tags("<main class=\"wide\"><h1>최근 결제</h1>")
        .when(fields.get("refused").is_some(), |html| {
            html.tags("<p class=\"mistake\" role=\"alert\">하지 못했습니다: ")
                .text(fields.get("refused").unwrap_or_default())
                .tags("</p>")
        })
        .add(payments_table(&payments))
        .tags("</main>")
        .add(faults::page::section(&pg.0.line, "/nice/_control/"))
        .tags("<section class=\"wide\" aria-labelledby=\"notices\"><h2 id=\"notices\">보낸 알림 (모든 PG)</h2><p>기다리는 알림: ")
        .text(&pg.0.notices.waiting().to_string())
        .tags("</p>")
        .add(notices_table(&tried))
        .tags("</section></body></html>")
        .finish();
    let policy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; \
                  frame-ancestors 'none'";
    let headers = [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, axum::response::Html(body)).into_response()
}

fn payments_table(payments: &[Arc<Payment>]) -> Html {
    if payments.is_empty() {
        return Html::new().tags("<p>아직 결제가 없습니다.</p>");
    }
    Html::new()
        .tags("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"최근 결제\"><table><thead><tr>")
        .tags("<th scope=\"col\">인증</th><th scope=\"col\">주문번호</th><th scope=\"col\">상품명</th>")
        .tags("<th scope=\"col\">금액</th><th scope=\"col\">남은 금액</th><th scope=\"col\">상태</th>")
        .tags("<th scope=\"col\">할 일</th></tr></thead><tbody>")
        .each(payments, |html, payment| {
            html.tags("<tr data-test=\"payment\"><td>")
                .text(&Timestamp::in_korea(payment.authenticated_at))
                .tags("</td><td>")
                .text(&payment.order_id)
                .tags("</td><td>")
                .text(&payment.goods_name)
                .tags("</td><td class=\"money\">")
                .text(&won(payment.amount))
                .tags("</td><td class=\"money\">")
                .text(&won(payment.balance))
                .tags("</td><td data-test=\"status\">")
                .text(payment.status.as_str())
                .tags("</td><td>")
                .add(buttons(payment))
                .tags("</td></tr>")
        })
        .tags("</tbody></table></div>")
}

fn buttons(payment: &Payment) -> Html {
    let button = |html: Html, action: &'static str, words: &'static str| {
        html.tags("<form method=\"post\" action=\"/nice/_control/")
            .tags(action)
            .tags("\">")
            .hidden("orderId", &payment.order_id)
            .tags("<button type=\"submit\" class=\"plain\" data-test=\"")
            .tags(action)
            .tags("\">")
            .tags(words)
            .tags("</button></form> ")
    };
    Html::new()
        .when(payment.status == Status::Ready, |html| button(html, "deposit", "입금"))
        .when(payment.is_transaction(), |html| button(html, "resend", "알림 다시"))
}

fn notices_table(tried: &[Sent]) -> Html {
    if tried.is_empty() {
        return Html::new().tags("<p>아직 보낸 알림이 없습니다.</p>");
    }
    Html::new()
        .tags("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"보낸 알림\"><table><thead><tr>")
        .tags("<th scope=\"col\">시각</th><th scope=\"col\">알림</th><th scope=\"col\">주문번호</th>")
        .tags("<th scope=\"col\">받는 곳</th><th scope=\"col\">재시도</th><th scope=\"col\">응답</th></tr></thead><tbody>")
        .each(tried.iter().take(TRIED_MAX), |html, sent| {
            let status = sent.status.map_or_else(|| "응답 없음".to_owned(), |status| status.to_string());
            html.tags("<tr><td>")
                .text(&sent.at.in_korea())
                .tags("</td><td>")
                .text(sent.event)
                .tags("</td><td>")
                .text(&sent.order_id)
                .tags("</td><td>")
                .text(&sent.url)
                .tags("</td><td>")
                .text(&sent.retried.to_string())
                .tags("</td><td>")
                .text(&status)
                .tags("</td></tr>")
        })
        .tags("</tbody></table></div>")
}

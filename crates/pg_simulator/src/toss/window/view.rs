//! The window's pages: frame, steps, result. The steps' fields are in `steps.rs`.
//!
//! For browser automation these stay: `data-test` of `amount`, `method-<METHOD>` (the form), `next`, `back`, `pay`,
//! `close`, `decline`, `decline-limit`, `decline-lost`, `conditions`, `lang`, `mistake`, `result`, and of every
//! choice `choose-<code>` (`choose-61`, `choose-pay:TOSSPAY`). Fields keep their names.

use super::end::End;
use super::fields::Fields;
use super::params::WindowRequest;
use super::steps;
use crate::faults;
use crate::html::Html;
use crate::tls::Certificate;
use crate::toss::amount::{decimal, for_people};
use crate::toss::{Code, Lang, REFUSALS};

type Words = (&'static str, &'static str);

fn frame(lang: Lang, title: &str, body: Html) -> String {
    Html::new()
        .tags("<!doctype html><html lang=\"")
        .text(lang.pick(("ko", "en")))
        .tags(
            "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
        )
        .tags("<meta name=\"robots\" content=\"noindex\"><meta name=\"color-scheme\" content=\"light dark\"><title>")
        .text(title)
        .tags("</title><link rel=\"stylesheet\" href=\"/toss/assets/window.css\">")
        .tags("<link rel=\"icon\" href=\"/toss/assets/icon.svg\" type=\"image/svg+xml\"></head><body>")
        .add(body)
        .tags("</body></html>")
        .finish()
}

fn header(lang: Lang, switch: Option<(&str, Lang)>) -> Html {
    Html::new()
        .tags("<header class=\"top\"><p class=\"brand\">")
        .tags("<svg aria-hidden=\"true\" width=\"20\" height=\"20\" viewBox=\"0 0 20 20\"><circle cx=\"10\" cy=\"10\" r=\"9\"/></svg>")
        .tags("Toss Payments <span class=\"badge\">")
        .text(lang.pick(("시뮬레이터", "simulator")))
        .tags("</span></p>")
        .when(switch.is_some(), |html| {
            let (id, other) = switch.unwrap_or(("", lang));
            let (code, name, label) = match other {
                Lang::Ko => ("ko", "한국어", "ko"),
                Lang::En => ("en", "English", "en"),
            };
            html.tags("<a class=\"lang\" data-test=\"lang\" hreflang=\"")
                .text(label)
                .tags("\" lang=\"")
                .text(label)
                .tags("\" href=\"/toss/window/")
                .text(id)
                .tags("?lang=")
                .text(code)
                .tags("\">")
                .text(name)
                .tags("</a>")
        })
        .tags("</header>")
}

/// The language of the page: the switch's, else what the shop asked for.
pub fn page_lang(request: &WindowRequest, fields: &Fields) -> Lang {
    match fields.get("lang") {
        Some("en") => Lang::En,
        Some("ko") => Lang::Ko,
        _ => request.lang,
    }
}

/// First or second step, with what was chosen so far.
pub fn step(
    id: &str,
    request: &WindowRequest,
    fields: &Fields,
    second: bool,
    mistake: Option<Code>,
    shown: Option<Certificate>,
) -> String {
    let lang = page_lang(request, fields);
    let other = if lang == Lang::Ko { Lang::En } else { Lang::Ko };
    // The issuer or wallet is known already: the first step would ask nothing.
    let second = second || (steps::is_direct(request) && mistake.is_none() && fields.get("outcome").is_none());
    let form = Html::new()
        .tags("<form method=\"post\" action=\"/toss/window/")
        .text(id)
        .tags("\" data-test=\"method-")
        .text(request.product.names().1)
        .tags("\">")
        .hidden("lang", lang.pick(("ko", "en")))
        .when(mistake.is_some(), |html| {
            let text = mistake.map(|code| code.message(lang)).unwrap_or_default();
            html.tags("<p class=\"mistake\" role=\"alert\" data-test=\"mistake\">")
                .text(text)
                .tags("</p>")
        })
        .add(if second {
            steps::second(request, fields, lang)
        } else {
            steps::first(request, fields, lang)
        })
        .add(buttons(request, second, lang))
        .add(conditions(fields, lang, shown))
        .tags("</form>");
    let body = Html::new()
        .add(header(lang, Some((id, other))))
        .tags("<main>")
        .tags("<h1 class=\"visually-hidden\">")
        .text(lang.pick(("결제", "Payment")))
        .tags("</h1><p class=\"order\">")
        .text(&request.order_name)
        .tags("</p><p class=\"amount\" data-test=\"amount\">")
        .text(&for_people(request.amount))
        .tags("</p>")
        .add(form)
        .tags("</main><footer><p>")
        .text(lang.pick((
            "시험용 창입니다. 돈이 오가지 않으며 실제 카드 정보를 받지 않습니다.",
            "A window for tests. No money moves, and no real card data is taken.",
        )))
        .tags("</p></footer>");
    frame(lang, lang.pick(("결제하기", "Pay")), body)
}

fn buttons(request: &WindowRequest, second: bool, lang: Lang) -> Html {
    let button = |html: Html, class: &'static str, value: &'static str, test: &'static str, words: Words| {
        html.tags("<button type=\"submit\" name=\"outcome\" class=\"")
            .tags(class)
            .tags("\" value=\"")
            .tags(value)
            .tags("\" data-test=\"")
            .tags(test)
            .tags("\">")
            .text(lang.pick(words))
            .tags("</button>")
    };
    let html = Html::new().tags("<div class=\"actions\">");
    let html = if second {
        button(html, "primary", "approve", "pay", steps::pay_words(request))
    } else {
        button(html, "primary", "next", "next", ("다음", "Next"))
    };
    let html = if second && !steps::is_direct(request) {
        button(html, "plain", "back", "back", ("이전", "Back"))
    } else {
        html
    };
    button(html, "plain", "close", "close", ("결제 취소", "Cancel")).tags("</div>")
}

/// The panel that makes things go wrong. Closed at first: a shopper in a demo need not see it.
fn conditions(fields: &Fields, lang: Lang, shown: Option<Certificate>) -> Html {
    let declines: [(&'static str, Words); 3] = [
        ("decline", ("카드사 거절 (창에서)", "Issuer declines (in the window)")),
        (
            "decline-limit",
            ("한도 초과 (승인에서)", "Over the limit (at the approve)"),
        ),
        ("decline-lost", ("분실 카드 (승인에서)", "Lost card (at the approve)")),
    ];
    let chosen = |name: &str, value: &str| fields.get(name) == Some(value);
    let option = |html: Html, name: &str, value: &str, words: &str| {
        html.tags("<option value=\"")
            .text(value)
            .tags(if chosen(name, value) { "\" selected>" } else { "\">" })
            .text(words)
            .tags("</option>")
    };
    Html::new()
        .tags("<details class=\"conditions\" data-test=\"conditions\"><summary>")
        .text(lang.pick(("시험 조건", "Test conditions")))
        .tags("</summary><div class=\"declines\">")
        .each(declines, |html, (value, words)| {
            html.tags("<button type=\"submit\" name=\"outcome\" class=\"plain\" value=\"")
                .tags(value)
                .tags("\" data-test=\"")
                .tags(value)
                .tags("\">")
                .text(lang.pick(words))
                .tags("</button>")
        })
        .tags("</div><p><label for=\"fault\">")
        .text(lang.pick(("이 결제의 고장", "A fault for this payment")))
        .tags("</label><select id=\"fault\" name=\"fault\"><option value=\"\">")
        .text(lang.pick(("없음", "none")))
        .tags("</option>")
        .add(faults::page::options(fields.get("fault"), lang == Lang::Ko))
        .tags("</select></p><p><label for=\"faultOn\">")
        .text(lang.pick(("어느 호출에서", "At which call")))
        .tags("</label><select id=\"faultOn\" name=\"faultOn\"><option value=\"\">")
        .text(lang.pick(("승인 (알림은 다음 것)", "the approve (of notices: the next)")))
        .tags("</option>")
        .add(faults::page::operations(fields.get("faultOn"), lang == Lang::Ko))
        .tags("</select></p><p><label for=\"refuse\">")
        .text(lang.pick(("승인 거절 코드", "Refuse the approve with")))
        .tags("</label><select id=\"refuse\" name=\"refuse\"><option value=\"\">")
        .text(lang.pick(("없음", "none")))
        .tags("</option>")
        .each(REFUSALS, |html, code| {
            option(html, "refuse", code.as_str(), code.as_str())
        })
        .tags("</select></p>")
        .when(shown.is_some(), |html| {
            html.tags("<p><label for=\"certificate\">")
                .text(lang.pick(("인증서 (이제부터 모두에게)", "Certificate (from now on, for all)")))
                .tags("</label><select id=\"certificate\" name=\"certificate\">")
                .add(faults::page::certificates(shown, lang == Lang::Ko))
                .tags("</select></p>")
        })
        .tags("</details>")
}

/// In an iframe `window.js` hands the data attributes to the page around it; the link is for when it cannot.
pub fn result(request: &WindowRequest, end: &End) -> String {
    let lang = request.lang;
    let address = end.address(request);
    let outcome = if matches!(end, End::Success { .. }) {
        "success"
    } else {
        "failure"
    };
    let body = Html::new()
        .add(header(lang, None))
        .tags("<main id=\"result\" data-test=\"result\" data-outcome=\"")
        .text(outcome)
        .tags("\" data-origin=\"")
        .text(request.origin.as_deref().unwrap_or_default())
        .tags("\" data-currency=\"")
        .text(request.amount.currency.code())
        .tags("\" data-url=\"")
        .text(address.as_ref().map(url::Url::as_str).unwrap_or_default())
        .tags("\"")
        .each(end.pairs(request), |html, (name, value)| {
            html.tags(" data-")
                .text(&dashed(name))
                .tags("=\"")
                .text(&value)
                .tags("\"")
        })
        .tags("><h1>")
        .text(end.title(lang))
        .tags("</h1><p class=\"amount\">")
        .text(&for_people(request.amount))
        .tags("</p>")
        .when(matches!(end, End::Failure(_)), |html| {
            let End::Failure(code) = end else { return html };
            html.tags("<p>").text(code.message(lang)).tags("</p>")
        })
        .when(address.is_some(), |html| {
            let address = address.as_ref().map(url::Url::as_str).unwrap_or_default();
            html.tags("<p><a class=\"primary\" target=\"_top\" data-test=\"continue\" href=\"")
                .text(address)
                .tags("\">")
                .text(lang.pick(("상점으로 돌아가기", "Back to the shop")))
                .tags("</a></p>")
        })
        .tags("</main><script src=\"/toss/assets/window.js\"></script>");
    frame(lang, end.title(lang), body)
}

/// A request that opens no window. In an iframe the page around it is told as well.
pub fn refusal(code: Code, origin: Option<&str>, back: Option<&url::Url>) -> String {
    let body = Html::new()
        .add(header(Lang::Ko, None))
        .tags("<main id=\"result\" data-test=\"result\" data-outcome=\"failure\" data-url=\"")
        .text(back.map(url::Url::as_str).unwrap_or_default())
        .tags("\" data-origin=\"")
        .text(origin.unwrap_or_default())
        .tags("\" data-code=\"")
        .text(code.as_str())
        .tags("\" data-message=\"")
        .text(code.message(Lang::Ko))
        .tags("\"><h1>결제창을 열지 못했습니다</h1><p class=\"mistake\" role=\"alert\" data-test=\"mistake\">")
        .text(code.message(Lang::Ko))
        .tags("</p><p lang=\"en\">")
        .text(code.message(Lang::En))
        .tags("</p><p><code>")
        .text(code.as_str())
        .tags("</code></p></main><script src=\"/toss/assets/window.js\"></script>");
    frame(Lang::Ko, "결제창을 열지 못했습니다", body)
}

/// `paymentKey` as a data attribute: `payment-key`.
fn dashed(name: &str) -> String {
    let mut dashed = String::with_capacity(name.len() + 2);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            dashed.push('-');
        }
        dashed.push(letter.to_ascii_lowercase());
    }
    dashed
}

/// The receipt a payment's `receipt.url` leads to. `None`: nothing is known by that key.
pub fn receipt(found: Option<&crate::toss::payment::Payment>) -> String {
    let Some(payment) = found else {
        return refusal(Code::NOT_FOUND, None, None);
    };
    let row = |html: Html, (name, value): (&'static str, String)| {
        html.tags("<div><dt>")
            .tags(name)
            .tags("</dt><dd>")
            .text(&value)
            .tags("</dd></div>")
    };
    let approved = payment.approved_at.map(vocabulary::Timestamp::in_korea);
    let rows = [
        ("주문번호", payment.order_id.to_string()),
        ("상태", payment.status.as_str().to_owned()),
        ("금액", for_people(payment.total)),
        (
            "남은 금액",
            format!("{} {}", decimal(payment.balance), payment.balance.currency),
        ),
        ("승인 시각", approved.unwrap_or_else(|| "-".to_owned())),
        ("승인번호", "00000000".to_owned()),
    ];
    let body = Html::new()
        .add(header(Lang::Ko, None))
        .tags("<main><h1>")
        .text(&payment.order_name)
        .tags("</h1><dl class=\"rows\">")
        .each(rows, row)
        .tags("</dl></main>");
    frame(Lang::Ko, "매출전표", body)
}

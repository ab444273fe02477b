//! The window's pages. For browser automation these stay: `data-test` of `amount`, `method-<method>` (the form),
//! `pay`, `close`, `decline`, `decline-later`, `conditions`, `mistake`, `result`, `continue`, and of every choice
//! `choose-<code>` (`choose-04`, `choose-pay:kakaopay`). Fields keep their names.

use super::choice::{EASY_PAYS, offered_issuers, offered_quotas};
use super::end::End;
use super::params::{Product, WindowRequest};
use crate::faults;
use crate::html::Html;
use crate::nice::fields::Fields;
use crate::nice::merchant::Merchant;
use crate::nice::payment::Payment;
use crate::nice::trouble::REFUSALS;
use crate::nice::{Code, Lang, dates, orgs, won};
use crate::tls::Certificate;

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
        .tags("</title><link rel=\"stylesheet\" href=\"/nice/assets/window.css\">")
        .tags("<link rel=\"icon\" href=\"/nice/assets/icon.svg\" type=\"image/svg+xml\"></head><body>")
        .tags("<header class=\"top\"><p class=\"brand\">")
        .tags("<svg aria-hidden=\"true\" width=\"20\" height=\"20\" viewBox=\"0 0 20 20\"><rect x=\"1\" y=\"1\" width=\"18\" height=\"18\" rx=\"5\"/></svg>")
        .tags("NICE Payments <span class=\"badge\">")
        .text(lang.pick(("시뮬레이터", "simulator")))
        .tags("</span></p></header>")
        .add(body)
        .tags("</body></html>")
        .finish()
}

/// The one step: choose and pay.
pub fn step(
    id: &str,
    request: &WindowRequest,
    fields: &Fields,
    mistake: Option<Code>,
    shown: Option<Certificate>,
) -> String {
    let lang = request.lang;
    let form = Form { fields, lang };
    let body = Html::new()
        .tags("<main><h1 class=\"visually-hidden\">")
        .text(lang.pick(("결제", "Payment")))
        .tags("</h1><p class=\"order\">")
        .text(&request.goods_name)
        .tags("</p><p class=\"amount\" data-test=\"amount\">")
        .text(&won(request.amount))
        .tags("</p><form method=\"post\" action=\"/nice/window/")
        .text(id)
        .tags("\" data-test=\"method-")
        .text(request.product.as_str())
        .tags("\">")
        .when(mistake.is_some(), |html| {
            html.tags("<p class=\"mistake\" role=\"alert\" data-test=\"mistake\">")
                .text(mistake.map(Code::message).unwrap_or_default())
                .tags("</p>")
        })
        .add(form.choices(request))
        .add(form.buttons(request))
        .add(form.conditions(shown))
        .tags("</form></main><footer><p>")
        .text(lang.pick((
            "시험용 창입니다. 돈이 오가지 않으며 실제 카드 정보를 받지 않습니다.",
            "A window for tests. No money moves, and no real card data is taken.",
        )))
        .tags("</p></footer>");
    frame(lang, lang.pick(("결제하기", "Pay")), body)
}

struct Form<'a> {
    fields: &'a Fields,
    lang: Lang,
}

impl Form<'_> {
    fn choices(&self, request: &WindowRequest) -> Html {
        match request.product {
            Product::Bank => self.receipt(self.radios("bankCode", ("은행", "Bank"), orgs::BANKS.iter().take(12))),
            Product::Vbank => {
                let banks = self.radios("bankCode", ("입금 은행", "Bank to pay into"), orgs::issuing_banks());
                self.receipt(banks)
            }
            Product::Cellphone => self.note((
                "시험 휴대폰 010-0000-0000으로 결제합니다.",
                "Paid with the test phone 010-0000-0000.",
            )),
            Product::CardAndEasyPay => {
                let cards = self.radios("card", ("카드사", "Card company"), offered_issuers(request).into_iter());
                self.quotas(cards.add(self.easy_pays()), request)
            }
            product => match product.easy_pay() {
                Some((_, name)) => self.purse(product, name),
                None => {
                    let issuers = offered_issuers(request).into_iter();
                    self.quotas(self.radios("card", ("카드사", "Card company"), issuers), request)
                }
            },
        }
    }

    fn radios(&self, name: &'static str, legend: Words, rows: impl Iterator<Item = &'static orgs::Org>) -> Html {
        Html::new()
            .tags("<fieldset><legend>")
            .text(self.lang.pick(legend))
            .tags("</legend><div class=\"choices\">")
            .each(rows.enumerate(), |html, (index, row)| {
                self.radio(html, name, row.code, row.name(self.lang), index == 0)
            })
            .tags("</div></fieldset>")
    }

    fn easy_pays(&self) -> Html {
        Html::new()
            .tags("<fieldset><legend>")
            .text(self.lang.pick(("간편결제", "Easy pay")))
            .tags("</legend><div class=\"choices\">")
            .each(EASY_PAYS, |html, easy_pay| {
                let name = easy_pay.easy_pay().map_or("", |(_, name)| name);
                self.radio(html, "card", &format!("pay:{}", easy_pay.as_str()), name, false)
            })
            .tags("</div></fieldset>")
    }

    fn purse(&self, product: Product, name: &str) -> Html {
        let note = Html::new()
            .tags("<p class=\"note\">")
            .text(name)
            .text(self.lang.pick((" 결제에 동의합니다.", ": agree to pay.")))
            .tags("</p>");
        let fixed = matches!(
            product,
            Product::KakaopayCard | Product::KakaopayMoney | Product::SamsungpayCard
        );
        if fixed {
            return note;
        }
        let ways: [(&str, Words); 2] = [
            ("card", ("등록한 카드", "Registered card")),
            ("money", ("머니·포인트", "Money or points")),
        ];
        note.tags("<fieldset><legend>")
            .text(self.lang.pick(("결제 방법", "Pay with")))
            .tags("</legend><div class=\"choices\">")
            .each(ways, |html, (value, words)| {
                self.radio(html, "payWith", value, self.lang.pick(words), value == "card")
            })
            .tags("</div></fieldset>")
    }

    fn quotas(&self, html: Html, request: &WindowRequest) -> Html {
        let months = offered_quotas(request);
        if months.len() < 2 {
            return html;
        }
        html.tags("<p><label for=\"quota\">")
            .text(self.lang.pick(("할부", "Instalments")))
            .tags("</label><select id=\"quota\" name=\"quota\">")
            .each(months, |html, months| {
                let value = months.to_string();
                let words = match months {
                    0 => self.lang.pick(("일시불", "At once")).to_owned(),
                    _ => format!("{value}{}", self.lang.pick(("개월", " months"))),
                };
                self.option(html, "quota", &value, &words)
            })
            .tags("</select></p>")
    }

    fn receipt(&self, html: Html) -> Html {
        let kinds: [(&str, Words); 3] = [
            ("none", ("발급 안 함", "None")),
            ("individual", ("소득공제", "Income deduction")),
            ("company", ("지출증빙", "Proof of expense")),
        ];
        html.tags("<p><label for=\"receipt\">")
            .text(self.lang.pick(("현금영수증", "Cash receipt")))
            .tags("</label><select id=\"receipt\" name=\"receipt\">")
            .each(kinds, |html, (value, words)| {
                self.option(html, "receipt", value, self.lang.pick(words))
            })
            .tags("</select></p>")
    }

    fn note(&self, words: Words) -> Html {
        Html::new()
            .tags("<p class=\"note\">")
            .text(self.lang.pick(words))
            .tags("</p>")
    }

    fn buttons(&self, request: &WindowRequest) -> Html {
        let pay: Words = match request.product {
            Product::Vbank => ("계좌 발급받기", "Issue the account"),
            _ => ("결제하기", "Pay"),
        };
        let html = Html::new().tags("<div class=\"actions\">");
        let html = self.button(html, "primary", "approve", "pay", pay);
        self.button(html, "plain", "close", "close", ("결제 취소", "Cancel"))
            .tags("</div>")
    }

    /// The panel that makes things go wrong. Closed at first: a shopper in a demo need not see it.
    fn conditions(&self, shown: Option<Certificate>) -> Html {
        let korean = self.lang == Lang::Ko;
        let html = Html::new()
            .tags("<details class=\"conditions\" data-test=\"conditions\"><summary>")
            .text(self.lang.pick(("시험 조건", "Test conditions")))
            .tags("</summary><div class=\"declines\">");
        let in_window: Words = ("카드사 인증 실패 (창에서)", "Issuer declines (in the window)");
        let later: Words = ("카드사 승인 거절 (승인에서)", "Issuer declines (at the approve)");
        let html = self.button(html, "plain", "decline", "decline", in_window);
        self.button(html, "plain", "decline-later", "decline-later", later)
            .tags("</div><p><label for=\"fault\">")
            .text(self.lang.pick(("이 결제의 고장", "A fault for this payment")))
            .tags("</label><select id=\"fault\" name=\"fault\"><option value=\"\">")
            .text(self.lang.pick(("없음", "none")))
            .tags("</option>")
            .add(faults::page::options(self.fields.get("fault"), korean))
            .tags("</select></p><p><label for=\"faultOn\">")
            .text(self.lang.pick(("어느 호출에서", "At which call")))
            .tags("</label><select id=\"faultOn\" name=\"faultOn\"><option value=\"\">")
            .text(
                self.lang
                    .pick(("승인 (알림은 다음 것)", "the approve (of notices: the next)")),
            )
            .tags("</option>")
            .add(faults::page::operations(self.fields.get("faultOn"), korean))
            .tags("</select></p><p><label for=\"refuse\">")
            .text(self.lang.pick(("승인 거절 코드", "Refuse the approve with")))
            .tags("</label><select id=\"refuse\" name=\"refuse\"><option value=\"\">")
            .text(self.lang.pick(("없음", "none")))
            .tags("</option>")
            .each(REFUSALS, |html, code| {
                let words = format!("{} {}", code.as_str(), code.message());
                self.option(html, "refuse", code.as_str(), &words)
            })
            .tags("</select></p>")
            .when(shown.is_some(), |html| {
                html.tags("<p><label for=\"certificate\">")
                    .text(
                        self.lang
                            .pick(("인증서 (이제부터 모두에게)", "Certificate (from now on, for all)")),
                    )
                    .tags("</label><select id=\"certificate\" name=\"certificate\">")
                    .add(faults::page::certificates(shown, korean))
                    .tags("</select></p>")
            })
            .tags("</details>")
    }

    fn radio(&self, html: Html, name: &'static str, value: &str, words: &str, preset: bool) -> Html {
        let checked = match self.fields.get(name) {
            Some(chosen) => chosen == value,
            None => preset,
        };
        html.tags("<label class=\"choice\" data-test=\"choose-")
            .text(value)
            .tags("\"><input type=\"radio\" name=\"")
            .tags(name)
            .tags("\" value=\"")
            .text(value)
            .tags(if checked { "\" checked>" } else { "\">" })
            .tags("<span>")
            .text(words)
            .tags("</span></label>")
    }

    fn option(&self, html: Html, name: &str, value: &str, words: &str) -> Html {
        let selected = self.fields.get(name) == Some(value);
        html.tags("<option value=\"")
            .text(value)
            .tags(if selected { "\" selected>" } else { "\">" })
            .text(words)
            .tags("</option>")
    }

    fn button(&self, html: Html, class: &'static str, value: &'static str, test: &'static str, words: Words) -> Html {
        html.tags("<button type=\"submit\" name=\"outcome\" class=\"")
            .tags(class)
            .tags("\" value=\"")
            .tags(value)
            .tags("\" data-test=\"")
            .tags(test)
            .tags("\">")
            .text(self.lang.pick(words))
            .tags("</button>")
    }
}

/// The form for the return address. `window.js` sends it, or hands it to the page around an iframe; the button is
/// for when there is no script.
pub fn result(request: &WindowRequest, end: &End, merchant: &Merchant) -> String {
    let lang = request.lang;
    let closed = *end == End::Failure(Code::CLOSED_BY_BUYER);
    let origin = request.origin.as_deref().filter(|_| request.iframe);
    let body = Html::new()
        .tags("<main id=\"result\" data-test=\"result\" data-outcome=\"")
        .tags(if closed { "closed" } else { "returned" })
        .tags("\" data-message=\"")
        .text(match end {
            End::Failure(code) => code.message(),
            End::Success { .. } => "",
        })
        .tags("\" data-origin=\"")
        .text(origin.unwrap_or_default())
        .tags("\"><h1>")
        .text(end.title(lang))
        .tags("</h1><p class=\"amount\">")
        .text(&won(request.amount))
        .tags("</p><form id=\"return\" method=\"post\" target=\"_top\" accept-charset=\"")
        .tags(if request.euc_kr { "euc-kr" } else { "utf-8" })
        .tags("\" action=\"")
        .text(request.return_url.as_str())
        .tags("\">")
        .each(end.form(request, merchant), |html, (name, value)| {
            html.hidden(&name, &value)
        })
        .tags("<div class=\"actions\"><button type=\"submit\" class=\"primary\" data-test=\"continue\">")
        .text(lang.pick(("상점으로 돌아가기", "Back to the shop")))
        .tags("</button></div></form></main><script src=\"/nice/assets/window.js\"></script>");
    frame(lang, end.title(lang), body)
}

/// A request that opens no window. In an iframe the page around it is told as well.
pub fn refusal(code: Code, origin: Option<&str>) -> String {
    let body = Html::new()
        .tags("<main id=\"result\" data-test=\"result\" data-outcome=\"refused\" data-origin=\"")
        .text(origin.unwrap_or_default())
        .tags("\" data-message=\"")
        .text(code.message())
        .tags("\" data-code=\"")
        .text(code.as_str())
        .tags("\"><h1>결제창을 열지 못했습니다</h1><p class=\"mistake\" role=\"alert\" data-test=\"mistake\">")
        .text(code.message())
        .tags("</p><p><code>")
        .text(code.as_str())
        .tags("</code></p></main><script src=\"/nice/assets/window.js\"></script>");
    frame(Lang::Ko, "결제창을 열지 못했습니다", body)
}

/// The receipt a payment's `receiptUrl` leads to.
pub fn receipt(payment: &Payment) -> String {
    let row = |html: Html, (name, value): (&'static str, String)| {
        html.tags("<div><dt>")
            .tags(name)
            .tags("</dt><dd>")
            .text(&value)
            .tags("</dd></div>")
    };
    let rows = [
        ("거래번호", payment.tid.to_string()),
        ("주문번호", payment.order_id.to_string()),
        ("상태", payment.status.as_str().to_owned()),
        ("금액", won(payment.amount)),
        ("남은 금액", won(payment.balance)),
        (
            "결제 시각",
            payment.paid_at.map_or_else(|| "-".to_owned(), dates::to_second),
        ),
    ];
    let body = Html::new()
        .tags("<main><h1>")
        .text(&payment.goods_name)
        .tags("</h1><dl class=\"rows\">")
        .each(rows, row)
        .tags("</dl></main>");
    frame(Lang::Ko, "매출전표", body)
}

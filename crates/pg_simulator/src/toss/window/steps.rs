//! What each method asks in the window: first the choice, then what the PG would ask to be sure.

use super::choice::ONE_TIME_CODE;
use super::fields::Fields;
use super::params::{Instalments, Product, WindowRequest};
use crate::html::Html;
use crate::toss::Lang;
use crate::toss::codes::{self, Org};

type Words = (&'static str, &'static str);

/// Names that travel from the first step to the second.
const CARRIED: [&str; 8] = [
    "company",
    "instalment",
    "bank",
    "depositor",
    "receipt",
    "carrier",
    "phone",
    "brand",
];

/// Does the shop name the issuer or wallet itself?
pub fn is_direct(request: &WindowRequest) -> bool {
    request.product == Product::Card && (request.card_company.is_some() || request.easy_pay.is_some())
}

pub fn pay_words(request: &WindowRequest) -> Words {
    match request.product {
        Product::VirtualAccount => ("계좌 발급받기", "Issue the account"),
        _ => ("결제하기", "Pay"),
    }
}

pub fn first(request: &WindowRequest, fields: &Fields, lang: Lang) -> Html {
    let form = Form { fields, lang };
    match request.product {
        Product::Card if request.overseas_only => form.radios(
            Html::new(),
            "brand",
            ("카드 브랜드", "Card brand"),
            codes::OVERSEAS_BRANDS.iter(),
            "",
        ),
        Product::Card => form.instalments(form.companies(Html::new()), request),
        Product::Transfer => form.receipt(
            form.radios(Html::new(), "bank", ("은행", "Bank"), codes::BANKS.iter().take(12), ""),
            request,
        ),
        Product::VirtualAccount => {
            let html = form.radios(
                Html::new(),
                "bank",
                ("입금 은행", "Bank to pay into"),
                codes::issuing_banks(),
                "",
            );
            let html = form.line(
                html,
                "depositor",
                ("입금자명", "Depositor"),
                &request.customer_name,
                "name",
            );
            form.receipt(html, request)
        }
        Product::MobilePhone => {
            let carriers = request.carriers.iter().copied();
            let html = form.radios(Html::new(), "carrier", ("통신사", "Carrier"), carriers, "");
            form.line(
                html,
                "phone",
                ("휴대폰 번호", "Phone number"),
                &request.customer_mobile_phone,
                "tel",
            )
        }
        Product::CultureGift | Product::BookGift | Product::GameGift => {
            let html = form.note(Html::new(), (request.product.names().0, request.product.names().1));
            form.line(
                html,
                "account",
                ("상품권 아이디", "Voucher account"),
                "test-user",
                "off",
            )
        }
        Product::ForeignEasyPay => form.note(Html::new(), (request.provider.korean, request.provider.english)),
    }
}

pub fn second(request: &WindowRequest, fields: &Fields, lang: Lang) -> Html {
    let form = Form { fields, lang };
    let html = Html::new().each(CARRIED, |html, name| match fields.get(name) {
        Some(value) => html.hidden(name, value),
        None => html,
    });
    match request.product {
        Product::Card => form.sure_of_card(html, request),
        Product::Transfer => form.note(
            html,
            (
                "퀵계좌이체: 시험 계좌 ****1234 에서 출금합니다.",
                "Quick transfer from the test account ****1234.",
            ),
        ),
        Product::VirtualAccount => form.note(
            html,
            (
                "입금할 계좌를 발급합니다. 금액이 정확히 같아야 입금됩니다.",
                "An account is issued. Only the exact amount is taken.",
            ),
        ),
        Product::MobilePhone => {
            let html = form.note(
                html,
                (
                    "문자로 받은 인증번호를 넣어 주세요. 시험에서는 000000 입니다.",
                    "Enter the code from the message. In tests it is 000000.",
                ),
            );
            form.line(html, "code", ("인증번호", "Code"), ONE_TIME_CODE, "one-time-code")
        }
        Product::CultureGift | Product::BookGift | Product::GameGift => {
            form.note(html, ("상품권 잔액에서 결제합니다.", "Paid from the voucher balance."))
        }
        Product::ForeignEasyPay => form.note(
            html,
            (
                "결제에 동의하시면 결제하기를 눌러 주세요.",
                "Press Pay to agree to the payment.",
            ),
        ),
    }
}

struct Form<'a> {
    fields: &'a Fields,
    lang: Lang,
}

impl Form<'_> {
    fn companies(&self, html: Html) -> Html {
        let html = self.radios(
            html,
            "company",
            ("카드사", "Card company"),
            codes::CARD_COMPANIES.iter().take(12),
            "",
        );
        self.radio_group(
            html,
            "company",
            ("간편결제", "Easy pay"),
            codes::EASY_PAYS.iter(),
            "pay:",
            false,
        )
    }

    fn instalments(&self, html: Html, request: &WindowRequest) -> Html {
        let most = match request.instalments {
            Instalments::Fixed(months) => {
                return html.when(months > 0, |html| {
                    html.tags("<p class=\"note\">")
                        .text(&months.to_string())
                        .text(self.lang.pick(("개월 할부", " months")))
                        .tags("</p>")
                });
            }
            Instalments::UpTo(most) => most,
        };
        if !request.takes_instalments() || most == 0 {
            return html;
        }
        html.tags("<p><label for=\"instalment\">")
            .text(self.lang.pick(("할부", "Instalments")))
            .tags("</label><select id=\"instalment\" name=\"instalment\">")
            .each(std::iter::once(0).chain(2..=most), |html, months: u8| {
                let value = months.to_string();
                let selected = self.fields.get("instalment") == Some(value.as_str());
                let html =
                    html.tags("<option value=\"")
                        .text(&value)
                        .tags(if selected { "\" selected>" } else { "\">" });
                let html = if months == 0 {
                    html.text(self.lang.pick(("일시불", "At once")))
                } else {
                    html.text(&value).text(self.lang.pick(("개월", " months")))
                };
                let free = request.free_instalments.iter().any(|(_, free)| *free == months);
                html.when(free, |html| {
                    html.text(self.lang.pick((" (상점 무이자)", " (no interest)")))
                })
                .tags("</option>")
            })
            .tags("</select></p>")
    }

    fn receipt(&self, html: Html, request: &WindowRequest) -> Html {
        if request.cash_receipt.is_some() {
            return html;
        }
        let kinds: [(&'static str, Words); 3] = [
            ("미발행", ("발급 안 함", "None")),
            ("소득공제", ("소득공제", "Income deduction")),
            ("지출증빙", ("지출증빙", "Proof of expense")),
        ];
        html.tags("<p><label for=\"receipt\">")
            .text(self.lang.pick(("현금영수증", "Cash receipt")))
            .tags("</label><select id=\"receipt\" name=\"receipt\">")
            .each(kinds, |html, (value, words)| {
                let selected = self.fields.get("receipt") == Some(value);
                html.tags("<option value=\"")
                    .tags(value)
                    .tags(if selected { "\" selected>" } else { "\">" })
                    .text(self.lang.pick(words))
                    .tags("</option>")
            })
            .tags("</select></p>")
    }

    fn sure_of_card(&self, html: Html, request: &WindowRequest) -> Html {
        let chosen = self.fields.get("company");
        let wallet = match chosen.and_then(|text| text.strip_prefix("pay:")) {
            Some(code) => codes::find(codes::EASY_PAYS, code),
            None if chosen.is_none() => request.easy_pay,
            None => None,
        };
        if let Some(wallet) = wallet {
            let ways: [(&'static str, Words); 2] = [
                ("card", ("등록한 카드", "Registered card")),
                ("balance", ("머니·계좌", "Balance or account")),
            ];
            return html
                .tags("<p class=\"note\">")
                .text(wallet.name(self.lang))
                .text(self.lang.pick((" 결제에 동의합니다.", ": agree to pay.")))
                .tags("</p><fieldset><legend>")
                .text(self.lang.pick(("결제 방법", "Pay with")))
                .tags("</legend><div class=\"choices\">")
                .each(ways, |html, (value, words)| {
                    self.radio(html, "payWith", value, self.lang.pick(words), value == "card")
                })
                .tags("</div></fieldset>");
        }
        let company = match (chosen, self.fields.get("brand")) {
            (Some(code), _) | (None, Some(code)) => codes::card_company(code),
            (None, None) if request.overseas_only => codes::OVERSEAS_BRANDS.first(),
            (None, None) => request.card_company,
        };
        let company = company.unwrap_or(&codes::CARD_COMPANIES[0]);
        html.tags("<dl class=\"rows\"><div><dt>")
            .text(self.lang.pick(("카드", "Card")))
            .tags("</dt><dd>")
            .text(company.name(self.lang))
            .tags("</dd></div><div><dt>")
            .text(self.lang.pick(("시험 카드번호", "Test card number")))
            .tags("</dt><dd class=\"digits\">")
            .text(&codes::test_number_of(company.code))
            .tags("</dd></div></dl>")
            .when(request.use_card_point, |html| {
                html.tags("<p class=\"check\"><input type=\"checkbox\" id=\"usePoint\" name=\"usePoint\" value=\"true\"><label for=\"usePoint\">")
                    .text(self.lang.pick(("카드 포인트 사용", "Use card points")))
                    .tags("</label></p>")
            })
    }

    fn note(&self, html: Html, words: Words) -> Html {
        html.tags("<p class=\"note\">").text(self.lang.pick(words)).tags("</p>")
    }

    fn line(&self, html: Html, name: &'static str, words: Words, prefilled: &str, autocomplete: &'static str) -> Html {
        let value = self.fields.get(name).unwrap_or(prefilled);
        html.tags("<p><label for=\"")
            .tags(name)
            .tags("\">")
            .text(self.lang.pick(words))
            .tags("</label><input id=\"")
            .tags(name)
            .tags("\" name=\"")
            .tags(name)
            .tags("\" autocomplete=\"")
            .tags(autocomplete)
            .tags("\" maxlength=\"100\" value=\"")
            .text(value)
            .tags("\"></p>")
    }

    fn radios(
        &self,
        html: Html,
        name: &'static str,
        words: Words,
        rows: impl Iterator<Item = &'static Org>,
        prefix: &'static str,
    ) -> Html {
        self.radio_group(html, name, words, rows, prefix, true)
    }

    fn radio_group(
        &self,
        html: Html,
        name: &'static str,
        words: Words,
        rows: impl Iterator<Item = &'static Org>,
        prefix: &'static str,
        first_is_chosen: bool,
    ) -> Html {
        let rows = rows.enumerate();
        html.tags("<fieldset><legend>")
            .text(self.lang.pick(words))
            .tags("</legend><div class=\"choices\">")
            .each(rows, |html, (index, row)| {
                let value = format!("{prefix}{}", row.code);
                self.radio(html, name, &value, row.name(self.lang), first_is_chosen && index == 0)
            })
            .tags("</div></fieldset>")
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
}

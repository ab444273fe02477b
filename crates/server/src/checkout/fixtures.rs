//! Every page with made-up content, written to `target/pages` to be looked at.

use std::fs;
use std::path::{Path, PathBuf};

use askama::Template;
use vocabulary::{Money, Timestamp};

use super::pages::*;
use super::text::{Lang, Text};

fn page(name: &'static str, lang: Lang) -> Page {
    Page {
        name,
        text: Text::new(lang),
        shop: Some("나루터 문구점".into()),
        test: true,
        accent: Some("1c5c58".into()),
        shop_origin: Some("https://shop.example".into()),
        other_lang_url: Some("?lang=en".into()),
    }
}

fn bill(text: Text, name: &str, won: i64) -> BillView {
    let fact = |key: &str, value: String, sum| Fact {
        label: text.say(key),
        value,
        sum,
    };
    let amount = |won| text.amount(Money::krw(won)).to_string();
    let until = Timestamp::parse("2026-11-25T05:04:00Z").map(|at| text.with("pay-until", &[("time", &text.time(at))]));
    BillView {
        name: name.into(),
        amount: text.amount(Money::krw(won)),
        until,
        facts: vec![
            fact("order-number", "order-20261125-0001".into(), false),
            fact("supplied", amount(won / 11 * 10), false),
            fact("vat", amount(won / 11), false),
            fact("tax-free", amount(3000), false),
            fact("total", amount(won), true),
        ],
    }
}

fn way(text: Text, method: &'static str, chosen: bool) -> Way {
    Way {
        method,
        name: text.say(&format!("way-{method}")),
        hint: text.say(&format!("hint-{method}")),
        icon: icon(method),
        chosen,
        kinds: Vec::new(),
        kinds_label: String::new(),
        kinds_hint: String::new(),
        instalments: Vec::new(),
        instalment_hint: String::new(),
    }
}

fn checkout(lang: Lang, chosen: &str, alert: Option<Alert>) -> CheckoutPage {
    let page = page("checkout", lang);
    let text = page.text;
    let all = [
        "CARD",
        "EASY_PAY",
        "TRANSFER",
        "VIRTUAL_ACCOUNT",
        "MOBILE",
        "GIFT_VOUCHER",
        "OVERSEAS_CARD",
    ];
    let mut ways: Vec<Way> = all
        .into_iter()
        .map(|method| way(text, method, method == chosen))
        .collect();
    ways[0].instalments = (2..=12)
        .map(|months| Months {
            months,
            name: text.with("months", &[("months", &months.to_string())]),
        })
        .collect();
    ways[0].instalments.insert(
        0,
        Months {
            months: 0,
            name: text.say("at-once"),
        },
    );
    ways[0].instalment_hint = text.say("free-hint");
    ways[1].kinds_label = text.say("kinds-EASY_PAY");
    ways[1].kinds_hint = text.say("kinds-hint");
    ways[1].kinds = [
        "TOSSPAY",
        "NAVERPAY",
        "KAKAOPAY",
        "PAYCO",
        "SAMSUNGPAY",
        "APPLEPAY",
        "LPAY",
        "SSG",
        "PINPAY",
    ]
    .into_iter()
    .map(|code| KindView {
        code,
        name: text.say(&format!("kind-{code}")),
        chosen: code == "KAKAOPAY",
    })
    .collect();
    let amount = text.amount(Money::krw(128_000)).to_string();
    CheckoutPage {
        bill: bill(text, "만년필 세트 외 2건", 128_000),
        alert,
        action: "/checkout/t/attempts".into(),
        ways,
        pay_label: text.with("pay-button", &[("amount", &amount)]),
        page,
    }
}

fn result(lang: Lang, mood: Mood, title: &str, lines: &[&str], next: &[&str], account: bool) -> ResultPage {
    let page = page("result", lang);
    let text = page.text;
    let fact = |key: &str, value: &str| Fact {
        label: text.say(key),
        value: value.into(),
        sum: false,
    };
    ResultPage {
        bill: bill(text, "만년필 세트 외 2건", 128_000),
        mood,
        title: text.say(title),
        lines: lines.iter().map(|line| text.say(line)).collect(),
        account: account.then(|| AccountView {
            bank: "신한은행".into(),
            number: "110-123-456789".into(),
            digits: "110123456789".into(),
        }),
        facts: vec![
            fact("order-number", "order-20261125-0001"),
            fact("paid-with", "카드 · 현대 · 4330-12**-****-123*"),
        ],
        next: next
            .iter()
            .map(|line| text.with(line, &[("time", "12월 2일 23:59")]))
            .collect(),
        outcome: "paid",
        state: "DONE",
        payment_id: "pay_0".into(),
        order_id: "order-1".into(),
        status_url: None,
        refresh_seconds: (mood == Mood::Checking).then_some(5),
        back_url: Some("https://shop.example/back".into()),
        again_url: (mood == Mood::Checking).then(|| "?again".into()),
        receipt_url: (mood == Mood::Good).then(|| "https://pg.example/receipt".into()),
        page,
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/pages")
}

fn write(name: &str, html: &str) {
    assert!(
        !html.contains("style=") && !html.contains("onclick="),
        "{name}: the policy forbids inline styles and handlers"
    );
    let own = |file: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join(file);
    let url = |file: &str| format!("file://{}", own(file).display());
    // Opened as files, without a server.
    let html = html
        .replace(&crate::assets::CHECKOUT_STYLE.url(), &url("checkout.css"))
        .replace(&crate::assets::CHECKOUT_SCRIPT.url(), &url("checkout.js"))
        .replace(&crate::assets::MARK.url(), &url("mark.svg"))
        .replace("/assets/accent/1c5c58.css", "accent.css");
    fs::write(folder().join(format!("{name}.html")), html).unwrap();
}

#[test]
fn the_pages_render() {
    fs::create_dir_all(folder()).unwrap();
    fs::write(
        folder().join("accent.css"),
        super::Colour::parse("1c5c58").unwrap().style(),
    )
    .unwrap();
    for (lang, code) in [(Lang::Korean, "ko"), (Lang::English, "en")] {
        let text = Text::new(lang);
        write(
            &format!("checkout-{code}"),
            &checkout(lang, "CARD", None).render().unwrap(),
        );
        let alert = Alert {
            title: text.say("failed-title"),
            text: format!("{} {}", text.say("failed-money"), text.say("failed-insufficient_funds")),
        };
        write(
            &format!("checkout-failed-{code}"),
            &checkout(lang, "EASY_PAY", Some(alert)).render().unwrap(),
        );
        let window = WindowPage {
            bill: bill(text, "만년필 세트 외 2건", 128_000),
            method: text.say("way-CARD"),
            pg_script_url: "http://127.0.0.1:9/nothing.js".into(),
            opener_url: format!("file://{}/assets/open-toss.js", env!("CARGO_MANIFEST_DIR")),
            parameters: r#"{"clientKey":"test_ck_\u003c"}"#.into(),
            back_url: "checkout.html".into(),
            page: page("window", lang),
        };
        write(&format!("window-{code}"), &window.render().unwrap());
        write(
            &format!("paid-{code}"),
            &result(lang, Mood::Good, "paid", &["paid-text"], &[], false)
                .render()
                .unwrap(),
        );
        let next = ["next-do-not-pay-again", "next-may-close"];
        let checking = result(lang, Mood::Checking, "checking", &["checking-text"], &next, false);
        write(&format!("checking-{code}"), &checking.render().unwrap());
        let next = ["next-deposit-exact", "next-deposit-due"];
        let deposit = result(lang, Mood::Waiting, "deposit", &["deposit-text"], &next, true);
        write(&format!("deposit-{code}"), &deposit.render().unwrap());
        let not_paid = result(
            lang,
            Mood::Bad,
            "expired",
            &["failed-money"],
            &["next-order-again"],
            false,
        );
        write(&format!("expired-{code}"), &not_paid.render().unwrap());
        let message = MessagePage {
            page: Page {
                shop: None,
                test: false,
                accent: None,
                shop_origin: None,
                ..page("message", lang)
            },
            mood: Mood::Bad,
            title: text.say("unknown-title"),
            lines: text.say("unknown-text"),
            back_url: None,
            request_id: Some("req_0000000000000000000000000".into()),
        };
        write(&format!("unknown-{code}"), &message.render().unwrap());
    }
}

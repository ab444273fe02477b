use vocabulary::{Digits, Duration, Method};

use super::*;
use crate::{Bill, Locale, Unsupported, Window};

fn bill(method: Method) -> Bill {
    let zero = Money::krw(0);
    Bill {
        pg_order_id: ORDER.into(),
        order_name: "나룻배 \"모형\"".into(),
        amount: Money::krw(60_000),
        tax: TaxShare {
            tax_free: zero,
            exempt: zero,
        },
        method,
        kind: None,
        locale: Locale::Korean,
        mobile: false,
        customer_name: None,
        customer_email: None,
        customer_phone: None,
        instalment_months: None,
        instalment_months_max: None,
        interest_free: Vec::new(),
        deposit_due_at: None,
        deposit_within: None,
        cash_receipt: None,
        escrow: false,
        escrow_items: Vec::new(),
        culture_expense: false,
        success_url: "https://shop.kr/ok".into(),
        fail_url: "https://shop.kr/no".into(),
    }
}

fn open(bill: &Bill) -> Result<Window, Unsupported> {
    nice(&pg()).window(bill)
}

fn request(bill: &Bill) -> Value {
    serde_json::from_str(&open(bill).unwrap().parameters).unwrap()
}

#[test]
fn a_card_window_has_all_the_opener_needs_and_no_secret() {
    let window = open(&bill(Method::Card)).unwrap();
    assert_eq!(
        (window.opener, window.script_url.as_str()),
        ("nice", "https://pay.nicepay.co.kr/v1/js/")
    );
    assert_eq!(window.origins, ["https://pay.nicepay.co.kr", "https://*.nicepay.co.kr"]);
    assert!(!window.parameters.contains(SECRET_KEY));
    assert_eq!(
        serde_json::from_str::<Value>(&window.parameters).unwrap(),
        json!({"clientId": CLIENT_ID, "method": "card", "orderId": ORDER, "amount": 60000, "goodsName": "나룻배 -모형-",
               "returnUrl": "https://shop.kr/ok", "currency": "KRW", "language": "KO", "returnCharSet": "utf-8"})
    );
    let config = settings(&[("script_url", "http://127.0.0.1:9/nice/v1/js/")]);
    let window = nice_with(&config, &pg(), clock(NOW))
        .window(&bill(Method::Card))
        .unwrap();
    assert_eq!(window.origins, ["http://127.0.0.1:9"], "a simulator's own");
}

#[test]
fn every_method_and_kind_has_its_window() {
    let method = |method, kind: Option<&str>| {
        let kind = kind.map(str::to_owned);
        request(&Bill { kind, ..bill(method) })["method"].clone()
    };
    assert_eq!(method(Method::Transfer, None), "bank");
    assert_eq!(method(Method::VirtualAccount, None), "vbank");
    assert_eq!(method(Method::Mobile, None), "cellphone");
    assert_eq!(method(Method::EasyPay, None), "cardAndEasyPay");
    for (kind, window) in [
        ("NAVERPAY", "naverpayCard"),
        ("KAKAOPAY", "kakaopay"),
        ("SAMSUNGPAY", "samsungpayCard"),
        ("PAYCO", "payco"),
        ("SSG", "ssgpay"),
    ] {
        assert_eq!(method(Method::EasyPay, Some(kind)), window);
    }
    let abroad = request(&bill(Method::OverseasCard));
    assert_eq!(
        (&abroad["method"], &abroad["cardCode"]),
        (&json!("card"), &json!("25,26,27,28,29,34"))
    );
    assert_eq!(request(&bill(Method::Mobile))["isDigital"], false);
    for unknown in [Method::GiftVoucher, Method::OverseasEasyPay] {
        open(&bill(unknown)).unwrap_err();
    }
}

#[test]
fn instalments_have_two_digits_and_a_smallest_sum() {
    let quota = |won, fixed, cap| {
        let bill = Bill {
            amount: Money::krw(won),
            instalment_months: fixed,
            instalment_months_max: cap,
            ..bill(Method::Card)
        };
        request(&bill).get("cardQuota").cloned()
    };
    assert_eq!(quota(60_000, Some(3), Some(6)), Some(json!("03")));
    assert_eq!(quota(60_000, Some(0), None), Some(json!("00")));
    assert_eq!(quota(60_000, None, Some(4)), Some(json!("00,02,03,04")));
    assert_eq!(quota(60_000, None, Some(1)), Some(json!("00")));
    assert!(
        quota(60_000, None, Some(60))
            .unwrap()
            .as_str()
            .unwrap()
            .ends_with(",12")
    );
    assert_eq!((quota(60_000, None, None), quota(49_999, None, Some(6))), (None, None));
    for months in [1, 13] {
        open(&Bill {
            instalment_months: Some(months),
            ..bill(Method::Card)
        })
        .unwrap_err();
    }
    open(&Bill {
        instalment_months: Some(3),
        ..bill(Method::EasyPay)
    })
    .unwrap_err();
}

#[test]
fn an_account_has_a_holder_and_hours() {
    let account = request(&Bill {
        deposit_within: Some(Duration::days(3)),
        customer_name: Some("박구매".into()),
        tax: TaxShare {
            tax_free: Money::krw(5_000),
            exempt: Money::krw(300),
        },
        escrow: true,
        ..bill(Method::VirtualAccount)
    });
    assert_eq!(
        (&account["vbankHolder"], &account["vbankValidHours"]),
        (&json!("박구매"), &json!(72))
    );
    assert_eq!(
        (&account["taxFreeAmt"], &account["useEscrow"]),
        (&json!(5300), &json!(true))
    );
    let soon = Bill {
        deposit_within: Some(Duration::minutes(5)),
        ..bill(Method::VirtualAccount)
    };
    assert_eq!(request(&soon)["vbankValidHours"], 1);
    open(&Bill {
        deposit_within: Some(Duration::days(500)),
        ..bill(Method::VirtualAccount)
    })
    .unwrap_err();
}

#[test]
fn texts_are_cut_to_bytes_and_break_out_of_nothing() {
    let long = request(&Bill {
        order_name: "가".repeat(50),
        customer_name: Some("나".repeat(50)),
        customer_email: Some(format!("{}@x.kr", "a".repeat(60))),
        customer_phone: Digits::parse("010-1234-5678"),
        locale: Locale::Japanese,
        ..bill(Method::Card)
    });
    assert_eq!(
        (&long["goodsName"], &long["buyerName"]),
        (&json!("가".repeat(13)), &json!("나".repeat(10)))
    );
    assert_eq!(
        (long.get("buyerEmail"), &long["buyerTel"]),
        (None, &json!("01012345678"))
    );
    assert_eq!(long["language"], "EN");
    assert_eq!(
        request(&Bill {
            order_name: " ".into(),
            ..bill(Method::Card)
        })["goodsName"],
        ORDER
    );
    let hostile = open(&Bill {
        order_name: "</script>'&\u{2028}".into(),
        ..bill(Method::Card)
    })
    .unwrap();
    assert!(
        !hostile.parameters.contains(['<', '>', '&', '\'', '\u{2028}']),
        "{}",
        hostile.parameters
    );
}

#[test]
fn what_nice_cannot_do_is_said_before_a_window_opens() {
    let dollars = Money::new(100, vocabulary::Currency::USD);
    for impossible in [
        Bill {
            amount: dollars,
            ..bill(Method::Card)
        },
        Bill {
            amount: Money::krw(0),
            ..bill(Method::Card)
        },
        Bill {
            amount: Money::krw(1_000_000_000_000),
            ..bill(Method::Card)
        },
        Bill {
            kind: Some("BOATPAY".into()),
            ..bill(Method::EasyPay)
        },
        Bill {
            pg_order_id: "with space".into(),
            ..bill(Method::Card)
        },
        Bill {
            success_url: "x".repeat(501),
            ..bill(Method::Card)
        },
    ] {
        open(&impossible).unwrap_err();
    }
}

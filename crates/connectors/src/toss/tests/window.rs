use vocabulary::pg::CashReceiptKind;
use vocabulary::{Digits, Duration, Method};

use super::*;
use crate::{Bill, EscrowItem, Locale, Unsupported, Window};

fn bill(method: Method) -> Bill {
    Bill {
        pg_order_id: ORDER.into(),
        order_name: "나룻배 모형 외 1건".into(),
        amount: Money::krw(60_000),
        tax: TaxShare {
            tax_free: Money::krw(0),
            exempt: Money::krw(0),
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
    toss(&pg()).window(bill)
}

fn request(bill: &Bill) -> Value {
    let window = open(bill).unwrap();
    let parameters: Value = serde_json::from_str(&window.parameters).unwrap();
    parameters["request"].clone()
}

#[test]
fn a_card_window_has_all_the_opener_needs_and_no_secret() {
    let window = open(&bill(Method::Card)).unwrap();
    assert_eq!(
        (window.opener, window.script_url.as_str()),
        ("toss", "https://js.tosspayments.com/v2/standard")
    );
    assert_eq!(
        window.origins,
        [
            "https://js.tosspayments.com",
            "http://127.0.0.1:9",
            "https://*.tosspayments.com"
        ]
    );
    assert!(!window.parameters.contains("_sk_"));
    assert_eq!(
        serde_json::from_str::<Value>(&window.parameters).unwrap(),
        json!({
            "clientKey": "test_ck_naru0client", "customerKey": "@@ANONYMOUS",
            "request": {
                "method": "CARD", "amount": {"currency": "KRW", "value": 60000}, "orderId": ORDER,
                "orderName": "나룻배 모형 외 1건", "successUrl": "https://shop.kr/ok", "failUrl": "https://shop.kr/no",
                "windowTarget": "iframe", "card": {"flowMode": "DEFAULT", "useEscrow": false},
            },
        })
    );
    let phone = Bill {
        mobile: true,
        ..bill(Method::Card)
    };
    assert_eq!(request(&phone)["windowTarget"], "self");
}

#[test]
fn a_simulators_script_allows_only_its_own_origin() {
    let config = settings(&[("script_url", "http://127.0.0.1:9/toss/sdk/v2/standard")]);
    let window = Toss::new(&config, pg()).unwrap().window(&bill(Method::Card)).unwrap();
    assert_eq!(window.script_url, "http://127.0.0.1:9/toss/sdk/v2/standard");
    assert_eq!(window.origins, ["http://127.0.0.1:9"]);
}

#[test]
fn instalments_are_fixed_or_capped_and_interest_may_be_the_shops() {
    let fixed = Bill {
        instalment_months: Some(3),
        instalment_months_max: Some(6),
        ..bill(Method::Card)
    };
    let card = request(&fixed)["card"].clone();
    assert_eq!(
        (&card["cardInstallmentPlan"], card.get("maxCardInstallmentPlan")),
        (&json!(3), None)
    );
    let capped = Bill {
        instalment_months_max: Some(6),
        interest_free: vec![("HYUNDAI".into(), vec![2, 3])],
        locale: Locale::English,
        ..bill(Method::Card)
    };
    let card = request(&capped)["card"].clone();
    assert_eq!(card["maxCardInstallmentPlan"], 6);
    assert_eq!(
        card["freeInstallmentPlans"],
        json!([{"company": "HYUNDAI", "months": [2, 3]}])
    );
    assert_eq!(card["language"], "EN");
    let card = |cap| {
        request(&Bill {
            instalment_months_max: Some(cap),
            ..bill(Method::Card)
        })["card"]
            .clone()
    };
    assert_eq!(card(36)["maxCardInstallmentPlan"], 12, "more than Toss has");
    assert_eq!(
        (&card(1)["cardInstallmentPlan"], card(1).get("maxCardInstallmentPlan")),
        (&json!(0), None)
    );
    let unaffected = Bill {
        instalment_months_max: Some(12),
        ..bill(Method::Transfer)
    };
    assert_eq!(
        request(&unaffected)["method"],
        "TRANSFER",
        "a shop's cap is for every method"
    );
    for months in [1, 13] {
        open(&Bill {
            instalment_months: Some(months),
            ..bill(Method::Card)
        })
        .unwrap_err();
    }
    open(&Bill {
        instalment_months: Some(3),
        ..bill(Method::Transfer)
    })
    .unwrap_err();
}

#[test]
fn every_method_opens_its_own_window() {
    let easy = request(&Bill {
        kind: Some("KAKAOPAY".into()),
        ..bill(Method::EasyPay)
    });
    assert_eq!(
        (&easy["method"], &easy["card"]["flowMode"], &easy["card"]["easyPay"]),
        (&json!("CARD"), &json!("DIRECT"), &json!("KAKAOPAY"))
    );
    let any_easy = request(&bill(Method::EasyPay));
    assert_eq!(
        (&any_easy["card"]["flowMode"], any_easy["card"].get("easyPay")),
        (&json!("DEFAULT"), None)
    );

    assert_eq!(request(&bill(Method::Mobile))["method"], "MOBILE_PHONE");
    let abroad = Bill {
        amount: dollars(1_099),
        locale: Locale::Japanese,
        ..bill(Method::OverseasCard)
    };
    assert_eq!(
        request(&abroad)["card"],
        json!({"flowMode": "DEFAULT", "useEscrow": false, "useInternationalCardOnly": true, "language": "JA"})
    );
    assert!(open(&abroad).unwrap().parameters.contains(r#""value":10.99"#));
    let paypal = request(&Bill {
        amount: dollars(1_000),
        ..bill(Method::OverseasEasyPay)
    });
    assert_eq!(paypal["method"], "FOREIGN_EASY_PAY");
    assert_eq!(paypal["foreignEasyPay"], json!({"provider": "PAYPAL", "country": "KR"}));
    for (kind, method) in [
        (None, "CULTURE_GIFT_CERTIFICATE"),
        (Some("CULTURE"), "CULTURE_GIFT_CERTIFICATE"),
        (Some("BOOK"), "BOOK_GIFT_CERTIFICATE"),
        (Some("GAME"), "GAME_GIFT_CERTIFICATE"),
    ] {
        assert_eq!(
            request(&Bill {
                kind: kind.map(Into::into),
                ..bill(Method::GiftVoucher)
            })["method"],
            method
        );
    }
    for method in Method::ALL {
        assert!(toss(&pg()).capabilities().rules(method).is_some(), "{method}");
    }
}

#[test]
fn accounts_take_receipts_escrow_and_a_day_to_pay_by() {
    let full = Bill {
        cash_receipt: Some(CashReceiptKind::ExpenseProof),
        escrow: true,
        escrow_items: vec![EscrowItem {
            id: "1".into(),
            name: "나룻배".into(),
            code: "boat".into(),
            unit_price: Money::krw(30_000),
            quantity: 2,
        }],
        culture_expense: true,
        tax: TaxShare {
            tax_free: Money::krw(5_000),
            exempt: Money::krw(300),
        },
        ..bill(Method::Transfer)
    };
    let sent = request(&full);
    assert_eq!(
        (&sent["method"], &sent["taxFreeAmount"]),
        (&json!("TRANSFER"), &json!(5000))
    );
    assert_eq!(
        sent["transfer"],
        json!({"cashReceipt": {"type": "지출증빙"}, "useEscrow": true, "isCulturalExpenses": true, "taxExemptionAmount": 300,
               "escrowProducts": [{"id": "1", "name": "나룻배", "code": "boat", "unitPrice": 30000, "quantity": 2}]})
    );
    let due = Timestamp::parse("2026-12-02T01:20:00Z").unwrap();
    let by_day = Bill {
        deposit_due_at: Some(due),
        deposit_within: Some(Duration::days(7)),
        ..bill(Method::VirtualAccount)
    };
    let sent = request(&by_day);
    assert_eq!(sent["method"], "VIRTUAL_ACCOUNT");
    assert_eq!(
        sent["virtualAccount"],
        json!({"useEscrow": false, "isCulturalExpenses": false, "dueDate": "2026-12-02T10:20:00"})
    );
    let hours = |within| {
        let bill = Bill {
            deposit_within: Some(within),
            ..bill(Method::VirtualAccount)
        };
        open(&bill).map(|_| request(&bill)["virtualAccount"]["validHours"].clone())
    };
    assert_eq!(hours(Duration::days(90)), Ok(json!(2160)));
    assert_eq!(hours(Duration::minutes(10)), Ok(json!(1)));
    assert!(hours(Duration::days(91)).is_err());
}

#[test]
fn texts_are_cut_to_fit_by_letters_and_bad_contacts_left_out() {
    let long = Bill {
        order_name: "가".repeat(101),
        customer_name: Some(format!("{}\n", "나".repeat(120))),
        customer_email: Some(format!("{}@x.kr", "a".repeat(100))),
        customer_phone: Digits::parse("1234567"),
        ..bill(Method::Card)
    };
    let sent = request(&long);
    assert_eq!(sent["orderName"], "가".repeat(100));
    assert_eq!(sent["customerName"], "나".repeat(100));
    assert_eq!(
        (sent.get("customerEmail"), sent.get("customerMobilePhone")),
        (None, None)
    );
    let fitting = Bill {
        order_name: "  ".into(),
        customer_email: Some("naru@x.kr".into()),
        customer_phone: Digits::parse("010-1234-5678"),
        ..bill(Method::Card)
    };
    let sent = request(&fitting);
    assert_eq!(sent["orderName"], ORDER, "some name it must have");
    assert_eq!(
        (&sent["customerEmail"], &sent["customerMobilePhone"]),
        (&json!("naru@x.kr"), &json!("01012345678"))
    );
}

#[test]
fn no_text_of_a_shop_breaks_out_of_the_page() {
    let name = "</script><!-- '&\" \u{2028} 끝";
    let parameters = open(&Bill {
        order_name: name.into(),
        ..bill(Method::Card)
    })
    .unwrap()
    .parameters;
    assert!(!parameters.contains(['<', '>', '&', '\'', '\u{2028}']), "{parameters}");
    assert_eq!(
        serde_json::from_str::<Value>(&parameters).unwrap()["request"]["orderName"],
        name
    );
}

#[test]
fn what_toss_cannot_do_is_said_before_a_window_opens() {
    let refused = |bill: Bill| open(&bill).unwrap_err().to_string();
    assert!(
        refused(Bill {
            amount: dollars(100),
            ..bill(Method::Card)
        })
        .contains("currency")
    );
    assert!(refused(bill(Method::OverseasEasyPay)).contains("currency"));
    assert!(
        refused(Bill {
            amount: Money::krw(0),
            ..bill(Method::Card)
        })
        .contains("amounts of nothing")
    );
    assert!(
        refused(Bill {
            kind: Some("BOATPAY".into()),
            ..bill(Method::EasyPay)
        })
        .contains("kind")
    );
    for id in ["short", "with space", "한글주문번호", &"a".repeat(65)] {
        assert!(
            refused(Bill {
                pg_order_id: id.into(),
                ..bill(Method::Card)
            })
            .contains("order id")
        );
    }
}

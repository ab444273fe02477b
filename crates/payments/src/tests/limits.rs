//! What a shop may lay down, at the last value that is taken and the first that is not.

use std::collections::BTreeMap;

use vocabulary::{Currency, Duration, Money};

use crate::{Customer, EscrowItem, InterestFree, Order, OrderError, OrderId, Terms, Texts};

fn order(name: &str, amount: i64, tax_free: i64, exempt: i64) -> Result<Order, OrderError> {
    let id = "order-1".parse().unwrap();
    Order::new(id, name, Money::krw(amount), Money::krw(tax_free), Money::krw(exempt))
}

#[test]
fn an_order_has_an_amount_a_name_and_a_split_that_fits() {
    assert!(order("Tea", 1, 0, 0).is_ok() && order("Tea", 1_000_000_000_000, 0, 0).is_ok());
    assert_eq!(order("Tea", 0, 0, 0), Err(OrderError::AmountNotPositive));
    assert_eq!(order("Tea", -1, 0, 0), Err(OrderError::AmountNotPositive));
    let max = Money::krw(1_000_000_000_000);
    assert_eq!(
        order("Tea", 1_000_000_000_001, 0, 0),
        Err(OrderError::AmountTooLarge { max })
    );
    assert_eq!(order("Tea", i64::MAX, 0, 0), Err(OrderError::AmountTooLarge { max }));
    assert!(order("Tea", 100, 60, 40).is_ok());
    for (tax_free, exempt) in [(60, 41), (-1, 0), (0, -1), (101, 0), (i64::MIN, 0)] {
        assert_eq!(order("Tea", 100, tax_free, exempt), Err(OrderError::TaxFree));
    }
    let dollars = Money::new(1, Currency::USD);
    let mixed = Order::new(
        "order-1".parse().unwrap(),
        "Tea",
        Money::krw(100),
        dollars,
        Money::krw(0),
    );
    assert_eq!(mixed, Err(OrderError::TaxFree));
    assert_eq!(order("  차  ", 1, 0, 0).unwrap().name, "차");
    assert!(order(&"차".repeat(100), 1, 0, 0).is_ok());
    for name in ["", "   ", "a\nb", &"차".repeat(101)] {
        assert!(
            matches!(order(name, 1, 0, 0), Err(OrderError::Text { field: "orderName", .. })),
            "{name:?}"
        );
    }
}

#[test]
fn an_order_id_is_short_and_plain() {
    for good in ["abcdef", "A-Z_09", &"x".repeat(64)] {
        assert_eq!(good.parse::<OrderId>().unwrap().as_str(), good);
        assert_eq!(good.parse::<OrderId>().unwrap().to_string(), good);
    }
    for bad in [
        "",
        "abcde",
        &"x".repeat(65),
        "abc def",
        "주문번호입니다",
        "abcdef\n",
        "abc/def",
    ] {
        assert_eq!(bad.parse::<OrderId>(), Err(OrderError::OrderId));
    }
}

fn terms(change: impl FnOnce(&mut Terms)) -> Result<(), OrderError> {
    let mut terms = Terms::default();
    change(&mut terms);
    terms.check(Currency::KRW)
}

#[test]
fn terms_stay_in_their_ranges() {
    assert_eq!(terms(|_| {}), Ok(()));
    for good in [Duration::minutes(1), Duration::days(30)] {
        assert_eq!(terms(|terms| terms.lifetime = good), Ok(()));
    }
    for bad in [
        Duration::seconds(59),
        Duration::micros(Duration::days(30).as_micros() + 1),
        Duration::seconds(-1),
    ] {
        let refused = OrderError::Range {
            field: "expiresInMinutes",
            min: 1,
            max: 43_200,
        };
        assert_eq!(terms(|terms| terms.lifetime = bad), Err(refused));
    }
    for good in [Duration::hours(1), Duration::days(90)] {
        assert_eq!(terms(|terms| terms.deposit_within = good), Ok(()));
    }
    for bad in [Duration::minutes(59), Duration::minutes(90 * 24 * 60 + 1)] {
        let refused = OrderError::Range {
            field: "depositWithinHours",
            min: 1,
            max: 2_160,
        };
        assert_eq!(terms(|terms| terms.deposit_within = bad), Err(refused));
    }
    for (months, fits) in [(0, true), (1, false), (2, true), (36, true), (37, false), (255, false)] {
        assert_eq!(
            terms(|terms| terms.instalment_months_max = Some(months)).is_ok(),
            fits,
            "{months}"
        );
    }
}

#[test]
fn offers_items_and_addresses_are_checked() {
    let offer = |company: &str, months: &[u8]| InterestFree {
        company: company.to_owned(),
        months: months.to_vec(),
    };
    let offers = |offers: Vec<InterestFree>| terms(|terms| terms.interest_free = offers);
    assert_eq!(offers(vec![offer("BC", &[2, 3]); 30]), Ok(()));
    for bad in [
        vec![offer("BC", &[2]); 31],
        vec![offer("", &[2])],
        vec![offer(&"B".repeat(41), &[2])],
        vec![offer("B\nC", &[2])],
        vec![offer("BC", &[2; 37])],
        vec![offer("BC", &[])],
        vec![offer("BC", &[2, 1])],
    ] {
        assert_eq!(offers(bad), Err(OrderError::InterestFree));
    }
    let item = |quantity: u32, currency: Currency| EscrowItem {
        id: "1".to_owned(),
        name: "Tea".to_owned(),
        code: "T".to_owned(),
        unit_price: Money::new(1, currency),
        quantity,
    };
    let items = |items: Vec<EscrowItem>| terms(|terms| terms.escrow_items = items);
    let named = |chars: usize| EscrowItem {
        name: "차".repeat(chars),
        ..item(1, Currency::KRW)
    };
    assert_eq!(items(vec![item(1, Currency::KRW); 50]), Ok(()));
    assert_eq!(items(vec![named(100)]), Ok(()));
    for bad in [
        vec![item(1, Currency::KRW); 51],
        vec![item(0, Currency::KRW)],
        vec![item(1, Currency::USD)],
        vec![named(101)],
    ] {
        assert_eq!(items(bad), Err(OrderError::EscrowItems));
    }
    let url = |url: &str| terms(|terms| terms.return_url = Some(url.to_owned()));
    let longest = format!("https://{}", "a".repeat(1_992));
    assert!(url("http://shop.test/").is_ok() && url("https://shop.test/").is_ok() && url(&longest).is_ok());
    for bad in [
        "",
        "/thanks",
        "javascript:alert(1)",
        "ftp://shop.test",
        &format!("{longest}a"),
    ] {
        assert_eq!(url(bad), Err(OrderError::ReturnUrl), "{bad}");
    }
}

#[test]
fn a_customer_can_be_reached() {
    let customer = Customer::new(Some(" 김 "), Some("kim@shop.test"), Some("010-1234-5678")).unwrap();
    assert_eq!(customer.name.as_deref(), Some("김"));
    assert_eq!(customer.phone.unwrap().reveal_for("a test"), "01012345678");
    assert!(Customer::new(None, None, None).is_ok());
    let email = |email: &str| Customer::new(None, Some(email), None);
    assert!(email("a@b").is_ok() && email(&format!("a@{}", "b".repeat(98))).is_ok());
    for bad in ["kim.shop.test", "a b@c", "a@ b"] {
        assert_eq!(email(bad), Err(OrderError::Email));
    }
    for bad in ["", "@b", &format!("a@{}", "b".repeat(99))] {
        assert!(matches!(
            email(bad),
            Err(OrderError::Text {
                field: "customer.email",
                ..
            })
        ));
    }
    let phone = |phone: &str| Customer::new(None, None, Some(phone));
    assert!(phone("12345678").is_ok() && phone("123456789012345").is_ok());
    for bad in ["1234567", "1234567890123456", "", "+82101234567", "0101234567a"] {
        assert_eq!(phone(bad), Err(OrderError::Phone), "{bad}");
    }
    let name = "가".repeat(101);
    assert!(matches!(
        Customer::new(Some(&name), None, None),
        Err(OrderError::Text {
            field: "customer.name",
            ..
        })
    ));
}

#[test]
fn notes_are_few_and_short() {
    let texts = |pairs: &[(String, String)]| Texts::new(pairs.iter().cloned().collect::<BTreeMap<_, _>>());
    let pairs = |count: usize| {
        (0..count)
            .map(|key| (key.to_string(), String::new()))
            .collect::<Vec<_>>()
    };
    assert_eq!(texts(&pairs(20)).unwrap().pairs().len(), 20);
    assert_eq!(texts(&pairs(21)), Err(OrderError::Metadata));
    for (key, value, fits) in [(40, 500, true), (41, 1, false), (0, 1, false), (1, 501, false)] {
        let pair = ("키".repeat(key), "값".repeat(value));
        assert_eq!(texts(&[pair]).is_ok(), fits, "{key} {value}");
    }
}

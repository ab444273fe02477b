use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Order {
    order_id: String,
    amount: i64,
    currency: Option<String>,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    #[serde(default)]
    items: Vec<Item>,
    confirm: Option<Confirm>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Item {
    unit_price: i64,
    quantity: u32,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum Confirm {
    Automatic,
    ByShop,
}

fn wrong(text: &str) -> Wrong {
    match read::<Order>(text.as_bytes()) {
        Err(wrong) => wrong,
        Ok((order, _)) => panic!("{text} was read as {order:?}"),
    }
}

fn at(text: &str) -> (String, What) {
    let wrong = wrong(text);
    (wrong.path, wrong.what)
}

#[test]
fn a_good_body_is_read() {
    let text = r#"{"orderId":"o","amount":15000,"confirm":"BY_SHOP","metadata":{"a":"b"},"items":[{"unitPrice":-1,"quantity":2}],"currency":null}"#;
    let (order, node) = read::<Order>(text.as_bytes()).unwrap();
    assert_eq!(
        (order.amount, order.confirm, order.items.len()),
        (15_000, Some(Confirm::ByShop), 1)
    );
    assert!(matches!(node, Node::Map(pairs) if pairs.len() == 6));
}

#[test]
fn unknown_names_come_with_the_one_that_was_meant() {
    let (path, what) = at(r#"{"orderID":"o","amount":1}"#);
    assert_eq!(path, "orderID");
    assert!(matches!(what, What::Unknown { near: Some(near), .. } if near == "orderId"));
    let (path, what) = at(r#"{"orderId":"o","amount":1,"items":[{"unitPrice":1,"quantity":1},{"price":1}]}"#);
    assert_eq!(path, "items.1.price");
    assert!(matches!(what, What::Unknown { near: None, .. }));
}

#[test]
fn names_given_twice_are_refused_at_every_depth() {
    assert_eq!(
        at(r#"{"orderId":"o","amount":1,"amount":2}"#),
        ("amount".into(), What::Twice)
    );
    assert_eq!(
        at(r#"{"orderId":"o","amount":1,"metadata":{"k":"1","k":"2"}}"#),
        ("metadata.k".into(), What::Twice)
    );
}

#[test]
fn only_whole_numbers_are_amounts() {
    for odd in [
        "1.5",
        "15000.0",
        "1e3",
        "9223372036854775808",
        "-1e400",
        "99999999999999999999999999",
    ] {
        let (path, what) = at(&format!(r#"{{"orderId":"o","amount":{odd}}}"#));
        let fine = path == "amount" && matches!(what, What::Type { .. }) || matches!(what, What::Syntax { .. });
        assert!(fine, "{odd}: {path} {what:?}");
    }
    let (path, what) = at(r#"{"orderId":"o","amount":"15000"}"#);
    assert_eq!(
        (path.as_str(), what),
        (
            "amount",
            What::Type {
                expected: "i64".into(),
                found: "a string"
            }
        )
    );
    assert_eq!(
        at(r#"{"orderId":"o","amount":1,"items":[{"unitPrice":1,"quantity":-1}]}"#).0,
        "items.0.quantity"
    );
}

#[test]
fn missing_wrong_and_broken_are_told_apart() {
    assert_eq!(at(r#"{"orderId":"o"}"#), ("amount".into(), What::Missing));
    assert!(matches!(at("[]"), (_, What::Type { found: "a list", .. })));
    assert!(matches!(
        at(r#"{"orderId":"o","amount":1,"confirm":"BYSHOP"}"#).1,
        What::Word { .. }
    ));
    assert!(matches!(
        at(r#"{"orderId":"o","amount":1"#).1,
        What::Syntax { line: 1, .. }
    ));
    assert!(
        matches!(at(&"[".repeat(100_000)).1, What::Syntax { .. }),
        "a tower of brackets is no danger"
    );
    let broken = read::<Order>(b"{\"orderId\":\"\xff\"}").unwrap_err();
    assert_eq!(broken.what, What::NotUtf8 { byte: 12 });
    assert_eq!(at(""), ("orderId".into(), What::Missing));
}

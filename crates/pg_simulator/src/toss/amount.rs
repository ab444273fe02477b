//! Amounts as the PG writes them: whole won, dollars with two decimals.

use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;
use vocabulary::{Currency, Money, Round};

/// `Money` as a JSON number in major units.
pub struct Amount(pub Money);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.currency.exponent() == 0 {
            return serializer.serialize_i64(self.0.minor);
        }
        let text = decimal(self.0);
        RawValue::from_string(text)
            .map_err(serde::ser::Error::custom)?
            .serialize(serializer)
    }
}

/// Plain digits in major units: `15000`, `10.50`.
pub fn decimal(money: Money) -> String {
    let text = money.to_string();
    text.split(' ').next().unwrap_or_default().to_owned()
}

/// Digits with thousands separators for a page: `15,000원`, `$10.50`.
pub fn for_people(money: Money) -> String {
    let plain = decimal(money);
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let fraction = if fraction.is_empty() {
        String::new()
    } else {
        format!(".{fraction}")
    };
    match money.currency {
        Currency::KRW => format!("{sign}{grouped}원"),
        Currency::USD => format!("{sign}${grouped}{fraction}"),
        other => format!("{sign}{grouped}{fraction} {other}"),
    }
}

/// Reads an amount in major units: `15000`, `15000.0`, `10.5`. Decimals beyond the currency's are refused unless zero.
pub fn parse(text: &str, currency: Currency) -> Option<Money> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if digits.is_empty() || digits.len() > 15 || !is_number(digits) || !is_number(fraction) {
        return None;
    }
    let exponent = currency.exponent() as usize;
    let (kept, rest) = fraction.split_at(exponent.min(fraction.len()));
    if rest.bytes().any(|byte| byte != b'0') {
        return None;
    }
    let minor: i64 = format!("{whole}{kept:0<exponent$}").parse().ok()?;
    Some(Money::new(minor, currency))
}

/// An amount in a JSON body: a number, or, as the PG's own samples send it, a string.
pub fn from_json(value: &Value, currency: Currency) -> Option<Money> {
    match value {
        Value::Number(number) => parse(&number.to_string(), currency),
        Value::String(text) => parse(text, currency),
        _ => None,
    }
}

/// The VAT inside `amount`: a tenth of the net price, so an eleventh of what is taxed, half up.
/// Source: API reference, "Payment 객체, vat".
pub fn vat(amount: Money, untaxed: Money) -> Money {
    let taxed = Money::new((amount.minor - untaxed.minor).max(0), amount.currency);
    taxed
        .share(1, 11, Round::HalfUp)
        .unwrap_or(Money::zero(amount.currency))
}

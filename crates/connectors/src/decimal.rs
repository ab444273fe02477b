#[cfg(test)]
mod tests;

use std::str::FromStr;

use serde::de::Error;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use vocabulary::{Currency, Money};

/// The longest number read: enough for every amount with room to spare.
const CHARS_MAX: usize = 40;
/// No currency and no honest way of writing one needs more decimals or zeros.
const SHIFT_MAX: u32 = 18;

/// A JSON number, exactly as written: it never becomes a float on its way to [`Money`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    digits: i128,
    /// `digits` times ten to the power of this.
    exponent: i32,
}

impl Decimal {
    /// In the currency's minor units; `None` when that is not a whole number or does not fit:
    /// 10.99 is 1099 US cents, and 15000.5 won do not exist.
    pub(crate) fn money(self, currency: Currency) -> Option<Money> {
        if self.digits == 0 {
            return Some(Money::zero(currency));
        }
        let shift = self.exponent.checked_add_unsigned(currency.exponent())?;
        let size = shift.unsigned_abs();
        if size > SHIFT_MAX {
            return None;
        }
        let power = 10_i128.pow(size);
        let minor = if shift >= 0 {
            self.digits.checked_mul(power)?
        } else if self.digits % power == 0 {
            self.digits / power
        } else {
            return None;
        };
        Some(Money::new(i64::try_from(minor).ok()?, currency))
    }
}

impl FromStr for Decimal {
    type Err = &'static str;

    /// Reads a number in JSON's grammar, and nothing else.
    fn from_str(text: &str) -> Result<Decimal, &'static str> {
        if text.len() > CHARS_MAX || !text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
            return Err("not a number of sensible length");
        }
        let (number, power) = match text.split_once(['e', 'E']) {
            Some((number, power)) => (
                number,
                power.parse::<i32>().map_err(|_| "the exponent is out of range")?,
            ),
            None => (text, 0),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits = format!("{whole}{fraction}")
            .parse()
            .map_err(|_| "not a number that fits")?;
        let places = i32::try_from(fraction.len()).map_err(|_| "not a number that fits")?;
        let exponent = power.checked_sub(places).ok_or("the exponent is out of range")?;
        Ok(Decimal { digits, exponent })
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        raw.get().parse().map_err(D::Error::custom)
    }
}

/// Money as a JSON number of major units: `15000`, `10.99`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Major(pub(crate) Money);

impl Serialize for Major {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.to_string();
        let number = text.split(' ').next().unwrap_or_default();
        RawValue::from_string(number.to_owned())
            .map_err(S::Error::custom)?
            .serialize(serializer)
    }
}

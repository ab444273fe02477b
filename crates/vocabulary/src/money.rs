use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// An ISO 4217 currency. Its exponent (KRW 0, USD 2, KWD 3) comes from the standard's table.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

impl Currency {
    pub const KRW: Currency = Currency(iso_currency::Currency::KRW);
    pub const USD: Currency = Currency(iso_currency::Currency::USD);
    pub const JPY: Currency = Currency(iso_currency::Currency::JPY);
    pub const EUR: Currency = Currency(iso_currency::Currency::EUR);

    /// The three letters of the code.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Digits after the decimal point in the major unit.
    pub fn exponent(self) -> u32 {
        // Codes without an exponent (gold, test codes) never parse, see `from_str`.
        self.0.exponent().map_or(0, u32::from)
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Currency, MoneyError> {
        match iso_currency::Currency::from_code(text) {
            Some(currency) if currency.exponent().is_some() => Ok(Currency(currency)),
            _ => Err(MoneyError::UnknownCurrency),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MoneyError {
    #[error("the currency is not an ISO 4217 code with an exponent")]
    UnknownCurrency,
    #[error("{left} and {right} cannot be added")]
    MixedCurrency { left: Currency, right: Currency },
    #[error("the amount does not fit")]
    Overflow,
}

/// An amount in a currency's minor units: ₩1,000 is 1000, $10.00 is 1000.
/// May be negative; who needs a positive amount says so.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

impl Money {
    pub const fn new(minor: i64, currency: Currency) -> Money {
        Money { minor, currency }
    }

    pub const fn krw(won: i64) -> Money {
        Money::new(won, Currency::KRW)
    }

    pub const fn zero(currency: Currency) -> Money {
        Money::new(0, currency)
    }

    pub fn is_zero(self) -> bool {
        self.minor == 0
    }

    pub fn is_positive(self) -> bool {
        self.minor > 0
    }

    pub fn checked_add(self, other: Money) -> Result<Money, MoneyError> {
        let minor = self
            .minor
            .checked_add(other.same(self.currency)?)
            .ok_or(MoneyError::Overflow)?;
        Ok(Money::new(minor, self.currency))
    }

    pub fn checked_sub(self, other: Money) -> Result<Money, MoneyError> {
        let minor = self
            .minor
            .checked_sub(other.same(self.currency)?)
            .ok_or(MoneyError::Overflow)?;
        Ok(Money::new(minor, self.currency))
    }

    pub fn checked_neg(self) -> Result<Money, MoneyError> {
        let minor = self.minor.checked_neg().ok_or(MoneyError::Overflow)?;
        Ok(Money::new(minor, self.currency))
    }

    /// Adds them all; zero of `currency` when there are none.
    pub fn sum(currency: Currency, parts: impl IntoIterator<Item = Money>) -> Result<Money, MoneyError> {
        parts.into_iter().try_fold(Money::zero(currency), Money::checked_add)
    }

    /// `self × numerator ÷ denominator`, rounded as told. The denominator must not be zero.
    pub fn share(self, numerator: i64, denominator: i64, round: Round) -> Result<Money, MoneyError> {
        let product = i128::from(self.minor) * i128::from(numerator);
        let minor = round.divide(product, i128::from(denominator));
        Ok(Money::new(
            i64::try_from(minor).map_err(|_| MoneyError::Overflow)?,
            self.currency,
        ))
    }

    /// A fee or rate in basis points (1 bp = 0.01 %).
    pub fn share_bp(self, rate: Bp, round: Round) -> Result<Money, MoneyError> {
        self.share(i64::from(rate.0), 10_000, round)
    }

    fn same(self, currency: Currency) -> Result<i64, MoneyError> {
        if self.currency == currency {
            Ok(self.minor)
        } else {
            Err(MoneyError::MixedCurrency {
                left: currency,
                right: self.currency,
            })
        }
    }
}

impl fmt::Display for Money {
    /// Plain digits with the currency's own number of decimals: `1000 KRW`, `10.00 USD`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exponent = self.currency.exponent();
        if exponent == 0 {
            return write!(f, "{} {}", self.minor, self.currency);
        }
        let unit = 10_u64.pow(exponent);
        let sign = if self.minor < 0 { "-" } else { "" };
        let size = self.minor.unsigned_abs();
        let width = exponent as usize;
        write!(f, "{sign}{}.{:0width$} {}", size / unit, size % unit, self.currency)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Basis points: 290 is 2.9 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bp(pub u32);

/// How a division that does not come out even is rounded. Always said aloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// Towards zero.
    Down,
    /// Half away from zero; what Korean VAT on a receipt uses.
    HalfUp,
    /// Half to the even neighbour.
    HalfEven,
}

impl Round {
    fn divide(self, dividend: i128, divisor: i128) -> i128 {
        let quotient = dividend / divisor;
        let rest = dividend % divisor;
        if rest == 0 {
            return quotient;
        }
        let away = if (dividend < 0) == (divisor < 0) { 1 } else { -1 };
        let twice = rest.unsigned_abs() * 2;
        let half = divisor.unsigned_abs();
        let up = match self {
            Round::Down => false,
            Round::HalfUp => twice >= half,
            Round::HalfEven => twice > half || (twice == half && quotient % 2 != 0),
        };
        if up { quotient + away } else { quotient }
    }
}

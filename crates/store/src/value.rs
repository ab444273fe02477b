use std::borrow::Cow;
use std::str::FromStr;

use uuid::Uuid;
use vocabulary::{Currency, Mode, Money, Scope, ShopId, Timestamp};

use crate::Fault;

/// What a column holds, in the types both databases have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Id(Uuid),
    Text(Cow<'static, str>),
    Bytes(Vec<u8>),
}

impl Value {
    /// PostgreSQL's TEXT cannot hold a NUL character; neither side shall depend on it.
    pub fn text(text: &str) -> Value {
        if text.contains('\0') {
            Value::Text(text.replace('\0', "\u{fffd}").into())
        } else {
            Value::Text(text.to_owned().into())
        }
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Value {
        Value::Int(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Value {
        Value::Int(i64::from(value))
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Value {
        Value::Int(value.as_micros())
    }
}

impl From<Option<Timestamp>> for Value {
    fn from(value: Option<Timestamp>) -> Value {
        value.map_or(Value::Null, Value::from)
    }
}

impl From<Uuid> for Value {
    fn from(value: Uuid) -> Value {
        Value::Id(value)
    }
}

impl From<&'static str> for Value {
    /// Our own words; use [`Value::text`] for what came from outside.
    fn from(value: &'static str) -> Value {
        Value::Text(value.into())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Value {
        if value.contains('\0') {
            Value::text(&value)
        } else {
            Value::Text(value.into())
        }
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Value {
        Value::Bytes(value)
    }
}

impl From<Mode> for Value {
    fn from(mode: Mode) -> Value {
        Value::Int(match mode {
            Mode::Test => 0,
            Mode::Live => 1,
        })
    }
}

/// The two columns every key starts with.
pub(crate) fn scope(scope: Scope) -> [Value; 2] {
    [Value::Id(scope.shop.uuid()), Value::from(scope.mode)]
}

/// A row as read: its columns are taken one after the other, in the order of the SELECT.
#[derive(Debug)]
pub(crate) struct Row(std::vec::IntoIter<Value>);

impl Row {
    pub fn new(values: Vec<Value>) -> Row {
        Row(values.into_iter())
    }

    pub fn int(&mut self) -> Result<i64, Fault> {
        match self.next()? {
            Value::Int(value) => Ok(value),
            other => Err(mismatch("a number", &other)),
        }
    }

    /// A count, a version, a status: what we wrote from a `u32` or `u16`.
    pub fn small<T: TryFrom<i64>>(&mut self) -> Result<T, Fault> {
        T::try_from(self.int()?).map_err(|_| Fault::corrupt("a number out of its range"))
    }

    pub fn opt_small<T: TryFrom<i64>>(&mut self) -> Result<Option<T>, Fault> {
        match self.next()? {
            Value::Null => Ok(None),
            Value::Int(value) => T::try_from(value)
                .map(Some)
                .map_err(|_| Fault::corrupt("a number out of its range")),
            other => Err(mismatch("a number", &other)),
        }
    }

    pub fn time(&mut self) -> Result<Timestamp, Fault> {
        self.int().map(Timestamp::from_micros)
    }

    pub fn opt_time(&mut self) -> Result<Option<Timestamp>, Fault> {
        Ok(self.opt_small::<i64>()?.map(Timestamp::from_micros))
    }

    pub fn flag(&mut self) -> Result<bool, Fault> {
        Ok(self.int()? != 0)
    }

    pub fn uuid(&mut self) -> Result<Uuid, Fault> {
        match self.next()? {
            Value::Id(id) => Ok(id),
            Value::Bytes(bytes) => Uuid::from_slice(&bytes).map_err(|_| Fault::corrupt("an id that is not 16 bytes")),
            other => Err(mismatch("an id", &other)),
        }
    }

    pub fn text(&mut self) -> Result<String, Fault> {
        match self.next()? {
            Value::Text(text) => Ok(text.into_owned()),
            other => Err(mismatch("a text", &other)),
        }
    }

    pub fn opt_text(&mut self) -> Result<Option<String>, Fault> {
        match self.next()? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text.into_owned())),
            other => Err(mismatch("a text", &other)),
        }
    }

    pub fn bytes(&mut self) -> Result<Vec<u8>, Fault> {
        match self.next()? {
            Value::Bytes(bytes) => Ok(bytes),
            other => Err(mismatch("bytes", &other)),
        }
    }

    pub fn hash(&mut self) -> Result<[u8; 32], Fault> {
        <[u8; 32]>::try_from(self.bytes()?).map_err(|_| Fault::corrupt("a hash that is not 32 bytes"))
    }

    /// A word of ours: a state, a kind, an account.
    pub fn word<T: FromStr>(&mut self) -> Result<T, Fault> {
        let text = self.text()?;
        text.parse().map_err(|_| Fault::corrupt(format!("the word {text:?}")))
    }

    pub fn scope(&mut self) -> Result<Scope, Fault> {
        let shop = ShopId::from_uuid(self.uuid()?);
        let mode = match self.int()? {
            0 => Mode::Test,
            1 => Mode::Live,
            other => return Err(Fault::corrupt(format!("mode {other}"))),
        };
        Ok(Scope { shop, mode })
    }

    /// A currency, then minor units.
    pub fn money(&mut self) -> Result<Money, Fault> {
        let currency: Currency = self.word()?;
        Ok(Money::new(self.int()?, currency))
    }

    /// The id `ahead` columns further on, without taking anything.
    pub fn uuid_at(&self, ahead: usize) -> Result<Uuid, Fault> {
        let value = self.0.as_slice().get(ahead).cloned();
        Row::new(value.into_iter().collect()).uuid()
    }

    /// The next `count` columns as they are.
    pub fn take(&mut self, count: usize) -> Vec<Value> {
        self.0.by_ref().take(count).collect()
    }

    fn next(&mut self) -> Result<Value, Fault> {
        self.0
            .next()
            .ok_or_else(|| Fault::corrupt("a row with a column missing"))
    }
}

fn mismatch(wanted: &'static str, found: &Value) -> Fault {
    let found = match found {
        Value::Null => "nothing",
        Value::Int(_) => "a number",
        Value::Id(_) => "an id",
        Value::Text(_) => "a text",
        Value::Bytes(_) => "bytes",
    };
    Fault::corrupt(format!("{found} where {wanted} belongs"))
}

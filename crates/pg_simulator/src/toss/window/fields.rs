//! Form fields and queries, read by name.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use url::Url;
use vocabulary::{Currency, Money};

use crate::toss::amount;
use crate::toss::errors::Code;

/// Form fields or a query, read by name. At most [`Fields::MAX`]; the rest is not read.
#[derive(Debug, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    const MAX: usize = 100;

    pub fn parse(urlencoded: &[u8]) -> Fields {
        let pairs = url::form_urlencoded::parse(urlencoded).into_owned();
        Fields(pairs.take(Fields::MAX).collect())
    }

    /// An object of plain values, and of objects of them (`metadata`), as the control API takes.
    pub fn from_json(object: &Map<String, Value>) -> Fields {
        let mut pairs = Vec::new();
        for (name, value) in object {
            match value {
                Value::Object(inner) => {
                    pairs.extend(
                        inner
                            .iter()
                            .map(|(key, value)| (format!("{name}[{key}]"), plain(value))),
                    );
                }
                value => pairs.push((name.clone(), plain(value))),
            }
        }
        pairs.truncate(Fields::MAX);
        Fields(pairs)
    }

    /// An empty field counts as left out.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(given, _)| given == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    pub fn needed(&self, name: &str) -> Result<&str, Code> {
        self.get(name).ok_or(Code::INVALID_REQUIRED_PARAM)
    }

    pub fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some("true" | "on" | "1"))
    }

    pub fn text(&self, name: &str, chars_max: usize) -> Result<String, Code> {
        let text = self.get(name).unwrap_or_default();
        if text.chars().count() > chars_max {
            Err(Code::INVALID_REQUEST)
        } else {
            Ok(text.to_owned())
        }
    }

    pub fn amount(&self, name: &str, currency: Currency) -> Result<Money, Code> {
        match self.get(name) {
            Some(text) => amount::parse(text, currency).ok_or(Code::INVALID_REQUEST),
            None => Ok(Money::zero(currency)),
        }
    }

    pub fn address(&self, name: &str, refusal: Code) -> Result<Option<Url>, Code> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let address = Url::parse(text).map_err(|_| refusal)?;
        if matches!(address.scheme(), "http" | "https") {
            Ok(Some(address))
        } else {
            Err(refusal)
        }
    }

    pub fn metadata(&self) -> Result<BTreeMap<String, String>, Code> {
        let mut metadata = BTreeMap::new();
        for (name, value) in &self.0 {
            let Some(key) = name.strip_prefix("metadata[").and_then(|rest| rest.strip_suffix(']')) else {
                continue;
            };
            if key.is_empty() || key.chars().count() > 40 || key.contains(['[', ']']) || value.chars().count() > 2000 {
                return Err(Code::INVALID_METADATA);
            }
            metadata.insert(key.to_owned(), value.clone());
        }
        if metadata.len() > 5 {
            Err(Code::INVALID_METADATA)
        } else {
            Ok(metadata)
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

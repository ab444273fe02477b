//! Form fields, a query or a JSON object of plain values, read by name.

use serde_json::{Map, Value};

use super::Code;

/// At most [`Fields::MAX`]; the rest is not read.
#[derive(Debug, Default, Clone)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    const MAX: usize = 100;

    pub fn parse(urlencoded: &[u8]) -> Fields {
        let pairs = url::form_urlencoded::parse(urlencoded).into_owned();
        Fields(pairs.take(Fields::MAX).collect())
    }

    /// Objects, lists and nulls count as left out. A client may write a number as a text or the other way round.
    pub fn from_json(object: &Map<String, Value>) -> Fields {
        let plain = |(name, value): (&String, &Value)| {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                Value::Bool(flag) => flag.to_string(),
                Value::Null | Value::Array(_) | Value::Object(_) => return None,
            };
            Some((name.clone(), text))
        };
        Fields(object.iter().filter_map(plain).take(Fields::MAX).collect())
    }

    /// An empty body is an empty object. Errors: no JSON object.
    pub fn from_body(body: &[u8]) -> Result<Fields, Code> {
        if body.is_empty() {
            return Ok(Fields::default());
        }
        let object = serde_json::from_slice(body).map_err(|_| Code::FIELD_NOT_OF_TYPE)?;
        Ok(Fields::from_json(&object))
    }

    /// An empty field counts as left out.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(given, _)| given == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    pub fn needed(&self, name: &str) -> Result<&str, Code> {
        self.get(name).ok_or(Code::FIELD_MISSING)
    }

    pub fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some("true" | "on" | "1"))
    }

    /// Up to so many bytes, as the PG counts.
    pub fn text(&self, name: &str, bytes_max: usize) -> Result<Option<String>, Code> {
        match self.get(name) {
            Some(text) if text.len() > bytes_max => Err(Code::FIELD_TOO_LONG),
            found => Ok(found.map(str::to_owned)),
        }
    }

    /// Whole won of up to twelve digits.
    pub fn won(&self, name: &str) -> Result<Option<i64>, Code> {
        let read = |text: &str| {
            let digits = text.strip_prefix('-').unwrap_or(text);
            let fits = (1..=12).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
            fits.then(|| text.parse().ok()).flatten()
        };
        self.get(name)
            .map(|text| read(text).ok_or(Code::FIELD_NOT_OF_TYPE))
            .transpose()
    }
}

//! Turns a [`Node`] into a body type, with errors that a program can look into.

use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, Expected, MapAccess, SeqAccess, Unexpected, VariantAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;

use super::Node;

/// What is wrong with a body, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// `escrow.items.0.name`; empty for the whole body.
    pub path: String,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum What {
    NotUtf8 {
        byte: usize,
    },
    Syntax {
        line: usize,
        column: usize,
    },
    Twice,
    Missing,
    /// The path names it; `near`: what may have been meant.
    Unknown {
        near: Option<String>,
        known: Vec<&'static str>,
    },
    Type {
        expected: String,
        found: &'static str,
    },
    /// A word that is not one of these.
    Word {
        known: Vec<&'static str>,
    },
    Value(String),
}

/// Letters that may differ between a misspelt name and the one that was meant.
const MISSPELT_MAX: usize = 3;

impl Wrong {
    pub fn at_root(what: What) -> Wrong {
        Wrong {
            path: String::new(),
            what,
        }
    }

    pub fn under(mut self, name: &str) -> Wrong {
        // A stranger's names may be long; the place is for reading.
        let name: String = name.chars().take(60).collect();
        self.path = if self.path.is_empty() {
            name
        } else {
            format!("{name}.{}", self.path)
        };
        self
    }
}

pub(crate) fn nearest(name: &str, known: &[&'static str]) -> Option<String> {
    let name: String = name.chars().take(60).collect::<String>().to_lowercase();
    let distance = |one: &&str| strsim::osa_distance(&name, &one.to_lowercase());
    let best = known.iter().copied().min_by_key(distance)?;
    (distance(&best) <= MISSPELT_MAX.min(best.len() / 2)).then(|| best.to_owned())
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.path, self.what)
    }
}

impl std::error::Error for Wrong {}

impl Error for Wrong {
    fn custom<T: fmt::Display>(text: T) -> Wrong {
        Wrong::at_root(What::Value(text.to_string()))
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Wrong {
        // The reader knows what it found and says it instead.
        Wrong::at_root(What::Type {
            expected: expected.to_string(),
            found: "",
        })
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Wrong {
        // Rust's number types as serde names them; a stranger is told of the range alone.
        let text = match expected.to_string().as_str() {
            "u8" | "u16" | "u32" | "u64" | "i32" | "i64" => "is out of range".to_owned(),
            other => format!("must be {other}"),
        };
        Wrong::at_root(What::Value(text))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Wrong {
        Wrong::at_root(What::Unknown {
            near: nearest(field, expected),
            known: expected.to_vec(),
        })
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Wrong {
        Wrong::at_root(What::Word {
            known: expected.to_vec(),
        })
    }

    fn missing_field(field: &'static str) -> Wrong {
        Wrong::at_root(What::Missing).under(field)
    }
}

pub(super) struct Reader<'n>(pub &'n Node);

impl Reader<'_> {
    fn name_found(&self, mut wrong: Wrong) -> Wrong {
        if let What::Type { found, .. } = &mut wrong.what
            && found.is_empty()
        {
            *found = self.0.name();
        }
        wrong
    }
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let read = match self.0 {
            Node::Null => visitor.visit_unit(),
            Node::Bool(value) => visitor.visit_bool(*value),
            Node::Whole(value) => visitor.visit_i64(*value),
            Node::Odd(value) => visitor.visit_f64(*value),
            Node::Text(text) => visitor.visit_str(text),
            Node::List(items) => visitor.visit_seq(List { items, at: 0 }),
            Node::Map(pairs) => visitor.visit_map(Map { pairs, at: 0 }),
        };
        read.map_err(|wrong| self.name_found(wrong))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.0 {
            Node::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        match self.0 {
            Node::Text(word) => visitor.visit_enum(Word(word)),
            other => Err(Wrong::at_root(What::Type {
                expected: "a string".into(),
                found: other.name(),
            })),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

struct List<'n> {
    items: &'n [Node],
    at: usize,
}

impl<'de> SeqAccess<'de> for List<'_> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        let Some(item) = self.items.get(self.at) else {
            return Ok(None);
        };
        let place = self.at.to_string();
        self.at += 1;
        seed.deserialize(Reader(item))
            .map(Some)
            .map_err(|wrong| wrong.under(&place))
    }
}

struct Map<'n> {
    pairs: &'n [(String, Node)],
    at: usize,
}

impl<'de> MapAccess<'de> for Map<'_> {
    type Error = Wrong;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        let Some((name, _)) = self.pairs.get(self.at) else {
            return Ok(None);
        };
        let key = seed.deserialize(serde::de::value::StrDeserializer::new(name));
        key.map(Some).map_err(|wrong: Wrong| wrong.under(name))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Wrong> {
        // Asked for right after its key, so it is there.
        let Some((name, value)) = self.pairs.get(self.at) else {
            return Err(Wrong::at_root(What::Missing));
        };
        self.at += 1;
        seed.deserialize(Reader(value)).map_err(|wrong| wrong.under(name))
    }
}

struct Word<'n>(&'n str);

impl<'de> EnumAccess<'de> for Word<'_> {
    type Error = Wrong;
    type Variant = NoContent;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, NoContent), Wrong> {
        let word = seed.deserialize(serde::de::value::StrDeserializer::<Wrong>::new(self.0))?;
        Ok((word, NoContent))
    }
}

struct NoContent;

impl<'de> VariantAccess<'de> for NoContent {
    type Error = Wrong;

    fn unit_variant(self) -> Result<(), Wrong> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Wrong> {
        Err(Wrong::custom("a word with content"))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Wrong> {
        Err(Wrong::custom("a word with content"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Wrong> {
        Err(Wrong::custom("a word with content"))
    }
}

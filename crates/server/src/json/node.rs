use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

use super::reader::{What, Wrong};

/// JSON as it was written, doubled names and all.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    Whole(i64),
    /// A fraction, an exponent, or more than 63 bits: no number of ours.
    Odd(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    pub fn name(&self) -> &'static str {
        match self {
            Node::Null => "null",
            Node::Bool(_) => "true or false",
            Node::Whole(_) => "a number",
            Node::Odd(_) => "a number that is not a whole one of up to 18 digits",
            Node::Text(_) => "a string",
            Node::List(_) => "a list",
            Node::Map(_) => "an object",
        }
    }
}

/// Errors: [`What::Syntax`] with line and column, [`What::Twice`] for a name given twice.
pub(super) fn parse(text: &str) -> Result<Node, Wrong> {
    // `serde_json` stops at a depth of 128.
    let node: Node = serde_json::from_str(text).map_err(|error| {
        Wrong::at_root(What::Syntax {
            line: error.line(),
            column: error.column(),
        })
    })?;
    twice(&node)?;
    Ok(node)
}

pub(super) fn twice(node: &Node) -> Result<(), Wrong> {
    match node {
        Node::Map(pairs) => {
            let mut names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
            names.sort_unstable();
            if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
                return Err(Wrong::at_root(What::Twice).under(pair[0]));
            }
            pairs
                .iter()
                .try_for_each(|(name, value)| twice(value).map_err(|wrong| wrong.under(name)))
        }
        Node::List(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(at, item)| twice(item).map_err(|wrong| wrong.under(&at.to_string()))),
        _ => Ok(()),
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Whole(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(i64::try_from(value).map_or(Node::Odd(value as f64), Node::Whole))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Odd(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut pairs: Vec<(String, Node)> = Vec::new();
        while let Some(pair) = map.next_entry()? {
            if pairs.len() == NAMES_MAX {
                return Err(A::Error::custom("too many names"));
            }
            pairs.push(pair);
        }
        Ok(Node::Map(pairs))
    }
}

/// Names in one object; ours have a few dozen.
const NAMES_MAX: usize = 1_000;

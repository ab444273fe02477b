//! JSON from strangers, read strictly: nothing is guessed, doubled, cut or rounded, and whatever is wrong
//! is named with its place.

mod node;
mod reader;
#[cfg(test)]
mod tests;

use serde::de::DeserializeOwned;

pub(crate) use node::Node;
pub(crate) use reader::{What, Wrong};

/// Reads a body of at most the size that the caller allowed. An empty one counts as `{}`.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<(T, Node), Wrong> {
    let bytes = if bytes.is_empty() { b"{}" } else { bytes };
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Wrong::at_root(What::NotUtf8 {
            byte: error.valid_up_to(),
        })
    })?;
    let node = node::parse(text)?;
    if !matches!(node, Node::Map(_)) {
        return Err(Wrong::at_root(What::Type {
            expected: "an object".into(),
            found: node.name(),
        }));
    }
    let value = T::deserialize(reader::Reader(&node))?;
    Ok((value, node))
}

/// The same for what did not come as JSON.
pub(crate) fn read_node<T: DeserializeOwned>(node: &Node) -> Result<T, Wrong> {
    node::twice(node)?;
    T::deserialize(reader::Reader(node))
}

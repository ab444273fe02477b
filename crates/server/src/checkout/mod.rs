//! The pages a shopper sees, from the choice of a method to the result.

mod accent;
mod pages;
mod text;

pub(crate) use accent::Colour;
pub(crate) use text::{Lang, Text};

#[cfg(test)]
mod fixtures;

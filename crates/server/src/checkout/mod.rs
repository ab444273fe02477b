//! The pages a shopper sees, from the choice of a method to the result.

mod accent;
mod compose;
mod csp;
mod pages;
mod posted;
mod respond;
mod routes;
mod text;
mod visit;

pub(crate) use accent::Colour;
pub(crate) use routes::routes;
pub(crate) use text::Lang;

#[cfg(test)]
mod fixtures;

//! scaffolding while flows is being written
mod assets;
mod checkout;

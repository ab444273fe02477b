//! The faces as strangers meet them: the whole router over a real store and a simulated PG.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod checkout;
mod docs;
mod hostile;
mod kit;
mod payments;
mod returns;
mod sockets;
mod webhooks;

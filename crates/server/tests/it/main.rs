//! The faces as strangers meet them: the whole router over a real store and a simulated PG.

mod checkout;
mod docs;
mod hostile;
mod kit;
mod payments;
mod sockets;

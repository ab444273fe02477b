use std::fmt;
use std::str::FromStr;

use thiserror::Error;
use uuid::Uuid;

use crate::{Chance, Timestamp};

/// Crockford's base 32 in lower case: no i, l, o, u, so an id can be read aloud.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const DIGITS: usize = 26;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not an id of the form {prefix}_ and 26 letters or digits")]
pub struct IdError {
    pub prefix: &'static str,
}

fn encode(id: Uuid) -> [u8; DIGITS] {
    let mut rest = id.as_u128();
    let mut text = [b'0'; DIGITS];
    for digit in text.iter_mut().rev() {
        *digit = ALPHABET[(rest & 31) as usize];
        rest >>= 5;
    }
    text
}

fn decode(text: &str) -> Option<Uuid> {
    let bytes = text.as_bytes();
    // 26 digits hold 130 bits; the first may only use three of its five.
    if bytes.len() != DIGITS || bytes[0] > b'7' {
        return None;
    }
    let mut value: u128 = 0;
    for byte in bytes {
        let digit = ALPHABET.iter().position(|letter| letter == byte)?;
        value = (value << 5) | digit as u128;
    }
    Some(Uuid::from_u128(value))
}

/// A version 7 UUID (RFC 9562): 48 bits of milliseconds, then 74 bits of chance.
fn version7(now: Timestamp, chance: &Chance) -> Uuid {
    let millis = now.as_micros().max(0) / 1000;
    let mut bytes = chance.bytes::<16>();
    bytes[..6].copy_from_slice(&(millis as u64).to_be_bytes()[2..]);
    bytes[6] = 0x70 | (bytes[6] & 0x0f);
    bytes[8] = 0x80 | (bytes[8] & 0x3f);
    Uuid::from_bytes(bytes)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            pub const PREFIX: &'static str = $prefix;

            /// A fresh id; ids made later sort later.
            pub fn new(now: Timestamp, chance: &Chance) -> Self {
                Self(version7(now, chance))
            }

            /// For rows only: the sixteen bytes as stored.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!($prefix, "_"))?;
                for letter in encode(self.0) {
                    fmt::Write::write_char(f, char::from(letter))?;
                }
                Ok(())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(decode)
                    .map(Self)
                    .ok_or(IdError { prefix: $prefix })
            }
        }
    )*};
}

ids! {
    /// A tenant.
    ShopId = "shop";
    /// What a shopper owes for one order.
    PaymentId = "pay";
    /// One try to pay through one PG account. Also the order id the PG sees.
    AttemptId = "att";
    /// A full or partial refund.
    CancelId = "can";
    /// One contract with one PG.
    PgAccountId = "pga";
    /// Something that happened, as told to the shop.
    EventId = "evt";
    /// Where a shop wants its webhooks.
    EndpointId = "whe";
    /// One event on its way to one endpoint.
    DeliveryId = "dlv";
    /// A message a PG sent us.
    NoticeId = "ntc";
    /// A balanced set of ledger lines.
    PostingId = "pst";
    /// One HTTP request, for logs and answers.
    RequestId = "req";
}

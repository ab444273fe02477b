//! Ids and numbers in the shapes the PG gives them.

use vocabulary::{Chance, Timestamp};

use super::dates;
use super::sign::hex;

/// Which of the PG's services a transaction is of: the two digits after the merchant's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    Card,
    Bank,
    Vbank,
    Receipt,
    Cellphone,
}

impl Service {
    fn digits(self) -> &'static str {
        match self {
            Service::Card => "01",
            Service::Bank => "02",
            Service::Vbank => "03",
            Service::Receipt => "04",
            Service::Cellphone => "05",
        }
    }
}

/// `UT0000113m01012603011015301234`. Four digits of chance are few: whoever keeps it makes another until it is new.
pub fn tid(mid: &str, service: Service, at: Timestamp, chance: &Chance) -> String {
    format!("{mid}{}01{}{}", service.digits(), dates::compact(at), digits(4, chance))
}

pub fn auth_token(chance: &Chance) -> String {
    format!("NICEUNTT{}", hex(&chance.bytes::<16>()).to_uppercase())
}

pub fn access_token(chance: &Chance) -> String {
    hex(&chance.bytes::<32>())
}

/// Names a window in its address; unguessable, because whoever knows it may pay.
pub fn window(chance: &Chance) -> String {
    hex(&chance.bytes::<16>())
}

/// For the console's list of notices; the PG sends no such id.
pub fn transmission(chance: &Chance) -> String {
    hex(&chance.bytes::<8>())
}

pub fn account_number(chance: &Chance) -> String {
    format!("562{}", digits(11, chance))
}

pub fn approve_number(chance: &Chance) -> String {
    digits(8, chance)
}

pub fn receipt_number(chance: &Chance) -> String {
    format!("G{}", digits(9, chance))
}

fn digits(count: usize, chance: &Chance) -> String {
    let mut bytes = vec![0; count];
    chance.fill(&mut bytes);
    bytes.into_iter().map(|byte| char::from(b'0' + byte % 10)).collect()
}

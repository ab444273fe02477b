//! Keys and numbers in the shapes the PG gives them.

use vocabulary::{Chance, Timestamp};

use super::calendar;
use super::payment::CashReceiptIds;

const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const CROCKFORD: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// First five letters of the MID, the second, five letters of chance. May repeat within a busy second:
/// whoever adds the payment makes another until it is new.
pub fn payment(mid: &str, now: Timestamp, chance: &Chance) -> String {
    let prefix: String = mid.chars().take(5).collect();
    format!("{prefix}{}{}", calendar::compact(now), letters(5, chance))
}

pub fn transaction(now: Timestamp, chance: &Chance) -> String {
    format!("txrd_a{}", sortable(now, chance))
}

pub fn transmission(now: Timestamp, chance: &Chance) -> String {
    format!("whtrans_a{}", sortable(now, chance))
}

pub fn secret(chance: &Chance) -> String {
    format!("ps_{}", letters(20, chance))
}

/// Names a window in its address; unguessable, because whoever knows it may pay.
pub fn window(chance: &Chance) -> String {
    letters(32, chance)
}

/// Test numbers begin with an X.
pub fn account_number(chance: &Chance) -> String {
    format!("X{}", digits(13, chance))
}

pub fn receipt(chance: &Chance) -> CashReceiptIds {
    CashReceiptIds {
        key: letters(43, chance),
        issue_number: digits(9, chance),
    }
}

fn letters(count: usize, chance: &Chance) -> String {
    let mut bytes = vec![0; count];
    chance.fill(&mut bytes);
    bytes
        .into_iter()
        .map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()]))
        .collect()
}

fn digits(count: usize, chance: &Chance) -> String {
    let mut bytes = vec![0; count];
    chance.fill(&mut bytes);
    bytes.into_iter().map(|byte| char::from(b'0' + byte % 10)).collect()
}

/// 26 digits: ten of milliseconds, sixteen of chance.
fn sortable(now: Timestamp, chance: &Chance) -> String {
    let millis = now.as_micros().max(0) as u64 / 1000;
    let time = (0..10).rev().map(|place| (millis >> (place * 5)) & 31);
    let random = chance.bytes::<16>().map(|byte| u64::from(byte) & 31);
    time.chain(random)
        .map(|digit| char::from(CROCKFORD[digit as usize]))
        .collect()
}

//! The pieces both sides write: 326 bytes of event, 296 of remembered answer, fresh ids and hashes.

use aws_lc_rs::digest;
use uuid::Uuid;
use vocabulary::{Chance, PaymentId, Timestamp};

pub const EVENT_BYTES: usize = 326;
pub const ANSWER_BYTES: usize = 296;

pub fn id(chance: &Chance) -> Uuid {
    PaymentId::new(Timestamp::from_seconds(1_772_327_730), chance).uuid()
}

/// JSON of a given length that names a payment.
pub fn json(id: Uuid, bytes: usize) -> String {
    let mut text = format!(r#"{{"id":"{id}","status":"DONE","amount":12000,"currency":"KRW","note":""#);
    while text.len() + 2 < bytes {
        text.push('n');
    }
    text.push_str("\"}");
    text
}

pub fn hash(before: &[u8], body: &str) -> Vec<u8> {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(before);
    context.update(body.as_bytes());
    context.finish().as_ref().to_vec()
}

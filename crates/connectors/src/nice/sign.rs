//! Signatures: the SHA-256, in lower hex, of some fields one after the other and the secret key. They bind
//! those fields and no others; what else an answer says is protected by TLS alone.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Context, SHA256};
use vocabulary::{Secret, Timestamp};

pub(super) fn sign(parts: &[&str], secret_key: &Secret<String>) -> String {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part.as_bytes());
    }
    context.update(secret_key.reveal_for("nice signature").as_bytes());
    let digest = context.finish();
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// In the same time however much of it is right.
pub(super) fn verify(given: &str, parts: &[&str], secret_key: &Secret<String>) -> bool {
    verify_slices_are_equal(given.as_bytes(), sign(parts, secret_key).as_bytes()).is_ok()
}

/// `ediDate`, the time of a request in NICE's form: `2026-03-01T10:15:31.000+0900`.
pub(super) fn edi_date(now: Timestamp) -> String {
    let seconds: String = now.in_korea().chars().take("2026-03-01T10:15:31".len()).collect();
    let millis = now.as_micros().rem_euclid(1_000_000) / 1_000;
    format!("{seconds}.{millis:03}+0900")
}

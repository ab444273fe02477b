//! The PG's signatures: SHA-256 over texts set one after another, in lower-case hex. Source: the manual's
//! "위변조 검증" of each API.

use aws_lc_rs::digest;

pub fn sign(parts: &[&str]) -> String {
    let mut hash = digest::Context::new(&digest::SHA256);
    for part in parts {
        hash.update(part.as_bytes());
    }
    hex(hash.finish().as_ref())
}

pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

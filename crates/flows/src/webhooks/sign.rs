use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use vocabulary::{Chance, Secret, Timestamp};

/// What a Standard Webhooks secret begins with.
const PREFIX: &str = "whsec_";
const SECRET_BYTES: usize = 32;

pub(super) fn new_secret(chance: &Chance) -> Secret<String> {
    Secret::new(format!("{PREFIX}{}", STANDARD.encode(chance.bytes::<SECRET_BYTES>())))
}

/// One signature as in the `webhook-signature` header: `v1,` and the base 64 of an HMAC-SHA256 over
/// `id.timestamp.body`. Source: Standard Webhooks 1.0, "Signature scheme".
pub fn signature(secret: &Secret<String>, id: &str, at: Timestamp, body: &str) -> String {
    let text = secret.reveal_for("signing a webhook");
    let key = STANDARD
        .decode(text.strip_prefix(PREFIX).unwrap_or(text))
        .unwrap_or_default();
    let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
    let content = format!("{id}.{}.{body}", at.as_seconds());
    format!("v1,{}", STANDARD.encode(hmac::sign(&key, content.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_verifies() {
        // From the Standard Webhooks specification's test data.
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        let at = Timestamp::from_seconds(1_614_265_330);
        let signed = signature(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, r#"{"test": 2432232314}"#);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}

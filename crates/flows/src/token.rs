//! The address of a checkout page is a capability: it names one payment and cannot be guessed.

use aws_lc_rs::{constant_time, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use vocabulary::{Mode, PaymentId, Scope, Secret, ShopId};

use crate::App;

/// 128 bits of the HMAC: more than anyone guesses over a network.
const MAC_BYTES: usize = 16;
const NAMED_BYTES: usize = 16 + 1 + 16;

/// Shop, mode and payment, signed. Needs no look-up table and no index.
pub fn checkout_token(app: &App, scope: Scope, id: PaymentId) -> String {
    let mut bytes = Vec::with_capacity(NAMED_BYTES + MAC_BYTES);
    bytes.extend_from_slice(scope.shop.uuid().as_bytes());
    bytes.push(match scope.mode {
        Mode::Test => 0,
        Mode::Live => 1,
    });
    bytes.extend_from_slice(id.uuid().as_bytes());
    let mac = sign(&app.settings.signing_key, &bytes);
    bytes.extend_from_slice(&mac[..MAC_BYTES]);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The payment a token names; `None` when it is not one of ours.
pub fn read(app: &App, token: &str) -> Option<(Scope, PaymentId)> {
    let bytes = URL_SAFE_NO_PAD
        .decode(token)
        .ok()
        .filter(|bytes| bytes.len() == NAMED_BYTES + MAC_BYTES)?;
    let (named, mac) = bytes.split_at(NAMED_BYTES);
    let mut keys = [Some(&app.settings.signing_key), app.settings.old_signing_key.as_ref()]
        .into_iter()
        .flatten();
    keys.find(|key| constant_time::verify_slices_are_equal(mac, &sign(key, named)[..MAC_BYTES]).is_ok())?;
    let mode = match named[16] {
        0 => Mode::Test,
        1 => Mode::Live,
        _ => return None,
    };
    let uuid = |bytes: &[u8]| uuid::Uuid::from_slice(bytes).ok();
    let shop = ShopId::from_uuid(uuid(&named[..16])?);
    Some((Scope { shop, mode }, PaymentId::from_uuid(uuid(&named[17..])?)))
}

pub fn checkout_url(app: &App, scope: Scope, id: PaymentId) -> String {
    format!(
        "{}/checkout/{}",
        app.settings.public_url,
        checkout_token(app, scope, id)
    )
}

fn sign(key: &Secret<Vec<u8>>, named: &[u8]) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.reveal_for("signing a checkout address"));
    hmac::sign(&key, named).as_ref().to_vec()
}

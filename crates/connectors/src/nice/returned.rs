//! How the browser comes back. It may be told anything by anyone: this is parsed and its signature checked,
//! and still only the approve call tells what happened.

use std::collections::BTreeMap;

use vocabulary::{Failure, Reason};

use super::client::{SUCCESS, well_formed_key};
use super::config::Config;
use super::map::{CODE_CHARS_MAX, MESSAGE_CHARS_MAX, ORDER_ID_CHARS_MAX, TID_CHARS_MAX, clean};
use super::{errors, sign};
use crate::Returned;

const AMOUNT_CHARS_MAX: usize = 12;
const AUTH_TOKEN_CHARS_MAX: usize = 40;

/// What the window posts to the return address in the server-approval model.
pub(super) fn read(query: &BTreeMap<String, String>, config: &Config) -> Returned {
    let value = |name| query.get(name).map(String::as_str);
    match value("authResultCode") {
        Some(SUCCESS) => agreed(query, config),
        Some(code) => refused(code, value("authResultMsg").unwrap_or_default()),
        // Such a window moved the money itself. Keys that make it do so are refused, so somebody made this up.
        None if value("resultCode").is_some() => Returned::Malformed("it is of the client-approval model"),
        None => Returned::Malformed("it has no authResultCode"),
    }
}

fn agreed(query: &BTreeMap<String, String>, config: &Config) -> Returned {
    let value = |name: &str, chars_max: usize| {
        let text = query.get(name).map(String::as_str);
        text.filter(|text| well_formed_key(text, chars_max))
    };
    let (Some(tid), Some(order_id), Some(amount), Some(auth_token), Some(signature)) = (
        value("tid", TID_CHARS_MAX),
        value("orderId", ORDER_ID_CHARS_MAX),
        value("amount", AMOUNT_CHARS_MAX),
        value("authToken", AUTH_TOKEN_CHARS_MAX),
        value("signature", 64),
    ) else {
        return Returned::Malformed("it lacks a tid, order id, amount, token or signature, or one of them is not one");
    };
    if query.get("clientId").map(String::as_str) != Some(config.client_id.as_str()) {
        return Returned::Malformed("it is of another client id");
    }
    if !sign::verify(signature, &[auth_token, &config.client_id, amount], &config.secret_key) {
        return Returned::Malformed("it is signed wrongly");
    }
    Returned::Agreed {
        pg_key: tid.into(),
        pg_order_id: order_id.into(),
        amount_text: amount.into(),
    }
}

fn refused(code: &str, message: &str) -> Returned {
    if !well_formed_key(code, CODE_CHARS_MAX) {
        return Returned::Malformed("its authResultCode is not one");
    }
    // Nothing was asked for yet, so a fault of NICE's is as much a no as any other.
    let reason = errors::meaning(code).map_or(Reason::DeclinedByIssuer, |(reason, _)| reason);
    Returned::Refused(Failure {
        reason,
        pg_code: code.into(),
        pg_message: clean(message, MESSAGE_CHARS_MAX),
    })
}

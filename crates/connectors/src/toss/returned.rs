//! How the browser comes back. It may be told anything by anyone: this is parsed, never believed.

use std::collections::BTreeMap;

use vocabulary::{Failure, Reason};

use super::client::well_formed_key;
use super::{errors, map};
use crate::Returned;

const KEY_CHARS_MAX: usize = 200;
const ORDER_ID_CHARS_MAX: usize = 64;
const AMOUNT_CHARS_MAX: usize = 30;

/// To the success address: `paymentKey`, `orderId`, `amount` (and for some scripts `paymentType`).
/// To the fail address: `code`, `message`, and `orderId` unless the shopper closed the window.
pub(super) fn read(query: &BTreeMap<String, String>) -> Returned {
    let value = |name| query.get(name).map(String::as_str);
    match (value("paymentKey"), value("code")) {
        (Some(_), Some(_)) => Returned::Malformed("it says both yes and no"),
        (None, None) => Returned::Malformed("it has neither a payment key nor a code"),
        (None, Some(code)) => refused(code, value("message").unwrap_or_default()),
        (Some(key), None) => match (value("orderId"), value("amount")) {
            (Some(order_id), Some(amount)) => agreed(key, order_id, amount),
            _ => Returned::Malformed("it has a payment key without order id or amount"),
        },
    }
}

fn agreed(key: &str, order_id: &str, amount: &str) -> Returned {
    let well_formed = well_formed_key(key, KEY_CHARS_MAX)
        && well_formed_key(order_id, ORDER_ID_CHARS_MAX)
        && well_formed_key(amount, AMOUNT_CHARS_MAX);
    if !well_formed {
        return Returned::Malformed("its payment key, order id or amount is not one");
    }
    Returned::Agreed {
        pg_key: key.into(),
        pg_order_id: order_id.into(),
        amount_text: amount.into(),
    }
}

fn refused(code: &str, message: &str) -> Returned {
    if !well_formed_key(code, map::CODE_CHARS_MAX) {
        return Returned::Malformed("its code is not one");
    }
    // Nothing was asked for yet, so a fault of Toss's is as much a no as any other.
    let reason = errors::meaning(code).map_or(Reason::DeclinedByIssuer, |(reason, _)| reason);
    Returned::Refused(Failure {
        reason,
        pg_code: code.into(),
        pg_message: map::clean(message, map::MESSAGE_CHARS_MAX),
    })
}

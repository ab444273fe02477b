//! What Toss sends us. Its notices on payments carry no signature: one that moves money must
//! hold the secret Toss gave us with the payment, and each is only a reason to ask.

use serde::Deserialize;
use vocabulary::Secret;

use super::client::well_formed_key;
use super::map::{clean, place};
use super::wire::loose;
use crate::{Notice, NoticeRefused};

/// The largest real one, a payment with its cancels, has about 5 kB.
const NOTICE_BYTES_MAX: usize = 256 * 1024;
const ORDER_ID_CHARS_MAX: usize = 64;
const KEY_CHARS_MAX: usize = 200;
const WORD_CHARS_MAX: usize = 64;

/// All kinds in one: a deposit's has neither `eventType` nor `data`, and its fields lie on top.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    #[serde(default, deserialize_with = "loose")]
    event_type: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    created_at: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    data: Option<Fields>,
    #[serde(default, deserialize_with = "loose")]
    secret: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    status: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    transaction_key: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    order_id: Option<String>,
}

/// Of a payment, or of a cancel.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    #[serde(default, deserialize_with = "loose")]
    order_id: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    payment_key: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    status: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    cancel_status: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    last_transaction_key: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    transaction_key: Option<String>,
    #[serde(default, deserialize_with = "loose")]
    secret: Option<String>,
}

pub(super) fn read(body: &[u8]) -> Result<Notice, NoticeRefused> {
    if body.len() > NOTICE_BYTES_MAX {
        return Err(malformed(format!("it is over {NOTICE_BYTES_MAX} bytes")));
    }
    let body: Body = serde_json::from_slice(body).map_err(|error| malformed(place(&error)))?;
    match body.event_type.as_deref() {
        None => deposit(body),
        Some(event @ "PAYMENT_STATUS_CHANGED") => {
            let fields = body.data.ok_or(malformed("it holds no payment"))?;
            notice(event, fields.order_id.clone(), fields, body.created_at)
        }
        // Overseas easy pay only. The manual's cancel names no payment; without one the sweep
        // over pending cancels finds the same out.
        Some(event @ "CANCEL_STATUS_CHANGED") => {
            let mut fields = body.data.ok_or(malformed("it holds no cancel"))?;
            let Some(order_id) = fields.order_id.take() else {
                return Err(NoticeRefused::Irrelevant("a cancel without its order".into()));
            };
            fields.status = fields.cancel_status.take();
            notice(event, Some(order_id), fields, body.created_at)
        }
        Some(other) => Err(NoticeRefused::Irrelevant(clean(other, WORD_CHARS_MAX))),
    }
}

/// `DEPOSIT_CALLBACK`: a deposit came, or was taken back. Its secret is all the proof there is.
fn deposit(body: Body) -> Result<Notice, NoticeRefused> {
    if body.secret.as_deref().is_none_or(str::is_empty) {
        return Err(malformed("it is no event, and no deposit without a secret"));
    }
    let fields = Fields {
        status: body.status,
        transaction_key: body.transaction_key,
        secret: body.secret,
        ..Fields::default()
    };
    let notice = notice("DEPOSIT_CALLBACK", body.order_id, fields, body.created_at)?;
    Ok(Notice {
        secret_required: true,
        signed: false,
        ..notice
    })
}

fn notice(
    event: &str,
    order_id: Option<String>,
    fields: Fields,
    created_at: Option<String>,
) -> Result<Notice, NoticeRefused> {
    let pg_order_id = order_id
        .filter(|id| well_formed_key(id, ORDER_ID_CHARS_MAX))
        .ok_or(malformed("it names no order"))?;
    let status = fields
        .status
        .filter(|status| well_formed_key(status, WORD_CHARS_MAX))
        .ok_or(malformed("it names no status"))?;
    let keys = [
        &fields.payment_key,
        &fields.last_transaction_key,
        &fields.transaction_key,
    ];
    if keys
        .into_iter()
        .flatten()
        .any(|key| !well_formed_key(key, KEY_CHARS_MAX))
    {
        return Err(malformed("one of its keys is not one"));
    }
    if fields
        .secret
        .as_deref()
        .is_some_and(|secret| secret.len() > KEY_CHARS_MAX)
    {
        return Err(malformed("its secret is too long"));
    }
    // Toss numbers no events. A transaction's key is told to us alone, so nobody can use up the
    // place of a real notice; changes without a transaction are told apart by their time.
    let transaction = fields.last_transaction_key.or(fields.transaction_key);
    let transaction = transaction
        .or(created_at.map(|at| clean(&at, WORD_CHARS_MAX)))
        .unwrap_or_default();
    Ok(Notice {
        dedup_key: format!("{event} {pg_order_id} {status} {transaction}"),
        what: format!("{event} {status}"),
        pg_order_id,
        pg_key: fields.payment_key,
        secret: fields.secret.filter(|secret| !secret.is_empty()).map(Secret::new),
        secret_required: false,
        signed: false,
    })
}

fn malformed(what: impl Into<String>) -> NoticeRefused {
    NoticeRefused::Malformed(what.into())
}

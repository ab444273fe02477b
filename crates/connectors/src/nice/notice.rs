//! What NICE sends us: the payment object, signed as its answers are, as JSON; or, in the older form, its
//! fields as a form. The signature does not cover the status nor the order, so a notice is a reason to ask.

use std::collections::BTreeMap;

use url::form_urlencoded;

use super::client::well_formed_key;
use super::config::Config;
use super::map::{ORDER_ID_CHARS_MAX, TID_CHARS_MAX, clean, place};
use super::{sign, wire};
use crate::{Notice, NoticeRefused};

/// The largest real one, a payment with its cancels, has about 5 kB.
const NOTICE_BYTES_MAX: usize = 256 * 1024;
const FORM_FIELDS_MAX: usize = 100;
const WORD_CHARS_MAX: usize = 64;
const AMOUNT_CHARS_MAX: usize = 12;
/// Sent when an address is registered; its signature is nobody's.
const TEST_TID: &str = "UTWEBHOOK";

/// What both forms come down to. All of it is ASCII, so a form in EUC-KR reads the same.
#[derive(Default)]
struct Fields {
    tid: String,
    order_id: String,
    status: String,
    amount: String,
    edi_date: String,
    signature: String,
    pay_method: String,
    cancelled_tid: String,
    paid_at: String,
}

pub(super) fn read(headers: &BTreeMap<String, String>, body: &[u8], config: &Config) -> Result<Notice, NoticeRefused> {
    if body.len() > NOTICE_BYTES_MAX {
        return Err(malformed(format!("it is over {NOTICE_BYTES_MAX} bytes")));
    }
    let kind = headers.get("content-type").map(String::as_str).unwrap_or_default();
    let fields = if kind
        .trim_start()
        .to_ascii_lowercase()
        .starts_with("application/x-www-form-urlencoded")
    {
        form(body)
    } else {
        json(body)?
    };
    if fields.tid.starts_with(TEST_TID) {
        return Err(NoticeRefused::Irrelevant("a test of the address".into()));
    }
    notice(fields, config)
}

fn form(body: &[u8]) -> Fields {
    let mut fields = Fields::default();
    for (name, value) in form_urlencoded::parse(body).take(FORM_FIELDS_MAX) {
        let field = match name.as_ref() {
            "tid" => &mut fields.tid,
            "orderId" => &mut fields.order_id,
            "status" => &mut fields.status,
            "amount" => &mut fields.amount,
            "ediDate" => &mut fields.edi_date,
            "signature" => &mut fields.signature,
            "payMethod" => &mut fields.pay_method,
            "cancelledTid" => &mut fields.cancelled_tid,
            "paidAt" => &mut fields.paid_at,
            _ => continue,
        };
        // Of a name given twice the first counts.
        if field.is_empty() {
            *field = value.into_owned();
        }
    }
    fields
}

/// Of a payment only what a test of the address has, too.
#[derive(serde::Deserialize)]
struct Tid {
    #[serde(default, deserialize_with = "wire::loose")]
    tid: Option<String>,
}

fn json(body: &[u8]) -> Result<Fields, NoticeRefused> {
    let only: Tid = serde_json::from_slice(body).map_err(|error| malformed(place(&error)))?;
    if let Some(tid) = only.tid.filter(|tid| tid.starts_with(TEST_TID)) {
        return Ok(Fields {
            tid,
            ..Fields::default()
        });
    }
    let payment: wire::Payment = serde_json::from_slice(body).map_err(|error| malformed(place(&error)))?;
    let amount = super::map::won(payment.amount).ok_or(malformed("its amount is no amount of won"))?;
    Ok(Fields {
        tid: payment.tid,
        order_id: payment.order_id,
        status: payment.status,
        amount: amount.minor.to_string(),
        edi_date: payment.edi_date.unwrap_or_default(),
        signature: payment.signature.unwrap_or_default(),
        pay_method: payment.pay_method.unwrap_or_default(),
        cancelled_tid: payment.cancelled_tid.unwrap_or_default(),
        paid_at: payment.paid_at.unwrap_or_default(),
    })
}

fn notice(fields: Fields, config: &Config) -> Result<Notice, NoticeRefused> {
    let Fields {
        tid,
        order_id,
        status,
        amount,
        edi_date,
        signature,
        pay_method,
        cancelled_tid,
        paid_at,
    } = fields;
    if !well_formed_key(&order_id, ORDER_ID_CHARS_MAX) {
        return Err(malformed("it names no order"));
    }
    if !well_formed_key(&tid, TID_CHARS_MAX) || cancelled_tid.len() > TID_CHARS_MAX {
        return Err(malformed("one of its tids is not one"));
    }
    if !well_formed_key(&status, WORD_CHARS_MAX) {
        return Err(malformed("it names no status"));
    }
    if amount.len() > AMOUNT_CHARS_MAX || edi_date.len() > WORD_CHARS_MAX {
        return Err(malformed("its amount or date is not one"));
    }
    // Only what came to nothing goes unsigned; then it is no more than a hint.
    let signed = !(signature.is_empty() && matches!(status.as_str(), "failed" | "expired"));
    if signed && !sign::verify(&signature, &[&tid, &amount, &edi_date], &config.secret_key) {
        return Err(NoticeRefused::Forged);
    }
    // NICE numbers no events. A cancel has a tid of its own, a deposit its time; `ediDate` is another at each sending.
    let transaction = if cancelled_tid.is_empty() {
        paid_at
    } else {
        cancelled_tid
    };
    Ok(Notice {
        dedup_key: format!("{order_id} {tid} {status} {}", clean(&transaction, WORD_CHARS_MAX)),
        what: clean(format!("{pay_method} {status}").trim(), WORD_CHARS_MAX),
        pg_order_id: order_id,
        pg_key: Some(tid),
        secret: None,
        secret_required: false,
        signed,
    })
}

fn malformed(what: impl Into<String>) -> NoticeRefused {
    NoticeRefused::Malformed(what.into())
}

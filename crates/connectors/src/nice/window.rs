//! Parameters for `AUTHNICE.requestPay(…)`; the opener adds `fnError`.

use serde::Serialize;
use vocabulary::Method;

use super::config::Config;
use super::{codes, map, rules};
use crate::{Bill, Locale, MethodRules, Unsupported, Window};

const GOODS_NAME_BYTES_MAX: usize = 40;
const BUYER_NAME_BYTES_MAX: usize = 30;
const HOLDER_BYTES_MAX: usize = 40;
const EMAIL_BYTES_MAX: usize = 60;
const URL_BYTES_MAX: usize = 500;
const AMOUNT_MAX: i64 = 999_999_999_999;
const INSTALMENT_MONTHS_MIN: u8 = 2;
/// Four digits.
const DEPOSIT_HOURS_MAX: i64 = 9_999;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    client_id: &'a str,
    method: &'static str,
    order_id: &'a str,
    amount: i64,
    goods_name: String,
    return_url: &'a str,
    currency: &'static str,
    language: &'static str,
    return_char_set: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    buyer_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    buyer_tel: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    buyer_email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tax_free_amt: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    use_escrow: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card_quota: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    card_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vbank_holder: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vbank_valid_hours: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_digital: Option<bool>,
}

/// The window of one bill. Names too long for NICE are cut, an e-mail it would refuse is left out: neither
/// is worth losing a sale. What it cannot do at all is `Unsupported`.
pub(super) fn window(config: &Config, rules: &MethodRules, bill: &Bill) -> Result<Window, Unsupported> {
    check(rules, bill)?;
    let mut request = request(config, bill, method(rules, bill)?);
    match bill.method {
        Method::Card => request.card_quota = card_quota(bill),
        Method::OverseasCard => request.card_code = Some(codes::OVERSEAS_CARDS.join(",")),
        Method::VirtualAccount => {
            let hours = bill.deposit_within.map(|within| within.as_seconds() / 3600);
            if hours.is_some_and(|hours| hours > DEPOSIT_HOURS_MAX) {
                return Err(Unsupported("deposits after more than a year"));
            }
            request.vbank_valid_hours = hours.map(|hours| hours.max(1));
            let holder = bill.customer_name.as_deref().unwrap_or(&bill.order_name);
            request.vbank_holder = Some(map::cut(holder, HOLDER_BYTES_MAX)).filter(|holder| !holder.is_empty());
        }
        // Carriers have other limits for what is downloaded; nobody says which it is, so: goods.
        Method::Mobile => request.is_digital = Some(false),
        _ => {}
    }
    let parameters = serde_json::to_string(&request).map_err(|_| Unsupported("such a bill"))?;
    Ok(Window {
        script_url: config.script_url.clone(),
        origins: config.origins.clone(),
        opener: "nice",
        parameters: harmless(&parameters),
    })
}

fn method(rules: &MethodRules, bill: &Bill) -> Result<&'static str, Unsupported> {
    let kind = bill.kind.as_deref();
    if kind.is_some_and(|kind| !rules.kinds.contains(&kind)) {
        return Err(Unsupported("this kind of the method"));
    }
    Ok(match bill.method {
        Method::Card | Method::OverseasCard => "card",
        Method::Transfer => "bank",
        Method::VirtualAccount => "vbank",
        Method::Mobile => "cellphone",
        Method::EasyPay => match kind {
            // The one window with a choice of purses; cards are in it as well.
            None => "cardAndEasyPay",
            Some(kind) => codes::EASY_PAY
                .iter()
                .find(|(ours, ..)| *ours == kind)
                .map(|(_, window, ..)| *window)
                .ok_or(Unsupported("this kind of the method"))?,
        },
        Method::GiftVoucher | Method::OverseasEasyPay => return Err(Unsupported("this method")),
    })
}

fn check(rules: &MethodRules, bill: &Bill) -> Result<(), Unsupported> {
    if !rules.currencies.contains(&bill.amount.currency) {
        return Err(Unsupported("this currency with this method"));
    }
    if !bill.amount.is_positive() || bill.amount.minor > AMOUNT_MAX {
        return Err(Unsupported("amounts of nothing, or of more than twelve digits"));
    }
    let order_id = bill.pg_order_id.as_bytes();
    let letters = order_id
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if !(1..=64).contains(&order_id.len()) || !letters {
        return Err(Unsupported(
            "such an order id: it takes up to 64 letters, digits, - and _",
        ));
    }
    if bill.success_url.len() > URL_BYTES_MAX {
        return Err(Unsupported("return addresses of over 500 bytes"));
    }
    if bill
        .instalment_months
        .is_some_and(|months| months == 1 || months > rules.instalment_months_max)
    {
        return Err(Unsupported("so many monthly instalments with this method"));
    }
    Ok(())
}

fn request<'a>(config: &'a Config, bill: &'a Bill, method: &'static str) -> Request<'a> {
    // NICE would make them dashes itself, and then show another name than we keep.
    let name = bill.order_name.replace(['"', '¦'], "-");
    let name = map::cut(&name, GOODS_NAME_BYTES_MAX);
    let phone = bill
        .customer_phone
        .as_ref()
        .map(|phone| phone.reveal_for("nice window"));
    // There is one sum without VAT at NICE; outside of VAT altogether is a case of it.
    let tax_free = bill.tax.tax_free.minor.saturating_add(bill.tax.exempt.minor);
    Request {
        client_id: &config.client_id,
        method,
        order_id: &bill.pg_order_id,
        amount: bill.amount.minor,
        goods_name: if name.is_empty() {
            map::cut(&bill.pg_order_id, GOODS_NAME_BYTES_MAX)
        } else {
            name
        },
        return_url: &bill.success_url,
        currency: "KRW",
        language: match bill.locale {
            Locale::Korean => "KO",
            Locale::Chinese => "CN",
            Locale::English | Locale::Japanese => "EN",
        },
        return_char_set: "utf-8",
        buyer_name: bill
            .customer_name
            .as_deref()
            .map(|name| map::cut(name, BUYER_NAME_BYTES_MAX))
            .filter(|name| !name.is_empty()),
        buyer_tel: phone.filter(|digits| (8..=20).contains(&digits.len())),
        buyer_email: bill
            .customer_email
            .as_deref()
            .filter(|mail| (3..=EMAIL_BYTES_MAX).contains(&mail.len())),
        tax_free_amt: (tax_free > 0).then_some(tax_free),
        use_escrow: bill.escrow.then_some(true),
        card_quota: None,
        card_code: None,
        vbank_holder: None,
        vbank_valid_hours: None,
        is_digital: None,
    }
}

/// Two digits each; `00` is at once, and `01` is an error there. Below the smallest sum for instalments the
/// window has none, and wants none named.
fn card_quota(bill: &Bill) -> Option<String> {
    if bill.amount.minor < rules::INSTALMENT_MIN.minor {
        return None;
    }
    if let Some(months) = bill.instalment_months {
        return Some(format!("{months:02}"));
    }
    let cap = bill.instalment_months_max?;
    let months = (INSTALMENT_MONTHS_MIN..=cap.min(12)).map(|months| format!(",{months:02}"));
    Some(format!("00{}", months.collect::<String>()))
}

/// In JSON these letters stand only inside strings, where their escapes mean the same; without
/// them no text of a shop can end the element the page puts this in.
fn harmless(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for letter in json.chars() {
        match letter {
            '<' | '>' | '&' | '\'' | '\u{2028}' | '\u{2029}' => {
                text.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            _ => text.push(letter),
        }
    }
    text
}

//! What the shopper chose in the window, and what that makes of the payment.

use vocabulary::Timestamp;

use super::params::{INSTALMENT_FROM, Product, WindowRequest};
use crate::nice::Code;
use crate::nice::fields::Fields;
use crate::nice::orgs::{self, Org};
use crate::nice::payment::{Account, Card, Means, ReceiptKind};

/// The easy pays that stand beside the cards in `cardAndEasyPay`.
pub const EASY_PAYS: [Product; 5] = [
    Product::Kakaopay,
    Product::NaverpayCard,
    Product::SamsungpayCard,
    Product::Payco,
    Product::Ssgpay,
];

/// The means, and the cash receipt that was asked for with them. The window's fields: `card` (an issuer's code or
/// `pay:<easy pay>`), `quota`, `payWith` (card or money), `bankCode`, `receipt`. A field left out takes the window's
/// first choice.
pub fn read(request: &WindowRequest, fields: &Fields, now: Timestamp) -> Result<(Means, Option<ReceiptKind>), Code> {
    let receipt = match fields.get("receipt") {
        None | Some("none") => None,
        Some(kind) => Some(ReceiptKind::parse(kind).ok_or(Code::FIELD_NOT_OF_LIST)?),
    };
    match request.product {
        Product::Bank => Ok((Means::Bank(bank(fields)?), receipt)),
        Product::Vbank => {
            let bank = bank(fields)?;
            if !orgs::issuing_banks().any(|issuing| issuing == bank) {
                return Err(Code::BANK_UNKNOWN);
            }
            let account = Account {
                bank,
                number: String::new(),
                holder: request.vbank_holder.clone().unwrap_or_default(),
                due_at: request.due_at(now)?,
            };
            Ok((Means::Vbank(account), receipt))
        }
        Product::Cellphone => Ok((Means::Cellphone, None)),
        _ => Ok((card_or_easy_pay(request, fields)?, None)),
    }
}

fn card_or_easy_pay(request: &WindowRequest, fields: &Fields) -> Result<Means, Code> {
    let chosen = fields.get("card").and_then(|text| text.strip_prefix("pay:"));
    let product = match chosen {
        Some(name) if request.product == Product::CardAndEasyPay => EASY_PAYS
            .into_iter()
            .find(|easy_pay| easy_pay.as_str() == name)
            .ok_or(Code::FIELD_NOT_OF_LIST)?,
        Some(_) => return Err(Code::FIELD_NOT_OF_LIST),
        None => request.product,
    };
    let Some((provider, _)) = product.easy_pay() else {
        return Ok(Means::Card(card(request, fields)?));
    };
    let by_money = match product {
        Product::KakaopayMoney => true,
        Product::KakaopayCard | Product::SamsungpayCard => false,
        _ => fields.get("payWith") == Some("money"),
    };
    let issuer = request.issuers.first().copied().unwrap_or(&orgs::CARDS[0]);
    let card = Card {
        issuer,
        quota: request.quotas.first().copied().unwrap_or(0),
        interest_free: false,
        check: orgs::is_check_card(issuer.code),
    };
    Ok(Means::EasyPay {
        provider,
        card: (!by_money).then_some(card),
    })
}

fn card(request: &WindowRequest, fields: &Fields) -> Result<Card, Code> {
    let offered = offered_issuers(request);
    let issuer = match fields.get("card") {
        Some(code) => offered
            .iter()
            .find(|issuer| issuer.code == code)
            .copied()
            .ok_or(Code::FIELD_NOT_OF_LIST)?,
        None => offered.first().copied().unwrap_or(&orgs::CARDS[0]),
    };
    let months = offered_quotas(request);
    let quota = match fields.get("quota") {
        Some(text) => text
            .parse()
            .ok()
            .filter(|quota| months.contains(quota))
            .ok_or(Code::INSTALMENT_REFUSED)?,
        None => months.first().copied().unwrap_or(0),
    };
    Ok(Card {
        issuer,
        quota,
        interest_free: false,
        check: orgs::is_check_card(issuer.code),
    })
}

/// The issuers the shop named, or the window's own dozen.
pub fn offered_issuers(request: &WindowRequest) -> Vec<&'static Org> {
    if request.issuers.is_empty() {
        orgs::CARDS.iter().take(12).collect()
    } else {
        request.issuers.clone()
    }
}

/// The months the shop named, or from `INSTALMENT_FROM` on up to a year.
pub fn offered_quotas(request: &WindowRequest) -> Vec<u8> {
    if !request.quotas.is_empty() {
        request.quotas.clone()
    } else if request.amount.minor < INSTALMENT_FROM {
        vec![0]
    } else {
        std::iter::once(0).chain(2..=12).collect()
    }
}

fn bank(fields: &Fields) -> Result<&'static Org, Code> {
    match fields.get("bankCode") {
        Some(code) => orgs::bank(code).ok_or(Code::FIELD_NOT_OF_LIST),
        None => Ok(&orgs::BANKS[0]),
    }
}

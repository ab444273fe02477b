//! What the shopper chose in the window, and what that makes of the payment.

use vocabulary::{Money, Timestamp};

use super::fields::Fields;
use super::params::{Instalments, Product, WindowRequest, instalment_months, receipt_kind};
use crate::toss::codes::{self, Org};
use crate::toss::errors::Code;
use crate::toss::payment::{Card, CardKind, Means, ReceiptKind, VirtualAccount, Voucher};

/// The means, and the cash receipt that was asked for with them.
pub struct Choice {
    pub means: Means,
    pub receipt: Option<ReceiptKind>,
}

/// The one-time code every test phone receives.
pub const ONE_TIME_CODE: &str = "000000";

/// The window's answer fields: `company` (a card company's code or `pay:<easy pay>`), `instalment`, `payWith`
/// (card or balance), `usePoint`, `bank`, `depositor`, `receipt`, `carrier`, `phone`, `code`, `brand`.
/// A field left out takes the window's first choice, so that `_auto` and a plain click both work.
pub fn read(request: &WindowRequest, fields: &Fields, now: Timestamp) -> Result<Choice, Code> {
    let receipt = || match (request.cash_receipt, fields.get("receipt")) {
        (Some(fixed), _) => Ok(fixed),
        (None, Some(text)) => receipt_kind(text),
        (None, None) => Ok(None),
    };
    let (means, receipt) = match request.product {
        Product::Card => (card_or_easy_pay(request, fields)?, None),
        Product::Transfer => (Means::Transfer { bank: bank(fields)? }, receipt()?),
        Product::VirtualAccount => {
            let bank = bank(fields)?;
            if !codes::issues_accounts(bank) {
                return Err(Code::INVALID_BANK);
            }
            (Means::VirtualAccount(account(request, bank, fields, now)?), receipt()?)
        }
        Product::MobilePhone => (
            Means::Mobile {
                phone: phone(request, fields)?,
            },
            None,
        ),
        Product::CultureGift => (Means::Voucher(Voucher::Culture), None),
        Product::BookGift => (Means::Voucher(Voucher::Book), None),
        Product::GameGift => (Means::Voucher(Voucher::Game), None),
        Product::ForeignEasyPay => (
            Means::ForeignEasyPay {
                provider: request.provider,
            },
            None,
        ),
    };
    Ok(Choice { means, receipt })
}

fn card_or_easy_pay(request: &WindowRequest, fields: &Fields) -> Result<Means, Code> {
    if request.overseas_only {
        let brand = match fields.get("brand") {
            Some(code) => codes::find(codes::OVERSEAS_BRANDS, code).ok_or(Code::INVALID_CARD_COMPANY)?,
            None => &codes::OVERSEAS_BRANDS[0],
        };
        return Ok(Means::Card(card(request, brand, 0, fields)));
    }
    let chosen = fields.get("company");
    let easy_pay = match chosen.and_then(|text| text.strip_prefix("pay:")) {
        Some(code) => Some(codes::find(codes::EASY_PAYS, code).ok_or(Code::NOT_SUPPORTED_METHOD)?),
        None => request.easy_pay,
    };
    if let Some(provider) = easy_pay {
        let zero = Money::zero(request.amount.currency);
        let by_balance = fields.get("payWith") == Some("balance");
        let card = (!by_balance).then(|| card(request, &codes::CARD_COMPANIES[0], 0, fields));
        let charged = if by_balance { request.amount } else { zero };
        return Ok(Means::EasyPay {
            provider,
            card,
            charged,
            discount: zero,
        });
    }
    let company = match chosen {
        Some(code) => codes::card_company(code).ok_or(Code::INVALID_CARD_COMPANY)?,
        None => request.card_company.unwrap_or(&codes::CARD_COMPANIES[0]),
    };
    Ok(Means::Card(card(request, company, months(request, fields)?, fields)))
}

fn months(request: &WindowRequest, fields: &Fields) -> Result<u8, Code> {
    let months = match (request.instalments, fields.get("instalment")) {
        (Instalments::Fixed(months), _) => months,
        (Instalments::UpTo(_), None) => 0,
        (Instalments::UpTo(most), Some(text)) => match instalment_months(text)? {
            months if months > most => return Err(Code::EXCEED_MAX_CARD_INSTALLMENT_PLAN),
            months => months,
        },
    };
    if months > 0 && !request.takes_instalments() {
        return Err(Code::NOT_ALLOWED_INSTALLMENT_BELOW_AMOUNT);
    }
    Ok(months)
}

fn card(request: &WindowRequest, company: &'static Org, months: u8, fields: &Fields) -> Card {
    let free = months > 0
        && request
            .free_instalments
            .iter()
            .any(|(code, free_months)| code == company.code && *free_months == months);
    Card {
        amount: request.amount,
        issuer: company.code,
        acquirer: Some(codes::acquirer_of(company.code)),
        number_masked: codes::test_number_of(company.code),
        instalment_months: months,
        interest_free: free,
        interest_payer: free.then_some("MERCHANT"),
        use_point: request.use_card_point && fields.flag("usePoint"),
        kind: if codes::is_check_card(company.code) {
            CardKind::Check
        } else {
            CardKind::Credit
        },
        corporate: false,
    }
}

fn bank(fields: &Fields) -> Result<&'static Org, Code> {
    match fields.get("bank") {
        Some(name) => codes::bank(name).ok_or(Code::INVALID_BANK),
        None => Ok(&codes::BANKS[0]),
    }
}

fn account(
    request: &WindowRequest,
    bank: &'static Org,
    fields: &Fields,
    now: Timestamp,
) -> Result<VirtualAccount, Code> {
    let named = fields.get("depositor").unwrap_or(&request.customer_name);
    let customer_name = if named.is_empty() { "구매자" } else { named };
    if customer_name.chars().count() > 100 {
        return Err(Code::INVALID_REQUEST);
    }
    Ok(VirtualAccount {
        bank,
        number: String::new(),
        customer_name: customer_name.to_owned(),
        depositor: None,
        due_at: request.waits.due_at(now)?,
        fixed: false,
        refund_paid_at: None,
    })
}

fn phone(request: &WindowRequest, fields: &Fields) -> Result<String, Code> {
    if let Some(carrier) = fields.get("carrier")
        && !request.carriers.iter().any(|allowed| allowed.code == carrier)
    {
        return Err(Code::INVALID_REQUEST);
    }
    if fields.get("code").is_some_and(|code| code != ONE_TIME_CODE) {
        return Err(Code::INVALID_AUTHORIZE_AUTH);
    }
    let prefilled = if request.customer_mobile_phone.is_empty() {
        "01000000000"
    } else {
        &request.customer_mobile_phone
    };
    let digits: String = fields
        .get("phone")
        .unwrap_or(prefilled)
        .chars()
        .filter(|letter| *letter != '-')
        .collect();
    let is_number = (8..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number {
        Ok(digits)
    } else {
        Err(Code::INVALID_REQUEST)
    }
}

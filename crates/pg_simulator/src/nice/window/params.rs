//! What a shop asks of the window, and the one list of its field names.

use url::Url;
use vocabulary::{Duration, Money, Timestamp};

use crate::nice::fields::Fields;
use crate::nice::orgs::{self, Org};
use crate::nice::{Code, Lang, dates};

/// Instalments start here. Source: code P037.
pub const INSTALMENT_FROM: i64 = 50_000;
/// Source: codes 3041, 4141 and N001.
const CARD_FROM: i64 = 1_000;
const TRANSFER_FROM: i64 = 2;
const PHONE_BELOW: i64 = 300_000;
const VALID_DAYS_DEFAULT: i64 = 7;
const VALID_HOURS_MAX: i64 = 9_999;
const AMOUNT_MAX: i64 = 999_999_999_999;

/// What the shop asks the window to sell with. Source: `method` of `requestPay`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Product {
    Card,
    /// Straight to the issuer that the shop names.
    DirectCard,
    Bank,
    Vbank,
    Cellphone,
    NaverpayCard,
    Kakaopay,
    KakaopayCard,
    KakaopayMoney,
    SamsungpayCard,
    Payco,
    Ssgpay,
    CardAndEasyPay,
}

impl Product {
    pub const ALL: [Product; 13] = [
        Product::Card,
        Product::DirectCard,
        Product::Bank,
        Product::Vbank,
        Product::Cellphone,
        Product::NaverpayCard,
        Product::Kakaopay,
        Product::KakaopayCard,
        Product::KakaopayMoney,
        Product::SamsungpayCard,
        Product::Payco,
        Product::Ssgpay,
        Product::CardAndEasyPay,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Product::Card => "card",
            Product::DirectCard => "directCard",
            Product::Bank => "bank",
            Product::Vbank => "vbank",
            Product::Cellphone => "cellphone",
            Product::NaverpayCard => "naverpayCard",
            Product::Kakaopay => "kakaopay",
            Product::KakaopayCard => "kakaopayCard",
            Product::KakaopayMoney => "kakaopayMoney",
            Product::SamsungpayCard => "samsungpayCard",
            Product::Payco => "payco",
            Product::Ssgpay => "ssgpay",
            Product::CardAndEasyPay => "cardAndEasyPay",
        }
    }

    pub fn parse(text: &str) -> Option<Product> {
        Product::ALL.into_iter().find(|product| product.as_str() == text)
    }

    /// How answers name an easy pay, and what the shopper reads.
    pub fn easy_pay(self) -> Option<(&'static str, &'static str)> {
        match self {
            Product::NaverpayCard => Some(("naverpay", "네이버페이")),
            Product::Kakaopay | Product::KakaopayCard | Product::KakaopayMoney => Some(("kakaopay", "카카오페이")),
            Product::SamsungpayCard => Some(("samsungpay", "삼성페이")),
            Product::Payco => Some(("payco", "PAYCO")),
            Product::Ssgpay => Some(("ssgpay", "SSG페이")),
            _ => None,
        }
    }

    pub fn takes_cards(self) -> bool {
        matches!(self, Product::Card | Product::DirectCard | Product::CardAndEasyPay)
    }
}

/// A request for the window, checked. As form fields (`POST /nice/window`), as query (`GET`) and as JSON (the
/// control addresses) the names are those of `requestPay`:
///
/// | field | meaning |
/// |---|---|
/// | `clientId`*, `method`*, `orderId`*, `amount`*, `goodsName`* | as the manual has them |
/// | `returnUrl`* | absolute http(s); gets the form |
/// | `mallReserved`, `mallUserId`, `buyerName`, `buyerTel`, `buyerEmail` | echoed |
/// | `useEscrow`, `taxFreeAmt`, `currency` (KRW only), `language`, `returnCharSet` | |
/// | `cardQuota` | `00,02,03`: the months the shopper may choose from |
/// | `cardCode` | the issuers the shopper may choose from |
/// | `vbankHolder`, `vbankValidHours` or `vbankExpDate` | virtual accounts; the holder is needed there |
/// | `isDigital` | needed for phones |
/// | `_target` | `iframe` or `self` (default), put there by the script |
/// | `_origin` | the page's origin, to which an iframe reports |
/// | `_mobile` | `true` on a phone |
///
/// Fields marked * are needed. Others are ignored, as the PG does.
#[derive(Debug, Clone)]
pub struct WindowRequest {
    pub client_id: String,
    pub product: Product,
    pub amount: Money,
    pub order_id: String,
    pub goods_name: String,
    pub return_url: Url,
    pub mall_reserved: Option<String>,
    pub mall_user_id: Option<String>,
    pub buyer_name: Option<String>,
    pub buyer_tel: Option<String>,
    pub buyer_email: Option<String>,
    pub use_escrow: bool,
    pub tax_free: Money,
    pub lang: Lang,
    pub euc_kr: bool,
    pub quotas: Vec<u8>,
    pub issuers: Vec<&'static Org>,
    pub vbank_holder: Option<String>,
    /// None: the PG's own seven days.
    pub deposit_until: Option<DepositUntil>,
    pub iframe: bool,
    pub origin: Option<String>,
    pub mobile: bool,
}

/// Until when a virtual account waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DepositUntil {
    Hours(i64),
    At(Timestamp),
}

impl WindowRequest {
    /// A plain request in won, for tests and tools.
    pub fn new(client_id: &str, product: Product, amount: Money, order_id: &str) -> WindowRequest {
        WindowRequest {
            client_id: client_id.to_owned(),
            product,
            amount,
            order_id: order_id.to_owned(),
            goods_name: "면 티셔츠 외 1건".to_owned(),
            return_url: nowhere(),
            mall_reserved: None,
            mall_user_id: None,
            buyer_name: None,
            buyer_tel: None,
            buyer_email: None,
            use_escrow: false,
            tax_free: Money::zero(amount.currency),
            lang: Lang::Ko,
            euc_kr: false,
            quotas: Vec::new(),
            issuers: Vec::new(),
            vbank_holder: (product == Product::Vbank).then(|| "우리상점".to_owned()),
            deposit_until: None,
            iframe: false,
            origin: None,
            mobile: false,
        }
    }

    pub fn parse(fields: &Fields) -> Result<WindowRequest, Code> {
        let needed = |name: &str, bytes_max: usize| fields.text(name, bytes_max)?.ok_or(Code::FIELD_MISSING);
        let product = Product::parse(&needed("method", 20)?).ok_or(Code::FIELD_NOT_OF_LIST)?;
        let amount = Money::krw(fields.won("amount")?.ok_or(Code::FIELD_MISSING)?);
        let return_url = Url::parse(&needed("returnUrl", 500)?).map_err(|_| Code::FIELD_NOT_OF_TYPE)?;
        if fields.get("currency").is_some_and(|currency| currency != "KRW") {
            return Err(Code::FIELD_NOT_OF_LIST);
        }
        if product == Product::Cellphone && fields.get("isDigital").is_none() {
            return Err(Code::FIELD_MISSING);
        }
        let request = WindowRequest {
            client_id: needed("clientId", 50)?,
            product,
            amount,
            order_id: needed("orderId", 64)?,
            goods_name: needed("goodsName", 40)?.replace(['"', '¦'], "-"),
            return_url,
            mall_reserved: fields.text("mallReserved", 500)?,
            mall_user_id: fields.text("mallUserId", 20)?,
            buyer_name: fields.text("buyerName", 30)?,
            buyer_tel: fields.text("buyerTel", 40)?,
            buyer_email: fields.text("buyerEmail", 60)?,
            use_escrow: fields.flag("useEscrow"),
            tax_free: Money::krw(fields.won("taxFreeAmt")?.unwrap_or(0)),
            lang: match fields.get("language") {
                Some("EN" | "CN") => Lang::En,
                _ => Lang::Ko,
            },
            euc_kr: fields.get("returnCharSet") == Some("euc-kr"),
            quotas: quotas(fields)?,
            issuers: issuers(fields)?,
            vbank_holder: fields.text("vbankHolder", 40)?,
            deposit_until: deposit_until(fields)?,
            iframe: fields.get("_target") == Some("iframe"),
            origin: fields.text("_origin", 200)?,
            mobile: fields.flag("_mobile"),
        };
        request.checked()
    }

    /// The rules that hold however the request came about.
    pub fn checked(self) -> Result<WindowRequest, Code> {
        let won = self.amount.minor;
        if won == 0 {
            return Err(Code::ZERO_WON);
        }
        if !(1..=AMOUNT_MAX).contains(&won) || !matches!(self.return_url.scheme(), "http" | "https") {
            return Err(Code::FIELD_NOT_OF_TYPE);
        }
        match self.product {
            Product::Bank if won < TRANSFER_FROM => return Err(Code::TRANSFER_BELOW_MINIMUM),
            Product::Cellphone if won >= PHONE_BELOW => return Err(Code::PHONE_OVER_LIMIT),
            product if product.takes_cards() && won < CARD_FROM => return Err(Code::CARD_BELOW_MINIMUM),
            Product::Vbank if self.vbank_holder.is_none() => return Err(Code::FIELD_MISSING),
            Product::DirectCard if self.issuers.len() != 1 || self.quotas.len() != 1 => {
                return Err(Code::FIELD_MISSING);
            }
            Product::CardAndEasyPay if !self.issuers.is_empty() || !self.quotas.is_empty() => {
                return Err(Code::FIELD_NOT_OF_LIST);
            }
            product if product.easy_pay().is_some() && self.issuers.len() > 1 => return Err(Code::FIELD_NOT_OF_LIST),
            _ => {}
        }
        if won < INSTALMENT_FROM && self.quotas.iter().any(|months| *months > 0) {
            return Err(Code::INSTALMENT_BELOW_MINIMUM);
        }
        if self.tax_free.minor < 0 {
            return Err(Code::FIELD_NOT_OF_TYPE);
        }
        if self.tax_free.minor > won {
            return Err(Code::TAX_FREE_OVER_AMOUNT);
        }
        Ok(self)
    }

    /// The last moment of a deposit. Errors: it is over, or never was a date.
    pub fn due_at(&self, now: Timestamp) -> Result<Timestamp, Code> {
        let due_at = match self.deposit_until {
            Some(DepositUntil::Hours(hours)) => now + Duration::hours(hours),
            Some(DepositUntil::At(at)) => at,
            None => dates::end_of_day(now, VALID_DAYS_DEFAULT).ok_or(Code::DEPOSIT_DATE_WRONG)?,
        };
        if due_at > now {
            Ok(due_at)
        } else {
            Err(Code::DEPOSIT_DATE_WRONG)
        }
    }
}

/// A return address that leads to nobody, as no browser is there to follow it.
fn nowhere() -> Url {
    Url::parse("http://shop.invalid/return").unwrap_or_else(|_| unreachable!("a fixed address"))
}

/// Two digits each; `01` is no way to say "at once".
fn quotas(fields: &Fields) -> Result<Vec<u8>, Code> {
    let Some(list) = fields.text("cardQuota", 100)? else {
        return Ok(Vec::new());
    };
    let months = |text: &str| match text.trim().parse::<u8>() {
        Ok(months) if text.trim().len() == 2 && months != 1 && months <= 36 => Ok(months),
        _ => Err(Code::INSTALMENT_UNREADABLE),
    };
    list.split(',').map(months).collect()
}

fn issuers(fields: &Fields) -> Result<Vec<&'static Org>, Code> {
    let list = fields.text("cardCode", 100)?.unwrap_or_default();
    let codes = list.split(',').map(str::trim).filter(|code| !code.is_empty());
    codes
        .map(|code| orgs::card(code).ok_or(Code::FIELD_NOT_OF_LIST))
        .collect()
}

/// Hours win over a date.
fn deposit_until(fields: &Fields) -> Result<Option<DepositUntil>, Code> {
    if let Some(hours) = fields.won("vbankValidHours")? {
        if !(1..=VALID_HOURS_MAX).contains(&hours) {
            return Err(Code::DEPOSIT_DATE_WRONG);
        }
        return Ok(Some(DepositUntil::Hours(hours)));
    }
    let date = fields.get("vbankExpDate");
    date.map(|text| {
        dates::deadline(text)
            .map(DepositUntil::At)
            .ok_or(Code::DEPOSIT_DATE_WRONG)
    })
    .transpose()
}

//! What a shop asks of the window, and the one list of its field names.

use std::collections::BTreeMap;

use url::Url;
use vocabulary::{Currency, Duration, Money, Timestamp};

use super::fields::Fields;
use crate::toss::codes::{self, Org};
use crate::toss::errors::Code;
use crate::toss::payment::ReceiptKind;
use crate::toss::{Lang, amount, calendar};

/// The longest a virtual account may wait. Source: API reference, "validHours".
pub const VALID_HOURS_MAX: i64 = 2160;
const VALID_HOURS_DEFAULT: i64 = 168;
/// Instalments start here. Source: payment guide, "할부".
pub const INSTALMENT_FROM: Money = Money::krw(50_000);

/// The most a transfer can move, in won. Source: payment guide, "퀵계좌이체" (corporate accounts).
const TRANSFER_MAX: i64 = 10_000_000;

/// What the shop asks the window to sell with. Source: SDK v2, `PaymentMethod`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Product {
    /// Cards and every domestic easy pay.
    Card,
    Transfer,
    VirtualAccount,
    MobilePhone,
    CultureGift,
    BookGift,
    GameGift,
    ForeignEasyPay,
}

impl Product {
    pub const ALL: [Product; 8] = [
        Product::Card,
        Product::Transfer,
        Product::VirtualAccount,
        Product::MobilePhone,
        Product::CultureGift,
        Product::BookGift,
        Product::GameGift,
        Product::ForeignEasyPay,
    ];

    /// English as in SDK v2, Korean as in SDK v1.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Product::Card => ("카드", "CARD"),
            Product::Transfer => ("계좌이체", "TRANSFER"),
            Product::VirtualAccount => ("가상계좌", "VIRTUAL_ACCOUNT"),
            Product::MobilePhone => ("휴대폰", "MOBILE_PHONE"),
            Product::CultureGift => ("문화상품권", "CULTURE_GIFT_CERTIFICATE"),
            Product::BookGift => ("도서문화상품권", "BOOK_GIFT_CERTIFICATE"),
            Product::GameGift => ("게임문화상품권", "GAME_GIFT_CERTIFICATE"),
            Product::ForeignEasyPay => ("해외간편결제", "FOREIGN_EASY_PAY"),
        }
    }

    pub fn parse(text: &str) -> Option<Product> {
        let is_named = |product: &Product| product.names().0 == text || product.names().1 == text;
        Product::ALL.into_iter().find(is_named)
    }

    /// The least that can be paid, in won. Source: error code BELOW_MINIMUM_AMOUNT.
    fn minimum(self) -> i64 {
        match self {
            Product::Transfer | Product::VirtualAccount => 200,
            _ => 100,
        }
    }
}

/// How many months the shopper may choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instalments {
    Fixed(u8),
    UpTo(u8),
}

/// A request for the window, checked.
///
/// As form fields (`POST /toss/window`, urlencoded) or query (`GET /toss/window`) the names are flat:
///
/// | field | meaning |
/// |---|---|
/// | `clientKey`* | the merchant's client key |
/// | `customerKey` | the shopper's key, or `@@ANONYMOUS` |
/// | `method`* | CARD TRANSFER VIRTUAL_ACCOUNT MOBILE_PHONE CULTURE_GIFT_CERTIFICATE BOOK_GIFT_CERTIFICATE GAME_GIFT_CERTIFICATE FOREIGN_EASY_PAY, or SDK v1's Korean names |
/// | `amount`* | in major units: `15000`, `10.50` |
/// | `currency` | KRW unless said: USD, JPY for overseas means |
/// | `orderId`*, `orderName`* | 6–64 of `[A-Za-z0-9_=.-]`; 1–100 characters |
/// | `successUrl`, `failUrl` | absolute http(s); both, or neither for a Promise in the SDK |
/// | `customerName`, `customerEmail`, `customerMobilePhone` | optional; prefill the window |
/// | `taxFreeAmount`, `taxExemptionAmount` | parts of the amount |
/// | `windowTarget` | `self` (default) or `iframe` |
/// | `_origin` | the page's origin, to which an iframe reports |
/// | `metadata[name]` | up to five |
/// | `language` | KO (default) or EN; JA and ZH are shown in English |
/// | `flowMode` | DEFAULT or DIRECT (needs `cardCompany` or `easyPay`) |
/// | `cardCompany`, `easyPay` | a code of the PG's tables |
/// | `cardInstallmentPlan` or `maxCardInstallmentPlan` | 0, 2–12 |
/// | `freeInstallmentPlans` | `61:2,3;41:6`: company and months the shop pays the interest for |
/// | `useCardPoint`, `useInternationalCardOnly`, `useEscrow`, `isCulturalExpenses` | `true` or `false` |
/// | `validHours` or `dueDate` | how long a virtual account waits: hours up to 2160, or `yyyy-MM-dd'T'HH:mm:ss` |
/// | `cashReceiptType` | 소득공제, 지출증빙 or 미발행 |
/// | `mobileCarriers` | comma-separated: SKT KT LGU HELLO KCT SK7 |
/// | `provider` | PAYPAL or PAYPAY, for FOREIGN_EASY_PAY |
/// | `_auto` | simulator only: `approve`, `decline`, `decline-limit`, `decline-lost` or `close` answers at once, without a page |
///
/// Fields marked * are needed. Others are ignored, as the PG does.
#[derive(Debug, Clone)]
pub struct WindowRequest {
    pub client_key: String,
    pub product: Product,
    pub amount: Money,
    pub order_id: String,
    pub order_name: String,
    pub success_url: Option<Url>,
    pub fail_url: Option<Url>,
    pub customer_name: String,
    pub customer_mobile_phone: String,
    pub tax_free: Money,
    pub tax_exempt: Money,
    pub iframe: bool,
    /// The origin of the page around an iframe.
    pub origin: Option<String>,
    pub metadata: BTreeMap<String, String>,
    pub lang: Lang,
    pub card_company: Option<&'static Org>,
    pub easy_pay: Option<&'static Org>,
    pub instalments: Instalments,
    /// Company code and months without interest for the shopper.
    pub free_instalments: Vec<(String, u8)>,
    pub use_card_point: bool,
    pub overseas_only: bool,
    pub use_escrow: bool,
    pub culture_expense: bool,
    pub waits: Waits,
    /// None: the shopper chooses; Some(None): none is issued.
    pub cash_receipt: Option<Option<ReceiptKind>>,
    pub carriers: Vec<&'static Org>,
    pub provider: &'static Org,
}

/// How long a virtual account waits for its deposit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    Hours(i64),
    Until(Timestamp),
}

impl Waits {
    pub const DEFAULT: Waits = Waits::Hours(VALID_HOURS_DEFAULT);

    /// Reads `validHours` or `dueDate`; both together are refused.
    pub fn parse(hours: Option<&str>, due: Option<&str>) -> Result<Waits, Code> {
        match (
            hours.filter(|text| !text.is_empty()),
            due.filter(|text| !text.is_empty()),
        ) {
            (Some(_), Some(_)) => Err(Code::INVALID_VALID_HOURS_WITH_DUE_DATE_AND_SINGLE),
            (Some(hours), None) => match hours.parse() {
                Ok(hours @ 1..=VALID_HOURS_MAX) => Ok(Waits::Hours(hours)),
                Ok(1..) => Err(Code::EXCEED_MAX_VALID_HOURS),
                _ => Err(Code::INVALID_REQUEST),
            },
            (None, Some(due)) => Ok(Waits::Until(calendar::moment(due).ok_or(Code::INVALID_DATE)?)),
            (None, None) => Ok(Waits::DEFAULT),
        }
    }

    /// When an account issued `now` stops waiting.
    pub fn due_at(self, now: Timestamp) -> Result<Timestamp, Code> {
        match self {
            Waits::Hours(hours) => Ok(now + Duration::hours(hours)),
            Waits::Until(due) if due <= now => Err(Code::INVALID_DATE),
            Waits::Until(due) if due > now + Duration::hours(VALID_HOURS_MAX) => Err(Code::EXCEED_MAX_DUE_DATE),
            Waits::Until(due) => Ok(due),
        }
    }
}

impl WindowRequest {
    /// The least a shop can ask for; everything else is a public field.
    pub fn new(client_key: &str, product: Product, amount: Money, order_id: &str) -> WindowRequest {
        WindowRequest {
            client_key: client_key.to_owned(),
            product,
            amount,
            order_id: order_id.to_owned(),
            order_name: "주문".to_owned(),
            success_url: None,
            fail_url: None,
            customer_name: String::new(),
            customer_mobile_phone: String::new(),
            tax_free: Money::zero(amount.currency),
            tax_exempt: Money::zero(amount.currency),
            iframe: false,
            origin: None,
            metadata: BTreeMap::new(),
            lang: Lang::Ko,
            card_company: None,
            easy_pay: None,
            instalments: Instalments::UpTo(12),
            free_instalments: Vec::new(),
            use_card_point: false,
            overseas_only: false,
            use_escrow: false,
            culture_expense: false,
            waits: Waits::DEFAULT,
            cash_receipt: None,
            carriers: codes::CARRIERS.iter().collect(),
            provider: &codes::FOREIGN_EASY_PAYS[0],
        }
    }

    /// Reads form fields by the names above.
    pub fn parse(fields: &Fields) -> Result<WindowRequest, Code> {
        let product = Product::parse(fields.needed("method")?).ok_or(Code::NOT_SUPPORTED_METHOD)?;
        let currency: Currency = fields
            .get("currency")
            .unwrap_or("KRW")
            .parse()
            .map_err(|_| Code::INVALID_CURRENCY)?;
        let total = amount::parse(fields.needed("amount")?, currency).ok_or(Code::INVALID_REQUEST)?;
        let mut request = WindowRequest::new(fields.needed("clientKey")?, product, total, fields.needed("orderId")?);
        request.order_name = fields.needed("orderName")?.to_owned();
        request.success_url = fields.address("successUrl", Code::INCORRECT_SUCCESS_URL_FORMAT)?;
        request.fail_url = fields.address("failUrl", Code::INCORRECT_FAIL_URL_FORMAT)?;
        request.customer_name = fields.text("customerName", 100)?;
        request.customer_mobile_phone = fields.text("customerMobilePhone", 15)?;
        let email = fields.text("customerEmail", 100)?;
        if !email.is_empty() && !email.contains('@') {
            return Err(Code::INVALID_EMAIL);
        }
        request.tax_free = fields.amount("taxFreeAmount", currency)?;
        request.tax_exempt = fields.amount("taxExemptionAmount", currency)?;
        request.iframe = fields.get("windowTarget") == Some("iframe");
        request.origin = fields.get("_origin").map(str::to_owned);
        request.metadata = fields.metadata()?;
        request.lang = match fields.get("language") {
            None | Some("KO" | "ko") => Lang::Ko,
            Some(_) => Lang::En,
        };
        request.read_card(fields)?;
        request.use_escrow = fields.flag("useEscrow");
        request.culture_expense = fields.flag("isCulturalExpenses");
        request.waits = Waits::parse(fields.get("validHours"), fields.get("dueDate"))?;
        request.cash_receipt = match fields.get("cashReceiptType") {
            None => None,
            Some(text) => Some(receipt_kind(text)?),
        };
        if let Some(names) = fields.get("mobileCarriers") {
            let carriers: Option<Vec<_>> = names
                .split(',')
                .map(|name| codes::find(codes::CARRIERS, name))
                .collect();
            request.carriers = carriers.ok_or(Code::INVALID_REQUEST)?;
        }
        if let Some(name) = fields.get("provider").filter(|_| product == Product::ForeignEasyPay) {
            request.provider = codes::find(codes::FOREIGN_EASY_PAYS, name).ok_or(Code::NOT_SUPPORTED_METHOD)?;
        }
        request.checked()
    }

    fn read_card(&mut self, fields: &Fields) -> Result<(), Code> {
        if let Some(name) = fields.get("cardCompany") {
            self.card_company = Some(codes::card_company(name).ok_or(Code::INVALID_CARD_COMPANY)?);
        }
        if let Some(name) = fields.get("easyPay") {
            self.easy_pay = Some(codes::find(codes::EASY_PAYS, name).ok_or(Code::NOT_SUPPORTED_METHOD)?);
        }
        if fields.get("flowMode") == Some("DIRECT") && self.card_company.is_none() && self.easy_pay.is_none() {
            return Err(Code::INVALID_FLOW_MODE_PARAMETERS);
        }
        self.instalments = match (fields.get("cardInstallmentPlan"), fields.get("maxCardInstallmentPlan")) {
            (Some(_), Some(_)) => return Err(Code::INVALID_CARD_INSTALLMENT_PLANS_WITH_MAX_AND_SINGLE),
            (Some(months), None) => Instalments::Fixed(instalment_months(months)?),
            (None, Some(months)) => Instalments::UpTo(instalment_months(months)?),
            (None, None) => Instalments::UpTo(12),
        };
        for plan in fields
            .get("freeInstallmentPlans")
            .unwrap_or_default()
            .split(';')
            .filter(|plan| !plan.is_empty())
        {
            let (company, months) = plan.split_once(':').ok_or(Code::INVALID_CARD_INSTALLMENT_PLAN)?;
            let company = codes::card_company(company).ok_or(Code::INVALID_CARD_COMPANY)?;
            for month in months.split(',') {
                self.free_instalments
                    .push((company.code.to_owned(), instalment_months(month)?));
            }
        }
        self.use_card_point = fields.flag("useCardPoint");
        self.overseas_only = fields.flag("useInternationalCardOnly");
        Ok(())
    }

    /// Refuses what the PG refuses when the window opens.
    pub fn checked(self) -> Result<WindowRequest, Code> {
        check_order(&self.order_id, &self.order_name)?;
        if !self.amount.is_positive() {
            return Err(Code::BELOW_ZERO_AMOUNT);
        }
        let overseas = self.overseas_only || self.product == Product::ForeignEasyPay;
        match self.amount.currency {
            Currency::KRW if self.amount.minor < self.product.minimum() => return Err(Code::BELOW_MINIMUM_AMOUNT),
            Currency::KRW if self.product == Product::Transfer && self.amount.minor > TRANSFER_MAX => {
                return Err(Code::EXCEEDS_TRANSFER_AMOUNT_MAXIMUM);
            }
            Currency::KRW if self.product == Product::ForeignEasyPay => return Err(Code::INVALID_CURRENCY),
            Currency::KRW => {}
            Currency::USD | Currency::JPY if overseas => {}
            Currency::USD => return Err(Code::NOT_SUPPORTED_USD),
            _ => return Err(Code::INVALID_CURRENCY),
        }
        let parts = self
            .tax_free
            .checked_add(self.tax_exempt)
            .map_err(|_| Code::INVALID_REQUEST)?;
        if self.tax_free.minor < 0 || self.tax_exempt.minor < 0 || parts.minor > self.amount.minor {
            return Err(Code::INVALID_REQUEST);
        }
        if self.success_url.is_some() != self.fail_url.is_some() {
            return Err(Code::INVALID_SUCCESS_URL);
        }
        let fixed = matches!(self.instalments, Instalments::Fixed(1..));
        if fixed && self.amount.currency == Currency::KRW && self.amount.minor < INSTALMENT_FROM.minor {
            return Err(Code::NOT_ALLOWED_INSTALLMENT_BELOW_AMOUNT);
        }
        Ok(self)
    }

    /// Are instalments possible at all?
    pub fn takes_instalments(&self) -> bool {
        self.amount.currency == Currency::KRW && self.amount.minor >= INSTALMENT_FROM.minor && !self.overseas_only
    }
}

/// Order ids and names as every call checks them.
pub fn check_order(order_id: &str, order_name: &str) -> Result<(), Code> {
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=' | b'.');
    if !(6..=64).contains(&order_id.len()) || !order_id.bytes().all(is_fit) {
        return Err(Code::INVALID_ORDER_ID);
    }
    if order_name.is_empty() || order_name.chars().count() > 100 {
        return Err(Code::INVALID_ORDER_NAME);
    }
    Ok(())
}

/// 0 or 2–12. Source: SDK v2, `cardInstallmentPlan`.
pub fn instalment_months(text: &str) -> Result<u8, Code> {
    match text.parse() {
        Ok(months @ (0 | 2..=12)) => Ok(months),
        Ok(13..) => Err(Code::EXCEED_MAX_CARD_INSTALLMENT_PLAN),
        _ => Err(Code::INVALID_CARD_INSTALLMENT_PLAN),
    }
}

/// 미발행 is `None`.
pub fn receipt_kind(text: &str) -> Result<Option<ReceiptKind>, Code> {
    match text {
        "소득공제" | "INCOME_DEDUCTION" => Ok(Some(ReceiptKind::IncomeDeduction)),
        "지출증빙" | "EXPENSE_PROOF" => Ok(Some(ReceiptKind::ExpenseProof)),
        "미발행" | "NONE" => Ok(None),
        _ => Err(Code::INVALID_REQUEST),
    }
}

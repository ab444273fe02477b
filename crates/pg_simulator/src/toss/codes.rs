//! The PG's tables of card companies, banks, easy-pay providers and carriers.
//! Source: API reference, "기관 코드" (2022-11-16 and later: two characters).

use super::Lang;

/// One row of a table: its code, the name requests may use instead, and the Korean name.
#[derive(Debug, PartialEq, Eq)]
pub struct Org {
    pub code: &'static str,
    pub english: &'static str,
    pub korean: &'static str,
}

impl Org {
    pub fn name(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::Ko => self.korean,
            Lang::En => self.english,
        }
    }
}

const fn org(code: &'static str, english: &'static str, korean: &'static str) -> Org {
    Org { code, english, korean }
}

pub const CARD_COMPANIES: &[Org] = &[
    org("61", "HYUNDAI", "현대"),
    org("41", "SHINHAN", "신한"),
    org("51", "SAMSUNG", "삼성"),
    org("11", "KOOKMIN", "국민"),
    org("71", "LOTTE", "롯데"),
    org("21", "HANA", "하나"),
    org("91", "NONGHYEOP", "농협"),
    org("31", "BC", "비씨"),
    org("W1", "WOORI", "우리"),
    org("33", "WOORIBC", "우리BC"),
    org("3K", "IBK_BC", "기업BC"),
    org("15", "KAKAOBANK", "카카오뱅크"),
    org("24", "TOSSBANK", "토스뱅크"),
    org("3A", "KBANK", "케이뱅크"),
    org("46", "GWANGJUBANK", "광주"),
    org("30", "KDBBANK", "산업"),
    org("38", "SAEMAUL", "새마을"),
    org("62", "SHINHYEOP", "신협"),
    org("36", "CITI", "씨티"),
    org("37", "POST", "우체국"),
    org("39", "SAVINGBANK", "저축"),
    org("35", "JEONBUKBANK", "전북"),
    org("42", "JEJUBANK", "제주"),
    org("34", "SUHYEOP", "수협"),
];

pub const OVERSEAS_BRANDS: &[Org] = &[
    org("4V", "VISA", "비자"),
    org("4M", "MASTER", "마스터"),
    org("4J", "JCB", "JCB"),
    org("3C", "UNIONPAY", "유니온페이"),
    org("7A", "AMEX", "아메리칸 익스프레스"),
    org("6D", "DINERS", "다이너스"),
];

pub const BANKS: &[Org] = &[
    org("06", "KOOKMIN", "국민"),
    org("88", "SHINHAN", "신한"),
    org("20", "WOORI", "우리"),
    org("81", "HANA", "하나"),
    org("11", "NONGHYEOP", "농협"),
    org("03", "IBK", "기업"),
    org("90", "KAKAOBANK", "카카오"),
    org("92", "TOSSBANK", "토스"),
    org("89", "KBANK", "케이"),
    org("71", "POST", "우체국"),
    org("45", "SAEMAUL", "새마을"),
    org("31", "DAEGUBANK", "대구"),
    org("32", "BUSANBANK", "부산"),
    org("39", "KYONGNAMBANK", "경남"),
    org("34", "GWANGJUBANK", "광주"),
    org("37", "JEONBUKBANK", "전북"),
    org("35", "JEJUBANK", "제주"),
    org("07", "SUHYEOP", "수협"),
    org("48", "SHINHYUP", "신협"),
    org("23", "SC", "SC제일"),
    org("27", "CITI", "씨티"),
    org("02", "KDB", "산업"),
    org("50", "SAVINGBANK", "저축"),
    org("64", "SANLIM", "산림"),
    org("12", "LOCALNONGHYEOP", "단위농협"),
    org("54", "HSBC", "HSBC"),
];

/// The banks that issue virtual accounts.
const ISSUING_BANKS: &[&str] = &[
    "06", "88", "20", "81", "11", "03", "71", "45", "31", "32", "39", "34", "07",
];

/// Card companies that acquire for themselves; all others are acquired by BC here.
const ACQUIRERS: &[&str] = &["61", "91", "31", "51", "71", "41", "11", "21"];

pub const EASY_PAYS: &[Org] = &[
    org("TOSSPAY", "TOSSPAY", "토스페이"),
    org("NAVERPAY", "NAVERPAY", "네이버페이"),
    org("KAKAOPAY", "KAKAOPAY", "카카오페이"),
    org("PAYCO", "PAYCO", "페이코"),
    org("SAMSUNGPAY", "SAMSUNGPAY", "삼성페이"),
    org("APPLEPAY", "APPLEPAY", "애플페이"),
    org("LPAY", "LPAY", "엘페이"),
    org("SSG", "SSG", "SSG페이"),
    org("PINPAY", "PINPAY", "핀페이"),
];

pub const FOREIGN_EASY_PAYS: &[Org] = &[org("PAYPAL", "PAYPAL", "페이팔"), org("PAYPAY", "PAYPAY", "페이페이")];

pub const CARRIERS: &[Org] = &[
    org("SKT", "SKT", "SK텔레콤"),
    org("KT", "KT", "KT"),
    org("LGU", "LGU", "LG유플러스"),
    org("HELLO", "HELLO", "헬로모바일"),
    org("KCT", "KCT", "KCT"),
    org("SK7", "SK7", "SK세븐모바일"),
];

/// Finds a row by its code, English or Korean name, as requests may use any of them.
pub fn find(table: &'static [Org], text: &str) -> Option<&'static Org> {
    table
        .iter()
        .find(|row| row.code == text || row.english == text || row.korean == text)
}

pub fn card_company(text: &str) -> Option<&'static Org> {
    find(CARD_COMPANIES, text).or_else(|| find(OVERSEAS_BRANDS, text))
}

/// Korean bank names come with or without "은행".
pub fn bank(text: &str) -> Option<&'static Org> {
    find(BANKS, text.strip_suffix("은행").unwrap_or(text))
}

pub fn issuing_banks() -> impl Iterator<Item = &'static Org> {
    BANKS.iter().filter(|bank| ISSUING_BANKS.contains(&bank.code))
}

pub fn issues_accounts(bank: &Org) -> bool {
    ISSUING_BANKS.contains(&bank.code)
}

pub fn acquirer_of(issuer: &'static str) -> &'static str {
    if ACQUIRERS.contains(&issuer) { issuer } else { "31" }
}

/// Internet banks issue check cards, which take no credit.
const CHECK_CARDS: &[&str] = &["15", "24", "3A"];

pub fn is_check_card(issuer: &str) -> bool {
    CHECK_CARDS.contains(&issuer)
}

/// First six digits of test cards, so that the issuer shows: the PG publishes no such table, these are ours.
const BINS: &[(&str, &str)] = &[
    ("433012", "61"),
    ("490625", "31"),
    ("451842", "41"),
    ("536510", "51"),
    ("527289", "11"),
    ("510737", "71"),
    ("455437", "21"),
    ("546112", "91"),
    ("515594", "15"),
    ("537145", "24"),
    ("538720", "W1"),
];

/// The issuer of a card number by its first six digits; other domestic-looking numbers belong to BC.
pub fn issuer_of(card_number: &str) -> Option<&'static str> {
    let bin = card_number.get(..6)?;
    let listed = BINS
        .iter()
        .find(|(prefix, _)| *prefix == bin)
        .map(|(_, issuer)| *issuer);
    listed.or_else(|| matches!(bin.as_bytes()[0], b'4' | b'5' | b'9').then_some("31"))
}

/// A masked number for a company's test card, as the window shows it.
pub fn test_number_of(issuer: &str) -> String {
    let bin = BINS
        .iter()
        .find(|(_, company)| *company == issuer)
        .map_or("490625", |(bin, _)| bin);
    format!("{bin}12****123*")
}

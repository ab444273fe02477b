//! Card companies and banks by the PG's numbers. Source: the manual's code tables (2026-09).

use super::Lang;

#[derive(Debug, PartialEq, Eq)]
pub struct Org {
    pub code: &'static str,
    pub korean: &'static str,
    pub english: &'static str,
}

impl Org {
    pub fn name(&self, lang: Lang) -> &'static str {
        lang.pick((self.korean, self.english))
    }
}

const fn org(code: &'static str, korean: &'static str, english: &'static str) -> Org {
    Org { code, korean, english }
}

/// The first twelve are offered in the window; 25 to 34 are issued abroad.
pub static CARDS: [Org; 34] = [
    org("04", "삼성", "Samsung"),
    org("06", "신한", "Shinhan"),
    org("02", "국민", "KB Kookmin"),
    org("07", "현대", "Hyundai"),
    org("08", "롯데", "Lotte"),
    org("01", "BC", "BC"),
    org("16", "하나", "Hana"),
    org("12", "NH", "NH"),
    org("15", "우리", "Woori"),
    org("11", "씨티", "Citi"),
    org("37", "카카오뱅크", "Kakao Bank"),
    org("38", "케이뱅크", "K bank"),
    org("03", "하나(외환)", "Hana (KEB)"),
    org("13", "수협", "Suhyup"),
    org("14", "신협", "Shinhyup"),
    org("21", "광주", "Kwangju"),
    org("22", "전북", "Jeonbuk"),
    org("23", "제주", "Jeju"),
    org("24", "산은캐피탈", "KDB Capital"),
    org("25", "VISA", "VISA"),
    org("26", "Master", "Mastercard"),
    org("27", "Diners", "Diners"),
    org("28", "Amex", "Amex"),
    org("29", "JCB", "JCB"),
    org("34", "UnionPay", "UnionPay"),
    org("31", "OK캐쉬백", "OK Cashbag"),
    org("32", "우체국", "Korea Post"),
    org("33", "저축은행", "Savings bank"),
    org("35", "새마을", "MG"),
    org("36", "KDB", "KDB"),
    org("39", "PAYCO 포인트", "PAYCO points"),
    org("40", "카카오머니", "Kakao money"),
    org("41", "SSG머니", "SSG money"),
    org("42", "네이버포인트", "Naver points"),
];

/// The first [`ISSUING_BANKS`] issue virtual accounts.
pub static BANKS: [Org; 26] = [
    org("088", "신한", "Shinhan"),
    org("004", "국민", "KB Kookmin"),
    org("020", "우리", "Woori"),
    org("081", "하나", "Hana"),
    org("003", "기업", "IBK"),
    org("011", "농협", "NH"),
    org("005", "외환", "KEB"),
    org("023", "SC", "SC"),
    org("031", "대구", "Daegu"),
    org("032", "부산", "Busan"),
    org("034", "광주", "Kwangju"),
    org("071", "우체국", "Korea Post"),
    org("089", "케이", "K bank"),
    org("002", "산업", "KDB"),
    org("007", "수협", "Suhyup"),
    org("008", "수출입", "KEXIM"),
    org("012", "농협회원조합", "NH cooperatives"),
    org("026", "서울", "Seoul"),
    org("027", "씨티", "Citi"),
    org("035", "제주", "Jeju"),
    org("037", "전북", "Jeonbuk"),
    org("039", "경남", "Kyongnam"),
    org("045", "새마을", "MG"),
    org("048", "신협", "Shinhyup"),
    org("050", "저축", "Savings bank"),
    org("090", "카카오", "Kakao Bank"),
];
const ISSUING_BANKS: usize = 13;

pub fn card(code: &str) -> Option<&'static Org> {
    CARDS.iter().find(|card| card.code == code)
}

pub fn bank(code: &str) -> Option<&'static Org> {
    BANKS.iter().find(|bank| bank.code == code)
}

pub fn issuing_banks() -> impl Iterator<Item = &'static Org> {
    BANKS.iter().take(ISSUING_BANKS)
}

pub fn is_check_card(code: &str) -> bool {
    matches!(code, "37" | "38")
}

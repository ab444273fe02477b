//! The code tables of the manual. A code without a line stays as it is: names are shown, never
//! branched on, and Toss adds codes without a new version.

use vocabulary::Method;

/// Companies of cards issued abroad.
pub(super) const OVERSEAS_ISSUERS: [&str; 6] = ["6D", "4M", "3C", "7A", "4J", "4V"];

/// Kinds of easy pay, as the API takes them, and their names.
pub(super) const EASY_PAY: [(&str, &str); 9] = [
    ("TOSSPAY", "토스페이"),
    ("NAVERPAY", "네이버페이"),
    ("KAKAOPAY", "카카오페이"),
    ("PAYCO", "페이코"),
    ("SAMSUNGPAY", "삼성페이"),
    ("APPLEPAY", "애플페이"),
    ("LPAY", "엘페이"),
    ("SSG", "SSG페이"),
    ("PINPAY", "핀페이"),
];
pub(super) const EASY_PAY_KINDS: &[&str] = &[
    "TOSSPAY",
    "NAVERPAY",
    "KAKAOPAY",
    "PAYCO",
    "SAMSUNGPAY",
    "APPLEPAY",
    "LPAY",
    "SSG",
    "PINPAY",
];
pub(super) const VOUCHER_KINDS: &[&str] = &["CULTURE", "BOOK", "GAME"];
pub(super) const OVERSEAS_EASY_PAY_KINDS: &[&str] = &["PAYPAL"];

/// How we pay in Toss's words: Korean by default, English where `Accept-Language` asked for it.
pub(super) fn method(word: &str) -> Option<Method> {
    Some(match word {
        "카드" | "CARD" => Method::Card,
        "가상계좌" | "VIRTUAL_ACCOUNT" => Method::VirtualAccount,
        "간편결제" | "EASY_PAY" => Method::EasyPay,
        "휴대폰" | "MOBILE_PHONE" => Method::Mobile,
        "계좌이체" | "TRANSFER" => Method::Transfer,
        "문화상품권" | "CULTURE_GIFT_CERTIFICATE" => Method::GiftVoucher,
        "도서문화상품권" | "BOOK_GIFT_CERTIFICATE" => Method::GiftVoucher,
        "게임문화상품권" | "GAME_GIFT_CERTIFICATE" => Method::GiftVoucher,
        "해외간편결제" | "FOREIGN_EASY_PAY" => Method::OverseasEasyPay,
        _ => return None,
    })
}

pub(super) fn easy_pay(provider: &str) -> &str {
    EASY_PAY
        .iter()
        .find(|(code, _)| *code == provider)
        .map_or(provider, |(_, name)| name)
}

/// Issuers and acquirers.
pub(super) fn card_company(code: &str) -> &str {
    match code {
        "3K" => "기업BC",
        "46" => "광주",
        "71" => "롯데",
        "30" => "KDB산업",
        "31" => "BC",
        "51" => "삼성",
        "38" => "새마을",
        "41" => "신한",
        "62" => "신협",
        "36" => "씨티",
        "33" => "우리BC",
        "W1" => "우리",
        "37" => "우체국",
        "39" => "저축",
        "35" => "전북",
        "42" => "제주",
        "15" => "카카오뱅크",
        "3A" => "케이뱅크",
        "24" => "토스뱅크",
        "21" => "하나",
        "61" => "현대",
        "11" => "국민",
        "91" => "농협",
        "34" => "수협",
        "6D" => "Diners",
        "4M" => "MasterCard",
        "3C" => "UnionPay",
        "7A" => "Amex",
        "4J" => "JCB",
        "4V" => "VISA",
        other => other,
    }
}

/// Banks, and the securities companies that keep accounts.
pub(super) fn bank(code: &str) -> &str {
    match code {
        "39" => "경남",
        "34" => "광주",
        "12" => "지역농축협",
        "32" => "부산",
        "45" => "새마을",
        "64" => "산림조합",
        "88" => "신한",
        "48" => "신협",
        "27" => "씨티",
        "20" => "우리",
        "71" => "우체국",
        "50" => "저축",
        "37" => "전북",
        "35" => "제주",
        "90" => "카카오",
        "89" => "케이",
        "92" => "토스",
        "81" => "하나",
        "54" => "HSBC",
        "03" => "기업",
        "06" => "국민",
        "31" => "iM(대구)",
        "02" => "산업",
        "11" => "농협",
        "23" => "SC제일",
        "07" => "수협",
        other => securities(other),
    }
}

fn securities(code: &str) -> &str {
    match code {
        "S8" => "교보증권",
        "SE" => "대신증권",
        "SK" => "메리츠증권",
        "S5" => "미래에셋증권",
        "SM" => "부국증권",
        "S3" => "삼성증권",
        "SN" => "신영증권",
        "S2" => "신한투자증권",
        "S0" => "유안타증권",
        "SJ" => "유진투자증권",
        "SQ" => "카카오페이증권",
        "SB" => "키움증권",
        "ST" => "토스증권",
        "SR" => "한국포스증권",
        "SH" => "하나증권",
        "S9" => "iM증권",
        "S6" => "한국투자증권",
        "SG" => "한화투자증권",
        "SA" => "현대차증권",
        "SI" => "DB증권",
        "S4" => "KB증권",
        "SP" => "다올투자증권",
        "SO" => "케이프투자증권",
        "SL" => "NH투자증권",
        "SD" => "SK증권",
        other => other,
    }
}

//! The code tables of the manual. A code without a line stays as it is: names are shown, never branched on.

/// Companies of cards issued abroad.
pub(super) const OVERSEAS_CARDS: [&str; 6] = ["25", "26", "27", "28", "29", "34"];

/// Kinds of easy pay: as our API takes them, as the window does, as answers name them, and their names.
pub(super) const EASY_PAY: [(&str, &str, &str, &str); 5] = [
    ("NAVERPAY", "naverpayCard", "naverpay", "네이버페이"),
    ("KAKAOPAY", "kakaopay", "kakaopay", "카카오페이"),
    ("SAMSUNGPAY", "samsungpayCard", "samsungpay", "삼성페이"),
    ("PAYCO", "payco", "payco", "페이코"),
    ("SSG", "ssgpay", "ssgpay", "SSG페이"),
];
pub(super) const EASY_PAY_KINDS: &[&str] = &["NAVERPAY", "KAKAOPAY", "SAMSUNGPAY", "PAYCO", "SSG"];

pub(super) fn easy_pay(pay_method: &str) -> Option<&'static str> {
    EASY_PAY
        .iter()
        .find(|(_, _, answered, _)| *answered == pay_method)
        .map(|(_, _, _, name)| *name)
}

pub(super) fn card_company(code: &str) -> &str {
    match code {
        "01" => "BC",
        "02" => "국민",
        "03" => "하나(외환)",
        "04" => "삼성",
        "06" => "신한",
        "07" => "현대",
        "08" => "롯데",
        "11" => "씨티",
        "12" => "농협",
        "13" => "수협",
        "14" => "신협",
        "15" => "우리",
        "16" => "하나",
        "21" => "광주",
        "22" => "전북",
        "23" => "제주",
        "24" => "산은캐피탈",
        "25" => "VISA",
        "26" => "MasterCard",
        "27" => "Diners",
        "28" => "Amex",
        "29" => "JCB",
        "31" => "OK캐쉬백",
        "32" => "우체국",
        "33" => "저축은행",
        "34" => "UnionPay",
        "35" => "새마을",
        "36" => "KDB산업",
        "37" => "카카오뱅크",
        "38" => "케이뱅크",
        "39" => "페이코 포인트",
        "40" => "카카오머니",
        "41" => "SSG머니",
        "42" => "네이버포인트",
        other => other,
    }
}

pub(super) fn bank(code: &str) -> &str {
    match code {
        "001" => "한국",
        "002" => "산업",
        "003" => "기업",
        "004" => "국민",
        "005" => "외환",
        "007" => "수협",
        "008" => "수출입",
        "011" => "농협",
        "012" => "지역농축협",
        "020" => "우리",
        "023" => "SC제일",
        "026" => "서울",
        "027" => "씨티",
        "031" => "iM(대구)",
        "032" => "부산",
        "034" => "광주",
        "035" => "제주",
        "037" => "전북",
        "039" => "경남",
        "045" => "새마을",
        "048" => "신협",
        "050" => "저축",
        "071" => "우체국",
        "081" => "하나",
        "088" => "신한",
        "089" => "케이",
        "090" => "카카오",
        "092" => "토스",
        other => other,
    }
}

/// A bank's code as NICE takes it. Shops know two digits from elsewhere, and names.
pub(super) fn bank_code(given: &str) -> String {
    const CODES: [&str; 28] = [
        "001", "002", "003", "004", "005", "007", "008", "011", "012", "020", "023", "026", "027", "031", "032", "034",
        "035", "037", "039", "045", "048", "050", "071", "081", "088", "089", "090", "092",
    ];
    let given = given.trim();
    if !given.is_empty() && given.len() <= 3 && given.bytes().all(|byte| byte.is_ascii_digit()) {
        return format!("{given:0>3}");
    }
    let short = given.strip_suffix("은행").unwrap_or(given);
    let known = CODES.into_iter().find(|code| bank(code) == short);
    known.map_or_else(|| given.chars().take(3).collect(), str::to_owned)
}

//! What the shopper reads, in Korean and English. The words are in `locales/*.ftl`.

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;
use vocabulary::{Currency, Money, Timestamp};

const KOREAN: &str = include_str!("../../locales/ko.ftl");
const ENGLISH: &str = include_str!("../../locales/en.ftl");

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lang {
    Korean,
    English,
}

impl Lang {
    pub fn code(self) -> &'static str {
        match self {
            Lang::Korean => "ko",
            Lang::English => "en",
        }
    }

    /// What a speaker calls it.
    pub fn name(self) -> &'static str {
        match self {
            Lang::Korean => "한국어",
            Lang::English => "English",
        }
    }

    pub fn other(self) -> Lang {
        match self {
            Lang::Korean => Lang::English,
            Lang::English => Lang::Korean,
        }
    }

    pub fn from_code(code: &str) -> Option<Lang> {
        match code {
            "ko" => Some(Lang::Korean),
            "en" => Some(Lang::English),
            _ => None,
        }
    }

    /// The better liked of the two in an `Accept-Language`; `None` when it names neither.
    pub fn preferred(accept_language: &str) -> Option<Lang> {
        let mut best: Option<(Lang, f32)> = None;
        for part in accept_language.split(',').take(20) {
            let mut pieces = part.trim().split(';');
            let primary = pieces.next().and_then(|tag| tag.split('-').next()).unwrap_or_default();
            let Some(lang) = Lang::from_code(&primary.to_ascii_lowercase()) else {
                continue;
            };
            let quality = pieces
                .find_map(|piece| piece.trim().strip_prefix("q=")?.parse().ok())
                .unwrap_or(1.0);
            if quality > 0.0 && best.is_none_or(|(_, liked)| quality > liked) {
                best = Some((lang, quality));
            }
        }
        best.map(|(lang, _)| lang)
    }
}

struct Words {
    korean: FluentBundle<FluentResource>,
    english: FluentBundle<FluentResource>,
}

static WORDS: LazyLock<Words> = LazyLock::new(|| Words {
    korean: bundle(Lang::Korean, KOREAN),
    english: bundle(Lang::English, ENGLISH),
});

fn bundle(lang: Lang, source: &str) -> FluentBundle<FluentResource> {
    // The files are part of the program and tested; a broken line would only lose itself.
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
    let mut bundle = FluentBundle::new_concurrent(vec![lang.code().parse::<LanguageIdentifier>().unwrap_or_default()]);
    // Invisible marks around amounts and numbers would be copied along with them.
    bundle.set_use_isolating(false);
    bundle.add_resource_overriding(resource);
    bundle
}

/// Speaks one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Text {
    pub lang: Lang,
}

impl Text {
    pub fn new(lang: Lang) -> Text {
        Text { lang }
    }

    pub fn say(self, key: &str) -> String {
        self.with(key, &[])
    }

    pub fn with(self, key: &str, values: &[(&'static str, &str)]) -> String {
        let mut args = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            args.set(*name, *value);
        }
        let bundle = match self.lang {
            Lang::Korean => &WORDS.korean,
            Lang::English => &WORDS.english,
        };
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            return String::new();
        };
        bundle
            .format_pattern(pattern, Some(&args), &mut Vec::new())
            .into_owned()
    }

    /// Empty when there is no such text, for codes that grow without us.
    pub fn say_or(self, key: &str, otherwise: &str) -> String {
        let found = self.say(key);
        if found.is_empty() { otherwise.to_owned() } else { found }
    }

    pub fn amount(self, money: Money) -> Amount {
        let number = grouped(money);
        let (before, after) = match (money.currency, self.lang) {
            (Currency::KRW, Lang::Korean) => ("", "원"),
            (Currency::KRW, Lang::English) => ("₩", ""),
            (Currency::USD, _) => ("$", ""),
            (Currency::JPY, _) => ("¥", ""),
            (Currency::EUR, _) => ("€", ""),
            (other, _) => ("", other.code()),
        };
        Amount { before, number, after }
    }

    /// `11월 25일 14:30`, in Korean time.
    pub fn time(self, at: Timestamp) -> String {
        let iso = at.in_korea();
        let part = |range: std::ops::Range<usize>| iso.get(range).unwrap_or_default();
        let (month, day, time) = (part(5..7), part(8..10), part(11..16));
        let plain = |digits: &str| digits.trim_start_matches('0').to_owned();
        match self.lang {
            Lang::Korean => format!("{}월 {}일 {time}", plain(month), plain(day)),
            Lang::English => format!(
                "{} {}, {time} KST",
                plain(day),
                MONTHS[month.parse::<usize>().unwrap_or(0) % 13]
            ),
        }
    }
}

const MONTHS: [&str; 13] = [
    "", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// An amount as it is read: the number big, its unit before or after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Amount {
    pub before: &'static str,
    pub number: String,
    pub after: &'static str,
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let gap = if self.after.is_ascii() && !self.after.is_empty() {
            " "
        } else {
            ""
        };
        write!(f, "{}{}{gap}{}", self.before, self.number, self.after)
    }
}

/// `1,234.50`: the currency's own decimals, thousands apart.
fn grouped(money: Money) -> String {
    let exponent = money.currency.exponent();
    let unit = 10_u64.pow(exponent);
    let size = money.minor.unsigned_abs();
    let whole = (size / unit).to_string();
    let mut text = String::with_capacity(whole.len() * 2);
    if money.minor < 0 {
        text.push('-');
    }
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if exponent > 0 {
        text.push_str(&format!(".{:0width$}", size % unit, width = exponent as usize));
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    fn keys(source: &str) -> BTreeSet<&str> {
        source
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once(" = "))
            .map(|(key, _)| key)
            .collect()
    }

    #[test]
    fn both_languages_say_the_same_things() {
        assert_eq!(keys(KOREAN), keys(ENGLISH));
        for source in [KOREAN, ENGLISH] {
            FluentResource::try_new(source.to_owned()).expect("every line is a message");
        }
    }

    /// Everything the pages ask for is there, and nothing is there that no page asks for.
    #[test]
    fn the_words_are_those_that_the_pages_use() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut used = String::new();
        for folder in ["templates", "src/checkout"] {
            for file in fs::read_dir(here.join(folder)).unwrap() {
                used.push_str(&fs::read_to_string(file.unwrap().path()).unwrap());
            }
        }
        let known = keys(KOREAN);
        for call in [".say(\"", "text.with(\"", ".say_or(\""] {
            for found in used.split(call).skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(known.contains(found) || found.contains('{'), "no words for {found}");
            }
        }
        let made = ["way-", "hint-", "kinds-", "kind-", "failed-"];
        for key in known {
            assert!(
                used.contains(&format!("\"{key}\"")) || made.iter().any(|prefix| key.starts_with(prefix)),
                "{key} is not used"
            );
        }
    }

    #[test]
    fn amounts_are_read_as_people_write_them() {
        let shown = |money, lang| Text::new(lang).amount(money).to_string();
        assert_eq!(shown(Money::krw(15_000), Lang::Korean), "15,000원");
        assert_eq!(shown(Money::krw(1_234_567), Lang::English), "₩1,234,567");
        assert_eq!(shown(Money::krw(999), Lang::Korean), "999원");
        assert_eq!(shown(Money::new(123_456, Currency::USD), Lang::English), "$1,234.56");
        assert_eq!(
            shown(Money::new(1_234, "KWD".parse().unwrap()), Lang::English),
            "1.234 KWD"
        );
    }

    #[test]
    fn the_language_is_the_better_liked_one() {
        assert_eq!(Lang::preferred("en-US,en;q=0.9,ko;q=0.8"), Some(Lang::English));
        assert_eq!(Lang::preferred("ja, ko-KR;q=0.9, en;q=0.1"), Some(Lang::Korean));
        assert_eq!(Lang::preferred("fr, de"), None);
        assert_eq!(Lang::preferred("en;q=0"), None);
    }

    #[test]
    fn times_are_korean_times() {
        let at = Timestamp::parse("2026-11-25T05:04:00Z").unwrap();
        assert_eq!(Text::new(Lang::Korean).time(at), "11월 25일 14:04");
        assert_eq!(Text::new(Lang::English).time(at), "25 Nov, 14:04 KST");
    }
}

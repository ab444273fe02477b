//! The form in which some PGs send the browser back.

use super::visit::VALUE_BYTES_MAX;

/// A PG that says everything about a payment names some fifty.
const FIELDS_MAX: usize = 100;

/// Names and values, decoded as UTF-8 where they are that, and else as EUC-KR, which older Korean systems
/// speak whatever they were asked for. Nothing that counts is in other letters than ASCII.
pub(super) fn fields(body: &[u8]) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    for field in body
        .split(|byte| *byte == b'&')
        .filter(|field| !field.is_empty())
        .take(FIELDS_MAX)
    {
        let cut = field.iter().position(|byte| *byte == b'=').unwrap_or(field.len());
        let (name, value) = (&field[..cut], field.get(cut + 1..).unwrap_or_default());
        let (name, value) = (decode(name), decode(value));
        if value.len() <= VALUE_BYTES_MAX {
            fields.push((name, value));
        }
    }
    fields
}

fn decode(text: &[u8]) -> String {
    let plain: Vec<u8> = text
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    let bytes = percent_decoded(&plain);
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(other) => {
            let (text, _) = encoding_rs::EUC_KR.decode_without_bom_handling(other.as_bytes());
            text.into_owned()
        }
    }
}

fn percent_decoded(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        let escaped = (first == b'%').then(|| after.get(..2).and_then(hex)).flatten();
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    bytes
}

fn hex(digits: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(digits).ok()?;
    u8::from_str_radix(text, 16).ok().filter(|_| !text.starts_with('+'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(body: &[u8]) -> String {
        fields(body).remove(0).1
    }

    #[test]
    fn a_value_is_utf_8_or_else_euc_kr() {
        assert_eq!(value("m=%EC%9D%B8%EC%A6%9D+ok".as_bytes()), "인증 ok");
        assert_eq!(value("m=인증".as_bytes()), "인증");
        assert_eq!(value(b"m=%C0%CE%C1%F5"), "인증");
        assert_eq!(value(b"m=\xc0\xce\xc1\xf5%20ok"), "인증 ok");
        assert_eq!(value(b"m=%C0%"), "\u{fffd}%");
    }

    #[test]
    fn odd_forms_are_read_as_far_as_they_go() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(fields(b""), []);
        assert_eq!(
            fields(b"&&a&=b&c=d=e&%zz=%+1"),
            [pair("a", ""), pair("", "b"), pair("c", "d=e"), pair("%zz", "% 1"),]
        );
        assert_eq!(fields(&b"a=1&".repeat(200)).len(), FIELDS_MAX);
        let long = format!("a={}&b=2", "x".repeat(VALUE_BYTES_MAX + 1));
        assert_eq!(fields(long.as_bytes()), [pair("b", "2")]);
    }
}

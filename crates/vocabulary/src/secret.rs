use std::fmt;

use zeroize::Zeroize;

/// A value that must not appear in a log, an error or a page. It is wiped when dropped,
/// cannot be printed, and is shown only to someone who says what for.
#[derive(Clone)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    pub fn new(value: T) -> Secret<T> {
        Secret(value)
    }

    /// The purpose is for the reader of the code; a search for this name lists every use.
    pub fn reveal_for(&self, _purpose: &'static str) -> &T {
        &self.0
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Digits that identify a person (a refund account, a phone number): comparable, never printed.
#[derive(Clone)]
pub struct Digits(Secret<String>);

impl Digits {
    /// Takes 1 to 30 digits; dashes and spaces are dropped.
    pub fn parse(text: &str) -> Option<Digits> {
        let digits: String = text.chars().filter(|letter| !matches!(letter, '-' | ' ')).collect();
        let well_formed = (1..=30).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        well_formed.then(|| Digits(Secret::new(digits)))
    }

    pub fn reveal_for(&self, purpose: &'static str) -> &str {
        self.0.reveal_for(purpose)
    }
}

impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digits(…)")
    }
}

impl PartialEq for Digits {
    fn eq(&self, other: &Digits) -> bool {
        self.0.reveal_for("comparing") == other.0.reveal_for("comparing")
    }
}

impl Eq for Digits {}

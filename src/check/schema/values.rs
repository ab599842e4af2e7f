//! Is this text a value of this type? Exact: decimals are compared digit by digit.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;

use regex::Regex;

use crate::check::names::QuickHash;
use crate::check::schema::calendar;
use crate::check::xml::chars::{is_blank, is_plain_name, trimmed};

/// A type of values.
#[derive(Debug, Clone)]
pub(crate) enum Simple {
    /// One kind of value with its facets.
    Atomic(Box<Atomic>),
    /// A value of any of these.
    Union(Vec<Atomic>),
}

/// One kind of value with its facets.
#[derive(Debug, Clone)]
pub(crate) struct Atomic {
    /// What kind.
    pub(crate) primitive: Primitive,
    /// What becomes of its blanks before anything is checked.
    pub(crate) white: White,
    /// The codes allowed; empty if any.
    pub(crate) codes: Codes,
    /// The forms that it must have, all of them, with the text of each in the schema.
    pub(crate) patterns: Vec<(Regex, Box<str>)>,
    /// The fewest characters.
    pub(crate) length_min: Option<usize>,
    /// The most characters.
    pub(crate) length_max: Option<usize>,
    /// The most digits in all.
    pub(crate) digits: Option<usize>,
    /// The most digits after the point.
    pub(crate) fraction: Option<usize>,
    /// The least value.
    pub(crate) least: Option<Bound>,
    /// The greatest value.
    pub(crate) most: Option<Bound>,
}

/// What kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Primitive {
    Text,
    Boolean,
    Decimal,
    Integer,
    Date,
    DateTime,
    Address,
    Id,
    Base64,
}

/// What becomes of the blanks of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum White {
    Preserve,
    Replace,
    Collapse,
}

/// A list of codes with their meanings.
#[derive(Debug, Clone, Default)]
pub(crate) struct Codes {
    /// Each code and its meaning, in the order of the schema.
    pub(crate) list: Vec<(Box<str>, Box<str>)>,
    numbers: HashMap<Box<str>, usize, QuickHash>,
}

impl Codes {
    /// Adds a code.
    pub(crate) fn add(&mut self, code: &str, meaning: &str) {
        self.numbers.insert(code.into(), self.list.len());
        self.list.push((code.into(), meaning.into()));
    }
}

/// Why a text is not a value of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Misfit {
    Type,
    Code,
    Pattern,
    /// With the number of characters that there are.
    Length(usize),
    Digits,
    Range,
}

impl Atomic {
    /// A kind of value without facets.
    pub(crate) fn new(primitive: Primitive, white: White) -> Self {
        Self {
            primitive,
            white,
            codes: Codes::default(),
            patterns: Vec::new(),
            length_min: None,
            length_max: None,
            digits: None,
            fraction: None,
            least: None,
            most: None,
        }
    }

    /// Checks a text.
    pub(crate) fn check(&self, text: &str) -> Result<(), Misfit> {
        let value = self.white.apply(text);
        let value = value.as_ref();
        if !self.is_of_kind(value) {
            return Err(Misfit::Type);
        }
        if !self.codes.list.is_empty() && !self.codes.numbers.contains_key(value) {
            return Err(Misfit::Code);
        }
        if self.length_min.is_some() || self.length_max.is_some() {
            let length = value.chars().count();
            if self.length_min.is_some_and(|least| length < least)
                || self.length_max.is_some_and(|most| length > most)
            {
                return Err(Misfit::Length(length));
            }
        }
        if self.patterns.iter().any(|(form, _)| !form.is_match(value)) {
            return Err(Misfit::Pattern);
        }
        if let Some(number) = self.number(value) {
            return self.check_number(&number);
        }
        Ok(())
    }

    fn number<'a>(&self, value: &'a str) -> Option<Number<'a>> {
        let is_number = matches!(self.primitive, Primitive::Decimal | Primitive::Integer);
        is_number.then(|| Number::parse(value)).flatten()
    }

    fn check_number(&self, number: &Number<'_>) -> Result<(), Misfit> {
        let digits = number.whole.len() + number.fraction.len();
        if self.digits.is_some_and(|most| digits > most)
            || self
                .fraction
                .is_some_and(|most| number.fraction.len() > most)
        {
            return Err(Misfit::Digits);
        }
        let is_below = |bound: &Bound| number.compare(&bound.number()) == Ordering::Less;
        let is_above = |bound: &Bound| number.compare(&bound.number()) == Ordering::Greater;
        if self.least.as_ref().is_some_and(is_below) || self.most.as_ref().is_some_and(is_above) {
            return Err(Misfit::Range);
        }
        Ok(())
    }

    fn is_of_kind(&self, value: &str) -> bool {
        match self.primitive {
            Primitive::Text => true,
            Primitive::Address => is_address(value),
            Primitive::Boolean => matches!(value, "true" | "false" | "1" | "0"),
            Primitive::Decimal => Number::parse(value).is_some(),
            Primitive::Integer => !value.contains('.') && Number::parse(value).is_some(),
            Primitive::Date => calendar::is_date(value),
            Primitive::DateTime => calendar::is_date_time(value),
            Primitive::Id => is_plain_name(value),
            Primitive::Base64 => is_base64(value),
        }
    }
}

impl White {
    /// `text` with its blanks as the type wants them.
    pub(crate) fn apply(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Replace if text.contains(['\t', '\n', '\r']) => {
                Cow::Owned(text.replace(['\t', '\n', '\r'], " "))
            }
            Self::Preserve | Self::Replace => Cow::Borrowed(text),
            Self::Collapse => {
                let text = trimmed(text);
                if text.contains("  ") || text.contains(['\t', '\n', '\r']) {
                    let words: Vec<&str> = text
                        .split([' ', '\t', '\n', '\r'])
                        .filter(|word| !word.is_empty())
                        .collect();
                    Cow::Owned(words.join(" "))
                } else {
                    Cow::Borrowed(text)
                }
            }
        }
    }
}

/// The end of a range, as it stands in the schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bound(Box<str>);

impl Bound {
    /// `text` as a bound, if it is a number.
    pub(crate) fn new(text: &str) -> Option<Self> {
        Number::parse(text).map(|_| Self(text.into()))
    }

    /// As it stands in the schema.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    fn number(&self) -> Number<'_> {
        Number::parse(&self.0).unwrap_or(Number::ZERO)
    }
}

/// A decimal number: its digits without the zeros that mean nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number<'a> {
    is_negative: bool,
    whole: &'a str,
    fraction: &'a str,
}

impl<'a> Number<'a> {
    const ZERO: Self = Self {
        is_negative: false,
        whole: "",
        fraction: "",
    };

    /// Sign, digits and point; no exponent.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (is_negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_digits = |part: &str| part.bytes().all(|octet| octet.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        Some(Self {
            // There is one zero.
            is_negative: is_negative && !(whole.is_empty() && fraction.is_empty()),
            whole,
            fraction,
        })
    }

    /// Compares by value.
    pub(crate) fn compare(&self, other: &Number<'_>) -> Ordering {
        let size = self
            .whole
            .len()
            .cmp(&other.whole.len())
            .then_with(|| self.whole.cmp(other.whole))
            .then_with(|| self.fraction.cmp(other.fraction));
        match (self.is_negative, other.is_negative) {
            (false, false) => size,
            (true, true) => size.reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

/// Could `value` be an address? Most characters may stand unescaped in one; its scheme, its escapes
/// and its one fragment must be right.
fn is_address(value: &str) -> bool {
    let mut escapes = value.split('%').skip(1).map(str::as_bytes);
    let are_escapes_right = escapes.all(|after| {
        matches!(after, [high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
    });
    let is_scheme_right = match value
        .find([':', '/', '?', '#'])
        .map(|at| value.split_at(at))
    {
        Some((scheme, rest)) if rest.starts_with(':') => {
            scheme.starts_with(|letter: char| letter.is_ascii_alphabetic())
                && scheme
                    .bytes()
                    .all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(&octet))
        }
        _ => true,
    };
    are_escapes_right && is_scheme_right && value.matches('#').count() <= 1
}

/// Is `value` Base64, with blanks anywhere, padded, and its unused bits zero?
fn is_base64(value: &str) -> bool {
    let mut count = 0_usize;
    let mut padding = 0_usize;
    let mut last = 0_u8;
    for octet in value.bytes().filter(|octet| !is_blank(*octet)) {
        if octet == b'=' {
            padding += 1;
            continue;
        }
        let bits = match octet {
            b'A'..=b'Z' => octet - b'A',
            b'a'..=b'z' => octet - b'a' + 26,
            b'0'..=b'9' => octet - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return false,
        };
        if padding > 0 {
            return false;
        }
        count += 1;
        last = bits;
    }
    match (count % 4, padding) {
        (0, 0) => true,
        (2, 2) => last.trailing_zeros() >= 4,
        (3, 1) => last.trailing_zeros() >= 2,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(one: &str, other: &str) -> Ordering {
        Number::parse(one)
            .unwrap()
            .compare(&Number::parse(other).unwrap())
    }

    #[test]
    fn decimals_are_compared_exactly() {
        assert_eq!(compare("0.1", "00.10"), Ordering::Equal);
        assert_eq!(compare("-0", "+0.0"), Ordering::Equal);
        assert_eq!(compare("999.99", "1000"), Ordering::Less);
        assert_eq!(compare("0.09", "0.1"), Ordering::Less);
        assert_eq!(compare("0.12", "0.1"), Ordering::Greater);
        assert_eq!(compare("-2", "-10"), Ordering::Greater);
        assert_eq!(compare("-0.001", "0"), Ordering::Less);
        let long = "9".repeat(400);
        assert_eq!(compare(&long, &format!("{long}.1")), Ordering::Less);
        for bad in [
            "", ".", "+", "-", "1,5", "1e5", "1 000", "--1", "1.2.3", "١",
        ] {
            assert_eq!(Number::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn digits_are_counted_without_zeros_that_mean_nothing() {
        let mut price = Atomic::new(Primitive::Decimal, White::Collapse);
        price.digits = Some(5);
        price.fraction = Some(2);
        price.least = Bound::new("0");
        price.most = Bound::new("999.99");
        for good in ["0", "000999.990", " 12.3\n", "+.5", "5.", "-0"] {
            assert_eq!(price.check(good), Ok(()), "{good}");
        }
        assert_eq!(price.check("1.234"), Err(Misfit::Digits));
        assert_eq!(price.check("123456"), Err(Misfit::Digits));
        assert_eq!(price.check("1000"), Err(Misfit::Range));
        assert_eq!(price.check("-0.01"), Err(Misfit::Range));
        assert_eq!(price.check("1,2"), Err(Misfit::Type));
    }

    #[test]
    fn base64_may_be_wrapped_but_not_loose() {
        for good in [
            "",
            "AAAA",
            "AA==",
            "AAA=",
            "AAAA\nAAAA",
            " A A A A ",
            "QQ= =",
        ] {
            assert!(is_base64(good), "{good:?}");
        }
        for bad in [
            "A", "AA", "AAA", "A===", "AB==", "AAB=", "AA=A", "====", "A-A_", "AAAA=",
        ] {
            assert!(!is_base64(bad), "{bad}");
        }
    }

    #[test]
    fn an_address_needs_a_right_scheme_if_it_has_one() {
        for good in [
            "",
            "#id",
            "a b/c",
            "http://example.com/?q=1#x",
            "urn:x:y",
            "../é",
            "a%20b",
        ] {
            assert!(is_address(good), "{good}");
        }
        for bad in ["http ://x", ":x", "1a:b", "a%2", "a%zz", "a#b#c"] {
            assert!(!is_address(bad), "{bad}");
        }
    }

    #[test]
    fn lengths_count_characters() {
        let mut text = Atomic::new(Primitive::Text, White::Preserve);
        text.length_min = Some(1);
        text.length_max = Some(3);
        assert_eq!(text.check("名é𝄞"), Ok(()));
        assert_eq!(text.check(" a "), Ok(()));
        assert_eq!(text.check(""), Err(Misfit::Length(0)));
        assert_eq!(text.check("abcd"), Err(Misfit::Length(4)));
    }

    #[test]
    fn blanks_are_treated_as_the_type_says() {
        assert_eq!(White::Preserve.apply(" a\n"), " a\n");
        assert_eq!(White::Replace.apply(" a\n"), " a ");
        assert_eq!(White::Collapse.apply(" a \n b "), "a b");
        let mut code = Atomic::new(Primitive::Text, White::Preserve);
        code.codes.add("Y", "yes");
        assert_eq!(code.check("Y"), Ok(()));
        assert_eq!(code.check("Y "), Err(Misfit::Code));
    }
}

//! Decimal numbers, exact whatever their size.

use std::borrow::Cow;
use std::cmp::Ordering;

/// A decimal number: its digits without the zeros that mean nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Number<'a> {
    is_negative: bool,
    whole: Cow<'a, str>,
    fraction: Cow<'a, str>,
}

impl<'a> Number<'a> {
    /// Sign, digits and point; no exponent.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let (is_negative, digits) = match text.as_bytes().first() {
            Some(b'-') => (true, text.get(1..)?),
            Some(b'+') => (false, text.get(1..)?),
            _ => (false, text),
        };
        let mut point = None;
        for (at, octet) in digits.bytes().enumerate() {
            match octet {
                b'0'..=b'9' => {}
                b'.' if point.is_none() => point = Some(at),
                _ => return None,
            }
        }
        let (whole, fraction) = match point {
            None => (digits, ""),
            Some(at) => (digits.get(..at)?, digits.get(at + 1..)?),
        };
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        Some(Self {
            // There is one zero.
            is_negative: is_negative && !(whole.is_empty() && fraction.is_empty()),
            whole: Cow::Borrowed(whole),
            fraction: Cow::Borrowed(fraction),
        })
    }

    /// A whole number: no point, even one without digits after it.
    pub(crate) fn parse_whole(text: &'a str) -> Option<Self> {
        Self::parse(text).filter(|_| !text.contains('.'))
    }

    /// How many digits mean something, in all.
    pub(crate) fn digits(&self) -> usize {
        // In 0.005 the zeros after the point count; no form of the number does without them.
        self.whole.len() + self.fraction.len()
    }

    /// How many digits mean something after the point.
    pub(crate) fn fraction_digits(&self) -> usize {
        self.fraction.len()
    }

    /// Compares by value.
    pub(crate) fn compare(&self, other: &Number<'_>) -> Ordering {
        let size = || {
            self.whole
                .len()
                .cmp(&other.whole.len())
                .then_with(|| self.whole.as_ref().cmp(other.whole.as_ref()))
                .then_with(|| self.fraction.as_ref().cmp(other.fraction.as_ref()))
        };
        match (self.is_negative, other.is_negative) {
            (false, false) => size(),
            (true, true) => size().reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }

    /// As a count; the largest there is if it is larger, `None` if it is none.
    pub(crate) fn count(&self) -> Option<usize> {
        if self.is_negative || !self.fraction.is_empty() {
            return None;
        }
        if self.whole.is_empty() {
            return Some(0);
        }
        Some(self.whole.parse().unwrap_or(usize::MAX))
    }

    /// Writes the one form of this value.
    pub(crate) fn write(&self, out: &mut String) {
        if self.is_negative {
            out.push('-');
        }
        out.push_str(&self.whole);
        out.push('.');
        out.push_str(&self.fraction);
    }

    /// The same without a hold on the text it came from.
    pub(crate) fn into_owned(self) -> Number<'static> {
        Number {
            is_negative: self.is_negative,
            whole: Cow::Owned(self.whole.into_owned()),
            fraction: Cow::Owned(self.fraction.into_owned()),
        }
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
            "", ".", "+", "-", "1,5", "1e5", "1 000", "--1", "1.2.3", "١", "INF",
        ] {
            assert_eq!(Number::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_whole_number_has_no_point() {
        for good in ["0", "-0", "+007", "123456789012345678901234567890"] {
            assert!(Number::parse_whole(good).is_some(), "{good}");
        }
        for bad in ["1.0", "1.", ".0", "", "-"] {
            assert!(Number::parse_whole(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_count_is_whole_and_not_negative() {
        let count = |text: &str| Number::parse(text).unwrap().count();
        assert_eq!(count("+0012"), Some(12));
        assert_eq!(count("-0"), Some(0));
        assert_eq!(count("99999999999999999999999999"), Some(usize::MAX));
        assert_eq!(count("-1"), None);
        assert_eq!(count("0.5"), None);
    }
}

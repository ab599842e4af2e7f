//! Words that XML itself knows: names, name tokens, languages.

use crate::check::xml::chars::{is_name_letter, is_name_start};

/// Is `value` an XML name? It may hold colons.
pub(crate) fn is_name(value: &str) -> bool {
    let is_first = |letter| letter == ':' || is_name_start(letter);
    value.starts_with(is_first) && is_name_token(value)
}

/// Are there name letters and nothing else in `value`?
pub(crate) fn is_name_token(value: &str) -> bool {
    !value.is_empty()
        && value
            .chars()
            .all(|letter| letter == ':' || is_name_letter(letter))
}

/// Does `value` have the form of a language's code: parts of one to eight letters or digits, the first
/// of letters only?
pub(crate) fn is_language(value: &str) -> bool {
    let mut parts = value.split('-');
    let is_short = |part: &str| (1..=8).contains(&part.len());
    let first = parts.next().unwrap_or_default();
    is_short(first)
        && first.bytes().all(|octet| octet.is_ascii_alphabetic())
        && parts
            .all(|part| is_short(part) && part.bytes().all(|octet| octet.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_begin_with_a_letter_and_name_tokens_need_not() {
        for good in ["a", ":a", "_", "a:b:c", "é-1.x", "名"] {
            assert!(is_name(good) && is_name_token(good), "{good}");
        }
        for token in ["1a", "-", ".", "\u{B7}", "1:2"] {
            assert!(!is_name(token) && is_name_token(token), "{token}");
        }
        for bad in ["", "a b", "a,b", "a/b", "×"] {
            assert!(!is_name(bad) && !is_name_token(bad), "{bad}");
        }
    }

    #[test]
    fn a_language_has_short_parts() {
        for good in ["en", "en-GB", "x-klingon", "i-navajo", "abcdefgh-12345678"] {
            assert!(is_language(good), "{good}");
        }
        for bad in [
            "",
            "-en",
            "en-",
            "en--GB",
            "en_GB",
            "abcdefghi",
            "1en",
            "en-123456789",
            "é",
        ] {
            assert!(!is_language(bad), "{bad}");
        }
    }
}

//! What becomes of the blanks of a value before anything else is looked at.

use std::borrow::Cow;

use crate::check::xml::chars::{is_blank, trimmed};

/// What becomes of the blanks of a value, from the mildest to the strictest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum White {
    /// Nothing.
    Preserve,
    /// Each becomes a space.
    Replace,
    /// Those around are cut off, those between words become one space.
    Collapse,
}

impl White {
    /// The value of `xs:whiteSpace`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "preserve" => Some(Self::Preserve),
            "replace" => Some(Self::Replace),
            "collapse" => Some(Self::Collapse),
            _ => None,
        }
    }

    /// As it is written in a schema.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Preserve => "preserve",
            Self::Replace => "replace",
            Self::Collapse => "collapse",
        }
    }

    /// `text` after that; copied only if anything inside it changes.
    pub(crate) fn apply(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Replace if has_other_blanks(text) => {
                Cow::Owned(text.replace(['\t', '\n', '\r'], " "))
            }
            Self::Preserve | Self::Replace => Cow::Borrowed(text),
            // Most values have no blank at all, and this loop is quick.
            Self::Collapse if !text.bytes().any(is_blank) => Cow::Borrowed(text),
            Self::Collapse => {
                let text = trimmed(text);
                if has_other_blanks(text) || text.contains("  ") {
                    Cow::Owned(joined(text))
                } else {
                    Cow::Borrowed(text)
                }
            }
        }
    }
}

/// The words of `text` with one space between them. No list of them is made: a hostile value has
/// hundreds of thousands.
fn joined(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for word in words(text) {
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(word);
    }
    joined
}

/// The words of a list.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '\t', '\n', '\r'])
        .filter(|word| !word.is_empty())
}

fn has_other_blanks(text: &str) -> bool {
    text.bytes().any(|octet| is_blank(octet) && octet != b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_are_treated_as_the_type_says() {
        assert_eq!(White::Preserve.apply(" a\n"), " a\n");
        assert_eq!(White::Replace.apply(" a\n\tb"), " a  b");
        assert_eq!(White::Collapse.apply(" a \n b "), "a b");
        assert_eq!(White::Collapse.apply("\t\n"), "");
        // A blank of Unicode is a letter like others here.
        assert_eq!(White::Collapse.apply("\u{A0}a\u{2003}"), "\u{A0}a\u{2003}");
    }

    #[test]
    fn a_value_without_needless_blanks_is_not_copied() {
        for text in ["a", " a ", "a b", "\na b\n"] {
            assert!(matches!(White::Collapse.apply(text), Cow::Borrowed(_)));
        }
    }
}

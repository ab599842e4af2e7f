//! What somebody typed into the VIN box, as a search that uses an index where it can.

/// The longest text that is looked for. Reason: a VIN has 17 letters, and long patterns with many
/// wildcards cost time.
const PATTERN_LETTERS_MAX: usize = 64;

/// A letter at the end of a VIN finds as few as so many at its beginning.
///
/// Reason: a VIN begins with manufacturer and type, which all of a manufacturer's have alike, and ends
/// with a serial number, of which each digit leaves a tenth.
const END_WEIGHT: usize = 2;

/// A search among VINs in upper case. The last part of each that has one is a pattern for LIKE, with `\`
/// as its escape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum VinSearch {
    /// Nothing is asked for.
    Any,
    /// This very VIN.
    Whole(String),
    /// VINs that begin so, and of these only what fits the pattern.
    Begins(Span, Option<String>),
    /// VINs that, read backwards, begin so, and of these only what fits the pattern.
    Ends(Span, Option<String>),
    /// Neither beginning nor end is known.
    Like(String),
}

/// Texts from `from` on, and before `to`, compared octet by octet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) from: String,
    pub(super) to: String,
}

impl VinSearch {
    /// Reads what was typed; `*` stands for any run of characters.
    pub(super) fn parse(typed: &str) -> Self {
        let mut text = String::new();
        for letter in typed
            .trim()
            .to_uppercase()
            .chars()
            .take(PATTERN_LETTERS_MAX)
        {
            if letter != '\0' && !(letter == '*' && text.ends_with('*')) {
                text.push(letter);
            }
        }
        if text.is_empty() || text == "*" {
            return Self::Any;
        }
        let (Some((begin, _)), Some((_, end))) = (text.split_once('*'), text.rsplit_once('*'))
        else {
            return Self::Whole(text);
        };
        // What the one that is looked for does not say the pattern does.
        let is_all = text.matches('*').count() == 1 && (begin.is_empty() || end.is_empty());
        let rest = (!is_all).then(|| like(&text));
        let found = if begin.chars().count() > END_WEIGHT * end.chars().count() {
            span(begin).map(|span| Self::Begins(span, rest))
        } else {
            span(&reversed(end)).map(|span| Self::Ends(span, rest))
        };
        found.unwrap_or_else(|| Self::Like(like(&text)))
    }
}

/// The text read backwards.
pub(super) fn reversed(text: &str) -> String {
    text.chars().rev().collect()
}

/// All texts that begin with `begin`: up to the text whose last letter is the next one.
pub(super) fn span(begin: &str) -> Option<Span> {
    let mut letters: Vec<char> = begin.chars().collect();
    let last = letters.pop()?;
    // The next letter does not exist after the very last one, and before the surrogates.
    let next = char::from_u32(u32::from(last).checked_add(1)?)?;
    letters.push(next);
    Some(Span {
        from: begin.to_owned(),
        to: letters.into_iter().collect(),
    })
}

fn like(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '*' => pattern.push('%'),
            '%' | '_' | '\\' => pattern.extend(['\\', letter]),
            other => pattern.push(other),
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    fn between(from: &str, to: &str) -> Span {
        Span {
            from: from.to_owned(),
            to: to.to_owned(),
        }
    }

    #[test]
    fn one_star_at_an_end_uses_an_index() {
        assert_eq!(
            VinSearch::parse("stz*"),
            VinSearch::Begins(between("STZ", "ST["), None)
        );
        assert_eq!(
            VinSearch::parse(" *P782332 "),
            VinSearch::Ends(between("233287P", "233287Q"), None)
        );
        assert_eq!(
            VinSearch::parse("stz1"),
            VinSearch::Whole("STZ1".to_owned())
        );
    }

    #[test]
    fn nothing_and_stars_alone_ask_for_nothing() {
        for typed in ["", "  ", "*", "***"] {
            assert_eq!(VinSearch::parse(typed), VinSearch::Any, "{typed}");
        }
    }

    #[test]
    fn a_star_in_the_middle_uses_the_index_of_the_end_that_says_more() {
        assert_eq!(
            VinSearch::parse("stz*32"),
            VinSearch::Ends(between("23", "24"), Some("STZ%32".to_owned()))
        );
        assert_eq!(
            VinSearch::parse("stz*2"),
            VinSearch::Begins(between("STZ", "ST["), Some("STZ%2".to_owned()))
        );
        assert_eq!(
            VinSearch::parse("s*1*332"),
            VinSearch::Ends(between("233", "234"), Some("S%1%332".to_owned()))
        );
        assert_eq!(
            VinSearch::parse("*p78*"),
            VinSearch::Like("%P78%".to_owned())
        );
    }

    #[test]
    fn only_the_star_is_a_wildcard() {
        assert_eq!(
            VinSearch::parse("*b**c%_\\*"),
            VinSearch::Like("%B%C\\%\\_\\\\%".to_owned())
        );
        assert_eq!(
            VinSearch::parse("100%"),
            VinSearch::Whole("100%".to_owned())
        );
    }
}

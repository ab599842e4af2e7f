//! Which characters XML 1.0 lets into a document, a name, a blank.

/// Is `octet` one of XML's four blanks?
pub(crate) const fn is_blank(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\n' | b'\r')
}

/// `text` without the blanks around it.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r'])
}

/// Is there nothing but blanks in `text`?
pub(crate) fn is_all_blank(text: &str) -> bool {
    text.bytes().all(is_blank)
}

/// May `letter` stand in a document at all?
pub(crate) const fn is_legal(letter: char) -> bool {
    matches!(letter,
        '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

/// What is known of a text once every octet was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Survey {
    /// The offset of the first character that XML forbids anywhere in a document.
    pub(crate) illegal: Option<usize>,
    /// Does `]` stand anywhere?
    pub(crate) has_brackets: bool,
    /// Does `\r` stand anywhere?
    pub(crate) has_returns: bool,
}

/// Looks at every octet once.
pub(crate) fn survey(text: &str) -> Survey {
    let mut survey = Survey::default();
    let mut start = 0;
    // Tests without a way out in between, which the compiler turns into wide instructions; the exact
    // search only on a hit.
    for chunk in text.as_bytes().chunks(256) {
        let (mut doubtful, mut brackets, mut returns) = (0_u8, 0_u8, 0_u8);
        for octet in chunk {
            let is_return = u8::from(*octet == b'\r');
            let is_blank = u8::from(*octet == b'\t') | u8::from(*octet == b'\n') | is_return;
            doubtful |= u8::from(*octet < 0x20) & (is_blank ^ 1);
            doubtful |= u8::from(*octet == 0xEF);
            brackets |= u8::from(*octet == b']');
            returns |= is_return;
        }
        if doubtful > 0 && survey.illegal.is_none() {
            survey.illegal = illegal_near(text, start, start + chunk.len());
        }
        survey.has_brackets |= brackets > 0;
        survey.has_returns |= returns > 0;
        start += chunk.len();
    }
    survey
}

/// Does `octet` stand anywhere in `text`?
pub(crate) fn has_octet(text: &str, octet: u8) -> bool {
    // Whole pieces without a way out in between: wide instructions, faster than a search that ends
    // at the first hit, as there is none in most documents.
    text.as_bytes().chunks(256).any(|piece| {
        let found = |found: u8, known: &u8| found | u8::from(*known == octet);
        piece.iter().fold(0, found) > 0
    })
}

/// Searches the characters that begin in `start..end`.
fn illegal_near(text: &str, start: usize, end: usize) -> Option<usize> {
    let first = (start..=end).find(|at| text.is_char_boundary(*at))?;
    text.get(first..)?
        .char_indices()
        .map(|(at, letter)| (first + at, letter))
        .take_while(|(at, _)| *at < end)
        .find(|(_, letter)| !is_legal(*letter))
        .map(|(at, _)| at)
}

/// May a name begin with `letter`? (The colon is not counted: it parts prefix and local name.)
pub(crate) const fn is_name_start(letter: char) -> bool {
    matches!(letter,
        'A'..='Z' | '_' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}'
        | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}'
        | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

/// May `letter` stand inside a name?
pub(crate) const fn is_name_letter(letter: char) -> bool {
    is_name_start(letter)
        || matches!(letter,
            '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// Is `name` a name without a colon?
pub(crate) fn is_plain_name(name: &str) -> bool {
    let mut octets = name.bytes();
    let starts_well = octets
        .next()
        .is_some_and(|octet| octet.is_ascii_alphabetic() || octet == b'_');
    if starts_well
        && octets.all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.'))
    {
        return true;
    }
    let mut letters = name.chars();
    letters.next().is_some_and(is_name_start) && letters.all(is_name_letter)
}

/// Prefix (empty if none) and local name of a qualified name; `None` if it is not one.
pub(crate) fn qualified(name: &str) -> Option<(&str, &str)> {
    match name.split_once(':') {
        None => is_plain_name(name).then_some(("", name)),
        Some((prefix, local)) => {
            (is_plain_name(prefix) && is_plain_name(local)).then_some((prefix, local))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forbidden_characters_are_found_wherever_they_stand() {
        for bad in ['\0', '\u{1}', '\u{1F}', '\u{FFFE}', '\u{FFFF}'] {
            for before in [0, 1, 254, 255, 256, 257, 1000] {
                let text = format!("{}{bad}<tail/>", "é".repeat(before));
                assert_eq!(survey(&text).illegal, Some(2 * before), "{bad:?} {before}");
            }
        }
        let fine = format!("\t\n\r {}\u{FFFD}\u{10FFFF}", "\u{F900}é".repeat(300));
        let known = Survey {
            has_returns: true,
            ..Survey::default()
        };
        assert_eq!(survey(&fine), known);
    }

    #[test]
    fn brackets_and_returns_are_seen_wherever_they_stand() {
        for before in [0, 1, 255, 256, 1000] {
            let blanks = " ".repeat(before);
            let found = survey(&format!("{blanks}]{blanks}"));
            assert!(found.has_brackets && !found.has_returns, "{before}");
            let found = survey(&format!("{blanks}\r{blanks}"));
            assert!(!found.has_brackets && found.has_returns, "{before}");
        }
    }

    #[test]
    fn names_begin_with_a_letter_and_have_one_colon_at_most() {
        for good in ["a", "_a", "a-1.b", "é", "名"] {
            assert_eq!(qualified(good), Some(("", good)));
        }
        assert_eq!(qualified("ds:Signature"), Some(("ds", "Signature")));
        for bad in [
            "", "1a", "-a", ".a", "a:b:c", ":a", "a:", "a b", "a\"", "a:1", "×",
        ] {
            assert_eq!(qualified(bad), None, "{bad}");
        }
    }
}

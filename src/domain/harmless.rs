//! Texts of others, made safe to stand in ours.

/// `text` with everything made visible that could change how what stands around it is shown.
pub fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        let is_unruly = letter.is_control()
            || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
        if is_unruly {
            out.extend(letter.escape_unicode());
        } else {
            out.push(letter);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_change_the_text_around_it_is_made_visible() {
        assert_eq!(harmless("a.xml"), "a.xml");
        assert_eq!(harmless("a\r\nb"), "a\\u{d}\\u{a}b");
        assert_eq!(harmless("\u{202e}lmx"), "\\u{202e}lmx");
    }
}

//! Patterns of XML Schema as patterns of the `regex` crate, which never backtracks.

use regex::{Regex, RegexBuilder};

/// The largest automaton of one pattern in octets.
const COMPILED_BYTES_MAX: usize = 1 << 20;

/// What `\i` and `\c` stand for, without the colon's own marks around them.
const NAME_START: &str = r"_:A-Za-z\u{C0}-\u{D6}\u{D8}-\u{F6}\u{F8}-\u{2FF}\u{370}-\u{37D}\u{37F}-\u{1FFF}\u{200C}-\u{200D}\u{2070}-\u{218F}\u{2C00}-\u{2FEF}\u{3001}-\u{D7FF}\u{F900}-\u{FDCF}\u{FDF0}-\u{FFFD}\u{10000}-\u{EFFFF}";
const NAME_MORE: &str = r"\-.0-9\u{B7}\u{300}-\u{36F}\u{203F}-\u{2040}";

/// Compiles alternatives of one step of a derivation: a value must match one of them as a whole.
pub(crate) fn compile(patterns: &[&str]) -> Result<Regex, String> {
    let translated: Result<Vec<String>, String> = patterns
        .iter()
        .map(|pattern| translate(pattern).map_err(|what| format!("pattern '{pattern}': {what}")))
        .collect();
    let whole = format!("\\A(?:{})\\z", translated?.join("|"));
    RegexBuilder::new(&whole)
        .size_limit(COMPILED_BYTES_MAX)
        .build()
        .map_err(|_| format!("pattern '{}' cannot be compiled", patterns.join("' or '")))
}

fn translate(pattern: &str) -> Result<String, String> {
    let mut letters = pattern.chars().peekable();
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut class_depth = 0_u32;
    let mut after_quantifier = false;
    let mut is_class_start = false;
    let mut is_subtracted = false;
    while let Some(letter) = letters.next() {
        let is_quantifier = class_depth == 0 && matches!(letter, '?' | '*' | '+' | '}');
        let is_counted = class_depth == 0 && letter == '{';
        if (is_quantifier || is_counted) && after_quantifier {
            return Err("a quantifier follows a quantifier".to_owned());
        }
        let was_class_start = std::mem::take(&mut is_class_start);
        let was_subtracted = std::mem::take(&mut is_subtracted);
        match letter {
            '\\' => escape(letters.next(), &mut out)?,
            '[' => {
                // A class inside a class is allowed as what is taken away from it only.
                if class_depth > 0 && !was_subtracted {
                    return Err("a '[' inside a class must be escaped".to_owned());
                }
                class_depth += 1;
                is_class_start = true;
                out.push('[');
                if letters.next_if_eq(&'^').is_some() {
                    out.push('^');
                }
            }
            ']' if class_depth > 0 => {
                class_depth -= 1;
                out.push(']');
            }
            '-' if class_depth > 0 && letters.peek() == Some(&'[') => {
                is_subtracted = true;
                out.push_str("--");
            }
            '-' if class_depth > 0 && (was_class_start || letters.peek() == Some(&']')) => {
                out.push_str("\\-");
            }
            '&' | '~' | '^' if class_depth > 0 => {
                out.push('\\');
                out.push(letter);
            }
            '^' | '$' => {
                out.push('\\');
                out.push(letter);
            }
            '.' if class_depth == 0 => out.push_str("[^\\n\\r]"),
            '(' if class_depth == 0 => {
                if letters.peek() == Some(&'?') {
                    return Err("'(?' means nothing in XML Schema".to_owned());
                }
                out.push_str("(?:");
            }
            _ => out.push(letter),
        }
        after_quantifier = is_quantifier;
    }
    if class_depth > 0 {
        return Err("a class is not closed".to_owned());
    }
    Ok(out)
}

/// Translates what follows a `\`.
fn escape(letter: Option<char>, out: &mut String) -> Result<(), String> {
    let Some(letter) = letter else {
        return Err("it ends in a '\\'".to_owned());
    };
    let class = match letter {
        'n' | 'r' | 't' | 'd' | 'D' | '\\' | '|' | '.' | '?' | '*' | '+' | '(' | ')' | '{'
        | '}' | '-' | '[' | ']' | '^' | '$' => {
            out.push('\\');
            out.push(letter);
            return Ok(());
        }
        's' => "[ \\t\\n\\r]".to_owned(),
        'S' => "[^ \\t\\n\\r]".to_owned(),
        'w' => "[^\\p{P}\\p{Z}\\p{C}]".to_owned(),
        'W' => "[\\p{P}\\p{Z}\\p{C}]".to_owned(),
        'i' => format!("[{NAME_START}]"),
        'I' => format!("[^{NAME_START}]"),
        'c' => format!("[{NAME_START}{NAME_MORE}]"),
        'C' => format!("[^{NAME_START}{NAME_MORE}]"),
        _ => return Err(format!("'\\{letter}' is not known here")),
    };
    out.push_str(&class);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, value: &str) -> bool {
        compile(&[pattern]).unwrap().is_match(value)
    }

    #[test]
    fn a_pattern_means_the_whole_value() {
        assert!(matches("[A-Z0-9]{17}", "SXZN2C000T0000007"));
        assert!(!matches("[A-Z0-9]{17}", "SXZN2C000T00000071"));
        assert!(!matches("[A-Z0-9]{17}", "SXZN2C000T0000007\n"));
        assert!(matches("a|b", "b"));
        assert!(!matches("a|b", "ab"));
        assert!(compile(&["x", "y"]).unwrap().is_match("y"));
    }

    #[test]
    fn what_means_something_else_in_other_dialects_is_translated() {
        assert!(matches("^$", "^$"));
        assert!(!matches("a.b", "a\nb"));
        assert!(matches("[a-z-[aeiou]]+", "xyz"));
        assert!(!matches("[a-z-[aeiou]]+", "xaz"));
        assert!(matches("[&&~~^-]+", "&~^-"));
        assert!(matches("[-+]", "-"));
        assert!(matches("\\i\\c*", "ds:name-1"));
        assert!(!matches("\\i\\c*", "1a"));
        assert!(matches("[\\s\\d]+", " 1\t"));
        assert!(matches("\\w+", "aé名1"));
        assert!(!matches("\\w+", "a-b"));
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for bad in [
            "\\p{IsGreek}",
            "(?i)a",
            "a**",
            "a*?",
            "[a[b]]",
            "[a",
            "(a",
            "a\\",
            "\\bx",
            "a{2}{3}",
        ] {
            assert!(compile(&[bad]).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_pattern_made_to_hang_does_not() {
        let evil = compile(&["(([a-z])+.)+[A-Z]([a-z])+"]).unwrap();
        assert!(!evil.is_match(&"a".repeat(100_000)));
    }
}

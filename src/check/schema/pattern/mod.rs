//! Patterns of XML Schema as patterns of the `regex` crate, which never backtracks.
//!
//! *Why not hand them over as they are*: the two dialects share most letters and differ in what they mean.
//! Everything is read by XML Schema's grammar and written anew; what the grammar does not know is refused.

mod blocks;
mod translate;

use regex::{Error, Regex, RegexBuilder};

use crate::check::schema::pattern::translate::translate;

/// The largest automaton of one pattern in octets: a text of ten thousand letters of Unicode fits.
const COMPILED_BYTES_MAX: usize = 10 << 20;

/// Compiles alternatives of one step of a derivation: a value must match one of them as a whole.
pub(crate) fn compile(patterns: &[&str]) -> Result<Regex, String> {
    let translated: Result<Vec<String>, String> = patterns
        .iter()
        .map(|pattern| translate(pattern).map_err(|what| format!("pattern '{pattern}': {what}")))
        .collect();
    let whole = format!("\\A(?:{})\\z", translated?.join("|"));
    let name = || patterns.join("' or '");
    RegexBuilder::new(&whole)
        .size_limit(COMPILED_BYTES_MAX)
        .build()
        .map_err(|error| match error {
            Error::CompiledTooBig(_) => format!(
                "pattern '{}' is too large: use smaller numbers in {{ }}",
                name()
            ),
            _ => format!("pattern '{}' cannot be compiled", name()),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, value: &str) -> bool {
        let form = compile(&[pattern]).unwrap_or_else(|what| panic!("{what}"));
        form.is_match(value)
    }

    fn check(pattern: &str, good: &[&str], bad: &[&str]) {
        for value in good {
            assert!(matches(pattern, value), "{pattern} takes {value:?}");
        }
        for value in bad {
            assert!(!matches(pattern, value), "{pattern} refuses {value:?}");
        }
    }

    #[test]
    fn a_pattern_means_the_whole_value() {
        check(
            "[A-Z0-9]{17}",
            &["SXZN2C000T0000007"],
            &["SXZN2C000T00000071", "SXZN2C000T0000007\n", ""],
        );
        check("a|b", &["a", "b"], &["ab", "", "c"]);
        check("", &[""], &["a"]);
        check("a|", &["", "a"], &["b"]);
        check("()", &[""], &["("]);
        assert!(compile(&["x", "y"]).unwrap().is_match("y"));
    }

    #[test]
    fn what_means_something_else_in_other_dialects_is_translated() {
        check("^$", &["^$"], &["", "$"]);
        check(
            "a.b",
            &["a b", "aéb", "a\u{2028}b"],
            &["a\nb", "a\rb", "ab"],
        );
        check("[&&~~^-]+", &["&~^-"], &["a"]);
        check("[-+]", &["-", "+"], &[","]);
        check("[+-]", &["-", "+"], &[","]);
        check("[^-a]", &["b"], &["-", "a"]);
        check("[a^]", &["a", "^"], &["b"]);
        check("[()|.?*+{}]+", &["()|.?*+{}"], &["a"]);
        check("#x20 \u{e9}", &["#x20 \u{e9}"], &["x20\u{e9}"]);
        check("a{2}", &["aa"], &["a", "aaa"]);
        check("a{2,}", &["aa", "aaa"], &["a"]);
        check("a{0,1}b{0}", &["", "a"], &["ab"]);
        check("a{,1}".replace(",1", "1,1").as_str(), &["a"], &["aa"]);
        check("(a|bc)+d?", &["abcd", "bc"], &["", "d"]);
    }

    #[test]
    fn escapes_mean_what_the_recommendation_says() {
        check(
            "\\n\\r\\t\\\\\\|\\.\\-\\^\\?\\*\\+\\{\\}\\(\\)\\[\\]",
            &["\n\r\t\\|.-^?*+{}()[]"],
            &[""],
        );
        check("\\i\\c*", &["name-1", "_:x", "é"], &["1a", "", "-a"]);
        check("[\\i\\c]+", &["1a-"], &[" "]);
        check("\\I\\C", &["1 ", "-,"], &["a ", "1a"]);
        check("[\\s\\d]+", &[" 1\t", "٣"], &["a", "\u{a0}"]);
        check("\\S\\D", &["a ", "\u{a0}a"], &[" a", "a1"]);
        check("\\w+", &["aé名1", "$+"], &["a-b", "a b", ""]);
        check("\\W+", &["-. "], &["a"]);
    }

    #[test]
    fn categories_and_blocks_are_known() {
        check("\\p{Lu}\\p{Ll}*", &["Été"], &["été", "A1"]);
        check("\\P{Lu}", &["a", "1"], &["A"]);
        check("\\p{IsBasicLatin}+", &["abc~"], &["é"]);
        check("\\P{IsBasicLatin}", &["é"], &["e"]);
        check("[\\p{IsGreek}\\p{IsCyrillic}-[Я]]+", &["Ωж"], &["Я", "a"]);
        check("\\p{IsGreekandCoptic}", &["Ω"], &["a"]);
        check("\\p{IsLatin-1Supplement}", &["é"], &["e"]);
        check("\\p{IsPrivateUse}", &["\u{E000}", "\u{F0000}"], &["a"]);
        check(
            "\\p{IsLowSurrogates}?\\P{IsHighSurrogates}",
            &["a"],
            &["", "aa"],
        );
        check("[^\\p{IsThai}\\p{Nd}]", &["a"], &["ก", "1"]);
    }

    #[test]
    fn one_class_may_be_taken_from_another() {
        check("[a-z-[aeiou]]+", &["xyz"], &["xaz"]);
        check("[^a-z-[A-Z]]", &["1", "é"], &["a", "A"]);
        check("[a-z-[b-y-[m]]]+", &["amz"], &["b", "n"]);
        check("[\\w-[\\d_]]+", &["ab"], &["a1"]);
        check("[a-d-[^a-c]]+", &["abc"], &["d"]);
        check("[a-c--[b]]+", &["a-c"], &["b"]);
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for bad in [
            "\\p{IsNowhere}",
            "\\p{Greek}",
            "\\p{Xx}",
            "\\p{Cs}",
            "\\p{}",
            "\\pL",
            "\\p{Lu",
            "(?i)a",
            "(?:a)",
            "a**",
            "a*?",
            "a{2}{3}",
            "a++",
            "*a",
            "(*a)",
            "a|*",
            "{2}",
            "a{",
            "a{,2}",
            "a{2,1}",
            "a{x}",
            "a{99999999999}",
            "a}",
            "]",
            "[a[b]]",
            "[a",
            "[",
            "[]",
            "[^]",
            "[z-a]",
            "[a-c-e]",
            "[--z]",
            "[a-\\d]",
            "[a-z-[b]x]",
            "[-[a]]",
            "(a",
            "a)",
            "a\\",
            "\\bx",
            "\\u0041",
            "\\x41",
            "\\1",
            "\\$",
        ] {
            assert!(compile(&[bad]).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_pattern_made_to_hang_does_not() {
        let evil = compile(&["(([a-z])+.)+[A-Z]([a-z])+"]).unwrap();
        assert!(!evil.is_match(&"a".repeat(100_000)));
        let long = compile(&[".{1,4000}"]).unwrap();
        assert!(long.is_match(&"é".repeat(4000)));
        assert!(!long.is_match(&"é".repeat(4001)));
    }

    #[test]
    fn a_pattern_too_large_is_refused() {
        let fault = compile(&["((\\w{1000}){1000}){1000}"]).unwrap_err();
        assert!(fault.contains("too large"), "{fault}");
        assert!(compile(&[&"(".repeat(100_000)]).is_err());
        let nested = format!("{}a{}", "(".repeat(5000), ")".repeat(5000));
        assert!(compile(&[&nested]).is_err());
        let nested = format!("{}[b]{}", "[a-".repeat(5000), "]".repeat(5000));
        assert!(compile(&[&nested]).is_err());
    }
}

//! What a password that somebody chose must be like: long, and not one that everybody tries first.
//!
//! No rule asks for capital letters, digits or signs: they make passwords that are hard to remember
//! and easy to guess.

use std::collections::HashSet;
use std::sync::OnceLock;

use crate::domain::account::LoginName;

/// The fewest characters of a password that somebody chose.
///
/// Source: NIST SP 800-63B-4 asks for 15 where a password alone lets in, 8 at the very least; we
/// slow down guessing and take 12.
pub const PASSWORD_CHARACTERS_MIN: usize = 12;

/// The most octets: more is no safer, and hashing must not be made to work for long.
const BYTES_MAX: usize = 1024;

/// Words and names that passwords are made of most often, and common passwords themselves, in small
/// letters.
const COMMON: &str = include_str!("common.txt");

/// The rows of keyboards, and the alphabet.
const ROWS: [&str; 6] = [
    "1234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "abcdefghijklmnopqrstuvwxyz",
];

/// Why a password may not be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// Fewer than [`PASSWORD_CHARACTERS_MIN`] characters.
    Short,
    /// More octets than are looked at.
    Long,
    /// It holds the log-in name.
    LoginName,
    /// One character, or a few, again and again.
    Repeated,
    /// Neighbours on the keyboard or in the alphabet.
    Row,
    /// A common password, or one or two common words with digits around them.
    Common,
}

/// Is `password` worth something for this user? Says nothing of the password itself.
pub fn check_password(password: &str, login: &LoginName) -> Result<(), Weakness> {
    if password.chars().count() < PASSWORD_CHARACTERS_MIN {
        return Err(Weakness::Short);
    }
    if password.len() > BYTES_MAX {
        return Err(Weakness::Long);
    }
    let small = password.to_lowercase();
    let name = login.as_str().split('@').next().unwrap_or_default();
    if small.contains(login.as_str()) || name.len() > 3 && small.contains(name) {
        return Err(Weakness::LoginName);
    }
    if is_repeated(&small) {
        return Err(Weakness::Repeated);
    }
    if is_row(&small) {
        return Err(Weakness::Row);
    }
    if is_common(&small) {
        return Err(Weakness::Common);
    }
    Ok(())
}

/// Is it made of few enough different characters that it must be a pattern?
fn is_repeated(small: &str) -> bool {
    let different: HashSet<char> = small.chars().collect();
    different.len() <= 3
}

/// Are most neighbours in it also neighbours on a keyboard?
fn is_row(small: &str) -> bool {
    let steps = small.chars().zip(small.chars().skip(1));
    let (mut near, mut all) = (0_usize, 0_usize);
    for (one, other) in steps {
        all += 1;
        near += usize::from(one == other || are_neighbours(one, other));
    }
    near * 5 >= all * 4
}

fn are_neighbours(one: char, other: char) -> bool {
    ROWS.iter().any(|row| {
        let place = |letter| row.chars().position(|known| known == letter);
        match (place(one), place(other)) {
            (Some(one), Some(other)) => {
                let apart = one.abs_diff(other);
                // Rows are walked round and round.
                apart == 1 || apart == row.len() - 1
            }
            _ => false,
        }
    })
}

/// One or two common words, whatever stands before and after them, with digits for letters or not.
fn is_common(small: &str) -> bool {
    let core = small.trim_matches(|letter: char| !letter.is_alphabetic());
    let letters = |text: &str| -> String { text.chars().filter(|c| c.is_alphabetic()).collect() };
    let plain = letters(core);
    // `p4ssw0rd`: what stands at the ends may be a letter, too.
    let meant = letters(&small.chars().map(meant).collect::<String>());
    let inner = letters(&core.chars().map(self::meant).collect::<String>());
    [plain, meant, inner].iter().any(|text| is_made_of(text))
}

/// The letter that a digit or sign stands for, by habit.
const fn meant(letter: char) -> char {
    match letter {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// Is it one common word, once or several times, or two?
fn is_made_of(text: &str) -> bool {
    static WORDS: OnceLock<HashSet<&'static str>> = OnceLock::new();
    let words = WORDS.get_or_init(|| COMMON.split_whitespace().collect());
    // Two letters and fewer are left of a password that is made of digits.
    if text.len() < 3 {
        return false;
    }
    if words.contains(text) {
        return true;
    }
    let ends = text.char_indices().skip(1).map(|(place, _)| place);
    ends.filter_map(|end| text.split_at_checked(end))
        .any(|(one, rest)| {
            words.contains(one) && (words.contains(rest) || rest.replace(one, "").is_empty())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weakness(password: &str) -> Option<Weakness> {
        let login = LoginName::new("annabel@example.com").unwrap();
        check_password(password, &login).err()
    }

    #[test]
    fn a_chosen_password_must_be_worth_something() {
        for good in [
            "correct horse battery",
            "k7m2q-aaaaa-92xyz",
            "Zebras never vote twice",
            "meine katze heißt paul",
            "3 lorries and 1 spanner",
        ] {
            assert_eq!(weakness(good), None, "{good}");
        }
        for (bad, why) in [
            ("elevenchars", Weakness::Short),
            (&"ab c".repeat(300), Weakness::Long),
            ("my-Annabel-password", Weakness::LoginName),
            ("xxxxxxxxxxxxxxxx", Weakness::Repeated),
            ("121212121212", Weakness::Repeated),
            ("123456789012", Weakness::Row),
            ("Qwertyuiop12", Weakness::Row),
            ("abcdefghijkl", Weakness::Row),
            ("Password2026!", Weakness::Common),
            ("P4ssw0rd!!!!", Weakness::Common),
            ("12345Welcome12345", Weakness::Common),
            ("letmeinletmein", Weakness::Common),
            ("Summer-Holiday-26", Weakness::Common),
            ("iloveyou iloveyou iloveyou", Weakness::Common),
            ("Manchester United 1", Weakness::Common),
        ] {
            assert_eq!(weakness(bad), Some(why), "{bad}");
        }
    }

    #[test]
    fn the_list_is_of_words_in_small_letters() {
        assert!(COMMON.split_whitespace().count() > 1000);
        for word in COMMON.split_whitespace() {
            assert_eq!(word, word.to_lowercase());
        }
    }
}

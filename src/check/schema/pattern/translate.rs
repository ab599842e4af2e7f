//! Reads a pattern by XML Schema's grammar and writes it in that of the `regex` crate.

use std::fmt::Write;
use std::str::Chars;

use crate::check::schema::pattern::blocks::block;

/// How deep groups, or classes in classes, may lie in each other.
const DEPTH_MAX: usize = 50;

/// What `\i` and `\c` stand for.
const NAME_START: &str = r"_:A-Za-z\x{C0}-\x{D6}\x{D8}-\x{F6}\x{F8}-\x{2FF}\x{370}-\x{37D}\x{37F}-\x{1FFF}\x{200C}-\x{200D}\x{2070}-\x{218F}\x{2C00}-\x{2FEF}\x{3001}-\x{D7FF}\x{F900}-\x{FDCF}\x{FDF0}-\x{FFFD}\x{10000}-\x{EFFFF}";
const NAME_MORE: &str = r"\-.0-9\x{B7}\x{300}-\x{36F}\x{203F}-\x{2040}";

/// The categories of characters that `\p` can name.
const CATEGORIES: &[&str] = &[
    "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc",
    "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Z", "Zs", "Zl", "Zp", "S", "Sm", "Sc", "Sk", "So", "C",
    "Cc", "Cf", "Co", "Cn",
];

/// The blocks that hold no characters, only halves of such in UTF-16.
const SURROGATES: &[&str] = &[
    "IsHighSurrogates",
    "IsHighPrivateUseSurrogates",
    "IsLowSurrogates",
];

/// The pattern in the other dialect.
pub(super) fn translate(pattern: &str) -> Result<String, String> {
    let mut translator = Translator {
        letters: pattern.chars(),
        out: String::with_capacity(pattern.len() + 8),
    };
    translator.whole()?;
    Ok(translator.out)
}

struct Translator<'p> {
    letters: Chars<'p>,
    out: String,
}

/// What an escape stands for.
enum Escape {
    One(char),
    Class(String),
}

impl Translator<'_> {
    fn whole(&mut self) -> Result<(), String> {
        let mut depth = 0_usize;
        // Does what came last take a quantifier?
        let mut is_atom = false;
        while let Some(letter) = self.letters.next() {
            match letter {
                '(' => {
                    depth += 1;
                    if depth > DEPTH_MAX {
                        return Err(format!("more than {DEPTH_MAX} groups lie in each other"));
                    }
                    self.out.push_str("(?:");
                }
                ')' => {
                    depth = depth.checked_sub(1).ok_or("a ')' closes nothing")?;
                    self.out.push(')');
                }
                '|' => self.out.push('|'),
                '.' => self.out.push_str("[^\\n\\r]"),
                '[' => self.class(0)?,
                '\\' => match self.escape()? {
                    Escape::One(letter) => self.literal(letter),
                    Escape::Class(class) => self.out.push_str(&class),
                },
                '?' | '*' | '+' | '{' if !is_atom => {
                    return Err(format!("there is nothing that '{letter}' could repeat"));
                }
                '?' | '*' | '+' => self.out.push(letter),
                '{' => self.quantity()?,
                '}' | ']' => return Err(format!("a '{letter}' must be escaped")),
                _ => self.literal(letter),
            }
            is_atom = !matches!(letter, '(' | '|' | '?' | '*' | '+' | '{');
        }
        if depth > 0 {
            return Err("a group is not closed".to_owned());
        }
        Ok(())
    }

    /// What follows a `{`.
    fn quantity(&mut self) -> Result<(), String> {
        let rest = self.letters.as_str();
        let (inside, rest) = rest.split_once('}').ok_or("a '{' is not closed")?;
        let (least, most) = match inside.split_once(',') {
            None => (inside, Some(inside)),
            Some((least, "")) => (least, None),
            Some((least, most)) => (least, Some(most)),
        };
        let number = |text: &str| -> Result<u32, String> {
            let is_number = text.bytes().all(|octet| octet.is_ascii_digit());
            let number = text.parse().ok().filter(|_| is_number);
            number.ok_or_else(|| format!("'{{{inside}}}' is no quantity"))
        };
        let (least, most) = (number(least)?, most.map(number).transpose()?);
        if most.is_some_and(|most| most < least) {
            return Err(format!("'{{{inside}}}' ends before it begins"));
        }
        // Writing to a String cannot fail.
        let _ = match most {
            Some(most) => write!(self.out, "{{{least},{most}}}"),
            None => write!(self.out, "{{{least},}}"),
        };
        self.letters = rest.chars();
        Ok(())
    }

    /// What follows a `[`.
    fn class(&mut self, depth: usize) -> Result<(), String> {
        if depth > DEPTH_MAX {
            return Err(format!("more than {DEPTH_MAX} classes lie in each other"));
        }
        // A second pair of brackets keeps what is taken away apart from a '^'.
        self.out.push_str("[[");
        if self.take('^') {
            self.out.push('^');
        }
        let mut is_empty = true;
        loop {
            let letter = self.letters.next().ok_or("a class is not closed")?;
            match letter {
                ']' if is_empty => return Err("a class is empty".to_owned()),
                ']' => {
                    self.out.push_str("]]");
                    return Ok(());
                }
                '-' if !is_empty && self.take('[') => {
                    self.out.push_str("]--");
                    self.class(depth + 1)?;
                    if !self.take(']') {
                        return Err("what is taken from a class must stand at its end".to_owned());
                    }
                    self.out.push(']');
                    return Ok(());
                }
                // At the end a '-' stands for itself, also before what is taken away.
                '-' if is_empty || self.peek() == Some(']') => self.literal('-'),
                '-' if self.letters.as_str().starts_with("-[") => self.literal('-'),
                '-' => return Err("a '-' inside a class must be escaped".to_owned()),
                '[' => return Err("a '[' inside a class must be escaped".to_owned()),
                '\\' => match self.escape()? {
                    Escape::One(letter) => self.range(letter)?,
                    Escape::Class(class) => self.out.push_str(&class),
                },
                letter => self.range(letter)?,
            }
            is_empty = false;
        }
    }

    /// One character of a class, or those from it to another.
    fn range(&mut self, first: char) -> Result<(), String> {
        self.literal(first);
        let mut ahead = self.letters.clone();
        let is_range = ahead.next() == Some('-')
            && ahead.next().is_some_and(|next| !matches!(next, ']' | '['));
        if !is_range {
            return Ok(());
        }
        self.letters.next();
        let last = match self.letters.next() {
            Some('\\') => match self.escape()? {
                Escape::One(letter) => letter,
                Escape::Class(_) => return Err("a range must end in one character".to_owned()),
            },
            Some('-') | None => return Err("a '-' inside a class must be escaped".to_owned()),
            Some(letter) => letter,
        };
        if last < first {
            return Err(format!("the range from '{first}' to '{last}' is empty"));
        }
        self.out.push('-');
        self.literal(last);
        Ok(())
    }

    /// What follows a `\`.
    fn escape(&mut self) -> Result<Escape, String> {
        let letter = self.letters.next().ok_or("it ends in a '\\'")?;
        let class = match letter {
            'n' => return Ok(Escape::One('\n')),
            'r' => return Ok(Escape::One('\r')),
            't' => return Ok(Escape::One('\t')),
            '\\' | '|' | '.' | '?' | '*' | '+' | '(' | ')' | '{' | '}' | '-' | '[' | ']' | '^' => {
                return Ok(Escape::One(letter));
            }
            'p' | 'P' => return self.property(letter == 'P').map(Escape::Class),
            'd' => "\\p{Nd}".to_owned(),
            'D' => "\\P{Nd}".to_owned(),
            's' => "[\\x20\\t\\n\\r]".to_owned(),
            'S' => "[^\\x20\\t\\n\\r]".to_owned(),
            'w' => "[^\\p{P}\\p{Z}\\p{C}]".to_owned(),
            'W' => "[\\p{P}\\p{Z}\\p{C}]".to_owned(),
            'i' => format!("[{NAME_START}]"),
            'I' => format!("[^{NAME_START}]"),
            'c' => format!("[{NAME_START}{NAME_MORE}]"),
            'C' => format!("[^{NAME_START}{NAME_MORE}]"),
            _ => return Err(format!("'\\{letter}' means nothing in XML Schema")),
        };
        Ok(Escape::Class(class))
    }

    /// What follows `\p` or `\P`.
    fn property(&mut self, is_negative: bool) -> Result<String, String> {
        let rest = self.letters.as_str();
        let (name, rest) = rest
            .strip_prefix('{')
            .and_then(|rest| rest.split_once('}'))
            .ok_or("'\\p' must be followed by a name in { }")?;
        self.letters = rest.chars();
        if CATEGORIES.contains(&name) {
            let letter = if is_negative { 'P' } else { 'p' };
            return Ok(format!("\\{letter}{{{name}}}"));
        }
        let mut class = String::from(if is_negative { "[^" } else { "[" });
        let empty = class.len();
        for (first, last) in name.strip_prefix("Is").into_iter().flat_map(block) {
            // Writing to a String cannot fail.
            let _ = write!(class, "\\x{{{first:X}}}-\\x{{{last:X}}}");
        }
        if SURROGATES.contains(&name) {
            // No character lies there.
            let none = if is_negative { "[" } else { "[^" };
            return Ok(format!("{none}\\x{{0}}-\\x{{10FFFF}}]"));
        }
        if class.len() == empty {
            return Err(format!(
                "'{name}' is no category and no block of characters"
            ));
        }
        class.push(']');
        Ok(class)
    }

    fn literal(&mut self, letter: char) {
        if letter.is_ascii_alphanumeric() {
            self.out.push(letter);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(self.out, "\\x{{{:X}}}", u32::from(letter));
        }
    }

    fn peek(&self) -> Option<char> {
        self.letters.clone().next()
    }

    fn take(&mut self, letter: char) -> bool {
        let is_there = self.peek() == Some(letter);
        if is_there {
            self.letters.next();
        }
        is_there
    }
}

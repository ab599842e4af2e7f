//! Findings while they are collected: places still as offsets, at most so many.

use crate::check::place::places;
use crate::check::{catalogue, items};
use crate::domain::outcome::{Finding, Layer, Severity};

/// No more findings against the schema are collected past this many.
///
/// Reason: a hostile file can have one in every element; a receipt holds 200.
const COLLECTED_MAX: usize = 1000;

/// The most characters of a value that a finding repeats.
const SHOWN_CHARS_MAX: usize = 100;

/// A finding whose place is still an offset into the text.
#[derive(Debug)]
struct Found {
    finding: Finding,
    /// `None` when it is about the file as a whole.
    at: Option<usize>,
}

/// The findings of one reading.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<Found>,
}

impl Findings {
    /// Adds a finding, unless it is one against the schema and there are too many already.
    pub(crate) fn push(&mut self, finding: Finding, at: Option<usize>) {
        if finding.layer < Layer::Schema || !self.is_full() {
            self.list.push(Found { finding, at });
        }
    }

    /// Would one more against the schema be dropped?
    pub(crate) fn is_full(&self) -> bool {
        self.list.len() >= COLLECTED_MAX
    }

    /// All of them, with their lines and columns in `text`, the items of the certificate named, and
    /// what to do in general where nothing better is known.
    pub(crate) fn placed(self, text: &str) -> Vec<Finding> {
        let offsets: Vec<usize> = self.list.iter().filter_map(|found| found.at).collect();
        let mut places = places(text, &offsets).into_iter();
        self.list
            .into_iter()
            .map(|found| {
                (
                    found.at.and_then(|_| places.next()),
                    items::named(found.finding),
                )
            })
            .map(|(place, finding)| {
                let help = match finding.help.as_str() {
                    "" => catalogue::help(finding.code).to_owned(),
                    _ => finding.help,
                };
                Finding {
                    place,
                    help,
                    ..finding
                }
            })
            .collect()
    }
}

/// An error with nothing but a message and help.
pub(crate) fn error(code: &'static str, layer: Layer, message: &str, help: &str) -> Finding {
    Finding {
        code,
        severity: Severity::Error,
        layer,
        place: None,
        path: String::new(),
        value: None,
        expected: None,
        message: message.to_owned(),
        help: help.to_owned(),
    }
}

/// `text` fit to be shown: at most 100 characters, control characters and their like escaped.
pub(crate) fn shorten(text: &str) -> String {
    let mut shown = String::new();
    let mut count = 0;
    for letter in text.chars() {
        let is_plain = !letter.is_control() && !is_invisible(letter);
        let width = if is_plain {
            1
        } else {
            letter.escape_default().count()
        };
        if count + width > SHOWN_CHARS_MAX {
            // Makes room for the mark that something is missing.
            if count == SHOWN_CHARS_MAX {
                shown.pop();
            }
            shown.push('…');
            return shown;
        }
        count += width;
        if is_plain {
            shown.push(letter);
        } else {
            shown.extend(letter.escape_default());
        }
    }
    shown
}

/// Characters that turn or hide the text around them.
const fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::outcome::Place;

    #[test]
    fn a_shown_value_is_short_and_tame() {
        assert_eq!(shorten("plain é"), "plain é");
        assert_eq!(shorten("a\nb\u{202E}"), "a\\nb\\u{202e}");
        assert_eq!(shorten(&"x".repeat(100)), "x".repeat(100));
        assert_eq!(shorten(&"x".repeat(101)), format!("{}…", "x".repeat(99)));
        assert!(shorten(&"\u{1}".repeat(1000)).chars().count() <= 100);
    }

    #[test]
    fn an_error_that_ends_the_reading_is_never_lost() {
        let mut findings = Findings::default();
        for _ in 0..2000 {
            findings.push(error("S03-x", Layer::Schema, "", ""), Some(1));
        }
        findings.push(error("X01-x", Layer::Xml, "", ""), Some(2));
        let placed = findings.placed("12\n");
        assert_eq!(placed.len(), 1001);
        let last = placed.last().unwrap();
        assert_eq!(last.code, "X01-x");
        assert_eq!(last.place, Some(Place { line: 1, column: 3 }));
    }
}

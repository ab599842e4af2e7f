//! Findings while they are collected: places still as offsets, at most so many.

use std::borrow::Cow;

use crate::check::place::places;
use crate::check::{catalogue, items};
use crate::domain::outcome::{FINDINGS_MAX, Finding, Layer, Place, Severity};

/// The most characters of a value that a finding repeats.
const SHOWN_CHARS_MAX: usize = 100;

/// The findings of one reading. Of those against the schema only the first [`FINDINGS_MAX`] by place
/// are kept, which is as many as a receipt lists; the others are counted.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<Finding>,
    /// Where each stands; [`NOWHERE`] when it is about the file as a whole.
    offsets: Vec<usize>,
    /// Where the last by place of those that are kept stands, once there is no room for more.
    last: usize,
    unlisted: u32,
    /// From where on values may be at fault without a finding that says so.
    doubtful_from: Option<usize>,
}

/// Up to so many findings the room that their sentences do not need does not matter.
const FEW: usize = 16;

/// The place of what is about the file as a whole.
const NOWHERE: usize = usize::MAX;

/// Findings with lines and columns.
#[derive(Debug, Default)]
pub(crate) struct Placed {
    /// Those that are listed.
    pub(crate) findings: Vec<Finding>,
    /// How many errors against the schema there are besides.
    pub(crate) unlisted: u32,
    /// From where on values may be at fault without a finding that says so.
    pub(crate) doubtful_from: Option<Place>,
}

impl Findings {
    /// Adds a finding that ends or precedes the reading: never lost.
    pub(crate) fn push(&mut self, finding: Finding, at: Option<usize>) {
        self.make_room();
        self.list.push(finding);
        self.offsets.push(at.unwrap_or(NOWHERE));
    }

    /// Would a finding against the schema that stands at `at` be listed? If not, it is counted here.
    pub(crate) fn wants(&mut self, code: &str, at: usize) -> bool {
        let is_wanted = !self.is_full() || at < self.last;
        if !is_wanted {
            self.leave_out(code, at);
        }
        is_wanted
    }

    /// Adds a finding against the schema that is wanted, in place of the last one if there are enough.
    pub(crate) fn add(&mut self, finding: Finding, at: usize) {
        if self.is_full() {
            let last = self.offsets.iter().rposition(|known| *known == self.last);
            if let Some(last) = last {
                self.offsets.remove(last);
                let left_out = self.list.remove(last);
                self.leave_out(left_out.code, self.last);
            }
        }
        let finding = if self.list.len() < FEW {
            finding
        } else {
            trimmed(finding)
        };
        self.push(finding, Some(at));
        if self.is_full() {
            let in_text = self.offsets.iter().filter(|at| **at != NOWHERE);
            self.last = in_text.copied().max().unwrap_or_default();
        }
    }

    /// Are there as many findings as will be listed?
    pub(crate) fn is_full(&self) -> bool {
        self.list.len() >= FINDINGS_MAX
    }

    fn leave_out(&mut self, code: &str, at: usize) {
        self.unlisted = self.unlisted.saturating_add(1);
        if code.starts_with("S03") {
            let from = self.doubtful_from.unwrap_or(at);
            self.doubtful_from = Some(from.min(at));
        }
    }

    /// Doubles the room, but makes none for more than there will be.
    fn make_room(&mut self) {
        let count = self.list.len();
        if count == self.list.capacity() && count < FINDINGS_MAX {
            let more = count.max(4).min(FINDINGS_MAX - count);
            self.list.reserve_exact(more);
            self.offsets.reserve_exact(more);
        }
    }

    /// All of them, with their lines and columns in `text`, the items of the certificate named, and
    /// what to do in general where nothing better is known.
    pub(crate) fn placed(self, text: &str) -> Placed {
        let mut offsets = self.offsets;
        offsets.extend(self.doubtful_from);
        let mut places = places(text, &offsets);
        let doubtful_from = self.doubtful_from.and_then(|_| places.pop());
        let mut findings = self.list;
        for ((finding, place), at) in findings.iter_mut().zip(places).zip(offsets) {
            finding.place = (at != NOWHERE).then_some(place);
            items::name(finding);
            if finding.help.is_empty() {
                finding.help = Cow::Borrowed(catalogue::help(finding.code));
            }
        }
        Placed {
            findings,
            unlisted: self.unlisted,
            doubtful_from,
        }
    }
}

/// Gives back the room that the texts of a finding do not need.
fn trimmed(mut finding: Finding) -> Finding {
    finding.path.shrink_to_fit();
    finding.message.shrink_to_fit();
    if let Some(expected) = &mut finding.expected {
        expected.shrink_to_fit();
    }
    finding
}

/// An error with nothing but a message and help.
pub(crate) fn error(
    code: &'static str,
    layer: Layer,
    message: &str,
    help: impl Into<Cow<'static, str>>,
) -> Finding {
    Finding {
        code,
        severity: Severity::Error,
        layer,
        place: None,
        path: String::new(),
        value: None,
        expected: None,
        message: message.to_owned(),
        help: help.into(),
    }
}

/// `text` fit to be shown: at most 100 characters, control characters and their like escaped.
pub(crate) fn shorten(text: &str) -> String {
    // Exact for nearly every value.
    let mut shown = String::with_capacity(text.len().min(SHOWN_CHARS_MAX));
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

    fn wrong(number: usize) -> Finding {
        error("S03-x", Layer::Schema, &number.to_string(), "")
    }

    fn add(findings: &mut Findings, finding: Finding, at: usize) {
        if findings.wants(finding.code, at) {
            findings.add(finding, at);
        }
    }

    #[test]
    fn an_error_that_ends_the_reading_is_never_lost() {
        let mut findings = Findings::default();
        for number in 0..2000 {
            add(&mut findings, wrong(number), 1);
        }
        findings.push(error("X01-x", Layer::Xml, "", ""), Some(2));
        let placed = findings.placed("12\n");
        assert_eq!((placed.findings.len(), placed.unlisted), (201, 1800));
        let last = placed.findings.last().unwrap();
        assert_eq!(last.code, "X01-x");
        assert_eq!(last.place, Some(Place { line: 1, column: 3 }));
    }

    #[test]
    fn the_first_by_place_are_listed_in_whatever_order_they_come() {
        let text = "x".repeat(1000);
        let mut findings = Findings::default();
        // 7 has no factor in common with 1000: every place comes once.
        for number in 0..1000 {
            let at = number * 7 % 1000;
            add(&mut findings, wrong(at), at);
        }
        let placed = findings.placed(&text);
        let mut listed: Vec<usize> = placed
            .findings
            .iter()
            .map(|finding| finding.message.parse().unwrap())
            .collect();
        listed.sort_unstable();
        assert_eq!(listed, (0..200).collect::<Vec<_>>());
        assert_eq!(placed.unlisted, 800);
        let from = Place {
            line: 1,
            column: 201,
        };
        assert_eq!(placed.doubtful_from, Some(from));
    }
}

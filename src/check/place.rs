//! From offsets in the text to lines and columns, for many offsets in one pass.

use crate::check::xml::chars::has_octet;
use crate::domain::outcome::Place;

/// The places of `offsets`, in their order. Lines end at `\n`, `\r\n` or `\r`; columns count
/// characters; both begin with 1.
pub(crate) fn places(text: &str, offsets: &[usize]) -> Vec<Place> {
    let mut order: Vec<usize> = (0..offsets.len()).collect();
    let offset = |index: &usize| offsets.get(*index).copied().unwrap_or(0).min(text.len());
    order.sort_by_key(offset);
    let mut places = vec![Place { line: 1, column: 1 }; offsets.len()];
    if offsets.is_empty() {
        return places;
    }
    let mut cursor = Cursor::new(has_octet(text, b'\r'));
    for index in &order {
        if let Some(place) = places.get_mut(*index) {
            *place = cursor.place(text, offset(index));
        }
    }
    places
}

/// A position in a text with its line and column, which moves on through it.
#[derive(Debug)]
pub(crate) struct Cursor {
    at: usize,
    line: u32,
    column: u32,
    /// Is there any `\r` in the text?
    has_returns: bool,
}

impl Cursor {
    /// At the beginning of a text. `has_returns` says whether there is any `\r` in it.
    pub(crate) fn new(has_returns: bool) -> Self {
        Self {
            at: 0,
            line: 1,
            column: 1,
            has_returns,
        }
    }

    /// The place of `offset` in that text, which is not smaller than the one before.
    pub(crate) fn place(&mut self, text: &str, offset: usize) -> Place {
        self.advance(text, offset.min(text.len()));
        Place {
            line: self.line,
            column: self.column,
        }
    }

    fn advance(&mut self, text: &str, to: usize) {
        let octets = text.as_bytes();
        let (lines, line_start) = if self.has_returns {
            self.lines_of_any_end(octets, to)
        } else {
            self.lines(octets, to)
        };
        let from = line_start.unwrap_or(self.at);
        let passed = octets.get(from..to).unwrap_or_default();
        // Octets that do not begin a character are left out of the count.
        let characters = passed
            .iter()
            .filter(|octet| (**octet & 0xC0) != 0x80)
            .count();
        let before = if line_start.is_some() { 1 } else { self.column };
        self.line = self
            .line
            .saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.column = before.saturating_add(u32::try_from(characters).unwrap_or(u32::MAX));
        self.at = to.max(self.at);
    }

    /// How many lines end before `to`, and where the last of them does, if all end at `\n`.
    fn lines(&self, octets: &[u8], to: usize) -> (usize, Option<usize>) {
        let passed = octets.get(self.at..to).unwrap_or_default();
        // In pieces whose count fits an octet, the compiler turns it into wide instructions.
        let lines = passed.chunks(255).map(|piece| {
            let count = piece.iter().fold(0_u8, |count, octet| {
                count.wrapping_add(u8::from(*octet == b'\n'))
            });
            usize::from(count)
        });
        let last = passed.iter().rposition(|octet| *octet == b'\n');
        (lines.sum(), last.map(|last| self.at + last + 1))
    }

    /// The same if some end at `\r` or at both.
    fn lines_of_any_end(&self, octets: &[u8], to: usize) -> (usize, Option<usize>) {
        let mut line_start = None;
        let mut at = self.at;
        let mut lines = 0_usize;
        while let Some(found) = octets
            .get(at..to)
            .and_then(|rest| rest.iter().position(|octet| matches!(octet, b'\n' | b'\r')))
        {
            at += found + 1;
            // The two octets of one line end count once, also when `to` parts them.
            let is_pair = octets.get(at - 1) == Some(&b'\r') && octets.get(at) == Some(&b'\n');
            if !is_pair {
                lines += 1;
                line_start = Some(at);
            }
        }
        (lines, line_start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, offsets: &[usize]) -> Vec<(u32, u32)> {
        places(text, offsets)
            .into_iter()
            .map(|place| (place.line, place.column))
            .collect()
    }

    #[test]
    fn columns_count_characters_and_all_three_line_ends_count() {
        let text = "é1\n名2\r\n3\r4";
        assert_eq!(
            at(text, &[0, 2, 4, 7, 10, 11, 12, 99]),
            [
                (1, 1),
                (1, 2),
                (2, 1),
                (2, 2),
                (3, 1),
                (3, 2),
                (4, 1),
                (4, 2)
            ]
        );
    }

    #[test]
    fn lines_are_counted_alike_whatever_ends_them() {
        let text = "né\n".repeat(700);
        let offsets: Vec<usize> = (0..text.len()).step_by(101).collect();
        let with_one_return = format!("{text}\r");
        assert_eq!(at(&text, &offsets), at(&with_one_return, &offsets));
        assert_eq!(at(&text, &[4 * 600 + 3]), [(601, 3)]);
    }

    #[test]
    fn offsets_come_in_any_order() {
        assert_eq!(
            at("a\nb\nc", &[4, 0, 2, 2]),
            [(3, 1), (1, 1), (2, 1), (2, 1)]
        );
        assert_eq!(at("", &[0]), [(1, 1)]);
    }
}

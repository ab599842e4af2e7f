//! Names as small numbers: those of the schema in a fixed table, a document's others beside it.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};

/// A fixed set of names, each with its number.
///
/// Built once, looked up by every document: nothing that a stranger sends is ever put in, so a
/// simple and fast hash is safe.
#[derive(Debug, Default)]
pub(crate) struct Names {
    numbers: HashMap<Box<str>, u32, QuickHash>,
    list: Vec<Box<str>>,
}

impl Names {
    /// The number of `name`, which is given one if it has none.
    pub(crate) fn add(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.count();
        self.numbers.insert(name.into(), number);
        self.list.push(name.into());
        number
    }

    /// The number of `name`, if it has one.
    pub(crate) fn number(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// The name with this number; empty if there is none.
    pub(crate) fn name(&self, number: u32) -> &str {
        usize::try_from(number)
            .ok()
            .and_then(|number| self.list.get(number))
            .map_or("", |name| name)
    }

    /// How many there are; numbers run from 0.
    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.list.len()).unwrap_or(u32::MAX)
    }
}

/// The names of one document, numbered: the schema's by their numbers there, others after them.
#[derive(Debug)]
pub(crate) struct DocumentNames<'s, 'a> {
    known: &'s Names,
    // The standard hash, keyed at random: these names come from a stranger.
    others: HashMap<&'a str, u32>,
}

impl<'s, 'a> DocumentNames<'s, 'a> {
    /// None but the schema's.
    pub(crate) fn new(known: &'s Names) -> Self {
        Self {
            known,
            others: HashMap::new(),
        }
    }

    /// The number of `name`.
    pub(crate) fn number(&mut self, name: &'a str) -> u32 {
        if let Some(number) = self.known.number(name) {
            return number;
        }
        let next = u32::try_from(self.others.len()).unwrap_or(u32::MAX);
        let next = self.known.count().saturating_add(next);
        *self.others.entry(name).or_insert(next)
    }
}

/// Makes [`QuickHasher`]s.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct QuickHash;

impl BuildHasher for QuickHash {
    type Hasher = QuickHasher;

    fn build_hasher(&self) -> QuickHasher {
        QuickHasher(0)
    }
}

/// A multiplying hash over eight octets at a time, for fixed tables only.
#[derive(Debug)]
pub(crate) struct QuickHasher(u64);

impl QuickHasher {
    fn mix(&mut self, word: u64) {
        // 2^64 divided by the golden ratio: odd, and spreads neighbours widely.
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

impl Hasher for QuickHasher {
    fn write(&mut self, octets: &[u8]) {
        let Some(last) = octets.last_chunk::<8>() else {
            let short = octets
                .iter()
                .fold(0_u64, |word, octet| (word << 8) | u64::from(*octet));
            self.mix(short);
            return;
        };
        let (words, _) = octets.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        // Some octets for the second time, which is quicker than one by one.
        self.mix(u64::from_le_bytes(*last));
    }

    /// The mark that the standard library puts after each text.
    fn write_u8(&mut self, octet: u8) {
        self.0 ^= u64::from(octet);
    }

    fn write_u32(&mut self, word: u32) {
        self.mix(word.into());
    }

    fn finish(&self) -> u64 {
        // The table takes the low bits, the multiplication fills the high ones.
        self.0 ^ (self.0 >> 32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_number_in_the_table_and_in_the_document() {
        let mut names = Names::default();
        let header = names.add("Header");
        assert_eq!(names.add("Header"), header);
        assert_eq!(names.name(header), "Header");
        assert_eq!(names.number("Footer"), None);
        let mut document = DocumentNames::new(&names);
        assert_eq!(document.number("Header"), header);
        let footer = document.number("Footer");
        assert_eq!((footer, document.number("Footer")), (1, 1));
        assert_eq!(document.number("Other"), 2);
    }
}

//! Lists of codes: the values that an enumeration allows.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::check::names::QuickHash;

/// A list of codes with their meanings.
#[derive(Debug, Clone, Default)]
pub(crate) struct Codes {
    /// Each code and its meaning, in the order of the schema.
    pub(crate) list: Vec<(Box<str>, Box<str>)>,
    numbers: HashMap<Box<str>, usize, QuickHash>,
    /// The values, whatever their form; empty for texts, which have one form each.
    keys: HashSet<Box<str>, QuickHash>,
}

impl Codes {
    /// Adds a code.
    pub(crate) fn add(&mut self, code: &str, meaning: &str) {
        self.numbers.insert(code.into(), self.list.len());
        self.list.push((code.into(), meaning.into()));
    }

    /// Adds the key of a value that may be written in other ways than that of its code.
    pub(crate) fn add_key(&mut self, key: &str) {
        self.keys.insert(key.into());
    }

    /// Is `text` written as a code is?
    pub(crate) fn has(&self, text: &str) -> bool {
        self.numbers.contains_key(text)
    }

    /// What `code` means; `None` for no code of the list, and for one without a meaning.
    pub(crate) fn meaning(&self, code: &str) -> Option<&str> {
        let (_, meaning) = self.list.get(*self.numbers.get(code)?)?;
        Some(meaning.as_ref()).filter(|meaning| !meaning.is_empty())
    }

    /// Are values to be compared by their keys if they are not written as a code is?
    pub(crate) fn has_keys(&self) -> bool {
        !self.keys.is_empty()
    }

    /// Is this the key of a value that a code stands for?
    pub(crate) fn has_key(&self, key: &str) -> bool {
        self.keys.contains(key)
    }
}

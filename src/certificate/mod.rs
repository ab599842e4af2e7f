//! A document for people to read: what it holds, in sections, with items, units and words.
//!
//! *Reason for a room of its own*: the web view may neither read XML nor know the schema, and `check`
//! judges; it does not explain.
//!
//! *Invariant*: total, as `check` is, and within limits of its own, however little a document looks like
//! one; nothing else is dropped: each value of the document that was read is in its certificate, under its
//! element's name if we have no better one.

mod compare;
mod facts;
mod group;
mod labels;
mod layout;
mod names;
mod words;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::check::{Schema, Settings, outline};

pub use compare::{Comparison, Difference, Kind};

/// The most elements and attributes of a document that are shown. Reason: the longest certificates have
/// a few thousand; a page must stay one that a browser can draw.
const PARTS_MAX: usize = 20_000;

/// A document, for people to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Its sections; none is empty.
    pub sections: Vec<Section>,
    /// Does it hold all that the document holds? If not, the document is broken or too long.
    pub is_whole: bool,
}

/// A part of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What stands above it.
    pub title: &'static str,
    /// What stands once.
    pub entries: Vec<Entry>,
    /// What may stand more than once.
    pub tables: Vec<Table>,
}

/// One item with its value, or with several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub field: Field,
    /// Its values; never none.
    pub values: Vec<Value>,
}

/// What a value is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The element that holds it.
    pub element: String,
    /// The item of the certificate, such as `16.2`.
    pub item: Option<&'static str>,
    /// What it is called.
    pub name: String,
    /// The unit of its values; empty if it has none.
    pub unit: &'static str,
}

/// A value as it stands in the document, and in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// As it stands there.
    pub text: String,
    /// In words, if it is a code or a date; else empty.
    pub words: String,
}

/// Rows with the same fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// What stands above it.
    pub title: String,
    /// What the values are of, in the order of [`Record::cells`].
    pub fields: Vec<Field>,
    /// The rows.
    pub records: Vec<Record>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Which it is, such as `Axle 1, tyre 2`; empty if it is the only one.
    pub label: String,
    /// The values of each field.
    pub cells: Vec<Vec<Value>>,
}

impl Value {
    /// In words if there are any, with the text as it stands in brackets, unless the words make it
    /// plain what stands there.
    pub fn reading(&self) -> String {
        let is_plain = matches!(
            (self.text.as_str(), self.words.as_str()),
            ("Y", "Yes") | ("N", "No")
        );
        if self.words.is_empty() {
            self.text.clone()
        } else if is_plain || self.words.starts_with(&format!("{} ", self.text)) {
            self.words.clone()
        } else {
            format!("{} ({})", self.words, self.text)
        }
    }
}

/// Reads documents with a schema's words; cheap to clone.
#[derive(Debug, Clone)]
pub struct Reader {
    schema: Arc<Schema>,
    settings: Arc<Settings>,
}

impl Reader {
    /// Reads with the words of `schema`, within the limits of `settings`.
    pub const fn new(schema: Arc<Schema>, settings: Arc<Settings>) -> Self {
        Self { schema, settings }
    }

    /// Reads a document. Cannot fail: what cannot be read is missing, and the answer says so.
    pub fn read(&self, octets: &[u8]) -> Certificate {
        let outline = outline(&self.settings, octets, PARTS_MAX);
        let root = group::group(&outline.root);
        let facts = facts::facts(&root, &self.schema);
        Certificate {
            sections: layout::sections(facts.facts),
            is_whole: outline.is_whole && facts.are_all,
        }
    }

    /// What changed from one document to another.
    pub fn compare(&self, from: &[u8], to: &[u8]) -> Comparison {
        let from = outline(&self.settings, from, PARTS_MAX);
        let to = outline(&self.settings, to, PARTS_MAX);
        let is_whole = from.is_whole && to.is_whole;
        let (mut from, mut to) = (group::group(&from.root), group::group(&to.root));
        compare::align(&mut from, &mut to);
        let from = facts::facts(&from, &self.schema);
        let to = facts::facts(&to, &self.schema);
        let is_whole = is_whole && from.are_all && to.are_all;
        compare::compare(from.facts, to.facts, is_whole)
    }
}

//! How findings against the schema are worded and placed.

use crate::check::found::{Findings, error, shorten};
use crate::check::path::Path;
use crate::check::schema::Compiled;
use crate::check::xml::Reader;
use crate::domain::outcome::{Finding, Layer};

/// The most names that are listed as expected.
const NAMES_LISTED_MAX: usize = 12;

/// Where findings go, and where the reader stands.
#[derive(Debug)]
pub(crate) struct Report<'r, 'a> {
    /// The open elements.
    pub(crate) path: &'r Path<'a>,
    /// What was found so far.
    pub(crate) findings: &'r mut Findings,
}

impl Report<'_, '_> {
    /// Adds a finding, at the innermost open element unless `more` has a path.
    pub(crate) fn add(&mut self, code: &'static str, at: usize, message: String, more: Finding) {
        if !self.findings.wants(code, at) {
            return;
        }
        let path = if more.path.is_empty() {
            self.path.render()
        } else {
            more.path
        };
        let finding = Finding {
            code,
            path,
            message,
            ..more
        };
        self.findings.add(finding, at);
    }

    /// The name of the parent of the innermost open element.
    pub(crate) fn parent(&self) -> &str {
        self.path
            .depth()
            .checked_sub(2)
            .and_then(|depth| self.path.step(depth))
            .map_or("", |(local, _)| local)
    }

    /// Adds that an element has text although it says that it has none.
    pub(crate) fn nil_text(&mut self, reader: &Reader<'_>) {
        let name = self.path.name();
        let message = format!("There is text in element '{name}', which xsi:nil says is empty.");
        let more = Finding {
            value: Some(shorten(reader.text())),
            expected: Some("nothing, not even a blank".to_owned()),
            ..blank()
        };
        self.add("S04-nil", reader.text_at(), message, more);
    }

    /// Adds that a child is missing in the innermost open element, which ends at `at`; `None` for
    /// one that only a wildcard names.
    pub(crate) fn missing(&mut self, schema: &Compiled, element: Option<usize>, at: usize) {
        let what = match element.map(|element| schema.element_name(element)) {
            Some(name) => format!("element '{name}'"),
            None => "an element".to_owned(),
        };
        let parent = self.path.name();
        let message = match what.strip_prefix("element ") {
            Some(name) => format!("Element {name} is missing in element '{parent}'."),
            None => format!("There is an element missing in element '{parent}'."),
        };
        let more = Finding {
            expected: Some(what),
            help: item(element.map_or("", |element| schema.about(element))).into(),
            ..blank()
        };
        self.add("S01-missing-element", at, message, more);
    }
}

/// A finding with nothing in it yet.
pub(crate) fn blank() -> Finding {
    error("", Layer::Schema, "", "")
}

/// What an annotation says, unless it names an item of the certificate: the sentence does that.
pub(crate) fn item(about: &str) -> String {
    match about.strip_prefix("CoC ") {
        Some(_) => String::new(),
        None if about.is_empty() => String::new(),
        None => format!("The schema says: {about}."),
    }
}

/// Two sentences, or the one that is there.
pub(crate) fn joined(one: &str, other: &str) -> String {
    let sentences = [one, other].into_iter().filter(|text| !text.is_empty());
    sentences.collect::<Vec<_>>().join(" ")
}

/// The elements that might stand here instead.
pub(crate) fn one_of(schema: &Compiled, elements: impl Iterator<Item = usize>) -> String {
    let names: Vec<&str> = elements
        .map(|element| schema.element_name(element))
        .collect();
    let listed = names
        .iter()
        .take(NAMES_LISTED_MAX)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len() {
        0 => "no further element".to_owned(),
        1 => format!("element {listed}"),
        number if number <= NAMES_LISTED_MAX => format!("one of: {listed}"),
        number => format!("one of: {listed}, … ({} more)", number - NAMES_LISTED_MAX),
    }
}

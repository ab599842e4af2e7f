//! The names that elements of a document have, and those by which they mean each other.

use std::collections::HashSet;

use crate::check::found::shorten;
use crate::check::schema::report::{Report, blank};
use crate::domain::outcome::Finding;

/// No more names that nobody has yet are remembered than findings can be told.
const WANTED_MAX: usize = 1000;

/// The names of one document.
#[derive(Debug, Default)]
pub(crate) struct Ids {
    known: HashSet<String>,
    /// Names that were meant before anything had them: each once, with place and path.
    wanted: HashSet<String>,
    places: Vec<(String, usize, String)>,
}

impl Ids {
    /// An element has this name; `false` if another has it already.
    pub(crate) fn add(&mut self, name: &str) -> bool {
        self.known.insert(name.to_owned())
    }

    /// An element of this name is meant.
    pub(crate) fn want(&mut self, name: &str, at: usize, report: &Report<'_, '_>) {
        if self.known.contains(name) || self.wanted.contains(name) {
            return;
        }
        self.wanted.insert(name.to_owned());
        if self.places.len() < WANTED_MAX {
            self.places
                .push((name.to_owned(), at, report.path.render()));
        }
    }

    /// Tells the names that nothing has.
    pub(crate) fn finish(&mut self, report: &mut Report<'_, '_>) {
        for (name, at, path) in std::mem::take(&mut self.places) {
            if self.known.contains(&name) {
                continue;
            }
            let message = format!(
                "Nothing in this file has the name '{}' that is referred to here.",
                shorten(&name)
            );
            let more = Finding {
                path,
                value: Some(shorten(&name)),
                expected: Some("the name of an element in this file".to_owned()),
                ..blank()
            };
            report.add("S05-idref", at, message, more);
        }
    }
}

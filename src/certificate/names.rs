//! What the rows of a table are called: `Axle 1`, `Petrol (10)`, `Remark 2`.

use std::collections::HashMap;

use crate::certificate::group::Group;
use crate::certificate::labels;
use crate::certificate::words::value;
use crate::check::Schema;

/// Gives the rows of one group their names, one after the other.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// How many rows there were of each element.
    counts: HashMap<String, usize>,
    /// How often each name was given.
    given: HashMap<String, usize>,
}

impl Names {
    /// The name of the next row; empty if it is alone and nothing tells it from others.
    pub(super) fn of(&mut self, row: &Group, is_alone: bool, schema: &Schema) -> String {
        let known = labels::group(&row.element).filter(|_| !row.is_foreign);
        let one = known
            .map(|(_, known)| known.one)
            .filter(|one| !one.is_empty())
            .unwrap_or(&row.element);
        let keys = known.map_or(&[][..], |(_, known)| known.keys);
        let is_hidden = known.is_some_and(|(_, known)| known.hides_keys);
        let parts: Vec<String> = keys
            .iter()
            .filter_map(|key| part(row, key, (one, is_hidden), schema))
            .collect();
        let ordinal = self.counts.entry(row.element.clone()).or_default();
        *ordinal += 1;
        let name = match (parts.is_empty(), is_alone) {
            (false, _) => parts.join(", "),
            (true, true) => return String::new(),
            (true, false) => format!("{one} {ordinal}"),
        };
        let given = self.given.entry(name.clone()).or_default();
        *given += 1;
        // Rows in it have names of their own, which go on.
        if *given > 1 && row.rows.is_empty() {
            format!("{name} ({given})")
        } else {
            name
        }
    }
}

/// What a key says of a row: its number, or its value in words; with the text as it stands if the key
/// is shown nowhere else.
fn part(row: &Group, key: &str, (one, is_hidden): (&str, bool), schema: &Schema) -> Option<String> {
    let leaf = row.leaves.iter().find(|leaf| leaf.element == key)?;
    let text = leaf.texts.first().filter(|text| !text.is_empty())?;
    if key.contains("Number") && text.bytes().all(|octet| octet.is_ascii_digit()) {
        return Some(format!("{one} {text}"));
    }
    let value = value(schema, key, text, None);
    Some(if is_hidden {
        value.reading()
    } else if value.words.is_empty() {
        value.text
    } else {
        value.words
    })
}

/// The keys of a row that its name carries, so that the table need not.
pub(super) fn hidden_keys(row: &Group) -> Vec<&'static str> {
    let Some((_, known)) = labels::group(&row.element) else {
        return Vec::new();
    };
    let is_more = !row.groups.is_empty()
        || !row.rows.is_empty()
        || row
            .leaves
            .iter()
            .any(|leaf| !known.keys.contains(&leaf.element.as_str()));
    if !known.hides_keys || row.is_foreign || !is_more {
        return Vec::new();
    }
    let is_named = |key: &&&str| {
        let leaf = row.leaves.iter().find(|leaf| leaf.element == ***key);
        leaf.is_some_and(|leaf| leaf.texts.len() == 1 && !leaf.is_foreign)
    };
    known.keys.iter().filter(is_named).copied().collect()
}

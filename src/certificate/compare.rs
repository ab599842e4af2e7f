//! What changed from one document to another: by field, and by row where there are rows.
//!
//! The order of elements and of rows means nothing in the message. Rows belong together that are the
//! same in every value; of the others, those with the same keys; of those without keys, those that come
//! in the same turn.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use crate::certificate::facts::Fact;
use crate::certificate::group::{Group, Row};
use crate::certificate::labels::{self, Part};
use crate::certificate::{Field, Value};

/// What changed from one document to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    /// All fields of both, section by section: title and differences. None is empty.
    pub sections: Vec<(&'static str, Vec<Difference>)>,
    /// Were both documents read to their ends?
    pub is_whole: bool,
}

/// A field in both documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What the values are of.
    pub field: Field,
    /// The title of its table, and the name of its row; empty if it stands by itself.
    pub table: String,
    /// The name of its row; empty if there is only one, or none.
    pub row: String,
    /// What happened to it.
    pub kind: Kind,
    /// The values in the first document; none if it has none.
    pub from: Vec<Value>,
    /// The values in the second document.
    pub to: Vec<Value>,
}

/// What happened to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// It has the same values, maybe in another order.
    Same,
    /// It has other values.
    Changed,
    /// Only the second document has it.
    Added,
    /// Only the first document has it.
    Removed,
}

impl Comparison {
    /// How many fields of this kind there are.
    pub fn count(&self, kind: Kind) -> usize {
        self.sections
            .iter()
            .flat_map(|(_, differences)| differences)
            .filter(|difference| difference.kind == kind)
            .count()
    }
}

/// Gives rows that belong together the same number.
pub(super) fn align(from: &mut Group, to: &mut Group) {
    for (group, other) in pairs(&mut from.groups, &mut to.groups) {
        align(group, other);
    }
    let mut found = vec![None; to.rows.len()];
    let mut alone: Vec<usize> = (0..from.rows.len()).collect();
    for name in [content as fn(&Group) -> Name, identity, turn] {
        alone = matched(&from.rows, &to.rows, alone, &mut found, name);
    }
    for (number, row) in from.rows.iter_mut().enumerate() {
        row.number = number;
    }
    let mut next = from.rows.len();
    for (row, partner) in to.rows.iter_mut().zip(found) {
        if let Some(partner) = partner.and_then(|partner: usize| from.rows.get_mut(partner)) {
            row.number = partner.number;
            align(&mut partner.group, &mut row.group);
        } else {
            row.number = next;
            next += 1;
        }
    }
}

/// The groups of both sides that have the same element.
fn pairs<'g>(from: &'g mut [Group], to: &'g mut [Group]) -> Vec<(&'g mut Group, &'g mut Group)> {
    let mut waiting: HashMap<String, VecDeque<usize>> = HashMap::new();
    for (place, group) in from.iter().enumerate() {
        let places = waiting.entry(group.element.clone()).or_default();
        places.push_back(place);
    }
    let mut slots: Vec<Option<&'g mut Group>> = from.iter_mut().map(Some).collect();
    to.iter_mut()
        .filter_map(|other| {
            let place = waiting.get_mut(&other.element)?.pop_front()?;
            Some((slots.get_mut(place)?.take()?, other))
        })
        .collect()
}

/// What rows that belong together have in common, as a hash: of a fixed size, however deep a row is. Two
/// that are the same by chance stand side by side, and are compared value by value all the same.
type Name = u64;

fn name(of: impl Hash) -> Name {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// Finds for each row of `alone` the first row of `to` without a partner that has the same name;
/// gives those that found none.
fn matched(
    from: &[Row],
    to: &[Row],
    alone: Vec<usize>,
    found: &mut [Option<usize>],
    name: fn(&Group) -> Name,
) -> Vec<usize> {
    let mut waiting: HashMap<Name, VecDeque<usize>> = HashMap::new();
    for (place, row) in to.iter().enumerate() {
        if found.get(place).is_some_and(Option::is_none) {
            waiting
                .entry(name(&row.group))
                .or_default()
                .push_back(place);
        }
    }
    let mut left = Vec::new();
    for place in alone {
        let partner = from
            .get(place)
            .and_then(|row| waiting.get_mut(&name(&row.group))?.pop_front());
        match partner.and_then(|partner| found.get_mut(partner)) {
            Some(slot) => *slot = Some(place),
            None => left.push(place),
        }
    }
    left
}

/// All that a group holds, in an order of its own.
fn content(group: &Group) -> Name {
    let leaves = group.leaves.iter();
    let mut pieces: Vec<Name> = leaves
        .map(|leaf| name((&leaf.element, sorted(&leaf.texts))))
        .collect();
    pieces.extend(group.groups.iter().map(content));
    pieces.extend(group.rows.iter().map(|row| content(&row.group)));
    pieces.sort_unstable();
    name((&group.element, pieces))
}

/// What tells a row from others of its table.
fn identity(group: &Group) -> Name {
    let keys = keys(group).unwrap_or(SILENT_KEYS);
    let texts: Vec<Option<&Vec<String>>> = keys
        .iter()
        .map(|key| group.leaves.iter().find(|leaf| leaf.element == *key))
        .map(|leaf| leaf.map(|leaf| &leaf.texts))
        .collect();
    name((&group.element, texts))
}

/// Rows without keys belong together in their order, if nothing better is found.
fn turn(group: &Group) -> Name {
    if keys(group).is_some() {
        identity(group)
    } else {
        name(&group.element)
    }
}

fn keys(group: &Group) -> Option<&'static [&'static str]> {
    labels::group(&group.element)
        .map(|(_, known)| known.keys)
        .filter(|keys| !keys.is_empty())
}

/// What tells rows from each other most of the time, and is no name for them.
const SILENT_KEYS: &[&str] = &["EnergyConvertorCodeMarkedOnEnergyConvertor"];

fn sorted(texts: &[String]) -> Vec<&String> {
    let mut texts: Vec<&String> = texts.iter().collect();
    texts.sort();
    texts
}

/// Where a fact stands, apart from the names of things: the same in both documents.
type Spot = (Rc<str>, Vec<usize>, String, usize);

/// Holds the facts of two documents whose rows are aligned side by side.
pub(super) fn compare(from: Vec<Fact>, to: Vec<Fact>, is_whole: bool) -> Comparison {
    let mut others: HashMap<Spot, Fact> = spots(to).collect();
    let mut both: Vec<(Fact, Kind, Vec<Value>)> = Vec::new();
    for (spot, fact) in spots(from) {
        let (kind, values) = match others.remove(&spot) {
            None => (Kind::Removed, Vec::new()),
            Some(other) if is_same(&fact.values, &other.values) => (Kind::Same, other.values),
            Some(other) => (Kind::Changed, other.values),
        };
        both.push((fact, kind, values));
    }
    let mut added: Vec<(Spot, Fact)> = others.into_iter().collect();
    added.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (_, mut fact) in added {
        let values = std::mem::take(&mut fact.values);
        both.push((fact, Kind::Added, values));
    }
    both.sort_by(|(one, ..), (other, ..)| rank(one).cmp(&rank(other)));
    let mut sections: Vec<(Part, Vec<Difference>)> = Vec::new();
    for (fact, kind, to) in both {
        let part = fact.part;
        let difference = difference(fact, kind, to);
        match sections.last_mut() {
            Some((last, differences)) if *last == part => differences.push(difference),
            _ => sections.push((part, vec![difference])),
        }
    }
    let titled = |(part, differences): (Part, Vec<Difference>)| (part.title(), differences);
    Comparison {
        sections: sections.into_iter().map(titled).collect(),
        is_whole,
    }
}

/// Each fact with its spot; facts in one spot are counted.
fn spots(facts: Vec<Fact>) -> impl Iterator<Item = (Spot, Fact)> {
    let mut counts: HashMap<Spot, usize> = HashMap::new();
    facts.into_iter().map(move |fact| {
        let numbers = fact.place.as_ref().map(|place| place.numbers.clone());
        let element = fact.field.element.clone();
        let path = Rc::clone(&fact.path);
        let mut spot = (path, numbers.unwrap_or_default(), element, 0);
        let count = counts.entry(spot.clone()).or_default();
        spot.3 = *count;
        *count += 1;
        (spot, fact)
    })
}

fn is_same(from: &[Value], to: &[Value]) -> bool {
    let sorted = |values: &[Value]| {
        let mut texts: Vec<String> = values.iter().map(|value| value.text.clone()).collect();
        texts.sort();
        texts
    };
    sorted(from) == sorted(to)
}

/// By what facts are put in order.
fn rank(fact: &Fact) -> (Part, bool, usize, &str, &[usize], usize) {
    let place = fact.place.as_ref();
    (
        fact.part,
        place.is_some(),
        place.map_or(0, |place| place.order),
        place.map_or("", |place| &place.table),
        place.map_or(&[], |place| &place.numbers),
        fact.order,
    )
}

fn difference(fact: Fact, kind: Kind, to: Vec<Value>) -> Difference {
    let (table, row) = fact
        .place
        .map(|place| (place.title.to_string(), place.label.to_string()))
        .unwrap_or_default();
    Difference {
        field: fact.field,
        table,
        row,
        kind,
        from: fact.values,
        to,
    }
}

//! From groups to facts: each value with its field, and with the row that it stands in, if any.

use std::collections::HashMap;
use std::rc::Rc;

use crate::certificate::group::{Group, Leaf, Row};
use crate::certificate::labels::{self, Part};
use crate::certificate::names::{self, Names};
use crate::certificate::words::{power_element, small, value};
use crate::certificate::{Field, Value};
use crate::check::{Schema, item};

/// Groups that hold the rest of the message, and say nothing about a value.
const ENVELOPE: &[&str] = &["Header", "CocDataGroup"];

/// What names the energy source that the other values of its row are of.
const ENERGY_SOURCE: &str = "EnergySource";

/// The most octets of names and values that are shown. Reason: what a value is called and where it stands
/// is said with each, so a small file with long names could fill the memory; the longest certificates
/// have a few hundred thousand.
const OCTETS_MAX: usize = 4 << 20;

/// A field with its values, and where they stand.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    /// In which part of the page.
    pub(super) part: Part,
    /// In which table and row; `None` if it stands by itself.
    pub(super) place: Option<Rc<Place>>,
    /// After how many others of its part or row; what has no label comes last.
    pub(super) order: usize,
    /// The elements in which it stands, from below the root, without numbers.
    pub(super) path: Rc<str>,
    /// What the values are of.
    pub(super) field: Field,
    /// The values.
    pub(super) values: Vec<Value>,
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// In which part of the page.
    pub(super) part: Part,
    /// What stands above the table.
    pub(super) title: Rc<str>,
    /// After how many others of its part the table comes.
    pub(super) order: usize,
    /// The elements of the table, from below the root.
    pub(super) table: Rc<str>,
    /// The number of the row, and before it those of the rows in which its table stands.
    pub(super) numbers: Vec<usize>,
    /// What the row is called.
    pub(super) label: Rc<str>,
}

/// What a document says.
#[derive(Debug)]
pub(super) struct Facts {
    /// Its values, in its order.
    pub(super) facts: Vec<Fact>,
    /// Are these all? If not, there was no more room.
    pub(super) are_all: bool,
}

/// Every value of a document, within [`OCTETS_MAX`].
pub(super) fn facts(root: &Group, schema: &Schema) -> Facts {
    let mut walk = Walk {
        schema,
        facts: Vec::new(),
        room: Some(OCTETS_MAX),
    };
    walk.group(root, &Here::default());
    Facts {
        facts: walk.facts,
        are_all: walk.room.is_some(),
    }
}

/// Where the walk is.
#[derive(Debug, Clone, Default)]
struct Here {
    /// The part for everything below, if it does not hang on the element.
    part: Option<Part>,
    place: Option<Rc<Place>>,
    path: Rc<str>,
    /// The names of groups that no label speaks of.
    prefix: Rc<str>,
    numbers: Vec<usize>,
    label: Rc<str>,
    /// The code of the energy source that the values are of.
    energy_source: Rc<str>,
}

struct Walk<'s> {
    schema: &'s Schema,
    facts: Vec<Fact>,
    /// How many octets may still be said; `None` once that was not enough.
    room: Option<usize>,
}

impl Walk<'_> {
    /// Takes room for so many octets; `false`, from then on, if there is not enough.
    fn take(&mut self, octets: usize) -> bool {
        self.room = self.room.and_then(|room| room.checked_sub(octets));
        self.room.is_some()
    }

    fn group(&mut self, group: &Group, here: &Here) {
        self.leaves(group, here, &[]);
        self.inside(group, here);
    }

    fn leaves(&mut self, group: &Group, here: &Here, hidden: &[&str]) {
        for leaf in &group.leaves {
            if !hidden.contains(&leaf.element.as_str()) {
                let fact = self.fact(leaf, group, here);
                if !self.take(octets(&fact)) {
                    return;
                }
                self.facts.push(fact);
            }
        }
    }

    fn inside(&mut self, group: &Group, here: &Here) {
        for inner in &group.groups {
            if self.room.is_none() {
                return;
            }
            let here = inside(inner, here, false);
            self.group(inner, &here);
        }
        let mut counts: HashMap<&str, usize> = HashMap::new();
        for row in &group.rows {
            *counts.entry(&row.group.element).or_default() += 1;
        }
        let mut names = Names::default();
        for row in &group.rows {
            let element = row.group.element.as_str();
            let is_alone = counts.get(element).is_none_or(|count| *count < 2);
            let name = names.of(&row.group, is_alone, self.schema);
            // Rows in it are called after it.
            if !self.take(here.label.len() + name.len()) {
                return;
            }
            self.row(row, &name, here);
        }
    }

    fn row(&mut self, row: &Row, name: &str, here: &Here) {
        let group = &row.group;
        let mut here = inside(group, here, true);
        here.numbers.push(row.number);
        let source = group
            .leaves
            .iter()
            .find(|leaf| leaf.element == ENERGY_SOURCE);
        if let Some(text) = source.and_then(|leaf| leaf.texts.first()) {
            here.energy_source = Rc::from(text.as_str());
        }
        here.label = match (here.label.is_empty(), name.is_empty()) {
            (_, true) => here.label,
            (true, false) => Rc::from(name),
            (false, false) => Rc::from(format!("{}, {}", here.label, small(name))),
        };
        if let Some(place) = here.place.as_mut().map(Rc::make_mut) {
            place.numbers.clone_from(&here.numbers);
            place.label.clone_from(&here.label);
        }
        self.leaves(group, &here, &names::hidden_keys(group));
        self.inside(group, &here);
    }

    fn fact(&self, leaf: &Leaf, group: &Group, here: &Here) -> Fact {
        let element = leaf.element.as_str();
        let known = labels::label(element).filter(|_| !leaf.is_foreign);
        let part = match (&here.place, here.part) {
            (Some(place), _) => place.part,
            (None, Some(part)) => part,
            (None, None) => known.map_or(Part::Other, |label| label.part),
        };
        let name = known.map_or_else(
            || format!("{}{element}", here.prefix),
            |label| label.name.to_owned(),
        );
        // Looked for only where it may stand: the group may be long.
        let power = known
            .and_then(|_| power_element(element))
            .and_then(|power| group.leaves.iter().find(|leaf| leaf.element == power))
            .and_then(|leaf| leaf.texts.first());
        let words = |text: &String| {
            if leaf.is_foreign {
                let text = text.clone();
                let words = String::new();
                Value { text, words }
            } else {
                value(self.schema, element, text, power.map(String::as_str))
            }
        };
        Fact {
            part,
            place: here.place.clone(),
            order: known.map_or(usize::MAX, |label| label.position),
            path: Rc::clone(&here.path),
            field: Field {
                element: element.to_owned(),
                item: item(element).filter(|_| !leaf.is_foreign),
                name,
                unit: known.map_or("", |label| {
                    labels::unit_for(label.unit, &here.energy_source)
                }),
            },
            values: leaf.texts.iter().map(words).collect(),
        }
    }
}

/// How many octets a fact says, wherever it is shown.
fn octets(fact: &Fact) -> usize {
    let values = fact.values.iter();
    let place = fact.place.as_ref();
    fact.field.element.len()
        + fact.field.name.len()
        + place.map_or(0, |place| place.title.len() + place.label.len())
        + values
            .map(|value| value.text.len() + value.words.len())
            .sum::<usize>()
}

/// Where the values of `group` stand, which itself stands `here`.
fn inside(group: &Group, here: &Here, is_row: bool) -> Here {
    let element = &group.element;
    let mut inside = Here {
        path: Rc::from(format!("{}/{element}", here.path)),
        ..here.clone()
    };
    if group.is_foreign && element == "Signature" {
        inside.part = Some(Part::Signature);
    }
    let known = labels::group(element).filter(|_| !group.is_foreign);
    if known.is_some() || is_row {
        inside.prefix = Rc::default();
        inside.place = Some(Rc::new(Place {
            part: inside
                .part
                .or(known.map(|(_, known)| known.part))
                .unwrap_or(Part::Other),
            title: Rc::from(known.map_or(element.as_str(), |(_, known)| known.title)),
            order: known.map_or(usize::MAX, |(position, _)| position),
            table: Rc::clone(&inside.path),
            numbers: inside.numbers.clone(),
            label: Rc::clone(&inside.label),
        }));
    } else if !ENVELOPE.contains(&element.as_str()) && inside.part != Some(Part::Signature) {
        inside.prefix = Rc::from(format!("{}{element} › ", here.prefix));
    }
    inside
}

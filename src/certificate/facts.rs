//! From groups to facts: each value with its field, and with the row that it stands in, if any.

use std::collections::HashMap;

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

/// A field with its values, and where they stand.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    /// In which part of the page.
    pub(super) part: Part,
    /// In which table and row; `None` if it stands by itself.
    pub(super) place: Option<Place>,
    /// After how many others of its part or row; what has no label comes last.
    pub(super) order: usize,
    /// The elements in which it stands, from below the root, without numbers.
    pub(super) path: String,
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
    pub(super) title: String,
    /// After how many others of its part the table comes.
    pub(super) order: usize,
    /// The elements of the table, from below the root.
    pub(super) table: String,
    /// The number of the row, and before it those of the rows in which its table stands.
    pub(super) numbers: Vec<usize>,
    /// What the row is called.
    pub(super) label: String,
}

/// Every value of a document.
pub(super) fn facts(root: &Group, schema: &Schema) -> Vec<Fact> {
    let mut walk = Walk {
        schema,
        facts: Vec::new(),
    };
    walk.group(root, &Here::default());
    walk.facts
}

/// Where the walk is.
#[derive(Debug, Clone, Default)]
struct Here {
    /// The part for everything below, if it does not hang on the element.
    part: Option<Part>,
    place: Option<Place>,
    path: String,
    /// The names of groups that no label speaks of.
    prefix: String,
    numbers: Vec<usize>,
    label: String,
    /// The code of the energy source that the values are of.
    energy_source: String,
}

struct Walk<'s> {
    schema: &'s Schema,
    facts: Vec<Fact>,
}

impl Walk<'_> {
    fn group(&mut self, group: &Group, here: &Here) {
        self.leaves(group, here, &[]);
        self.inside(group, here);
    }

    fn leaves(&mut self, group: &Group, here: &Here, hidden: &[&str]) {
        for leaf in &group.leaves {
            if !hidden.contains(&leaf.element.as_str()) {
                let fact = self.fact(leaf, group, here);
                self.facts.push(fact);
            }
        }
    }

    fn inside(&mut self, group: &Group, here: &Here) {
        for inner in &group.groups {
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
            self.row(row, name, here);
        }
    }

    fn row(&mut self, row: &Row, name: String, here: &Here) {
        let group = &row.group;
        let mut here = inside(group, here, true);
        here.numbers.push(row.number);
        let source = group
            .leaves
            .iter()
            .find(|leaf| leaf.element == ENERGY_SOURCE);
        if let Some(text) = source.and_then(|leaf| leaf.texts.first()) {
            here.energy_source.clone_from(text);
        }
        here.label = match (here.label.is_empty(), name.is_empty()) {
            (_, true) => here.label,
            (true, false) => name,
            (false, false) => format!("{}, {}", here.label, small(&name)),
        };
        if let Some(place) = &mut here.place {
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
        let power = power_element(element)
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
            path: here.path.clone(),
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

/// Where the values of `group` stand, which itself stands `here`.
fn inside(group: &Group, here: &Here, is_row: bool) -> Here {
    let element = &group.element;
    let mut inside = here.clone();
    inside.path.push('/');
    inside.path.push_str(element);
    if group.is_foreign && element == "Signature" {
        inside.part = Some(Part::Signature);
    }
    let known = labels::group(element).filter(|_| !group.is_foreign);
    if known.is_some() || is_row {
        inside.prefix.clear();
        inside.place = Some(Place {
            part: inside
                .part
                .or(known.map(|(_, known)| known.part))
                .unwrap_or(Part::Other),
            title: known
                .map_or(element.as_str(), |(_, known)| known.title)
                .to_owned(),
            order: known.map_or(usize::MAX, |(position, _)| position),
            table: inside.path.clone(),
            numbers: inside.numbers.clone(),
            label: inside.label.clone(),
        });
    } else if !ENVELOPE.contains(&element.as_str()) && inside.part != Some(Part::Signature) {
        inside.prefix.push_str(element);
        inside.prefix.push_str(" › ");
    }
    inside
}

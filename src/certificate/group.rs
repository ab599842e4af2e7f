//! From elements to groups of values: which elements are rows of a table, which are one value's list.

use std::collections::HashMap;

use crate::certificate::labels::is_list;
use crate::check::Element;

/// A group: the values in it, the groups that stand once, and the rows of its tables.
#[derive(Debug, Clone, Default)]
pub(super) struct Group {
    /// Its element.
    pub(super) element: String,
    /// Is it of another namespace than the root? Then we know no name in it.
    pub(super) is_foreign: bool,
    /// Its values by element.
    pub(super) leaves: Vec<Leaf>,
    /// What stands once in it.
    pub(super) groups: Vec<Self>,
    /// The rows of its tables.
    pub(super) rows: Vec<Row>,
}

/// An element with its values: several if it stands there several times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leaf {
    /// The element; with a comma and the name of the attribute, if it is one.
    pub(super) element: String,
    /// As they stand there.
    pub(super) texts: Vec<String>,
    /// Is it of another namespace than the root, or an attribute?
    pub(super) is_foreign: bool,
}

/// A row of a table.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    /// What it holds.
    pub(super) group: Group,
    /// Its number among the rows that its group has under this element, from 0; when two documents
    /// are compared, rows that belong together have one number.
    pub(super) number: usize,
}

/// Reads an element as a group.
pub(super) fn group(element: &Element) -> Group {
    let mut group = Group {
        element: element.name.clone(),
        is_foreign: element.is_foreign,
        ..Group::default()
    };
    let mut places = HashMap::new();
    let mut numbers = Numbers::new();
    add_attributes(element, &mut group, &mut places);
    // A group's own text has no right to be there; shown it is all the same.
    if !element.text.is_empty() {
        add_leaf(element, &mut group, &mut places);
    }
    add_children(element, &mut group, &mut places, &mut numbers);
    group
}

/// The number of the last row that a group has of each element.
type Numbers = HashMap<String, usize>;

/// Adds a row after those of the same element.
fn push_row(row: Group, group: &mut Group, numbers: &mut Numbers) {
    let number = match numbers.get_mut(&row.element) {
        Some(last) => {
            *last += 1;
            *last
        }
        None => *numbers.entry(row.element.clone()).or_default(),
    };
    group.rows.push(Row { group: row, number });
}

/// Where in a group's leaves an element has its values.
type Places<'e> = HashMap<(&'e str, &'e str, bool), usize>;

fn add_children<'e>(
    element: &'e Element,
    group: &mut Group,
    places: &mut Places<'e>,
    numbers: &mut Numbers,
) {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for child in &element.children {
        *counts.entry(&child.name).or_default() += 1;
    }
    let is_table = element.name.ends_with("Table");
    for child in &element.children {
        if is_leaf(child) {
            add_attributes(child, group, places);
            if !child.text.is_empty() || child.attributes.is_empty() {
                add_leaf(child, group, places);
            }
        } else if child.name.ends_with("Table") {
            add_table(child, group, places, numbers);
        } else if is_table
            || counts
                .get(child.name.as_str())
                .is_some_and(|count| *count > 1)
        {
            push_row(self::group(child), group, numbers);
        } else {
            group.groups.push(self::group(child));
        }
    }
}

/// Is it a value? An element that is called a group or a table and holds nothing is none.
fn is_leaf(element: &Element) -> bool {
    let is_empty = element.text.is_empty() && element.attributes.is_empty();
    let holds_others = element.name.ends_with("Group") || element.name.ends_with("Table");
    element.children.is_empty() && !(holds_others && is_empty)
}

/// A table's rows belong to the group that the table stands in.
fn add_table<'e>(
    table: &'e Element,
    group: &mut Group,
    places: &mut Places<'e>,
    numbers: &mut Numbers,
) {
    if table.children.iter().all(is_list_row) {
        for row in &table.children {
            add_children(row, group, places, numbers);
        }
        add_attributes(table, group, places);
        return;
    }
    let rows = self::group(table);
    group.leaves.extend(rows.leaves);
    group.groups.extend(rows.groups);
    for row in rows.rows {
        push_row(row.group, group, numbers);
    }
}

/// Is it a row of a list, with one value and nothing else?
fn is_list_row(row: &Element) -> bool {
    let [only] = row.children.as_slice() else {
        return false;
    };
    is_list(&row.name)
        && !row.is_foreign
        && row.attributes.is_empty()
        && row.text.is_empty()
        && is_leaf(only)
        && !only.is_foreign
}

fn add_leaf<'e>(element: &'e Element, group: &mut Group, places: &mut Places<'e>) {
    let place = (element.name.as_str(), "", element.is_foreign);
    let place = *places.entry(place).or_insert(group.leaves.len());
    if let Some(leaf) = group.leaves.get_mut(place) {
        leaf.texts.push(element.text.clone());
    } else {
        group.leaves.push(Leaf {
            element: element.name.clone(),
            texts: vec![element.text.clone()],
            is_foreign: element.is_foreign,
        });
    }
}

fn add_attributes<'e>(element: &'e Element, group: &mut Group, places: &mut Places<'e>) {
    for (attribute, text) in &element.attributes {
        let place = (element.name.as_str(), attribute.as_str(), true);
        let place = *places.entry(place).or_insert(group.leaves.len());
        if let Some(leaf) = group.leaves.get_mut(place) {
            leaf.texts.push(text.clone());
        } else {
            group.leaves.push(Leaf {
                element: format!("{}, {attribute}", element.name),
                texts: vec![text.clone()],
                is_foreign: true,
            });
        }
    }
}

//! Holds a document against keys, unique values and references to them, in one pass.
//!
//! *Limits*: what is kept is in proportion to the values that the schema asks to be told apart.

use std::collections::HashMap;

use crate::check::schema::identity::{Identity, Path, Role};
use crate::check::schema::report::{Report, blank};
use crate::check::schema::{Compiled, QName};
use crate::domain::outcome::Finding;

/// A value for comparing: the key of each field.
type Row = Vec<String>;

/// The constraints that are at work in a document.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    /// The names of the open elements.
    names: Vec<QName>,
    scopes: Vec<Scope>,
    /// The keys found within elements that have ended or are open, by constraint.
    tables: Vec<Table>,
}

/// One constraint at work within an open element.
#[derive(Debug)]
struct Scope {
    identity: usize,
    /// How many elements are open in its element, that one counted.
    depth: usize,
    open: Vec<OpenRow>,
    found: HashMap<Row, bool>,
    /// The references, each with its place.
    wanted: Vec<(Row, usize)>,
}

/// An element that a selector chose, still open.
#[derive(Debug)]
struct OpenRow {
    depth: usize,
    at: usize,
    fields: Vec<Field>,
}

/// What is known of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Field {
    Missing,
    /// The element at this depth has it, and is still open.
    Open(usize),
    /// Its key, and where it stands.
    Value(String, usize),
    /// It is not one value; that was told.
    Wrong,
}

/// Keys found below an open element.
#[derive(Debug)]
struct Table {
    identity: usize,
    depth: usize,
    /// Each key, and whether it stands for one element only.
    rows: HashMap<Row, bool>,
}

/// What a field finds among the attributes of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    Nothing,
    /// One value: its key, and where it stands.
    Value(String, usize),
    /// More than one, or none that is right.
    Wrong,
}

/// The attributes of an element, for the fields that ask for one.
pub(crate) type Attributes<'a> = &'a dyn Fn(&Path) -> Found;

impl Keys {
    /// An element began.
    pub(crate) fn start(
        &mut self,
        schema: &Compiled,
        (name, identities, at): (QName, &[usize], usize),
        attributes: Attributes<'_>,
        report: &mut Report<'_, '_>,
    ) {
        self.names.push(name);
        let depth = self.names.len();
        self.scopes.extend(identities.iter().map(|identity| Scope {
            identity: *identity,
            depth,
            open: Vec::new(),
            found: HashMap::new(),
            wanted: Vec::new(),
        }));
        for scope in &mut self.scopes {
            let Some(identity) = schema.identities.get(scope.identity) else {
                continue;
            };
            let below = self.names.get(scope.depth..).unwrap_or_default();
            if identity.selector.iter().any(|path| path.leads_to(below)) {
                let fields = vec![Field::Missing; identity.fields.len()];
                scope.open.push(OpenRow { depth, at, fields });
            }
            for row in &mut scope.open {
                let below = self.names.get(row.depth..).unwrap_or_default();
                row.fields_begin(identity, (below, depth, at), attributes, report);
            }
        }
    }

    /// An element that is not checked began.
    pub(crate) fn skip(&mut self, name: QName) {
        self.names.push(name);
    }

    /// The innermost element ends; `value` is the key of its text, if it is one value.
    pub(crate) fn end(
        &mut self,
        schema: &Compiled,
        value: Option<&str>,
        at: usize,
        report: &mut Report<'_, '_>,
    ) {
        let depth = self.names.len();
        for scope in &mut self.scopes {
            let Some(identity) = schema.identities.get(scope.identity) else {
                continue;
            };
            for row in &mut scope.open {
                row.field_ends(identity, (depth, at), value, report);
            }
            while scope.open.last().is_some_and(|row| row.depth == depth) {
                if let Some(row) = scope.open.pop() {
                    scope.take(identity, row, report);
                }
            }
        }
        self.end_scopes(schema, depth, report);
        self.names.pop();
    }

    fn end_scopes(&mut self, schema: &Compiled, depth: usize, report: &mut Report<'_, '_>) {
        let mut references = Vec::new();
        while self.scopes.last().is_some_and(|scope| scope.depth == depth) {
            let Some(scope) = self.scopes.pop() else {
                break;
            };
            let role = schema
                .identities
                .get(scope.identity)
                .map(|identity| &identity.role);
            match role {
                Some(Role::Reference(key)) => references.push((scope.identity, *key, scope.wanted)),
                _ => self.add_table(scope.identity, depth, scope.found),
            }
        }
        for (identity, key, wanted) in references {
            let table = self
                .tables
                .iter()
                .find(|table| table.identity == key && table.depth == depth);
            for (row, at) in wanted {
                let is_there = table.is_some_and(|table| table.rows.get(&row) == Some(&true));
                if !is_there {
                    let name = schema
                        .identities
                        .get(identity)
                        .map_or("", |identity| &identity.name);
                    let to = schema
                        .identities
                        .get(key)
                        .map_or("", |identity| &identity.name);
                    let message = format!(
                        "A value refers to nothing: it is none of those that '{to}' lists (see '{name}' in the schema)."
                    );
                    let more = Finding {
                        expected: Some(format!("a value that '{to}' names elsewhere")),
                        ..blank()
                    };
                    report.add("S05-keyref", at, message, more);
                }
            }
        }
        // From here on the element around it sees what was found.
        let above = depth.saturating_sub(1);
        let mut moved = self.tables.iter_mut().filter(|table| table.depth == depth);
        if moved.next().map(|table| table.depth = above).is_some() {
            moved.for_each(|table| table.depth = above);
            self.join_tables(above);
        }
    }

    fn add_table(&mut self, identity: usize, depth: usize, own: HashMap<Row, bool>) {
        let below = self
            .tables
            .iter_mut()
            .find(|table| table.identity == identity && table.depth == depth);
        match below {
            // What an element itself names is meant, whatever is named below it.
            Some(table) => table.rows.extend(own),
            None => self.tables.push(Table {
                identity,
                depth,
                rows: own,
            }),
        }
    }

    /// Joins the tables of one constraint at one depth; a key of two elements means neither.
    fn join_tables(&mut self, depth: usize) {
        let mut index = 0;
        while let Some(table) = self.tables.get(index) {
            let identity = table.identity;
            let is_here = table.depth == depth;
            let twin =
                self.tables.iter().skip(index + 1).position(|other| {
                    is_here && other.identity == identity && other.depth == depth
                });
            let Some(twin) = twin else {
                index += 1;
                continue;
            };
            let mut twin = self.tables.swap_remove(index + 1 + twin);
            if let Some(table) = self.tables.get_mut(index) {
                if table.rows.len() < twin.rows.len() {
                    std::mem::swap(&mut table.rows, &mut twin.rows);
                }
                for (row, is_one) in twin.rows {
                    table
                        .rows
                        .entry(row)
                        .and_modify(|one| *one = false)
                        .or_insert(is_one);
                }
            }
        }
    }
}

impl OpenRow {
    /// Looks which fields the element that just began, or its attributes, are.
    fn fields_begin(
        &mut self,
        identity: &Identity,
        (below, depth, at): (&[QName], usize, usize),
        attributes: Attributes<'_>,
        report: &mut Report<'_, '_>,
    ) {
        for (field, paths) in self.fields.iter_mut().zip(&identity.fields) {
            for path in paths.iter().filter(|path| path.leads_to(below)) {
                let found = if path.attribute.is_some() {
                    match attributes(path) {
                        Found::Nothing => continue,
                        Found::Value(key, at) => Field::Value(key, at),
                        Found::Wrong => Field::Wrong,
                    }
                } else {
                    Field::Open(depth)
                };
                // Two paths may lead to the same place.
                if *field == Field::Missing && found != Field::Wrong {
                    *field = found;
                } else if *field != found {
                    tell_field(identity, "stands more than once", at, report);
                    *field = Field::Wrong;
                }
            }
        }
    }

    fn field_ends(
        &mut self,
        identity: &Identity,
        (depth, at): (usize, usize),
        value: Option<&str>,
        report: &mut Report<'_, '_>,
    ) {
        for field in &mut self.fields {
            if *field == Field::Open(depth) {
                *field = if let Some(value) = value {
                    Field::Value(value.to_owned(), at)
                } else {
                    tell_field(identity, "has no value", at, report);
                    Field::Wrong
                };
            }
        }
    }
}

impl Scope {
    /// Takes in an element whose fields are known.
    fn take(&mut self, identity: &Identity, row: OpenRow, report: &mut Report<'_, '_>) {
        if row.fields.contains(&Field::Wrong) {
            return;
        }
        let at = row.at;
        let values: Option<Row> = row
            .fields
            .into_iter()
            .map(|field| match field {
                Field::Value(value, _) => Some(value),
                _ => None,
            })
            .collect();
        let Some(values) = values else {
            if identity.role == Role::Key {
                tell_field(identity, "is missing", at, report);
            }
            return;
        };
        if matches!(identity.role, Role::Reference(_)) {
            self.wanted.push((values, at));
        } else if self.found.insert(values, true).is_some() {
            let message = format!(
                "A value stands twice that may stand only once (see '{}' in the schema).",
                identity.name
            );
            let more = Finding {
                expected: Some("a value that stands nowhere else".to_owned()),
                ..blank()
            };
            report.add("S05-unique", at, message, more);
        }
    }
}

fn tell_field(identity: &Identity, what: &str, at: usize, report: &mut Report<'_, '_>) {
    let message = format!(
        "A value that the key '{}' is made of {what}.",
        identity.name
    );
    let more = Finding {
        expected: Some("one value for each part of the key".to_owned()),
        ..blank()
    };
    report.add("S05-key", at, message, more);
}

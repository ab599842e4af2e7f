//! From facts to sections, with their entries and tables in the order of the page.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use crate::certificate::facts::{Fact, Place};
use crate::certificate::labels::Part;
use crate::certificate::{Entry, Field, Record, Section, Table, Value};

/// The most cells of a table; what has no room goes on in another of the same title. Reason: rows that have
/// nothing in common make more empty cells than there are values.
const CELLS_MAX: usize = 20_000;

/// The sections of a page; none is empty.
pub(super) fn sections(facts: Vec<Fact>) -> Vec<Section> {
    let mut parts: BTreeMap<Part, Vec<Fact>> = BTreeMap::new();
    for fact in facts {
        parts.entry(fact.part).or_default().push(fact);
    }
    parts
        .into_iter()
        .map(|(part, facts)| section(part, facts))
        .collect()
}

fn section(part: Part, facts: Vec<Fact>) -> Section {
    let mut entries: Vec<(usize, Entry)> = Vec::new();
    let mut tables: Vec<Draft> = Vec::new();
    let mut places: HashMap<Rc<str>, usize> = HashMap::new();
    for fact in facts {
        let Some(place) = fact.place else {
            let entry = Entry {
                field: fact.field,
                values: fact.values,
            };
            entries.push((fact.order, entry));
            continue;
        };
        let number = match places.get(&place.table) {
            Some(number) if tables.get(*number).is_some_and(Draft::has_room) => *number,
            _ => {
                places.insert(Rc::clone(&place.table), tables.len());
                tables.push(Draft::new(&place));
                tables.len() - 1
            }
        };
        if let Some(draft) = tables.get_mut(number) {
            draft.add(&place, fact.order, fact.field, fact.values);
        }
    }
    // Both sorts keep the order of the document where ours has none.
    entries.sort_by_key(|(order, _)| *order);
    tables.sort_by_key(|draft| draft.order);
    Section {
        title: part.title(),
        entries: entries.into_iter().map(|(_, entry)| entry).collect(),
        tables: tables.into_iter().map(Draft::finish).collect(),
    }
}

/// A table that is being gathered.
struct Draft {
    order: usize,
    title: String,
    /// Each field with its place among the others of its kind.
    fields: Vec<(usize, Field)>,
    /// The column of each element, name and unit.
    columns: HashMap<(String, String, &'static str), usize>,
    rows: Vec<DraftRow>,
    places: HashMap<Vec<usize>, usize>,
}

/// A row that is being gathered.
struct DraftRow {
    label: String,
    /// Its values with the number of their field.
    cells: Vec<(usize, Vec<Value>)>,
}

impl Draft {
    fn new(place: &Place) -> Self {
        Self {
            order: place.order,
            title: place.title.to_string(),
            fields: Vec::new(),
            columns: HashMap::new(),
            rows: Vec::new(),
            places: HashMap::new(),
        }
    }

    /// Is there room for another row, or another field?
    fn has_room(&self) -> bool {
        (self.rows.len() + 1).saturating_mul(self.fields.len() + 1) <= CELLS_MAX
    }

    fn add(&mut self, place: &Place, order: usize, field: Field, values: Vec<Value>) {
        let name = (field.element.clone(), field.name.clone(), field.unit);
        let column = *self.columns.entry(name).or_insert_with(|| {
            self.fields.push((order, field));
            self.fields.len() - 1
        });
        let number = *self.places.entry(place.numbers.clone()).or_insert_with(|| {
            self.rows.push(DraftRow {
                label: place.label.to_string(),
                cells: Vec::new(),
            });
            self.rows.len() - 1
        });
        if let Some(row) = self.rows.get_mut(number) {
            row.cells.push((column, values));
        }
    }

    fn finish(self) -> Table {
        let mut fields: Vec<(usize, usize, Field)> = self
            .fields
            .into_iter()
            .enumerate()
            .map(|(column, (order, field))| (order, column, field))
            .collect();
        fields.sort_by_key(|(order, column, _)| (*order, *column));
        let to: HashMap<usize, usize> = fields
            .iter()
            .enumerate()
            .map(|(to, (_, column, _))| (*column, to))
            .collect();
        let record = |row: DraftRow| {
            let mut cells = vec![Vec::new(); fields.len()];
            for (column, values) in row.cells {
                if let Some(cell) = to.get(&column).and_then(|to| cells.get_mut(*to)) {
                    cell.extend(values);
                }
            }
            let label = row.label;
            Record { label, cells }
        };
        let records = self.rows.into_iter().map(record).collect();
        Table {
            title: self.title,
            fields: fields.into_iter().map(|(.., field)| field).collect(),
            records,
        }
    }
}

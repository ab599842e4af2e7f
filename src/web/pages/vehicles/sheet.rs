//! From a certificate to what its page shows: rows of items, and tables that fit a sheet of paper.

use crate::certificate::{Certificate, Field, Section, Table, Value};
use crate::web::text::shown;

/// The most rows of a table that stand side by side as columns. Reason: so many fit across A4.
const ACROSS_MAX: usize = 4;

/// So few fields have the rows of their table one below the other, however few those are.
const UPRIGHT_FIELDS_MAX: usize = 3;

/// The most fields that stand side by side. Reason: as above.
const FIELDS_MAX: usize = 6;

/// A section of the page.
pub(super) struct Part {
    pub(super) title: &'static str,
    /// For links within the page.
    pub(super) id: String,
    pub(super) lines: Vec<Line>,
    pub(super) grids: Vec<Grid>,
}

/// An item with its values: one, or one for each row of a table.
pub(super) struct Line {
    pub(super) item: &'static str,
    pub(super) name: String,
    pub(super) cells: Vec<Vec<String>>,
}

/// A table of the page.
pub(super) struct Grid {
    pub(super) title: String,
    /// Names its caption within the page.
    pub(super) id: String,
    /// What stands above the columns with values; none if there is one column that needs no name.
    pub(super) heads: Vec<Head>,
    pub(super) lines: Vec<Line>,
    /// Are the rows of the table lines here? Else they are columns.
    pub(super) is_upright: bool,
}

/// What stands above a column.
pub(super) struct Head {
    pub(super) item: &'static str,
    pub(super) name: String,
}

/// The sections of a page.
pub(super) fn parts(certificate: &Certificate) -> Vec<Part> {
    certificate
        .sections
        .iter()
        .enumerate()
        .map(|(number, section)| part(number, section))
        .collect()
}

fn part(number: usize, section: &Section) -> Part {
    let lines = section
        .entries
        .iter()
        .map(|entry| line(&entry.field, &[entry.values.as_slice()]));
    let id = format!("section-{}", number + 1);
    let mut grids: Vec<Grid> = section.tables.iter().flat_map(grids).collect();
    for (number, grid) in grids.iter_mut().enumerate() {
        grid.id = format!("{id}-{}", number + 1);
    }
    Part {
        title: section.title,
        id,
        lines: lines.collect(),
        grids,
    }
}

/// A table, in as many pieces as it takes to fit.
fn grids(table: &Table) -> Vec<Grid> {
    let is_upright = table.records.len() > 1 && table.fields.len() <= UPRIGHT_FIELDS_MAX
        || table.records.len() > ACROSS_MAX && table.fields.len() <= FIELDS_MAX;
    if is_upright {
        return vec![upright(table)];
    }
    let pieces = table.records.chunks(ACROSS_MAX);
    let count = pieces.len();
    pieces
        .enumerate()
        .map(|(piece, records)| {
            let lines = table
                .fields
                .iter()
                .enumerate()
                .filter_map(|(column, field)| {
                    let cells: Vec<&[Value]> = records
                        .iter()
                        .map(|record| record.cells.get(column).map_or(&[][..], Vec::as_slice))
                        .collect();
                    let is_empty = cells.iter().all(|values| values.is_empty());
                    (!is_empty).then(|| line(field, &cells))
                });
            let heads = records.iter().map(|record| Head {
                item: "",
                name: shown(&record.label),
            });
            let is_named = records.iter().any(|record| !record.label.is_empty());
            Grid {
                title: match count {
                    1 => shown(&table.title),
                    _ => format!("{} ({} of {count})", shown(&table.title), piece + 1),
                },
                id: String::new(),
                heads: if is_named {
                    heads.collect()
                } else {
                    Vec::new()
                },
                lines: lines.collect(),
                is_upright: false,
            }
        })
        .collect()
}

/// A table of few fields, its rows one below the other.
fn upright(table: &Table) -> Grid {
    let lines = table.records.iter().map(|record| {
        let cells = table.fields.iter().zip(&record.cells);
        Line {
            item: "",
            name: shown(&record.label),
            cells: cells.map(|(field, values)| texts(field, values)).collect(),
        }
    });
    let heads = table.fields.iter().map(|field| Head {
        item: field.item.unwrap_or_default(),
        name: shown(&field.name),
    });
    Grid {
        title: shown(&table.title),
        id: String::new(),
        heads: heads.collect(),
        lines: lines.collect(),
        is_upright: true,
    }
}

fn line(field: &Field, cells: &[&[Value]]) -> Line {
    Line {
        item: field.item.unwrap_or_default(),
        name: shown(&field.name),
        cells: cells.iter().map(|values| texts(field, values)).collect(),
    }
}

/// Values as they are shown: in words, with their unit, and nothing in them that deceives.
pub(super) fn texts(field: &Field, values: &[Value]) -> Vec<String> {
    let text = |value: &Value| {
        let reading = value.reading();
        if reading.trim().is_empty() {
            return "(empty)".to_owned();
        }
        let reading = shown(&reading);
        if field.unit.is_empty() {
            reading
        } else {
            format!("{reading} {}", field.unit)
        }
    };
    values.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::Record;

    fn table(fields: usize, records: usize) -> Table {
        let field = |number: usize| Field {
            element: format!("E{number}"),
            item: None,
            name: format!("field {number}"),
            unit: "kg",
        };
        let value = |text: String| Value {
            text,
            words: String::new(),
        };
        let record = |row: usize| Record {
            label: format!("Row {row}"),
            cells: (0..fields)
                .map(|column| vec![value(format!("{row}/{column}"))])
                .collect(),
        };
        Table {
            title: "Rows".to_owned(),
            fields: (0..fields).map(field).collect(),
            records: (0..records).map(record).collect(),
        }
    }

    #[test]
    fn a_table_is_laid_so_that_it_fits_the_sheet_and_keeps_every_value() {
        for (fields, records, pieces, is_upright) in [
            (1, 1, 1, false),
            (2, 2, 1, true),
            (10, 2, 1, false),
            (10, 4, 1, false),
            (10, 5, 2, false),
            (6, 5, 1, true),
            (20, 40, 10, false),
        ] {
            let grids = grids(&table(fields, records));
            assert_eq!(grids.len(), pieces, "{fields} × {records}");
            assert!(grids.iter().all(|grid| grid.is_upright == is_upright));
            let cells: usize = grids
                .iter()
                .flat_map(|grid| &grid.lines)
                .map(|line| line.cells.iter().map(Vec::len).sum::<usize>())
                .sum();
            assert_eq!(cells, fields * records);
        }
    }

    #[test]
    fn values_have_their_unit_and_deceive_nobody() {
        let field = &table(1, 1).fields[0];
        let value = |text: &str, words: &str| Value {
            text: text.to_owned(),
            words: words.to_owned(),
        };
        let values = [
            value("5", ""),
            value("Y", "Yes"),
            value(" ", ""),
            value("a\u{202e}b", ""),
        ];
        assert_eq!(
            texts(field, &values),
            ["5 kg", "Yes kg", "(empty)", "a\\u{202e}b kg"]
        );
    }
}

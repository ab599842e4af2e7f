//! Small files that are made to fill the memory of whoever shows them.

use std::fmt::Write;

use crate::certificate::tests::READER;
use crate::certificate::{Certificate, Comparison, Field, Value};

/// Past this a page is no page: what is shown, and as much again for what holds it together.
const OCTETS_MAX: usize = 8 << 20;

/// As above; a row says nothing in most of its cells.
const CELLS_MAX: usize = 2_000_000;

/// So large is the largest file that may come by hand.
const FILE_MAX: usize = 1 << 20;

fn value(value: &Value) -> usize {
    value.text.len() + value.words.len()
}

fn field(field: &Field) -> usize {
    field.element.len() + field.name.len()
}

/// How many octets a certificate says.
fn shown(certificate: &Certificate) -> usize {
    let mut octets = 0;
    let mut cells = 0;
    for section in &certificate.sections {
        for entry in &section.entries {
            octets += field(&entry.field) + entry.values.iter().map(value).sum::<usize>();
        }
        for table in &section.tables {
            octets += table.title.len() + table.fields.iter().map(field).sum::<usize>();
            for record in &table.records {
                octets += record.label.len();
                octets += record.cells.iter().flatten().map(value).sum::<usize>();
                cells += record.cells.len();
            }
        }
    }
    assert!(cells <= CELLS_MAX, "{cells} cells");
    octets
}

/// How many octets a comparison says.
fn told(comparison: &Comparison) -> usize {
    let differences = comparison.sections.iter().flat_map(|(_, all)| all);
    differences
        .map(|one| {
            let values = one.from.iter().chain(&one.to);
            field(&one.field) + one.table.len() + one.row.len() + values.map(value).sum::<usize>()
        })
        .sum()
}

/// Shows a document, alone and beside others; gives what its page shows.
fn bounded(name: &str, text: &str) -> Certificate {
    assert!(text.len() <= FILE_MAX, "{name}: {} octets", text.len());
    let certificate = READER.read(text.as_bytes());
    let octets = shown(&certificate);
    assert!(octets <= OCTETS_MAX, "{name}: {octets} octets");
    for (from, to) in [("<a/>", text), (text, text)] {
        let octets = told(&READER.compare(from.as_bytes(), to.as_bytes()));
        assert!(
            octets <= 2 * OCTETS_MAX,
            "{name}, compared: {octets} octets"
        );
    }
    certificate
}

/// `inner` in so many elements of this name, with one more beside each, so that they are rows.
fn nested(name: &str, levels: usize, inner: &str) -> String {
    let open = format!("<{name}>");
    let close = format!("<{name}><x>1</x></{name}></{name}>");
    open.repeat(levels) + inner + &close.repeat(levels)
}

#[test]
fn nesting_of_forty_levels_is_compared_without_doubling_at_each() {
    let inner = "<x>\"\\</x>";
    let deep = format!("<a>{}</a>", nested("Object", 40, inner).repeat(2));
    let certificate = bounded("nested", &deep);
    assert!(!certificate.is_whole, "what is too deep is not shown");
}

#[test]
fn long_names_are_not_said_again_with_each_of_many_values() {
    for levels in [10, 15, 58] {
        let (mut open, mut close) = (String::new(), String::new());
        for level in 0..levels {
            let name = format!("n{level}{}", "x".repeat(990));
            write!(open, "<{name}>").unwrap();
            close.insert_str(0, &format!("</{name}>"));
        }
        let many: String = (0..234).fold(String::new(), |mut all, number| {
            write!(all, " a{number}='1'").unwrap();
            all
        });
        let many = format!("<e{many}/>").repeat(300);
        let text = format!("<a>{open}{many}{close}</a>");
        assert!(!bounded("long names", &text).is_whole);
    }
}

#[test]
fn the_name_of_a_row_is_not_said_again_without_end_in_the_rows_of_it() {
    let tyre = "<TyreGroup><TyreNumber>1</TyreNumber></TyreGroup>".repeat(2_000);
    let long = "1".repeat(500_000);
    let text = format!(
        "<a><AxleTable><AxleGroup><AxleNumber>{long}</AxleNumber><TyreTable>{tyre}</TyreTable>\
        </AxleGroup><AxleGroup><AxleNumber>2</AxleNumber></AxleGroup></AxleTable></a>"
    );
    assert!(!bounded("long label", &text).is_whole);
}

#[test]
fn rows_that_have_nothing_in_common_do_not_make_a_table_of_empty_cells() {
    let rows: String = (0..8_000).fold(String::new(), |mut all, number| {
        write!(all, "<Row><e{number}>1</e{number}></Row>").unwrap();
        all
    });
    let certificate = bounded("ragged", &format!("<a><RowTable>{rows}</RowTable></a>"));
    assert!(certificate.is_whole);
}

#[test]
fn a_file_of_many_equal_parts_is_shown_in_one_pass_over_them() {
    // Each was compared with all before it: this would run for minutes.
    let lists = "<b><x/></b>".repeat(9_000);
    bounded("equal rows", &format!("<a>{lists}</a>"));
    let tables = "<RowTable><Row><x>1</x></Row></RowTable>".repeat(6_000);
    bounded("equal tables", &format!("<a>{tables}</a>"));
    let foreign = "<b xmlns='v'/><b/>".repeat(9_000);
    bounded("equal names", &format!("<a xmlns='u'>{foreign}</a>"));
}

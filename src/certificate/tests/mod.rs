//! The room as a whole, on the samples.

mod comparing;
mod golden;
mod hostile;
mod whole;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use crate::certificate::{Certificate, Reader, Value};
use crate::check::Schema;
use crate::config;
use crate::pipeline;

/// Reads with the schema that ships.
pub(super) static READER: LazyLock<Reader> = LazyLock::new(|| {
    let settings = pipeline::settings(&config::Check::default());
    let schema = Schema::built_in().unwrap_or_else(|faults| panic!("{faults:#?}"));
    Reader::new(Arc::new(schema), Arc::new(settings))
});

fn folder() -> PathBuf {
    PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/cases/samples/valid"
    ))
}

/// A sample that is valid.
pub(super) fn sample(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap_or_else(|fault| panic!("{name}: {fault}"))
}

/// Every valid sample, by name.
pub(super) fn samples() -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<(String, Vec<u8>)> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "xml"))
        .map(|name| (name.clone(), sample(&name)))
        .collect();
    all.sort();
    assert!(all.len() > 15, "the samples are gone");
    all
}

fn readings(values: &[Value]) -> String {
    let all: Vec<String> = values.iter().map(Value::reading).collect();
    all.join(" | ")
}

/// A certificate as plain text.
pub(super) fn text(certificate: &Certificate) -> String {
    let mut out = String::new();
    for section in &certificate.sections {
        writeln!(out, "# {}", section.title).unwrap();
        for entry in &section.entries {
            let field = &entry.field;
            let item = field.item.unwrap_or("-");
            let values = readings(&entry.values);
            writeln!(out, "{item}  {}: {values} {}", field.name, field.unit).unwrap();
        }
        for table in &section.tables {
            writeln!(out, "## {}", table.title).unwrap();
            for record in &table.records {
                writeln!(out, "[{}]", record.label).unwrap();
                for (field, values) in table.fields.iter().zip(&record.cells) {
                    if !values.is_empty() {
                        let item = field.item.unwrap_or("-");
                        let values = readings(values);
                        writeln!(out, "  {item}  {}: {values} {}", field.name, field.unit).unwrap();
                    }
                }
            }
        }
    }
    let lines: Vec<&str> = out.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

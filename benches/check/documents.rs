//! Documents of about 5, 17, 50 and 900 kB, made from the samples: the same ones on every machine.

use std::ops::Range;
use std::path::Path;

use anyhow::{Context, ensure};
use ecocd::check::{self, Input, Schema, Settings};
use ecocd::domain::outcome::{Layer, Severity};

use crate::outline::{Element, outline};

/// Documents of one size and kind.
#[derive(Debug)]
pub(crate) struct Set {
    /// Such as `17 kB, valid`.
    pub(crate) name: String,
    /// The documents.
    pub(crate) documents: Vec<Vec<u8>>,
}

impl Set {
    /// Octets of all documents together.
    pub(crate) fn octets(&self) -> usize {
        self.documents.iter().map(Vec::len).sum()
    }

    /// Octets of a document on average.
    pub(crate) fn octets_each(&self) -> usize {
        self.octets() / self.documents.len().max(1)
    }
}

/// The samples that documents are made from, and the size they are brought to.
const SIZES: &[(&str, usize, &[&str])] = &[
    (
        "5 kB",
        5_000,
        &[
            "05-m1-fuel-cell.xml",
            "11-m2-minibus.xml",
            "08-n2-stage2-completed-same-vin.xml",
            "09-m3-bus-low-floor.xml",
        ],
    ),
    (
        "17 kB",
        17_000,
        &[
            "01-m1-petrol.xml",
            "02-m1-bev-wltp.xml",
            "15-m1-petrol-version2-correction-of-01.xml",
            "17-non-ascii-maker.xml",
        ],
    ),
    (
        "50 kB",
        50_000,
        &[
            "01-m1-petrol.xml",
            "06-n1-van.xml",
            "13-o4-semi-trailer.xml",
        ],
    ),
    ("900 kB", 900_000, &["01-m1-petrol.xml"]),
];

/// In an invalid document every so many-th value has a fault: about ten in 17 kB.
const FAULT_EVERY: usize = 25;

/// Every set, smaller ones first.
pub(crate) fn sets(schema: &Schema, settings: &Settings) -> anyhow::Result<Vec<Set>> {
    let mut sets = Vec::new();
    for (size, octets, samples) in SIZES {
        let mut valid = Vec::new();
        for sample in *samples {
            let text = sized(&read(sample)?, *octets, &|text| {
                is_valid(schema, settings, text)
            });
            ensure!(
                is_valid(schema, settings, &text),
                "{sample} at {size} is not valid"
            );
            ensure!(
                text.len().abs_diff(*octets) < octets / 8,
                "{sample} came to {} octets in place of {octets}",
                text.len()
            );
            valid.push(text);
        }
        let invalid: Vec<String> = valid.iter().map(|text| spoilt(text)).collect();
        for (kind, texts) in [("valid", valid), ("invalid", invalid)] {
            sets.push(Set {
                name: format!("{size}, {kind}"),
                documents: texts.into_iter().map(String::into_bytes).collect(),
            });
        }
    }
    Ok(sets)
}

/// A sample as text.
pub(crate) fn read(sample: &str) -> anyhow::Result<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/samples/valid");
    std::fs::read_to_string(folder.join(sample)).with_context(|| sample.to_owned())
}

fn is_valid(schema: &Schema, settings: &Settings, text: &str) -> bool {
    let input = Input {
        name: "a.xml",
        octets: text.as_bytes(),
        given_up: None,
    };
    let findings = check::read(schema, settings, input).findings;
    !findings
        .iter()
        .any(|finding| finding.severity == Severity::Error && finding.layer <= Layer::Schema)
}

/// Leaves out what may be left out, or repeats the rows of tables, until the size is about right.
fn sized(text: &str, octets: usize, is_valid: &dyn Fn(&str) -> bool) -> String {
    if text.len() > octets {
        shrunk(text, octets, is_valid)
    } else {
        grown(text, octets)
    }
}

fn shrunk(text: &str, octets: usize, is_valid: &dyn Fn(&str) -> bool) -> String {
    let mut text = text.to_owned();
    let mut index = outline(&text).len();
    while index > 1 && text.len() > octets + octets / 20 {
        index = (index - 1).min(outline(&text).len().saturating_sub(1));
        let Some(element) = outline(&text).get(index).cloned() else {
            break;
        };
        let mut shorter = text.clone();
        shorter.replace_range(element.whole, "");
        if shorter.len() > octets - octets / 20 && is_valid(&shorter) {
            text = shorter;
        }
    }
    text
}

fn grown(text: &str, octets: usize) -> String {
    let elements = outline(text);
    let is_table = |element: &Element| {
        text.get(element.name.clone())
            .is_some_and(|name| name.ends_with("Table"))
    };
    // A table in the row of another one grows with it.
    let mut tables: Vec<Range<usize>> = Vec::new();
    for element in elements.iter().filter(|element| is_table(element)) {
        if tables
            .last()
            .is_none_or(|last| last.end <= element.inner.start)
        {
            tables.push(element.inner.clone());
        }
    }
    let rows: usize = tables.iter().map(Range::len).sum();
    let wanted = octets.saturating_sub(text.len() - rows);
    let times = (wanted / rows.max(1)).max(1);
    let mut more = wanted.saturating_sub(times * rows);
    let mut grown = text.to_owned();
    for table in tables.iter().rev() {
        let inner = text.get(table.clone()).unwrap_or_default();
        let extra = usize::from(more >= inner.len());
        more -= extra * inner.len();
        grown.replace_range(table.clone(), &inner.repeat(times + extra));
    }
    grown
}

/// The text with every so many-th value wrong, or its element unknown, or left out.
fn spoilt(text: &str) -> String {
    let elements = outline(text);
    let leaves: Vec<&Element> = elements.iter().filter(|element| element.is_leaf).collect();
    let mut spoilt = text.to_owned();
    let chosen = leaves
        .iter()
        .enumerate()
        .skip(FAULT_EVERY / 2)
        .step_by(FAULT_EVERY);
    // From the end, so that the places before it stay right.
    for (count, (_, element)) in chosen.enumerate().collect::<Vec<_>>().into_iter().rev() {
        match count % 3 {
            0 => spoilt.replace_range(
                element.inner.clone(),
                "not one of them, and far too long for a number",
            ),
            1 => spoilt.replace_range(element.whole.clone(), "<Unknown>1</Unknown>"),
            _ => spoilt.replace_range(element.whole.clone(), ""),
        }
    }
    spoilt
}

//! Every shared sample through `ecocd check`, held against the index that came with the samples.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::process;
use crate::support::receipt::Receipt;
use crate::support::{documents, tool};

/// The leading reasons that fit an error class of the index.
///
/// Classes that are not here are the business of rules whose weight a site decides, or need a
/// database to be seen: whatever comes of them, the file must be answered.
const REASONS: &[(&str, &[&str])] = &[
    ("FILE_EMPTY", &["T01"]),
    ("FILE_TOO_LARGE", &["T03"]),
    ("FILE_NAME", &["T04"]),
    ("NOT_XML", &["X01", "N01"]),
    ("ENCODING_INVALID", &["N01"]),
    ("XML_MALFORMED", &["X01"]),
    ("XML_FORBIDDEN_DTD", &["X03"]),
    ("XML_LIMIT", &["X04"]),
    ("WRONG_ROOT", &["X02"]),
    ("WRONG_NAMESPACE", &["X02"]),
    ("SCHEMA_MISSING", &["S01"]),
    ("SCHEMA_UNEXPECTED", &["S02"]),
    ("SCHEMA_VALUE", &["S03"]),
];

/// Classes of files that are right as files, as XML and against the schema.
const TAKEN: &[&str] = &["ENCODING_POLICY", "XML_POLICY", "SIZE_POLICY"];

#[test]
fn every_valid_sample_is_accepted() {
    let names = index("valid", 0);
    let said = check(names.keys().map(|name| format!("valid/{name}")));
    assert_eq!(said.0, Some(0), "{:#?}", said.1);
    assert_eq!(said.1.len(), names.len());
    let refused: Vec<_> = said
        .1
        .iter()
        .filter(|receipt| !receipt.is_accepted())
        .collect();
    assert!(refused.is_empty(), "{refused:#?}");
}

#[test]
fn every_invalid_sample_is_refused_for_the_right_reason() {
    let classes = index("invalid", 2);
    let (status, receipts) = check(classes.keys().map(|name| format!("invalid/{name}")));
    assert_eq!(status, Some(1));
    assert_eq!(receipts.len(), classes.len());
    let mut faults = Vec::new();
    for receipt in &receipts {
        let name = receipt.text("/file/name");
        let class = classes.get(name).expect("a sample's receipt").as_str();
        let (outcome, reason) = (receipt.outcome(), receipt.text("/reason"));
        let fits = match REASONS.iter().find(|(known, _)| *known == class) {
            Some((_, reasons)) => outcome == "rejected" && reasons.contains(&reason),
            None if TAKEN.contains(&class) => receipt.is_accepted(),
            None => !outcome.is_empty(),
        };
        if !fits {
            faults.push(format!("{name} ({class}): {outcome} {reason}"));
        }
        for finding in receipt.findings() {
            if finding.text("/message").is_empty() {
                faults.push(format!("{name}: a finding without a sentence: {finding:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// File name and one column of an index.
fn index(folder: &str, column: usize) -> BTreeMap<String, String> {
    let text = documents::sample(&format!("{folder}/INDEX.tsv"));
    let text = String::from_utf8(text).expect("UTF-8");
    let rows = text.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split('\t').collect();
        (cells[0].to_owned(), cells[column].to_owned())
    });
    rows.collect()
}

/// Runs `ecocd check --format json` over samples; its exit status and receipts.
fn check(names: impl Iterator<Item = String>) -> (Option<i32>, Vec<Receipt>) {
    let mut command = process::program();
    command.args(["check", "--format", "json"]);
    command.args(names.map(|name| documents::sample_path(&name)));
    let said = tool::run(&mut command, "");
    let list: Value =
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.err));
    let list = list.as_array().expect("a list of receipts");
    (said.status, list.iter().cloned().map(Receipt).collect())
}

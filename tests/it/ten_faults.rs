//! Files with ten planted faults each: all are found, each once, and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use ecocd::check::{Input, Schema, Settings, read};
use ecocd::config;
use ecocd::domain::outcome::Finding;
use ecocd::pipeline::settings;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/ten-faults")
}

fn checked() -> Settings {
    settings(&config::Check::default())
}

/// Line and code of each planted fault.
fn planted(name: &str) -> Vec<(u32, String)> {
    let text = fs::read_to_string(folder().join(format!("{name}.tsv"))).expect("the list is there");
    let mut planted: Vec<(u32, String)> = text
        .lines()
        .skip(1)
        .map(|line| {
            let (line, code) = line.split_once('\t').expect("line and code");
            (line.parse().expect("a number"), code.to_owned())
        })
        .collect();
    planted.sort();
    planted
}

/// At least nine of ten, and nothing else.
fn compare(name: &str, findings: &[Finding]) {
    let planted = planted(name);
    assert_eq!(planted.len(), 10, "{name}");
    let mut found: Vec<(u32, String)> = findings
        .iter()
        .map(|finding| {
            (
                finding.place.map_or(0, |place| place.line),
                finding.code.to_owned(),
            )
        })
        .collect();
    found.sort();
    let invented: Vec<_> = found
        .iter()
        .filter(|found| !planted.contains(found))
        .collect();
    assert!(
        invented.is_empty(),
        "{name} invents {invented:?}: {findings:#?}"
    );
    let mut once = found.clone();
    once.dedup();
    assert_eq!(once, found, "{name}: each fault is told once");
    let missed: Vec<_> = planted
        .iter()
        .filter(|planted| !found.contains(planted))
        .collect();
    assert!(missed.len() <= 1, "{name} misses {missed:?}");
}

#[test]
fn ten_faults_in_a_certificate_are_all_found_and_nothing_else() {
    let schema = Schema::built_in().expect("the schema that ships compiles");
    for name in ["van", "trailer"] {
        let octets = fs::read(folder().join(format!("{name}.xml"))).expect("the file is there");
        let input = Input {
            name: "a.xml",
            octets: &octets,
            given_up: None,
        };
        compare(name, &read(&schema, &checked(), input).findings);
    }
}

#[test]
fn ten_faults_where_order_counts_are_all_found_and_nothing_else() {
    let schema = fs::read(folder().join("order.xsd")).expect("the schema is there");
    let schema = Schema::compile(&[("order.xsd".to_owned(), schema)]).expect("it compiles");
    let octets = fs::read(folder().join("order.xml")).expect("the file is there");
    compare("order", &schema.validate(&checked(), &octets));
}

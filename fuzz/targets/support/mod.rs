//! What the targets that read documents share.

use std::sync::LazyLock;

use ecocd::check::{self, Input, Reading, Schema, Settings};
use ecocd::config;
use ecocd::domain::outcome::{Finding, Layer};
use ecocd::pipeline;

/// The schema that ships.
pub static SCHEMA: LazyLock<Schema> =
    LazyLock::new(|| Schema::built_in().unwrap_or_else(|faults| panic!("{faults:#?}")));

/// The default limits, as `[check]` without a line sets them.
pub static SETTINGS: LazyLock<Settings> =
    LazyLock::new(|| pipeline::settings(&config::Check::default()));

/// Reads `octets` as a file that came whole.
pub fn read(octets: &[u8]) -> Reading {
    let input = Input {
        name: "fuzzed.xml",
        octets,
        given_up: None,
    };
    check::read(&SCHEMA, &SETTINGS, input)
}

/// Every finding is a sentence, tame, short, and points into the file.
pub fn hold_together(octets: &[u8], findings: &[Finding]) {
    // In UTF-16 too a line end has one of these octets; a lone one in another unit counts too much,
    // never too little.
    let ends = octets
        .iter()
        .filter(|octet| matches!(octet, b'\n' | b'\r'))
        .count();
    for finding in findings {
        assert!(!finding.message.is_empty(), "without a sentence: {finding:?}");
        assert!(finding.code.len() > 4, "without a code: {finding:?}");
        for shown in [Some(&finding.message), finding.value.as_ref(), finding.expected.as_ref()]
            .into_iter()
            .flatten()
        {
            assert!(!shown.contains(char::is_control), "not tame: {finding:?}");
        }
        let value = finding.value.as_deref().unwrap_or_default();
        assert!(value.chars().count() <= 100, "a long value: {finding:?}");
        if finding.layer == Layer::Schema || finding.layer == Layer::Xml {
            assert!(finding.place.is_some(), "without a place: {finding:?}");
        }
        if let Some(place) = finding.place {
            let (line, column) = (place.line as usize, place.column as usize);
            assert!(line >= 1 && line <= ends + 1, "line outside the file: {finding:?}");
            assert!(column >= 1 && column <= octets.len() + 1, "column outside the file: {finding:?}");
        }
    }
}

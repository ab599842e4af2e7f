//! The rules as a whole. What each finds is in `tests/cases/findings`.

use std::collections::BTreeMap;

use crate::check::tests::{built_in, sample_text, settings};
use crate::check::{Input, judge, read, rules};
use crate::domain::Timestamp;
use crate::domain::outcome::Severity;
use crate::domain::record::Background;

#[test]
fn codes_are_unique_and_only_doubtful_keys_reject_by_default() {
    let mut seen: Vec<&str> = Vec::new();
    for rule in rules() {
        let (prefix, _) = rule.code.split_at(3);
        assert!(!seen.contains(&prefix), "{prefix} twice");
        seen.push(prefix);
        assert!(rule.code.starts_with('B') && rule.code.as_bytes()[3] == b'-');
        assert!(!rule.help.is_empty() && !rule.source.is_empty());
        let rejects = rule.severity == Severity::Error;
        assert_eq!(
            rejects,
            matches!(prefix, "B01" | "B02" | "B03"),
            "{}",
            rule.code
        );
    }
}

#[test]
fn a_hit_names_its_place_and_path() {
    let schema = built_in();
    let text = sample_text("valid/06-n1-van.xml").replacen("<ActualMass>", "<ActualMass>9", 1);
    let input = Input {
        name: "a.xml",
        octets: text.as_bytes(),
        given_up: None,
    };
    let reading = read(&schema, &settings(), input);
    let mut quiet = settings();
    quiet.rules = BTreeMap::from([("B99-never".to_owned(), None)]);
    let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let findings = judge(&reading, &Background::default(), &quiet, now);
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!(
        findings[0].path,
        "/InitialVehicleInformation/CocDataGroup[1]/MassGroup[1]/ActualMass[1]"
    );
    assert_eq!(
        findings[0].place.map(|place| (place.line, place.column)),
        Some((99, 4))
    );
    assert_eq!(findings[0].value.as_deref(), Some("92117"));
    assert_eq!(findings[0].expected.as_deref(), Some("at most 3500"));
}

//! The room as a whole, on the samples.

use std::fs;
use std::path::PathBuf;

use super::*;
use crate::domain::account::AccountId;
use crate::domain::outcome::{Case, Counts, Layer, Outcome, Place, decide};
use crate::domain::submission::{Door, Sha256};

/// The limits of the default configuration.
pub(crate) fn settings() -> Settings {
    Settings {
        file_bytes_max: 1_048_576,
        latin1: Some(Severity::Warning),
        depth_max: 100,
        attributes_max: 256,
        namespaces_max: 64,
        name_bytes_max: 1000,
        text_bytes_max: 262_144,
        attribute_bytes_max: 65_536,
        elements_max: 200_000,
        findings_max: 200,
        rules: BTreeMap::new(),
    }
}

/// The schema that ships.
pub(crate) fn built_in() -> Schema {
    Schema::built_in().unwrap_or_else(|faults| panic!("{faults:#?}"))
}

/// A file of the samples.
pub(crate) fn sample(path: &str) -> Vec<u8> {
    fs::read(folder().join(path)).unwrap_or_else(|fault| panic!("{path}: {fault}"))
}

/// A sample as text.
pub(crate) fn sample_text(path: &str) -> String {
    String::from_utf8(sample(path)).unwrap()
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/samples"))
}

/// `count` pieces, each made from its number.
pub(crate) fn numbered(count: u32, piece: impl Fn(u32) -> String) -> String {
    (0..count).map(piece).collect::<Vec<_>>().concat()
}

/// The rows of an index, without its heading.
pub(crate) fn index(side: &str) -> Vec<Vec<String>> {
    let text = sample_text(&format!("{side}/INDEX.tsv"));
    let row = |line: &str| line.split('\t').map(str::to_owned).collect();
    text.lines().skip(1).map(row).collect()
}

fn read_named(schema: &Schema, name: &str, octets: &[u8]) -> Reading {
    let input = Input {
        name,
        octets,
        given_up: None,
    };
    read(schema, &settings(), input)
}

/// Reads and judges; the sample's earlier stages and versions are there, unless it is about them.
pub(crate) fn judged(schema: &Schema, name: &str, octets: &[u8]) -> (Reading, Vec<Finding>) {
    let reading = read_named(schema, name, octets);
    let version = reading.facts.ivi_version_number.unwrap_or(1);
    let background = Background {
        version_highest: version
            .checked_sub(1)
            .filter(|before| *before > 0 && !name.starts_with("134")),
        has_earlier_stage: true,
        is_reference_used: name.starts_with("132"),
        ..Background::default()
    };
    let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let mut findings = reading.findings.clone();
    findings.extend(judge(&reading, &background, &settings(), now));
    (reading, findings)
}

pub(crate) fn lead(findings: &[Finding]) -> (Outcome, String) {
    let case = Case {
        account: AccountId(1),
        door: Door::Sftp,
        sha256: &Sha256::from_octets(&[0; 32]),
        holder: None,
    };
    let verdict = decide(findings.to_vec(), &case);
    (
        verdict.outcome,
        verdict.reason.unwrap_or_else(|| "accepted".to_owned()),
    )
}

pub(crate) fn codes(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn every_valid_sample_is_accepted_with_its_facts() {
    let schema = built_in();
    // Samples with no more than the schema asks for, less than the guidance wants.
    let sparse = ["16-", "23-", "24-", "26-"];
    let wanted_by_guidance = [
        "B19-manufacture-date-missing",
        "B42-energy-code-missing",
        "B50-group-missing",
    ];
    for row in index("valid") {
        let file = &row[0];
        let (reading, findings) = judged(&schema, file, &sample(&format!("valid/{file}")));
        assert_eq!(Counts::of(&findings).errors, 0, "{file}: {findings:#?}");
        let unwanted: Vec<_> = findings
            .iter()
            .filter(|finding| {
                let is_sparse = sparse.iter().any(|prefix| file.starts_with(prefix));
                !(is_sparse && wanted_by_guidance.contains(&finding.code))
            })
            .collect();
        assert!(unwanted.is_empty(), "{file}: {unwanted:#?}");
        let facts = reading.facts;
        assert_eq!(facts.vin.as_ref(), Some(&row[2]), "{file}");
        assert_eq!(
            facts.ivi_version_number.map(|n| n.to_string()).as_ref(),
            Some(&row[3])
        );
        assert_eq!(
            facts
                .manufacturer_stage_number
                .map(|n| n.to_string())
                .as_ref(),
            Some(&row[4])
        );
        assert!(facts.key().is_some());
        for fact in [
            facts.ivi_reference_id,
            facts.type_approval_number,
            facts.vehicle_category,
            facts.vehicle_type,
            facts.variant,
            facts.version,
        ] {
            assert!(fact.is_some_and(|fact| !fact.is_empty()), "{file}");
        }
    }
}

/// Code, line and path of the finding that leads, as the index has them.
fn led_by(findings: &[Finding]) -> [String; 3] {
    let case = Case {
        account: AccountId(1),
        door: Door::Sftp,
        sha256: &Sha256::from_octets(&[0; 32]),
        holder: None,
    };
    let verdict = decide(findings.to_vec(), &case);
    let Some(first) = verdict.findings.first() else {
        return ["-", "-", "-"].map(str::to_owned);
    };
    let line = first
        .place
        .map_or_else(|| "-".to_owned(), |place| place.line.to_string());
    let path = if first.path.is_empty() {
        "-"
    } else {
        &first.path
    };
    [first.code.to_owned(), line, path.to_owned()]
}

#[test]
fn every_invalid_sample_is_led_by_the_right_finding() {
    let schema = built_in();
    let mut wrong = Vec::new();
    let mut rows = vec!["file\twhat_is_wrong\tclass\tlead\tcode\tline\tpath".to_owned()];
    for row in index("invalid") {
        let (file, class) = (&row[0], &row[2]);
        let (_, findings) = judged(&schema, file, &sample(&format!("invalid/{file}")));
        let (_, reason) = lead(&findings);
        let found = led_by(&findings);
        if reason != row[3] || found != row[4..] {
            wrong.push(format!(
                "{file} ({class}): {reason} {found:?}, not {:?}",
                &row[3..]
            ));
        }
        rows.push([&row[..3], &[reason], &found].concat().join("\t"));
    }
    if std::env::var_os("ECOCD_REWRITE").is_some() {
        let text = format!("{}\n", rows.join("\n"));
        fs::write(folder().join("invalid/INDEX.tsv"), text).unwrap();
        return;
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_wrong_root_is_told_in_the_portals_words() {
    let schema = built_in();
    let (reading, findings) = judged(
        &schema,
        "a.xml",
        &sample("invalid/060-wrong-root-no-namespace.xml"),
    );
    assert_eq!(
        findings[0].message,
        "Unexpected root element 'root' in namespace ''. Expected 'InitialVehicleInformation' in namespace 'http://eu.ereg.initialvehicleinformation.v2'."
    );
    assert_eq!(
        findings.len(),
        1,
        "nothing below a wrong root is told, and no rule is applied"
    );
    assert_eq!(reading.facts, Facts::default());
    let (reading, findings) = judged(
        &schema,
        "a.xml",
        &sample("invalid/063-no-namespace-as-ivi-1.xml"),
    );
    assert!(findings[0].help.contains("xmlns="), "{}", findings[0].help);
    assert!(
        reading.facts.key().is_some(),
        "facts are found by name, whatever the namespace"
    );
}

#[test]
fn a_file_given_up_says_why_and_keeps_what_facts_it_can() {
    let schema = built_in();
    let octets = sample("valid/01-m1-petrol.xml");
    let given_up = |given_up, octets: &[u8]| {
        let input = Input {
            name: "a.xml",
            octets,
            given_up: Some(given_up),
        };
        read(&schema, &settings(), input)
    };
    let incomplete = given_up(GivenUp::Incomplete, &octets[..octets.len() / 2]);
    assert_eq!(codes(&incomplete.findings), ["T02-incomplete"]);
    assert_eq!(incomplete.facts.vin.as_deref(), Some("SXZM1P000T0000001"));
    let large = given_up(GivenUp::TooLarge, &octets);
    assert_eq!(codes(&large.findings), ["T03-too-large"]);
    assert_eq!(large.facts, Facts::default());
    assert_eq!(
        codes(&given_up(GivenUp::Empty, b"").findings),
        ["T01-empty"]
    );
}

#[test]
fn facts_before_a_fault_are_kept_and_none_come_out_of_a_signature() {
    let schema = built_in();
    let cut = sample("invalid/011-truncated.xml");
    assert!(read_named(&schema, "a.xml", &cut).facts.vin.is_some());
    let signed = sample_text("valid/28-m1-petrol-signed.xml");
    let vin = "<VehicleIdentificationNumber xmlns=\"http://eu.ereg.initialvehicleinformation.v2\">ZZZZZZZZZZZZZZZZ9</VehicleIdentificationNumber>";
    let start = signed.find("<Signature xmlns").unwrap();
    let (before, signature) = signed.split_at(start);
    let signature = signature
        .replace(
            "</Signature>",
            &format!("<Object>{vin}</Object></Signature>"),
        )
        .replace("</InitialVehicleInformation>", "");
    let (root, rest) = before.split_at(before.find("<Header").unwrap());
    let moved = format!("{root}{signature}{rest}</InitialVehicleInformation>");
    let reading = read_named(&schema, "a.xml", moved.as_bytes());
    assert_eq!(
        reading.findings,
        vec![],
        "the schema lets a signature carry anything"
    );
    assert_ne!(reading.facts.vin.as_deref(), Some("ZZZZZZZZZZZZZZZZ9"));
    assert!(reading.facts.vin.is_some());
}

#[test]
fn findings_have_line_column_path_value_and_what_would_have_been_right() {
    let schema = built_in();
    let text = sample_text("valid/06-n1-van.xml")
        .replacen("<VehicleCategory>N1<", "<VehicleCategory>n1<", 1)
        .replacen("<ActualMass>", "<ActualMass>1,", 1);
    let findings = read_named(&schema, "a.xml", text.as_bytes()).findings;
    assert_eq!(codes(&findings), ["S03-enumeration", "S03-type"]);
    let category = &findings[0];
    assert_eq!(
        category.path,
        "/InitialVehicleInformation/CocDataGroup[1]/VehicleCategory[1]"
    );
    assert_eq!(
        category.place,
        Some(Place {
            line: 19,
            column: 3
        })
    );
    assert_eq!(category.value.as_deref(), Some("n1"));
    assert!(
        category.help.contains("'N1'")
            && category.message.contains("(item 0.4 of the certificate)"),
        "{category:?}"
    );
    assert!(findings[1].help.contains("comma"));
    assert_eq!(
        findings[1].expected.as_deref(),
        Some("a whole number from 0 to 999999")
    );
}

#[test]
fn every_fault_is_told_once() {
    let schema = built_in();
    let text = sample_text("valid/06-n1-van.xml")
        .replacen("<IviVersionNumber>1<", "<IviVersionNumber>100<", 1)
        .replacen(
            "<DesignatedTypeApprovalCountry>g11</DesignatedTypeApprovalCountry>",
            "",
            1,
        )
        .replacen(
            "<TypeApprovalType>",
            "<Unknown><Deep>x</Deep></Unknown><TypeApprovalType>",
            1,
        )
        .replacen("<MakeTable>", "stray<MakeTable>", 1)
        .replacen("<Make>", "<Make a=\"1\">", 1)
        .replacen("<Wheelbase>", "<Wheelbase>x", 1)
        .replacen("</Variant>", "</Variant><Variant>again</Variant>", 1);
    let findings = read_named(&schema, "a.xml", text.as_bytes()).findings;
    assert_eq!(
        codes(&findings),
        [
            "S03-range",
            "S01-missing-element",
            "S02-unexpected-element",
            "S02-repeated",
            "S02-unexpected-text",
            "S02-unexpected-attribute",
            "S03-type",
        ]
    );
}

#[test]
fn what_a_rule_weighs_is_a_setting() {
    let schema = built_in();
    let octets = sample("invalid/135-vin-with-i-o-q.xml");
    let reading = read_named(&schema, "a.xml", &octets);
    for (setting, expected) in [
        (None, vec![]),
        (Some(Severity::Error), vec![Severity::Error]),
        (Some(Severity::Info), vec![Severity::Info]),
    ] {
        let mut settings = settings();
        settings.rules.insert("B10-vin-letters".to_owned(), setting);
        let now = Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(24 * 365 * 56);
        let findings = judge(&reading, &Background::default(), &settings, now);
        let severities: Vec<Severity> = findings
            .iter()
            .filter(|finding| finding.code == "B10-vin-letters")
            .map(|finding| finding.severity)
            .collect();
        assert_eq!(severities, expected);
    }
}

#[test]
fn past_as_many_findings_as_are_listed_errors_are_counted_and_values_say_nothing() {
    let schema = built_in();
    let van = sample_text("valid/06-n1-van.xml").replacen("<ActualMass>", "<ActualMass>9", 1);
    let with_wrong = |count: u32| {
        let rows = numbered(count, |_| "<MakeGroup><Make></Make></MakeGroup>".to_owned());
        let text = van.replacen("<MakeTable>", &format!("<MakeTable>{rows}"), 1);
        let (reading, findings) = judged(&schema, "a.xml", text.as_bytes());
        let rules = findings
            .iter()
            .filter(|finding| finding.layer == Layer::Rule)
            .map(|finding| finding.code)
            .collect::<Vec<_>>();
        (reading.findings.len(), reading.unlisted, rules)
    };
    assert_eq!(with_wrong(200), (200, 0, vec!["B24-mass-above-maximum"]));
    assert_eq!(with_wrong(250), (200, 50, vec![]));
}

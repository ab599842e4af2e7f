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
        name_bytes_max: 1000,
        elements_max: 200_000,
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

/// The rows of an index, without its heading.
fn index(side: &str) -> Vec<Vec<String>> {
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
fn judged(schema: &Schema, name: &str, octets: &[u8]) -> (Reading, Vec<Finding>) {
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

fn lead(findings: &[Finding]) -> (Outcome, String) {
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

fn codes(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn every_valid_sample_is_accepted_with_its_facts() {
    let schema = built_in();
    // Samples without the groups that the guidance wants.
    let sparse = ["05-", "11-", "16-", "23-", "24-", "26-"];
    for row in index("valid") {
        let file = &row[0];
        let (reading, findings) = judged(&schema, file, &sample(&format!("valid/{file}")));
        assert_eq!(Counts::of(&findings).errors, 0, "{file}: {findings:#?}");
        let unwanted: Vec<_> = findings
            .iter()
            .filter(|finding| {
                let is_sparse = sparse.iter().any(|prefix| file.starts_with(prefix));
                !(is_sparse && finding.code == "B50-group-missing")
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

#[test]
fn every_invalid_sample_is_led_by_the_right_reason() {
    let schema = built_in();
    let mut wrong = Vec::new();
    for row in index("invalid") {
        let (file, class, expected, warning) = (&row[0], &row[2], &row[3], &row[4]);
        let (_, findings) = judged(&schema, file, &sample(&format!("invalid/{file}")));
        let (_, found) = lead(&findings);
        let is_warned = warning == "-"
            || findings.iter().any(|finding| {
                finding.severity == Severity::Warning && finding.code.starts_with(warning.as_str())
            });
        if found != *expected || !is_warned {
            wrong.push(format!(
                "{file} ({class}): {found}, not {expected} {warning}: {:?}",
                codes(&findings)
            ));
        }
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
fn the_largest_files_are_read_within_their_limits() {
    let schema = built_in();
    let van = sample_text("valid/06-n1-van.xml");
    let padded = |size: usize| {
        let comment = size - van.len() - "<!---->".len();
        format!("{van}<!--{}-->", " ".repeat(comment)).into_bytes()
    };
    for (size, expected) in [
        (1_000_000, "accepted"),
        (1_048_576, "accepted"),
        (1_048_577, "T03"),
        (1_500_000, "T03"),
    ] {
        let octets = padded(size);
        assert_eq!(octets.len(), size);
        assert_eq!(
            lead(&judged(&schema, "a.xml", &octets).1).1,
            expected,
            "{size}"
        );
    }
    let axle = van.split_once("<TyreAxleTable>").unwrap().1;
    let rows = axle.split_once("</TyreAxleTable>").unwrap().0;
    let many = van.replacen(rows, &rows.repeat(1000), 1);
    assert!(many.len() > 600_000);
    assert_eq!(judged(&schema, "a.xml", many.as_bytes()).1, vec![]);
}

#[test]
fn what_is_made_to_exhaust_is_refused_at_its_limit() {
    let schema = built_in();
    let van = sample_text("valid/06-n1-van.xml");
    let nested = format!("{}{}", "<d>".repeat(60_000), "</d>".repeat(60_000));
    let attributes: String = (0..20_000)
        .map(|number| format!(" a{number}=\"1\""))
        .collect();
    let prefixes: String = (0..300)
        .map(|number| format!(" xmlns:p{number}=\"u{number}\""))
        .collect();
    let with = |from: &str, to: &str| van.replacen(from, to, 1);
    for (text, code) in [
        (
            with("<MakeTable>", &format!("<MakeTable>{nested}")),
            "X04-depth",
        ),
        (
            with("<Header>", &format!("<Header{attributes}>")),
            "X04-attributes",
        ),
        (
            with("<Header>", &format!("<Header{prefixes}>")),
            "X04-attributes",
        ),
        (
            with(
                "<Header>",
                &format!("<Header a=\"{}\">", "x".repeat(800_000)),
            ),
            "X04-attribute-value",
        ),
        (
            with("<Header>", &format!("<{}>", "x".repeat(450_000))),
            "X04-name",
        ),
        (
            with("<Header>", &format!("<Header>{}", "<x/>".repeat(200_001))),
            "X04-elements",
        ),
        (
            with(
                "<Header>",
                &format!("<Header{}>", &prefixes.replace(" xmlns", "><a xmlns")),
            ),
            "X04-depth",
        ),
    ] {
        let findings = judged(&schema, "a.xml", text.as_bytes()).1;
        assert!(
            codes(&findings).contains(&code),
            "{code}: {:?}",
            codes(&findings).last()
        );
        assert_eq!(lead(&findings).1, "X04");
    }
    let signer = van
        .split_once("<SignerName>")
        .unwrap()
        .1
        .split_once('<')
        .unwrap()
        .0;
    let long = with(signer, &"y".repeat(900_000));
    let findings = judged(&schema, "a.xml", long.as_bytes()).1;
    assert_eq!(codes(&findings), ["S03-length"]);
    assert_eq!(findings[0].value.as_ref().unwrap().chars().count(), 100);
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
    let start = signed.find("<Signature").unwrap();
    let (before, signature) = signed.split_at(start);
    let signature = signature
        .replace(
            "</Signature>",
            &format!("<Object>{vin}</Object></Signature>"),
        )
        .replace("</InitialVehicleInformation>", "");
    let header = before.find("<Header").unwrap();
    let moved = format!(
        "{}{signature}{}</InitialVehicleInformation>",
        &before[..header],
        &before[header..]
    );
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
        category.help.contains("'N1'") && category.help.contains("Item 0.4"),
        "{}",
        category.help
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

/// A small generator: the same numbers on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(sides).unwrap()).unwrap()
    }
}

#[test]
fn a_sample_cut_anywhere_is_refused() {
    let schema = built_in();
    for row in index("valid") {
        let octets = sample(&format!("valid/{}", row[0]));
        let end = octets.iter().rposition(|octet| *octet == b'>').unwrap();
        for cut in (0..=end).step_by(97) {
            let (_, findings) = judged(&schema, "a.xml", &octets[..cut]);
            assert!(Counts::of(&findings).errors > 0, "{} cut at {cut}", row[0]);
        }
    }
}

#[test]
fn no_change_of_octets_makes_it_panic_or_lose_a_finding_its_place() {
    let schema = built_in();
    let mut dice = Dice(0x2545_F491_4F6C_DD1D);
    let spices: &[&[u8]] = &[
        b"<",
        b">",
        b"&",
        b"&#0;",
        b"]]>",
        b"<!--",
        b"-->",
        b"<![CDATA[",
        b"<?x",
        b"<!DOCTYPE a>",
        b"\0",
        b"\xFF\xFE",
        b"\xC3",
        b"</",
        b"/>",
        b"=\"",
        b"'",
        b" xmlns=''",
        b":",
        b"<a>",
        b"\r",
        b"\xF0\x9D\x84\x9E",
        b" xsi:nil='true'",
        b"\xEF\xBF\xBF",
    ];
    for row in index("valid") {
        let clean = sample(&format!("valid/{}", row[0]));
        for _ in 0..60 {
            let mut octets = clean.clone();
            for _ in 0..=dice.roll(3) {
                let at = dice.roll(octets.len());
                match dice.roll(3) {
                    0 => octets[at] ^= u8::try_from(1 << dice.roll(8)).unwrap(),
                    1 => {
                        let spice = spices[dice.roll(spices.len())];
                        octets.splice(at..at, spice.iter().copied());
                    }
                    _ => {
                        let to = (at + dice.roll(200)).min(octets.len());
                        octets.drain(at..to);
                    }
                }
            }
            let (_, findings) = judged(&schema, "a.xml", &octets);
            for finding in findings {
                assert!(
                    finding
                        .value
                        .is_none_or(|value| value.chars().count() <= 100)
                );
                assert!(!finding.message.is_empty() && finding.code.len() > 4);
                assert!(finding.layer != Layer::Schema || finding.place.is_some());
            }
        }
    }
}

//! The rules, each once firing and once just not.

use std::collections::BTreeMap;

use crate::check::tests::{built_in, sample_text, settings};
use crate::check::{Input, Schema, judge, read, rules};
use crate::domain::Timestamp;
use crate::domain::outcome::Severity;
use crate::domain::record::Background;

/// A base sample, what to change in it, and what to change it to.
type Change = (&'static str, &'static str, &'static str);

const VAN: &str = "valid/06-n1-van.xml";
const ELECTRIC: &str = "valid/02-m1-bev-wltp.xml";
const FIRST: &str = "valid/07-n2-stage1-chassis-cab.xml";
const SECOND: &str = "valid/08-n2-stage2-completed-same-vin.xml";

/// The codes that judging gives.
fn codes(schema: &Schema, change: Change, background: &Background) -> Vec<&'static str> {
    let (base, from, to) = change;
    let text = sample_text(base);
    assert!(
        from.is_empty() || text.contains(from),
        "{base} has no {from}"
    );
    let text = text.replacen(from, to, 1);
    let input = Input {
        name: "a.xml",
        octets: text.as_bytes(),
        given_up: None,
    };
    let reading = read(schema, &settings(), input);
    assert!(
        reading.findings.is_empty(),
        "{change:?}: {:#?}",
        reading.findings
    );
    let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    judge(&reading, background, &settings(), now)
        .iter()
        .map(|finding| finding.code)
        .collect()
}

fn known_stage() -> Background {
    Background {
        has_earlier_stage: true,
        ..Background::default()
    }
}

const SIGNED: &str = "<SignatureDate>2026-07-07<";
const ISSUED: &str = "<TypeApprovalIssueDate>2026-02-17<";

/// Each rule: a change that makes it fire, and one that just does not.
const CASES: &[(&str, Change, Change)] = &[
    (
        "B01-version-zero",
        (VAN, "Number>1</IviVersion", "Number>0</IviVersion"),
        (VAN, "Number>1</IviVersion", "Number>01</IviVersion"),
    ),
    (
        "B02-stage-zero",
        (
            VAN,
            "<ManufacturerStageNumber>1<",
            "<ManufacturerStageNumber>00<",
        ),
        (VAN, "", ""),
    ),
    (
        "B10-vin-letters",
        (VAN, "Number>SXZN1D", "Number>SXZN1O"),
        (VAN, "Number>SXZN1D", "Number>SXZN10"),
    ),
    (
        "B11-vin-same",
        (VAN, ">SXZN1D000T0000006<", ">00000000000000000<"),
        (VAN, ">SXZN1D000T0000006<", ">00000000000000001<"),
    ),
    (
        "B12-approval-form",
        (VAN, "g11*2018/858*00918*03", "g11*2018/858*918*03"),
        (VAN, "g11*2018/858*00918*03", "g11*NKS18/858*0918*03"),
    ),
    (
        "B13-approval-country",
        (VAN, "Country>g11<", "Country>n11<"),
        ("valid/21-n1-van-northern-ireland.xml", "", ""),
    ),
    (
        "B14-category-scope",
        (VAN, "<VehicleCategory>N1<", "<VehicleCategory>T1a<"),
        (VAN, "<VehicleCategory>N1<", "<VehicleCategory>O4S<"),
    ),
    (
        "B15-signed-before-approval",
        (VAN, ISSUED, "<TypeApprovalIssueDate>2026-07-31<"),
        (VAN, SIGNED, "<SignatureDate>2026-07-07<"),
    ),
    (
        "B16-year-implausible",
        (VAN, ISSUED, "<TypeApprovalIssueDate>1989-12-31<"),
        (VAN, ISSUED, "<TypeApprovalIssueDate>1990-01-01<"),
    ),
    (
        "B16-year-implausible",
        (
            VAN,
            "<DateManufactureVehicle>2026",
            "<DateManufactureVehicle>2028",
        ),
        (
            VAN,
            "<DateManufactureVehicle>2026",
            "<DateManufactureVehicle>2027",
        ),
    ),
    (
        "B17-date-future",
        (VAN, SIGNED, "<SignatureDate>2026-11-22<"),
        (VAN, SIGNED, "<SignatureDate>2026-11-21<"),
    ),
    (
        "B20-axle-count",
        (VAN, "<NumberOfAxles>2<", "<NumberOfAxles>3<"),
        (VAN, "<NumberOfAxles>2</NumberOfAxles>", ""),
    ),
    (
        "B21-powered-axle-count",
        (VAN, "<PoweredAxleIndicator>N<", "<PoweredAxleIndicator>Y<"),
        (VAN, "<PoweredAxleIndicator>N</PoweredAxleIndicator>", ""),
    ),
    (
        "B22-steered-axle-count",
        (
            FIRST,
            "<NumberOfSteeredAxles>1<",
            "<NumberOfSteeredAxles>2<",
        ),
        (FIRST, "<SteeredAxleIndicator>N</SteeredAxleIndicator>", ""),
    ),
    (
        "B23-twin-axle-count",
        (
            FIRST,
            "<NumberOfAxlesWithTwinWheels>1<",
            "<NumberOfAxlesWithTwinWheels>2<",
        ),
        (FIRST, "", ""),
    ),
    (
        "B24-mass-above-maximum",
        (VAN, "<ActualMass>", "<ActualMass>9"),
        (VAN, "", ""),
    ),
    (
        "B25-running-mass-above-maximum",
        (VAN, "<MassInRunningOrder>", "<MassInRunningOrder>9"),
        (VAN, "", ""),
    ),
    (
        "B26-axle-masses",
        (
            VAN,
            "<TechnicallyPermissibleMassAxle>1",
            "<TechnicallyPermissibleMassAxle>",
        ),
        ("valid/13-o4-semi-trailer.xml", "", ""),
    ),
    (
        "B30-previous-stage-missing",
        (
            SECOND,
            "<PreviousStageTypeApprovalNumber>g11*2018/858*00083*17</PreviousStageTypeApprovalNumber>",
            "",
        ),
        (SECOND, "", ""),
    ),
    (
        "B32-completed-first-stage",
        (VAN, "<StageOfCompletion>C<", "<StageOfCompletion>V<"),
        (SECOND, "", ""),
    ),
    (
        "B40-electric-with-engine",
        (ELECTRIC, "<EnergySource>95<", "<EnergySource>10<"),
        (ELECTRIC, "", ""),
    ),
    (
        "B41-electric-not-said",
        (ELECTRIC, "VehicleIndicator>Y<", "VehicleIndicator>N<"),
        (VAN, "", ""),
    ),
    (
        "B50-group-missing",
        ("valid/16-minimal.xml", "", ""),
        (VAN, "", ""),
    ),
];

#[test]
fn each_rule_fires_and_just_does_not() {
    let schema = built_in();
    for (code, fires, just_not) in CASES {
        let found = codes(&schema, *fires, &known_stage());
        assert!(found.contains(code), "{code} {fires:?}: {found:?}");
        let found = codes(&schema, *just_not, &known_stage());
        assert!(!found.contains(code), "{code} {just_not:?}: {found:?}");
    }
    // The rest are tried below.
    let elsewhere = ["B03", "B31", "B60", "B61", "B62", "B63"];
    for rule in rules() {
        let is_tried = CASES.iter().any(|(code, ..)| *code == rule.code)
            || elsewhere.iter().any(|prefix| rule.code.starts_with(prefix));
        assert!(is_tried, "{} has no case", rule.code);
    }
}

#[test]
fn two_makers_of_one_stage_make_the_key_uncertain() {
    let schema = built_in();
    let three = "valid/26-three-makers-listed.xml";
    let stage = "<ManufacturerStageNumber>3<";
    let repeated = codes(
        &schema,
        (three, stage, "<ManufacturerStageNumber>02<"),
        &known_stage(),
    );
    assert!(repeated.contains(&"B03-stage-repeated"), "{repeated:?}");
    let apart = codes(
        &schema,
        (three, stage, "<ManufacturerStageNumber>9<"),
        &known_stage(),
    );
    assert!(!apart.contains(&"B03-stage-repeated"), "{apart:?}");
}

#[test]
fn what_was_accepted_before_is_looked_at() {
    let schema = built_in();
    let correction = ("valid/15-m1-petrol-version2-correction-of-01.xml", "", "");
    let with = |background: Background| codes(&schema, correction, &background);
    let before = |highest| Background {
        version_highest: highest,
        approval_before: Some("g11*2018/858*00901*07".to_owned()),
        ..known_stage()
    };
    assert_eq!(
        with(Background {
            approval_before: None,
            ..before(None)
        }),
        ["B61-version-gap"]
    );
    let same = sample_text(correction.0)
        .split_once("<TypeApprovalNumber>")
        .and_then(|(_, rest)| rest.split_once('<'))
        .map(|(number, _)| number.to_owned());
    let fits = Background {
        approval_before: same,
        ..before(Some(1))
    };
    assert_eq!(with(fits.clone()), Vec::<&str>::new());
    assert_eq!(
        with(Background {
            version_highest: Some(3),
            ..fits.clone()
        }),
        ["B62-version-lower"]
    );
    assert_eq!(
        with(Background {
            is_reference_used: true,
            ..fits.clone()
        }),
        ["B60-reference-reused"]
    );
    let moved = Background {
        approval_before: Some("g11*2018/858*00999*00".to_owned()),
        ..fits
    };
    assert_eq!(with(moved), ["B63-approval-changed"]);
    let unknown = codes(&schema, (SECOND, "", ""), &Background::default());
    assert_eq!(unknown, ["B31-earlier-stage-unknown"]);
    assert_eq!(
        codes(&schema, (FIRST, "", ""), &Background::default()),
        Vec::<&str>::new()
    );
}

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
    let text = sample_text(VAN).replacen("<ActualMass>", "<ActualMass>9", 1);
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

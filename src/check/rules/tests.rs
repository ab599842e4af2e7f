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

/// The codes and sentences that a changed sample gets.
fn judged(base: &str, changes: &[(&str, &str)]) -> Vec<(&'static str, String)> {
    let mut text = sample_text(base);
    for (from, to) in changes {
        assert!(text.contains(from), "{base} has no {from}");
        text = text.replacen(from, to, 1);
    }
    let input = Input {
        name: "a.xml",
        octets: text.as_bytes(),
        given_up: None,
    };
    let reading = read(&built_in(), &settings(), input);
    let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let background = Background {
        has_earlier_stage: true,
        ..Background::default()
    };
    judge(&reading, &background, &settings(), now)
        .into_iter()
        .map(|finding| (finding.code, finding.message))
        .collect()
}

const VAN: &str = "valid/06-n1-van.xml";
const CAR: &str = "valid/01-m1-petrol.xml";
const LORRY: &str = "valid/07-n2-stage1-chassis-cab.xml";
const SECOND: &str = "valid/08-n2-stage2-completed-same-vin.xml";
const BUS: &str = "valid/09-m3-bus-low-floor.xml";
const TRAILER: &str = "valid/13-o4-semi-trailer.xml";
const TRACTOR: &str = "valid/17-non-ascii-maker.xml";
const COUNTRY: &str =
    "<InServiceMaximumPermissibleMassCountry>UK</InServiceMaximumPermissibleMassCountry>";

/// A sample, what to change in it and to what, the code, and a part of its sentence.
const WAYS: &[(&str, &str, &str, &str, &str)] = &[
    (
        BUS,
        COUNTRY,
        "",
        "B27-in-service-traffic",
        "neither a country nor",
    ),
    (
        TRAILER,
        "<InServiceMaximumPermissibleLadenMassAxleGroupCountry>UK</InServiceMaximumPermissibleLadenMassAxleGroupCountry>",
        "",
        "B27-in-service-traffic",
        "(item 17.3 of",
    ),
    (
        TRAILER,
        "<AxleSpacing>1310</AxleSpacing>",
        "",
        "B29-axle-spacing",
        "Axle 1 does not give the spacing to the next",
    ),
    (
        SECOND,
        "<PreviousStageType>SC7</PreviousStageType>",
        "",
        "B30-previous-stage-missing",
        "does not name the type of",
    ),
    (
        CAR,
        "<EcoInnovationsFittedIndicator>Y</EcoInnovationsFittedIndicator>",
        "",
        "B53-eco-innovation-indicator",
        "the indicator is left out (item 49.3 of",
    ),
    (
        VAN,
        "EcoInnovationsFittedIndicator>N<",
        "EcoInnovationsFittedIndicator>Y<",
        "B53-eco-innovation-indicator",
        "says yes, but no eco-innovations are listed",
    ),
    (
        TRACTOR,
        "DangerousGoodsIndicator>Y<",
        "DangerousGoodsIndicator>N<",
        "B54-dangerous-goods-indicator",
        "says no, but classes of dangerous goods",
    ),
    (
        VAN,
        "<BrakedTypeTrail>UNB<",
        "<BrakedTypeTrail>INB<",
        "B72-towing-braking",
        "says 'INB' of the trailer's brakes",
    ),
    (
        TRACTOR,
        "<TowingBrakedTypeTrailGroup>",
        "<TowingBrakedTypeTrailGroup><MechanicalCouplingNumberTowingMasses>7</MechanicalCouplingNumberTowingMasses>",
        "B74-coupling-unknown",
        "Coupling 7 is referred to",
    ),
    (
        LORRY,
        "<VehicleCategory>N2<",
        "<VehicleCategory>M1<",
        "B76-coupling-can-be-fitted",
        "not for category M1",
    ),
    (
        VAN,
        "<AxleNumber>2<",
        "<AxleNumber>1<",
        "B80-axle-numbering",
        "number 1 stands twice",
    ),
    (
        VAN,
        "<AxleNumber>1<",
        "<AxleNumber>0<",
        "B80-axle-numbering",
        "one has number 0",
    ),
];

#[test]
fn a_rule_sees_every_way_to_break_it() {
    for (base, from, to, code, sentence) in WAYS {
        let found = judged(base, &[(*from, *to)]);
        let is_found = found
            .iter()
            .any(|(found, message)| found == code && message.contains(sentence));
        assert!(is_found, "{code} {to}: {found:?}");
    }
}

#[test]
fn nothing_is_said_to_be_missing_where_the_schema_says_so_already() {
    let no_masses = ("<MassInRunningOrder>", "<MassInOrder>");
    let closed = ("</MassInRunningOrder>", "</MassInOrder>");
    let three = ("<NumberOfAxles>2<", "<NumberOfAxles>3<");
    let vin = ("Number>SXZN1D", "Number>SXZN1O");
    let found = judged(VAN, &[three, vin]);
    let codes: Vec<&str> = found.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, ["B10-vin-letters", "B20-axle-count"]);
    let found = judged(VAN, &[three, vin, no_masses, closed]);
    let codes: Vec<&str> = found.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, ["B10-vin-letters"], "counting waits");
}

#[test]
fn a_value_that_the_schema_finds_fault_with_says_nothing() {
    let mass = ("<ActualMass>2117<", "<ActualMass>9999999<");
    assert_eq!(judged("valid/06-n1-van.xml", &[mass]), []);
    let date = ("<SignatureDate>2026-07-07<", "<SignatureDate>2026-13-07<");
    assert_eq!(judged("valid/06-n1-van.xml", &[date]), []);
    let source = ("<EnergySource>95<", "<EnergySource>96<");
    assert_eq!(judged("valid/02-m1-bev-wltp.xml", &[source]), []);
}

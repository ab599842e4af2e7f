//! What changed is found, wherever it stands, and nothing else.

use crate::certificate::tests::{READER, sample, samples};
use crate::certificate::{Comparison, Difference, Kind};

fn text(name: &str) -> String {
    String::from_utf8(sample(name)).unwrap()
}

fn compared(from: &str, to: &str) -> Comparison {
    READER.compare(from.as_bytes(), to.as_bytes())
}

fn told(comparison: &Comparison) -> Vec<String> {
    let values = |values: &[crate::certificate::Value]| {
        let texts: Vec<&str> = values.iter().map(|value| value.text.as_str()).collect();
        texts.join(",")
    };
    let line = |one: &Difference| {
        format!(
            "{:?} {} [{}] {} -> {}",
            one.kind,
            one.field.element,
            one.row,
            values(&one.from),
            values(&one.to)
        )
    };
    comparison
        .sections
        .iter()
        .flat_map(|(_, differences)| differences)
        .filter(|difference| difference.kind != Kind::Same)
        .map(line)
        .collect()
}

#[test]
fn a_document_is_the_same_as_itself() {
    for (name, octets) in samples() {
        let comparison = READER.compare(&octets, &octets);
        assert!(comparison.is_whole);
        assert!(comparison.count(Kind::Same) > 10, "{name}");
        assert_eq!(told(&comparison), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_correction_shows_what_was_corrected() {
    let comparison = compared(
        &text("01-m1-petrol.xml"),
        &text("15-m1-petrol-version2-correction-of-01.xml"),
    );
    let mut told = told(&comparison);
    told.retain(|line| {
        !line.contains("Signature") && !line.contains("Digest") && !line.contains("X509")
    });
    assert_eq!(
        told,
        [
            "Changed IviVersionNumber [] 1 -> 2",
            "Changed IviVersionDateTime [] 2026-07-08T09:14:22.351+01:00 -> 2026-07-15T08:00:05+01:00",
            "Changed IviReferenceId [] e9c3ff25-770c-4ee9-896c-81a43a681e75 -> 35e05c96-7194-4c05-9c56-888319eebbf3",
            "Changed Wheelbase [] 2630 -> 2636",
            "Changed ActualMass [] 1342 -> 1351",
            "Changed AxleSpacing [Axle 1] 2630 -> 2636",
            "Changed Colour [] 9 -> 4",
            "Added RemarkSubjectDescription [Remarks, en]  -> RMRKS",
            "Added RemarkSubjectLanguage [Remarks, en]  -> en",
            "Added Remark [Remarks, en]  -> CORRECTED WHEELBASE, ACTUAL MASS AND COLOUR",
        ]
    );
}

/// The rows of `table` in the other order.
fn reversed(text: &str, table: &str, row: &str) -> String {
    let (open, close) = (format!("<{table}>"), format!("</{table}>"));
    let (before, rest) = text.split_once(&open).unwrap();
    let (rows, after) = rest.split_once(&close).unwrap();
    let end = format!("</{row}>");
    let rows: Vec<&str> = rows
        .split_inclusive(&end)
        .filter(|piece| piece.contains(&end))
        .collect();
    assert!(rows.len() > 1, "{table}");
    let rows: String = rows.into_iter().rev().collect();
    format!("{before}{open}{rows}{close}{after}")
}

#[test]
fn rows_in_another_order_are_no_change() {
    let car = text("01-m1-petrol.xml");
    for (table, row) in [
        ("AxleTable", "AxleGroup"),
        ("TyreAxleTable", "TyreAxleGroup"),
        ("TestFamilyIdentifiersTable", "TestFamilyIdentifiersGroup"),
        ("AdvancedSafetySystemsTable", "AdvancedSafetySystemsGroup"),
        ("LocationMarkingsTable", "LocationMarkingsGroup"),
        ("TowingBrakedTypeTrailTable", "TowingBrakedTypeTrailGroup"),
    ] {
        let other = reversed(&car, table, row);
        assert_ne!(other, car);
        assert_eq!(
            told(&compared(&car, &other)),
            Vec::<String>::new(),
            "{table}"
        );
    }
    let bev = text("02-m1-bev-wltp.xml");
    let other = reversed(&bev, "EnergyConvertorTable", "EnergyConvertorGroup");
    assert_eq!(told(&compared(&bev, &other)), Vec::<String>::new());
}

#[test]
fn a_change_in_a_row_is_found_though_the_rows_moved() {
    let car = text("01-m1-petrol.xml");
    let other = reversed(&car, "AxleTable", "AxleGroup").replace(
        "<TechnicallyPermissibleMassAxle>900<",
        "<TechnicallyPermissibleMassAxle>905<",
    );
    assert_eq!(
        told(&compared(&car, &other)),
        ["Changed TechnicallyPermissibleMassAxle [Axle 2] 900 -> 905"]
    );
    let other = car.replacen("<TyreNumber>3<", "<TyreNumber>7<", 1);
    let told = told(&compared(&car, &other));
    let is_whole_row =
        |line: &String| line.contains("[Axle 1, tyre 3]") || line.contains("[Axle 1, tyre 7]");
    assert!(told.iter().all(is_whole_row), "{told:#?}");
    assert!(told.contains(&"Removed TyreSize [Axle 1, tyre 3] 205/55R16 -> ".to_owned()));
    assert!(told.contains(&"Added TyreSize [Axle 1, tyre 7]  -> 205/55R16".to_owned()));
}

#[test]
fn what_is_only_in_one_document_is_added_or_removed() {
    let car = text("01-m1-petrol.xml");
    let other = car
        .replace("<MaximumSpeed>205</MaximumSpeed>", "")
        .replace("<Wheelbase>2630</Wheelbase>", "<Wheelbase>2631</Wheelbase>");
    assert_eq!(
        told(&compared(&car, &other)),
        [
            "Changed Wheelbase [] 2630 -> 2631",
            "Removed MaximumSpeed [] 205 -> "
        ]
    );
    assert_eq!(
        told(&compared(&other, &car)),
        [
            "Changed Wheelbase [] 2631 -> 2630",
            "Added MaximumSpeed []  -> 205"
        ]
    );
    let other = car.replacen(
        "<AdvancedSafetySystemsGroup>",
        "<AdvancedSafetySystemsGroup><AdvancedSafetySystem>ADS</AdvancedSafetySystem></AdvancedSafetySystemsGroup><AdvancedSafetySystemsGroup>",
        1,
    );
    let told = told(&compared(&car, &other));
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(
        told[0].starts_with("Changed AdvancedSafetySystem []"),
        "{told:#?}"
    );
}

#[test]
fn an_engine_whose_code_was_corrected_is_still_the_same_engine() {
    let car = text("01-m1-petrol.xml");
    let other = car.replace(">NP15T<", ">NP15X<");
    assert_eq!(
        told(&compared(&car, &other)),
        ["Changed EnergyConvertorCodeMarkedOnEnergyConvertor [] NP15T -> NP15X"]
    );
}

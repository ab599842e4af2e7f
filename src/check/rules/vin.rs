//! Rules about the vehicle identification number.

use crate::check::facts::Known;
use crate::check::rules::{Case, Hit, Rule, warning};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    Rule::of_values(warning("B10-vin-letters",
        "The VIN holds I, O or Q.",
        "These letters are left out of VINs; check for 1 and 0.", "ISO 3779 and Regulation (EU) 2021/535, annex II"), letters),
    Rule::of_values(warning("B11-vin-same",
        "All characters of the VIN are the same.",
        "Check that this is the VIN of a vehicle and not a placeholder.", "ISO 3779"), same),
];

/// Letters that look like digits.
fn letters<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    vin(
        case,
        |vin| vin.contains(['I', 'O', 'Q']),
        "The VIN holds I, O or Q.",
        "a VIN without I, O and Q",
    )
}

/// A placeholder.
fn same<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let is_same = |vin: &str| {
        let mut letters = vin.chars();
        let first = letters.next();
        vin.len() > 1 && letters.all(|letter| Some(letter) == first)
    };
    vin(
        case,
        is_same,
        "All characters of the VIN are the same.",
        "the VIN of one vehicle",
    )
}

fn vin<'a>(
    case: &Case<'a>,
    is_doubtful: impl Fn(&str) -> bool,
    message: &str,
    expected: &str,
) -> Vec<Hit<'a>> {
    case.values
        .first(Known::VehicleIdentificationNumber)
        .filter(|vin| vin.said().is_some_and(&is_doubtful))
        .map(|vin| Hit::new(vin, message, expected))
        .into_iter()
        .collect()
}

//! Rules about the vehicle identification number.

use crate::check::facts::Known;
use crate::check::rules::{Case, Hit};

/// Letters that look like digits.
pub(super) fn letters<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    vin(
        case,
        |vin| vin.contains(['I', 'O', 'Q']),
        "The VIN holds I, O or Q.",
        "a VIN without I, O and Q",
    )
}

/// A placeholder.
pub(super) fn same<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
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
        .filter(|vin| is_doubtful(&vin.text))
        .map(|vin| Hit::new(vin, message, expected))
        .into_iter()
        .collect()
}

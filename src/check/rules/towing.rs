//! Rules about the trailers that the vehicle may tow.

use crate::check::facts::{Known, Value};
use crate::check::found::shorten;
use crate::check::rules::source::TOWING;
use crate::check::rules::{Case, Hit, Rule, warning};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    Rule::of_all(warning("B70-towable-mass-missing",
        "Towing is stated without any towable mass.",
        "Give TechnicallyPermissibleMaximumTowableMass of at least one kind of trailer.", TOWING), towable),
    Rule::of_all(warning("B71-combination-mass-missing",
        "Towing is stated without any mass of the combination.",
        "Give TechnicallyPermissibleMaximumCombinationMass at least once.", TOWING), combination),
    Rule::of_all(warning("B72-towing-braking",
        "A towable mass does not say whether it is for a braked or an unbraked trailer.",
        "Give BrakedTypeTrail BRK or UNB with every towable mass.", TOWING), braking),
    Rule::of_all(warning("B73-towing-body-missing",
        "A towable mass for a braked trailer does not say for which body.",
        "Give BodyworkTypeTrailer, such as DC for a centre-axle trailer.", TOWING), body),
];

fn towable<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let what = Known::TechnicallyPermissibleMaximumTowableMass;
    missing(case, what, "Towing is stated without any towable mass.")
}

fn combination<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let what = Known::TechnicallyPermissibleMaximumCombinationMass;
    missing(
        case,
        what,
        "Towing is stated without any mass of the combination.",
    )
}

fn missing<'a>(case: &Case<'a>, what: Known, message: &str) -> Vec<Hit<'a>> {
    case.values
        .first(Known::TowingBrakedTypeTrailTable)
        .filter(|_| !case.values.has(what))
        .map(|table| Hit::missing(Some(table), what, message))
        .into_iter()
        .collect()
}

/// Cars, vans, buses and lorries know only these two; other vehicles have codes of their own.
fn braking<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let values = case.values;
    if !case.category().starts_with(['M', 'N']) {
        return Vec::new();
    }
    let expected = "BRK or UNB";
    values
        .all(Known::TowingBrakedTypeTrailGroup)
        .filter_map(|row| {
            let mass = values.first_in(row, Known::TechnicallyPermissibleMaximumTowableMass)?;
            let Some(braking) = values.first_in(row, Known::BrakedTypeTrail) else {
                let message = "The towable mass does not say whether the trailer is braked.";
                return Some(
                    Hit::new(mass, message, format!("BrakedTypeTrail {expected}"))
                        .about(Known::BrakedTypeTrail),
                );
            };
            let said = braking
                .said()
                .filter(|said| !matches!(*said, "BRK" | "UNB"))?;
            let message = format!(
                "The towable mass says '{}' of the trailer's brakes, not whether it is braked.",
                shorten(said)
            );
            Some(Hit::new(braking, message, expected))
        })
        .collect()
}

fn body<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let values = case.values;
    let is_braked = |row: &Value<'_>| {
        let braking = values.first_in(*row, Known::BrakedTypeTrail);
        braking.is_some_and(|braking| braking.says("BRK"))
    };
    values
        .all(Known::TowingBrakedTypeTrailGroup)
        .filter(is_braked)
        .flat_map(|row| values.all_in(row, Known::BodyworkTypeGroup))
        .filter(|group| {
            values
                .first_in(*group, Known::BodyworkTypeTrailer)
                .is_none()
        })
        .filter_map(|group| values.first_in(group, Known::TechnicallyPermissibleMaximumTowableMass))
        .map(|mass| {
            let message = "The towable mass of a braked trailer does not say for which body it is.";
            let expected = "element 'BodyworkTypeTrailer' beside it";
            Hit::new(mass, message, expected).about(Known::BodyworkTypeTrailer)
        })
        .collect()
}

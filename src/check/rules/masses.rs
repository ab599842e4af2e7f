//! Rules about masses.

use crate::check::facts::{Known, Value};
use crate::check::rules::source::{CONTENT, IN_SERVICE, REGULATION};
use crate::check::rules::{Case, Hit, Rule, warning};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    Rule::of_values(warning("B24-mass-above-maximum",
        "The actual mass is above the permissible laden mass.",
        "Check ActualMass and TechnicallyPermissibleMaximumLadenMass.", CONTENT), actual),
    Rule::of_values(warning("B25-running-mass-above-maximum",
        "The mass in running order is above the permissible laden mass.",
        "Check MassInRunningOrder and TechnicallyPermissibleMaximumLadenMass.", REGULATION), running_order),
    Rule::of_all(warning("B26-axle-masses",
        "The permissible masses of the axles add up to less than the permissible laden mass.",
        "Check TechnicallyPermissibleMassAxle of each axle.", CONTENT), axles),
    Rule::of_all(warning("B27-in-service-traffic",
        "A mass in service names both a country and a traffic regulation, or neither.",
        "Name a country for national traffic, or a traffic regulation for international traffic.", IN_SERVICE), in_service),
];

/// The actual mass against the permissible one.
fn actual<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    above(case, Known::ActualMass, "actual mass")
}

/// The mass in running order against the permissible one.
fn running_order<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    above(case, Known::MassInRunningOrder, "mass in running order")
}

/// The axles together against the permissible mass. A trailer rests on its coupling too, so only
/// vehicles that stand on their own are looked at.
fn axles<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let Some((permissible, most)) = permissible(case) else {
        return Vec::new();
    };
    let masses: Option<Vec<u64>> = case
        .values
        .all(Known::TechnicallyPermissibleMassAxle)
        .map(Value::number)
        .collect();
    let masses = masses.unwrap_or_default();
    let is_listed = !masses.is_empty() && masses.len() == case.values.count(Known::AxleGroup);
    let sum = masses
        .iter()
        .fold(0_u64, |sum, mass| sum.saturating_add(*mass));
    if !is_listed || !case.category().starts_with(['M', 'N']) || sum >= most {
        return Vec::new();
    }
    let message = format!(
        "The permissible laden mass is {most} kg, but the permissible masses of the axles add up to only {sum} kg."
    );
    vec![Hit::new(permissible, message, format!("at most {sum}"))]
}

/// Each kind of row with a mass in service: the row, its country, its regulation.
const IN_SERVICE_ROWS: [(Known, Known, Known); 3] = [
    (
        Known::InServiceMaximumMassGroup,
        Known::InServiceMaximumPermissibleMassCountry,
        Known::InServiceMaximumPermissibleMassTrafficRegulation,
    ),
    (
        Known::InServiceMaximumPermissibleLadenMassAxleGroup,
        Known::InServiceMaximumPermissibleLadenMassAxleCountry,
        Known::InServiceMaximumPermissibleLadenMassAxleTrafficRegulation,
    ),
    (
        Known::InServiceMaximumPermissibleLadenMassAxleGroupGroup,
        Known::InServiceMaximumPermissibleLadenMassAxleGroupCountry,
        Known::InServiceMaximumPermissibleLadenMassAxleGroupTrafficRegulation,
    ),
];

/// National or international traffic: one of the two.
fn in_service<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let values = case.values;
    let rows = IN_SERVICE_ROWS
        .into_iter()
        .flat_map(|(row, country, regulation)| {
            let rows = values.all(row);
            rows.map(move |row| (row, country, regulation))
        });
    rows.filter_map(|(row, country, regulation)| {
        let is_national = values.first_in(row, country).is_some();
        let is_international = values.first_in(row, regulation).is_some();
        let message = match (is_national, is_international) {
            (true, true) => "The mass in service names both a country and a traffic regulation.",
            (false, false) => {
                "The mass in service names neither a country nor a traffic regulation."
            }
            _ => return None,
        };
        Some(Hit::new(row, message, "either a country or a traffic regulation").about(country))
    })
    .collect()
}

fn above<'a>(case: &Case<'a>, known: Known, words: &str) -> Vec<Hit<'a>> {
    let Some((_, most)) = permissible(case) else {
        return Vec::new();
    };
    case.values
        .first(known)
        .filter(|mass| mass.number().is_some_and(|mass| mass > most))
        .map(|mass| {
            let message = format!(
                "The {words} is {} kg, above the permissible laden mass of {most} kg.",
                mass.text
            );
            Hit::new(mass, message, format!("at most {most}"))
        })
        .into_iter()
        .collect()
}

fn permissible<'a>(case: &Case<'a>) -> Option<(Value<'a>, u64)> {
    let value = case
        .values
        .first(Known::TechnicallyPermissibleMaximumLadenMass)?;
    Some((value, value.number()?))
}

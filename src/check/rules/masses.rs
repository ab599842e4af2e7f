//! Rules about masses.

use crate::check::facts::{Known, Value};
use crate::check::rules::{Case, Hit};

/// The actual mass against the permissible one.
pub(super) fn actual<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    above(case, Known::ActualMass)
}

/// The mass in running order against the permissible one.
pub(super) fn running_order<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    above(case, Known::MassInRunningOrder)
}

/// The axles together against the permissible mass. A trailer rests on its coupling too, so only
/// vehicles that stand on their own are looked at.
pub(super) fn axles<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let Some((permissible, most)) = permissible(case) else {
        return Vec::new();
    };
    let category = case.facts.vehicle_category.as_deref().unwrap_or_default();
    let masses: Option<Vec<u64>> = case
        .values
        .all(Known::TechnicallyPermissibleMassAxle)
        .map(Value::number)
        .collect();
    let masses = masses.unwrap_or_default();
    let is_listed = !masses.is_empty()
        && masses.len() == case.values.all(Known::AxleGroup).count()
        && !case.values.is_cut;
    let sum = masses
        .iter()
        .fold(0_u64, |sum, mass| sum.saturating_add(*mass));
    if !is_listed || !category.starts_with(['M', 'N']) || sum >= most {
        return Vec::new();
    }
    let message = format!(
        "The permissible masses of the axles add up to {sum} kg, less than the permissible laden mass."
    );
    vec![Hit::new(permissible, message, format!("at most {sum}"))]
}

fn above<'a>(case: &Case<'a>, known: Known) -> Vec<Hit<'a>> {
    let Some((_, most)) = permissible(case) else {
        return Vec::new();
    };
    case.values
        .first(known)
        .filter(|mass| mass.number().is_some_and(|mass| mass > most))
        .map(|mass| {
            let message = format!(
                "{} is {} kg, above the permissible laden mass of {most} kg.",
                known.name(),
                mass.text
            );
            Hit::new(mass, message, format!("at most {most}"))
        })
        .into_iter()
        .collect()
}

fn permissible<'a>(case: &Case<'a>) -> Option<(&'a Value, u64)> {
    let value = case
        .values
        .first(Known::TechnicallyPermissibleMaximumLadenMass)?;
    Some((value, value.number()?))
}

//! Rules about what drives the vehicle.

use crate::check::facts::Known;
use crate::check::rules::{Case, Hit};

/// The code of electricity among the energy sources.
const ELECTRICITY: &str = "95";

/// Pure electric, yet with an engine.
pub(super) fn engine<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    if indicator(case) != Some("Y") {
        return Vec::new();
    }
    let sources = case
        .values
        .all(Known::EnergySource)
        .filter(|source| source.text != ELECTRICITY)
        .map(|source| {
            let message = "The vehicle is said to be pure electric, but this energy source is not electricity.";
            Hit::new(source, message, ELECTRICITY)
        });
    let machines = case
        .values
        .all(Known::WorkingPrinciple)
        .filter(|principle| principle.text != "ELECT")
        .map(|principle| {
            let message =
                "The vehicle is said to be pure electric, but this machine is not electric.";
            Hit::new(principle, message, "ELECT")
        });
    sources.chain(machines).collect()
}

/// Nothing but electricity, yet not said to be pure electric.
pub(super) fn not_said<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let mut sources = case.values.all(Known::EnergySource).peekable();
    let Some(first) = sources.peek().copied() else {
        return Vec::new();
    };
    let is_electric = sources.all(|source| source.text == ELECTRICITY);
    if !is_electric || case.values.is_cut || indicator(case) == Some("Y") {
        return Vec::new();
    }
    let value = case
        .values
        .first(Known::PureElectricVehicleIndicator)
        .unwrap_or(first);
    let message = "All energy sources are electricity, but PureElectricVehicleIndicator is not Y.";
    vec![Hit::new(value, message, "PureElectricVehicleIndicator Y")]
}

fn indicator<'a>(case: &Case<'a>) -> Option<&'a str> {
    let value = case.values.first(Known::PureElectricVehicleIndicator)?;
    Some(value.text.as_str())
}

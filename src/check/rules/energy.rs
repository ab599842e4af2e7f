//! Rules about what drives the vehicle.

use crate::check::facts::{Known, Value};
use crate::check::rules::source::{CONTENT, ENERGY, INDICATORS};
use crate::check::rules::{Case, Hit, Rule, warning};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    Rule::of_values(warning("B40-electric-with-engine",
        "A pure electric vehicle has an energy source or a machine that is not electric.",
        "A pure electric vehicle has nothing but energy source 95.", ENERGY), engine),
    Rule::of_all(warning("B41-electric-not-said",
        "All energy sources are electricity, but the vehicle is not said to be pure electric.",
        "Set PureElectricVehicleIndicator to Y exactly when all sources are 95.", ENERGY), not_said),
    Rule::of_all(warning("B42-energy-code-missing",
        "No engine or motor has a code.",
        "Give EnergyConvertorCodeMarkedOnEnergyConvertor of at least one engine or motor.", ENERGY), code),
    Rule::of_all(warning("B43-hybrid-without-electricity",
        "A hybrid electric vehicle has no energy source electricity.",
        "List electricity (95) as the energy source of a convertor of its own.", ENERGY), hybrid),
    Rule::of_all(warning("B44-hybrid-machine-shared",
        "A hybrid electric vehicle lists electricity and a fuel under one convertor.",
        "List the electric motor as a convertor of its own; repeat the engine's code if the motor has none.", ENERGY), shared),
    Rule::of_values(warning("B45-combustion-power-of-electricity",
        "The power of a combustion engine is given for electricity.",
        "Give MaximumNetPowerCombustion with fuels only, MaximumNetPowerElectric with electricity (95).", ENERGY), combustion_power),
    Rule::of_values(warning("B46-electric-power-of-fuel",
        "The power of an electric motor is given for a fuel.",
        "Give electric power with electricity (95) only, and MaximumNetPowerCombustion with fuels.", ENERGY), electric_power),
    Rule::of_all(warning("B47-combustion-cycle-missing",
        "An engine gives its working principle, but not its cycle.",
        "Give CombustionCycle, such as 4ST, beside WorkingPrinciple: the two are fields of their own.", ENERGY), cycle_missing),
    Rule::of_values(warning("B48-combustion-cycle-electric",
        "An electric motor has a combustion cycle.",
        "Leave CombustionCycle out, or check WorkingPrinciple.", ENERGY), cycle_electric),
    Rule::of_all(warning("B49-consolidated-power",
        "A consolidated electric power is given for fewer than two electric energy sources.",
        "Give consolidated power only where two or more convertors run on electricity.", CONTENT), consolidated),
    Rule::of_all(warning("B51-pure-electric-not-answered",
        "It is not said whether the vehicle is pure electric.",
        "Write PureElectricVehicleIndicator N: what is left out does not mean N.", INDICATORS), not_answered),
];

/// The code of electricity among the energy sources.
const ELECTRICITY: &str = "95";

/// Pure electric, yet with an engine.
fn engine<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let indicator = case.values.first(Known::PureElectricVehicleIndicator);
    if !indicator.is_some_and(|indicator| indicator.says("Y")) {
        return Vec::new();
    }
    let other_than = |known, code: &'static str, message: &'static str| {
        case.values
            .all(known)
            .filter(move |value| value.said().is_some_and(|said| said != code))
            .map(move |value| Hit::new(value, message, code))
    };
    let sources = other_than(
        Known::EnergySource,
        ELECTRICITY,
        "The vehicle is said to be pure electric, but this energy source is not electricity.",
    );
    let machines = other_than(
        Known::WorkingPrinciple,
        "ELECT",
        "The vehicle is said to be pure electric, but this engine is not.",
    );
    sources.chain(machines).collect()
}

/// Nothing but electricity, yet not said to be pure electric.
fn not_said<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let indicator = case.values.first(Known::PureElectricVehicleIndicator);
    let is_other = indicator.is_none_or(|indicator| indicator.says("N"));
    let Some(value) = indicator.or(case.values.first(Known::EnergySource)) else {
        return Vec::new();
    };
    if !is_other || !is_all_electric(case) {
        return Vec::new();
    }
    let message =
        "All energy sources are electricity, but the vehicle is not said to be pure electric.";
    let expected = "PureElectricVehicleIndicator Y";
    vec![Hit::new(value, message, expected).about(Known::PureElectricVehicleIndicator)]
}

/// A vehicle with an engine, and the question left open. Where all is electric, another rule speaks.
fn not_answered<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let what = Known::PureElectricVehicleIndicator;
    let is_asked =
        case.category().starts_with(['M', 'N']) && case.values.has(Known::EnergyConvertorGroup);
    if !is_asked || case.values.has(what) || is_all_electric(case) {
        return Vec::new();
    }
    let message = "It is not said whether the vehicle is pure electric.";
    vec![Hit::missing(case.data(), what, message)]
}

/// Vehicles with an engine or a motor, none of which has a code. A later stage may leave it to
/// the first.
fn code<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let what = Known::EnergyConvertorCodeMarkedOnEnergyConvertor;
    let is_driven = case.category().starts_with(['M', 'N', 'L', 'T', 'C']);
    let is_first = case.facts.manufacturer_stage_number == Some(1);
    if !is_driven || !is_first || case.values.has(what) {
        return Vec::new();
    }
    let place = case.values.first(Known::EnergyConvertorGroup);
    let message = "No engine or motor has a code.";
    vec![Hit::missing(place.or(case.data()), what, message)]
}

fn hybrid<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let Some(hybrid) = hybrid_electric(case) else {
        return Vec::new();
    };
    let mut sources = case.values.all(Known::EnergySource);
    let is_read = sources.clone().all(|source| source.said().is_some());
    if !case.values.has(Known::EnergySource)
        || !is_read
        || sources.any(|source| source.says(ELECTRICITY))
    {
        return Vec::new();
    }
    let message =
        "The vehicle is said to be a hybrid, but none of its energy sources is electricity.";
    vec![Hit::new(hybrid, message, "an EnergySource 95")]
}

fn shared<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let values = case.values;
    if hybrid_electric(case).is_none() {
        return Vec::new();
    }
    values
        .all(Known::EnergyConvertorGroup)
        .filter_map(|convertor| {
            let mut sources = values.all_in(convertor, Known::EnergySource);
            let electric = sources.clone().find(|source| source.says(ELECTRICITY))?;
            sources
                .any(|source| source.said().is_some_and(|said| said != ELECTRICITY))
                .then_some(electric)
        })
        .map(|source| {
            let message = "Electricity stands under one convertor with a fuel.";
            Hit::new(
                source,
                message,
                "a convertor of its own for the electric motor",
            )
        })
        .collect()
}

/// What says that the vehicle is a hybrid with an engine and a battery. Fuel cells are another
/// matter: their hydrogen becomes electricity.
fn hybrid_electric<'a>(case: &Case<'a>) -> Option<Value<'a>> {
    let class = case.values.first(Known::ClassHybridVehicle);
    let class = class.filter(|class| class.says("OVC-HEV") || class.says("NOVC-HEV"));
    let fuel_cell = case
        .values
        .first(Known::ClassHybridVehicle)
        .is_some_and(|class| class.said().is_none_or(|said| said.ends_with("FCHV")));
    let category = case.values.first(Known::CategoryHybridElectricVehicle);
    class.or(category.filter(|_| !fuel_cell))
}

fn combustion_power<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let values = case.values;
    values
        .all(Known::EnergySourceGroup)
        .filter(|group| {
            let source = values.first_in(*group, Known::EnergySource);
            source.is_some_and(|source| source.says(ELECTRICITY))
        })
        .filter_map(|group| values.first_in(group, Known::MaximumNetPowerCombustion))
        .map(|power| {
            let message = "The power of a combustion engine is given for electricity.";
            Hit::new(power, message, "MaximumNetPowerElectric")
        })
        .collect()
}

/// Power of a motor with a fuel. What is electric in itself, a fuel cell, may run on hydrogen.
fn electric_power<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let values = case.values;
    let engines = values.all(Known::EnergyConvertorGroup).filter(|convertor| {
        let principle = values.first_in(*convertor, Known::WorkingPrinciple);
        principle.is_some_and(|principle| principle.said().is_some_and(|said| said != "ELECT"))
    });
    engines
        .flat_map(|convertor| values.all_in(convertor, Known::EnergySourceGroup))
        .filter(|group| {
            let source = values.first_in(*group, Known::EnergySource);
            source
                .and_then(Value::said)
                .is_some_and(|said| said != ELECTRICITY)
        })
        .filter_map(|group| {
            [Known::MaximumNetPowerElectric, Known::Maximum30MinutesPower]
                .into_iter()
                .find_map(|power| values.first_in(group, power))
        })
        .map(|power| {
            let message = "The power of an electric motor is given for a fuel.";
            Hit::new(power, message, "MaximumNetPowerCombustion")
        })
        .collect()
}

fn cycle_missing<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let values = case.values;
    values
        .all(Known::EnergyConvertorGroup)
        .filter(|convertor| {
            values
                .first_in(*convertor, Known::CombustionCycle)
                .is_none()
        })
        .filter_map(|convertor| values.first_in(convertor, Known::WorkingPrinciple))
        .filter(|principle| principle.says("INTPI") || principle.says("INTCI"))
        .map(|principle| {
            let message = "The engine gives its working principle, but not its cycle.";
            Hit::new(principle, message, "element 'CombustionCycle' beside it")
        })
        .collect()
}

fn cycle_electric<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let values = case.values;
    values
        .all(Known::EnergyConvertorGroup)
        .filter(|convertor| {
            let principle = values.first_in(*convertor, Known::WorkingPrinciple);
            principle.is_some_and(|principle| principle.says("ELECT"))
        })
        .filter_map(|convertor| values.first_in(convertor, Known::CombustionCycle))
        .map(|cycle| {
            Hit::new(
                cycle,
                "An electric motor has a combustion cycle.",
                "no cycle",
            )
        })
        .collect()
}

fn consolidated<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let values = case.values;
    let sources = values.all(Known::EnergySource);
    let is_read = sources.clone().all(|source| source.said().is_some());
    let electric = sources.filter(|source| source.says(ELECTRICITY)).count();
    if !values.has(Known::EnergySource) || !is_read || electric > 1 {
        return Vec::new();
    }
    [
        Known::ConsolidatedMaximumNetPowerElectric,
        Known::ConsolidatedMaximum30MinutesPower,
    ]
    .into_iter()
    .filter_map(|power| values.first(power))
    .map(|power| {
        let count = if electric == 0 { "no" } else { "only one" };
        let message =
            format!("A consolidated power is given, but there is {count} electric energy source.");
        Hit::new(
            power,
            message,
            "no consolidated power, or two electric energy sources",
        )
    })
    .collect()
}

fn is_all_electric(case: &Case<'_>) -> bool {
    let mut sources = case.values.all(Known::EnergySource);
    case.values.has(Known::EnergySource) && sources.all(|source| source.says(ELECTRICITY))
}

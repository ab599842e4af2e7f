//! Rules about mechanical couplings.

use crate::check::facts::Known;
use crate::check::found::shorten;
use crate::check::rules::numbers::{consecutive, unanswered};
use crate::check::rules::source::{CONTENT, COUPLINGS};
use crate::check::rules::{Case, Hit, Rule, warning};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    Rule::of_all(warning("B74-coupling-unknown",
        "A coupling is referred to that is not listed.",
        "Refer to the MechanicalCouplingNumber of a coupling in MechanicalCouplingTable, or leave the number out.", COUPLINGS), unknown),
    Rule::of_values(warning("B75-coupling-of-car",
        "A car (M1) has a numbered coupling or a table of couplings.",
        "Leave them out for M1: its masses on the coupling are the vehicle's.", COUPLINGS), car),
    Rule::of_values(warning("B76-coupling-can-be-fitted",
        "Couplings that can be fitted are given for a vehicle that is not incomplete, or for a car (M1).",
        "Give MechanicalCouplingCanBeFittedTable for incomplete vehicles (I) only, and not for M1.", COUPLINGS), can_be_fitted),
    Rule::of_all(warning("B82-coupling-numbering",
        "The couplings are not numbered from 1 without gaps.",
        "Number the couplings from 1.", CONTENT), numbering),
];

fn unknown<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    if case.category().starts_with("M1") {
        return Vec::new();
    }
    let references = [
        Known::MechanicalCouplingNumberVerticalMass,
        Known::MechanicalCouplingNumberTowingMasses,
        Known::MechanicalCouplingNumberOfTyreAxleCouplingPointTyreCombination,
        Known::MechanicalCouplingNumberOfTrackTrainCouplingPoint,
    ];
    unanswered(
        case,
        &references,
        Known::MechanicalCouplingNumber,
        "Coupling",
    )
}

fn car<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    if !case.category().starts_with("M1") {
        return Vec::new();
    }
    let message = "The certificate of a car (M1) has no numbered couplings.";
    [
        (Known::MechanicalCouplingTable, "no MechanicalCouplingTable"),
        (Known::MechanicalCouplingNumberVerticalMass, "no number"),
        (Known::MechanicalCouplingNumberTowingMasses, "no number"),
    ]
    .into_iter()
    .filter_map(|(known, expected)| Some(Hit::new(case.values.first(known)?, message, expected)))
    .collect()
}

fn can_be_fitted<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let Some(table) = case.values.first(Known::MechanicalCouplingCanBeFittedTable) else {
        return Vec::new();
    };
    let category = case.category();
    let stage = case.values.first(Known::StageOfCompletion);
    let is_whole = stage.is_some_and(|stage| stage.says("C") || stage.says("V"));
    let message = if is_whole {
        "Couplings that can be fitted are given, but the vehicle is not incomplete.".to_owned()
    } else if category.starts_with("M1") {
        format!(
            "Couplings that can be fitted are given, but not for category {}.",
            shorten(category)
        )
    } else {
        return Vec::new();
    };
    vec![Hit::new(
        table,
        message,
        "no MechanicalCouplingCanBeFittedTable",
    )]
}

fn numbering<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    consecutive(case, Known::MechanicalCouplingNumber, "couplings")
}

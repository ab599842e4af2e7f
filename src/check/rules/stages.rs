//! Rules about the stages in which a vehicle is built.

use crate::check::facts::{Known, Value};
use crate::check::rules::source::{CONTENT, KEY, REGISTER, STAGES};
use crate::check::rules::{Case, Hit, Rule, warning, weighing};
use crate::domain::outcome::Severity;

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    Rule::of_values(weighing(Severity::Error, warning("B02-stage-zero",
        "A manufacturer has stage number 0.",
        "A vehicle built in one stage has stage 1.", KEY)), zero),
    Rule::of_values(weighing(Severity::Error, warning("B03-stage-repeated",
        "Two manufacturers have the same stage number.",
        "Give each manufacturer the number of its own stage.", KEY)), repeated),
    Rule::of_all(warning("B04-stage-numbering",
        "The stages of several manufacturers do not run from 1 without gaps.",
        "List the manufacturers of all stages, or only the last one with its own number.", CONTENT), numbering),
    Rule::of_all(warning("B30-previous-stage-missing",
        "A later stage does not say on which approval, type, variant and version it was built.",
        "From stage 2 on, name the previous stage's approval number, type, variant and version.", STAGES), previous),
    Rule::of_values(weighing(Severity::Info, warning("B31-earlier-stage-unknown",
        "The stage before this one is not recorded.",
        "The manufacturer of the earlier stage sends a message of its own.", REGISTER)), unknown),
    Rule::of_values(warning("B32-completed-first-stage",
        "A completed vehicle (V) has no stage above 1.",
        "A vehicle built in one stage is complete (C); a completed one has stage 2 or more.", STAGES), completed_first),
    Rule::of_values(warning("B33-previous-stage-same",
        "A later stage has the approval number, variant and version of the stage before.",
        "At least one of them differs between stages: check both.", STAGES), same),
    Rule::of_values(weighing(Severity::Info, warning("B34-previous-version-same",
        "A later stage has the version of the stage before.",
        "Check Version and PreviousStageVersion.", CONTENT)), same_version),
    Rule::of_values(warning("B35-previous-on-first-stage",
        "Stage 1 names a previous stage.",
        "Only stages from 2 on have one: check the stage number.", STAGES), first_with_previous),
    Rule::of_values(warning("B36-complete-later-stage",
        "A vehicle of stage 2 or more is said to be complete (C).",
        "After a further stage a vehicle is completed (V) or still incomplete (I).", STAGES), complete_later),
];

/// What a later stage names of the stage before, with what each is called.
const PREVIOUS: &[(Known, &str)] = &[
    (Known::PreviousStageTypeApprovalNumber, "approval number"),
    (Known::PreviousStageType, "type"),
    (Known::PreviousStageVariant, "variant"),
    (Known::PreviousStageVersion, "version"),
];

fn zero<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    case.values
        .all(Known::ManufacturerStageNumber)
        .filter(|stage| stage.number() == Some(0))
        .map(|stage| Hit::new(stage, "A manufacturer has stage number 0.", "1 or more"))
        .collect()
}

/// One stage number twice: then nobody knows whose the certificate is.
fn repeated<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let mut seen = [false; 100];
    let mut hits = Vec::new();
    for stage in case.values.all(Known::ManufacturerStageNumber) {
        let Some(number) = stage.number() else {
            continue;
        };
        let slot = usize::try_from(number)
            .ok()
            .and_then(|index| seen.get_mut(index));
        if slot.is_some_and(|slot| std::mem::replace(slot, true)) {
            let message = format!("Two manufacturers have stage number {number}.");
            hits.push(Hit::new(
                stage,
                message,
                "a number of its own for each manufacturer",
            ));
        }
    }
    hits
}

/// Several rows with a gap. One row alone may have any number: it is the last stage's own.
fn numbering<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let stages: Option<Vec<u64>> = case
        .values
        .all(Known::ManufacturerStageNumber)
        .map(Value::number)
        .collect();
    let Some(mut stages) = stages.filter(|stages| stages.len() > 1) else {
        return Vec::new();
    };
    stages.sort_unstable();
    // Other rules speak of 0 and of numbers that stand twice.
    let is_gap = stages.windows(2).all(|pair| pair.first() < pair.last())
        && stages.first().is_some_and(|first| *first > 0)
        && (1_u64..)
            .zip(&stages)
            .any(|(wanted, stage)| wanted != *stage);
    let value = case.values.first(Known::ManufacturerStageNumber);
    value
        .filter(|_| is_gap)
        .map(|value| {
            let listed: Vec<String> = stages.iter().map(ToString::to_string).collect();
            let message = format!(
                "The manufacturers listed have the stages {}: some are left out.",
                listed.join(", ")
            );
            Hit::new(value, message, "1, 2, 3 … without gaps")
        })
        .into_iter()
        .collect()
}

/// A later stage that does not say what it was built on.
fn previous<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let values = case.values;
    rows(case)
        .filter(|(_, stage, number)| stage.said().is_some() && *number >= 2)
        .filter_map(|(row, stage, number)| {
            let missing: Vec<&(Known, &str)> = PREVIOUS
                .iter()
                .filter(|(known, _)| values.first_in(row, *known).is_none())
                .collect();
            let (first, _) = missing.first()?;
            let words: Vec<&str> = missing.iter().map(|(_, word)| *word).collect();
            let message = format!(
                "Stage {number} does not name the {} of the stage before.",
                words.join(", ")
            );
            Some(Hit::new(stage, message, format!("element '{}'", first.name())).about(*first))
        })
        .collect()
}

/// A later stage whose earlier one is not recorded.
fn unknown<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    if case.background.has_earlier_stage {
        return Vec::new();
    }
    last(case)
        .map(|(_, stage, _)| Hit::new(stage, "The stage before this one is not recorded.", ""))
        .into_iter()
        .collect()
}

/// Completed, but by nobody.
fn completed_first<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let completed = case
        .values
        .first(Known::StageOfCompletion)
        .filter(|stage| stage.says("V") && case.facts.manufacturer_stage_number == Some(1));
    completed
        .map(|stage| {
            let message = "The vehicle is said to be completed (V), but its only stage is 1.";
            Hit::new(stage, message, "C, or a stage number above 1")
        })
        .into_iter()
        .collect()
}

/// Complete from the start, in a later stage.
fn complete_later<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let Some((_, _, number)) = last(case) else {
        return Vec::new();
    };
    let stage = case.values.first(Known::StageOfCompletion);
    stage
        .filter(|stage| stage.says("C"))
        .map(|stage| {
            let message = format!("The vehicle is said to be complete (C) after stage {number}.");
            Hit::new(stage, message, "V, or I if it is still incomplete")
        })
        .into_iter()
        .collect()
}

/// Nothing differs from the stage before.
fn same<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let approval = equal(
        case,
        Known::TypeApprovalNumber,
        Known::PreviousStageTypeApprovalNumber,
    );
    approval
        .filter(|_| is_same(case))
        .map(|approval| {
            let message =
                "The stage before has the same approval number, variant and version as this one.";
            Hit::new(approval, message, "a difference in at least one of them")
        })
        .into_iter()
        .collect()
}

/// The version does not differ, but something else does.
fn same_version<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    equal(case, Known::Version, Known::PreviousStageVersion)
        .filter(|version| !is_same(case) && !version.says("N/A"))
        .map(|version| {
            let message = "The stage before has the same version as this one.";
            Hit::new(version, message, "the version of the stage before")
        })
        .into_iter()
        .collect()
}

/// A first stage that was built on another.
fn first_with_previous<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let values = case.values;
    rows(case)
        .filter(|(_, _, number)| *number == 1)
        .filter_map(|(row, ..)| {
            PREVIOUS
                .iter()
                .find_map(|(known, _)| values.first_in(row, *known))
        })
        .map(|value| {
            Hit::new(
                value,
                "Stage 1 names a previous stage.",
                "nothing in stage 1",
            )
        })
        .collect()
}

/// Each manufacturer's row with its stage number.
fn rows<'a>(case: &Case<'a>) -> impl Iterator<Item = (Value<'a>, Value<'a>, u64)> {
    let values = case.values;
    values.all(Known::ManufacturerGroup).filter_map(|row| {
        let stage = values.first_in(row, Known::ManufacturerStageNumber)?;
        Some((row, stage, stage.number()?))
    })
}

/// The row of the last stage, if it is a later one.
fn last<'a>(case: &Case<'a>) -> Option<(Value<'a>, Value<'a>, u64)> {
    let highest = case.facts.manufacturer_stage_number?;
    rows(case).find(|(_, _, number)| *number > 1 && *number == u64::from(highest))
}

/// The value that the last stage says of the one before, if it is this certificate's own.
fn equal<'a>(case: &Case<'a>, own: Known, before: Known) -> Option<Value<'a>> {
    let (row, ..) = last(case)?;
    let own = case.values.first(own)?.said()?;
    let before = case.values.first_in(row, before)?;
    before.says(own).then_some(before)
}

fn is_same(case: &Case<'_>) -> bool {
    [
        (
            Known::TypeApprovalNumber,
            Known::PreviousStageTypeApprovalNumber,
        ),
        (Known::Variant, Known::PreviousStageVariant),
        (Known::Version, Known::PreviousStageVersion),
    ]
    .into_iter()
    .all(|(own, before)| equal(case, own, before).is_some())
}

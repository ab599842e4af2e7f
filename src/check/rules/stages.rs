//! Rules about the stages in which a vehicle is built.

use crate::check::facts::Known;
use crate::check::rules::{Case, Hit};

/// Stage 0.
pub(super) fn zero<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    case.values
        .all(Known::ManufacturerStageNumber)
        .filter(|stage| stage.number() == Some(0))
        .map(|stage| Hit::new(stage, "ManufacturerStageNumber is 0.", "1 or more"))
        .collect()
}

/// One stage number twice: then nobody knows whose the certificate is.
pub(super) fn repeated<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
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

/// A later stage that does not say what it was built on.
pub(super) fn previous<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    case.values
        .all(Known::ManufacturerStageNumber)
        .filter(|stage| stage.number().is_some_and(|number| number >= 2))
        .filter(|stage| {
            let previous = Known::PreviousStageTypeApprovalNumber;
            case.values.beside(stage, previous).is_none()
        })
        .map(|stage| {
            let message = format!(
                "Stage {} does not name the approval of the stage before.",
                stage.text
            );
            Hit::new(stage, message, "PreviousStageTypeApprovalNumber")
        })
        .collect()
}

/// A later stage whose earlier one is not recorded.
pub(super) fn unknown<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let highest = case
        .facts
        .manufacturer_stage_number
        .filter(|stage| *stage > 1);
    let is_known = case.background.has_earlier_stage;
    let stage = highest.filter(|_| !is_known).and_then(|highest| {
        case.values
            .all(Known::ManufacturerStageNumber)
            .find(|stage| stage.number() == Some(u64::from(highest)))
    });
    stage
        .map(|stage| Hit::new(stage, "The stage before this one is not recorded.", ""))
        .into_iter()
        .collect()
}

/// Completed, but by nobody.
pub(super) fn completed_first<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let completed = case
        .values
        .first(Known::StageOfCompletion)
        .filter(|stage| stage.text == "V" && case.facts.manufacturer_stage_number == Some(1));
    completed
        .map(|stage| {
            let message = "The vehicle is completed (V), but its only stage is 1.";
            Hit::new(stage, message, "C, or a stage number above 1")
        })
        .into_iter()
        .collect()
}

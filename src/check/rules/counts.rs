//! Rules that hold numbers of axles against the axles listed.

use crate::check::facts::Known;
use crate::check::rules::{Case, Hit};

/// All axles.
pub(super) fn axles<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let listed = case.values.all(Known::AxleGroup).count();
    compare(case, Known::NumberOfAxles, listed, "listed")
}

/// The powered ones.
pub(super) fn powered<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    marked(
        case,
        Known::NumberOfPoweredAxles,
        Known::PoweredAxleIndicator,
        "powered",
    )
}

/// The steered ones.
pub(super) fn steered<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    marked(
        case,
        Known::NumberOfSteeredAxles,
        Known::SteeredAxleIndicator,
        "steered",
    )
}

/// Those with twin wheels.
pub(super) fn twin<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let (number, mark) = (
        Known::NumberOfAxlesWithTwinWheels,
        Known::TwinWheelsAxleIndicator,
    );
    marked(case, number, mark, "having twin wheels")
}

/// Silent unless every axle says yes or no.
fn marked<'a>(case: &Case<'a>, number: Known, mark: Known, word: &str) -> Vec<Hit<'a>> {
    if case.values.all(mark).count() != case.values.all(Known::AxleGroup).count() {
        return Vec::new();
    }
    let yes = case
        .values
        .all(mark)
        .filter(|mark| mark.text == "Y")
        .count();
    compare(case, number, yes, &format!("marked as {word}"))
}

fn compare<'a>(case: &Case<'a>, number: Known, found: usize, word: &str) -> Vec<Hit<'a>> {
    // Without a list there is nothing to compare, and a list that was cut says nothing.
    if case.values.first(Known::AxleGroup).is_none() || case.values.is_cut {
        return Vec::new();
    }
    let stated = case.values.first(number);
    let differs = stated.filter(|stated| {
        stated
            .number()
            .is_some_and(|stated| u64::try_from(found).is_ok_and(|found| found != stated))
    });
    differs
        .map(|stated| {
            let verb = if found == 1 { "axle is" } else { "axles are" };
            let message = format!(
                "{} is {}, but {found} {verb} {word}.",
                number.name(),
                stated.text
            );
            Hit::new(stated, message, found.to_string())
        })
        .into_iter()
        .collect()
}

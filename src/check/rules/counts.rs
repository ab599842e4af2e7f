//! Rules that hold numbers of axles against the axles listed.

use crate::check::facts::Known;
use crate::check::rules::source::CONTENT;
use crate::check::rules::{Case, Hit, Rule, warning};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    Rule::of_all(warning("B20-axle-count",
        "The number of axles differs from the axles listed.",
        "List every axle once in AxleTable, and state as many in NumberOfAxles.", CONTENT), axles),
    Rule::of_all(warning("B21-powered-axle-count",
        "The number of powered axles differs from the axles marked as powered.",
        "Check NumberOfPoweredAxles, and PoweredAxleIndicator of each axle.", CONTENT), powered),
    Rule::of_all(warning("B22-steered-axle-count",
        "The number of steered axles differs from the axles marked as steered.",
        "Check NumberOfSteeredAxles, and SteeredAxleIndicator of each axle.", CONTENT), steered),
    Rule::of_all(warning("B23-twin-axle-count",
        "The number of axles with twin wheels differs from the axles marked so.",
        "Check NumberOfAxlesWithTwinWheels, and TwinWheelsAxleIndicator of each axle.", CONTENT), twin),
    Rule::of_all(warning("B28-braked-axle-count",
        "The number of braked axles differs from the axles marked as braked.",
        "Check NumberOfBrakedAxles, and BrakedAxleIndicator of each axle.", CONTENT), braked),
];

fn axles<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let listed = case.values.count(Known::AxleGroup);
    compare(case, Known::NumberOfAxles, listed, ("axles", "listed"))
}

fn powered<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let (number, mark) = (Known::NumberOfPoweredAxles, Known::PoweredAxleIndicator);
    marked(case, number, mark, ("powered axles", "marked as powered"))
}

fn steered<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let (number, mark) = (Known::NumberOfSteeredAxles, Known::SteeredAxleIndicator);
    marked(case, number, mark, ("steered axles", "marked as steered"))
}

fn twin<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let number = Known::NumberOfAxlesWithTwinWheels;
    let mark = Known::TwinWheelsAxleIndicator;
    let words = ("axles with twin wheels", "marked as having twin wheels");
    marked(case, number, mark, words)
}

fn braked<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let (number, mark) = (Known::NumberOfBrakedAxles, Known::BrakedAxleIndicator);
    marked(case, number, mark, ("braked axles", "marked as braked"))
}

/// Silent unless every axle says yes or no.
fn marked<'a>(case: &Case<'a>, number: Known, mark: Known, words: (&str, &str)) -> Vec<Hit<'a>> {
    let marks = case.values.all(mark);
    let yes = marks.clone().filter(|mark| mark.says("Y")).count();
    let no = marks.filter(|mark| mark.says("N")).count();
    if yes + no != case.values.count(Known::AxleGroup) {
        return Vec::new();
    }
    compare(case, number, yes, words)
}

fn compare<'a>(
    case: &Case<'a>,
    number: Known,
    found: usize,
    (what, how): (&str, &str),
) -> Vec<Hit<'a>> {
    // Without a list there is nothing to compare.
    if !case.values.has(Known::AxleGroup) {
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
                "The number of {what} is {}, but {found} {verb} {how}.",
                stated.text
            );
            Hit::new(stated, message, found.to_string())
        })
        .into_iter()
        .collect()
}

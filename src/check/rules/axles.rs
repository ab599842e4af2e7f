//! Rules about the axles listed, their numbers, spacing and tyres.

use crate::check::facts::{Known, Value};
use crate::check::rules::numbers::{consecutive, unanswered};
use crate::check::rules::source::{CONTENT, INDICATORS, TYRES};
use crate::check::rules::{Case, Hit, Rule, warning};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    Rule::of_all(warning("B29-axle-spacing",
        "The spacing to the next axle is given on the last axle, or missing on another.",
        "Give AxleSpacing on every axle but the last: it is the distance to the next one.", CONTENT), spacing),
    Rule::of_all(warning("B52-axle-indicator-missing",
        "An indicator stands on some axles and not on others.",
        "Write Y or N on every axle: what is left out does not mean N.", INDICATORS), indicators),
    Rule::of_all(warning("B80-axle-numbering",
        "The axles are not numbered from 1 without gaps.",
        "Number the axles from the front, beginning with 1.", CONTENT), numbering),
    Rule::of_all(warning("B81-axle-group-numbering",
        "The groups of axles are not numbered from 1 without gaps.",
        "Number the groups of axles from the front, beginning with 1.", CONTENT), group_numbering),
    Rule::of_all(warning("B83-axle-unknown",
        "An axle is referred to that is not listed.",
        "Refer to the AxleNumber of an axle in AxleTable.", CONTENT), unknown),
    Rule::of_all(warning("B84-tyre-unknown",
        "A tyre is referred to that its axle does not have.",
        "Refer to the TyreNumber of a tyre of that axle.", CONTENT), tyre_unknown),
    Rule::of_all(warning("B85-tyre-not-fitted",
        "None of an axle's tyres is marked as fitted in production.",
        "Mark the tyre with which the CO2 figure was found: TyreFittedProductionIndicator Y.", TYRES), not_fitted),
];

/// The elements that give the distance to the next axle.
const SPACINGS: [Known; 3] = [
    Known::AxleSpacing,
    Known::AxleSpacingAdjustableMin,
    Known::AxleSpacingAdjustableMax,
];

/// Axles with their numbers, in the order of these; `None` if a number could not be read.
fn numbered<'a>(case: &Case<'a>) -> Option<Vec<(u64, Value<'a>)>> {
    let values = case.values;
    let mut axles: Vec<(u64, Value<'_>)> = values
        .all(Known::AxleGroup)
        .map(|axle| {
            let number = values.first_in(axle, Known::AxleNumber)?.number()?;
            Some((number, axle))
        })
        .collect::<Option<_>>()?;
    axles.sort_by_key(|(number, _)| *number);
    Some(axles)
}

fn spacing<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let values = case.values;
    let spaced = |axle: Value<'_>| {
        SPACINGS
            .iter()
            .find_map(|known| values.first_in(axle, *known))
    };
    let axles = numbered(case).unwrap_or_default();
    let Some(((_, last), others)) = axles.split_last() else {
        return Vec::new();
    };
    let mut hits: Vec<Hit<'a>> = Vec::new();
    if others.iter().any(|(_, axle)| spaced(*axle).is_some()) {
        hits.extend(
            others
                .iter()
                .filter(|(_, axle)| spaced(*axle).is_none())
                .map(|(number, axle)| {
                    let message = format!("Axle {number} does not give the spacing to the next.");
                    Hit::missing(Some(*axle), Known::AxleSpacing, message)
                }),
        );
    }
    hits.extend(spaced(*last).map(|spacing| {
        let message = "The last axle gives a spacing to a next one.";
        Hit::new(spacing, message, "no spacing on the last axle")
    }));
    hits
}

fn indicators<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let values = case.values;
    let indicators = [
        (Known::PoweredAxleIndicator, "powered"),
        (Known::SteeredAxleIndicator, "steered"),
        (Known::BrakedAxleIndicator, "braked"),
        (Known::TwinWheelsAxleIndicator, "fitted with twin wheels"),
    ];
    indicators
        .into_iter()
        .filter(|(indicator, _)| values.has(*indicator))
        .flat_map(|indicator| {
            let axles = values.all(Known::AxleGroup);
            axles.map(move |axle| (indicator, axle))
        })
        .filter(|((indicator, _), axle)| values.first_in(*axle, *indicator).is_none())
        .map(|((indicator, word), axle)| {
            let message = format!("This axle does not say whether it is {word}, but another does.");
            let expected = format!("{} Y or N", indicator.name());
            Hit::new(axle, message, expected).about(indicator)
        })
        .collect()
}

fn numbering<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    consecutive(case, Known::AxleNumber, "axles")
}

fn group_numbering<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    consecutive(case, Known::AxleGroupNumber, "groups of axles")
}

fn unknown<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let references = [
        Known::MemberAxleNumber,
        Known::AxleNumberCombination,
        Known::InterconnectionWithPoweredAxleNumber,
    ];
    unanswered(case, &references, Known::AxleNumber, "Axle")
}

/// The axle is listed, but not with this tyre.
fn tyre_unknown<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let values = case.values;
    let axles = numbered(case).unwrap_or_default();
    let mut hits = Vec::new();
    for row in values.all(Known::TyreAxleCombinationGroup) {
        let Some(tyre) = values.first_in(row, Known::TyreNumberCombination) else {
            continue;
        };
        let axle = values
            .first_in(row, Known::AxleNumberCombination)
            .and_then(Value::number);
        let found = axles.iter().find(|(number, _)| Some(*number) == axle);
        let (Some(wanted), Some((number, axle))) = (tyre.number(), found) else {
            continue;
        };
        let mut tyres = values.all_in(*axle, Known::TyreNumber).map(Value::number);
        // A tyre whose number could not be read may be the one.
        if !tyres.any(|tyre| tyre.is_none_or(|tyre| tyre == wanted)) {
            let message = format!("Axle {number} has no tyre {wanted}.");
            hits.push(Hit::new(tyre, message, format!("a tyre of axle {number}")));
        }
    }
    hits
}

/// Only where every tyre says N: then none is the one of the CO2 figure.
fn not_fitted<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let values = case.values;
    values
        .all(Known::AxleGroup)
        .filter(|axle| {
            let tyres = values.all_in(*axle, Known::TyreNumber).count();
            let marks = values.all_in(*axle, Known::TyreFittedProductionIndicator);
            tyres > 0 && marks.filter(|mark| mark.says("N")).count() >= tyres
        })
        .map(|axle| {
            let message = "None of the axle's tyres is marked as fitted in production.";
            let expected = "TyreFittedProductionIndicator Y on one tyre";
            Hit::new(axle, message, expected).about(Known::TyreFittedProductionIndicator)
        })
        .collect()
}

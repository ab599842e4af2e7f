//! Rules about what stands on the certificate of a category, and what does not.

use crate::check::facts::{Known, Value};
use crate::check::found::shorten;
use crate::check::rules::source::{CONTENT, FIELDS, MARKINGS, VERSION};
use crate::check::rules::{Case, Hit, Rule, warning};

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    Rule::of_all(warning("B50-group-missing",
        "A group that every certificate has is not there.",
        "Give the group, although the schema lets it be left out.", FIELDS), groups),
    Rule::of_values(warning("B55-colour-not-on-certificate",
        "A colour is given for a category whose certificate has none.",
        "Leave ColourTable out for M2: what is not on the certificate is not in the message.", FIELDS), colour),
    Rule::of_values(warning("B56-colour-repeated",
        "A colour is listed twice.",
        "List each colour once.", CONTENT), colour_repeated),
    Rule::of_values(warning("B57-version-not-applicable",
        "The version is N/A for a category whose approvals have versions.",
        "Write the version of the approval; N/A is for approvals under Regulations (EU) 167/2013 and 168/2013 only.", VERSION), version),
    Rule::of_all(warning("B58-marking-missing",
        "The location of the VIN or of the statutory plate is not among those listed.",
        "List the location of both: LocationMarkingsSubject VIN and STAT.", MARKINGS), marking),
    Rule::of_all(warning("B59-marking-side-missing",
        "A location names the section of a side, but not the side.",
        "Give LocationMarkingsVehiclePartSide with LocationMarkingsVehiclePartSideSection.", MARKINGS), side),
];

/// Groups that the schema lets be left out, and the guidance does not.
fn groups<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    [
        Known::GeneralConstructionGroup,
        Known::DimensionGroup,
        Known::MassGroup,
    ]
    .into_iter()
    .filter(|group| !case.values.has(*group))
    .map(|group| {
        let message = format!("Group '{}' is not there.", group.name());
        Hit::missing(case.data(), group, message)
    })
    .collect()
}

fn colour<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let category = case.category();
    case.values
        .first(Known::Colour)
        .filter(|_| category.starts_with("M2"))
        .map(|colour| {
            let message = format!(
                "A colour is given, but the certificate of category {} has none.",
                shorten(category)
            );
            Hit::new(colour, message, "no ColourTable")
        })
        .into_iter()
        .collect()
}

fn colour_repeated<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let mut seen: Vec<&str> = Vec::new();
    let mut hits = Vec::new();
    for colour in case.values.all(Known::Colour) {
        let Some(said) = colour.said() else { continue };
        if seen.contains(&said) {
            let message = format!("Colour {} is listed twice.", shorten(said));
            hits.push(Hit::new(colour, message, "each colour once"));
        } else {
            seen.push(said);
        }
    }
    hits
}

fn version<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let category = case.category();
    case.values
        .first(Known::Version)
        .filter(|version| version.says("N/A") && category.starts_with(['M', 'N', 'O']))
        .map(|version| {
            let message = format!(
                "The version is N/A, but approvals of category {} have versions.",
                shorten(category)
            );
            Hit::new(version, message, "the version of the approval")
        })
        .into_iter()
        .collect()
}

fn marking<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let subjects = case.values.all(Known::LocationMarkingsSubject);
    let is_read = subjects.clone().all(|subject| subject.said().is_some());
    let Some(first) = case.values.first(Known::LocationMarkingsSubject) else {
        return Vec::new();
    };
    [("VIN", "VIN"), ("STAT", "statutory plate")]
        .into_iter()
        .filter(|(code, _)| is_read && !subjects.clone().any(|subject| subject.says(code)))
        .map(|(code, words)| {
            let message = format!("The location of the {words} is not among those listed.");
            Hit::new(
                first,
                message,
                format!("a row with LocationMarkingsSubject {code}"),
            )
        })
        .collect()
}

fn side<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let values = case.values;
    let side_less = |row: &Value<'_>| {
        values
            .first_in(*row, Known::LocationMarkingsVehiclePartSide)
            .is_none()
    };
    values
        .all(Known::LocationMarkingsGroup)
        .filter(side_less)
        .filter_map(|row| values.first_in(row, Known::LocationMarkingsVehiclePartSideSection))
        .map(|section| {
            let message = "The location names the section of a side, but not the side.";
            let expected = "element 'LocationMarkingsVehiclePartSide' beside it";
            Hit::new(section, message, expected)
        })
        .collect()
}

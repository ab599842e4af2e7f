//! Rules about the IVI version number, the reference, and what was accepted before.

use crate::check::facts::Known;
use crate::check::rules::{Case, Hit};

/// Version 0.
pub(super) fn zero<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let version = case.values.first(Known::IviVersionNumber);
    let zero = version.filter(|version| version.number() == Some(0));
    zero.map(|version| Hit::new(version, "IviVersionNumber is 0.", "1 or more"))
        .into_iter()
        .collect()
}

/// A reference that another document bears.
pub(super) fn reference<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let reference = case.values.first(Known::IviReferenceId);
    let used = reference.filter(|_| case.background.is_reference_used);
    used.map(|reference| {
        let message = "Another accepted document bears the same IviReferenceId.";
        Hit::new(reference, message, "a new UUID")
    })
    .into_iter()
    .collect()
}

/// Versions skipped.
pub(super) fn gap<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let highest = case.background.version_highest.unwrap_or(0);
    version(
        case,
        |version| version > 1 && version > highest + 1,
        || {
            let message = match case.background.version_highest {
                Some(highest) => format!("The highest version accepted so far is {highest}."),
                None => "No version of this vehicle and stage was accepted before.".to_owned(),
            };
            (message, (highest + 1).to_string())
        },
    )
}

/// A version below one that is there already.
pub(super) fn lower<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let highest = case.background.version_highest.unwrap_or(0);
    version(
        case,
        |version| version < highest,
        || {
            (
                format!("Version {highest} was accepted already."),
                (highest + 1).to_string(),
            )
        },
    )
}

/// A correction with another approval number.
pub(super) fn approval<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let number = case.values.first(Known::TypeApprovalNumber);
    match (number, &case.background.approval_before) {
        (Some(number), Some(before)) if number.text != *before => {
            let message = "The approval number is not that of the version before.";
            vec![Hit::new(number, message, before.clone())]
        }
        _ => Vec::new(),
    }
}

fn version<'a>(
    case: &Case<'a>,
    is_doubtful: impl Fn(u32) -> bool,
    words: impl Fn() -> (String, String),
) -> Vec<Hit<'a>> {
    let (Some(value), Some(version)) = (
        case.values.first(Known::IviVersionNumber),
        case.facts.ivi_version_number,
    ) else {
        return Vec::new();
    };
    if !is_doubtful(version) {
        return Vec::new();
    }
    let (message, expected) = words();
    vec![Hit::new(value, message, expected)]
}

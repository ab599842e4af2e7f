//! Rules about the IVI version number, the reference, and what was accepted before.

use crate::check::facts::Known;
use crate::check::rules::source::{KEY, MESSAGES, REGISTER};
use crate::check::rules::{Case, Hit, Rule, warning, weighing};
use crate::domain::outcome::Severity;

#[rustfmt::skip]
pub(super) const RULES: &[Rule] = &[
    Rule::of_values(weighing(Severity::Error, warning("B01-version-zero",
        "The version number of the message is 0.",
        "The first message of a vehicle has version 1; each correction has one more.", KEY)), zero),
    Rule::of_values(warning("B60-reference-reused",
        "Another accepted document bears the same IviReferenceId.",
        "Give every message a reference of its own, a correction too.", MESSAGES), reference),
    Rule::of_values(warning("B61-version-gap",
        "The version before this one was never accepted.",
        "Number corrections one by one; send what is missing.", MESSAGES), gap),
    Rule::of_values(warning("B62-version-lower",
        "A higher version was accepted already.",
        "Check that this file is not an old one sent late.", REGISTER), lower),
    Rule::of_values(warning("B63-approval-changed",
        "A correction bears another approval number than the version before.",
        "A correction mends a certificate; it does not move the vehicle to another approval. Check TypeApprovalNumber.", REGISTER), approval),
];

fn zero<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let version = case.values.first(Known::IviVersionNumber);
    let zero = version.filter(|version| version.number() == Some(0));
    zero.map(|version| {
        Hit::new(
            version,
            "The version number of the message is 0.",
            "1 or more",
        )
    })
    .into_iter()
    .collect()
}

/// A reference that another document bears.
fn reference<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
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
fn gap<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let highest = case.background.version_highest.unwrap_or(0);
    version(
        case,
        |version| version > 1 && version > highest + 1,
        |version| match case.background.version_highest {
            Some(highest) => {
                format!("This is version {version}, but the highest accepted so far is {highest}.")
            }
            None => format!(
                "This is version {version}, but none of this vehicle and stage was accepted before."
            ),
        },
    )
}

/// A version below one that is there already.
fn lower<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let highest = case.background.version_highest.unwrap_or(0);
    version(
        case,
        |version| version < highest,
        |version| format!("This is version {version}, but version {highest} was accepted already."),
    )
}

/// A correction with another approval number.
fn approval<'a>(case: &Case<'a>) -> Vec<Hit<'a>> {
    let number = case.values.first(Known::TypeApprovalNumber);
    match (number, &case.background.approval_before) {
        (Some(number), Some(before)) if number.said().is_some_and(|number| number != before) => {
            let message = "The approval number is not that of the version before.";
            vec![Hit::new(number, message, before.clone())]
        }
        _ => Vec::new(),
    }
}

fn version<'a>(
    case: &Case<'a>,
    is_doubtful: impl Fn(u32) -> bool,
    message: impl Fn(u32) -> String,
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
    let next = case.background.version_highest.unwrap_or(0) + 1;
    vec![Hit::new(value, message(version), next.to_string())]
}

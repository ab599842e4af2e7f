//! The rules beyond the schema: the table of their codes, and how they are applied.
//!
//! Each rule is a pure function of what was read; what it weighs is a setting. Default: warning,
//! since nobody published which rules reject; error where the key itself would be uncertain.

mod approval;
mod counts;
mod dates;
mod energy;
mod masses;
mod scope;
mod stages;
mod versions;
mod vin;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::check::facts::{Value, Values};
use crate::check::found::shorten;
use crate::domain::Timestamp;
use crate::domain::outcome::{Finding, Layer, Severity};
use crate::domain::record::{Background, Facts};

/// What a rule is about, for configuration and manual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleAbout {
    /// Its code.
    pub code: &'static str,
    /// What it weighs by default.
    pub severity: Severity,
    /// What it finds.
    pub about: &'static str,
    /// What to do about it.
    pub help: &'static str,
    /// Where it comes from.
    pub source: &'static str,
}

/// All rules.
pub fn rules() -> impl Iterator<Item = &'static RuleAbout> {
    TABLE.iter().map(|(about, _)| about)
}

/// The codes of all rules: what the configuration may name.
pub fn rule_codes() -> impl Iterator<Item = &'static str> {
    rules().map(|rule| rule.code)
}

/// What a rule may look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) values: &'a Values,
    pub(crate) facts: &'a Facts,
    pub(crate) background: &'a Background,
    pub(crate) now: Timestamp,
}

/// One thing that a rule saw.
#[derive(Debug)]
struct Hit<'a> {
    /// The value it is about; `None` for the document as a whole.
    value: Option<&'a Value>,
    message: String,
    expected: String,
}

impl<'a> Hit<'a> {
    fn new(value: &'a Value, message: impl Into<String>, expected: impl Into<String>) -> Self {
        Self {
            value: Some(value),
            message: message.into(),
            expected: expected.into(),
        }
    }
}

type Rule = for<'a> fn(&Case<'a>) -> Vec<Hit<'a>>;

/// Applies all rules. `settings` says what a rule weighs in place of its default.
pub(crate) fn apply(
    case: &Case<'_>,
    settings: &BTreeMap<String, Option<Severity>>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (about, rule) in TABLE {
        let severity = match settings.get(about.code) {
            Some(setting) => *setting,
            None => Some(about.severity),
        };
        let Some(severity) = severity else { continue };
        for hit in rule(case) {
            findings.push(finding(case, about, severity, hit));
        }
    }
    findings
}

fn finding(case: &Case<'_>, about: &RuleAbout, severity: Severity, hit: Hit<'_>) -> Finding {
    let text = hit.value.map(|value| shorten(&value.text));
    Finding {
        code: about.code,
        severity,
        layer: Layer::Rule,
        place: hit.value.map(|value| value.place),
        path: hit
            .value
            .map_or_else(String::new, |value| case.values.path(value)),
        value: text.filter(|text| !text.is_empty()),
        expected: Some(hit.expected).filter(|text| !text.is_empty()),
        message: hit.message,
        help: about.help.to_owned(),
    }
}

const fn about(
    code: &'static str,
    severity: Severity,
    about: &'static str,
    help: &'static str,
    source: &'static str,
) -> RuleAbout {
    RuleAbout {
        code,
        severity,
        about,
        help,
        source,
    }
}

const GUIDANCE: &str = "EUCARIS guidance on IVI 2.0";
const REGULATION: &str = "general knowledge of the regulations";
const REGISTER: &str = "the register of what was accepted before";
const KEY: &str = "the key of a submission: VIN, IVI version, stage";

/// Every rule with its function. A code is never given to another rule, nor taken away from one.
#[rustfmt::skip]
const TABLE: &[(RuleAbout, Rule)] = &[
    (about("B01-version-zero", Severity::Error,
        "IviVersionNumber is 0.",
        "The first message of a vehicle has version 1; each correction has one more.", KEY), versions::zero),
    (about("B02-stage-zero", Severity::Error,
        "A ManufacturerStageNumber is 0.",
        "A vehicle built in one stage has stage 1.", KEY), stages::zero),
    (about("B03-stage-repeated", Severity::Error,
        "Two manufacturers have the same stage number.",
        "Give each manufacturer the number of its own stage.", KEY), stages::repeated),
    (about("B10-vin-letters", Severity::Warning,
        "The VIN holds I, O or Q.",
        "ISO 3779 leaves these letters out; check for 1 and 0.", "ISO 3779, Regulation (EU) 2021/535"), vin::letters),
    (about("B11-vin-same", Severity::Warning,
        "All characters of the VIN are the same.",
        "Check that this is a real VIN and not a placeholder.", "ISO 3779"), vin::same),
    (about("B12-approval-form", Severity::Warning,
        "The type-approval number has no known form.",
        "Write it like g11*2018/858*00083*17.", "form of the approval numbers in use"), approval::form),
    (about("B13-approval-country", Severity::Warning,
        "The type-approval number begins with another authority than the header names.",
        "Let both name the authority that granted the approval.", GUIDANCE), approval::country),
    (about("B14-category-scope", Severity::Warning,
        "The category is not among those that the service takes so far.",
        "Categories M, N and O come electronically; certificates of others stay on paper for now.", "scope of phase 1 as the authority publishes it"), scope::category),
    (about("B15-signed-before-approval", Severity::Warning,
        "The certificate was signed before the type approval was issued.",
        "Check SignatureDate and TypeApprovalIssueDate.", REGULATION), dates::signed_before_approval),
    (about("B16-year-implausible", Severity::Warning,
        "A date has a year that cannot be meant.",
        "Check the year.", REGULATION), dates::implausible),
    (about("B17-date-future", Severity::Warning,
        "A date lies in the future.",
        "Check the date, and the clock of the machine that wrote it.", REGULATION), dates::future),
    (about("B20-axle-count", Severity::Warning,
        "NumberOfAxles differs from the axles listed.",
        "List every axle once.", GUIDANCE), counts::axles),
    (about("B21-powered-axle-count", Severity::Warning,
        "NumberOfPoweredAxles differs from the axles marked as powered.",
        "Check PoweredAxleIndicator of each axle.", GUIDANCE), counts::powered),
    (about("B22-steered-axle-count", Severity::Warning,
        "NumberOfSteeredAxles differs from the axles marked as steered.",
        "Check SteeredAxleIndicator of each axle.", GUIDANCE), counts::steered),
    (about("B23-twin-axle-count", Severity::Warning,
        "NumberOfAxlesWithTwinWheels differs from the axles marked so.",
        "Check TwinWheelsAxleIndicator of each axle.", GUIDANCE), counts::twin),
    (about("B24-mass-above-maximum", Severity::Warning,
        "The actual mass is above the permissible laden mass.",
        "Check ActualMass and TechnicallyPermissibleMaximumLadenMass.", GUIDANCE), masses::actual),
    (about("B25-running-mass-above-maximum", Severity::Warning,
        "The mass in running order is above the permissible laden mass.",
        "Check MassInRunningOrder and TechnicallyPermissibleMaximumLadenMass.", REGULATION), masses::running_order),
    (about("B26-axle-masses", Severity::Warning,
        "The permissible masses of the axles add up to less than the permissible laden mass.",
        "Check TechnicallyPermissibleMassAxle of each axle.", GUIDANCE), masses::axles),
    (about("B30-previous-stage-missing", Severity::Warning,
        "A later stage does not name the approval of the stage before.",
        "From stage 2 on, name the previous stage's approval number, type, variant and version.", GUIDANCE), stages::previous),
    (about("B31-earlier-stage-unknown", Severity::Info,
        "The stage before this one is not recorded.",
        "The manufacturer of the earlier stage sends a message of its own.", REGISTER), stages::unknown),
    (about("B32-completed-first-stage", Severity::Warning,
        "A completed vehicle (V) has no stage above 1.",
        "A vehicle built in one stage is complete (C); a completed one has stage 2 or more.", GUIDANCE), stages::completed_first),
    (about("B40-electric-with-engine", Severity::Warning,
        "A pure electric vehicle has an energy source or a machine that is not electric.",
        "A pure electric vehicle has nothing but energy source 95.", GUIDANCE), energy::engine),
    (about("B41-electric-not-said", Severity::Warning,
        "All energy sources are electricity, but the vehicle is not said to be pure electric.",
        "Set PureElectricVehicleIndicator to Y exactly when all sources are 95.", GUIDANCE), energy::not_said),
    (about("B50-group-missing", Severity::Warning,
        "A group that every certificate has is not there.",
        "The schema lets it be left out, the guidance does not.", GUIDANCE), scope::groups),
    (about("B60-reference-reused", Severity::Warning,
        "Another accepted document bears the same IviReferenceId.",
        "Every message has a reference of its own, a correction too.", GUIDANCE), versions::reference),
    (about("B61-version-gap", Severity::Warning,
        "The version before this one was never accepted.",
        "Number corrections one by one; send what is missing.", GUIDANCE), versions::gap),
    (about("B62-version-lower", Severity::Warning,
        "A higher version was accepted already.",
        "Check that this file is not an old one sent late.", REGISTER), versions::lower),
    (about("B63-approval-changed", Severity::Warning,
        "A correction bears another approval number than the version before.",
        "A correction mends a certificate; it does not move the vehicle to another approval.", REGISTER), versions::approval),
];

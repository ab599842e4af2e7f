//! The rules beyond the schema, and how they are applied.
//!
//! Each rule is a pure function of what was read; what it weighs is a setting. Default: warning,
//! since nobody published which rules reject; error where the key itself would be uncertain.

mod approval;
mod axles;
mod certificate;
mod counts;
mod couplings;
mod dates;
mod energy;
mod indicators;
mod masses;
mod numbers;
mod scope;
mod source;
mod stages;
mod towing;
mod versions;
mod vin;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::check::catalogue::Entry;
use crate::check::facts::{Known, Value, Values};
use crate::check::found::shorten;
use crate::check::items;
use crate::domain::Timestamp;
use crate::domain::outcome::{Finding, Layer, Severity};
use crate::domain::record::{Background, Facts};

/// All rules, file by file.
const RULES: &[&[Rule]] = &[
    versions::RULES,
    stages::RULES,
    vin::RULES,
    approval::RULES,
    scope::RULES,
    dates::RULES,
    counts::RULES,
    axles::RULES,
    masses::RULES,
    energy::RULES,
    certificate::RULES,
    indicators::RULES,
    towing::RULES,
    couplings::RULES,
];

/// What the rules find.
pub fn rules() -> impl Iterator<Item = &'static Entry> {
    RULES.iter().copied().flatten().map(|rule| &rule.about)
}

/// The codes of all rules: what the configuration may name.
pub fn rule_codes() -> impl Iterator<Item = &'static str> {
    rules().map(|rule| rule.code)
}

/// A rule: what it is about, what it needs, and the function that looks.
#[derive(Debug)]
struct Rule {
    about: Entry,
    needs: Needs,
    look: for<'a> fn(&Case<'a>) -> Vec<Hit<'a>>,
}

/// What a rule needs to say anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// The values that it looks at.
    Values,
    /// That nothing is missing or out of place by the schema: the rule counts, or looks for what
    /// is not there.
    Everything,
}

impl Rule {
    /// A rule about single values.
    const fn of_values(about: Entry, look: for<'a> fn(&Case<'a>) -> Vec<Hit<'a>>) -> Self {
        Self {
            about,
            needs: Needs::Values,
            look,
        }
    }

    /// A rule that counts, or looks for what is not there.
    const fn of_all(about: Entry, look: for<'a> fn(&Case<'a>) -> Vec<Hit<'a>>) -> Self {
        Self {
            about,
            needs: Needs::Everything,
            look,
        }
    }
}

/// The entry of a rule that weighs a warning.
const fn warning(
    code: &'static str,
    about: &'static str,
    help: &'static str,
    source: &'static str,
) -> Entry {
    Entry {
        code,
        layer: Layer::Rule,
        severity: Severity::Warning,
        about,
        help,
        source,
    }
}

/// An entry that weighs otherwise.
const fn weighing(severity: Severity, entry: Entry) -> Entry {
    Entry { severity, ..entry }
}

/// What a rule may look at.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case<'a> {
    pub(crate) values: &'a Values,
    pub(crate) facts: &'a Facts,
    pub(crate) background: &'a Background,
    pub(crate) now: Timestamp,
}

impl<'a> Case<'a> {
    /// The category's letters; empty if it could not be read.
    fn category(&self) -> &'a str {
        self.values
            .first(Known::VehicleCategory)
            .and_then(Value::said)
            .unwrap_or_default()
    }

    /// The data group: the place of what is missing in it.
    fn data(&self) -> Option<Value<'a>> {
        self.values.first(Known::CocDataGroup)
    }
}

/// One thing that a rule saw.
#[derive(Debug)]
struct Hit<'a> {
    /// Where; `None` for the document as a whole.
    value: Option<Value<'a>>,
    /// The element that the sentence is about, if it is not the one at that place.
    about: Option<Known>,
    message: String,
    expected: String,
}

impl<'a> Hit<'a> {
    fn new(value: Value<'a>, message: impl Into<String>, expected: impl Into<String>) -> Self {
        Self {
            value: Some(value),
            about: None,
            message: message.into(),
            expected: expected.into(),
        }
    }

    /// Something that is missing in `group`.
    fn missing(group: Option<Value<'a>>, what: Known, message: impl Into<String>) -> Self {
        Self {
            value: group,
            about: Some(what),
            message: message.into(),
            expected: format!("element '{}'", what.name()),
        }
    }

    /// The same, about another element than the one at its place.
    fn about(self, what: Known) -> Self {
        Self {
            about: Some(what),
            ..self
        }
    }
}

/// Applies all rules. `settings` says what a rule weighs in place of its default.
pub(crate) fn apply(
    case: &Case<'_>,
    settings: &BTreeMap<String, Option<Severity>>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in RULES.iter().copied().flatten() {
        if case.values.is_cut && rule.needs == Needs::Everything {
            continue;
        }
        let about = &rule.about;
        let severity = match settings.get(about.code) {
            Some(setting) => *setting,
            None => Some(about.severity),
        };
        let Some(severity) = severity else { continue };
        let hits = (rule.look)(case);
        findings.reserve_exact(hits.len());
        for hit in hits {
            findings.push(finding(case, about, severity, hit));
        }
    }
    findings
}

fn finding(case: &Case<'_>, about: &Entry, severity: Severity, hit: Hit<'_>) -> Finding {
    let text = hit.value.map(|value| shorten(value.text));
    let element = hit.about.or(hit.value.map(|value| value.known));
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
        message: items::with_item(hit.message, element.map_or("", Known::name)),
        help: Cow::Borrowed(about.help),
    }
}

//! From what a site may set to what the check needs.

use crate::check;
use crate::config;
use crate::config::{EncodingPolicy, RuleSetting};
use crate::domain::outcome::Severity;

/// The limits and weights of the section `[check]`.
pub fn settings(section: &config::Check) -> check::Settings {
    check::Settings {
        file_bytes_max: section.file_bytes_max,
        latin1: match section.latin1 {
            EncodingPolicy::Accept => None,
            EncodingPolicy::Warn => Some(Severity::Warning),
            EncodingPolicy::Refuse => Some(Severity::Error),
        },
        depth_max: section.depth_max,
        attributes_max: section.attributes_max,
        namespaces_max: section.namespaces_max,
        name_bytes_max: section.name_bytes_max,
        text_bytes_max: section.text_bytes_max,
        attribute_bytes_max: section.attribute_bytes_max,
        elements_max: section.elements_max,
        findings_max: section.findings_max,
        rules: section
            .rules
            .iter()
            .map(|(code, setting)| (code.clone(), severity(*setting)))
            .collect(),
    }
}

const fn severity(setting: RuleSetting) -> Option<Severity> {
    match setting {
        RuleSetting::Off => None,
        RuleSetting::Info => Some(Severity::Info),
        RuleSetting::Warning => Some(Severity::Warning),
        RuleSetting::Error => Some(Severity::Error),
    }
}

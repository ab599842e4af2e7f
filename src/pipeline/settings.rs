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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Input, Schema};
    use crate::domain::outcome::{Counts, Finding};

    /// What is found in a sample that is written in, and declares, an encoding of single octets.
    fn found(policy: EncodingPolicy, encoding: &str) -> Vec<Finding> {
        let section = config::Check {
            latin1: policy,
            ..config::Check::default()
        };
        let text = include_str!("../../tests/cases/samples/valid/01-m1-petrol.xml");
        let text = text.replacen("UTF-8", encoding, 1);
        let octets: Vec<u8> = text
            .chars()
            .map(|letter| u8::try_from(letter).unwrap())
            .collect();
        let input = Input {
            name: "a.xml",
            octets: &octets,
            given_up: None,
        };
        let schema = Schema::built_in().unwrap();
        check::read(&schema, &settings(&section), input).findings
    }

    #[test]
    fn a_site_says_what_becomes_of_iso_8859_1_and_windows_1252() {
        for encoding in ["ISO-8859-1", "windows-1252"] {
            assert_eq!(found(EncodingPolicy::Accept, encoding), []);
            let warned = found(EncodingPolicy::Warn, encoding);
            let counts = Counts::of(&warned);
            assert_eq!((counts.errors, counts.warnings), (0, 1), "{warned:?}");
            let refused = found(EncodingPolicy::Refuse, encoding);
            assert_eq!(refused.len(), 1, "{refused:?}");
            assert_eq!(refused[0].code, "N01-latin1");
            assert_eq!(refused[0].severity, Severity::Error);
        }
    }
}

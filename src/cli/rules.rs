//! `ecocd rules`: what is looked at beyond the schema, what it weighs here, and where it comes from.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::check::{self, Entry};
use crate::cli::arguments::Output;
use crate::cli::check::settings;
use crate::cli::ending::Ending;
use crate::cli::table::text;
use crate::domain::outcome::Severity;
use crate::pipeline;

/// A rule, for programs.
#[derive(Debug, Serialize)]
struct Form {
    code: &'static str,
    severity: &'static str,
    default_severity: &'static str,
    about: &'static str,
    help: &'static str,
    source: &'static str,
}

/// Lists all rules by code, each with what the configuration makes it weigh.
pub(crate) fn run(named: Option<&Path>, wish: Output) -> anyhow::Result<Ending> {
    let weights = pipeline::settings(&settings(named)?.check).rules;
    let forms = forms(&weights);
    wish.answer(&forms, || {
        let lines: Vec<String> = forms.iter().flat_map(lines).collect();
        text(&lines)
    })?;
    Ok(Ending::Done)
}

fn forms(weights: &BTreeMap<String, Option<Severity>>) -> Vec<Form> {
    let mut rules: Vec<&Entry> = check::rules().collect();
    rules.sort_by_key(|rule| rule.code);
    rules
        .into_iter()
        .map(|rule| {
            let weight = match weights.get(rule.code) {
                Some(weight) => *weight,
                None => Some(rule.severity),
            };
            Form {
                code: rule.code,
                severity: weight.map_or("off", Severity::as_str),
                default_severity: rule.severity.as_str(),
                about: rule.about,
                help: rule.help,
                source: rule.source,
            }
        })
        .collect()
}

fn lines(form: &Form) -> Vec<String> {
    let default = if form.severity == form.default_severity {
        String::new()
    } else {
        format!(" (by default: {})", form.default_severity)
    };
    vec![
        format!("{}: {}{default}", form.code, form.severity),
        format!("    {}", form.about),
        format!("    help: {}", form.help),
        format!("    source: {}", form.source),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_is_listed_with_the_weight_that_it_has_here() {
        let weights = BTreeMap::from([
            ("B24-mass-above-maximum".to_owned(), Some(Severity::Error)),
            ("B10-vin-letters".to_owned(), None),
        ]);
        let forms = forms(&weights);
        assert_eq!(forms.len(), check::rules().count());
        let heading = |code: &str| {
            let form = forms.iter().find(|form| form.code == code).unwrap();
            lines(form).remove(0)
        };
        assert_eq!(
            heading("B24-mass-above-maximum"),
            "B24-mass-above-maximum: error (by default: warning)"
        );
        assert_eq!(
            heading("B10-vin-letters"),
            "B10-vin-letters: off (by default: warning)"
        );
        assert_eq!(heading("B01-version-zero"), "B01-version-zero: error");
        let codes: Vec<&str> = forms.iter().map(|form| form.code).collect();
        assert!(codes.is_sorted());
    }
}

//! Findings for people at a terminal: the sentence, the place, the line with what is meant, help.

use crate::cli::check::source::Source;
use crate::cli::table::safe;
use crate::domain::outcome::{Finding, Severity};

/// Colours, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paint {
    /// Does whoever reads understand colours, and want them?
    pub(super) is_coloured: bool,
}

const BOLD: &str = "1";
const GUTTER: &str = "1;34";

impl Paint {
    fn on(self, style: &str, text: &str) -> String {
        if self.is_coloured && !text.is_empty() {
            format!("\u{1b}[{style}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// A severity's word or mark in its colour.
    pub(super) fn severity(self, severity: Severity, text: &str) -> String {
        let style = match severity {
            Severity::Error => "1;31",
            Severity::Warning => "1;33",
            Severity::Info => "1;36",
        };
        self.on(style, text)
    }
}

/// One finding, with an empty line after it.
pub(super) fn finding(
    path: &str,
    source: &Source<'_>,
    finding: &Finding,
    paint: Paint,
) -> Vec<String> {
    let place = finding.place;
    let number = place.map_or_else(String::new, |place| place.line.to_string());
    let margin = " ".repeat(number.len().max(1));
    let head = format!("{}[{}]", finding.severity, finding.code);
    let sentence = format!(": {}", safe(&finding.message));
    let mut lines = vec![format!(
        "{}{}",
        paint.severity(finding.severity, &head),
        paint.on(BOLD, &sentence)
    )];
    let place = place.map_or_else(String::new, |place| {
        format!(":{}:{}", place.line, place.column)
    });
    let arrow = paint.on(GUTTER, "-->");
    lines.push(format!("{margin}{arrow} {path}{place}"));
    let excerpt = source.excerpt(finding);
    let is_value_shown = excerpt.as_ref().is_some_and(|excerpt| excerpt.is_value);
    if let Some(excerpt) = excerpt {
        let bar = paint.on(GUTTER, &format!("{margin} |"));
        let numbered = paint.on(GUTTER, &format!("{number} |"));
        let carets = paint.severity(finding.severity, &"^".repeat(excerpt.width));
        lines.push(bar.clone());
        lines.push(format!("{numbered} {}", excerpt.line).trim_end().to_owned());
        lines.push(format!("{bar} {}{carets}", " ".repeat(excerpt.before)));
    }
    let found = finding.value.as_deref().filter(|_| !is_value_shown);
    for (name, what) in [
        ("at", finding.path.as_str()),
        ("found", found.unwrap_or_default()),
        ("expected", finding.expected.as_deref().unwrap_or_default()),
        ("help", finding.help.as_ref()),
    ] {
        if !what.is_empty() {
            let equals = paint.on(GUTTER, "=");
            let name = paint.on(BOLD, &format!("{name}:"));
            lines.push(format!("{margin} {equals} {name} {}", safe(what)));
        }
    }
    lines.push(String::new());
    lines
}

//! `ecocd check`: judge files without the service, as the test lane would.

mod source;
mod terminal;

use std::io::{IsTerminal, Read};
use std::path::Path;

use crate::check;
use crate::cli::arguments::{Check, CheckFormat};
use crate::cli::check::source::Source;
use crate::cli::check::terminal::Paint;
use crate::cli::desk::{CONFIG, load, load_exactly};
use crate::cli::ending::{self, Ending, Unconfigured};
use crate::cli::output::{note, print};
use crate::cli::table::{details, safe, text};
use crate::config::{Config, Problem};
use crate::daemon;
use crate::domain::outcome::{Finding, Outcome};
use crate::domain::receipt::Receipt;
use crate::domain::submission::Status;
use crate::logging;
use crate::pipeline::{self, Alone, LooseFile};
use crate::receipts;
use crate::runtime::Clock;

/// Judges all files, one after the other; later ones are compared with earlier ones.
pub(crate) fn run(named: Option<&Path>, wish: &Check) -> anyhow::Result<Ending> {
    logging::start_quietly();
    let mut config = settings(named)?;
    if let Some(folder) = &wish.schema {
        config.check.schema.clone_from(folder);
    }
    let schema = daemon::schema(&config.check).map_err(|error| unusable(&error))?;
    let settings = pipeline::settings(&config.check);
    let mut alone = Alone::new(&schema, &settings, &config.service.node, Clock::system())?;
    let mut tally = Tally::default();
    let mut receipts: Vec<String> = Vec::new();
    let paint = paint();
    for file in &wish.files {
        let octets = match read(file, config.check.file_bytes_max) {
            Ok(octets) => octets,
            Err(error) => {
                note(&format!("{}: cannot be read: {error}", safe(&shown(file))));
                tally.unread = tally.unread.saturating_add(1);
                continue;
            }
        };
        let path = shown(file);
        let name = file.file_name().unwrap_or(file.as_os_str());
        let receipt = alone.judge(LooseFile {
            name: &name.to_string_lossy(),
            path: &path,
            octets: &octets,
        });
        tally.count(&receipt);
        match wish.format {
            CheckFormat::Text => print(&text(&pictured(&receipt, &octets, paint)))?,
            CheckFormat::Short => print(&text(&lines(&receipt)))?,
            CheckFormat::Json => receipts.push(receipts::render(&receipt).trim_end().to_owned()),
        }
    }
    match wish.format {
        CheckFormat::Text | CheckFormat::Short => print(&tally.line())?,
        CheckFormat::Json => print(&list(&receipts))?,
    }
    Ok(if tally.is_fine() {
        Ending::Done
    } else {
        Ending::No
    })
}

/// The configuration named; or the service's own, if this user may read it; or the defaults.
fn settings(named: Option<&Path>) -> Result<Config, Unconfigured> {
    if named.is_some() {
        return load(named);
    }
    match std::fs::File::open(CONFIG) {
        Ok(_) => load(None),
        Err(error) => {
            if error.kind() != std::io::ErrorKind::NotFound {
                note(&format!(
                    "{CONFIG} cannot be read ({error}): judging by the default settings"
                ));
            }
            load_exactly(None)
        }
    }
}

/// A schema that cannot be used is no verdict on any file.
fn unusable(error: &anyhow::Error) -> Unconfigured {
    Unconfigured(vec![Problem {
        key: String::new(),
        value: None,
        origin: None,
        what: ending::said(error),
    }])
}

/// The octets of a file; of one that is too large, only enough to see that it is.
fn read(file: &Path, bytes_max: u64) -> std::io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    std::fs::File::open(file)?
        .take(bytes_max.saturating_add(1))
        .read_to_end(&mut octets)?;
    Ok(octets)
}

fn shown(file: &Path) -> String {
    file.to_string_lossy().into_owned()
}

/// How many files were fine, and how many were not.
#[derive(Debug, Default)]
struct Tally {
    fine: u32,
    warned: u32,
    refused: u32,
    unread: u32,
}

impl Tally {
    fn count(&mut self, receipt: &Receipt) {
        let verdict = &receipt.verdict;
        let slot = match verdict.outcome.status() {
            Status::Succeeded if verdict.outcome == Outcome::AcceptedWithWarnings => {
                &mut self.warned
            }
            Status::Succeeded => &mut self.fine,
            _ => &mut self.refused,
        };
        *slot = slot.saturating_add(1);
    }

    fn is_fine(&self) -> bool {
        self.refused == 0 && self.unread == 0
    }

    fn line(&self) -> String {
        let mut parts = vec![format!("{} accepted", self.fine)];
        for (count, what) in [
            (self.warned, "accepted with warnings"),
            (self.refused, "not accepted"),
            (self.unread, "not readable"),
        ] {
            if count > 0 {
                parts.push(format!("{count} {what}"));
            }
        }
        format!("{}\n", parts.join(", "))
    }
}

/// Colours for a terminal whose user does not say otherwise (<https://no-color.org>).
fn paint() -> Paint {
    let is_unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    Paint {
        is_coloured: std::io::stdout().is_terminal() && !is_unwanted,
    }
}

/// A verdict with each finding's line of the file, for people.
fn pictured(receipt: &Receipt, octets: &[u8], paint: Paint) -> Vec<String> {
    let path = safe(&receipt.submission.path);
    let shown = check::text(octets);
    let source = Source::new(&shown);
    let findings = receipt.verdict.findings.iter();
    let mut lines: Vec<String> = findings
        .flat_map(|finding| terminal::finding(&path, &source, finding, paint))
        .collect();
    lines.extend(ending_lines(&path, receipt));
    lines
}

/// A verdict in lines that editors can jump to: `file:line:column: severity: sentence [code]`.
fn lines(receipt: &Receipt) -> Vec<String> {
    let path = safe(&receipt.submission.path);
    let findings = receipt.verdict.findings.iter();
    let mut lines: Vec<String> = findings.flat_map(|finding| line(&path, finding)).collect();
    lines.extend(ending_lines(&path, receipt));
    lines
}

/// What is left out, and what became of the file.
fn ending_lines(path: &str, receipt: &Receipt) -> Vec<String> {
    let verdict = &receipt.verdict;
    let counts = &verdict.counts;
    let mut lines = Vec::new();
    if counts.is_truncated {
        let all = u64::from(counts.errors)
            .saturating_add(counts.warnings.into())
            .saturating_add(counts.infos.into());
        let shown = verdict.findings.len();
        lines.push(format!(
            "{path}: only the first {shown} of {all} findings are shown"
        ));
    }
    let counted: Vec<String> = [
        (counts.errors, "error", "errors"),
        (counts.warnings, "warning", "warnings"),
        (counts.infos, "remark", "remarks"),
    ]
    .into_iter()
    .filter(|(count, ..)| *count > 0)
    .map(|(count, one, many)| format!("{count} {}", if count == 1 { one } else { many }))
    .collect();
    let counted = if counted.is_empty() {
        String::new()
    } else {
        format!(", {}", counted.join(", "))
    };
    let reason = verdict
        .reason
        .as_deref()
        .map_or_else(String::new, |reason| {
            // The sentence of a finding was said already.
            let lead = verdict.findings.first();
            let message = if lead.is_some_and(|lead| lead.message == verdict.message) {
                String::new()
            } else {
                format!(": {}", safe(&verdict.message))
            };
            format!(" ({reason} {}{message})", verdict.title)
        });
    lines.push(format!("{path}: {}{counted}{reason}", verdict.outcome));
    lines
}

fn line(path: &str, finding: &Finding) -> Vec<String> {
    let place = finding
        .place
        .map(|place| format!(":{}:{}", place.line, place.column))
        .unwrap_or_default();
    let (severity, code) = (finding.severity, finding.code);
    let message = safe(&finding.message);
    let mut lines = vec![format!("{path}{place}: {severity}: {message} [{code}]")];
    lines.extend(details(
        &finding.path,
        finding.value.as_deref(),
        finding.expected.as_deref(),
        &finding.help,
    ));
    lines
}

/// Receipts, each JSON by itself, as one JSON list.
fn list(receipts: &[String]) -> String {
    if receipts.is_empty() {
        return "[]\n".to_owned();
    }
    let indented: Vec<String> = receipts
        .iter()
        .map(|receipt| {
            let lines: Vec<String> = receipt.lines().map(|line| format!("  {line}")).collect();
            lines.join("\n")
        })
        .collect();
    format!("[\n{}\n]\n", indented.join(",\n"))
}

#[cfg(test)]
mod tests;

//! `ecocd check`: judge files without the service, as the test lane would.

use std::io::Read;
use std::path::Path;

use crate::cli::arguments::{Check, Format};
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
        match wish.output.format {
            Format::Text => print(&text(&lines(&receipt)))?,
            Format::Json => receipts.push(receipts::render(&receipt).trim_end().to_owned()),
        }
    }
    match wish.output.format {
        Format::Text => print(&tally.line())?,
        Format::Json => print(&list(&receipts))?,
    }
    Ok(if tally.is_fine() {
        Ending::Done
    } else {
        Ending::No
    })
}

/// The configuration named; or the service's own, if this user may read it; or the defaults.
pub(crate) fn settings(named: Option<&Path>) -> Result<Config, Unconfigured> {
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

/// A verdict in lines that editors can jump to: `file:line:column: severity: sentence [code]`.
fn lines(receipt: &Receipt) -> Vec<String> {
    let verdict = &receipt.verdict;
    let path = safe(&receipt.submission.path);
    let findings = verdict.findings.iter();
    let mut lines: Vec<String> = findings.flat_map(|finding| line(&path, finding)).collect();
    if verdict.counts.is_truncated {
        let counts = &verdict.counts;
        let all = u64::from(counts.errors)
            .saturating_add(counts.warnings.into())
            .saturating_add(counts.infos.into());
        let shown = verdict.findings.len();
        lines.push(format!(
            "{path}: only the first {shown} of {all} findings are shown"
        ));
    }
    let reason = verdict
        .reason
        .as_deref()
        .map_or_else(String::new, |reason| {
            format!(" ({reason} {}: {})", verdict.title, safe(&verdict.message))
        });
    lines.push(format!("{path}: {}{reason}", verdict.outcome));
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
mod tests {
    use super::*;
    use crate::domain::outcome::{Layer, Place, Severity};

    #[test]
    fn a_finding_is_a_line_that_editors_can_jump_to() {
        let finding = Finding {
            code: "S03-pattern",
            severity: Severity::Error,
            layer: Layer::Schema,
            place: Some(Place {
                line: 12,
                column: 8,
            }),
            path: "/A[1]/B[1]".to_owned(),
            value: Some("x\u{1b}".to_owned()),
            expected: None,
            message: "B does not fit".to_owned(),
            help: String::new(),
        };
        assert_eq!(
            line("a.xml", &finding),
            [
                "a.xml:12:8: error: B does not fit [S03-pattern]",
                "    at: /A[1]/B[1]",
                "    found: x\\u{1b}"
            ]
        );
    }

    #[test]
    fn receipts_make_one_json_list() {
        let text = list(&["{\n  \"a\": 1\n}".to_owned(), "{}".to_owned()]);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value, serde_json::json!([{"a": 1}, {}]));
        assert_eq!(list(&[]), "[]\n");
    }

    #[test]
    fn a_file_that_is_too_large_is_read_just_far_enough() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.xml");
        std::fs::write(&file, [b'x'; 100]).unwrap();
        assert_eq!(read(&file, 10).unwrap().len(), 11);
        assert_eq!(read(&file, 100).unwrap().len(), 100);
    }

    #[test]
    fn a_good_and_a_bad_file_are_told_apart() {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/demo/samples");
        let schema = daemon::schema(&Config::default().check).unwrap();
        let settings = pipeline::settings(&Config::default().check);
        let mut alone = Alone::new(&schema, &settings, "n", Clock::system()).unwrap();
        let mut tally = Tally::default();
        let mut judged = |name: &str| {
            let octets = std::fs::read(samples.join(name)).unwrap();
            let receipt = alone.judge(LooseFile {
                name,
                path: name,
                octets: &octets,
            });
            tally.count(&receipt);
            lines(&receipt)
        };
        let good = judged("01-m1-petrol.xml");
        assert_eq!(good.last().unwrap(), "01-m1-petrol.xml: accepted");
        let bad = judged("060-wrong-root-no-namespace.xml");
        assert!(
            bad[0].starts_with("060-wrong-root-no-namespace.xml:2:1: error: "),
            "{bad:?}"
        );
        assert!(
            bad.last()
                .unwrap()
                .contains(": rejected (X02 Invalid xml: "),
            "{bad:?}"
        );
        let again = judged("01-m1-petrol.xml");
        assert!(
            again.last().unwrap().contains(": duplicate (D02 "),
            "{again:?}"
        );
        assert!(!tally.is_fine());
        assert_eq!(tally.line(), "1 accepted, 2 not accepted\n");
    }
}

//! Who judges a variant: ecocd, libxml2, Java's own validator, and the crate xsd-schema.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::process::Command;

use ecocd::check::{self, Input, Settings};
use ecocd::config::{self, EncodingPolicy};
use ecocd::domain::outcome::{Finding, Layer, Severity};
use ecocd::pipeline;
use xsd_schema::validation::{
    CollectingValidationSink, SchemaValidator, ValidationFlags, drive_quick_xml,
};
use xsd_schema::{SchemaSet, load_and_process_schema};

use crate::differential::corpus::Corpus;
use crate::support::tool;

/// What somebody says about a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// Not XML, or not XML with namespaces.
    Malformed,
    /// XML, but not as the schema wants it.
    Invalid,
    /// Right.
    Valid,
    /// No verdict: it fell over, or refuses by policy to read further.
    None,
}

/// A verdict and the first reason for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// The verdict.
    pub(crate) verdict: Verdict,
    /// Why; in the judge's own words.
    pub(crate) why: String,
}

impl Said {
    fn new(verdict: Verdict, why: impl Into<String>) -> Self {
        Self {
            verdict,
            why: why.into(),
        }
    }
}

/// Judges by ecocd: XML and schema only, no rule and no policy but those that stop the reading.
#[derive(Debug)]
pub(crate) struct Ours<'a> {
    corpus: &'a Corpus,
    settings: Settings,
}

impl<'a> Ours<'a> {
    pub(crate) fn new(corpus: &'a Corpus) -> Self {
        let section = config::Check {
            latin1: EncodingPolicy::Accept,
            ..config::Check::default()
        };
        Self {
            corpus,
            settings: pipeline::settings(&section),
        }
    }

    pub(crate) fn judge(&self, octets: &[u8]) -> Said {
        let input = Input {
            name: "variant.xml",
            octets,
            given_up: None,
        };
        let reading = check::read(&self.corpus.schema, &self.settings, input);
        let errors: Vec<&Finding> = reading
            .findings
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .collect();
        let first = |wanted: fn(&Finding) -> bool| errors.iter().find(|finding| wanted(finding));
        let is_policy =
            |finding: &Finding| finding.code.starts_with("X03") || finding.code.starts_with("X04");
        let is_malformed =
            |finding: &Finding| finding.layer < Layer::Schema && !finding.code.starts_with("X02");
        let shown = |finding: &Finding| {
            let place = finding.place.map_or(String::new(), |place| {
                format!("{}:{} ", place.line, place.column)
            });
            let value = finding.value.as_deref().unwrap_or_default();
            format!("{place}[{}] {} ({value:?})", finding.code, finding.message)
        };
        if let Some(finding) = first(is_policy) {
            Said::new(Verdict::None, shown(finding))
        } else if let Some(finding) = first(is_malformed) {
            Said::new(Verdict::Malformed, shown(finding))
        } else if let Some(finding) = errors.first() {
            Said::new(Verdict::Invalid, shown(finding))
        } else {
            Said::new(Verdict::Valid, "")
        }
    }
}

/// Judges every file of a folder by `xmllint`, in one process.
pub(crate) fn xmllint(corpus: &Corpus, folder: &Path, names: &[String]) -> BTreeMap<String, Said> {
    let mut command = Command::new("xmllint");
    command
        .current_dir(folder)
        .args(["--noout", "--nonet", "--schema"])
        .arg(&corpus.schema_path)
        .args(names);
    let said = tool::run(&mut command, "");
    let mut all: BTreeMap<String, Said> = names
        .iter()
        .map(|name| (name.clone(), Said::new(Verdict::Malformed, "")))
        .collect();
    for line in said.err.lines() {
        let Some((name, rest)) = line.split_once(".xml").filter(|(name, _)| {
            name.len() == 6 && name.bytes().all(|octet| octet.is_ascii_digit())
        }) else {
            continue;
        };
        let Some(one) = all.get_mut(&format!("{name}.xml")) else {
            continue;
        };
        match rest {
            " validates" => one.verdict = Verdict::Valid,
            " fails to validate" => one.verdict = Verdict::Invalid,
            _ if rest.contains("generated an internal error") => one.verdict = Verdict::None,
            // Enough to tell what it is about.
            _ if one.why.len() < 500 => {
                one.why.push_str(rest.trim_end());
                one.why.push_str("; ");
            }
            _ => {}
        }
    }
    all
}

/// Is there a JDK? One that cannot compile cannot run a program from its source.
pub(crate) fn has_jdk() -> bool {
    let listed = Command::new("java").arg("--list-modules").output();
    listed.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("jdk.compiler"))
}

/// Judges every file of a folder by Java's own validator, in one process.
pub(crate) fn java(corpus: &Corpus, folder: &Path) -> BTreeMap<String, Said> {
    let mut command = Command::new("java");
    command
        .args(["-Xmx256m", "-XX:+UseSerialGC"])
        .arg(tool::of_repository("tests/it/differential/Harness.java"))
        .arg(&corpus.schema_path)
        .arg(folder);
    let said = tool::run(&mut command, "").success();
    let line = |line: &str| {
        let mut cells = line.splitn(3, '\t');
        let name = cells.next()?.to_owned();
        let verdict = match cells.next()? {
            "valid" => Verdict::Valid,
            "invalid" => Verdict::Invalid,
            "malformed" => Verdict::Malformed,
            _ => Verdict::None,
        };
        Some((name, Said::new(verdict, cells.next()?)))
    };
    said.out.lines().filter_map(line).collect()
}

/// Judges by the crate xsd-schema.
pub(crate) struct Crate(SchemaSet);

impl Crate {
    pub(crate) fn new(corpus: &Corpus) -> Self {
        let text = std::fs::read(&corpus.schema_path).expect("the schema file");
        let place = corpus.schema_path.to_string_lossy();
        let mut set = SchemaSet::new();
        load_and_process_schema(&text, &place, &mut set, None).expect("a schema that it knows");
        Self(set)
    }

    pub(crate) fn judge(&self, octets: &[u8]) -> Said {
        let judged = std::panic::catch_unwind(AssertUnwindSafe(|| self.drive(octets)));
        judged.unwrap_or_else(|_| Said::new(Verdict::None, "it panicked"))
    }

    fn drive(&self, octets: &[u8]) -> Said {
        let validator = SchemaValidator::new(&self.0, ValidationFlags::default());
        let (mut errors, mut warnings) = (Vec::new(), Vec::new());
        let mut runtime = validator.start_run(CollectingValidationSink {
            errors: &mut errors,
            warnings: &mut warnings,
        });
        let driven = drive_quick_xml(octets, &mut runtime, &self.0);
        drop(runtime);
        match (driven, errors.first()) {
            (Err(fault), _) => Said::new(Verdict::Malformed, fault.to_string()),
            (Ok(_), Some(fault)) => Said::new(Verdict::Invalid, fault.to_string()),
            (Ok(_), None) => Said::new(Verdict::Valid, ""),
        }
    }
}

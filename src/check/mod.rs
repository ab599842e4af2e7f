//! Is it right? Octets in, findings out. Pure: no files, no clock, no log; never fails.
//!
//! *Invariant*: total. Any octets give an answer within time and memory in proportion to their
//! number and the limits of [`Settings`].

mod catalogue;
mod earlier;
mod encoding;
mod facts;
mod foreign;
mod found;
mod items;
mod names;
mod outline;
mod path;
mod place;
mod rules;
mod schema;
mod transport;
mod walk;
mod xml;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod twin_tests;

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::check::found::Findings;
use crate::check::xml::Limits;
use crate::domain::Timestamp;
use crate::domain::outcome::{Finding, Severity};
use crate::domain::receipt::Ruleset;
use crate::domain::record::{Background, Facts};
use crate::domain::submission::GivenUp;

pub use catalogue::{Entry, entries};
pub use outline::{Element, Outline, outline};
pub use rules::{rule_codes, rules};

/// The version of our rules, in every receipt. Counts up when a rule changes what it finds.
pub const RULES_VERSION: &str = "2";

/// The limits of reading, and what each rule weighs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The largest file in octets.
    pub file_bytes_max: u64,
    /// ISO 8859-1 and Windows-1252, declared: `None` takes it, else a finding of this severity.
    pub latin1: Option<Severity>,
    /// The deepest nesting of elements.
    pub depth_max: u32,
    /// The most attributes of one element.
    pub attributes_max: u32,
    /// The most prefixes bound at one place, and the most namespaces of one document.
    pub namespaces_max: u32,
    /// The longest name in octets.
    pub name_bytes_max: u32,
    /// The longest text between two tags in octets.
    pub text_bytes_max: u32,
    /// The longest value of an attribute in octets.
    pub attribute_bytes_max: u32,
    /// The most elements in one document.
    pub elements_max: u32,
    /// The most findings that a receipt lists; all are counted.
    pub findings_max: u32,
    /// What a rule weighs here in place of its default; `None` for off.
    pub rules: BTreeMap<String, Option<Severity>>,
}

impl Settings {
    fn limits(&self) -> Limits {
        Limits {
            depth: self.depth_max,
            attributes: self.attributes_max,
            namespaces: self.namespaces_max,
            name_bytes: self.name_bytes_max,
            text_bytes: self.text_bytes_max,
            attribute_bytes: self.attribute_bytes_max,
            elements: self.elements_max,
        }
    }
}

/// The schema files, compiled.
#[derive(Debug)]
pub struct Schema {
    compiled: schema::Compiled,
}

/// What in a schema file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaFault {
    /// The file's name.
    pub file: String,
    /// The line, from 1; 0 if unknown.
    pub line: u32,
    /// What, and what to do about it.
    pub what: String,
}

impl std::fmt::Display for SchemaFault {
    fn fmt(&self, form: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(form, "{}: {}", self.file, self.what),
            line => write!(form, "{}:{line}: {}", self.file, self.what),
        }
    }
}

/// The schema files that ship.
const BUILT_IN: &[(&str, &[u8])] = &[
    (
        "ivi-2.0-uk.xsd",
        include_bytes!("../../config/schema/ivi-2.0-uk.xsd"),
    ),
    (
        "xmldsig-local.xsd",
        include_bytes!("../../config/schema/xmldsig-local.xsd"),
    ),
];

impl Schema {
    /// The schema that ships.
    pub fn built_in() -> Result<Self, Vec<SchemaFault>> {
        let files: Vec<(String, Vec<u8>)> = BUILT_IN
            .iter()
            .map(|(name, octets)| ((*name).to_owned(), octets.to_vec()))
            .collect();
        Self::compile(&files)
    }

    /// Compiles schema files, given as name and octets; imports and includes resolve only among
    /// them. Refuses whatever construct it does not know: nothing is ever half checked.
    pub fn compile(files: &[(String, Vec<u8>)]) -> Result<Self, Vec<SchemaFault>> {
        schema::Compiled::new(files).map(|compiled| Self { compiled })
    }

    /// Holds octets against the schema alone, within the limits of `settings`: encoding, XML and
    /// schema, but neither facts nor rules. The document may begin with any element at the top of the
    /// schema's files. For trying a schema before it is used.
    pub fn validate(&self, settings: &Settings, octets: &[u8]) -> Vec<Finding> {
        let decoded = encoding::decode(octets, settings.latin1);
        let text = decoded.text.as_ref();
        let mut findings = Findings::default();
        let mut is_cut = false;
        if let Some((finding, at)) = decoded.finding {
            is_cut = finding.severity == Severity::Error;
            findings.push(finding, at);
        }
        if !is_cut {
            walk::validate(text, &self.compiled, settings.limits(), &mut findings);
        }
        findings.placed(text).findings
    }

    /// What the schema says that `code` means as the value of an element of this name; empty if it
    /// says nothing.
    pub fn meaning(&self, element: &str, code: &str) -> &str {
        self.compiled.meaning(element, code)
    }

    /// Its name, version and digest, for receipts.
    pub fn ruleset(&self) -> Ruleset {
        self.compiled.ruleset().clone()
    }
}

/// A file to be read.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The sender's name for it.
    pub name: &'a str,
    /// Its octets, or their beginning if it was too large.
    pub octets: &'a [u8],
    /// Set when a door gave it up.
    pub given_up: Option<GivenUp>,
}

/// What reading a file gave.
#[derive(Debug, Default)]
pub struct Reading {
    /// What could be read of the facts.
    pub facts: Facts,
    /// What is wrong with it as a file, as text, as XML, and against the schema.
    pub findings: Vec<Finding>,
    /// How many errors against the schema there are besides: as many as a receipt can list are kept.
    pub unlisted: u32,
    /// What the rules need.
    values: facts::Values,
    /// Was the document read to its end, from the right root? If not, no rule is applied.
    is_whole: bool,
}

/// Reads a file: transport, encoding, XML, schema, facts. Cannot fail.
pub fn read(schema: &Schema, settings: &Settings, input: Input<'_>) -> Reading {
    let transport = transport::check(settings, input);
    if transport.is_empty() {
        return read_octets(&schema.compiled, settings, input.octets);
    }
    // The facts help to find an incomplete file again; nothing else is worth saying about it.
    let is_cut_only = transport
        .iter()
        .all(|finding| finding.code == "T02-incomplete");
    let facts = if is_cut_only {
        read_octets(&schema.compiled, settings, input.octets).facts
    } else {
        Facts::default()
    };
    Reading {
        facts,
        findings: transport,
        ..Reading::default()
    }
}

/// Reads what may be read: text, XML, schema, facts.
fn read_octets(schema: &schema::Compiled, settings: &Settings, octets: &[u8]) -> Reading {
    let decoded = encoding::decode(octets, settings.latin1);
    let text = decoded.text.as_ref();
    let limits = settings.limits();
    let mut findings = Findings::default();
    let mut is_cut = false;
    if let Some((finding, at)) = decoded.finding {
        is_cut = finding.severity == Severity::Error;
        findings.push(finding, at);
    }
    let walked = if is_cut {
        // What stands before the fault is read for its facts alone.
        walk::walk(text, schema, limits, &mut Findings::default())
    } else if let Some((finding, at)) = foreign::not_xml(text) {
        findings.push(finding, Some(at));
        walk::Walked::default()
    } else {
        walk::walk(text, schema, limits, &mut findings)
    };
    let facts = walked.values.facts();
    let placed = findings.placed(text);
    let mut values = walked.values;
    values.doubt(&placed);
    Reading {
        facts,
        findings: placed.findings,
        unlisted: placed.unlisted,
        values,
        is_whole: walked.is_whole && !is_cut,
    }
}

/// The item of the certificate of conformity that the element of this name holds, such as `0.10`.
pub fn item(element: &str) -> Option<&'static str> {
    items::item(element)
}

/// The text of a file for people to look at, in the encoding that it says it has, without its mark;
/// what is no character there shows as U+FFFD. The places of findings are lines and columns of it.
pub fn text(octets: &[u8]) -> Cow<'_, str> {
    encoding::lossy(octets)
}

/// Applies the rules beyond the schema to what was read. `now` is the time of the decision.
///
/// Rules that need a value which could not be read are silent. If the reading stopped before the
/// schema (not XML, wrong root), no rule is applied.
pub fn judge(
    reading: &Reading,
    background: &Background,
    settings: &Settings,
    now: Timestamp,
) -> Vec<Finding> {
    if !reading.is_whole {
        return Vec::new();
    }
    let case = rules::Case {
        values: &reading.values,
        facts: &reading.facts,
        background,
        now,
    };
    rules::apply(&case, &settings.rules)
}

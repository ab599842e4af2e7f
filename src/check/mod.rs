//! Is it right? Octets in, findings out. Pure: no files, no clock, no log; never fails.
//!
//! *Invariant*: total. Any octets give an answer within time and memory in proportion to their
//! number and the limits of [`Settings`].

use std::collections::BTreeMap;

use crate::domain::Timestamp;
use crate::domain::outcome::{Finding, Severity};
use crate::domain::receipt::Ruleset;
use crate::domain::record::{Background, Facts};
use crate::domain::submission::GivenUp;

/// The version of our rules, in every receipt. Counts up when a rule changes what it finds.
pub const RULES_VERSION: &str = "1";

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
    /// The longest name in octets.
    pub name_bytes_max: u32,
    /// The most elements in one document.
    pub elements_max: u32,
    /// What a rule weighs here in place of its default; `None` for off.
    pub rules: BTreeMap<String, Option<Severity>>,
}

/// The schema files, compiled.
#[derive(Debug)]
pub struct Schema {}

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

impl Schema {
    /// The schema that ships.
    pub fn built_in() -> Result<Self, Vec<SchemaFault>> {
        todo!()
    }

    /// Compiles schema files, given as name and octets; imports and includes resolve only among
    /// them. Refuses whatever construct it does not know: nothing is ever half checked.
    pub fn compile(files: &[(String, Vec<u8>)]) -> Result<Self, Vec<SchemaFault>> {
        let _ = files;
        todo!()
    }

    /// Its name, version and digest, for receipts.
    pub fn ruleset(&self) -> Ruleset {
        todo!()
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
#[derive(Debug)]
pub struct Reading {
    /// What could be read of the facts.
    pub facts: Facts,
    /// What is wrong with it as a file, as text, as XML, and against the schema.
    pub findings: Vec<Finding>,
}

/// Reads a file: transport, encoding, XML, schema, facts. Cannot fail.
pub fn read(schema: &Schema, settings: &Settings, input: Input<'_>) -> Reading {
    let _ = (schema, settings, input);
    todo!()
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
    let _ = (reading, background, settings, now);
    todo!()
}

/// A stand-in for what a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleAbout {
    /// Its code.
    pub code: &'static str,
}

/// A stand-in for the table of rules.
pub fn rules() -> impl Iterator<Item = &'static RuleAbout> {
    [].iter()
}

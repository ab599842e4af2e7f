//! The section `[check]`: the schema, the limits of reading, and what each rule weighs.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::config::problem::Faults;
use crate::domain::outcome::FINDINGS_MAX;

/// The schema, the limits of reading, and what each rule weighs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Check {
    /// The folder of the schema files; empty for those that are built in.
    pub schema: PathBuf,
    /// The largest file in octets. 1MB is read as 1,048,576.
    pub file_bytes_max: u64,
    /// What to do with a file declared as ISO 8859-1 or Windows-1252.
    pub latin1: EncodingPolicy,
    /// The deepest nesting of elements. The message has 8 levels.
    pub depth_max: u32,
    /// The most attributes of one element. The message has none but the signature's.
    pub attributes_max: u32,
    /// The most prefixes bound at one place, and the most namespaces of one document. A signed
    /// message has four.
    pub namespaces_max: u32,
    /// The longest name of an element or attribute in octets.
    pub name_bytes_max: u32,
    /// The longest text between two tags in octets. The message's longest value has 4,000
    /// characters; a signature can carry certificates and lists of revoked ones.
    pub text_bytes_max: u32,
    /// The longest value of an attribute in octets. The message's attributes are short addresses.
    pub attribute_bytes_max: u32,
    /// The most elements in one document.
    pub elements_max: u32,
    /// The most findings that a receipt lists; all are counted.
    pub findings_max: u32,
    /// The code of a rule, and what it weighs here in place of its default.
    pub rules: BTreeMap<String, RuleSetting>,
}

/// What to do with a legal encoding that is not Unicode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EncodingPolicy {
    /// Take it.
    Accept,
    /// Take it with a warning.
    Warn,
    /// Refuse it.
    Refuse,
}

/// What a rule weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleSetting {
    /// The rule is not applied.
    Off,
    /// For information.
    Info,
    /// Accepted, but doubtful.
    Warning,
    /// Not accepted.
    Error,
}

impl Check {
    /// Says what of the values makes no sense. The codes of rules are checked when loading.
    pub(crate) fn faults(&self, faults: &mut Faults) {
        // Larger ones would have to lie in memory as a whole, once for each worker.
        faults.between(
            "file-bytes-max",
            self.file_bytes_max,
            1024,
            1024 * 1_048_576,
        );
        faults.between("depth-max", self.depth_max.into(), 10, 1000);
        faults.between("attributes-max", self.attributes_max.into(), 1, 10_000);
        faults.between("namespaces-max", self.namespaces_max.into(), 8, 1024);
        faults.between("name-bytes-max", self.name_bytes_max.into(), 100, 65_535);
        let bytes_max = 64 * 1_048_576;
        faults.between(
            "text-bytes-max",
            self.text_bytes_max.into(),
            4096,
            bytes_max,
        );
        faults.between(
            "attribute-bytes-max",
            self.attribute_bytes_max.into(),
            1024,
            bytes_max,
        );
        faults.between("elements-max", self.elements_max.into(), 1000, 10_000_000);
        // Whoever reads receipts relies on their size.
        let most = u64::try_from(FINDINGS_MAX).unwrap_or(u64::MAX);
        faults.between("findings-max", self.findings_max.into(), 1, most);
    }
}

impl Default for Check {
    fn default() -> Self {
        Self {
            schema: PathBuf::new(),
            file_bytes_max: 1_048_576,
            latin1: EncodingPolicy::Warn,
            depth_max: 100,
            attributes_max: 256,
            namespaces_max: 64,
            name_bytes_max: 1000,
            text_bytes_max: 262_144,
            attribute_bytes_max: 65_536,
            elements_max: 200_000,
            findings_max: 200,
            rules: BTreeMap::new(),
        }
    }
}

//! Our answer to the sender, as a value. `receipts` writes it as JSON.

use crate::domain::Timestamp;
use crate::domain::outcome::Verdict;
use crate::domain::record::Facts;
use crate::domain::submission::{Submission, SubmissionNumber};

/// The version of the receipt's form. Additions do not change it.
pub const RECEIPT_VERSION: &str = "1";

/// What is added to the upload's whole name.
pub const RECEIPT_SUFFIX: &str = ".receipt.json";

/// The longest upload name in octets: leaves room for the suffix under the usual 255.
pub const FILE_NAME_BYTES_MAX: usize = 200;

/// The schema and rules that gave a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruleset {
    /// The file name of the main schema.
    pub schema: String,
    /// Its `version` attribute.
    pub schema_version: String,
    /// The SHA-256 over all schema files in use.
    pub schema_sha256: String,
    /// The version of our rules.
    pub rules_version: String,
}

/// Which program gave a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Producer {
    /// The program's version.
    pub version: String,
    /// The node's name.
    pub node: String,
}

/// Our final answer to one submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// UUID 7 as text.
    pub id: String,
    /// What was handed in, by whom, when and how.
    pub submission: Submission,
    /// When it was decided.
    pub decided: Timestamp,
    /// How it was decided.
    pub verdict: Verdict,
    /// What could be read from the document.
    pub facts: Facts,
    /// The accepted submission that this one takes the place of.
    pub supersedes: Option<SubmissionNumber>,
    /// By which schema and rules.
    pub ruleset: Ruleset,
    /// By which program.
    pub producer: Producer,
}

//! Our answers: written as JSON where the sender finds them.
//!
//! *Invariant*: a receipt appears whole or not at all; what exists is final.

mod form;
mod writing;

use crate::domain::Timestamp;
use crate::domain::account::AccountCode;
use crate::domain::receipt::Receipt;
use crate::domain::submission::SubmissionNumber;

pub use writing::{Unwritten, write};

/// The JSON of a receipt: two-space indent, the names of `docs/receipt.schema.json`, a line end last.
pub fn render(receipt: &Receipt) -> String {
    form::render(receipt)
}

/// A rendered receipt and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Whose drop folder.
    pub account: AccountCode,
    /// The submission's number.
    pub number: SubmissionNumber,
    /// The path of the file as the sender sees it.
    pub path: String,
    /// Did the file lie in a drop folder? Else the receipt goes below `/receipts` only.
    pub has_drop: bool,
    /// The receipt as JSON.
    pub json: String,
    /// When it was decided.
    pub decided: Timestamp,
}

#[cfg(test)]
mod schema_check;
#[cfg(test)]
mod tests;

//! Receipts as a sender reads them.

use std::path::Path;

use serde_json::Value;

/// Every receipt that a test sees is held against the schema that ships.
#[path = "../../../src/receipts/schema_check.rs"]
mod json_schema;

/// A receipt, taken apart.
#[derive(Debug, Clone)]
pub(crate) struct Receipt(pub(crate) Value);

impl Receipt {
    /// The receipt in this file, if it is there. It appears whole or not at all, so that a file
    /// that cannot be read as JSON is a failure and not a reason to wait.
    pub(crate) fn read(path: &Path) -> Option<Self> {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
            Err(error) => panic!("{}: {error}", path.display()),
        };
        let value = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}:\n{text}", path.display()));
        json_schema::assert_fits(&value);
        Some(Self(value))
    }

    /// The text at `pointer` (RFC 6901); empty if it is null or not there.
    pub(crate) fn text(&self, pointer: &str) -> &str {
        self.0
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// The number at `pointer`.
    #[track_caller]
    pub(crate) fn number(&self, pointer: &str) -> u64 {
        self.0
            .pointer(pointer)
            .and_then(Value::as_u64)
            .unwrap_or_else(|| panic!("no number at {pointer} in {self:#?}"))
    }

    /// The outcome.
    pub(crate) fn outcome(&self) -> &str {
        self.text("/outcome")
    }

    /// The submission's number.
    pub(crate) fn submission(&self) -> &str {
        self.text("/submission")
    }

    /// Was it recorded now?
    pub(crate) fn is_accepted(&self) -> bool {
        self.outcome().starts_with("accepted")
    }

    /// The findings.
    pub(crate) fn findings(&self) -> Vec<Self> {
        let list = self.0.pointer("/findings").and_then(Value::as_array);
        list.into_iter().flatten().cloned().map(Self).collect()
    }
}

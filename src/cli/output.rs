//! The standard output: written in one piece; a reader that goes away early is no fault.

use std::io::{ErrorKind, Write};

use anyhow::Context;
use serde::Serialize;

use crate::cli::arguments::{Format, Output};

/// Prints `text` as it is.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut to = std::io::stdout().lock();
    match to.write_all(text.as_bytes()).and_then(|()| to.flush()) {
        // `ecocd submission list | head` has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => done.context("cannot write to the standard output"),
    }
}

/// Says something on the standard error that is no part of the answer.
pub(crate) fn note(text: &str) {
    // A note that cannot be written changes nothing.
    drop(writeln!(std::io::stderr().lock(), "ecocd: {text}"));
}

impl Output {
    /// Answers: `value` as JSON for programs, or `text` for people, which ends its own lines.
    pub(crate) fn answer<T: Serialize>(
        self,
        value: &T,
        text: impl FnOnce() -> String,
    ) -> anyhow::Result<()> {
        match self.format {
            Format::Text => print(&text()),
            Format::Json => {
                let json = serde_json::to_string_pretty(value)?;
                print(&format!("{json}\n"))
            }
        }
    }
}

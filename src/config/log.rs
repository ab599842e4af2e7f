//! The section `[log]`: how much is logged, and in which form.

use serde::{Deserialize, Serialize};

use crate::config::problem::Faults;

/// How much is logged, and in which form.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Log {
    /// `text` for people, `json` for programs.
    pub format: LogFormat,
    /// `error`, `warn`, `info`, `debug`, or directives such as `info,ecocd::doors=debug`.
    pub level: String,
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

impl Log {
    /// Says what of the values makes no sense.
    pub(crate) fn faults(&self, faults: &mut Faults) {
        if let Err(what) = self.directives() {
            faults.say("level", what);
        }
    }

    /// What to log: a place in the program (`None` for all of ours), and the least level.
    pub fn directives(&self) -> Result<Vec<(Option<&str>, LogLevel)>, String> {
        self.level.split(',').map(directive).collect()
    }
}

/// How much a line in the log weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// A fault: somebody must do something.
    Error,
    /// Doubtful; nothing is lost yet.
    Warn,
    /// One line an arrival, an outcome, a mail, a refusal.
    Info,
    /// For finding faults of ours.
    Debug,
    /// Everything.
    Trace,
}

/// Reads `info` or `ecocd::doors=debug`.
fn directive(text: &str) -> Result<(Option<&str>, LogLevel), String> {
    let (place, level) = match text.split_once('=') {
        Some((place, level)) => (Some(place.trim()), level),
        None => (None, text),
    };
    let level = match level.trim() {
        "error" => LogLevel::Error,
        "warn" => LogLevel::Warn,
        "info" => LogLevel::Info,
        "debug" => LogLevel::Debug,
        "trace" => LogLevel::Trace,
        _ => {
            return Err(
                "write error, warn, info, debug or trace, or directives such as \
                 info,ecocd::doors=debug"
                    .to_owned(),
            );
        }
    };
    // What libraries say below a warning may hold what clients sent; that is never logged.
    let is_ours = place.is_none_or(|place| place == "ecocd" || place.starts_with("ecocd::"));
    if !is_ours && level > LogLevel::Warn {
        return Err(format!(
            "cannot raise {}: only ecocd and what lies below it, such as ecocd::doors, log more \
             than warnings",
            place.unwrap_or_default()
        ));
    }
    Ok((place, level))
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            level: "info".to_owned(),
        }
    }
}

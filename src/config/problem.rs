//! A fault of the configuration: which key, which value, what is wrong and what to do.

use std::fmt;
use std::time::Duration;

use crate::config::duration;

/// One fault, or one doubt, about the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Section and key, such as `sftp.idle-max`; empty when it is about the file as a whole.
    pub key: String,
    /// The value as it would stand in the file, secrets masked.
    pub value: Option<String>,
    /// Where it was set: a file with its line, or an environment variable.
    pub origin: Option<String>,
    /// One sentence or two: what is wrong, and what to write instead.
    pub what: String,
}

impl Problem {
    /// A problem of the file as a whole.
    pub(crate) fn of_file(path: &std::path::Path, what: String) -> Self {
        Self {
            key: String::new(),
            value: None,
            origin: Some(path.display().to_string()),
            what,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, form: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.origin {
            write!(form, "{origin}: ")?;
        }
        if !self.key.is_empty() {
            form.write_str(&self.key)?;
            if let Some(value) = &self.value {
                write!(form, " = {value}")?;
            }
            form.write_str(": ")?;
        }
        form.write_str(&self.what)
    }
}

/// The longest length of time that may be set: whoever writes more means "never", and sums with
/// it must not overflow.
const LENGTH_MAX: Duration = Duration::from_hours(3650 * 24);

/// Collects what the sections find wrong with their own values, so that all of it is said at once.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    section: &'static str,
    found: Vec<(String, String)>,
}

impl Faults {
    /// What follows is about the keys of `section`.
    pub(crate) fn of(&mut self, section: &'static str) -> &mut Self {
        self.section = section;
        self
    }

    /// Says that the value of `key` is unfit.
    pub(crate) fn say(&mut self, key: &str, what: impl Into<String>) {
        self.found
            .push((format!("{}.{key}", self.section), what.into()));
    }

    /// The number must lie between these two, both included.
    pub(crate) fn between(&mut self, key: &str, value: u64, least: u64, most: u64) {
        if value < least || value > most {
            self.say(key, format!("write a number from {least} to {most}"));
        }
    }

    /// The length of time must be longer than nothing and no longer than ten years.
    pub(crate) fn length(&mut self, key: &str, value: Duration) {
        if value.is_zero() {
            self.say(key, "must be longer than 0s: write 30s, 2m, 1h30m or 5d");
        }
        self.length_or_none(key, value);
    }

    /// The length of time may be nothing, and is no longer than ten years.
    pub(crate) fn length_or_none(&mut self, key: &str, value: Duration) {
        if value > LENGTH_MAX {
            let most = duration::show(LENGTH_MAX);
            self.say(key, format!("must not be longer than {most}"));
        }
    }

    /// The text must not be empty, and fit on one line.
    pub(crate) fn line(&mut self, key: &str, value: &str) {
        if value.trim().is_empty() {
            self.say(key, "must not be empty");
        } else if value.chars().any(char::is_control) || value.chars().count() > 200 {
            self.say(
                key,
                "must be one line of at most 200 characters, without control characters",
            );
        }
    }

    /// The time zone must be in the table that is built in, or in the system's.
    pub(crate) fn time_zone(&mut self, key: &str, value: &str) {
        if jiff::tz::TimeZone::get(value).is_err() {
            self.say(
                key,
                "is not a time zone that we know: write a name of the IANA table, such as Europe/London",
            );
        }
    }

    /// What was found, each with its key.
    pub(crate) fn into_found(self) -> Vec<(String, String)> {
        self.found
    }
}

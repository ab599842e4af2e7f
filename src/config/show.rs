//! A configuration shown to people: as it would stand in the file, secrets masked.

use std::fmt::Write;

use ::config::ValueKind;
use serde_json::Value as Json;

use crate::config::{Config, known};

impl Config {
    /// The sections with their keys, in the order of the file.
    pub(crate) fn sections() -> Vec<(&'static str, &'static [&'static str])> {
        vec![
            ("service", known::fields::<crate::config::Service>()),
            ("database", known::fields::<crate::config::Database>()),
            ("sftp", known::fields::<crate::config::Sftp>()),
            (
                "drop-folders",
                known::fields::<crate::config::DropFolders>(),
            ),
            ("check", known::fields::<crate::config::Check>()),
            ("pipeline", known::fields::<crate::config::Pipeline>()),
            ("mail", known::fields::<crate::config::Mail>()),
            ("web", known::fields::<crate::config::Web>()),
            (
                "registration",
                known::fields::<crate::config::Registration>(),
            ),
            ("invitation", known::fields::<crate::config::Invitation>()),
            ("upkeep", known::fields::<crate::config::Upkeep>()),
            ("log", known::fields::<crate::config::Log>()),
        ]
    }

    /// Every key of the file, such as `sftp.idle-max`.
    pub fn keys() -> Vec<String> {
        let below = |(section, keys): (&str, &'static [&'static str])| {
            keys.iter()
                .map(|key| format!("{section}.{key}"))
                .collect::<Vec<_>>()
        };
        Self::sections().into_iter().flat_map(below).collect()
    }

    /// The whole configuration in the form of the file, secrets masked.
    pub fn to_toml(&self) -> String {
        let mut text = format!("version = {}\n", self.version);
        // Writing to a String cannot fail.
        for (section, keys) in Self::sections() {
            let _ = writeln!(text, "\n[{section}]");
            for key in keys {
                if *key == "rules" {
                    continue;
                }
                let full = format!("{section}.{key}");
                if let Some(value) = self.shown(&full) {
                    let _ = writeln!(text, "{key} = {value}");
                }
            }
            if section == "check" && !self.check.rules.is_empty() {
                text.push_str("\n[check.rules]\n");
                for code in self.check.rules.keys() {
                    if let Some(value) = self.shown(&format!("check.rules.{code}")) {
                        let _ = writeln!(text, "{code} = {value}");
                    }
                }
            }
        }
        text
    }

    /// The whole configuration for programs, with the names of the file, secrets masked.
    pub fn to_json(&self) -> Json {
        let mut whole = serde_json::to_value(self).unwrap_or_default();
        for (section, keys) in Self::sections() {
            for key in keys {
                let full = format!("{section}.{key}");
                let slot = whole
                    .get_mut(section)
                    .and_then(|section| section.get_mut(key));
                if let Some(Json::String(text)) = slot {
                    *text = masked(&full, std::mem::take(text));
                }
            }
        }
        whole
    }

    /// The value of a key in the form of the file, secrets masked.
    pub(crate) fn shown(&self, key: &str) -> Option<String> {
        let whole = serde_json::to_value(self).ok()?;
        let mut value = Some(&whole);
        for name in key.split('.') {
            value = value?.get(name);
        }
        Some(masked(key, value?.to_string()))
    }
}

/// A text in the form of the file, unmasked.
pub(crate) fn quoted(text: &str) -> String {
    Json::String(text.to_owned()).to_string()
}

/// A value of the file in the form of the file.
pub(crate) fn raw(value: &ValueKind) -> String {
    match value {
        ValueKind::String(text) => quoted(text),
        ValueKind::Table(_) => "{…}".to_owned(),
        ValueKind::Array(_) => "[…]".to_owned(),
        other => other.to_string(),
    }
}

/// The text with the password of an address in it, if `key` is one that may hold such an address,
/// replaced by stars.
pub(crate) fn masked(key: &str, text: String) -> String {
    if !matches!(key, "database.url" | "mail.smtp") {
        return text;
    }
    let text = without_parameter(text);
    let Some((scheme, rest)) = text.split_once("://") else {
        return text;
    };
    // A password may itself hold '@' or '/': the last '@' ends it.
    match rest.rsplit_once('@') {
        Some((user, host)) => match user.split_once(':') {
            Some((name, _)) => format!("{scheme}://{name}:***@{host}"),
            None => text,
        },
        None => text,
    }
}

/// The same for a password that is a parameter: `?password=…`, to the next parameter or the end.
fn without_parameter(mut text: String) -> String {
    const KEY: &str = "password=";
    let mut from = text.find('?').unwrap_or(text.len());
    while let Some(found) = text.get(from..).and_then(|rest| rest.find(KEY)) {
        let begin = from + found + KEY.len();
        let rest = text.get(begin..).unwrap_or_default();
        let end = begin + rest.find(['&', '"']).unwrap_or(rest.len());
        text.replace_range(begin..end, "***");
        from = begin;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_ever_shown() {
        let mut config = Config::default();
        config.database.url = "postgres://ecocd:s3cr@t/x@db.example/ecocd".to_owned();
        for text in [config.to_toml(), config.to_json().to_string()] {
            assert!(!text.contains("s3cr"), "{text}");
            assert!(text.contains("postgres://ecocd:***@db.example/ecocd"));
        }
        config.database.url =
            "postgres://ecocd@/ecocd?password=s3cr@t&host=/run/postgresql".to_owned();
        for text in [config.to_toml(), config.to_json().to_string()] {
            assert!(!text.contains("s3cr") && !text.contains("@t&"), "{text}");
            assert!(
                text.contains("?password=***&host=/run/postgresql"),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_shown_can_be_loaded_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ecocd.toml");
        let mut config = Config::default();
        config.sftp.idle_max = std::time::Duration::from_secs(90);
        config.service.organisation = "A \"quoted\" office".to_owned();
        config
            .check
            .rules
            .insert("B04-x".to_owned(), crate::config::RuleSetting::Off);
        std::fs::write(&path, config.to_toml()).unwrap();
        assert_eq!(Config::load(Some(&path), [], &["B04-x"]).unwrap(), config);
    }
}

//! Loading: defaults, then the file, then the environment; and everything wrong with them at once.

use std::collections::BTreeMap;
use std::path::Path;

use ::config::{Map, Value, ValueKind};
use serde::de::DeserializeOwned;
use serde::de::value::MapDeserializer;

use crate::config::problem::{Faults, Problem};
use crate::config::setting::{Setting, Unreadable};
use crate::config::{Config, known, show, tree};
use crate::domain::nearest::nearest;

/// The one form of the file that we know.
const VERSION: u32 = 1;

impl Config {
    /// Loads the defaults, over them the file (if there is one), and over it the variables of
    /// `environment` that begin with `ECOCD__`, such as `ECOCD__SERVICE__PUBLIC_URL`.
    ///
    /// `rules` are the codes that `[check.rules]` may name. `service.data`, which lies relative to
    /// the file, is made absolute; for other paths that are not, see [`Config::in_data`]. Either
    /// everything is right, or every fault is told.
    pub fn load(
        path: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        rules: &[&str],
    ) -> Result<Self, Vec<Problem>> {
        let text = match path {
            Some(path) => Some(read(path).map_err(|problem| vec![problem])?),
            None => None,
        };
        let file = path.zip(text.as_deref());
        let values = tree::layers(file, environment.into_iter().collect())
            .map_err(|problem| vec![problem])?;
        let mut reading = Reading {
            file,
            values,
            problems: Vec::new(),
        };
        let mut config = reading.config(rules);
        let folder = path.and_then(Path::parent).unwrap_or(Path::new(""));
        if let Ok(data) = std::path::absolute(folder.join(&config.service.data)) {
            config.service.data = data;
        }
        config.anchor();
        reading.check(&config);
        if reading.problems.is_empty() {
            Ok(config)
        } else {
            Err(reading.problems)
        }
    }
}

/// The file's text.
fn read(path: &Path) -> Result<String, Problem> {
    let octets = std::fs::read(path).map_err(|error| {
        let what = match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
            std::io::ErrorKind::PermissionDenied => {
                "may not be read by this user; run the command as the user of the service"
                    .to_owned()
            }
            _ => format!("cannot be read: {error}"),
        };
        Problem::of_file(path, what)
    })?;
    String::from_utf8(octets)
        .map_err(|_other| Problem::of_file(path, "is not text in UTF-8".to_owned()))
}

/// The values on their way into a [`Config`].
struct Reading<'a> {
    file: Option<(&'a Path, &'a str)>,
    values: Map<String, Value>,
    problems: Vec<Problem>,
}

impl Reading<'_> {
    /// Reads every section; a value that cannot be read is a problem, and its default stands in
    /// so that the rest can be checked too.
    fn config(&mut self, rules: &[&str]) -> Config {
        self.version();
        self.unknown_sections();
        let config = Config {
            version: VERSION,
            service: self.section("service"),
            database: self.section("database"),
            sftp: self.section("sftp"),
            drop_folders: self.section("drop-folders"),
            check: self.section("check"),
            pipeline: self.section("pipeline"),
            mail: self.section("mail"),
            web: self.section("web"),
            registration: self.section("registration"),
            invitation: self.section("invitation"),
            upkeep: self.section("upkeep"),
            log: self.section("log"),
        };
        for code in config.check.rules.keys() {
            if !rules.contains(&code.as_str()) {
                let what = format!(
                    "is not the code of a rule{}",
                    meant(code, rules.iter().copied())
                );
                self.problem("check.rules", code, None, what);
            }
        }
        config
    }

    fn version(&mut self) {
        match self.values.get("version").map(|value| &value.kind) {
            None if self.file.is_none() => {}
            Some(ValueKind::I64(1)) => {}
            None => {
                let (path, _) = self.file.unwrap_or((Path::new(""), ""));
                let what =
                    "says no version: begin it with a line 'version = 1', before the first section";
                self.problems.push(Problem::of_file(path, what.to_owned()));
            }
            Some(other) => {
                let value = Some(show::raw(other));
                let what =
                    format!("is a form of the file that this ecocd does not know; write {VERSION}");
                self.problem("", "version", value, what);
            }
        }
    }

    fn unknown_sections(&mut self) {
        let sections = known::fields::<Config>();
        let mut unknown: Vec<String> = self
            .values
            .keys()
            .filter(|name| !sections.contains(&name.as_str()))
            .cloned()
            .collect();
        unknown.sort_unstable();
        for name in unknown {
            let is_table = self
                .values
                .get(&name)
                .is_some_and(|value| matches!(value.kind, ValueKind::Table(_)));
            let what = if is_table {
                let hint = meant(&name, sections.iter().copied());
                format!("there is no section [{name}]{hint}")
            } else {
                let hint = at_home(&name, "").unwrap_or_default();
                format!("is not known outside a section{hint}")
            };
            self.problem("", &name, None, what);
        }
    }

    /// Reads a section, key by key.
    fn section<T: DeserializeOwned + Default>(&mut self, name: &'static str) -> T {
        let table = match self.values.get(name).map(|value| value.kind.clone()) {
            None => return T::default(),
            Some(ValueKind::Table(table)) => table,
            Some(other) => {
                let value = Some(show::raw(&other));
                let what = format!("is a section: write [{name}] on a line of its own");
                self.problem("", name, value, what);
                return T::default();
            }
        };
        let keys = known::fields::<T>();
        // Sorted, so that the same faults are always told in the same order.
        let table: BTreeMap<String, Value> = table.into_iter().collect();
        let mut good: Vec<(String, Value)> = Vec::new();
        for (key, value) in table {
            if !keys.contains(&key.as_str()) {
                let hint = at_home(&key, name).unwrap_or_else(|| meant(&key, keys.iter().copied()));
                let what = format!("is not known in [{name}]{hint}");
                self.problem(name, &key, None, what);
                continue;
            }
            let (value, bad) = sift::<T>(&key, value);
            for (below, value, what) in bad {
                let section = if below.is_empty() {
                    name.to_owned()
                } else {
                    format!("{name}.{key}")
                };
                let last = if below.is_empty() { &key } else { &below };
                let shown = Some(show::masked(
                    &format!("{section}.{last}"),
                    show::raw(&value.kind),
                ));
                self.problem(&section, last, shown, what.0);
            }
            if let Some(value) = value {
                good.push((key, value));
            }
        }
        // Each was read by itself before, so together they can be read too.
        read_keys(&good).unwrap_or_default()
    }

    /// Checks what each section says of its own values, and what they say of each other.
    fn check(&mut self, config: &Config) {
        let mut faults = Faults::default();
        config.faults(&mut faults);
        for (key, what) in faults.into_found() {
            let (section, last) = key.rsplit_once('.').unwrap_or(("", &key));
            let value = config.shown(&key);
            self.problem(section, last, value, what);
        }
    }

    fn problem(&mut self, section: &str, key: &str, value: Option<String>, what: String) {
        let full = if section.is_empty() {
            key.to_owned()
        } else {
            format!("{section}.{key}")
        };
        let origin = self.origin(section, key);
        self.problems.push(Problem {
            key: full,
            value,
            origin,
            what,
        });
    }

    /// Where a key was set; `None` if nowhere, and its default stands.
    fn origin(&self, section: &str, key: &str) -> Option<String> {
        let mut table = Some(&self.values);
        for name in section.split('.').filter(|name| !name.is_empty()) {
            table = match table?.get(name).map(|value| &value.kind) {
                Some(ValueKind::Table(below)) => Some(below),
                _ => None,
            };
        }
        let value = table?.get(key)?;
        if let Some(variable) = value.origin() {
            return Some(variable.to_owned());
        }
        let (path, text) = self.file?;
        Some(tree::line_of(text, section, key).map_or_else(
            || path.display().to_string(),
            |line| format!("{}, line {line}", path.display()),
        ))
    }
}

/// What of a key's value can be read into `T`, and what cannot: the key below it (empty for the
/// value itself), its value, and why.
fn sift<T: DeserializeOwned>(
    key: &str,
    value: Value,
) -> (Option<Value>, Vec<(String, Value, Unreadable)>) {
    let is_readable = |value: &Value| read_keys::<T>(&[(key.to_owned(), value.clone())]).map(drop);
    let Err(why) = is_readable(&value) else {
        return (Some(value), Vec::new());
    };
    let ValueKind::Table(table) = &value.kind else {
        return (None, vec![(String::new(), value, why)]);
    };
    let mut good = Map::new();
    let mut bad = Vec::new();
    for (below, entry) in table {
        let one = Map::from_iter([(below.clone(), entry.clone())]);
        match is_readable(&Value::new(None, one)) {
            Ok(()) => drop(good.insert(below.clone(), entry.clone())),
            Err(why) => bad.push((below.clone(), entry.clone(), why)),
        }
    }
    bad.sort_by(|one, other| one.0.cmp(&other.0));
    let good = Value::new(None, good);
    // A table where none belongs cannot be read even with nothing in it.
    if is_readable(&good).is_ok() {
        return (Some(good), bad);
    }
    if bad.is_empty() {
        bad.push((String::new(), value, why));
    }
    (None, bad)
}

/// Reads a section that has these keys and the defaults of all others.
fn read_keys<T: DeserializeOwned>(keys: &[(String, Value)]) -> Result<T, Unreadable> {
    let entries = keys
        .iter()
        .map(|(key, value)| (key.as_str(), Setting(value)));
    T::deserialize(MapDeserializer::new(entries))
}

/// The hint that names the nearest known key, or nothing.
fn meant<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    nearest(typed, known).map_or_else(String::new, |name| format!("; did you mean {name}?"))
}

/// The hint that names the section in which a key is known, if it is another than `section`.
fn at_home(key: &str, section: &str) -> Option<String> {
    let homes: Vec<String> = Config::sections()
        .into_iter()
        .filter(|(name, keys)| *name != section && keys.contains(&key))
        .map(|(name, _)| format!("[{name}]"))
        .collect();
    (!homes.is_empty()).then(|| format!("; it belongs to {}", homes.join(" or ")))
}

#[cfg(test)]
mod tests;

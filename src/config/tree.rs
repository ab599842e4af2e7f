//! The values as they were written: the file, and over it the environment, each with its origin.

use std::path::Path;

use ::config::{ConfigError, File, FileFormat, Map, Source, Value, ValueKind};

use crate::config::problem::Problem;

/// What the name of each environment variable of ours begins with.
const PREFIX: &str = "ECOCD__";

/// What the origin of a value from the environment begins with.
const ENVIRONMENT: &str = "environment variable ";

/// Does this value come from the environment, where everything is text?
pub(crate) fn is_from_environment(value: &Value) -> bool {
    value
        .origin()
        .is_some_and(|origin| origin.starts_with(ENVIRONMENT))
}

/// The values of the file's text, if there is a file, with those of the environment over them.
pub(crate) fn layers(
    file: Option<(&Path, &str)>,
    environment: Vec<(String, String)>,
) -> Result<Map<String, Value>, Problem> {
    let mut whole = Value::from(Map::<String, Value>::new());
    if let Some((path, text)) = file {
        File::from_str(text, FileFormat::Toml)
            .collect_to(&mut whole)
            .map_err(|error| Problem::of_file(path, not_toml(error)))?;
    }
    Environment(environment)
        .collect_to(&mut whole)
        .map_err(|error| Problem::of_file(Path::new("environment"), error.to_string()))?;
    match whole.kind {
        ValueKind::Table(table) => Ok(table),
        _ => Ok(Map::new()),
    }
}

/// What the parser of TOML says, with the line and the place in it.
fn not_toml(error: ConfigError) -> String {
    let cause = match error {
        ConfigError::FileParse { cause, .. } => cause.to_string(),
        other => other.to_string(),
    };
    format!(
        "is not TOML; nothing else was checked yet\n{}",
        cause.trim_end()
    )
}

/// The line of `text`, from 1, that sets `key` of `section`; for messages only, so a value of
/// several lines may mislead it.
pub(crate) fn line_of(text: &str, section: &str, key: &str) -> Option<usize> {
    let full = if section.is_empty() {
        key.to_owned()
    } else {
        format!("{section}.{key}")
    };
    let mut table = String::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if let Some(header) = line.strip_prefix('[') {
            table = bare(header.split(']').next().unwrap_or_default());
            if table == full {
                return index.checked_add(1);
            }
        } else if let Some((left, _)) = line.split_once('=') {
            let left = bare(left);
            let name = if table.is_empty() {
                left
            } else {
                format!("{table}.{left}")
            };
            if name == full {
                return index.checked_add(1);
            }
        }
    }
    None
}

/// A key or table name without blanks and quotation marks.
fn bare(name: &str) -> String {
    name.chars()
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, '"' | '\''))
        .collect()
}

/// The variables that begin with [`PREFIX`], as a source of values.
#[derive(Debug, Clone)]
struct Environment(Vec<(String, String)>);

impl Source for Environment {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        let mut whole = Map::new();
        for (name, text) in &self.0 {
            let Some(path) = name.strip_prefix(PREFIX) else {
                continue;
            };
            let keys: Vec<String> = path.split("__").map(kebab).collect();
            let origin = format!("{ENVIRONMENT}{name}");
            put(&mut whole, &keys, &origin, text);
        }
        Ok(whole)
    }
}

/// `PUBLIC_URL` as `public-url`.
fn kebab(name: &str) -> String {
    name.to_lowercase().replace('_', "-")
}

/// Puts a text under its path, making the tables on the way.
fn put(table: &mut Map<String, Value>, keys: &[String], origin: &String, text: &str) {
    let Some((first, rest)) = keys.split_first() else {
        return;
    };
    if rest.is_empty() {
        table.insert(first.clone(), Value::new(Some(origin), text));
        return;
    }
    // The codes of rules begin with a capital, which the name of a variable cannot say.
    let is_code = first == "rules" && rest.len() == 1;
    let rest: Vec<String> = if is_code {
        rest.iter().map(|code| capital(code)).collect()
    } else {
        rest.to_vec()
    };
    let below = table
        .entry(first.clone())
        .or_insert_with(|| Value::new(Some(origin), Map::<String, Value>::new()));
    if let ValueKind::Table(below) = &mut below.kind {
        put(below, &rest, origin, text);
    }
}

/// `b10-vin-letters` as `B10-vin-letters`.
fn capital(code: &str) -> String {
    let mut letters = code.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_key_is_found_in_whichever_form_it_is_written() {
        let text = "version = 1\n\n[sftp]\n# listen = \"x\"\n  listen = \"y\"\n[check.rules]\n\"B04-x\" = \"off\"\n";
        assert_eq!(line_of(text, "", "version"), Some(1));
        assert_eq!(line_of(text, "sftp", "listen"), Some(5));
        assert_eq!(line_of(text, "check", "rules"), Some(6));
        assert_eq!(line_of(text, "check.rules", "B04-x"), Some(7));
        assert_eq!(line_of("sftp.listen = 1", "sftp", "listen"), Some(1));
        assert_eq!(line_of(text, "web", "listen"), None);
    }
}

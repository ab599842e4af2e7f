//! Turns the section `[check]` into a compiled schema and the settings of `check`.

use std::path::Path;

use anyhow::{Context, bail};

use crate::check::{Schema, SchemaFault, Settings};
use crate::config::{Check, EncodingPolicy, RuleSetting};
use crate::domain::outcome::Severity;

/// The largest schema file in octets. The official schemas have a few hundred kilobytes.
const SCHEMA_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// Compiles the schema files of the configured folder, or the built-in ones if none is named.
pub fn schema(section: &Check) -> anyhow::Result<Schema> {
    if section.schema.as_os_str().is_empty() {
        return Schema::built_in().map_err(|faults| refused(&faults));
    }
    let files = schema_files(&section.schema)?;
    Schema::compile(&files).map_err(|faults| refused(&faults))
}

/// The limits and weights of `[check]`; refuses weights for rules that do not exist.
pub fn settings(section: &Check) -> anyhow::Result<Settings> {
    let known: Vec<&str> = crate::check::rules().iter().map(|rule| rule.code).collect();
    if let Some(code) = section.rules.keys().find(|code| !known.contains(&code.as_str())) {
        bail!("check.rules: there is no rule '{}'; known are {}", code.escape_debug(), known.join(", "));
    }
    Ok(Settings {
        file_bytes_max: section.file_bytes_max,
        latin1: match section.latin1 {
            EncodingPolicy::Accept => None,
            EncodingPolicy::Warn => Some(Severity::Warning),
            EncodingPolicy::Refuse => Some(Severity::Error),
        },
        depth_max: section.depth_max,
        attributes_max: section.attributes_max,
        name_bytes_max: section.name_bytes_max,
        elements_max: section.elements_max,
        rules: section.rules.iter().map(|(code, weight)| (code.clone(), severity(*weight))).collect(),
    })
}

fn severity(weight: RuleSetting) -> Option<Severity> {
    match weight {
        RuleSetting::Off => None,
        RuleSetting::Info => Some(Severity::Info),
        RuleSetting::Warning => Some(Severity::Warning),
        RuleSetting::Error => Some(Severity::Error),
    }
}

/// Every `.xsd` of the folder, by name.
fn schema_files(folder: &Path) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let place = || format!("check.schema: {}", folder.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(place)? {
        let path = entry.with_context(place)?.path();
        if path.extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("xsd")) {
            continue;
        }
        let size = std::fs::metadata(&path).with_context(place)?.len();
        if size > SCHEMA_BYTES_MAX {
            bail!("{}: {} has {size} octets; at most {SCHEMA_BYTES_MAX}", place(), path.display());
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        files.push((name.unwrap_or_default(), std::fs::read(&path).with_context(place)?));
    }
    if files.is_empty() {
        bail!("{} holds no .xsd file", place());
    }
    files.sort();
    Ok(files)
}

fn refused(faults: &[SchemaFault]) -> anyhow::Error {
    let lines: Vec<String> = faults
        .iter()
        .map(|fault| format!("  {}:{}: {}", fault.file, fault.line, fault.what))
        .collect();
    anyhow::anyhow!("the schema cannot be used:\n{}", lines.join("\n"))
}

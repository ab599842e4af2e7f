//! Reads and compiles the schema files that `[check]` names.

use std::path::Path;

use anyhow::{Context, bail};

use crate::check::{Schema, SchemaFault};
use crate::config::Check;

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

/// Every `.xsd` of the folder, by name.
fn schema_files(folder: &Path) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let place = || format!("check.schema: {}", folder.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(place)? {
        let path = entry.with_context(place)?.path();
        if path
            .extension()
            .is_none_or(|extension| !extension.eq_ignore_ascii_case("xsd"))
        {
            continue;
        }
        let size = std::fs::metadata(&path).with_context(place)?.len();
        if size > SCHEMA_BYTES_MAX {
            bail!(
                "{}: {} has {size} octets; at most {SCHEMA_BYTES_MAX}",
                place(),
                path.display()
            );
        }
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        files.push((
            name.unwrap_or_default(),
            std::fs::read(&path).with_context(place)?,
        ));
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

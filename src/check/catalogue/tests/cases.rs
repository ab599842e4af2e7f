//! Runs `tests/cases/findings`: for every code one file that has it and one that just has not.
//!
//! With `ECOCD_REWRITE` set, what the findings say is written into the cases instead of compared:
//! then read the difference.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use crate::check::tests::{built_in, sample_text, settings};
use crate::check::{Entry, Input, Schema, entries, judge, read};
use crate::domain::Timestamp;
use crate::domain::outcome::Finding;
use crate::domain::record::Background;
use crate::domain::submission::GivenUp;

/// One file of the two, as its case describes it.
#[derive(Debug, Default)]
struct Side {
    fires: bool,
    base: String,
    /// The schema that the file is held against, if not the one that ships.
    schema: Option<String>,
    edits: Vec<(String, String)>,
    name: Option<String>,
    octets: Option<String>,
    given_up: Option<GivenUp>,
    background: Background,
    also: Vec<String>,
    expected: Vec<String>,
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/findings"))
}

fn schemas() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/schemas"))
}

/// The sides of a case. See `tests/cases/README.md` for the form.
fn parsed(text: &str) -> Vec<Side> {
    let mut sides: Vec<Side> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        if matches!(word, "fires" | "not") {
            sides.push(Side {
                fires: word == "fires",
                base: rest.to_owned(),
                background: Background {
                    has_earlier_stage: true,
                    ..Background::default()
                },
                ..Side::default()
            });
            continue;
        }
        let Some(side) = sides.last_mut() else {
            assert_eq!(word, "#", "{line}");
            continue;
        };
        match (word, rest) {
            ("-", from) => side.edits.push((spelled(from), String::new())),
            ("+", to) => side.edits.last_mut().unwrap().1.push_str(&spelled(to)),
            (">", expected) => side.expected.push(expected.to_owned()),
            ("also", code) => side.also.push(code.to_owned()),
            ("schema", name) => side.schema = Some(name.to_owned()),
            ("name", name) => side.name = Some(spelled(name)),
            ("octets", name) => side.octets = Some(name.to_owned()),
            ("given-up", "incomplete") => side.given_up = Some(GivenUp::Incomplete),
            ("before", "reference") => side.background.is_reference_used = true,
            ("before", "nothing") => side.background.has_earlier_stage = false,
            ("before", known) => match known.split_once(' ').unwrap() {
                ("version", number) => {
                    side.background.version_highest = Some(number.parse().unwrap());
                }
                ("approval", number) => side.background.approval_before = Some(number.to_owned()),
                _ => panic!("{line}"),
            },
            _ => panic!("{line}"),
        }
    }
    sides
}

/// What a line of an edit stands for: `\n` and its like, and `{3*x}` for `xxx`.
fn spelled(text: &str) -> String {
    let mut plain = text
        .replace("\\n", "\n")
        .replace("\\t", "\t")
        .replace("\\r", "\r");
    while let Some((before, rest)) = plain.split_once("\\u{") {
        let (number, after) = rest.split_once('}').unwrap();
        let letter = char::from_u32(u32::from_str_radix(number, 16).unwrap()).unwrap();
        plain = format!("{before}{letter}{after}");
    }
    while let Some((before, rest)) = plain.split_once('{') {
        let (repeat, after) = rest.split_once('}').unwrap();
        let (count, piece) = repeat.split_once('*').unwrap();
        let many = piece.repeat(count.parse().unwrap());
        plain = format!("{before}{many}{after}");
    }
    plain
}

/// The octets of a side's file.
fn octets(side: &Side, code: &str) -> Vec<u8> {
    let mut text = match side.base.as_str() {
        "nothing" => String::new(),
        base if side.schema.is_some() => fs::read_to_string(schemas().join(base)).unwrap(),
        base => sample_text(base),
    };
    for (from, to) in &side.edits {
        assert!(text.contains(from), "{code}: {} has no {from}", side.base);
        text = text.replacen(from, to, 1);
    }
    let letters = text.chars().map(u32::from);
    match side.octets.as_deref() {
        None => text.into_bytes(),
        Some("latin1") => letters
            .map(|letter| u8::try_from(letter).unwrap())
            .collect(),
        Some("utf-16le") => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        Some("utf-16be") => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        Some(other) => panic!("{code}: {other}"),
    }
}

fn findings(schema: &Schema, side: &Side, code: &str) -> Vec<Finding> {
    let octets = octets(side, code);
    if let Some(name) = &side.schema {
        let file = fs::read(schemas().join(name)).unwrap();
        let other = Schema::compile(&[(name.clone(), file)]).unwrap();
        return other.validate(&settings(), &octets);
    }
    let input = Input {
        name: side.name.as_deref().unwrap_or("a.xml"),
        octets: &octets,
        given_up: side.given_up,
    };
    let reading = read(schema, &settings(), input);
    let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let mut findings = reading.findings.clone();
    findings.extend(judge(&reading, &side.background, &settings(), now));
    findings
}

/// The finding as its case describes it: where it is, and the sentence.
fn described(finding: &Finding) -> Vec<String> {
    let mut place = finding.place.map_or_else(
        || "the file as a whole".to_owned(),
        |place| format!("{}:{}", place.line, place.column),
    );
    if !finding.path.is_empty() {
        write!(place, " {}", finding.path).unwrap();
    }
    vec![place, finding.message.clone()]
}

/// The case with what its first finding says in place of what it said before.
fn rewritten(text: &str, finding: &Finding) -> String {
    let blocks: Vec<String> = text
        .split("\n\n")
        .map(|block| {
            let kept = block.lines().filter(|line| !line.starts_with("> "));
            let mut lines: Vec<String> = kept.map(str::to_owned).collect();
            if block.starts_with("fires ") {
                let said = described(finding);
                lines.extend(said.iter().map(|line| format!("> {line}")));
            }
            lines.join("\n")
        })
        .collect();
    format!("{}\n", blocks.join("\n\n"))
}

fn rewrite(schema: &Schema, entry: &Entry, path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    for side in parsed(&text).iter().filter(|side| side.fires) {
        let found = findings(schema, side, entry.code);
        if let Some(first) = found.iter().find(|finding| finding.code == entry.code) {
            fs::write(path, rewritten(&text, first)).unwrap();
        }
    }
}

/// Everything about a case that is not as it should be.
fn faults(schema: &Schema, entry: &Entry, sides: &[Side]) -> Vec<String> {
    let code = entry.code;
    let mut faults = Vec::new();
    let mut fault = |what: String| faults.push(format!("{code}: {what}"));
    for fires in [true, false] {
        if !sides.iter().any(|side| side.fires == fires) {
            fault(format!("has no file with fires {fires}"));
        }
    }
    for side in sides {
        let found = findings(schema, side, code);
        let mut codes: Vec<&str> = found.iter().map(|finding| finding.code).collect();
        codes.sort_unstable();
        codes.dedup();
        let mut wanted: Vec<&str> = side.also.iter().map(String::as_str).collect();
        wanted.extend(side.fires.then_some(code));
        wanted.sort_unstable();
        if codes != wanted {
            let messages: Vec<&str> = found.iter().map(|one| one.message.as_str()).collect();
            fault(format!("found {codes:?}, not {wanted:?}: {messages:?}"));
        }
        let Some(first) = found.iter().find(|finding| finding.code == code) else {
            continue;
        };
        if described(first) != side.expected {
            fault(format!("\n> {}", described(first).join("\n> ")));
        }
        if first.layer != entry.layer || first.severity != entry.severity {
            fault(format!(
                "is {} {} in the catalogue",
                entry.severity, entry.layer
            ));
        }
        if first.help.is_empty() && entry.help.is_empty() {
            fault("says nowhere what to do".to_owned());
        }
    }
    faults
}

#[test]
fn every_code_has_a_file_with_it_and_one_just_without() {
    let schema = built_in();
    let mut faults_all = Vec::new();
    for entry in entries() {
        let path = folder().join(format!("{}.case", entry.code));
        if path.exists() && std::env::var_os("ECOCD_REWRITE").is_some() {
            rewrite(&schema, &entry, &path);
        }
        match fs::read_to_string(&path) {
            Ok(text) => faults_all.extend(faults(&schema, &entry, &parsed(&text))),
            Err(fault) => faults_all.push(format!("{}: {fault}", entry.code)),
        }
    }
    assert!(faults_all.is_empty(), "\n{}", faults_all.join("\n"));
}

#[test]
fn every_case_is_one_of_a_known_code() {
    let known: Vec<String> = entries()
        .iter()
        .map(|entry| format!("{}.case", entry.code))
        .collect();
    for file in fs::read_dir(folder()).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(known.contains(&name), "{name}");
    }
}

//! The W3C's XML Schema suite: every schema of its 1.0 part loaded, every document judged.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use ecocd::check::{Schema, Settings};
use ecocd::config;
use ecocd::domain::outcome::Severity;
use ecocd::pipeline::settings;

use crate::suites::xsd_catalogue::{Group, normal, read};
use crate::suites::xsd_count::Count;
use crate::suites::{document, is_chosen, is_full, unpacked};

/// One group may take so long; the slowest honest one takes about a second.
const GROUP_LIMIT: Duration = Duration::from_mins(1);

/// Documents whose expected verdict is disputed: `path reason` a line.
const DISPUTED: &str = include_str!("xsd_disputed.txt");

#[test]
fn the_w3c_schema_suite_is_judged_as_the_w3c_says() {
    let Some(suite) = unpacked("xsdtests", "xsdtests.tar.xz") else {
        return;
    };
    let groups: Vec<Group> = read(&suite)
        .into_iter()
        .filter(|group| is_chosen(&group.name))
        .collect();
    assert!(
        groups.len() > 500,
        "the suite was read: {} groups",
        groups.len()
    );
    let count = run(&suite, groups);
    println!("{}", count.table());
    let list = suite.parent().expect("a folder").join("xsd-wrong.txt");
    fs::write(&list, count.wrong.join("\n")).expect("the list is written");
    let shown: Vec<&String> = count
        .wrong
        .iter()
        .filter(|line| line.starts_with("document"))
        .take(60)
        .collect();
    println!("{shown:#?}\nall: {}", list.display());
    document::write("docs/validation.md", "W3C XML Schema suite", &count.table());

    assert!(count.panics.is_empty(), "{:#?}", count.panics);
    let (right, all) = count.instances();
    assert!(
        right * 1000 >= all * 999,
        "{right} of {all} documents are judged rightly: 99.9 % are wanted"
    );
    let (loaded, refused) = count.valid_schemas;
    assert!(
        loaded * 100 >= (loaded + refused) * 85,
        "{loaded} valid schemas load, {refused} do not: 85 % are wanted"
    );
}

/// Runs all groups, two at a time; a group that does not end is a failure with a name.
fn run(suite: &Path, groups: Vec<Group>) -> Count {
    let groups = Arc::new(groups);
    let next = Arc::new(AtomicUsize::new(0));
    let (done, results) = mpsc::channel();
    for worker in 0..2 {
        let (groups, next, done, suite) = (
            Arc::clone(&groups),
            Arc::clone(&next),
            done.clone(),
            suite.to_owned(),
        );
        std::thread::Builder::new()
            .name(format!("suite {worker}"))
            .spawn(move || {
                let settings = settings(&config::Check::default());
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(group) = groups.get(index) else {
                        return;
                    };
                    let caught = catch_unwind(AssertUnwindSafe(|| one(&suite, group, &settings)));
                    let count = caught.unwrap_or_else(|_| Count {
                        panics: vec![group.name.clone()],
                        ..Count::default()
                    });
                    if done.send((index, count)).is_err() {
                        return;
                    }
                }
            })
            .expect("a thread");
    }
    drop(done);
    let mut counts: BTreeMap<usize, Count> = BTreeMap::new();
    while counts.len() < groups.len() {
        if let Ok((index, count)) = results.recv_timeout(GROUP_LIMIT) {
            counts.insert(index, count);
            continue;
        }
        let begun = next.load(Ordering::Relaxed).min(groups.len());
        let hung: Vec<&str> = (0..begun)
            .filter(|index| !counts.contains_key(index))
            .map(|index| groups[index].name.as_str())
            .collect();
        panic!("no end within {GROUP_LIMIT:?}: {hung:?}");
    }
    let mut whole = Count::default();
    for count in counts.into_values() {
        whole.add(count);
    }
    whole
}

/// Loads the group's schema and judges its documents.
fn one(suite: &Path, group: &Group, settings: &Settings) -> Count {
    let mut count = Count::default();
    let compiled = Schema::compile(&files(suite, &group.schemas));
    match (&compiled, group.is_valid) {
        (Ok(_), Some(true)) => count.valid_schemas.0 += 1,
        (Ok(_), Some(false)) => {
            count.invalid_schemas.1 += 1;
            count.wrong.push(format!(
                "schema {} is invalid, and was loaded: {:?}",
                group.name, group.schemas
            ));
        }
        (Err(faults), Some(true)) => {
            count.valid_schemas.1 += 1;
            let first = faults.first().map(ToString::to_string).unwrap_or_default();
            count.wrong.push(format!(
                "schema {} is valid, and was refused: {first}",
                group.name
            ));
            let what = faults
                .first()
                .map(|fault| construct(&fault.what))
                .unwrap_or_default();
            *count.refused.entry(what).or_default() += 1;
        }
        (Err(_), Some(false)) => count.invalid_schemas.0 += 1,
        (_, None) => {}
    }
    if group.is_valid == Some(false) {
        // What is valid against a schema that is none, nobody can say.
        return count;
    }
    let Ok(schema) = compiled else {
        count.unread += group.instances.len();
        return count;
    };
    for (path, is_valid) in &group.instances {
        let octets = fs::read(suite.join(path)).unwrap_or_default();
        let named = named_by(suite, group, path, &String::from_utf8_lossy(&octets));
        let wider =
            (named.len() > group.schemas.len()).then(|| Schema::compile(&files(suite, &named)));
        let schema = match &wider {
            Some(Ok(wider)) => wider,
            _ => &schema,
        };
        judge(schema, settings, (path, *is_valid, &octets), &mut count);
    }
    count
}

/// The group's schemas, and those for other namespaces that a document names by `xsi:schemaLocation`:
/// ecocd itself never follows it, so what the test wants is handed over as an operator would.
fn named_by(suite: &Path, group: &Group, path: &str, text: &str) -> Vec<String> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut hints: Vec<(&str, String)> = Vec::new();
    for hint in values_of(text, ":schemaLocation") {
        let words: Vec<&str> = hint.split_whitespace().collect();
        hints.extend(
            words
                .chunks_exact(2)
                .map(|pair| (pair[0], normal(folder, pair[1]))),
        );
    }
    hints.extend(
        values_of(text, ":noNamespaceSchemaLocation")
            .map(|location| ("", normal(folder, location))),
    );
    hints.retain(|(_, file)| !group.schemas.contains(file) && suite.join(file).is_file());
    let mut all = group.schemas.clone();
    if hints.is_empty() {
        return all;
    }
    let known: Vec<String> = files(suite, &all)
        .into_iter()
        .map(|(_, octets)| target(&String::from_utf8_lossy(&octets)))
        .collect();
    for (namespace, file) in hints {
        if !known.iter().any(|known| known == namespace) && !all.contains(&file) {
            all.push(file);
        }
    }
    all
}

/// The target namespace of a schema document.
fn target(text: &str) -> String {
    values_of(text, "targetNamespace")
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn judge(
    schema: &Schema,
    settings: &Settings,
    (path, is_valid, octets): (&str, bool, &[u8]),
    count: &mut Count,
) {
    if DISPUTED
        .lines()
        .any(|line| line.split_whitespace().next() == Some(path))
    {
        count.disputed += 1;
        return;
    }
    let findings = schema.validate(settings, octets);
    let first = findings
        .iter()
        .find(|finding| finding.severity == Severity::Error);
    if first
        .is_some_and(|finding| finding.code.starts_with("X03") || finding.code.starts_with("X04"))
    {
        count.beyond += 1;
        return;
    }
    let verdict = if is_valid {
        &mut count.valid
    } else {
        &mut count.invalid
    };
    if first.is_none() == is_valid {
        verdict.0 += 1;
        return;
    }
    verdict.1 += 1;
    let said = first.map_or_else(
        || "nothing".to_owned(),
        |found| format!("{} {}", found.code, found.message),
    );
    let expected = if is_valid { "valid" } else { "invalid" };
    count
        .wrong
        .push(format!("document {path} is {expected}; found: {said}"));
}

/// What a schema was refused for, without the names in it.
fn construct(what: &str) -> String {
    let mut text = String::new();
    for (index, piece) in what.split('\'').enumerate() {
        text.push_str(if index % 2 == 0 { piece } else { "…" });
    }
    let (text, _) = text.split_once(": ").unwrap_or((&text, ""));
    let mut short = String::new();
    for (index, piece) in text.split('"').enumerate() {
        short.push_str(if index % 2 == 0 { piece } else { "…" });
    }
    short
}

/// The schema documents, all that they import or include, and one above them that imports each.
fn files(suite: &Path, roots: &[String]) -> Vec<(String, Vec<u8>)> {
    let mut found: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut open: Vec<String> = roots.to_vec();
    while let Some(path) = open.pop() {
        if found.contains_key(&path) {
            continue;
        }
        let Ok(octets) = fs::read(suite.join(&path)) else {
            continue;
        };
        let text = String::from_utf8_lossy(&octets).into_owned();
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        open.extend(values_of(&text, "schemaLocation").map(|location| normal(folder, location)));
        found.insert(path, octets);
    }
    let mut above = String::from(
        "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:above'>",
    );
    for root in roots {
        let octets = found.get(root).cloned().unwrap_or_default();
        let target = target(&String::from_utf8_lossy(&octets));
        let namespace = if target.is_empty() {
            String::new()
        } else {
            format!(" namespace='{target}'")
        };
        let _ = write!(above, "<xs:import{namespace} schemaLocation='{root}'/>");
    }
    above.push_str("<xs:element name='above' type='xs:string'/></xs:schema>");
    let mut files = vec![("above.xsd".to_owned(), above.into_bytes())];
    files.extend(found);
    files
}

/// The values of all attributes of this name, roughly: good enough to find files.
fn values_of<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = &'t str> {
    text.match_indices(name).filter_map(move |(at, _)| {
        let rest = text[at + name.len()..]
            .trim_start()
            .strip_prefix('=')?
            .trim_start();
        let quote = rest
            .chars()
            .next()
            .filter(|quote| matches!(quote, '"' | '\''))?;
        rest[1..].split_once(quote).map(|(value, _)| value.trim())
    })
}

#[test]
fn a_twentieth_is_a_twentieth() {
    if is_full() {
        return;
    }
    let chosen = (0..20_000)
        .filter(|number| is_chosen(&format!("name{number}")))
        .count();
    assert!((700..1300).contains(&chosen), "{chosen}");
}

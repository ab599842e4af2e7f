//! What the W3C's XML Schema suite holds: its groups, each a schema and documents, with what is
//! expected of them. Only what counts for XML Schema 1.0 and is accepted.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use quick_xml::events::{BytesStart, Event};

/// A schema and the documents held against it.
#[derive(Debug, Default)]
pub(crate) struct Group {
    /// Its name, unique in the suite.
    pub(crate) name: String,
    /// Its schema documents, as paths below the suite's folder.
    pub(crate) schemas: Vec<String>,
    /// Is the schema valid? `None` if nothing accepted is said of it.
    pub(crate) is_valid: Option<bool>,
    /// Its documents, as paths below the suite's folder, and whether each is valid.
    pub(crate) instances: Vec<(String, bool)>,
}

/// The catalogues of the 1.0 part, below the suite's folder.
const FOLDERS: &[&str] = &[
    "sunMeta",
    "msMeta",
    "boeingMeta",
    "wgMeta",
    "saxonMeta",
    "ibmMeta",
    "oracleMeta",
];

/// All groups, sorted by name.
pub(crate) fn read(suite: &Path) -> Vec<Group> {
    let mut groups = nist(suite);
    for folder in FOLDERS {
        for path in files(&suite.join(folder)) {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if name.ends_with(".testSet") || name.ends_with("_w3c.xml") {
                groups.extend(catalogue(suite, folder, &path));
            }
        }
    }
    groups.sort_by(|one, other| one.name.cmp(&other.name));
    groups
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    paths
}

/// The catalogue of NIST is missing in the archive; its file names say as much:
/// `NISTSchema-<test>-<n>.xsd` and `NISTXML-<test>-<n>-<m>.xml`, where documents of SV-IV are valid
/// and those of SV-II are not.
fn nist(suite: &Path) -> Vec<Group> {
    let mut groups: BTreeMap<String, Group> = BTreeMap::new();
    for kind in files(&suite.join("nistData")) {
        for folder in files(&kind) {
            for path in files(&folder.join("Schema+Instance")) {
                let name = path
                    .file_stem()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                let below = path
                    .strip_prefix(suite)
                    .unwrap_or(&path)
                    .to_string_lossy()
                    .into_owned();
                if let Some(test) = name.strip_prefix("NISTSchema-") {
                    let group = groups.entry(test.to_owned()).or_default();
                    group.name = format!("nist/{test}");
                    group.schemas.push(below);
                    group.is_valid = Some(true);
                } else if let Some(test) = name.strip_prefix("NISTXML-") {
                    let (test, _) = test.rsplit_once('-').unwrap_or((test, ""));
                    let is_valid = test.starts_with("SV-IV-");
                    groups
                        .entry(test.to_owned())
                        .or_default()
                        .instances
                        .push((below, is_valid));
                }
            }
        }
    }
    groups
        .into_values()
        .filter(|group| !group.schemas.is_empty())
        .collect()
}

/// One test, schema or instance, while it is read.
#[derive(Debug, Default)]
struct Test {
    is_schema: bool,
    paths: Vec<String>,
    is_valid: Option<bool>,
    is_accepted: bool,
    is_ours: bool,
}

fn catalogue(suite: &Path, folder: &str, path: &Path) -> Vec<Group> {
    let content = fs::read_to_string(path).unwrap_or_default();
    let set = path
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mut reader = quick_xml::Reader::from_str(&content);
    let mut groups = Vec::new();
    let mut names = BTreeSet::new();
    let mut group = Group::default();
    let mut test = Test::default();
    let (mut set_is_ours, mut group_is_ours) = (true, true);
    loop {
        let event = reader
            .read_event()
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        match &event {
            Event::Eof => return groups,
            Event::Start(tag) | Event::Empty(tag) => match tag.local_name().as_ref() {
                "testSet" => set_is_ours = is_ours(tag, true),
                "testGroup" => {
                    group_is_ours = is_ours(tag, set_is_ours);
                    group = Group {
                        name: format!("{set}/{}", attribute(tag, "name")),
                        ..Group::default()
                    };
                }
                name @ ("schemaTest" | "instanceTest") => {
                    test = Test {
                        is_schema: name == "schemaTest",
                        is_ours: is_ours(tag, group_is_ours),
                        ..Test::default()
                    };
                }
                "schemaDocument" | "instanceDocument" => {
                    test.paths.push(normal(folder, &attribute(tag, "href")));
                }
                "expected" if is_ours(tag, true) => {
                    test.is_valid = match attribute(tag, "validity").as_str() {
                        "valid" => Some(true),
                        "invalid" => Some(false),
                        _ => None,
                    };
                }
                "current" => test.is_accepted = attribute(tag, "status") == "accepted",
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                "schemaTest" | "instanceTest" => take(suite, &mut group, std::mem::take(&mut test)),
                "testGroup" if group_is_ours && !group.schemas.is_empty() => {
                    let mut done = std::mem::take(&mut group);
                    while !names.insert(done.name.clone()) {
                        done.name.push('+');
                    }
                    groups.push(done);
                }
                _ => {}
            },
            _ => {}
        }
    }
}

fn take(suite: &Path, group: &mut Group, test: Test) {
    let are_there = test.paths.iter().all(|path| suite.join(path).is_file());
    if !test.is_ours || !are_there {
        return;
    }
    let is_valid = test.is_valid.filter(|_| test.is_accepted);
    if test.is_schema {
        group.schemas.extend(test.paths);
        group.is_valid = is_valid;
    } else if let (Some(is_valid), Some(path)) = (is_valid, test.paths.into_iter().next()) {
        group.instances.push((path, is_valid));
    }
}

/// Is this for XML Schema 1.0? Without a word of its own, what stands around it decides.
fn is_ours(tag: &BytesStart<'_>, around: bool) -> bool {
    match attribute(tag, "version").as_str() {
        "" => around,
        version => version.split_whitespace().any(|version| version == "1.0"),
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> String {
    tag.attributes()
        .flatten()
        .find(|attribute| attribute.key.local_name().as_ref() == name)
        .map(|attribute| attribute.value.into_owned())
        .unwrap_or_default()
}

/// `path` as seen from `folder`, without `..`.
pub(crate) fn normal(folder: &str, path: &str) -> String {
    let mut steps: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in path.split('/') {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    steps.join("/")
}

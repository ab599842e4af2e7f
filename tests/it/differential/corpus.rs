//! What variants are made of: a schema, documents that keep to it, and the names and values in them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ecocd::check::Schema;

use crate::differential::outline::outline;
use crate::support::tool;

/// A schema and valid documents.
#[derive(Debug)]
pub(crate) struct Corpus {
    /// What it is called in reports.
    pub(crate) name: &'static str,
    /// The schema file that names the others.
    pub(crate) schema_path: PathBuf,
    /// Ours, compiled.
    pub(crate) schema: Schema,
    /// Name and text of each document.
    pub(crate) documents: Vec<(String, String)>,
    /// The values that each element was seen with.
    pub(crate) values: BTreeMap<String, Vec<String>>,
    /// The names of all elements.
    pub(crate) names: Vec<String>,
    /// The types that the schema names.
    pub(crate) types: Vec<String>,
}

impl Corpus {
    /// The message and its samples.
    pub(crate) fn certificates() -> Self {
        let folder = "tests/cases/samples/valid";
        let files = ["ivi-2.0-uk.xsd", "xmldsig-local.xsd"];
        Self::load("certificates", folder, "config/schema", &files)
    }

    /// A schema of our own with the constructs and types that the message does not use.
    pub(crate) fn parts() -> Self {
        let folder = "tests/it/differential/parts";
        Self::load("parts", folder, folder, &["parts.xsd"])
    }

    fn load(name: &'static str, folder: &str, schema_folder: &str, files: &[&str]) -> Self {
        let schema_folder = tool::of_repository(schema_folder);
        let read = |file: &&str| {
            let octets = std::fs::read(schema_folder.join(file)).expect("a schema file");
            ((*file).to_owned(), octets)
        };
        let files: Vec<(String, Vec<u8>)> = files.iter().map(read).collect();
        let schema = Schema::compile(&files).unwrap_or_else(|faults| panic!("{faults:#?}"));
        let first = String::from_utf8(files[0].1.clone()).expect("UTF-8");
        let mut documents = Vec::new();
        for entry in std::fs::read_dir(tool::of_repository(folder)).expect("the samples") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|suffix| suffix == "xml") {
                let text = std::fs::read_to_string(&path).expect("a sample in UTF-8");
                let name = path.file_name().expect("a name").to_string_lossy();
                documents.push((name.into_owned(), text));
            }
        }
        // The order of a folder is the disk's; variants must be the same everywhere.
        documents.sort();
        assert!(!documents.is_empty(), "no documents in {folder}");
        let values = values(&documents);
        Self {
            name,
            schema_path: schema_folder.join(&files[0].0),
            schema,
            names: values.keys().cloned().collect(),
            values,
            documents,
            types: types(&first),
        }
    }
}

fn values(documents: &[(String, String)]) -> BTreeMap<String, Vec<String>> {
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (_, text) in documents {
        for element in outline(text) {
            let list = values.entry(text[element.name].to_owned()).or_default();
            let value = text[element.inner].to_owned();
            if element.is_leaf && !list.contains(&value) {
                list.push(value);
            }
        }
    }
    values
}

/// The names of the types in a schema file.
fn types(schema: &str) -> Vec<String> {
    let elements = outline(schema);
    let tags = elements.iter().map(|element| &schema[element.tag.clone()]);
    let named = tags.filter_map(|tag| {
        let rest = tag
            .strip_prefix("<xs:simpleType name=\"")
            .or_else(|| tag.strip_prefix("<xs:complexType name=\""))?;
        Some(rest.split_once('"')?.0.to_owned())
    });
    named.collect()
}

//! Reads a schema file into a small tree, names resolved; knows nothing of what they mean.

use crate::check::SchemaFault;
use crate::check::encoding::decode;
use crate::check::place::places;
use crate::check::schema::doctype;
use crate::check::schema::identity::prefixed;
use crate::check::xml::chars::trimmed;
use crate::check::xml::{Event, Limits, Reader};

/// The namespace of XML Schema.
pub(crate) const XSD: &str = "http://www.w3.org/2001/XMLSchema";

/// Schema files come from the operator, but a mistake must not take the machine down.
const LIMITS: Limits = Limits {
    depth: 60,
    attributes: 100,
    namespaces: 256,
    name_bytes: 1000,
    text_bytes: 1_048_576,
    attribute_bytes: 65_536,
    elements: 1_000_000,
};

/// Attributes whose values are names with prefixes.
const NAMED: &[&str] = &[
    "type",
    "ref",
    "base",
    "memberTypes",
    "itemType",
    "substitutionGroup",
    "refer",
];

/// Attributes whose values may hold names with prefixes, and in which blanks mean something.
const PREFIXED: &[&str] = &["value", "default", "fixed"];

/// An element of a schema file.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Its name; empty if it is not of the schema's namespace.
    pub(crate) name: String,
    /// Its attributes without a prefix.
    pub(crate) attributes: Vec<(String, String)>,
    /// The names in those attributes that hold some, as namespace and local name.
    pub(crate) references: Vec<(String, Vec<Reference>)>,
    /// The prefixes that stand in its value or default, and what they mean here; the empty one with
    /// them.
    pub(crate) prefixes: Vec<(String, String)>,
    /// Its children.
    pub(crate) children: Vec<Node>,
    /// Its text.
    pub(crate) text: String,
    /// The line it begins in.
    pub(crate) line: u32,
}

/// A name that a schema refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// The namespace, empty for none.
    pub(crate) namespace: String,
    /// The name in it.
    pub(crate) local: String,
}

impl Node {
    /// The value of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The one name in an attribute.
    pub(crate) fn reference(&self, name: &str) -> Option<&Reference> {
        self.references(name).first()
    }

    /// All names in an attribute.
    pub(crate) fn references(&self, name: &str) -> &[Reference] {
        self.references
            .iter()
            .find(|(known, _)| known == name)
            .map_or(&[], |(_, references)| references)
    }

    /// The children that say something, that is all but annotations.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &Self> {
        self.children
            .iter()
            .filter(|child| child.name != "annotation")
    }

    /// The documentation in its annotation, blanks made single spaces.
    pub(crate) fn documentation(&self) -> String {
        let words: Vec<&str> = self
            .children
            .iter()
            .filter(|child| child.name == "annotation")
            .flat_map(|annotation| &annotation.children)
            .filter(|child| child.name == "documentation")
            .flat_map(|documentation| documentation.text.split_whitespace())
            .collect();
        words.join(" ")
    }
}

/// Reads one file.
pub(crate) fn load(file: &str, octets: &[u8]) -> Result<Node, SchemaFault> {
    let fault = |line: u32, what: String| SchemaFault {
        file: file.to_owned(),
        line,
        what,
    };
    let decoded = decode(octets, None);
    if let Some((finding, _)) = decoded.finding {
        return Err(fault(0, finding.message));
    }
    let text = doctype::past(decoded.text.as_ref()).map_err(|what| fault(1, what))?;
    let text = text.as_ref();
    let mut reader = Reader::new(text, LIMITS);
    let mut open: Vec<Node> = Vec::new();
    let mut starts: Vec<usize> = Vec::new();
    loop {
        let event = reader.next().map_err(|broken| {
            let line = places(text, &[broken.at])
                .first()
                .map_or(0, |place| place.line);
            fault(line, broken.message)
        })?;
        if let Some(parent) = open.last_mut() {
            parent.text.push_str(reader.text());
        }
        match event {
            Event::Start(tag) => {
                let is_schema = reader.uri(tag.namespace) == XSD;
                let name = if is_schema { tag.local } else { "" };
                let node = start(&reader, name).map_err(|what| {
                    let line = places(text, &[tag.at])
                        .first()
                        .map_or(0, |place| place.line);
                    fault(line, what)
                })?;
                open.push(node);
                // The place of a node is its start; lines are counted once, at the end.
                starts.push(tag.at);
                if let Some(node) = open.last_mut() {
                    node.line = u32::try_from(starts.len() - 1).unwrap_or(u32::MAX);
                }
            }
            Event::End { .. } => {
                let Some(node) = open.pop() else { continue };
                match open.last_mut() {
                    Some(parent) => parent.children.push(node),
                    None => return Ok(finish(node, text, &starts)),
                }
            }
            Event::Done => return Err(fault(0, "the file holds no schema".to_owned())),
        }
    }
}

/// Takes in the element that just began.
fn start(reader: &Reader<'_>, name: &str) -> Result<Node, String> {
    let mut attributes = Vec::new();
    let mut references = Vec::new();
    let mut prefixes = Vec::new();
    for attribute in reader.attributes() {
        if !attribute.prefix.is_empty() {
            if !name.is_empty() && reader.uri(attribute.namespace) == XSD {
                // No attribute of a schema has a prefix: refused, as any that is not known.
                let shown = format!("{}:{}", attribute.prefix, attribute.local);
                attributes.push((shown, attribute.value.clone().into_owned()));
            }
            continue;
        }
        if !name.is_empty() && NAMED.contains(&attribute.local) {
            let named: Result<Vec<Reference>, String> = attribute
                .value
                .split_whitespace()
                .map(|name| resolve(reader, name))
                .collect();
            references.push((attribute.local.to_owned(), named?));
        }
        if !name.is_empty() && PREFIXED.contains(&attribute.local) {
            note_prefixes(reader, &attribute.value, &mut prefixes);
        }
        if attribute.local == "xpath" && matches!(name, "selector" | "field") {
            let words = prefixed(&attribute.value);
            let named: Result<Vec<Reference>, String> =
                words.map(|name| resolve(reader, name)).collect();
            references.push(("xpath".to_owned(), named?));
        }
        let value = if PREFIXED.contains(&attribute.local) {
            attribute.value.clone().into_owned()
        } else {
            trimmed(&attribute.value).to_owned()
        };
        attributes.push((attribute.local.to_owned(), value));
    }
    Ok(Node {
        name: name.to_owned(),
        attributes,
        references,
        prefixes,
        children: Vec::new(),
        text: String::new(),
        line: 0,
    })
}

/// What parts the names in a path.
pub(crate) const PATH_MARKS: [char; 7] = ['/', '|', '@', ' ', '\t', '\n', '\r'];

/// A step of a path without its axis.
pub(crate) fn axis_free(step: &str) -> &str {
    let step = step.strip_prefix("child::").unwrap_or(step);
    step.strip_prefix("attribute::").unwrap_or(step)
}

/// Notes what the prefixes of the words in `value` mean, as far as they mean something.
fn note_prefixes(reader: &Reader<'_>, value: &str, prefixes: &mut Vec<(String, String)>) {
    let words = value.split_whitespace();
    let named = words.filter_map(|word| word.split_once(':').map(|(prefix, _)| prefix));
    for prefix in named.chain([""]) {
        if let Some(uri) = reader.resolve(prefix)
            && prefixes.iter().all(|(known, _)| known != prefix)
        {
            prefixes.push((prefix.to_owned(), uri.to_owned()));
        }
    }
}

fn resolve(reader: &Reader<'_>, name: &str) -> Result<Reference, String> {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    if prefix.is_empty() && name.contains(':') {
        return Err(format!("'{name}' is not a name"));
    }
    let namespace = reader
        .resolve(prefix)
        .ok_or_else(|| format!("the prefix of '{name}' was never declared"))?;
    Ok(Reference {
        namespace: namespace.to_owned(),
        local: local.to_owned(),
    })
}

/// Gives every node its line, in one pass over the text.
fn finish(mut root: Node, text: &str, starts: &[usize]) -> Node {
    let lines = places(text, starts);
    let mut open = vec![&mut root];
    while let Some(node) = open.pop() {
        let number = usize::try_from(node.line).unwrap_or(usize::MAX);
        node.line = lines.get(number).map_or(0, |place| place.line);
        open.extend(node.children.iter_mut());
    }
    root
}

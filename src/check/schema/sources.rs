//! Which schema files belong together: follows import, include and redefine among the given files.
//!
//! *Invariant*: a location is only ever looked up among the given files; nothing is fetched.

use crate::check::SchemaFault;
use crate::check::schema::load::{Node, Reference, load};
use crate::check::xml::namespaces::XML;

/// One schema file, for one target namespace.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) root: Node,
    /// Its target namespace, empty for none; that of the including file if it has none itself.
    pub(crate) target: String,
}

/// The attributes of the prefix `xml`, for schemas that use them and do not bring their file.
const XML_SCHEMA: &[u8] = b"<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' \
    targetNamespace='http://www.w3.org/XML/1998/namespace'>\
    <xs:attribute name='lang'><xs:simpleType><xs:union memberTypes='xs:language'><xs:simpleType>\
    <xs:restriction base='xs:string'><xs:enumeration value=''/></xs:restriction></xs:simpleType></xs:union></xs:simpleType></xs:attribute>\
    <xs:attribute name='space'><xs:simpleType><xs:restriction base='xs:NCName'>\
    <xs:enumeration value='default'/><xs:enumeration value='preserve'/></xs:restriction></xs:simpleType></xs:attribute>\
    <xs:attribute name='base' type='xs:anyURI'/><xs:attribute name='id' type='xs:ID'/>\
    <xs:attributeGroup name='specialAttrs'><xs:attribute ref='xml:base'/><xs:attribute ref='xml:lang'/>\
    <xs:attribute ref='xml:space'/><xs:attribute ref='xml:id'/></xs:attributeGroup></xs:schema>";

/// The files in use, the main one first. Faults are gathered in `faults`.
pub(crate) fn gather(
    given: &[(String, Vec<u8>)],
    faults: &mut Vec<SchemaFault>,
) -> Option<Vec<File>> {
    let mut loaded: Vec<(&str, Node)> = Vec::new();
    for (name, octets) in given {
        match load(name, octets) {
            Ok(root) => loaded.push((name, root)),
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        return None;
    }
    let main = match main_file(&loaded) {
        Ok(main) => main,
        Err(fault) => {
            faults.push(fault);
            return None;
        }
    };
    let mut gathering = Gathering {
        loaded,
        files: Vec::new(),
        places: Vec::new(),
        uses: Vec::new(),
        faults,
    };
    gathering.add(main, "");
    let mut next = 0;
    while next < gathering.files.len() {
        gathering.follow(next);
        next += 1;
    }
    gathering.redefine();
    Some(gathering.files)
}

/// The one file that no other imports or includes.
fn main_file(files: &[(&str, Node)]) -> Result<usize, SchemaFault> {
    let mut is_used = vec![false; files.len()];
    for (index, (name, root)) in files.iter().enumerate() {
        for location in locations(root) {
            if let Some(used) = find(files, name, location).filter(|used| *used != index)
                && let Some(slot) = is_used.get_mut(used)
            {
                *slot = true;
            }
        }
    }
    let mut mains = is_used.iter().enumerate().filter(|(_, used)| !**used);
    let fault = |file: &str, what: &str| SchemaFault {
        file: file.to_owned(),
        line: 0,
        what: what.to_owned(),
    };
    match (mains.next(), mains.next()) {
        (Some((main, _)), None) => Ok(main),
        (Some(_), Some((other, _))) => Err(fault(
            files.get(other).map_or("", |(name, _)| name),
            "more than one file is imported by none: leave only the main schema and what it imports",
        )),
        (None, _) => Err(fault(
            "",
            "there is no main schema: no file, or all import each other",
        )),
    }
}

/// The places that a schema imports, includes or redefines.
fn locations(root: &Node) -> impl Iterator<Item = &str> {
    root.children
        .iter()
        .filter(|child| is_link(child))
        .filter_map(|child| child.attribute("schemaLocation"))
}

fn is_link(node: &Node) -> bool {
    matches!(node.name.as_str(), "import" | "include" | "redefine")
}

/// The file that `location` means in the file `from`: by its path, else by its name alone.
fn find(files: &[(&str, Node)], from: &str, location: &str) -> Option<usize> {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut steps: Vec<&str> = folder.split('/').filter(|step| !step.is_empty()).collect();
    for step in location.split(['/', '\\']) {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    let path = steps.join("/");
    let last = steps.last().copied().unwrap_or_default();
    let is_last = |name: &str| name.rsplit('/').next() == Some(last);
    let by_path = files.iter().position(|(name, _)| *name == path);
    by_path.or_else(|| files.iter().position(|(name, _)| is_last(name)))
}

struct Gathering<'g> {
    loaded: Vec<(&'g str, Node)>,
    files: Vec<File>,
    /// For each file in use, which of the loaded it is.
    places: Vec<usize>,
    /// Which file includes or redefines which, and the line of the redefinition.
    uses: Vec<(usize, usize, Option<u32>)>,
    faults: &'g mut Vec<SchemaFault>,
}

impl Gathering<'_> {
    fn fault(&mut self, file: usize, line: u32, what: String) {
        let file = self.files.get(file).map_or("", |file| &file.name);
        self.faults.push(SchemaFault {
            file: file.to_owned(),
            line,
            what,
        });
    }

    /// Takes a loaded file into use, for the namespace `adopted` if it has none; its number.
    fn add(&mut self, place: usize, adopted: &str) -> Option<usize> {
        let (name, root) = self.loaded.get(place)?;
        let own = root.attribute("targetNamespace").unwrap_or_default();
        let target = if own.is_empty() { adopted } else { own };
        let known = self
            .files
            .iter()
            .zip(&self.places)
            .position(|(file, known)| *known == place && file.target == target);
        if known.is_some() {
            return known;
        }
        let mut root = root.clone();
        if own.is_empty() && !adopted.is_empty() {
            adopt(&mut root, adopted);
        }
        self.files.push(File {
            name: (*name).to_owned(),
            target: target.to_owned(),
            root,
        });
        self.places.push(place);
        Some(self.files.len() - 1)
    }

    /// Follows the links of one file.
    fn follow(&mut self, number: usize) {
        let Some(file) = self.files.get(number) else {
            return;
        };
        let (name, target) = (file.name.clone(), file.target.clone());
        let links: Vec<(String, Option<String>, String, u32)> = file
            .root
            .children
            .iter()
            .filter(|child| is_link(child))
            .map(|link| {
                let location = link.attribute("schemaLocation").map(str::to_owned);
                let namespace = link.attribute("namespace").unwrap_or_default();
                (link.name.clone(), location, namespace.to_owned(), link.line)
            })
            .collect();
        for (kind, location, namespace, line) in links {
            let is_import = kind == "import";
            let Some(location) = location else {
                if namespace == XML {
                    self.add_xml();
                } else if !is_import {
                    self.fault(number, line, format!("xs:{kind} without a schemaLocation"));
                }
                continue;
            };
            match find(&self.loaded, &name, &location) {
                Some(place) => {
                    let wanted = if is_import { &namespace } else { &target };
                    self.link(number, place, (&kind, &location, wanted), line);
                }
                None if namespace == XML => self.add_xml(),
                None => {
                    let what =
                        format!("the file '{location}' is not there: put it beside this one");
                    self.fault(number, line, what);
                }
            }
        }
    }

    fn link(
        &mut self,
        from: usize,
        place: usize,
        (kind, location, wanted): (&str, &str, &str),
        line: u32,
    ) {
        let own = self
            .loaded
            .get(place)
            .and_then(|(_, root)| root.attribute("targetNamespace"))
            .unwrap_or_default()
            .to_owned();
        let is_import = kind == "import";
        if own != *wanted && (is_import || !own.is_empty()) {
            let what = format!("the file '{location}' has another target namespace");
            self.fault(from, line, what);
            return;
        }
        let Some(to) = self.add(place, if is_import { "" } else { wanted }) else {
            return;
        };
        if !is_import {
            self.uses
                .push((from, to, (kind == "redefine").then_some(line)));
        }
    }

    /// Brings in the attributes of the prefix `xml`.
    fn add_xml(&mut self) {
        if self.files.iter().any(|file| file.target == XML) {
            return;
        }
        if let Ok(root) = load("xml.xsd", XML_SCHEMA) {
            self.loaded.push(("xml.xsd", root));
            self.add(self.loaded.len() - 1, "");
        }
    }

    /// Puts what is redefined in the place of what it redefines, which gets another name.
    fn redefine(&mut self) {
        let redefines: Vec<(usize, usize, u32)> = self
            .uses
            .iter()
            .filter_map(|(from, to, line)| line.map(|line| (*from, *to, line)))
            .collect();
        // The innermost first: what is redefined twice is redefined in that order.
        for (from, to, line) in redefines.into_iter().rev() {
            let parts: Vec<Node> = self
                .files
                .get(from)
                .into_iter()
                .flat_map(|file| &file.root.children)
                .filter(|child| child.name == "redefine" && child.line == line)
                .flat_map(|redefine| redefine.parts().cloned())
                .collect();
            for mut part in parts {
                let name = part.attribute("name").unwrap_or_default().to_owned();
                let target = self
                    .files
                    .get(from)
                    .map_or_else(String::new, |file| file.target.clone());
                // A name that nobody gives: no reference of a file means the old one.
                let old = format!("{name}\u{b7}redefined\u{b7}{}", self.uses.len());
                if !self.rename(to, &part.name, &name, &old) {
                    let what = format!("there is no xs:{} '{name}' to be redefined", part.name);
                    self.fault(from, part.line, what);
                    continue;
                }
                let reference = Reference {
                    namespace: target,
                    local: name,
                };
                let kind = part.name.clone();
                let times = refer(&mut part, &kind, &reference, &old);
                if times == 0 && kind.ends_with("Type") {
                    let what = format!(
                        "the redefinition of '{}' is not based on it",
                        reference.local
                    );
                    self.fault(from, part.line, what);
                }
                self.uses.push((from, from, None));
                if let Some(file) = self.files.get_mut(from) {
                    file.root.children.push(part);
                }
            }
        }
    }

    /// Gives another name to the declaration in a file or in what it includes; was there one?
    fn rename(&mut self, file: usize, kind: &str, name: &str, new: &str) -> bool {
        let mut open = vec![file];
        let mut next = 0;
        while let Some(number) = open.get(next).copied() {
            next += 1;
            let declared = self.files.get_mut(number).and_then(|file| {
                let mut parts = file.root.children.iter_mut();
                parts.find(|part| part.name == kind && part.attribute("name") == Some(name))
            });
            if let Some(declared) = declared {
                for (attribute, value) in &mut declared.attributes {
                    if attribute == "name" {
                        new.clone_into(value);
                    }
                }
                return true;
            }
            for (from, to, _) in &self.uses {
                if *from == number && !open.contains(to) {
                    open.push(*to);
                }
            }
        }
        false
    }
}

/// Lets the references of a redefinition to itself mean the old declaration; how many there were.
fn refer(node: &mut Node, kind: &str, reference: &Reference, old: &str) -> usize {
    let mut times = 0;
    let is_meant = match kind {
        "simpleType" | "complexType" => matches!(node.name.as_str(), "restriction" | "extension"),
        kind => node.name == kind,
    };
    if is_meant {
        for (_, named) in &mut node.references {
            for named in named.iter_mut().filter(|named| *named == reference) {
                old.clone_into(&mut named.local);
                times += 1;
            }
        }
    }
    // A schema file is at most so deep as the reader lets it be.
    for child in &mut node.children {
        times += refer(child, kind, reference, old);
    }
    times
}

/// Lets references to no namespace mean the namespace of the including file.
fn adopt(node: &mut Node, target: &str) {
    // A name in a path without a prefix means no namespace, whoever includes the file.
    let names = node
        .references
        .iter_mut()
        .filter(|(attribute, _)| attribute != "xpath");
    for (_, named) in names {
        for reference in named.iter_mut().filter(|named| named.namespace.is_empty()) {
            target.clone_into(&mut reference.namespace);
        }
    }
    for child in &mut node.children {
        adopt(child, target);
    }
}

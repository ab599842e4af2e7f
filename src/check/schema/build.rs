//! From the trees of schema files to one compiled schema; gathers every fault on the way.

use std::collections::{HashMap, HashSet};

use sha2::{Digest, Sha256 as Digester};

use crate::check::facts::Known;
use crate::check::names::{Names, QuickHash};
use crate::check::schema::load::{Node, Reference, load};
use crate::check::schema::values::Simple;
use crate::check::schema::{Compiled, Complex, Element, Kind, QName};
use crate::check::{RULES_VERSION, SchemaFault};
use crate::domain::receipt::Ruleset;
use crate::domain::submission::Sha256;

/// One schema file.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) root: Node,
    /// Its target namespace, empty for none.
    pub(crate) target: String,
}

/// A declaration at the top of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Global<'n> {
    pub(crate) file: &'n File,
    pub(crate) node: &'n Node,
}

/// What is being built.
#[derive(Debug)]
pub(crate) struct Builder<'n> {
    faults: Vec<SchemaFault>,
    names: Names,
    namespaces: Vec<Box<str>>,
    pub(crate) elements: Vec<Element>,
    pub(crate) complex: Vec<Complex>,
    pub(crate) simple: Vec<Simple>,
    /// The declarations at the top of all files, by kind (`element`, …), namespace and name.
    pub(crate) globals: HashMap<(&'n str, &'n str, &'n str), Global<'n>>,
    /// The numbers of the named types and elements.
    pub(crate) numbers: HashMap<(&'n str, &'n str, &'n str), usize>,
    /// Named simple types on the way to being compiled, against circles.
    pub(crate) open_types: HashSet<(&'n str, &'n str)>,
    /// The built-in types in use.
    pub(crate) builtins: HashMap<String, usize>,
}

/// Compiles files, given as name and octets.
pub(crate) fn compile(files: &[(String, Vec<u8>)]) -> Result<Compiled, Vec<SchemaFault>> {
    let mut faults = Vec::new();
    let mut loaded = Vec::new();
    for (name, octets) in files {
        match load(name, octets) {
            Ok(root) => loaded.push(File {
                name: name.clone(),
                target: root
                    .attribute("targetNamespace")
                    .unwrap_or_default()
                    .to_owned(),
                root,
            }),
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut builder = Builder::new();
    let main = main_file(&loaded).map_err(|fault| vec![fault])?;
    for file in &loaded {
        builder.check_top(file, &loaded);
        builder.register(file);
    }
    builder.compile_globals(&loaded);
    builder.finish(main, files)
}

/// The one file that no other imports or includes.
fn main_file(files: &[File]) -> Result<&File, SchemaFault> {
    let used: HashSet<&str> = files
        .iter()
        .flat_map(|file| locations(&file.root))
        .collect();
    let mut mains = files
        .iter()
        .filter(|file| !used.contains(file.name.as_str()));
    let fault = |file: &str, what: &str| SchemaFault {
        file: file.to_owned(),
        line: 0,
        what: what.to_owned(),
    };
    match (mains.next(), mains.next()) {
        (Some(main), None) => Ok(main),
        (Some(_), Some(other)) => Err(fault(
            &other.name,
            "more than one file is imported by none: leave only the main schema and what it imports",
        )),
        (None, _) => Err(fault(
            "",
            "there is no main schema: no file, or all import each other",
        )),
    }
}

/// The names of the files that a schema imports or includes, without folders.
fn locations(root: &Node) -> impl Iterator<Item = &str> {
    root.children
        .iter()
        .filter(|child| matches!(child.name.as_str(), "import" | "include"))
        .filter_map(|child| child.attribute("schemaLocation"))
        .map(file_name)
}

fn file_name(location: &str) -> &str {
    location.rsplit(['/', '\\']).next().unwrap_or(location)
}

impl<'n> Builder<'n> {
    fn new() -> Self {
        let mut names = Names::default();
        for known in Known::ALL {
            names.add(known.name());
        }
        Self {
            faults: Vec::new(),
            names,
            namespaces: vec!["".into()],
            elements: Vec::new(),
            complex: Vec::new(),
            simple: Vec::new(),
            globals: HashMap::new(),
            numbers: HashMap::new(),
            open_types: HashSet::new(),
            builtins: HashMap::new(),
        }
    }

    /// Notes what cannot be used.
    pub(crate) fn fault(&mut self, file: &File, node: &Node, what: impl Into<String>) {
        self.faults.push(SchemaFault {
            file: file.name.clone(),
            line: node.line,
            what: what.into(),
        });
    }

    /// Refuses attributes and children that are not among these.
    pub(crate) fn allow(&mut self, file: &File, node: &Node, attributes: &[&str], parts: &[&str]) {
        for (name, value) in &node.attributes {
            if name != "id" && !attributes.contains(&name.as_str()) {
                let what = format!(
                    "{name}=\"{value}\" on xs:{} is not supported: write the schema without it",
                    node.name
                );
                self.fault(file, node, what);
            }
        }
        for part in node.parts() {
            if !parts.contains(&part.name.as_str()) {
                let name = if part.name.is_empty() {
                    "an element of another namespace".to_owned()
                } else {
                    format!("xs:{}", part.name)
                };
                let what = format!(
                    "{name} in xs:{} is not supported: write the schema without it",
                    node.name
                );
                self.fault(file, part, what);
            }
        }
        if !node.text.trim().is_empty() {
            self.fault(file, node, format!("there is text in xs:{}", node.name));
        }
    }

    /// The number of a name.
    pub(crate) fn qname(&mut self, namespace: &str, local: &str) -> QName {
        QName {
            namespace: self.namespace(namespace),
            name: self.names.add(local),
        }
    }

    /// The number of a namespace.
    pub(crate) fn namespace(&mut self, uri: &str) -> u32 {
        let known = self.namespaces.iter().position(|known| **known == *uri);
        let number = known.unwrap_or_else(|| {
            self.namespaces.push(uri.into());
            self.namespaces.len() - 1
        });
        u32::try_from(number).unwrap_or(u32::MAX)
    }

    /// The declaration that a reference means.
    pub(crate) fn global(&self, kind: &str, reference: &Reference) -> Option<Global<'n>> {
        self.globals
            .iter()
            .find(|((known, namespace, local), _)| {
                *known == kind && *namespace == reference.namespace && *local == reference.local
            })
            .map(|(_, global)| *global)
    }

    /// The number of what a reference means.
    pub(crate) fn number(&self, kind: &str, reference: &Reference) -> Option<usize> {
        self.numbers
            .get(&(kind, reference.namespace.as_str(), reference.local.as_str()))
            .copied()
    }

    /// Adds a type of values.
    pub(crate) fn add_simple(&mut self, simple: Simple) -> usize {
        self.simple.push(simple);
        self.simple.len() - 1
    }

    /// The number of a type of values that takes any text: what follows a fault.
    pub(crate) fn any_text(&mut self) -> usize {
        self.add_simple(Simple::any())
    }

    fn check_top(&mut self, file: &File, files: &[File]) {
        let root = &file.root;
        if root.name != "schema" {
            self.fault(
                file,
                root,
                "this is not a schema: its root is not xs:schema",
            );
            return;
        }
        let attributes = [
            "targetNamespace",
            "version",
            "elementFormDefault",
            "attributeFormDefault",
        ];
        let parts = ["import", "include", "element", "complexType", "simpleType"];
        self.allow(file, root, &attributes, &parts);
        if root
            .attribute("attributeFormDefault")
            .is_some_and(|form| form != "unqualified")
        {
            self.fault(file, root, "attributeFormDefault must be unqualified");
        }
        for part in root.parts() {
            if matches!(part.name.as_str(), "import" | "include") {
                self.check_import(file, part, files);
            }
        }
    }

    fn check_import(&mut self, file: &File, node: &Node, files: &[File]) {
        self.allow(file, node, &["namespace", "schemaLocation"], &[]);
        let Some(location) = node.attribute("schemaLocation") else {
            self.fault(
                file,
                node,
                "an import without schemaLocation: name the file",
            );
            return;
        };
        let wanted = if node.name == "import" {
            node.attribute("namespace").unwrap_or_default()
        } else {
            file.target.as_str()
        };
        match files.iter().find(|other| other.name == file_name(location)) {
            None => {
                let what = format!("the file '{location}' is not there: put it beside this one");
                self.fault(file, node, what);
            }
            Some(other) if other.target != wanted => {
                let what = format!("the file '{location}' has another target namespace");
                self.fault(file, node, what);
            }
            Some(_) => {}
        }
    }

    fn register(&mut self, file: &'n File) {
        for node in file.root.parts() {
            let kind @ ("element" | "complexType" | "simpleType") = node.name.as_str() else {
                continue;
            };
            let Some(name) = node.attribute("name") else {
                self.fault(file, node, format!("xs:{kind} without a name"));
                continue;
            };
            let key = (kind, file.target.as_str(), name);
            if self.globals.insert(key, Global { file, node }).is_some() {
                self.fault(file, node, format!("a second xs:{kind} '{name}'"));
            }
        }
    }

    /// Numbers first, so that types can refer to each other in circles; then the contents.
    fn compile_globals(&mut self, files: &'n [File]) {
        for file in files {
            for node in file.root.parts() {
                let Some(name) = node.attribute("name") else {
                    continue;
                };
                let key = (node.name.as_str(), file.target.as_str(), name);
                let number = match node.name.as_str() {
                    "element" => {
                        let name = self.qname(&file.target, name);
                        self.elements.push(Element {
                            name,
                            kind: Kind::Simple(0),
                            about: node.documentation().into(),
                        });
                        self.elements.len() - 1
                    }
                    "complexType" => {
                        self.complex.push(Complex::default());
                        self.complex.len() - 1
                    }
                    _ => continue,
                };
                self.numbers.insert(key, number);
            }
        }
        for file in files {
            for node in file.root.parts() {
                let global = Global { file, node };
                let number = node.attribute("name").and_then(|name| {
                    self.numbers
                        .get(&(node.name.as_str(), file.target.as_str(), name))
                        .copied()
                });
                self.compile_global(global, number);
            }
        }
    }

    fn compile_global(&mut self, global: Global<'n>, number: Option<usize>) {
        let Global { file, node } = global;
        match (node.name.as_str(), number) {
            ("element", Some(number)) => {
                self.allow(
                    file,
                    node,
                    &["name", "type"],
                    &["simpleType", "complexType"],
                );
                let kind = self.kind_of(global);
                if let Some(element) = self.elements.get_mut(number) {
                    element.kind = kind;
                }
            }
            ("complexType", Some(number)) => {
                let complex = self.complex_type(global, &["name", "mixed"]);
                if let Some(slot) = self.complex.get_mut(number) {
                    *slot = complex;
                }
            }
            ("simpleType", _) => {
                self.named_simple(global);
            }
            _ => {}
        }
    }

    fn finish(
        mut self,
        main: &File,
        files: &[(String, Vec<u8>)],
    ) -> Result<Compiled, Vec<SchemaFault>> {
        let mut globals = HashMap::with_hasher(QuickHash);
        let mut roots = Vec::new();
        for ((kind, namespace, _), number) in &self.numbers {
            if *kind != "element" {
                continue;
            }
            if let Some(element) = self.elements.get(*number) {
                globals.insert(element.name, *number);
            }
            if *namespace == main.target {
                roots.push(*number);
            }
        }
        roots.sort_unstable();
        if roots.is_empty() {
            self.fault(
                main,
                &main.root,
                "it declares no element that a document could begin with",
            );
        }
        if !self.faults.is_empty() {
            return Err(self.faults);
        }
        Ok(Compiled {
            names: self.names,
            namespaces: self.namespaces,
            elements: self.elements,
            complex: self.complex,
            simple: self.simple,
            globals,
            roots,
            ruleset: Ruleset {
                schema: main.name.clone(),
                schema_version: main
                    .root
                    .attribute("version")
                    .unwrap_or_default()
                    .to_owned(),
                schema_sha256: digest(files),
                rules_version: RULES_VERSION.to_owned(),
            },
        })
    }
}

/// One digest of all files: what `sha256sum *.xsd | sha256sum` prints in their folder.
fn digest(files: &[(String, Vec<u8>)]) -> String {
    let mut sorted: Vec<&(String, Vec<u8>)> = files.iter().collect();
    sorted.sort();
    let mut all = Digester::new();
    for (name, octets) in sorted {
        let one = Sha256::from_octets(&Digester::digest(octets).into());
        all.update(format!("{}  {name}\n", one.as_str()));
    }
    Sha256::from_octets(&all.finalize().into())
        .as_str()
        .to_owned()
}

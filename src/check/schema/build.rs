//! From the trees of schema files to one compiled schema; gathers every fault on the way.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::check::SchemaFault;
use crate::check::facts::Known;
use crate::check::names::Names;
use crate::check::schema::identity::Identity;
use crate::check::schema::load::{Node, Reference, XSD};
use crate::check::schema::particles::{Occurring, Particle};
use crate::check::schema::sources::gather;
use crate::check::schema::values::Simple;
use crate::check::schema::{AttributeUse, Compiled, Complex, Element, Kind, QName};
use crate::check::xml::chars::is_plain_name;

pub(crate) use crate::check::schema::sources::File;

/// The kinds of declarations that have names.
pub(crate) const NAMED: &[&str] = &[
    "element",
    "attribute",
    "complexType",
    "simpleType",
    "group",
    "attributeGroup",
    "notation",
];

/// A declaration at the top of a file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Global<'n> {
    pub(crate) file: &'n File,
    pub(crate) node: &'n Node,
}

impl<'n> Global<'n> {
    /// Another node of the same file.
    pub(crate) fn at(self, node: &'n Node) -> Self {
        Self { node, ..self }
    }
}

/// What is being built.
#[derive(Debug, Default)]
pub(crate) struct Builder<'n> {
    pub(crate) faults: Vec<SchemaFault>,
    pub(crate) names: Names,
    pub(crate) namespaces: Vec<Box<str>>,
    pub(crate) elements: Vec<Element>,
    pub(crate) complex: Vec<Complex>,
    pub(crate) simple: Vec<Simple>,
    /// The declarations at the top of all files, by kind (`element`, …), namespace and name.
    pub(crate) globals: HashMap<(&'n str, &'n str, &'n str), Global<'n>>,
    /// The numbers of the named types, elements, attributes and constraints.
    pub(crate) numbers: HashMap<(&'n str, &'n str, &'n str), usize>,
    /// Named simple types on the way to being compiled, against circles.
    pub(crate) open_types: HashSet<(&'n str, &'n str)>,
    /// The built-in types in use.
    pub(crate) builtins: HashMap<String, usize>,
    /// The complex types that are still to be compiled, by number.
    pub(crate) drafts: HashMap<usize, Draft<'n>>,
    /// The numbers of the drafts, in the order in which they are met.
    pub(crate) pending: Vec<usize>,
    /// The children of complex types, until their automata are built.
    pub(crate) particles: HashMap<usize, (Global<'n>, Rc<Occurring>)>,
    /// The named groups; `None` while one is compiled.
    pub(crate) groups: HashMap<(&'n str, &'n str), Option<Rc<Particle>>>,
    /// The elements that have a default or fixed value.
    pub(crate) constrained: Vec<(Global<'n>, usize)>,
    /// The attributes at the top of files.
    pub(crate) attributes: Vec<AttributeUse>,
    /// The keys and their like.
    pub(crate) identities: Vec<Identity>,
    /// Where they stand.
    pub(crate) identity_nodes: Vec<Global<'n>>,
    /// How many places in content models there are.
    pub(crate) leaves: u32,
    /// Elements and the heads of their substitution groups.
    pub(crate) heads: Vec<(usize, usize)>,
}

/// A complex type that is still to be compiled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draft<'n> {
    pub(crate) at: Global<'n>,
    pub(crate) is_named: bool,
}

/// Compiles files, given as name and octets.
pub(crate) fn compile(files: &[(String, Vec<u8>)]) -> Result<Compiled, Vec<SchemaFault>> {
    let mut faults = Vec::new();
    let gathered = gather(files, &mut faults);
    let Some(loaded) = gathered.filter(|_| faults.is_empty()) else {
        return Err(faults);
    };
    let mut builder = Builder::new();
    for file in &loaded {
        builder.check_top(file);
        builder.register(file);
    }
    builder.compile_globals(&loaded);
    builder.finish(&loaded, files)
}

impl<'n> Builder<'n> {
    fn new() -> Self {
        let mut builder = Self {
            namespaces: vec!["".into()],
            ..Self::default()
        };
        for known in Known::ALL {
            builder.names.add(known.name());
        }
        builder.add_any_type();
        builder
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
        self.check_annotation(file, node);
        if !node.text.trim().is_empty() {
            self.fault(file, node, format!("there is text in xs:{}", node.name));
        }
    }

    /// An annotation stands once, and first.
    fn check_annotation(&mut self, file: &File, node: &Node) {
        if matches!(node.name.as_str(), "schema" | "redefine") {
            return;
        }
        let later = node.children.iter().skip(1);
        if let Some(second) = later.into_iter().find(|child| child.name == "annotation") {
            let what = format!(
                "xs:annotation is not the first and only one in xs:{}",
                node.name
            );
            self.fault(file, second, what);
        }
    }

    /// Refuses children out of order: `stages` are groups of names, and how many of each may come.
    pub(crate) fn order(&mut self, at: Global<'n>, stages: &[(&[&str], usize)]) {
        let mut stage = 0;
        let mut count = 0;
        for part in at.node.parts() {
            let fits = |index: usize| {
                stages
                    .get(index)
                    .is_some_and(|(names, _)| names.contains(&part.name.as_str()))
            };
            let Some(found) = (stage..stages.len()).find(|index| fits(*index)) else {
                if stages
                    .iter()
                    .any(|(names, _)| names.contains(&part.name.as_str()))
                {
                    let what = format!(
                        "xs:{} stands in the wrong place in xs:{}",
                        part.name, at.node.name
                    );
                    self.fault(at.file, part, what);
                }
                continue;
            };
            count = if found == stage { count + 1 } else { 1 };
            stage = found;
            if stages.get(found).is_some_and(|(_, most)| count > *most) {
                let what = format!("xs:{} stands too often in xs:{}", part.name, at.node.name);
                self.fault(at.file, part, what);
            }
        }
    }

    /// The value of an attribute that is true or false.
    pub(crate) fn flag(&mut self, at: Global<'n>, name: &str) -> Option<bool> {
        match at.node.attribute(name)? {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => {
                self.fault(at.file, at.node, format!("{name} must be true or false"));
                None
            }
        }
    }

    /// The name of a declaration, if it has a right one.
    pub(crate) fn name_of(&mut self, at: Global<'n>) -> Option<&'n str> {
        let Some(name) = at.node.attribute("name") else {
            let what = format!("xs:{} without a name", at.node.name);
            self.fault(at.file, at.node, what);
            return None;
        };
        if !is_plain_name(name) {
            let what = format!("'{name}' is not a name");
            self.fault(at.file, at.node, what);
            return None;
        }
        Some(name)
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
            .get(&(kind, reference.namespace.as_str(), reference.local.as_str()))
            .copied()
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

    fn register(&mut self, file: &'n File) {
        for node in file.root.parts() {
            let kind = node.name.as_str();
            if !NAMED.contains(&kind) {
                continue;
            }
            let global = Global { file, node };
            let Some(name) = self.name_of(global) else {
                continue;
            };
            let key = (kind, file.target.as_str(), name);
            // Types of both kinds share their names.
            let twin = match kind {
                "complexType" => Some("simpleType"),
                "simpleType" => Some("complexType"),
                _ => None,
            };
            let is_taken = twin.is_some_and(|twin| {
                self.globals
                    .contains_key(&(twin, file.target.as_str(), name))
            });
            if self.globals.insert(key, global).is_some() || is_taken {
                self.fault(file, node, format!("a second xs:{kind} '{name}'"));
            }
        }
    }

    /// Numbers first, so that types can refer to each other in circles; then the contents.
    fn compile_globals(&mut self, files: &'n [File]) {
        for file in files {
            for node in file.root.parts() {
                self.number_global(Global { file, node });
            }
        }
        for file in files {
            for node in file.root.parts() {
                self.compile_global(Global { file, node });
            }
        }
        self.settle_heads();
        while let Some(number) = self.pending.pop() {
            self.complete(number);
        }
        self.check_constraints();
        self.check_substitutions(files);
    }

    fn number_global(&mut self, at: Global<'n>) {
        let Some(name) = at.node.attribute("name") else {
            return;
        };
        let key = (at.node.name.as_str(), at.file.target.as_str(), name);
        let number = match at.node.name.as_str() {
            "element" => {
                let name = self.qname(&at.file.target, name);
                self.elements
                    .push(Element::new(name, at.node.documentation().into()));
                self.elements.len() - 1
            }
            "complexType" => self.draft(at, true),
            _ => return,
        };
        self.numbers.insert(key, number);
    }

    /// Takes a number for a complex type that is compiled later.
    pub(crate) fn draft(&mut self, at: Global<'n>, is_named: bool) -> usize {
        self.complex.push(Complex::default());
        let number = self.complex.len() - 1;
        self.drafts.insert(number, Draft { at, is_named });
        self.pending.push(number);
        number
    }

    fn compile_global(&mut self, at: Global<'n>) {
        let name = at.node.attribute("name").unwrap_or_default();
        let key = (at.node.name.as_str(), at.file.target.as_str(), name);
        match at.node.name.as_str() {
            "element" => {
                if let Some(number) = self.numbers.get(&key).copied() {
                    self.global_element(at, number);
                }
            }
            "simpleType" => drop(self.named_simple(at)),
            "attribute" => self.global_attribute(at),
            "group" => drop(self.group(at)),
            "attributeGroup" => self.check_attribute_group(at),
            "notation" => self.allow(at.file, at.node, &["name", "public", "system"], &[]),
            _ => {}
        }
    }

    /// The type that a reference means, simple or complex.
    pub(crate) fn type_by_reference(&mut self, at: Global<'n>, reference: &Reference) -> Kind {
        if reference.namespace == XSD && reference.local == "anyType" {
            return Kind::ANY;
        }
        if let Some(number) = self.number("complexType", reference) {
            return Kind::Complex(number);
        }
        Kind::Simple(self.simple_by_reference(at, reference))
    }
}

//! The schema, compiled: what may stand where, and what a value may be.
//!
//! *Invariant*: a construct that is not known here is refused when the schema is loaded; nothing
//! is ever half checked.

mod attributes;
mod automaton;
mod build;
mod builtin;
pub(crate) mod calendar;
mod children;
mod complex;
mod derive;
mod describe;
mod doctype;
mod elements;
mod identity;
mod ids;
mod keys;
mod load;
mod meaning;
mod model;
mod models;
mod opening;
mod particles;
mod pattern;
pub(crate) mod report;
mod simple;
mod sources;
mod suggest;
mod text;
mod top;
pub(crate) mod validate;
mod values;
mod wildcard;

#[cfg(test)]
mod structure_tests;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use crate::check::SchemaFault;
use crate::check::names::{Names, QuickHash};
use crate::check::schema::attributes::Uses;
use crate::check::schema::derive::Methods;
use crate::check::schema::identity::Identity;
use crate::check::schema::model::Model;
use crate::check::schema::values::Simple;
use crate::check::schema::wildcard::Wildcard;
use crate::domain::receipt::Ruleset;

/// The number of a namespace that no schema file names.
pub(crate) const UNKNOWN_NAMESPACE: u32 = u32::MAX;

/// Schema files, compiled.
#[derive(Debug)]
pub(crate) struct Compiled {
    names: Names,
    /// Namespaces by number; 0 is none.
    namespaces: Vec<Box<str>>,
    elements: Vec<Element>,
    complex: Vec<Complex>,
    simple: Vec<Simple>,
    /// The attributes at the top of the files, sorted by namespace and name.
    attributes: Vec<AttributeUse>,
    /// Keys and their like.
    identities: Vec<Identity>,
    globals: HashMap<QName, usize, QuickHash>,
    /// The types that have names.
    types: HashMap<QName, Kind, QuickHash>,
    /// The elements that a document may begin with.
    roots: Vec<usize>,
    ruleset: Ruleset,
}

/// A namespace and a name, both by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct QName {
    namespace: u32,
    name: u32,
}

/// A declared element.
#[derive(Debug, Clone)]
pub(crate) struct Element {
    name: QName,
    kind: Kind,
    /// What the schema says about it.
    about: Box<str>,
    is_nillable: bool,
    is_abstract: bool,
    /// What may not stand in its place.
    blocks: Methods,
    /// What the types of elements that stand in its place may not be made by.
    finals: Methods,
    constraint: Option<Constraint>,
    /// The keys and their like that hold within it.
    identities: Box<[usize]>,
}

impl Element {
    fn new(name: QName, about: Box<str>) -> Self {
        Self {
            name,
            kind: Kind::ANY,
            about,
            is_nillable: false,
            is_abstract: false,
            blocks: Methods::NONE,
            finals: Methods::NONE,
            constraint: None,
            identities: Box::default(),
        }
    }
}

/// A value that stands for none, or that must stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Constraint {
    text: Box<str>,
    is_fixed: bool,
}

/// The type of an element, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Simple(usize),
    Complex(usize),
}

impl Kind {
    /// `xs:anyType`.
    const ANY: Self = Self::Complex(0);
}

/// A type with attributes or children.
#[derive(Debug, Clone)]
pub(crate) struct Complex {
    attributes: Vec<AttributeUse>,
    any_attribute: Option<Wildcard>,
    content: Content,
    is_mixed: bool,
    is_abstract: bool,
    /// What it is made from, and how.
    base: Kind,
    method: Methods,
    /// How a type must not be made that stands in its place.
    blocks: Methods,
    /// How no type may be made from it.
    finals: Methods,
}

impl Default for Complex {
    fn default() -> Self {
        Self {
            attributes: Vec::new(),
            any_attribute: None,
            content: Content::Empty,
            is_mixed: false,
            is_abstract: false,
            base: Kind::ANY,
            method: Methods::RESTRICTION,
            blocks: Methods::NONE,
            finals: Methods::NONE,
        }
    }
}

impl Complex {
    fn uses(&self) -> Uses {
        Uses {
            list: self.attributes.clone(),
            prohibited: Vec::new(),
            any: self.any_attribute.clone(),
        }
    }
}

/// An attribute that a type allows.
#[derive(Debug, Clone)]
pub(crate) struct AttributeUse {
    namespace: u32,
    name: Box<str>,
    kind: usize,
    is_required: bool,
    constraint: Option<Constraint>,
}

impl AttributeUse {
    fn key(&self) -> (u32, &str) {
        (self.namespace, &self.name)
    }
}

/// What may stand inside an element.
#[derive(Debug, Clone, Default)]
enum Content {
    /// No child.
    #[default]
    Empty,
    /// A value.
    Simple(usize),
    /// Children in any order, each at most once.
    All(All),
    /// Children in an order.
    Model(Model),
    /// Any children, checked as far as they are known.
    Anything,
}

/// Children in any order, each at most once.
#[derive(Debug, Clone, Default)]
struct All {
    /// Each name that may stand: the place of its member, and the element that it means.
    names: HashMap<QName, (usize, usize), QuickHash>,
    /// The element of each member.
    members: Vec<usize>,
    /// A bit for each member that must be there.
    required: Bits,
    /// May all of them be left out together?
    is_optional: bool,
}

/// A set of small numbers; up to 128 of them cost no memory of their own.
#[derive(Debug, Clone, Default)]
struct Bits {
    low: [u64; 2],
    high: Option<Box<High>>,
}

/// The numbers past 127 of a set. Rare: a set is moved for every element, and is small without.
#[derive(Debug, Clone, Default)]
struct High(Vec<u64>);

impl Compiled {
    /// Compiles schema files, given as name and octets.
    pub(crate) fn new(files: &[(String, Vec<u8>)]) -> Result<Self, Vec<SchemaFault>> {
        build::compile(files)
    }

    /// All names that the schema and the facts know.
    pub(crate) fn names(&self) -> &Names {
        &self.names
    }

    /// Which schema this is.
    pub(crate) fn ruleset(&self) -> &Ruleset {
        &self.ruleset
    }

    fn namespace_number(&self, uri: &str) -> u32 {
        self.namespaces
            .iter()
            .position(|known| **known == *uri)
            .and_then(|number| u32::try_from(number).ok())
            .unwrap_or(UNKNOWN_NAMESPACE)
    }

    fn namespace(&self, number: u32) -> &str {
        usize::try_from(number)
            .ok()
            .and_then(|number| self.namespaces.get(number))
            .map_or("", |uri| uri)
    }

    fn element(&self, number: usize) -> Option<&Element> {
        self.elements.get(number)
    }

    /// What the schema says about a declared element.
    fn about(&self, number: usize) -> &str {
        self.element(number).map_or("", |element| &element.about)
    }

    /// The namespace of the element that a document begins with.
    fn root_namespace(&self) -> u32 {
        self.roots
            .first()
            .and_then(|number| self.element(*number))
            .map_or(UNKNOWN_NAMESPACE, |root| root.name.namespace)
    }

    /// The name of a declared element.
    fn element_name(&self, number: usize) -> &str {
        self.element(number)
            .map_or("", |element| self.names.name(element.name.name))
    }
}

//! The schema, compiled: what may stand where, and what a value may be.
//!
//! *Invariant*: a construct that is not known here is refused when the schema is loaded; nothing
//! is ever half checked.

mod build;
mod builtin;
pub(crate) mod calendar;
mod children;
mod complex;
mod describe;
mod load;
mod model;
mod pattern;
pub(crate) mod report;
mod simple;
mod suggest;
pub(crate) mod validate;
mod values;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use crate::check::SchemaFault;
use crate::check::names::{Names, QuickHash};
use crate::check::schema::model::Model;
use crate::check::schema::values::Simple;
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
    globals: HashMap<QName, usize, QuickHash>,
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
struct Element {
    name: QName,
    kind: Kind,
    /// What the schema says about it.
    about: Box<str>,
}

/// The type of an element, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Simple(usize),
    Complex(usize),
}

/// A type with attributes or children.
#[derive(Debug, Clone, Default)]
struct Complex {
    attributes: Vec<AttributeUse>,
    content: Content,
    is_mixed: bool,
}

/// An attribute that a type allows.
#[derive(Debug, Clone)]
struct AttributeUse {
    name: Box<str>,
    kind: usize,
    is_required: bool,
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
}

/// The most members of an `xs:all`: one bit each.
const ALL_MAX: usize = 128;

/// Children in any order, each at most once.
#[derive(Debug, Clone, Default)]
struct All {
    /// Sorted by name: the member's element.
    members: Vec<(QName, usize)>,
    /// A bit for each member that must be there.
    required: u128,
    /// May all of them be left out together?
    is_optional: bool,
}

impl All {
    /// Place and element of the member with this name.
    fn find(&self, name: QName) -> Option<(usize, usize)> {
        let index = self
            .members
            .binary_search_by_key(&name, |(member, _)| *member)
            .ok()?;
        self.members
            .get(index)
            .map(|(_, element)| (index, *element))
    }
}

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

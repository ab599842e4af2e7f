//! Compiles simple types: restrictions, lists, unions, and the values that a schema itself holds.

mod consistent;
mod facets;

use std::sync::Arc;

use crate::check::schema::build::{Builder, Global};
use crate::check::schema::builtin;
use crate::check::schema::load::{Node, Reference, XSD};
use crate::check::schema::values::facets::Facets;
use crate::check::schema::values::value::Primitive;
use crate::check::schema::values::white::White;
use crate::check::schema::values::{Finals, Misfit, Simple, Surroundings, Variety};
use crate::check::xml::chars::is_plain_name;

/// The most types that may lie in each other or be derived from each other before a schema is refused.
const DEPTH_MAX: usize = 100;

/// The most members of a union, those of unions in it counted too.
const MEMBERS_MAX: usize = 10_000;

/// The place of a value in a schema.
impl Surroundings for Node {
    fn namespace(&self, prefix: &str) -> Option<&str> {
        self.prefixes
            .iter()
            .find(|(known, _)| known == prefix)
            .map(|(_, namespace)| namespace.as_str())
    }

    fn has_entity(&self, _name: &str) -> bool {
        // Entities are declared by documents, not by schemas.
        true
    }
}

impl<'n> Builder<'n> {
    /// The number of the simple type that a reference means.
    pub(crate) fn simple_by_reference(&mut self, at: Global<'n>, reference: &Reference) -> usize {
        if reference.namespace == XSD
            && let Some(number) = self.builtin(&reference.local)
        {
            return number;
        }
        if let Some(number) = self.number("simpleType", reference) {
            return number;
        }
        if let Some(global) = self.global("simpleType", reference) {
            return self.named_simple(global);
        }
        let what = if reference.namespace == XSD {
            format!("the type xs:{} is not supported", reference.local)
        } else {
            format!("there is no simple type '{}'", reference.local)
        };
        self.fault(at.file, at.node, what);
        self.any_text()
    }

    /// The number of a built-in type, its bases in place.
    pub(crate) fn builtin(&mut self, name: &str) -> Option<usize> {
        if let Some(number) = self.builtins.get(name) {
            return Some(*number);
        }
        let (mut simple, base) = builtin::simple(name)?;
        if !base.is_empty() {
            simple.base = self.builtin(base);
        }
        let number = self.add_simple(simple);
        self.builtins.insert(name.to_owned(), number);
        Some(number)
    }

    /// Compiles a named simple type, once.
    pub(crate) fn named_simple(&mut self, global: Global<'n>) -> usize {
        let Global { file, node } = global;
        let name = node.attribute("name").unwrap_or_default();
        let key = ("simpleType", file.target.as_str(), name);
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        let open = (file.target.as_str(), name);
        if !self.open_types.insert(open) {
            let what = format!("the type '{name}' is derived from itself");
            self.fault(file, node, what);
            return self.any_text();
        }
        if self.open_types.len() > DEPTH_MAX {
            let what = format!("'{name}' is derived over more than {DEPTH_MAX} steps");
            self.fault(file, node, what);
            return self.any_text();
        }
        if !is_plain_name(name) {
            self.fault(file, node, format!("'{name}' is no name of a type"));
        }
        let number = self.simple_type(global, &["name", "final"]);
        self.open_types.remove(&open);
        if let Some(simple) = self.simple.get_mut(number) {
            simple.name = name.into();
        }
        self.numbers.insert(key, number);
        number
    }

    /// Compiles an `xs:simpleType`; each has a number of its own.
    pub(crate) fn simple_type(&mut self, global: Global<'n>, attributes: &[&str]) -> usize {
        let Global { file, node } = global;
        self.allow(file, node, attributes, &["restriction", "list", "union"]);
        let mut parts = node.parts();
        let (Some(part), None) = (parts.next(), parts.next()) else {
            let what = "xs:simpleType must hold one restriction, list or union";
            self.fault(file, node, what);
            return self.any_text();
        };
        let inside = Global { file, node: part };
        let simple = match part.name.as_str() {
            "restriction" => self.restriction(inside),
            "list" => self.list(inside),
            "union" => self.union(inside),
            _ => Simple::any(),
        };
        let finals = self.finals(global);
        self.add_simple(Simple { finals, ..simple })
    }

    /// What may not be derived from the type.
    fn finals(&mut self, global: Global<'n>) -> Finals {
        let Global { file, node } = global;
        let default = file.root.attribute("finalDefault");
        let mut finals = Finals::default();
        for word in node
            .attribute("final")
            .or(default)
            .unwrap_or_default()
            .split_whitespace()
        {
            match word {
                "#all" => {
                    finals = Finals {
                        restriction: true,
                        list: true,
                        union: true,
                    };
                }
                "restriction" => finals.restriction = true,
                "list" => finals.list = true,
                "union" => finals.union = true,
                // What finalDefault says of other types.
                _ if node.attribute("final").is_none() => {}
                _ => self.fault(file, node, format!("final cannot be '{word}'")),
            }
        }
        finals
    }

    /// The one type that an attribute names or that stands inside; faults if there are none or two.
    fn one_type(&mut self, global: Global<'n>, attribute: &str) -> usize {
        let Global { file, node } = global;
        let mut inline = node.parts().filter(|part| part.name == "simpleType");
        match (node.references(attribute), inline.next(), inline.next()) {
            ([base], None, _) => self.simple_by_reference(global, base),
            ([], Some(inline), None) if node.attribute(attribute).is_none() => {
                self.simple_type(Global { file, node: inline }, &[])
            }
            _ => {
                let what = format!(
                    "xs:{} must have one type: {attribute}, or one xs:simpleType inside",
                    node.name
                );
                self.fault(file, node, what);
                self.any_text()
            }
        }
    }

    pub(crate) fn any_simple(&mut self) -> Option<usize> {
        self.builtin(builtin::ANY)
    }

    fn list(&mut self, global: Global<'n>) -> Simple {
        let Global { file, node } = global;
        self.allow(file, node, &["itemType"], &["simpleType"]);
        let number = self.one_type(global, "itemType");
        let Some(entry) = self.simple.get(number).cloned() else {
            return Simple::any();
        };
        if entry.finals.list {
            let what = format!("{} is final: no list may be made of it", said(&entry));
            self.fault(file, node, what);
        }
        if holds_list(&entry) {
            let what = "the entries of a list cannot be lists themselves";
            self.fault(file, node, what);
            return Simple::any();
        }
        self.refuse_bare_notation(global, &entry);
        let variety = Variety::List(Arc::new(entry));
        Simple::new(self.any_simple(), variety, Facets::new(White::Collapse))
    }

    fn union(&mut self, global: Global<'n>) -> Simple {
        let Global { file, node } = global;
        self.allow(file, node, &["memberTypes"], &["simpleType"]);
        let mut numbers: Vec<usize> = node
            .references("memberTypes")
            .iter()
            .map(|reference| self.simple_by_reference(global, reference))
            .collect();
        for part in node.parts().filter(|part| part.name == "simpleType") {
            numbers.push(self.simple_type(Global { file, node: part }, &[]));
        }
        let mut members = Vec::new();
        for number in numbers {
            let Some(member) = self.simple.get(number).cloned() else {
                continue;
            };
            if member.finals.union {
                let what = format!("{} is final: no union may be made of it", said(&member));
                self.fault(file, node, what);
            }
            self.refuse_bare_notation(global, &member);
            members.push((number, Arc::new(member)));
        }
        if members.is_empty() {
            self.fault(file, node, "xs:union without members");
        }
        let mut left = MEMBERS_MAX;
        if !members
            .iter()
            .all(|(_, member)| is_bounded(member, &mut left, DEPTH_MAX))
        {
            let what = format!("xs:union with more than {MEMBERS_MAX} members in all");
            self.fault(file, node, what);
            return Simple::any();
        }
        let variety = Variety::Union(members);
        Simple::new(self.any_simple(), variety, Facets::new(White::Collapse))
    }

    fn restriction(&mut self, global: Global<'n>) -> Simple {
        let Global { file, node } = global;
        let mut parts = vec!["simpleType"];
        parts.extend(facets::NAMES);
        self.allow(file, node, &["base"], &parts);
        if node.parts().skip(1).any(|part| part.name == "simpleType") {
            let what = "xs:simpleType must stand before the facets";
            self.fault(file, node, what);
        }
        let base = self.one_type(global, "base");
        self.restricted(global, base)
    }

    /// A restriction of the type `base` by the facets in a node, which may hold other things too.
    pub(crate) fn restricted(&mut self, global: Global<'n>, base: usize) -> Simple {
        let Global { file, node } = global;
        let Some(simple) = self.simple.get(base).cloned() else {
            return Simple::any();
        };
        if simple.finals.restriction {
            let what = format!("{} is final: it cannot be restricted", said(&simple));
            self.fault(file, node, what);
        }
        if matches!(simple.variety, Variety::Any) {
            // After a fault any text is taken; to restrict that is no second fault.
            if self.any_simple() == Some(base) {
                let what = "xs:anySimpleType cannot be restricted: name a type below it";
                self.fault(file, node, what);
            }
            return simple;
        }
        let facets = self.facets(global, &simple);
        Simple::new(Some(base), simple.variety, facets)
    }

    /// `xs:NOTATION` may be used only once its notations are listed.
    fn refuse_bare_notation(&mut self, global: Global<'n>, simple: &Simple) {
        if is_bare_notation(simple) {
            let what = "xs:NOTATION must be restricted by xs:enumeration before it is used";
            self.fault(global.file, global.node, what);
        }
    }

    /// Faults if the value in `attribute`, `default` or `fixed`, is no value of the type. The type must not
    /// be `xs:ID`: no two documents' elements may have one name from a schema.
    pub(crate) fn check_constraint(&mut self, at: Global<'n>, attribute: &str, number: usize) {
        let Some(text) = at.node.attribute(attribute) else {
            return;
        };
        let Some(simple) = self.simple.get(number) else {
            return;
        };
        let what = if simple.is_id() {
            format!("{attribute} is not possible on xs:ID, which must differ in all places")
        } else if let Err(misfit) = simple.check(text, at.node) {
            let why = misfit.message(attribute);
            format!("{attribute} cannot be '{text}': {why}")
        } else {
            return;
        };
        self.fault(at.file, at.node, what);
    }
}

/// Is this `xs:NOTATION` without a list of notations?
pub(crate) fn is_bare_notation(simple: &Simple) -> bool {
    matches!(&simple.variety, Variety::Atomic(atomic) if atomic.primitive == Primitive::Notation)
        && simple.facets.codes.is_none()
}

/// Can values of this type be lists?
fn holds_list(simple: &Simple) -> bool {
    match &simple.variety {
        Variety::Any | Variety::Atomic(_) => false,
        Variety::List(_) => true,
        Variety::Union(members) => members.iter().any(|(_, member)| holds_list(member)),
    }
}

/// Are there no more types in this one than are left?
fn is_bounded(simple: &Simple, left: &mut usize, depth: usize) -> bool {
    let (Some(less), Some(depth)) = (left.checked_sub(1), depth.checked_sub(1)) else {
        return false;
    };
    *left = less;
    match &simple.variety {
        Variety::Any | Variety::Atomic(_) => true,
        Variety::List(entry) => is_bounded(entry, left, depth),
        Variety::Union(members) => members
            .iter()
            .all(|(_, member)| is_bounded(member, left, depth)),
    }
}

/// A type in a sentence.
fn said(simple: &Simple) -> String {
    if simple.name.is_empty() {
        "the type".to_owned()
    } else {
        format!("the type '{}'", simple.name)
    }
}

/// Why a value of the schema itself does not fit, in a few words.
fn why(misfit: &Misfit) -> String {
    let sentence = misfit.message("the schema");
    sentence
        .strip_prefix("The value of the schema ")
        .unwrap_or(&sentence)
        .trim_end_matches('.')
        .to_owned()
}

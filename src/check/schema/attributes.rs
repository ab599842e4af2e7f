//! Compiles attributes: declarations, groups of them, wildcards, and what a derived type makes of them.

use crate::check::schema::AttributeUse;
use crate::check::schema::build::{Builder, Global};
use crate::check::schema::load::Node;
use crate::check::schema::values::{Nowhere, Simple};
use crate::check::schema::wildcard::{AnyOf, Wildcard};

/// The attributes of a type or of a group, in the making.
#[derive(Debug, Clone, Default)]
pub(crate) struct Uses {
    pub(crate) list: Vec<AttributeUse>,
    /// Those that a restriction leaves out, as namespace and name.
    pub(crate) prohibited: Vec<(u32, Box<str>)>,
    pub(crate) any: Option<Wildcard>,
}

/// What a group of attributes may hold.
pub(crate) const ATTRIBUTES: &[&str] = &["attribute", "attributeGroup", "anyAttribute"];

impl<'n> Builder<'n> {
    /// Compiles an attribute at the top of a file.
    pub(crate) fn global_attribute(&mut self, at: Global<'n>) {
        self.allow(
            at.file,
            at.node,
            &["name", "type", "default", "fixed"],
            &["simpleType"],
        );
        if let Some(attribute) = self.declared(at, &at.file.target) {
            let name = at.node.attribute("name").unwrap_or_default();
            let key = ("attribute", at.file.target.as_str(), name);
            self.numbers.insert(key, self.attributes.len());
            self.attributes.push(attribute);
        }
    }

    /// An attribute with its own name and type.
    fn declared(&mut self, at: Global<'n>, namespace: &str) -> Option<AttributeUse> {
        let name = self.name_of(at)?;
        if name == "xmlns" {
            self.fault(at.file, at.node, "an attribute cannot be called xmlns");
        }
        if namespace == "http://www.w3.org/2001/XMLSchema-instance" {
            self.fault(
                at.file,
                at.node,
                "attributes of XML Schema's own cannot be declared",
            );
        }
        self.order(at, &[(&["simpleType"], 1)]);
        let inline = at.node.parts().find(|part| part.name == "simpleType");
        let kind = match (at.node.reference("type"), inline) {
            (Some(reference), None) => self.simple_by_reference(at, reference),
            (None, Some(inline)) => self.simple_type(at.at(inline), &[]),
            (None, None) => match self.any_simple() {
                Some(any) => any,
                None => self.any_text(),
            },
            _ => {
                self.fault(at.file, at.node, "xs:attribute must have one type");
                return None;
            }
        };
        let constraint = self.constraint(at);
        self.check_constraint(at, "default", kind);
        self.check_constraint(at, "fixed", kind);
        Some(AttributeUse {
            namespace: self.namespace(namespace),
            name: name.into(),
            kind,
            is_required: false,
            constraint,
        })
    }

    /// The attributes that stand directly in a node.
    pub(crate) fn uses(&mut self, at: Global<'n>) -> Uses {
        let mut open = Vec::new();
        let uses = self.uses_within(at, &mut open);
        let ids = uses
            .list
            .iter()
            .filter(|known| self.simple.get(known.kind).is_some_and(Simple::is_id))
            .count();
        if ids > 1 {
            self.fault(at.file, at.node, "two attributes of the type xs:ID");
        }
        uses
    }

    fn uses_within(&mut self, at: Global<'n>, open: &mut Vec<*const Node>) -> Uses {
        let mut uses = Uses::default();
        let mut wildcards = Vec::new();
        let parts: Vec<&'n Node> = at.node.parts().collect();
        for part in parts {
            let at = at.at(part);
            match part.name.as_str() {
                "attribute" => self.take_use(at, &mut uses),
                "attributeGroup" => {
                    let inside = self.attribute_group(at, open);
                    for attribute in inside.list {
                        self.add_use(at, &mut uses, attribute);
                    }
                    uses.prohibited.extend(inside.prohibited);
                    wildcards.extend(inside.any);
                }
                "anyAttribute" => {
                    // Its own comes first: it says how far is checked.
                    wildcards.insert(0, self.wildcard(at, &["namespace", "processContents"]));
                }
                _ => {}
            }
        }
        for wildcard in wildcards {
            let Some(known) = uses.any.take() else {
                uses.any = Some(wildcard);
                continue;
            };
            let both = known.namespaces.both(&wildcard.namespaces);
            uses.any = Some(self.joined(at, both, known));
        }
        uses
    }

    fn attribute_group(&mut self, at: Global<'n>, open: &mut Vec<*const Node>) -> Uses {
        self.allow(at.file, at.node, &["ref"], &[]);
        let Some(reference) = at.node.reference("ref") else {
            self.fault(at.file, at.node, "xs:attributeGroup without a ref");
            return Uses::default();
        };
        let Some(group) = self.global("attributeGroup", reference) else {
            let what = format!("there is no attributeGroup '{}'", reference.local);
            self.fault(at.file, at.node, what);
            return Uses::default();
        };
        let node: *const Node = group.node;
        if open.contains(&node) || open.len() > 50 {
            let what = format!("the attributeGroup '{}' holds itself", reference.local);
            self.fault(at.file, at.node, what);
            return Uses::default();
        }
        open.push(node);
        let uses = self.uses_within(group, open);
        open.pop();
        uses
    }

    /// Checks a group of attributes that stands at the top of a file.
    pub(crate) fn check_attribute_group(&mut self, at: Global<'n>) {
        self.allow(at.file, at.node, &["name"], ATTRIBUTES);
        self.order(
            at,
            &[
                (&["attribute", "attributeGroup"], usize::MAX),
                (&["anyAttribute"], 1),
            ],
        );
        let mut open = vec![std::ptr::from_ref(at.node)];
        self.uses_within(at, &mut open);
    }

    fn take_use(&mut self, at: Global<'n>, uses: &mut Uses) {
        let usage = at.node.attribute("use");
        if !matches!(usage, None | Some("optional" | "required" | "prohibited")) {
            self.fault(
                at.file,
                at.node,
                "use must be optional, required or prohibited",
            );
        }
        let Some(mut attribute) = self.used(at) else {
            return;
        };
        if at.node.attribute("default").is_some() && !matches!(usage, None | Some("optional")) {
            self.fault(
                at.file,
                at.node,
                "an attribute with a default must be optional",
            );
        }
        if usage == Some("prohibited") {
            uses.prohibited.push((attribute.namespace, attribute.name));
            return;
        }
        attribute.is_required = usage == Some("required");
        self.add_use(at, uses, attribute);
    }

    /// The attribute of one use, declared there or elsewhere.
    fn used(&mut self, at: Global<'n>) -> Option<AttributeUse> {
        let Some(reference) = at.node.reference("ref") else {
            let attributes = ["name", "type", "use", "form", "default", "fixed"];
            self.allow(at.file, at.node, &attributes, &["simpleType"]);
            let form = at
                .node
                .attribute("form")
                .or_else(|| at.file.root.attribute("attributeFormDefault"));
            self.is_qualified(at, "form");
            let namespace = if form == Some("qualified") {
                at.file.target.as_str()
            } else {
                ""
            };
            return self.declared(at, namespace);
        };
        self.allow(at.file, at.node, &["ref", "use", "default", "fixed"], &[]);
        let Some(global) = self.global("attribute", reference) else {
            let what = format!("there is no attribute '{}'", reference.local);
            self.fault(at.file, at.node, what);
            return None;
        };
        if self.number("attribute", reference).is_none() {
            self.global_attribute(global);
        }
        let number = self.number("attribute", reference)?;
        let mut attribute = self.attributes.get(number)?.clone();
        let own = self.constraint(at);
        self.check_constraint(at, "default", attribute.kind);
        self.check_constraint(at, "fixed", attribute.kind);
        if let Some(fixed) = attribute.constraint.as_ref().filter(|known| known.is_fixed)
            && own
                .as_ref()
                .is_some_and(|own| !own.is_fixed || own.text != fixed.text)
        {
            self.fault(
                at.file,
                at.node,
                "the attribute has another fixed value where it is declared",
            );
        }
        if own.is_some() {
            attribute.constraint = own;
        }
        Some(attribute)
    }

    fn add_use(&mut self, at: Global<'n>, uses: &mut Uses, attribute: AttributeUse) {
        if uses.list.iter().any(|known| known.key() == attribute.key()) {
            let what = format!("a second attribute '{}'", attribute.name);
            self.fault(at.file, at.node, what);
            return;
        }
        uses.list.push(attribute);
    }

    /// The attributes of a type that extends another.
    pub(crate) fn extended(&mut self, at: Global<'n>, base: &Uses, own: Uses) -> Uses {
        let mut uses = base.clone();
        for attribute in own.list {
            self.add_use(at, &mut uses, attribute);
        }
        uses.any = match (base.any.clone(), own.any) {
            (Some(base), Some(own)) => {
                let either = own.namespaces.either(&base.namespaces);
                Some(self.joined(at, either, own))
            }
            (base, own) => own.or(base),
        };
        uses
    }

    /// A wildcard for other namespaces; a fault if no wildcard can say them.
    fn joined(
        &mut self,
        at: Global<'n>,
        namespaces: Option<AnyOf>,
        wildcard: Wildcard,
    ) -> Wildcard {
        let Some(namespaces) = namespaces else {
            let what = "two wildcards of attributes that no wildcard can join";
            self.fault(at.file, at.node, what);
            return wildcard;
        };
        Wildcard {
            namespaces,
            ..wildcard
        }
    }

    /// The attributes of a type that restricts another.
    pub(crate) fn restricted_uses(&mut self, at: Global<'n>, base: &Uses, own: Uses) -> Uses {
        let mut list: Vec<AttributeUse> = Vec::new();
        for known in &base.list {
            let is_prohibited = own
                .prohibited
                .iter()
                .any(|(namespace, name)| *namespace == known.namespace && *name == known.name);
            let again = own.list.iter().find(|own| own.key() == known.key());
            if known.is_required && (is_prohibited || again.is_some_and(|own| !own.is_required)) {
                let what = format!("the attribute '{}' is required in the base", known.name);
                self.fault(at.file, at.node, what);
            }
            if let Some(own) = again {
                self.check_restricted(at, known, own);
                list.push(own.clone());
            } else if !is_prohibited {
                list.push(known.clone());
            }
        }
        for attribute in own.list {
            if base.list.iter().any(|known| known.key() == attribute.key()) {
                continue;
            }
            let is_taken = base
                .any
                .as_ref()
                .is_some_and(|any| any.namespaces.takes(attribute.namespace));
            if !is_taken {
                let what = format!("the attribute '{}' is not one of the base", attribute.name);
                self.fault(at.file, at.node, what);
            }
            list.push(attribute);
        }
        if let Some(any) = &own.any {
            let is_within = base.any.as_ref().is_some_and(|base| {
                any.namespaces.is_within(&base.namespaces) && any.process >= base.process
            });
            if !is_within {
                self.fault(
                    at.file,
                    at.node,
                    "xs:anyAttribute takes more than that of the base",
                );
            }
        }
        Uses {
            list,
            prohibited: Vec::new(),
            any: own.any,
        }
    }

    fn check_restricted(&mut self, at: Global<'n>, base: &AttributeUse, own: &AttributeUse) {
        use crate::check::schema::Kind;
        if self
            .way(Kind::Simple(own.kind), Kind::Simple(base.kind))
            .is_none()
        {
            let what = format!(
                "the type of the attribute '{}' is not made from that in the base",
                own.name
            );
            self.fault(at.file, at.node, what);
        }
        let Some(fixed) = base.constraint.as_ref().filter(|known| known.is_fixed) else {
            return;
        };
        let is_same = own.constraint.as_ref().is_some_and(|again| {
            again.is_fixed && self.is_same(own.kind, &again.text, &fixed.text)
        });
        if !is_same {
            let what = format!(
                "the attribute '{}' has another fixed value in the base",
                own.name
            );
            self.fault(at.file, at.node, what);
        }
    }

    /// Are two texts one value of a type?
    fn is_same(&self, kind: usize, one: &str, other: &str) -> bool {
        let Some(simple) = self.simple.get(kind) else {
            return false;
        };
        one == other || simple.key(one, &Nowhere) == simple.key(other, &Nowhere)
    }
}

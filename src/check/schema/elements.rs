//! Compiles element declarations, at the top of a file and inside content models, and the groups of
//! elements that may stand in for each other.

use crate::check::schema::build::{Builder, File, Global};
use crate::check::schema::derive::{Methods, Types};
use crate::check::schema::{Constraint, Content, Element, Kind, QName};

/// What an element may hold besides its type.
const IDENTITIES: &[&str] = &["key", "unique", "keyref"];
const PARTS: &[&str] = &["simpleType", "complexType", "key", "unique", "keyref"];

impl<'n> Builder<'n> {
    /// Compiles an element at the top of a file.
    pub(crate) fn global_element(&mut self, at: Global<'n>, number: usize) {
        let attributes = [
            "name",
            "type",
            "nillable",
            "default",
            "fixed",
            "abstract",
            "block",
            "final",
            "substitutionGroup",
        ];
        self.allow(at.file, at.node, &attributes, PARTS);
        if let Some(head) = at.node.reference("substitutionGroup") {
            if let Some(head) = self.number("element", head) {
                self.heads.push((number, head));
            } else {
                let what = format!("there is no element '{}'", head.local);
                self.fault(at.file, at.node, what);
            }
        }
        self.element(at, number);
        let finals = self.methods(
            at,
            "final",
            "finalDefault",
            Methods::EXTENSION.with(Methods::RESTRICTION),
        );
        let is_abstract = self.flag(at, "abstract").unwrap_or(false);
        if let Some(element) = self.elements.get_mut(number) {
            element.finals = finals;
            element.is_abstract = is_abstract;
        }
    }

    /// Name and number of an element in a content model.
    pub(crate) fn local_element(&mut self, at: Global<'n>) -> Option<(QName, usize)> {
        if let Some(reference) = at.node.reference("ref") {
            self.allow(at.file, at.node, &["ref", "minOccurs", "maxOccurs"], &[]);
            let Some(number) = self.number("element", reference) else {
                let what = format!("there is no element '{}'", reference.local);
                self.fault(at.file, at.node, what);
                return None;
            };
            let name = self.qname(&reference.namespace, &reference.local);
            return Some((name, number));
        }
        let attributes = [
            "name",
            "type",
            "form",
            "minOccurs",
            "maxOccurs",
            "nillable",
            "default",
            "fixed",
            "block",
        ];
        self.allow(at.file, at.node, &attributes, PARTS);
        let local = self.name_of(at)?;
        let form = at
            .node
            .attribute("form")
            .or_else(|| at.file.root.attribute("elementFormDefault"));
        self.is_qualified(at, "form");
        let namespace = if form == Some("qualified") {
            at.file.target.as_str()
        } else {
            ""
        };
        let name = self.qname(namespace, local);
        self.elements
            .push(Element::new(name, at.node.documentation().into()));
        let number = self.elements.len() - 1;
        self.element(at, number);
        Some((name, number))
    }

    /// What elements everywhere have.
    fn element(&mut self, at: Global<'n>, number: usize) {
        self.order(
            at,
            &[
                (&["simpleType", "complexType"], 1),
                (IDENTITIES, usize::MAX),
            ],
        );
        let kind = self.kind_of(at);
        let constraint = self.constraint(at);
        if constraint.is_some() {
            self.constrained.push((at, number));
        }
        let is_nillable = self.flag(at, "nillable").unwrap_or(false);
        let may_block = Methods::EXTENSION
            .with(Methods::RESTRICTION)
            .with(Methods::SUBSTITUTION);
        let blocks = self.methods(at, "block", "blockDefault", may_block);
        let mut identities = Vec::new();
        for part in at
            .node
            .parts()
            .filter(|part| IDENTITIES.contains(&part.name.as_str()))
        {
            identities.extend(self.identity(at.at(part)));
        }
        if let Some(element) = self.elements.get_mut(number) {
            element.kind = kind;
            element.is_nillable = is_nillable;
            element.constraint = constraint;
            element.blocks = blocks;
            element.identities = identities.into();
        }
    }

    /// The type of an element: named, or inside it, or any.
    fn kind_of(&mut self, at: Global<'n>) -> Kind {
        let inline = at
            .node
            .parts()
            .find(|part| matches!(part.name.as_str(), "simpleType" | "complexType"));
        match (at.node.reference("type"), inline) {
            (Some(reference), None) => self.type_by_reference(at, reference),
            (None, Some(inline)) if inline.name == "complexType" => {
                Kind::Complex(self.draft(at.at(inline), false))
            }
            (None, Some(inline)) => Kind::Simple(self.simple_type(at.at(inline), &[])),
            (None, None) => Kind::ANY,
            _ => {
                self.fault(at.file, at.node, "an element must have one type");
                Kind::ANY
            }
        }
    }

    /// The default or fixed value of an element or an attribute.
    pub(crate) fn constraint(&mut self, at: Global<'n>) -> Option<Constraint> {
        let (text, is_fixed) = match (at.node.attribute("default"), at.node.attribute("fixed")) {
            (Some(text), None) => (text, false),
            (None, Some(text)) => (text, true),
            (None, None) => return None,
            _ => {
                self.fault(at.file, at.node, "default and fixed exclude each other");
                return None;
            }
        };
        Some(Constraint {
            text: text.into(),
            is_fixed,
        })
    }

    /// The methods that an attribute such as `block` lists; `may` are those that mean something.
    pub(crate) fn methods(
        &mut self,
        at: Global<'n>,
        name: &str,
        default: &str,
        may: Methods,
    ) -> Methods {
        let own = at.node.attribute(name);
        let Some(list) = own.or_else(|| at.file.root.attribute(default)) else {
            return Methods::NONE;
        };
        if list.trim() == "#all" {
            return may;
        }
        let mut methods = Methods::NONE;
        for word in list.split_whitespace() {
            let method = match word {
                "extension" => Methods::EXTENSION,
                "restriction" => Methods::RESTRICTION,
                "substitution" => Methods::SUBSTITUTION,
                _ => Methods::NONE,
            };
            if own.is_some() && !may.has(method) {
                let what = format!("{name} cannot be '{word}'");
                self.fault(at.file, at.node, what);
            }
            if may.has(method) {
                methods = methods.with(method);
            }
        }
        methods
    }

    /// Elements without a type of their own have that of the head of their group.
    pub(crate) fn settle_heads(&mut self) {
        let untyped: Vec<(usize, Global<'n>)> = self
            .globals
            .iter()
            .filter(|((kind, ..), _)| *kind == "element")
            .filter(|(_, at)| {
                at.node.attribute("type").is_none()
                    && at.node.parts().all(|part| !part.name.ends_with("Type"))
            })
            .filter_map(|(key, at)| Some((*self.numbers.get(key)?, *at)))
            .collect();
        for (number, _) in &untyped {
            let mut at = *number;
            let mut steps = 0;
            while let Some((_, head)) = self.heads.iter().find(|(member, _)| *member == at) {
                at = *head;
                steps += 1;
                if steps > self.heads.len() || untyped.iter().all(|(known, _)| *known != at) {
                    break;
                }
            }
            let kind = self.elements.get(at).map(|element| element.kind);
            if let (Some(element), Some(kind)) = (self.elements.get_mut(*number), kind) {
                element.kind = kind;
            }
        }
    }

    /// Checks that members of substitution groups are made from their heads.
    pub(crate) fn check_substitutions(&mut self, files: &'n [File]) {
        for file in files {
            for node in file.root.parts().filter(|node| node.name == "element") {
                let at = Global { file, node };
                let Some(head) = node.reference("substitutionGroup") else {
                    continue;
                };
                let own = node.attribute("name").unwrap_or_default();
                let own = self
                    .numbers
                    .get(&("element", file.target.as_str(), own))
                    .copied();
                let (Some(own), Some(head)) = (own, self.number("element", head)) else {
                    continue;
                };
                if self.is_circle(own) {
                    self.fault(file, node, "the substitution group runs in a circle");
                    continue;
                }
                let (Some(member), Some(head)) = (self.elements.get(own), self.elements.get(head))
                else {
                    continue;
                };
                let way = self.way(member.kind, head.kind);
                if way.is_none_or(|way| head.finals.has(way)) {
                    let what = "the type of the element is not made from that of the head of its substitution group";
                    self.fault(at.file, at.node, what);
                }
            }
        }
    }

    fn is_circle(&self, member: usize) -> bool {
        let mut at = member;
        for _ in 0..=self.heads.len() {
            let Some((_, head)) = self.heads.iter().find(|(known, _)| *known == at) else {
                return false;
            };
            at = *head;
        }
        true
    }

    /// How one type was made from another, as far as is known by now.
    pub(crate) fn way(&self, derived: Kind, base: Kind) -> Option<Methods> {
        let types = Types {
            complex: &self.complex,
            simple: &self.simple,
        };
        types.way(derived, base)
    }

    /// All elements that may stand where the element `number` is named, itself among them.
    pub(crate) fn substitutes(&self, name: QName, number: usize) -> Vec<(QName, usize)> {
        let mut all = vec![(name, number)];
        let Some(head) = self.elements.get(number) else {
            return all;
        };
        if head.blocks.has(Methods::SUBSTITUTION) {
            return all;
        }
        let mut next = 0;
        while let Some((_, at)) = all.get(next).copied() {
            next += 1;
            for (member, _) in self.heads.iter().filter(|(_, known)| *known == at) {
                if all.iter().any(|(_, known)| known == member) {
                    continue;
                }
                if let Some(element) = self.elements.get(*member) {
                    all.push((element.name, *member));
                }
            }
        }
        all.retain(|(_, member)| {
            let way = self
                .elements
                .get(*member)
                .and_then(|member| self.way(member.kind, head.kind));
            let blocked = head.blocks.with(self.blocks(head.kind));
            *member == number || way.is_some_and(|way| !blocked.has(way))
        });
        all
    }

    fn blocks(&self, kind: Kind) -> Methods {
        match kind {
            Kind::Complex(number) => self
                .complex
                .get(number)
                .map_or(Methods::NONE, |kind| kind.blocks),
            Kind::Simple(_) => Methods::NONE,
        }
    }

    /// Checks that the default and fixed values of elements are values.
    pub(crate) fn check_constraints(&mut self) {
        for (at, number) in std::mem::take(&mut self.constrained) {
            let Some(kind) = self.elements.get(number).map(|element| element.kind) else {
                continue;
            };
            let simple = match kind {
                Kind::Simple(number) => Some(number),
                Kind::Complex(number) => match self.complex.get(number).map(|kind| &kind.content) {
                    Some(Content::Simple(number)) => Some(*number),
                    _ => None,
                },
            };
            let is_mixed = match kind {
                Kind::Complex(number) => {
                    let children = self.particles.get(&number);
                    children.is_none_or(|(_, children)| children.is_emptiable())
                        && self.complex.get(number).is_some_and(|kind| kind.is_mixed)
                }
                Kind::Simple(_) => false,
            };
            match simple {
                Some(simple) => {
                    self.check_constraint(at, "default", simple);
                    self.check_constraint(at, "fixed", simple);
                }
                None if is_mixed => {}
                None => {
                    let what = "an element that must have children has no default";
                    self.fault(at.file, at.node, what);
                }
            }
        }
    }
}

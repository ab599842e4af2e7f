//! Compiles complex types: what is their own, and what they have of the type they are made from.

use std::rc::Rc;

use crate::check::schema::attributes::{ATTRIBUTES, Uses};
use crate::check::schema::build::{Builder, Draft, Global};
use crate::check::schema::derive::Methods;
use crate::check::schema::load::Node;
use crate::check::schema::particles::{Occurring, Particle};
use crate::check::schema::wildcard::{AnyOf, Process, Wildcard};
use crate::check::schema::{Complex, Content, Kind};

/// What may hold the children of a type.
const MODELS: &[&str] = &["group", "all", "choice", "sequence"];

impl<'n> Builder<'n> {
    /// The type of what has none: anything, checked where it is known.
    pub(crate) fn add_any_type(&mut self) {
        let wildcard = Wildcard {
            namespaces: AnyOf::All,
            process: Process::Lax,
        };
        self.complex.push(Complex {
            any_attribute: Some(wildcard),
            is_mixed: true,
            content: Content::Anything,
            ..Complex::default()
        });
    }

    /// The children of the type that is anything.
    fn any_children() -> Occurring {
        let wildcard = Wildcard {
            namespaces: AnyOf::All,
            process: Process::Lax,
        };
        Occurring {
            particle: Rc::new(Particle::Any(0, wildcard)),
            least: 0,
            most: None,
        }
    }

    /// Compiles a complex type and before it all that it is made from.
    pub(crate) fn complete(&mut self, number: usize) {
        let mut chain = vec![number];
        while let Some(last) = chain.last()
            && let Some(draft) = self.drafts.get(last)
            && let Some(base) = self.base_number(draft.at)
            && let Some(above) = self.drafts.get(&base)
        {
            if chain.contains(&base) {
                let at = above.at;
                self.fault(at.file, at.node, "the type is derived from itself");
                break;
            }
            chain.push(base);
        }
        while let Some(number) = chain.pop() {
            if let Some(draft) = self.drafts.remove(&number) {
                self.complex_type(number, draft);
            }
        }
    }

    /// The complex type that a type is made from, if it names one.
    fn base_number(&self, at: Global<'n>) -> Option<usize> {
        let content = at
            .node
            .parts()
            .find(|part| part.name.ends_with("Content"))?;
        let derivation = content.parts().next()?;
        self.number("complexType", derivation.reference("base")?)
    }

    fn complex_type(&mut self, number: usize, draft: Draft<'n>) {
        let Draft { at, is_named } = draft;
        let attributes: &[&str] = if is_named {
            &["name", "mixed", "abstract", "block", "final"]
        } else {
            &["mixed"]
        };
        let contents = ["simpleContent", "complexContent"];
        let parts: Vec<&str> = contents
            .iter()
            .chain(MODELS)
            .chain(ATTRIBUTES)
            .copied()
            .collect();
        self.allow(at.file, at.node, attributes, &parts);
        let is_mixed = self.flag(at, "mixed").unwrap_or(false);
        let inside = at
            .node
            .parts()
            .find(|part| contents.contains(&part.name.as_str()));
        if inside.is_some() && at.node.parts().count() > 1 {
            let what = "beside simpleContent or complexContent nothing may stand in xs:complexType";
            self.fault(at.file, at.node, what);
        }
        let mut complex = match inside {
            Some(content) if content.name == "simpleContent" => self.simple_content(at.at(content)),
            Some(content) => self.complex_content(number, at.at(content), is_mixed),
            None => {
                self.check_order(at);
                let uses = self.uses(at);
                let own = self.own_children(at);
                let content = self.keep(number, at, own);
                finished(content, uses, is_mixed)
            }
        };
        let may = Methods::EXTENSION.with(Methods::RESTRICTION);
        complex.is_abstract = self.flag(at, "abstract").unwrap_or(false);
        complex.blocks = self.methods(at, "block", "blockDefault", may);
        complex.finals = self.methods(at, "final", "finalDefault", may);
        if let Some(slot) = self.complex.get_mut(number) {
            *slot = complex;
        }
    }

    fn check_order(&mut self, at: Global<'n>) {
        let stages: &[(&[&str], usize)] = &[
            (MODELS, 1),
            (&["attribute", "attributeGroup"], usize::MAX),
            (&["anyAttribute"], 1),
        ];
        self.order(at, stages);
    }

    /// What a type itself says about its children.
    fn own_children(&mut self, at: Global<'n>) -> Option<Occurring> {
        let model = at
            .node
            .parts()
            .find(|part| MODELS.contains(&part.name.as_str()))?;
        self.particle(at.at(model)).filter(|own| !own.is_nothing())
    }

    /// Keeps the children of a type until its automaton is built.
    fn keep(&mut self, number: usize, at: Global<'n>, children: Option<Occurring>) -> Content {
        if let Some(children) = children {
            self.particles.insert(number, (at, Rc::new(children)));
        }
        Content::Empty
    }

    /// The one extension or restriction in a content, and the type that it is made from.
    fn derivation(
        &mut self,
        at: Global<'n>,
        parts: &[&str],
    ) -> Option<(Global<'n>, Kind, Methods)> {
        let mut derivations = at.node.parts();
        let (Some(node), None) = (derivations.next(), derivations.next()) else {
            let what = format!("xs:{} must hold one extension or restriction", at.node.name);
            self.fault(at.file, at.node, what);
            return None;
        };
        let method = match node.name.as_str() {
            "extension" => Methods::EXTENSION,
            "restriction" => Methods::RESTRICTION,
            _ => return None,
        };
        let inside = at.at(node);
        self.allow(at.file, node, &["base"], parts);
        let Some(reference) = node.reference("base") else {
            let what = format!("xs:{} without a base", node.name);
            self.fault(at.file, node, what);
            return None;
        };
        let base = self.type_by_reference(inside, reference);
        if let Kind::Complex(number) = base
            && self
                .complex
                .get(number)
                .is_some_and(|base| base.finals.has(method))
        {
            let what = format!(
                "the type '{}' may not be derived from in this way",
                reference.local
            );
            self.fault(at.file, node, what);
        }
        Some((inside, base, method))
    }

    fn complex_content(&mut self, number: usize, at: Global<'n>, around: bool) -> Complex {
        self.allow(at.file, at.node, &["mixed"], &["extension", "restriction"]);
        let is_mixed = self.flag(at, "mixed").unwrap_or(around);
        let parts: Vec<&str> = MODELS.iter().chain(ATTRIBUTES).copied().collect();
        let Some((inside, base, method)) = self.derivation(at, &parts) else {
            return Complex::default();
        };
        self.check_order(inside);
        let Kind::Complex(base_number) = base else {
            self.fault(
                at.file,
                inside.node,
                "xs:complexContent of a type that is not complex",
            );
            return Complex::default();
        };
        let above = self.complex.get(base_number).cloned().unwrap_or_default();
        let base_uses = above.uses();
        let own_uses = self.uses(inside);
        let own = self.own_children(inside);
        let mut complex = if method == Methods::EXTENSION {
            let uses = self.extended(inside, &base_uses, own_uses);
            self.extended_content(number, inside, (base_number, &above), (own, uses, is_mixed))
        } else {
            if matches!(above.content, Content::Simple(_)) {
                self.fault(
                    at.file,
                    inside.node,
                    "xs:complexContent of a type with simple content",
                );
            }
            if is_mixed && !above.is_mixed {
                self.fault(
                    at.file,
                    inside.node,
                    "mixed content restricts content that is not mixed",
                );
            }
            let uses = self.restricted_uses(inside, &base_uses, own_uses);
            let base = self
                .particles
                .get(&base_number)
                .map(|(_, base)| Rc::clone(base));
            let is_any = matches!(above.content, Content::Anything);
            let must = base.as_ref().is_some_and(|base| !base.is_emptiable());
            if (own.is_none() && must) || (own.is_some() && base.is_none() && !is_any) {
                self.fault(
                    at.file,
                    inside.node,
                    "the content is no restriction of that of the base",
                );
            }
            let content = self.keep(number, inside, own);
            finished(content, uses, is_mixed)
        };
        complex.base = base;
        complex.method = method;
        complex
    }

    fn extended_content(
        &mut self,
        number: usize,
        at: Global<'n>,
        (base_number, above): (usize, &Complex),
        (own, uses, is_mixed): (Option<Occurring>, Uses, bool),
    ) -> Complex {
        if let Content::Simple(_) = above.content {
            if own.is_some() || is_mixed {
                self.fault(
                    at.file,
                    at.node,
                    "children extend a type with simple content",
                );
            }
            return finished(above.content.clone(), uses, false);
        }
        let base = match above.content {
            Content::Anything => Some(Rc::new(Self::any_children())),
            _ => self
                .particles
                .get(&base_number)
                .map(|(_, base)| Rc::clone(base)),
        };
        // An extension that adds nothing is as mixed as its base.
        let is_same = own.is_none() && above.is_mixed;
        if base.is_some() && above.is_mixed != is_mixed && !is_same {
            self.fault(
                at.file,
                at.node,
                "mixed content extends content that is not, or the other way round",
            );
        }
        let children = match (base, own) {
            (Some(base), Some(own)) => {
                let parts = vec![base.as_ref().clone(), own];
                Some(Occurring::once(Particle::Sequence(parts)))
            }
            (Some(base), None) => Some(base.as_ref().clone()),
            (None, own) => own,
        };
        let content = self.keep(number, at, children);
        finished(content, uses, is_mixed || is_same)
    }

    fn simple_content(&mut self, at: Global<'n>) -> Complex {
        self.allow(at.file, at.node, &[], &["extension", "restriction"]);
        let is_restriction = at.node.parts().any(|part| part.name == "restriction");
        let facets = if is_restriction { FACETS } else { &[] };
        let parts: Vec<&str> = facets.iter().chain(ATTRIBUTES).copied().collect();
        let Some((inside, base, method)) = self.derivation(at, &parts) else {
            return Complex::default();
        };
        self.order(
            inside,
            &[
                (&["simpleType"], 1),
                (FACETS.get(1..).unwrap_or_default(), usize::MAX),
                (&["attribute", "attributeGroup"], usize::MAX),
                (&["anyAttribute"], 1),
            ],
        );
        let own = self.uses(inside);
        let (content, base_uses) = match base {
            Kind::Simple(number) if method == Methods::EXTENSION => (number, Uses::default()),
            Kind::Simple(_) => {
                self.fault(
                    at.file,
                    inside.node,
                    "xs:simpleContent restricts a simple type: use xs:simpleType",
                );
                return Complex::default();
            }
            Kind::Complex(number) => {
                let above = self.complex.get(number).cloned().unwrap_or_default();
                let content = self.simple_base(inside, number, &above, method);
                (content, above.uses())
            }
        };
        let uses = if method == Methods::EXTENSION {
            self.extended(inside, &base_uses, own)
        } else {
            self.restricted_uses(inside, &base_uses, own)
        };
        let mut complex = finished(Content::Simple(content), uses, false);
        complex.base = base;
        complex.method = method;
        complex
    }

    /// The type of the text, made from that of a complex type.
    fn simple_base(
        &mut self,
        at: Global<'n>,
        number: usize,
        above: &Complex,
        method: Methods,
    ) -> usize {
        let inline: Option<&'n Node> = at.node.parts().find(|part| part.name == "simpleType");
        let inline = inline.map(|node| self.simple_type(at.at(node), &[]));
        let base = match above.content {
            Content::Simple(base) => {
                let is_made = inline
                    .is_none_or(|own| self.way(Kind::Simple(own), Kind::Simple(base)).is_some());
                if !is_made {
                    self.fault(
                        at.file,
                        at.node,
                        "the simpleType is not made from that of the base",
                    );
                }
                Some(inline.unwrap_or(base))
            }
            // Mixed content that may be without children can become text alone.
            _ if method == Methods::RESTRICTION && above.is_mixed => {
                let emptiable = self
                    .particles
                    .get(&number)
                    .is_none_or(|(_, base)| base.is_emptiable());
                inline.filter(|_| emptiable)
            }
            _ => None,
        };
        let Some(base) = base else {
            self.fault(
                at.file,
                at.node,
                "the base of xs:simpleContent has no simple content",
            );
            return self.any_text();
        };
        if method == Methods::RESTRICTION {
            let restricted = self.restricted(at, base);
            self.add_simple(restricted)
        } else {
            base
        }
    }
}

/// What may stand in a restriction of simple content before its attributes.
pub(crate) const FACETS: &[&str] = &[
    "simpleType",
    "enumeration",
    "pattern",
    "length",
    "minLength",
    "maxLength",
    "totalDigits",
    "fractionDigits",
    "minInclusive",
    "maxInclusive",
    "minExclusive",
    "maxExclusive",
    "whiteSpace",
];

fn finished(content: Content, uses: Uses, is_mixed: bool) -> Complex {
    Complex {
        attributes: uses.list,
        any_attribute: uses.any,
        content,
        is_mixed,
        ..Complex::default()
    }
}

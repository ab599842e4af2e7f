//! Compiles what may stand inside an element: groups, elements, wildcards, and how often.

use std::rc::Rc;

use crate::check::schema::QName;
use crate::check::schema::build::{Builder, Global};
use crate::check::schema::load::Node;
use crate::check::schema::wildcard::Wildcard;

/// What a content model is made of.
#[derive(Debug, Clone)]
pub(crate) enum Particle {
    /// An element: the number of its place, its name and its number.
    Element(u32, QName, usize),
    /// Any element of some namespaces, and the number of its place.
    Any(u32, Wildcard),
    /// One after the other.
    Sequence(Vec<Occurring>),
    /// One of them.
    Choice(Vec<Occurring>),
    /// All of them, in any order.
    All(Vec<Occurring>),
}

/// A particle and how often.
#[derive(Debug, Clone)]
pub(crate) struct Occurring {
    pub(crate) particle: Rc<Particle>,
    pub(crate) least: u32,
    /// `None` for unbounded.
    pub(crate) most: Option<u32>,
}

impl Occurring {
    /// A particle that stands once.
    pub(crate) fn once(particle: Particle) -> Self {
        Self {
            particle: Rc::new(particle),
            least: 1,
            most: Some(1),
        }
    }

    /// Does nothing ever stand there?
    pub(crate) fn is_nothing(&self) -> bool {
        self.most == Some(0)
            || match self.particle.as_ref() {
                Particle::Sequence(parts) | Particle::All(parts) => {
                    parts.iter().all(Self::is_nothing)
                }
                // A choice of nothing can never be made: that is not the same as nothing.
                Particle::Choice(parts) => !parts.is_empty() && parts.iter().all(Self::is_nothing),
                _ => false,
            }
    }

    /// May it be left out?
    pub(crate) fn is_emptiable(&self) -> bool {
        self.least == 0
            || match self.particle.as_ref() {
                Particle::Sequence(parts) | Particle::All(parts) => {
                    parts.iter().all(Self::is_emptiable)
                }
                Particle::Choice(parts) => parts.iter().any(Self::is_emptiable),
                _ => false,
            }
    }
}

/// What may stand in a sequence or a choice.
const PARTS: &[&str] = &["element", "any", "sequence", "choice", "group"];

impl<'n> Builder<'n> {
    /// Compiles a sequence, a choice, an `xs:all`, a reference to a group, an element or a wildcard.
    pub(crate) fn particle(&mut self, at: Global<'n>) -> Option<Occurring> {
        let (least, most) = self.occurs(at);
        let particle = match at.node.name.as_str() {
            "element" => {
                let (name, number) = self.local_element(at)?;
                Rc::new(Particle::Element(self.leaf(), name, number))
            }
            "any" => {
                let attributes = ["namespace", "processContents", "minOccurs", "maxOccurs"];
                let wildcard = self.wildcard(at, &attributes);
                Rc::new(Particle::Any(self.leaf(), wildcard))
            }
            "group" => {
                self.allow(at.file, at.node, &["ref", "minOccurs", "maxOccurs"], &[]);
                self.group_by_reference(at)?
            }
            "all" => {
                if least > 1 || most != Some(1) {
                    let what = "minOccurs of xs:all must be 0 or 1, maxOccurs must be 1";
                    self.fault(at.file, at.node, what);
                }
                Rc::new(self.model(at, &["minOccurs", "maxOccurs"]))
            }
            _ => Rc::new(self.model(at, &["minOccurs", "maxOccurs"])),
        };
        let particle = Occurring {
            particle,
            least,
            most,
        };
        (most != Some(0)).then_some(particle)
    }

    /// A new place in content models.
    fn leaf(&mut self) -> u32 {
        self.leaves += 1;
        self.leaves
    }

    fn model(&mut self, at: Global<'n>, attributes: &[&str]) -> Particle {
        let is_all = at.node.name == "all";
        let parts = if is_all { &["element"] } else { PARTS };
        self.allow(at.file, at.node, attributes, parts);
        let nodes: Vec<&'n Node> = at
            .node
            .parts()
            .filter(|part| parts.contains(&part.name.as_str()))
            .collect();
        let mut inside = Vec::with_capacity(nodes.len());
        for part in nodes {
            let Some(particle) = self.particle(at.at(part)) else {
                continue;
            };
            if is_all && particle.most != Some(1) {
                let what = "maxOccurs in xs:all must be 0 or 1";
                self.fault(at.file, part, what);
            }
            inside.push(particle);
        }
        match at.node.name.as_str() {
            "all" => Particle::All(inside),
            "choice" => Particle::Choice(inside),
            _ => Particle::Sequence(inside),
        }
    }

    fn group_by_reference(&mut self, at: Global<'n>) -> Option<Rc<Particle>> {
        let Some(reference) = at.node.reference("ref") else {
            self.fault(at.file, at.node, "xs:group without a ref");
            return None;
        };
        let Some(global) = self.global("group", reference) else {
            let what = format!("there is no group '{}'", reference.local);
            self.fault(at.file, at.node, what);
            return None;
        };
        self.group(global)
    }

    /// Compiles a named group, once.
    pub(crate) fn group(&mut self, at: Global<'n>) -> Option<Rc<Particle>> {
        let name = at.node.attribute("name").unwrap_or_default();
        let key = (at.file.target.as_str(), name);
        match self.groups.get(&key) {
            Some(Some(particle)) => return Some(Rc::clone(particle)),
            Some(None) => {
                let what = format!("the group '{name}' holds itself");
                self.fault(at.file, at.node, what);
                return None;
            }
            None => {}
        }
        self.groups.insert(key, None);
        let models = ["all", "sequence", "choice"];
        self.allow(at.file, at.node, &["name"], &models);
        let mut parts = at.node.parts();
        let particle = match (parts.next(), parts.next()) {
            (Some(part), None) if models.contains(&part.name.as_str()) => {
                Rc::new(self.model(at.at(part), &[]))
            }
            _ => {
                let what = "xs:group must hold one all, sequence or choice";
                self.fault(at.file, at.node, what);
                Rc::new(Particle::Sequence(Vec::new()))
            }
        };
        self.groups.insert(key, Some(Rc::clone(&particle)));
        Some(particle)
    }

    /// How often something may stand.
    fn occurs(&mut self, at: Global<'n>) -> (u32, Option<u32>) {
        let least = count(at.node.attribute("minOccurs").unwrap_or("1"));
        let most = match at.node.attribute("maxOccurs").unwrap_or("1") {
            "unbounded" => Some(None),
            number => count(number).map(Some),
        };
        match (least, most) {
            (Some(least), Some(most)) if most.is_none_or(|most| least <= most) => (least, most),
            _ => {
                self.fault(at.file, at.node, "minOccurs and maxOccurs do not fit");
                (1, Some(1))
            }
        }
    }
}

/// A count; one that is larger than any document is the largest.
fn count(text: &str) -> Option<u32> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u32::MAX))
}

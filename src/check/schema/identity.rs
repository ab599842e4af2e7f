//! Compiles keys and their like: where they look, in the small part of `XPath` that they may use.

use crate::check::schema::QName;
use crate::check::schema::build::{Builder, Global};
use crate::check::schema::load::{Node, PATH_MARKS, Reference, axis_free};
use crate::check::xml::chars::is_plain_name;

/// A key, a unique value or a reference to one.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) name: Box<str>,
    pub(crate) role: Role,
    pub(crate) selector: Vec<Path>,
    pub(crate) fields: Vec<Vec<Path>>,
}

/// What a constraint asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Role {
    /// Every value is there, and no two are the same.
    Key,
    /// No two values are the same.
    Unique,
    /// Every value is one of the constraint of this number.
    Reference(usize),
    /// The same, before the number is known.
    Named(Reference),
}

/// A path below an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path {
    /// May it begin anywhere below?
    pub(crate) is_deep: bool,
    /// The names of the elements on the way.
    pub(crate) steps: Vec<Test>,
    /// The name of an attribute at its end.
    pub(crate) attribute: Option<Test>,
}

/// Which names a step of a path takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Test {
    Any,
    Namespace(u32),
    Name(QName),
}

impl Test {
    /// Does it take this name?
    pub(crate) fn takes(self, name: QName) -> bool {
        match self {
            Self::Any => true,
            Self::Namespace(namespace) => name.namespace == namespace,
            Self::Name(wanted) => name == wanted,
        }
    }
}

impl Path {
    /// Does it lead to the last of these elements, if it begins before the first of them?
    pub(crate) fn leads_to(&self, names: &[QName]) -> bool {
        let above = names.len().checked_sub(self.steps.len());
        above.is_some_and(|above| self.is_deep || above == 0)
            && names
                .iter()
                .rev()
                .zip(self.steps.iter().rev())
                .all(|(name, step)| step.takes(*name))
    }
}

impl<'n> Builder<'n> {
    /// Compiles a key, a unique or a keyref; its number.
    pub(crate) fn identity(&mut self, at: Global<'n>) -> Option<usize> {
        let is_reference = at.node.name == "keyref";
        let attributes: &[&str] = if is_reference {
            &["name", "refer"]
        } else {
            &["name"]
        };
        self.allow(at.file, at.node, attributes, &["selector", "field"]);
        self.order(at, &[(&["selector"], 1), (&["field"], usize::MAX)]);
        let name = self.name_of(at)?;
        let role = match at.node.name.as_str() {
            "key" => Role::Key,
            "unique" => Role::Unique,
            _ => {
                let Some(reference) = at.node.reference("refer") else {
                    self.fault(at.file, at.node, "xs:keyref without refer");
                    return None;
                };
                Role::Named(reference.clone())
            }
        };
        let mut selector = Vec::new();
        let mut fields = Vec::new();
        for part in at.node.parts() {
            self.allow(at.file, part, &["xpath"], &[]);
            let paths = self.paths(at.at(part), part.name == "field");
            if part.name == "field" {
                fields.push(paths);
            } else {
                selector = paths;
            }
        }
        if selector.is_empty() || fields.is_empty() {
            let what = format!("xs:{} must hold a selector and fields", at.node.name);
            self.fault(at.file, at.node, what);
        }
        let number = self.identities.len();
        self.identities.push(Identity {
            name: name.into(),
            role,
            selector,
            fields,
        });
        let key = ("identity", at.file.target.as_str(), name);
        if self.numbers.insert(key, number).is_some() {
            let what = format!("a second key, unique or keyref '{name}'");
            self.fault(at.file, at.node, what);
        }
        self.identity_nodes.push(at);
        Some(number)
    }

    /// Finds the keys that references mean.
    pub(crate) fn settle_identities(&mut self) {
        for number in 0..self.identities.len() {
            let (Some(identity), Some(at)) = (
                self.identities.get(number),
                self.identity_nodes.get(number).copied(),
            ) else {
                continue;
            };
            let Role::Named(reference) = &identity.role else {
                continue;
            };
            let fields = identity.fields.len();
            let found = self.number("identity", reference).filter(|found| {
                let found = self.identities.get(*found);
                found.is_some_and(|found| {
                    matches!(found.role, Role::Key | Role::Unique) && found.fields.len() == fields
                })
            });
            let Some(found) = found else {
                let what = format!(
                    "there is no key or unique '{}' with as many fields",
                    reference.local
                );
                self.fault(at.file, at.node, what);
                continue;
            };
            if let Some(identity) = self.identities.get_mut(number) {
                identity.role = Role::Reference(found);
            }
        }
    }

    /// The paths of a selector or a field.
    fn paths(&mut self, at: Global<'n>, is_field: bool) -> Vec<Path> {
        let Some(text) = at.node.attribute("xpath") else {
            let what = format!("xs:{} without an xpath", at.node.name);
            self.fault(at.file, at.node, what);
            return Vec::new();
        };
        let mut names = Names {
            node: at.node,
            next: 0,
        };
        let paths: Option<Vec<Path>> = text
            .split('|')
            .map(|path| self.path(path.trim(), &mut names, is_field))
            .collect();
        paths.unwrap_or_else(|| {
            let what = format!("the path '{text}' is none that a key may have");
            self.fault(at.file, at.node, what);
            Vec::new()
        })
    }

    fn path(&mut self, text: &str, names: &mut Names<'n>, is_field: bool) -> Option<Path> {
        let (is_deep, mut rest) = match text.strip_prefix('.').map(str::trim_start) {
            Some(after) if after.starts_with("//") => (true, after.get(2..)?.trim_start()),
            _ => (false, text),
        };
        let mut path = Path {
            is_deep,
            steps: Vec::new(),
            attribute: None,
        };
        loop {
            let (step, after) = match rest.split_once('/') {
                Some((step, after)) => (step.trim(), Some(after.trim_start())),
                None => (rest.trim(), None),
            };
            let attribute = step.strip_prefix('@').or_else(|| {
                let (axis, name) = step.split_once("::")?;
                (axis.trim() == "attribute").then_some(name)
            });
            match attribute {
                Some(name) if is_field && after.is_none() => {
                    path.attribute = Some(self.test(name.trim(), names)?);
                }
                Some(_) => return None,
                None if step == "." => {}
                None => {
                    let name = match step.split_once("::") {
                        Some((axis, name)) if axis.trim() == "child" => name.trim(),
                        Some(_) => return None,
                        None => step,
                    };
                    path.steps.push(self.test(name, names)?);
                }
            }
            match after {
                Some(after) => rest = after,
                None => return Some(path),
            }
        }
    }

    fn test(&mut self, name: &str, names: &mut Names<'n>) -> Option<Test> {
        if name == "*" {
            return Some(Test::Any);
        }
        let Some((prefix, local)) = name.split_once(':') else {
            return is_plain_name(name).then(|| Test::Name(self.qname("", name)));
        };
        let reference = names.next()?;
        if !is_plain_name(prefix) || (local != "*" && !is_plain_name(local)) {
            return None;
        }
        let namespace = reference.namespace.as_str();
        Some(match local {
            "*" => Test::Namespace(self.namespace(namespace)),
            local => Test::Name(self.qname(namespace, local)),
        })
    }
}

/// The names with prefixes in a path, one after the other.
struct Names<'n> {
    node: &'n Node,
    next: usize,
}

impl<'n> Names<'n> {
    fn next(&mut self) -> Option<&'n Reference> {
        self.next += 1;
        self.node.references("xpath").get(self.next - 1)
    }
}

/// The names with prefixes in the text of a path, in their order.
pub(crate) fn prefixed(path: &str) -> impl Iterator<Item = &str> {
    path.split(PATH_MARKS)
        .map(axis_free)
        .filter(|word| word.contains(':') && !word.ends_with(':'))
}

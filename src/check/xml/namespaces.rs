//! Which prefix means which namespace, at each depth.

use std::borrow::Cow;

use crate::check::xml::is_past;

/// The namespace that the prefix `xml` always means.
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace of `xmlns` itself, which nobody may bind.
pub(crate) const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// More namespaces than any limit allows, none and that of `xml` among them.
pub(crate) const NAMESPACES_MAX: usize = 1026;

/// A namespace by its number within one document: 0 is none, 1 that of `xml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Namespace(pub(crate) u32);

impl Namespace {
    /// No namespace.
    pub(crate) const NONE: Self = Self(0);
    /// The namespace of the prefix `xml`.
    const XML: Self = Self(1);
}

/// Why a namespace could not be bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// More than the limit.
    TooMany,
    /// Against the recommendation, in words.
    Wrong(&'static str),
}

/// The bindings in scope.
#[derive(Debug)]
pub(crate) struct Namespaces<'a> {
    uris: Vec<Cow<'a, str>>,
    bound: Vec<(&'a str, Namespace, u32)>,
    /// The most of either: both are searched one by one.
    most: u32,
}

impl<'a> Namespaces<'a> {
    /// None bound but `xml`; at most `most` will be, and never more than [`NAMESPACES_MAX`].
    pub(crate) fn new(most: u32) -> Self {
        Self {
            uris: vec![Cow::Borrowed(""), Cow::Borrowed(XML)],
            bound: Vec::new(),
            most,
        }
    }

    /// Binds `prefix` (empty for the default) at `depth`.
    pub(crate) fn bind(
        &mut self,
        prefix: &'a str,
        uri: Cow<'a, str>,
        depth: u32,
    ) -> Result<(), Refused> {
        if prefix == "xmlns" || uri == XMLNS {
            return Err(Refused::Wrong(
                "the prefix xmlns and its namespace cannot be declared",
            ));
        }
        if (prefix == "xml") != (uri == XML) {
            return Err(Refused::Wrong(
                "the prefix xml and its namespace belong together",
            ));
        }
        if uri.is_empty() && !prefix.is_empty() {
            return Err(Refused::Wrong("a prefix cannot mean no namespace"));
        }
        let known = self.uris.iter().position(|known| *known == uri);
        let number = known.unwrap_or(self.uris.len());
        // None and that of `xml`, which every document has, do not count.
        if number >= NAMESPACES_MAX
            || is_past(number.saturating_sub(1), self.most)
            || is_past(self.bound.len().saturating_add(1), self.most)
        {
            return Err(Refused::TooMany);
        }
        if known.is_none() {
            self.uris.push(uri);
        }
        let number = Namespace(u32::try_from(number).unwrap_or(u32::MAX));
        self.bound.push((prefix, number, depth));
        Ok(())
    }

    /// Was `prefix` declared on this very element?
    pub(crate) fn is_bound_at(&self, prefix: &str, depth: u32) -> bool {
        self.bound
            .iter()
            .rev()
            .take_while(|(_, _, bound)| *bound == depth)
            .any(|(known, _, _)| *known == prefix)
    }

    /// Forgets what was bound at `depth` or below it.
    pub(crate) fn leave(&mut self, depth: u32) {
        while self
            .bound
            .last()
            .is_some_and(|(_, _, bound)| *bound >= depth)
        {
            self.bound.pop();
        }
    }

    /// What `prefix` means here; `None` if it was never declared.
    pub(crate) fn resolve(&self, prefix: &str) -> Option<Namespace> {
        // Most elements have no prefix, and comparing two empty texts costs more than asking.
        let is_meant = |known: &str| match prefix {
            "" => known.is_empty(),
            _ => known == prefix,
        };
        let bound = self.bound.iter().rev();
        match bound.into_iter().find(|(known, _, _)| is_meant(known)) {
            Some((_, namespace, _)) => Some(*namespace),
            None if prefix.is_empty() => Some(Namespace::NONE),
            None if prefix == "xml" => Some(Namespace::XML),
            None => None,
        }
    }

    /// The name of a namespace; empty for none.
    pub(crate) fn uri(&self, namespace: Namespace) -> &str {
        usize::try_from(namespace.0)
            .ok()
            .and_then(|number| self.uris.get(number))
            .map_or("", |uri| uri.as_ref())
    }
}

//! Holds a document against the schema, in one pass, and goes on after every fault.
//!
//! *Invariant*: each fault is told once. What lies inside an element that should not be there is
//! not looked at, and a fault in one child never hides one in the next.

use std::collections::HashSet;

use crate::check::found::shorten;
use crate::check::schema::children::{Checked, Child, Newcomer, lax};
use crate::check::schema::report::{Report, blank, item, joined};
use crate::check::schema::values::{Misfit, Role, Simple, Surroundings};
use crate::check::schema::{Compiled, Content, Kind, QName, UNKNOWN_NAMESPACE, describe};
use crate::check::xml::chars::is_all_blank;
use crate::check::xml::namespaces::NAMESPACES_MAX;
use crate::check::xml::{Attribute, Namespace, Reader, Tag};
use crate::domain::outcome::{Finding, Layer};

/// The namespace of `xsi:type` and its like.
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The state of one document.
#[derive(Debug)]
pub(crate) struct Validator<'s> {
    schema: &'s Compiled,
    frames: Vec<Frame>,
    /// The schema's number for each namespace of the document.
    namespaces: Vec<u32>,
    ids: HashSet<String>,
    is_right_root: bool,
}

/// An open element.
#[derive(Debug)]
enum Frame {
    /// Not looked at, nor what is in it.
    Skipped,
    /// Not looked at, but what is in it is, if its declaration is known.
    Lax,
    /// Checked.
    Checked(Checked),
}

impl<'s> Validator<'s> {
    /// Before the root.
    pub(crate) fn new(schema: &'s Compiled) -> Self {
        Self {
            schema,
            frames: Vec::new(),
            namespaces: Vec::new(),
            ids: HashSet::new(),
            is_right_root: false,
        }
    }

    /// Was the root the one the schema wants?
    pub(crate) fn is_right_root(&self) -> bool {
        self.is_right_root
    }

    /// Text stood before a child; the reader's path still ends in the parent.
    pub(crate) fn text_before_child(&mut self, reader: &Reader<'_>, report: &mut Report<'_, '_>) {
        self.stray_text(reader, report);
    }

    /// An element began; the path ends in it. `number` is its name's.
    pub(crate) fn start(
        &mut self,
        tag: &Tag<'_>,
        number: u32,
        reader: &Reader<'_>,
        report: &mut Report<'_, '_>,
    ) {
        let name = QName {
            namespace: self.namespace(tag.namespace, reader),
            name: number,
        };
        let schema = self.schema;
        let child = match self.frames.last_mut() {
            None => self.root(tag, name, reader, report),
            Some(Frame::Skipped) => Child::Skipped,
            Some(Frame::Lax) => lax(schema, name),
            Some(Frame::Checked(parent)) => {
                let new = Newcomer {
                    name,
                    local: tag.local,
                    uri: reader.uri(tag.namespace),
                    at: tag.at,
                };
                parent.child(schema, new, report)
            }
        };
        let frame = match child {
            Child::Skipped => Frame::Skipped,
            Child::Lax => Frame::Lax,
            Child::Declared(number) => match schema.element(number) {
                Some(element) => {
                    self.attributes(element.kind, tag, reader, report);
                    Frame::Checked(Checked::new(element.kind, number, tag.at))
                }
                None => Frame::Skipped,
            },
        };
        self.frames.push(frame);
    }

    /// The innermost element ends at `at`; the path still ends in it.
    pub(crate) fn end(&mut self, reader: &Reader<'_>, at: usize, report: &mut Report<'_, '_>) {
        self.stray_text(reader, report);
        let Some(Frame::Checked(frame)) = self.frames.pop() else {
            return;
        };
        frame.end(self.schema, at, report);
        let value = match frame.kind {
            Kind::Simple(number) => Some(number),
            Kind::Complex(number) => {
                match self.schema.complex.get(number).map(|kind| &kind.content) {
                    Some(Content::Simple(number)) => Some(*number),
                    _ => None,
                }
            }
        };
        // A child inside a value was told already; the rest of the text means nothing.
        if let Some(number) = value.filter(|_| !frame.has_child) {
            self.value(number, reader, &frame, report);
        }
    }

    fn namespace(&mut self, namespace: Namespace, reader: &Reader<'_>) -> u32 {
        let number = usize::try_from(namespace.0).unwrap_or(usize::MAX);
        while self.namespaces.len() <= number && self.namespaces.len() <= NAMESPACES_MAX {
            let next = u32::try_from(self.namespaces.len()).unwrap_or(u32::MAX);
            let uri = reader.uri(Namespace(next));
            self.namespaces.push(self.schema.namespace_number(uri));
        }
        self.namespaces
            .get(number)
            .copied()
            .unwrap_or(UNKNOWN_NAMESPACE)
    }

    fn root(
        &mut self,
        tag: &Tag<'_>,
        name: QName,
        reader: &Reader<'_>,
        report: &mut Report<'_, '_>,
    ) -> Child {
        let schema = self.schema;
        let named = |number: &&usize| {
            schema
                .element(**number)
                .is_some_and(|root| root.name == name)
        };
        if let Some(number) = schema.roots.iter().find(named) {
            self.is_right_root = true;
            return Child::Declared(*number);
        }
        let Some(wanted) = schema
            .roots
            .first()
            .and_then(|number| schema.element(*number))
        else {
            return Child::Skipped;
        };
        let wanted_name = schema.names.name(wanted.name.name);
        let wanted_uri = schema.namespace(wanted.name.namespace);
        let uri = reader.uri(tag.namespace);
        // The portal's own words.
        let message = format!(
            "Unexpected root element '{}' in namespace '{}'. Expected '{wanted_name}' in namespace '{wanted_uri}'.",
            shorten(tag.local),
            shorten(uri)
        );
        let help = if tag.local == wanted_name && uri.is_empty() {
            format!(
                "Files of IVI 1.x have no namespace. Write xmlns=\"{wanted_uri}\" on the root element."
            )
        } else if tag.local == wanted_name {
            format!(
                "This namespace belongs to an earlier draft or to something else. Write xmlns=\"{wanted_uri}\" on the root element."
            )
        } else if tag.local.eq_ignore_ascii_case(wanted_name) {
            format!("Capital and small letters differ: write '{wanted_name}'.")
        } else {
            "Send an Initial Vehicle Information message; this is another kind of document."
                .to_owned()
        };
        let more = Finding {
            layer: Layer::Xml,
            value: Some(shorten(tag.local)),
            expected: Some(wanted_name.to_owned()),
            help,
            ..blank()
        };
        report.add("X02-root", tag.at, message, more);
        Child::Skipped
    }

    fn stray_text(&mut self, reader: &Reader<'_>, report: &mut Report<'_, '_>) {
        let Some(Frame::Checked(frame)) = self.frames.last_mut() else {
            return;
        };
        let Kind::Complex(number) = frame.kind else {
            return;
        };
        let Some(kind) = self.schema.complex.get(number) else {
            return;
        };
        if kind.is_mixed
            || frame.has_stray_text
            || matches!(kind.content, Content::Simple(_))
            || is_all_blank(reader.text())
        {
            return;
        }
        frame.has_stray_text = true;
        let name = report.path.name();
        let message = format!("There is text in element '{name}', where only elements may be.");
        let more = Finding {
            value: Some(shorten(reader.text().trim())),
            expected: Some("nothing but elements and blanks".to_owned()),
            ..blank()
        };
        report.add("S02-unexpected-text", reader.text_at(), message, more);
    }

    fn attributes(
        &mut self,
        kind: Kind,
        tag: &Tag<'_>,
        reader: &Reader<'_>,
        report: &mut Report<'_, '_>,
    ) {
        let schema = self.schema;
        let uses = match kind {
            Kind::Simple(_) => &[][..],
            Kind::Complex(number) => schema
                .complex
                .get(number)
                .map_or(&[][..], |kind| &kind.attributes),
        };
        for attribute in reader.attributes() {
            let known = uses
                .iter()
                .find(|known| attribute.prefix.is_empty() && *known.name == *attribute.local);
            match known {
                Some(known) => {
                    let path = format!("{}/@{}", report.path.render(), attribute.local);
                    let what =
                        format!("attribute '{}' of element '{}'", attribute.local, tag.local);
                    let report_at = (what.as_str(), attribute.at, path);
                    let value = (attribute.value.as_ref(), reader as &dyn Surroundings);
                    self.attribute_value(known.kind, value, report_at, report);
                }
                None => unexpected_attribute(attribute, tag, reader, report),
            }
        }
        for missing in uses.iter().filter(|known| known.is_required) {
            let is_there = reader
                .attributes()
                .iter()
                .any(|found| found.prefix.is_empty() && *found.local == *missing.name);
            if !is_there {
                let message = format!(
                    "Attribute '{}' is missing on element '{}'.",
                    missing.name, tag.local
                );
                let more = Finding {
                    expected: Some(format!("attribute '{}'", missing.name)),
                    ..blank()
                };
                report.add("S01-missing-attribute", tag.at, message, more);
            }
        }
    }

    fn attribute_value(
        &mut self,
        kind: usize,
        (text, around): (&str, &dyn Surroundings),
        (what, at, path): (&str, usize, String),
        report: &mut Report<'_, '_>,
    ) {
        let Some(simple) = self.schema.simple.get(kind) else {
            return;
        };
        if let Some(misfit) = self.misfit(simple, text, around) {
            let more = Finding {
                path,
                value: Some(shorten(text)),
                expected: Some(describe::expected(simple)),
                help: describe::hint(simple, text),
                ..blank()
            };
            report.add(misfit.code(), at, misfit.message(what), more);
        }
    }

    fn value(
        &mut self,
        kind: usize,
        reader: &Reader<'_>,
        frame: &Checked,
        report: &mut Report<'_, '_>,
    ) {
        let text = reader.text();
        let Some(simple) = self.schema.simple.get(kind) else {
            return;
        };
        if let Some(misfit) = self.misfit(simple, text, reader) {
            let what = format!("element '{}'", self.schema.element_name(frame.element));
            let more = Finding {
                value: Some(shorten(text)),
                expected: Some(describe::expected(simple)),
                help: joined(
                    &describe::hint(simple, text),
                    &item(self.schema.about(frame.element)),
                ),
                ..blank()
            };
            report.add(misfit.code(), frame.at, misfit.message(&what), more);
        }
    }

    /// Why `text` is not a value of this type; `None` if it is one.
    fn misfit(&mut self, simple: &Simple, text: &str, around: &dyn Surroundings) -> Option<Misfit> {
        let misfit = simple.check(text, around).err();
        if misfit.is_none() && simple.has_names() {
            let mut is_known = false;
            simple.names(text, around, &mut |role, name| {
                is_known |= role == Role::Id && !self.ids.insert(name.to_owned());
            });
            return is_known.then_some(Misfit::Type);
        }
        misfit
    }
}

fn unexpected_attribute(
    attribute: &Attribute<'_>,
    tag: &Tag<'_>,
    reader: &Reader<'_>,
    report: &mut Report<'_, '_>,
) {
    let is_xsi = reader.uri(attribute.namespace) == XSI;
    if is_xsi
        && matches!(
            attribute.local,
            "schemaLocation" | "noNamespaceSchemaLocation"
        )
    {
        // A hint for editors. It is never followed.
        return;
    }
    let name = if attribute.prefix.is_empty() {
        attribute.local.to_owned()
    } else {
        format!("{}:{}", attribute.prefix, attribute.local)
    };
    let message = format!(
        "Attribute '{name}' is not expected on element '{}'.",
        tag.local
    );
    let help = if is_xsi {
        "A document cannot choose its own types here: remove the attribute."
    } else {
        "Remove the attribute."
    };
    let more = Finding {
        path: format!("{}/@{name}", report.path.render()),
        value: Some(shorten(&attribute.value)),
        help: help.to_owned(),
        ..blank()
    };
    report.add("S02-unexpected-attribute", attribute.at, message, more);
}

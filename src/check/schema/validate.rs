//! Holds a document against the schema, in one pass, and goes on after every fault.
//!
//! *Invariant*: each fault is told once. What lies inside an element that should not be there is
//! not looked at, and a fault in one child never hides one in the next.

use crate::check::found::shorten;
use crate::check::schema::children::{Checked, Child, Newcomer};
use crate::check::schema::ids::Ids;
use crate::check::schema::keys::Keys;
use crate::check::schema::report::{Report, blank, item};
use crate::check::schema::{Compiled, Content, Kind, QName, UNKNOWN_NAMESPACE};
use crate::check::xml::chars::{is_all_blank, trimmed};
use crate::check::xml::namespaces::NAMESPACES_MAX;
use crate::check::xml::{DEPTH_LIKELY, Namespace, Reader, Tag};
use crate::domain::outcome::{Finding, Layer};

/// The state of one document.
#[derive(Debug)]
pub(crate) struct Validator<'s> {
    pub(super) schema: &'s Compiled,
    frames: Vec<Frame>,
    /// The schema's number for each namespace of the document.
    namespaces: Vec<u32>,
    pub(super) ids: Ids,
    pub(super) keys: Keys,
    is_right_root: bool,
    /// May a document begin with any element at the top of the schema's files?
    is_any_root: bool,
}

/// An open element.
#[derive(Debug)]
enum Frame {
    /// Not looked at, nor what is in it.
    Skipped,
    /// Checked.
    Checked(Checked),
}

impl<'s> Validator<'s> {
    /// Before the root.
    pub(crate) fn new(schema: &'s Compiled, is_any_root: bool) -> Self {
        Self {
            schema,
            frames: Vec::with_capacity(DEPTH_LIKELY),
            namespaces: Vec::new(),
            ids: Ids::default(),
            keys: Keys::default(),
            is_right_root: false,
            is_any_root,
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
        let checked = self.open(child, tag, reader, report);
        if !schema.identities.is_empty() {
            self.start_keys(checked.as_ref(), name, reader, report);
        }
        self.frames
            .push(checked.map_or(Frame::Skipped, Frame::Checked));
    }

    /// The innermost element ends at `at`; the path still ends in it.
    pub(crate) fn end(&mut self, reader: &Reader<'_>, at: usize, report: &mut Report<'_, '_>) {
        self.stray_text(reader, report);
        let Some(Frame::Checked(frame)) = self.frames.pop() else {
            if !self.schema.identities.is_empty() {
                self.keys.end(self.schema, None, at, report);
            }
            return;
        };
        let text = if frame.is_nil {
            None
        } else {
            frame.end(self.schema, at, report);
            self.text(&frame, reader, report)
        };
        if !self.schema.identities.is_empty() {
            let key =
                text.and_then(|(number, text)| self.schema.simple.get(number)?.key(text, reader));
            self.keys.end(self.schema, key.as_deref(), frame.at, report);
        }
    }

    /// The document ended well.
    pub(crate) fn finish(&mut self, report: &mut Report<'_, '_>) {
        self.ids.finish(report);
    }

    pub(super) fn namespace(&mut self, namespace: Namespace, reader: &Reader<'_>) -> u32 {
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
        if self.is_any_root {
            self.is_right_root = true;
            return match schema.globals.get(&name) {
                Some(number) => Child::Declared(*number),
                None => Child::Strict,
            };
        }
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
        let (value, expected) = if tag.local == wanted_name {
            (uri, wanted_uri)
        } else {
            (tag.local, wanted_name)
        };
        let more = Finding {
            layer: Layer::Xml,
            value: Some(shorten(value)).filter(|value| !value.is_empty()),
            expected: Some(expected.to_owned()),
            help: help.into(),
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
            if frame.is_nil && !frame.has_stray_text && !reader.text().is_empty() {
                frame.has_stray_text = true;
                report.nil_text(reader);
            }
            return;
        };
        let Some(kind) = self.schema.complex.get(number) else {
            return;
        };
        // In an element that must be empty not even a blank may stand.
        let must_be_empty = frame.is_nil || matches!(kind.content, Content::Empty);
        let text = reader.text();
        if (kind.is_mixed && !frame.is_nil)
            || frame.has_stray_text
            || (matches!(kind.content, Content::Simple(_)) && !frame.is_nil)
            || (if must_be_empty {
                text.is_empty()
            } else {
                is_all_blank(text)
            })
        {
            return;
        }
        frame.has_stray_text = true;
        let name = report.path.name();
        let (message, expected) = if must_be_empty {
            let message = format!("There is text in element '{name}', which must be empty.");
            (message, "nothing, not even a blank")
        } else {
            let message = format!("There is text in element '{name}', where only elements may be.");
            (message, "nothing but elements and blanks")
        };
        let more = Finding {
            value: Some(shorten(trimmed(text))),
            expected: Some(expected.to_owned()),
            help: item(
                frame
                    .element
                    .map_or("", |element| self.schema.about(element)),
            )
            .into(),
            ..blank()
        };
        report.add("S02-unexpected-text", reader.text_at(), message, more);
    }
}

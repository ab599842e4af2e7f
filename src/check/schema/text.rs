//! Holds the text of elements and attributes against their types.

use crate::check::found::shorten;
use crate::check::schema::children::Checked;
use crate::check::schema::report::{Report, blank, item, joined};
use crate::check::schema::validate::Validator;
use crate::check::schema::values::{Misfit, Role};
use crate::check::schema::{Constraint, Content, Kind, describe};
use crate::check::xml::Reader;
use crate::domain::outcome::Finding;

/// A value as it stands in the document.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'v> {
    /// Its type.
    pub(super) kind: usize,
    pub(super) text: &'v str,
    pub(super) at: usize,
    pub(super) constraint: Option<&'v Constraint>,
}

/// What is wrong with a value.
#[derive(Debug)]
pub(super) enum Wrong {
    Misfit(Misfit),
    /// Another element has this name already.
    Taken(String),
    /// It is not the fixed value.
    NotFixed(String),
}

impl Validator<'_> {
    /// Checks the text of an element that ends; gives its type and its value, if it is of a simple type.
    pub(super) fn text<'r>(
        &mut self,
        frame: &Checked,
        reader: &'r Reader<'_>,
        report: &mut Report<'_, '_>,
    ) -> Option<(usize, &'r str)>
    where
        Self: 'r,
    {
        let schema = self.schema;
        let constraint = frame
            .element
            .and_then(|element| schema.element(element))
            .and_then(|element| element.constraint.as_ref());
        let number = match frame.kind {
            Kind::Simple(number) => Some(number),
            Kind::Complex(number) => match schema.complex.get(number).map(|kind| &kind.content) {
                Some(Content::Simple(number)) => Some(*number),
                _ => None,
            },
        };
        // A child inside a value was told already; the rest of the text means nothing.
        let text = reader.text();
        let Some(kind) = number else {
            if let Some(fixed) = constraint.filter(|known| known.is_fixed)
                && (frame.has_child || (!text.is_empty() && *text != *fixed.text))
            {
                self.tell_element(
                    &Wrong::NotFixed(fixed.text.to_string()),
                    frame,
                    (0, text),
                    report,
                );
            }
            return None;
        };
        if frame.has_child {
            return None;
        }
        // The default stands for an empty element, whatever type that has by now.
        let (text, constraint) = match constraint {
            Some(default) if text.is_empty() => (default.text.as_ref(), None),
            constraint => (text, constraint),
        };
        let value = Value {
            kind,
            text,
            at: frame.at,
            constraint,
        };
        match self.wrong(value, reader, report) {
            Some(wrong) => {
                self.tell_element(&wrong, frame, (kind, text), report);
                None
            }
            None => Some((kind, text)),
        }
    }

    fn tell_element(
        &self,
        wrong: &Wrong,
        frame: &Checked,
        (kind, text): (usize, &str),
        report: &mut Report<'_, '_>,
    ) {
        let what = format!("element '{}'", report.path.name());
        let about = frame
            .element
            .map_or("", |element| self.schema.about(element));
        let value = Value {
            kind,
            text,
            at: frame.at,
            constraint: None,
        };
        self.tell(wrong, value, (&what, String::new(), about), report);
    }

    /// What is wrong with a value; `None` if it is right.
    pub(super) fn wrong(
        &mut self,
        value: Value<'_>,
        reader: &Reader<'_>,
        report: &Report<'_, '_>,
    ) -> Option<Wrong> {
        let simple = self.schema.simple.get(value.kind)?;
        if let Err(misfit) = simple.check(value.text, reader) {
            return Some(Wrong::Misfit(misfit));
        }
        if let Some(fixed) = value.constraint.filter(|known| known.is_fixed)
            && *fixed.text != *value.text
            && simple.key(value.text, reader) != simple.key(&fixed.text, reader)
        {
            return Some(Wrong::NotFixed(fixed.text.to_string()));
        }
        self.names(value, reader, report)
    }

    /// Takes in the names in a value that mean other places; wrong if another element has one already.
    pub(super) fn names(
        &mut self,
        value: Value<'_>,
        reader: &Reader<'_>,
        report: &Report<'_, '_>,
    ) -> Option<Wrong> {
        let simple = self.schema.simple.get(value.kind)?;
        if !simple.has_names() {
            return None;
        }
        let mut taken = None;
        let ids = &mut self.ids;
        simple.names(value.text, reader, &mut |role, name| match role {
            Role::Id => {
                if !ids.add(name) {
                    taken = Some(Wrong::Taken(name.to_owned()));
                }
            }
            Role::IdRef => ids.want(name, value.at, report),
            Role::Entity => {}
        });
        taken
    }

    /// Tells what is wrong with a value; what it is the value of, its path, and what the schema says of it.
    pub(super) fn tell(
        &self,
        wrong: &Wrong,
        value: Value<'_>,
        (what, path, about): (&str, String, &str),
        report: &mut Report<'_, '_>,
    ) {
        let simple = self.schema.simple.get(value.kind);
        let (code, message, expected, hint) = match wrong {
            Wrong::Misfit(misfit) => (
                misfit.code(),
                misfit.message(what),
                simple.map(describe::expected),
                simple
                    .map(|simple| describe::hint(simple, value.text))
                    .unwrap_or_default(),
            ),
            Wrong::Taken(name) => (
                "S05-id",
                format!(
                    "The value '{}' of {what} names another element already.",
                    shorten(name)
                ),
                Some("a name that no other element has".to_owned()),
                String::new(),
            ),
            Wrong::NotFixed(fixed) => (
                "S03-fixed",
                format!("The value of {what} is not the one that it must have."),
                Some(shorten(fixed)),
                String::new(),
            ),
        };
        let more = Finding {
            path,
            value: Some(shorten(value.text)),
            expected,
            help: joined(&hint, &item(about)).into(),
            ..blank()
        };
        report.add(code, value.at, message, more);
    }
}

//! What an element says of itself as it begins: its type, whether it is empty, its attributes.

use crate::check::found::shorten;
use crate::check::schema::children::{Checked, Child};
use crate::check::schema::derive::Methods;
use crate::check::schema::identity::{Path, Test};
use crate::check::schema::keys::Found;
use crate::check::schema::report::{Report, blank, item};
use crate::check::schema::text::Value;
use crate::check::schema::validate::Validator;
use crate::check::schema::values::Simple;
use crate::check::schema::wildcard::Process;
use crate::check::schema::{AttributeUse, Compiled, Element, Kind, QName};
use crate::check::xml::chars::{qualified, trimmed};
use crate::check::xml::{Attribute, Reader, Tag};
use crate::domain::outcome::Finding;

/// The namespace of `xsi:type` and its like.
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The attribute of XML Schema's own with this name.
fn own<'r, 'a>(reader: &'r Reader<'a>, local: &str) -> Option<&'r Attribute<'a>> {
    reader.attributes().iter().find(|attribute| {
        !attribute.prefix.is_empty()
            && attribute.local == local
            && reader.uri(attribute.namespace) == XSI
    })
}

impl Validator<'_> {
    /// Opens an element; `None` if it is not looked at.
    pub(super) fn open(
        &mut self,
        child: Child,
        tag: &Tag<'_>,
        reader: &Reader<'_>,
        report: &mut Report<'_, '_>,
    ) -> Option<Checked> {
        let declared = match child {
            Child::Skipped => return None,
            Child::Declared(number) => Some(number),
            Child::Lax | Child::Strict => None,
        };
        let schema = self.schema;
        let element = declared.and_then(|number| schema.element(number));
        let kind = element.map_or(Kind::ANY, |element| element.kind);
        let mut checked = Checked::new(kind, declared, tag.at);
        let mut is_told = false;
        if !reader.attributes().is_empty() {
            if let Some(attribute) = own(reader, "type") {
                match self.named_type(element, attribute, reader) {
                    Ok(kind) => checked.kind = kind,
                    Err(why) => {
                        wrong_type(attribute, &why, report);
                        is_told = true;
                    }
                }
            } else if child == Child::Strict {
                undeclared(tag, report);
                return None;
            }
            checked.is_nil = is_nil(element, reader, report);
        } else if child == Child::Strict {
            undeclared(tag, report);
            return None;
        }
        if element.is_some_and(|element| element.is_abstract) {
            let message = format!(
                "Element '{}' stands for others and cannot be used itself: write one of those in its place.",
                tag.local
            );
            report.add("S04-abstract", tag.at, message, blank());
        } else if let Kind::Complex(number) = checked.kind
            && !is_told
            && schema
                .complex
                .get(number)
                .is_some_and(|kind| kind.is_abstract)
        {
            let message = format!(
                "Element '{}' can be of several kinds: say of which by xsi:type.",
                tag.local
            );
            report.add("S04-abstract", tag.at, message, blank());
        }
        self.attributes(checked.kind, tag, reader, report);
        Some(checked)
    }

    /// The type that `xsi:type` names, if it may stand here; else why not.
    fn named_type(
        &mut self,
        element: Option<&Element>,
        attribute: &Attribute<'_>,
        reader: &Reader<'_>,
    ) -> Result<Kind, String> {
        let schema = self.schema;
        let value = trimmed(&attribute.value);
        let uri =
            qualified(value).and_then(|(prefix, local)| Some((reader.resolve(prefix)?, local)));
        let Some((uri, local)) = uri else {
            return Err("it is not the name of a type".to_owned());
        };
        let name = schema.names.number(local).map(|name| QName {
            namespace: schema.namespace_number(uri),
            name,
        });
        let Some(kind) = name.and_then(|name| schema.types.get(&name)) else {
            return Err("the schema has no such type".to_owned());
        };
        let Some(element) = element else {
            return Ok(*kind);
        };
        let blocks = match element.kind {
            Kind::Complex(number) => schema
                .complex
                .get(number)
                .map_or(Methods::NONE, |kind| kind.blocks),
            Kind::Simple(_) => Methods::NONE,
        };
        match schema.way(*kind, element.kind) {
            None => Err("that type is not made from the type that the schema gives".to_owned()),
            Some(way) if way.has(element.blocks.with(blocks)) => {
                Err("the schema does not allow that type here".to_owned())
            }
            Some(_) => Ok(*kind),
        }
    }

    fn attributes(
        &mut self,
        kind: Kind,
        tag: &Tag<'_>,
        reader: &Reader<'_>,
        report: &mut Report<'_, '_>,
    ) {
        let schema = self.schema;
        let complex = match kind {
            Kind::Simple(_) => None,
            Kind::Complex(number) => schema.complex.get(number),
        };
        let uses = complex.map_or(&[][..], |kind| &kind.attributes);
        let mut has_wild_id = false;
        for attribute in reader.attributes() {
            if is_own(attribute, reader) {
                continue;
            }
            let namespace = if attribute.prefix.is_empty() {
                0
            } else {
                self.namespace(attribute.namespace, reader)
            };
            let known = uses
                .iter()
                .find(|known| known.key() == (namespace, attribute.local));
            let any = complex
                .and_then(|kind| kind.any_attribute.as_ref())
                .filter(|any| known.is_none() && any.namespaces.takes(namespace));
            match (known, any.map(|any| any.process)) {
                (Some(known), _) => self.attribute(known, (attribute, tag), reader, report),
                (None, None) => unexpected_attribute(attribute, tag, report),
                (None, Some(Process::Skip)) => {}
                (None, Some(process)) => match schema.attribute(namespace, attribute.local) {
                    Some(known) if schema.is_id(known) && (has_wild_id || schema.has_id(uses)) => {
                        second_id(attribute, tag, report);
                    }
                    Some(known) => {
                        has_wild_id |= schema.is_id(known);
                        self.attribute(known, (attribute, tag), reader, report);
                    }
                    None if process == Process::Strict => {
                        unexpected_attribute(attribute, tag, report);
                    }
                    None => {}
                },
            }
        }
        self.missing_attributes(uses, tag, reader, report);
    }

    /// Tells the attributes that are missing on the element that just began.
    fn missing_attributes(
        &mut self,
        uses: &[AttributeUse],
        tag: &Tag<'_>,
        reader: &Reader<'_>,
        report: &mut Report<'_, '_>,
    ) {
        let schema = self.schema;
        for missing in uses {
            let is_of_note = missing.is_required || missing.constraint.is_some();
            if !is_of_note || is_there(schema, missing, reader) {
                continue;
            }
            if let Some(default) = missing.constraint.as_ref().filter(|_| !missing.is_required) {
                // A name that stands for none is a name as well.
                let value = Value {
                    kind: missing.kind,
                    text: &default.text,
                    at: tag.at,
                    constraint: None,
                };
                self.names(value, reader, report);
            } else {
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

    fn attribute(
        &mut self,
        known: &AttributeUse,
        (attribute, tag): (&Attribute<'_>, &Tag<'_>),
        reader: &Reader<'_>,
        report: &mut Report<'_, '_>,
    ) {
        let value = Value {
            kind: known.kind,
            text: &attribute.value,
            at: attribute.at,
            constraint: known.constraint.as_ref(),
        };
        let wrong = self.wrong(value, reader, report);
        if let Some(wrong) = wrong {
            let what = format!("attribute '{}' of element '{}'", attribute.local, tag.local);
            let path = format!("{}/@{}", report.path.render(), attribute.local);
            self.tell(&wrong, value, (&what, path, ""), report);
        }
    }

    /// Tells the keys and their like that an element began.
    pub(super) fn start_keys(
        &mut self,
        checked: Option<&Checked>,
        name: QName,
        reader: &Reader<'_>,
        report: &mut Report<'_, '_>,
    ) {
        let schema = self.schema;
        let Some(checked) = checked else {
            self.keys.skip(name);
            return;
        };
        let element = checked.element.and_then(|number| schema.element(number));
        let identities = element.map_or(&[][..], |element| &element.identities);
        let uses = match checked.kind {
            Kind::Complex(number) => schema
                .complex
                .get(number)
                .map_or(&[][..], |kind| &kind.attributes),
            Kind::Simple(_) => &[][..],
        };
        let key = |path: &Path| field(schema, uses, path, reader);
        self.keys
            .start(schema, (name, identities, checked.at), &key, report);
    }
}

/// What a path finds among the attributes of an element, those with a default among them.
fn field(schema: &Compiled, uses: &[AttributeUse], path: &Path, reader: &Reader<'_>) -> Found {
    let Some(wanted_name) = path.attribute else {
        return Found::Nothing;
    };
    let takes = |namespace: u32, local: &str| match wanted_name {
        Test::Any => true,
        Test::Namespace(uri) => namespace == uri,
        Test::Name(name) => namespace == name.namespace && *schema.names.name(name.name) == *local,
    };
    let number = |attribute: &Attribute<'_>| match attribute.prefix {
        "" => 0,
        _ => schema.namespace_number(reader.uri(attribute.namespace)),
    };
    let mut found = reader.attributes().iter().filter(|attribute| {
        !is_own(attribute, reader) && takes(number(attribute), attribute.local)
    });
    let (known, text, at) = match (found.next(), found.next()) {
        (Some(_), Some(_)) => return Found::Wrong,
        (Some(attribute), None) => {
            let key = (number(attribute), attribute.local);
            let declared = uses.iter().find(|known| known.key() == key);
            let declared = declared.or_else(|| schema.attribute(key.0, key.1));
            (declared, attribute.value.as_ref(), attribute.at)
        }
        (None, _) => {
            let mut defaults = uses
                .iter()
                .filter(|known| takes(known.namespace, &known.name))
                .filter_map(|known| Some((known, known.constraint.as_ref()?)));
            let Some((known, default)) = defaults.next() else {
                return Found::Nothing;
            };
            (Some(known), default.text.as_ref(), 0)
        }
    };
    let simple = known.and_then(|known| schema.simple.get(known.kind));
    simple
        .and_then(|simple| simple.key(text, reader))
        .map_or(Found::Wrong, |key| Found::Value(key, at))
}

/// Does the element that just began have this attribute?
fn is_there(schema: &Compiled, wanted: &AttributeUse, reader: &Reader<'_>) -> bool {
    reader.attributes().iter().any(|found| {
        *found.local == *wanted.name
            && found.prefix.is_empty() == (wanted.namespace == 0)
            && reader.uri(found.namespace) == schema.namespace(wanted.namespace)
    })
}

/// Is it one of the four that XML Schema itself brings?
fn is_own(attribute: &Attribute<'_>, reader: &Reader<'_>) -> bool {
    !attribute.prefix.is_empty()
        && matches!(
            attribute.local,
            "type" | "nil" | "schemaLocation" | "noNamespaceSchemaLocation"
        )
        && reader.uri(attribute.namespace) == XSI
}

/// Does the element say that it is empty, and may it?
fn is_nil(element: Option<&Element>, reader: &Reader<'_>, report: &mut Report<'_, '_>) -> bool {
    let Some(attribute) = own(reader, "nil") else {
        return false;
    };
    let wrong = match trimmed(&attribute.value) {
        _ if element.is_some_and(|element| !element.is_nillable) => {
            "This element must have a value: xsi:nil is not allowed on it."
        }
        "true" | "1" if element.is_some_and(Element::is_fixed) => {
            "This element has a fixed value: it cannot be xsi:nil."
        }
        "true" | "1" => return element.is_some(),
        "false" | "0" => return false,
        _ => "The value of xsi:nil must be true or false.",
    };
    let more = Finding {
        path: format!("{}/@xsi:nil", report.path.render()),
        value: Some(shorten(&attribute.value)),
        help: "Remove the attribute.".into(),
        ..blank()
    };
    report.add("S04-nil", attribute.at, wrong.to_owned(), more);
    false
}

impl Element {
    fn is_fixed(&self) -> bool {
        self.constraint
            .as_ref()
            .is_some_and(|constraint| constraint.is_fixed)
    }
}

impl Compiled {
    fn is_id(&self, known: &AttributeUse) -> bool {
        self.simple.get(known.kind).is_some_and(Simple::is_id)
    }

    fn has_id(&self, uses: &[AttributeUse]) -> bool {
        uses.iter().any(|known| self.is_id(known))
    }

    /// The attribute of this name at the top of the files.
    fn attribute(&self, namespace: u32, local: &str) -> Option<&AttributeUse> {
        let found = self
            .attributes
            .binary_search_by(|known| known.key().cmp(&(namespace, local)));
        found.ok().and_then(|found| self.attributes.get(found))
    }
}

fn wrong_type(attribute: &Attribute<'_>, why: &str, report: &mut Report<'_, '_>) {
    let message = format!(
        "The xsi:type '{}' cannot be used here: {why}.",
        shorten(&attribute.value)
    );
    let more = Finding {
        path: format!("{}/@{}:type", report.path.render(), attribute.prefix),
        value: Some(shorten(&attribute.value)),
        expected: Some("a type made from the one that the schema gives".to_owned()),
        help: "Remove the attribute.".into(),
        ..blank()
    };
    report.add("S04-type", attribute.at, message, more);
}

fn undeclared(tag: &Tag<'_>, report: &mut Report<'_, '_>) {
    let name = shorten(tag.local);
    let message = format!("Element '{name}' is not one that the schema knows.");
    let more = Finding {
        value: Some(name),
        expected: Some("an element at the top of the schema".to_owned()),
        help: item("").into(),
        ..blank()
    };
    report.add("S02-unexpected-element", tag.at, message, more);
}

/// An attribute that a wildcard lets in names the element, which may have one name only
/// (cvc-complex-type 5).
fn second_id(attribute: &Attribute<'_>, tag: &Tag<'_>, report: &mut Report<'_, '_>) {
    let message = format!(
        "Attribute '{}' of element '{}' is a name (ID) although the element has, or may have, another.",
        attribute.local, tag.local
    );
    let more = Finding {
        path: format!("{}/@{}", report.path.render(), attribute.local),
        value: Some(shorten(&attribute.value)),
        expected: Some("one ID an element".to_owned()),
        help: "Remove the attribute.".into(),
        ..blank()
    };
    report.add("S05-id", attribute.at, message, more);
}

fn unexpected_attribute(attribute: &Attribute<'_>, tag: &Tag<'_>, report: &mut Report<'_, '_>) {
    let name = if attribute.prefix.is_empty() {
        attribute.local.to_owned()
    } else {
        format!("{}:{}", attribute.prefix, attribute.local)
    };
    let message = format!(
        "Attribute '{name}' is not expected on element '{}'.",
        tag.local
    );
    let more = Finding {
        path: format!("{}/@{name}", report.path.render()),
        value: Some(shorten(&attribute.value)),
        help: "Remove the attribute.".into(),
        ..blank()
    };
    report.add("S02-unexpected-attribute", attribute.at, message, more);
}

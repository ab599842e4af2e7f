//! Takes a start tag apart: its name, its attributes, its namespace declarations.

use std::borrow::Cow;

use crate::check::xml::chars::{is_blank, qualified};
use crate::check::xml::namespaces::{Namespace, Namespaces, Refused};
use crate::check::xml::references::{BadValue, attribute_value};
use crate::check::xml::{Attribute, Fault, Limits, Tag, is_past};

/// Where a start tag stands, and what is taken from it.
#[derive(Debug)]
pub(crate) struct Scene<'t, 'a> {
    /// Declarations are bound here.
    pub(crate) namespaces: &'t mut Namespaces<'a>,
    /// Attributes go here.
    pub(crate) attributes: &'t mut Vec<Attribute<'a>>,
    /// How many elements are open around it.
    pub(crate) depth: u32,
    /// How much is taken.
    pub(crate) limits: Limits,
}

/// Reads the start tag `inside` (what stands between `<` and `>` or `/>`), which begins at `at` in
/// the text. Gives the element and its name as written.
pub(crate) fn read<'a>(
    inside: &'a str,
    at: usize,
    scene: &mut Scene<'_, 'a>,
) -> Result<(Tag<'a>, &'a str), Fault> {
    scene.attributes.clear();
    let limits = scene.limits;
    let name_len = inside.bytes().position(is_blank).unwrap_or(inside.len());
    let (name, mut rest) = inside.split_at(name_len);
    let (prefix, local) = checked_name(name, at + 1, limits)?;
    let mut count = 0;
    while let Some((raw_name, raw_value, after)) = next_attribute(rest, inside, at)? {
        count += 1;
        if count > limits.attributes {
            return Err(Fault::new(
                "X04-attributes",
                at,
                format!("An element has more than {} attributes.", limits.attributes),
            ));
        }
        scene.take(raw_name, raw_value, offset_of(raw_name, inside, at))?;
        rest = after;
    }
    if !scene.attributes.is_empty() {
        resolve_attributes(scene.attributes, scene.namespaces)?;
    }
    let namespace = scene
        .namespaces
        .resolve(prefix)
        .ok_or_else(|| undeclared(prefix, at + 1))?;
    let tag = Tag {
        local,
        namespace,
        at,
    };
    Ok((tag, name))
}

/// Reads a start tag that is nothing but a good name without a prefix.
pub(crate) fn plain<'a>(
    name: &'a str,
    at: usize,
    scene: &mut Scene<'_, 'a>,
) -> Result<Tag<'a>, Fault> {
    scene.attributes.clear();
    if is_past(name.len(), scene.limits.name_bytes) {
        checked_name(name, at + 1, scene.limits)?;
    }
    let namespace = scene.namespaces.resolve("");
    Ok(Tag {
        local: name,
        namespace: namespace.unwrap_or(Namespace::NONE),
        at,
    })
}

/// Where in the text `part`, a slice of `inside`, begins.
fn offset_of(part: &str, inside: &str, at: usize) -> usize {
    at + 1 + (part.as_ptr().addr() - inside.as_ptr().addr())
}

/// Checks a qualified name and parts it.
pub(crate) fn checked_name(name: &str, at: usize, limits: Limits) -> Result<(&str, &str), Fault> {
    if is_past(name.len(), limits.name_bytes) {
        return Err(Fault::new(
            "X04-name",
            at,
            format!("A name is longer than {} octets.", limits.name_bytes),
        ));
    }
    qualified(name).ok_or_else(|| {
        let shown = crate::check::found::shorten(name);
        let message = if name.is_empty() {
            "A name is missing after '<'.".to_owned()
        } else {
            format!("'{shown}' is not a name that XML allows.")
        };
        Fault::new("X01-name", at, message)
            .with_help("Write '&lt;' for a '<' that does not begin a tag.")
    })
}

/// Name, raw value and rest of the next attribute; `None` at the end of the tag.
fn next_attribute<'a>(
    rest: &'a str,
    inside: &str,
    at: usize,
) -> Result<Option<(&'a str, &'a str, &'a str)>, Fault> {
    let begins = rest.trim_start_matches([' ', '\t', '\n', '\r']);
    if begins.is_empty() {
        return Ok(None);
    }
    let place = offset_of(begins, inside, at);
    let wrong = |message: &str| Err(Fault::new("X01-attribute", place, message));
    if begins.len() == rest.len() {
        return wrong("There is no blank before an attribute.");
    }
    let Some((name, after)) = begins.split_once('=') else {
        return wrong("An attribute has no value.");
    };
    let name = name.trim_end_matches([' ', '\t', '\n', '\r']);
    let value = after.trim_start_matches([' ', '\t', '\n', '\r']);
    let Some(quote) = value
        .chars()
        .next()
        .filter(|quote| matches!(quote, '"' | '\''))
    else {
        return wrong("An attribute's value is not in quotation marks.");
    };
    match value.get(1..).and_then(|value| value.split_once(quote)) {
        Some((value, after)) => Ok(Some((name, value, after))),
        None => wrong("An attribute's value is not closed."),
    }
}

impl<'a> Scene<'_, 'a> {
    /// Takes in one attribute, or binds one declaration.
    fn take(&mut self, raw_name: &'a str, raw_value: &'a str, at: usize) -> Result<(), Fault> {
        let (prefix, local) = checked_name(raw_name, at, self.limits)?;
        let value = checked_value(local, raw_value, at, self.limits)?;
        let declared = match (prefix, local) {
            ("", "xmlns") => Some(""),
            ("xmlns", prefix) => Some(prefix),
            _ => None,
        };
        let is_repeated = match declared {
            Some(prefix) => self.namespaces.is_bound_at(prefix, self.depth),
            None => self
                .attributes
                .iter()
                .any(|known| known.local == local && known.prefix == prefix),
        };
        if is_repeated {
            let message = format!("Attribute '{raw_name}' stands twice in one element.");
            return Err(Fault::new("X01-attribute", at, message));
        }
        let Some(declared) = declared else {
            self.attributes.push(Attribute {
                prefix,
                local,
                namespace: Namespace::NONE,
                value,
                at,
            });
            return Ok(());
        };
        let bound = self.namespaces.bind(declared, value, self.depth);
        bound.map_err(|refused| match refused {
            Refused::TooMany => Fault::new(
                "X04-namespaces",
                at,
                format!(
                    "There are more than {} namespaces or prefixes.",
                    self.limits.namespaces
                ),
            ),
            Refused::Wrong(why) => Fault::new(
                "X01-namespace",
                at,
                format!("A namespace declaration is wrong: {why}."),
            ),
        })
    }
}

/// The value of the attribute `local`, as an application sees it.
fn checked_value<'a>(
    local: &str,
    raw: &'a str,
    at: usize,
    limits: Limits,
) -> Result<Cow<'a, str>, Fault> {
    if is_past(raw.len(), limits.attribute_bytes) {
        let message = format!(
            "The value of attribute '{local}' is longer than {} octets.",
            limits.attribute_bytes
        );
        return Err(Fault::new("X04-attribute-value", at, message));
    }
    attribute_value(raw).map_err(|bad| match bad {
        BadValue::LessThan => Fault::new(
            "X01-attribute",
            at,
            format!("The value of attribute '{local}' holds a '<'."),
        )
        .with_help("Write '&lt;' for it."),
        BadValue::Reference => Fault::new(
            "X01-reference",
            at,
            format!("The value of attribute '{local}' holds a '&' that begins no known reference."),
        )
        .with_help("Write '&amp;' for a '&'."),
    })
}

/// Gives prefixed attributes their namespaces, once all declarations of the tag are known.
fn resolve_attributes(
    attributes: &mut [Attribute<'_>],
    namespaces: &Namespaces<'_>,
) -> Result<(), Fault> {
    let mut prefixed: Vec<(Namespace, &str)> = Vec::new();
    for attribute in attributes {
        if attribute.prefix.is_empty() {
            continue;
        }
        attribute.namespace = namespaces
            .resolve(attribute.prefix)
            .ok_or_else(|| undeclared(attribute.prefix, attribute.at))?;
        if prefixed.contains(&(attribute.namespace, attribute.local)) {
            let message = format!(
                "Attribute '{}' stands twice, by two prefixes.",
                attribute.local
            );
            return Err(Fault::new("X01-attribute", attribute.at, message));
        }
        prefixed.push((attribute.namespace, attribute.local));
    }
    Ok(())
}

fn undeclared(prefix: &str, at: usize) -> Fault {
    let message = format!("The prefix '{prefix}' was never declared.");
    Fault::new("X01-namespace", at, message)
        .with_help("Declare it by xmlns:prefix=\"…\" on this element or above it.")
}

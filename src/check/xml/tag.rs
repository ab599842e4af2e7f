//! Takes a start tag apart: its name, its attributes, its namespace declarations.

use crate::check::xml::chars::{is_blank, qualified};
use crate::check::xml::namespaces::{NAMESPACES_MAX, Namespace, Namespaces, Refused};
use crate::check::xml::references::{BadValue, attribute_value};
use crate::check::xml::{ATTRIBUTE_BYTES_MAX, Attribute, Fault, Limits, Tag};

/// Reads the start tag `inside` (what stands between `<` and `>` or `/>`), which begins at `at` in
/// the text. Attributes go into `attributes`, declarations are bound at `depth`.
pub(crate) fn read<'a>(
    inside: &'a str,
    at: usize,
    place: (&mut Namespaces<'a>, u32),
    attributes: &mut Vec<Attribute<'a>>,
    limits: Limits,
) -> Result<(Tag<'a>, &'a str), Fault> {
    let (namespaces, depth) = place;
    attributes.clear();
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
        let name_at = offset_of(raw_name, inside, at);
        read_attribute(
            (raw_name, raw_value),
            name_at,
            namespaces,
            depth,
            attributes,
            limits,
        )?;
        rest = after;
    }
    if !attributes.is_empty() {
        resolve_attributes(attributes, namespaces)?;
    }
    let namespace = namespaces
        .resolve(prefix)
        .ok_or_else(|| undeclared(prefix, at + 1))?;
    let tag = Tag {
        local,
        namespace,
        at,
    };
    Ok((tag, name))
}

/// Where in the text `part`, a slice of `inside`, begins.
fn offset_of(part: &str, inside: &str, at: usize) -> usize {
    at + 1 + (part.as_ptr().addr() - inside.as_ptr().addr())
}

/// Checks a qualified name and parts it.
pub(crate) fn checked_name(name: &str, at: usize, limits: Limits) -> Result<(&str, &str), Fault> {
    if u32::try_from(name.len()).is_ok_and(|len| len > limits.name_bytes) {
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

/// Takes in one attribute, or binds one declaration.
fn read_attribute<'a>(
    (raw_name, raw_value): (&'a str, &'a str),
    at: usize,
    namespaces: &mut Namespaces<'a>,
    depth: u32,
    attributes: &mut Vec<Attribute<'a>>,
    limits: Limits,
) -> Result<(), Fault> {
    let (prefix, local) = checked_name(raw_name, at, limits)?;
    if raw_value.len() > ATTRIBUTE_BYTES_MAX {
        let message = format!(
            "The value of attribute '{local}' is longer than {ATTRIBUTE_BYTES_MAX} octets."
        );
        return Err(Fault::new("X04-attribute-value", at, message));
    }
    let value = attribute_value(raw_value).map_err(|bad| match bad {
        BadValue::LessThan(_) => Fault::new(
            "X01-attribute",
            at,
            format!("The value of attribute '{local}' holds a '<'."),
        )
        .with_help("Write '&lt;' for it."),
        BadValue::Reference(_) => Fault::new(
            "X01-reference",
            at,
            format!("The value of attribute '{local}' holds a '&' that begins no known reference."),
        )
        .with_help("Write '&amp;' for a '&'."),
    })?;
    let declared = match (prefix, local) {
        ("", "xmlns") => Some(""),
        ("xmlns", prefix) => Some(prefix),
        _ => None,
    };
    let is_repeated = attributes
        .iter()
        .any(|known| known.local == local && known.prefix == prefix);
    if is_repeated || declared.is_some_and(|prefix| namespaces.is_bound_at(prefix, depth)) {
        let message = format!("Attribute '{raw_name}' stands twice in one element.");
        return Err(Fault::new("X01-attribute", at, message));
    }
    let Some(declared) = declared else {
        attributes.push(Attribute {
            prefix,
            local,
            namespace: Namespace::NONE,
            value,
            at,
        });
        return Ok(());
    };
    namespaces
        .bind(declared, value, depth)
        .map_err(|refused| match refused {
            Refused::TooMany => Fault::new(
                "X04-namespaces",
                at,
                format!("There are more than {NAMESPACES_MAX} namespaces or prefixes."),
            ),
            Refused::Wrong(why) => Fault::new(
                "X01-namespace",
                at,
                format!("A namespace declaration is wrong: {why}."),
            ),
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

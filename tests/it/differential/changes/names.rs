//! Other names, attributes, prefixes and namespaces.

use crate::differential::changes::Scene;
use crate::differential::dice::Dice;

const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Gives an element another name, at both ends or at one.
pub(crate) fn rename(scene: &Scene<'_>, dice: &mut Dice) -> Option<String> {
    let element = scene.any(dice);
    let old = scene.part(element.name.clone());
    let new = match dice.roll(6) {
        0 => dice.pick(&scene.corpus.names).clone(),
        1 => old.to_lowercase(),
        2 => format!(
            "{old}{}",
            dice.pick(&["X", "-", ".", "é", "1", ":", ":a", "\u{B7}", "\u{D7}", "@"])
        ),
        3 => format!(
            "{}{old}",
            dice.pick(&["x", "-", "1", ":", "xml", "é", "_", "."])
        ),
        4 => format!("xmlns:{old}"),
        _ => old.chars().rev().collect(),
    };
    if element.is_empty_tag() {
        return Some(scene.with(element.name.clone(), &new));
    }
    let end_name = element.inner.end + 2..element.inner.end + 2 + old.len();
    if dice.chance(10) {
        return Some(scene.with(end_name, &new));
    }
    let mut text = scene.with(end_name, &new);
    text.replace_range(element.name.clone(), &new);
    Some(text)
}

/// The attributes in start tags, as places of ` name="value"`.
fn attributes(scene: &Scene<'_>) -> Vec<std::ops::Range<usize>> {
    let mut places = Vec::new();
    for element in &scene.elements {
        let mut at = element.name.end;
        while let Some(equals) = scene.text[at..element.tag.end].find('=') {
            let quote = at + equals + 1;
            let Some(mark) = scene.text[quote..]
                .chars()
                .next()
                .filter(|mark| "\"'".contains(*mark))
            else {
                break;
            };
            let Some(length) = scene.text[quote + 1..element.tag.end].find(mark) else {
                break;
            };
            let end = quote + 1 + length + 1;
            places.push(at..end);
            at = end;
        }
    }
    places
}

/// Leaves out, doubles, renames or changes an attribute that is there.
pub(crate) fn attribute(scene: &Scene<'_>, dice: &mut Dice) -> Option<String> {
    let places = attributes(scene);
    if places.is_empty() {
        return None;
    }
    let place = dice.pick(&places).clone();
    let old = scene.part(place.clone()).to_owned();
    let (name, value) = old.split_once('=')?;
    let value = value.get(1..value.len().checked_sub(1)?)?;
    let new = match dice.roll(9) {
        0 => String::new(),
        1 => format!("{old}{old}"),
        2 => format!("{name}=\"\""),
        3 => format!("{name}=\" {value} \""),
        4 => format!("{name}X=\"{value}\""),
        5 => format!("{name}='{value}'"),
        6 => format!("{name}\n = \n\"{value}\""),
        7 => {
            let bad = dice.pick(&[
                "a b", "1", "%", "<", "&", "&amp;", "&#x9;", "true", "9", "-1", "_a", "##", "é",
            ]);
            format!("{name}=\"{bad}\"")
        }
        _ => format!("{name}={value}"),
    };
    Some(scene.with(place, &new))
}

/// Adds an attribute that nobody asked for, or that is always allowed.
pub(crate) fn add_attribute(scene: &Scene<'_>, dice: &mut Dice) -> Option<String> {
    let element = scene.any(dice);
    let new = *dice.pick(&[
        " a=\"1\"",
        " Id=\"x1\"",
        " xml:lang=\"en\"",
        " xml:space=\"preserve\"",
        " xml:space=\"other\"",
        " xml:base=\"http://example.com/\"",
        " xml:id=\"x\"",
        " xml:other=\"1\"",
        " p:a=\"1\"",
        " xmlns:p=\"urn:p\" p:a=\"1\"",
        " xmlns:p=\"urn:p\" xmlns:q=\"urn:p\" p:a=\"1\" q:a=\"2\"",
        " a=\"1\" a=\"2\"",
        " a=\"1\"b=\"2\"",
        " a",
        " a=1",
        " a=\"",
        " =\"1\"",
        " a:b:c=\"1\"",
        " 1a=\"1\"",
        " é=\"1\"",
        " Id=\"x1\" Id=\"x1\"",
        " Algorithm=\"urn:x\"",
        " a=\"&lt;\"",
        " a=\"<\"",
        " a=\"&nothing;\"",
        " a=\"&#0;\"",
        " :a=\"1\"",
        " a:=\"1\"",
    ]);
    Some(scene.with_in_tag(element, new))
}

/// Changes, drops or adds a declaration of a namespace.
pub(crate) fn namespace(scene: &Scene<'_>, dice: &mut Dice) -> Option<String> {
    if dice.chance(60) {
        let element = scene.any(dice);
        let new = *dice.pick(&[
            " xmlns=\"\"",
            " xmlns=\"urn:x\"",
            " xmlns:p=\"\"",
            " xmlns:p=\"urn:p\"",
            " xmlns:xml=\"http://www.w3.org/XML/1998/namespace\"",
            " xmlns:xml=\"urn:x\"",
            " xmlns:xmlns=\"urn:x\"",
            " xmlns:p=\"http://www.w3.org/2000/xmlns/\"",
            " xmlns:p=\"http://www.w3.org/XML/1998/namespace\"",
            " xmlns:=\"urn:x\"",
            " xmlns:a:b=\"urn:x\"",
            " xmlns:p=\"a b\"",
            " xmlns:p=\"%zz\"",
            " xmlns:p=\"../relative\"",
            " xmlns:Xml2=\"urn:x\"",
            " xmlns=\"http://www.w3.org/2000/xmlns/\"",
            " xmlns=\"http://www.w3.org/XML/1998/namespace\"",
        ]);
        return Some(scene.with_in_tag(element, new));
    }
    let declared: Vec<_> = attributes(scene)
        .into_iter()
        .filter(|place| scene.part(place.clone()).trim_start().starts_with("xmlns"))
        .collect();
    if declared.is_empty() {
        return None;
    }
    let place = dice.pick(&declared).clone();
    let old = scene.part(place.clone());
    let (name, value) = old.split_once('=')?;
    let value = value.get(1..value.len().checked_sub(1)?)?;
    let new = match dice.roll(5) {
        0 => String::new(),
        1 => format!("{name}=\"{value}/\""),
        2 => format!("{name}=\" {value} \""),
        3 => format!("{name}=\"{}\"", value.to_uppercase()),
        _ => format!(
            "{name}=\"&#x{:x};{}\"",
            value.bytes().next()?,
            value.get(1..)?
        ),
    };
    Some(scene.with(place, &new))
}

/// Puts a prefix, declared or not, before one name or all names.
pub(crate) fn prefix(scene: &Scene<'_>, dice: &mut Dice) -> Option<String> {
    let root = scene.elements.first()?;
    let uri = scene
        .part(root.tag.clone())
        .split_once("xmlns=\"")
        .and_then(|(_, rest)| Some(rest.split_once('"')?.0.to_owned()))?;
    let element = scene.any(dice);
    let name = scene.part(element.name.clone()).to_owned();
    if element.is_empty_tag() || name.contains(':') {
        return None;
    }
    let inside = scene.part(element.inner.clone());
    let declared = format!(" xmlns:pre=\"{uri}\"");
    let attributes = scene.part(element.name.end..element.tag.end - 1);
    let (new, declaration) = match dice.roll(5) {
        0 => (format!("pre:{name}"), ""),
        1 => (format!("pre:{name}"), " xmlns:pre=\"urn:other\""),
        2 => (format!("xml:{name}"), ""),
        _ => (format!("pre:{name}"), declared.as_str()),
    };
    let changed = format!("<{new}{declaration}{attributes}>{inside}</{new}>");
    Some(scene.with(element.whole.clone(), &changed))
}

/// Adds `xsi:type`, `xsi:nil` or a hint where a schema lies.
pub(crate) fn xsi(scene: &Scene<'_>, dice: &mut Dice) -> Option<String> {
    let element = scene.any(dice);
    let name = match dice.roll(10) {
        0..=4 => {
            let target = " xmlns:t=\"http://eu.ereg.initialvehicleinformation.v2\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"";
            let kind = match dice.roll(3) {
                0 if !scene.corpus.types.is_empty() => {
                    format!("t:{}", dice.pick(&scene.corpus.types))
                }
                1 => (*dice.pick(&[
                    "",
                    "t:",
                    "none:x",
                    "t:Unknown",
                    "anyType",
                    "xs:Unknown",
                    " xs:string ",
                    "xs:string xs:string",
                ]))
                .to_owned(),
                _ => format!(
                    "xs:{}",
                    dice.pick(&[
                        "string",
                        "anyType",
                        "anySimpleType",
                        "decimal",
                        "integer",
                        "token",
                        "date",
                        "ID",
                        "normalizedString",
                        "positiveInteger"
                    ])
                ),
            };
            format!("{target} xsi:type=\"{kind}\"")
        }
        5 | 6 => format!(
            " xsi:nil=\"{}\"",
            dice.pick(&["true", "false", "1", "0", "yes", "", " true "])
        ),
        7 => " xsi:schemaLocation=\"urn:a b urn:c d\"".to_owned(),
        8 => (*dice.pick(&[
            " xsi:schemaLocation=\"odd number here\"",
            " xsi:schemaLocation=\"\"",
            " xsi:noNamespaceSchemaLocation=\"http://localhost:9/x.xsd\"",
            " xsi:noNamespaceSchemaLocation=\"%zz\"",
        ]))
        .to_owned(),
        _ => " xsi:other=\"1\"".to_owned(),
    };
    Some(scene.with_in_tag(element, &format!(" xmlns:xsi=\"{XSI}\"{name}")))
}

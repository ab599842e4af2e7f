//! Reads the facets of one step of a derivation and puts them onto those of the base.

use std::sync::Arc;

use crate::check::schema::build::{Builder, Global};
use crate::check::schema::load::{Node, Reference};
use crate::check::schema::pattern;
use crate::check::schema::simple::consistent::{consistent, narrower};
use crate::check::schema::simple::why;
use crate::check::schema::values::codes::Codes;
use crate::check::schema::values::facets::{Bound, Facets};
use crate::check::schema::values::number::Number;
use crate::check::schema::values::value::Primitive;
use crate::check::schema::values::white::White;
use crate::check::schema::values::{Simple, Surroundings, Variety};
use crate::check::xml::chars::{qualified, trimmed};

/// All facets.
pub(crate) const NAMES: [&str; 12] = [
    "length",
    "minLength",
    "maxLength",
    "pattern",
    "enumeration",
    "whiteSpace",
    "minInclusive",
    "minExclusive",
    "maxInclusive",
    "maxExclusive",
    "totalDigits",
    "fractionDigits",
];

impl<'n> Builder<'n> {
    /// The facets of `base` after the step that `global` describes.
    pub(super) fn facets(&mut self, global: Global<'n>, base: &Simple) -> Facets {
        let Global { file, node } = global;
        let mut facets = base.facets.clone();
        let mut patterns: Vec<&str> = Vec::new();
        let mut codes: Vec<(&'n Node, &str)> = Vec::new();
        let mut own: Vec<&'n str> = Vec::new();
        for facet in node.parts() {
            let name = facet.name.as_str();
            if !NAMES.contains(&name) {
                continue;
            }
            let is_repeated = matches!(name, "pattern" | "enumeration");
            let attributes: &[&str] = if is_repeated {
                &["value"]
            } else {
                &["value", "fixed"]
            };
            self.allow(file, facet, attributes, &[]);
            let Some(value) = facet.attribute("value") else {
                self.fault(file, facet, format!("xs:{name} without a value"));
                continue;
            };
            if let Err(what) = is_applicable(base, name) {
                self.fault(file, facet, what);
                continue;
            }
            match name {
                "pattern" => patterns.push(value),
                "enumeration" => codes.push((facet, value)),
                _ if own.contains(&name) => {
                    self.fault(file, facet, format!("a second xs:{name} in one step"));
                }
                _ => {
                    own.push(name);
                    if let Err(what) = set(&mut facets, base, name, facet) {
                        self.fault(file, facet, what);
                    }
                }
            }
        }
        if let Err(what) = consistent(&facets, &base.facets, &own) {
            self.fault(file, node, what);
        }
        if !patterns.is_empty() {
            match pattern::compile(&patterns) {
                Ok(form) => facets.patterns.push((form, patterns.join(" or ").into())),
                Err(what) => self.fault(file, node, what),
            }
        }
        if !codes.is_empty() {
            facets.codes = Some(Arc::new(self.codes(global, base, &codes)));
        }
        facets
    }

    fn codes(&mut self, global: Global<'n>, base: &Simple, listed: &[(&'n Node, &str)]) -> Codes {
        let is_text = matches!(&base.variety, Variety::Atomic(atomic)
            if matches!(atomic.primitive, Primitive::Text | Primitive::Address));
        let is_notation = matches!(&base.variety, Variety::Atomic(atomic)
            if atomic.primitive == Primitive::Notation);
        let mut codes = Codes::default();
        for (node, code) in listed {
            let around: &dyn Surroundings = *node;
            if let Err(misfit) = base.check(code, around) {
                let what = format!(
                    "xs:enumeration '{code}' is no value of the base: it {}",
                    why(&misfit)
                );
                self.fault(global.file, node, what);
                continue;
            }
            if is_notation
                && let Some((namespace, local)) = parted(code, around)
                && self
                    .global("notation", &Reference { namespace, local })
                    .is_none()
            {
                let what = format!("there is no notation '{code}'");
                self.fault(global.file, node, what);
            }
            codes.add(&base.facets.white.apply(code), &node.documentation());
            if !is_text {
                let mut key = String::new();
                base.write_key(code, around, &mut key);
                codes.add_key(&key);
            }
        }
        codes
    }
}

/// Namespace and local name of a name in a schema.
fn parted(name: &str, around: &dyn Surroundings) -> Option<(String, String)> {
    let (prefix, local) = qualified(trimmed(name))?;
    Some((around.namespace(prefix)?.to_owned(), local.to_owned()))
}

/// May this facet restrict this type?
fn is_applicable(base: &Simple, name: &str) -> Result<(), String> {
    let is_length = matches!(name, "length" | "minLength" | "maxLength");
    let fits = match (&base.variety, name) {
        (Variety::Union(_), "pattern" | "enumeration") => true,
        (Variety::Any | Variety::Union(_), _) => false,
        (_, "pattern" | "whiteSpace") => true,
        (Variety::List(_), _) => is_length || name == "enumeration",
        (Variety::Atomic(atomic), "enumeration") => atomic.primitive != Primitive::Boolean,
        (Variety::Atomic(atomic), "totalDigits" | "fractionDigits") => {
            atomic.primitive == Primitive::Decimal
        }
        (Variety::Atomic(atomic), _) if is_length => atomic.primitive.unit().is_some(),
        (Variety::Atomic(atomic), _) => atomic.primitive.is_ordered(),
    };
    if fits {
        Ok(())
    } else {
        Err(format!("xs:{name} means nothing on this type"))
    }
}

/// Sets one facet that stands alone.
fn set(facets: &mut Facets, base: &Simple, name: &str, node: &Node) -> Result<(), String> {
    let value = node.attribute("value").unwrap_or_default();
    let before = facets.clone();
    match name {
        "length" => facets.length = Some(count(name, value)?),
        "minLength" => facets.length_min = Some(count(name, value)?),
        "maxLength" => facets.length_max = Some(count(name, value)?),
        "totalDigits" => {
            let digits = count(name, value)?;
            if digits == 0 {
                return Err("xs:totalDigits must be at least 1".to_owned());
            }
            facets.digits = Some(digits);
        }
        "fractionDigits" => facets.fraction = Some(count(name, value)?),
        "whiteSpace" => {
            let value = trimmed(value);
            facets.white =
                White::parse(value).ok_or_else(|| format!("xs:whiteSpace cannot be '{value}'"))?;
        }
        _ => bound(facets, base, name, node)?,
    }
    narrower(facets, &before, name)?;
    match node.attribute("fixed").map(trimmed) {
        None | Some("false" | "0") => {}
        Some("true" | "1") => facets
            .fixed
            .extend(NAMES.iter().filter(|known| **known == name)),
        Some(_) => return Err("fixed must be true or false".to_owned()),
    }
    Ok(())
}

fn count(name: &str, value: &str) -> Result<usize, String> {
    Number::parse_whole(trimmed(value))
        .and_then(|number| number.count())
        .ok_or_else(|| format!("the value '{value}' of xs:{name} is not a whole number from 0"))
}

fn bound(facets: &mut Facets, base: &Simple, name: &str, node: &Node) -> Result<(), String> {
    let text = trimmed(node.attribute("value").unwrap_or_default());
    let Variety::Atomic(atomic) = &base.variety else {
        return Ok(());
    };
    // Whether it lies in the range of the base is looked at apart from this.
    let mut kind = base.clone();
    kind.facets.least = None;
    kind.facets.most = None;
    let around: &dyn Surroundings = node;
    if let Err(misfit) = kind.check(text, around) {
        return Err(format!(
            "the value '{text}' of xs:{name} is no value of the base: it {}",
            why(&misfit)
        ));
    }
    let Some(value) = atomic.primitive.parse(text, around) else {
        return Ok(());
    };
    let bound = Some(Box::new(Bound {
        text: text.into(),
        value: value.into_owned(),
        is_exclusive: name.ends_with("Exclusive"),
    }));
    if name.starts_with("min") {
        facets.least = bound;
    } else {
        facets.most = bound;
    }
    Ok(())
}

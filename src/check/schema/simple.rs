//! Compiles simple types: restrictions with facets, unions.

use crate::check::schema::build::{Builder, File, Global};
use crate::check::schema::builtin;
use crate::check::schema::load::{Node, Reference, XSD};
use crate::check::schema::pattern;
use crate::check::schema::values::{Atomic, Bound, Primitive, Simple, White};

impl<'n> Builder<'n> {
    /// The number of the simple type that a reference means.
    pub(crate) fn simple_by_reference(&mut self, at: Global<'n>, reference: &Reference) -> usize {
        if reference.namespace == XSD {
            return self.builtin(at, &reference.local);
        }
        if let Some(number) = self.number("simpleType", reference) {
            return number;
        }
        if let Some(global) = self.global("simpleType", reference) {
            return self.named_simple(global);
        }
        let what = format!("there is no simple type '{}'", reference.local);
        self.fault(at.file, at.node, what);
        self.any_text()
    }

    fn builtin(&mut self, at: Global<'n>, name: &str) -> usize {
        if let Some(number) = self.builtins.get(name) {
            return *number;
        }
        let Some(atomic) = builtin::atomic(name) else {
            let what = format!("the type xs:{name} is not supported");
            self.fault(at.file, at.node, what);
            return self.any_text();
        };
        let number = self.add_simple(Simple::Atomic(Box::new(atomic)));
        self.builtins.insert(name.to_owned(), number);
        number
    }

    /// Compiles a named simple type, once.
    pub(crate) fn named_simple(&mut self, global: Global<'n>) -> usize {
        let Global { file, node } = global;
        let name = node.attribute("name").unwrap_or_default();
        let key = ("simpleType", file.target.as_str(), name);
        if let Some(number) = self.numbers.get(&key) {
            return *number;
        }
        let open = (file.target.as_str(), name);
        if !self.open_types.insert(open) {
            self.fault(
                file,
                node,
                format!("the type '{name}' is derived from itself"),
            );
            return self.any_text();
        }
        let number = self.simple_type(global, &["name"]);
        self.open_types.remove(&open);
        self.numbers.insert(key, number);
        number
    }

    /// Compiles an `xs:simpleType`.
    pub(crate) fn simple_type(&mut self, global: Global<'n>, attributes: &[&str]) -> usize {
        let Global { file, node } = global;
        self.allow(file, node, attributes, &["restriction", "union"]);
        let mut parts = node.parts();
        match (parts.next(), parts.next()) {
            (Some(part), None) if part.name == "restriction" => {
                self.restriction(Global { file, node: part })
            }
            (Some(part), None) if part.name == "union" => self.union(Global { file, node: part }),
            _ => {
                self.fault(
                    file,
                    node,
                    "xs:simpleType must hold one restriction or union",
                );
                self.any_text()
            }
        }
    }

    fn union(&mut self, global: Global<'n>) -> usize {
        let Global { file, node } = global;
        self.allow(file, node, &["memberTypes"], &["simpleType"]);
        let mut members: Vec<usize> = node
            .references("memberTypes")
            .iter()
            .map(|reference| self.simple_by_reference(global, reference))
            .collect();
        for part in node.parts().filter(|part| part.name == "simpleType") {
            members.push(self.simple_type(Global { file, node: part }, &[]));
        }
        let mut atomics = Vec::new();
        for member in members {
            match self.simple.get(member) {
                Some(Simple::Atomic(atomic)) => atomics.push(atomic.as_ref().clone()),
                Some(Simple::Union(inner)) => atomics.extend(inner.iter().cloned()),
                None => {}
            }
        }
        if atomics.is_empty() {
            self.fault(file, node, "xs:union without members");
        }
        if atomics
            .iter()
            .any(|atomic| atomic.primitive == Primitive::Id)
        {
            self.fault(file, node, "xs:ID in a union is not supported");
        }
        self.add_simple(Simple::Union(atomics))
    }

    fn restriction(&mut self, global: Global<'n>) -> usize {
        let Global { file, node } = global;
        let facets = [
            "simpleType",
            "enumeration",
            "pattern",
            "length",
            "minLength",
            "maxLength",
            "totalDigits",
            "fractionDigits",
            "minInclusive",
            "maxInclusive",
            "whiteSpace",
        ];
        self.allow(file, node, &["base"], &facets);
        let inline = node.parts().find(|part| part.name == "simpleType");
        let base = match (node.reference("base"), inline) {
            (Some(base), None) => self.simple_by_reference(global, base),
            (None, Some(inline)) => self.simple_type(Global { file, node: inline }, &[]),
            _ => {
                self.fault(file, node, "xs:restriction must have one base");
                self.any_text()
            }
        };
        let facets: Vec<&Node> = node
            .parts()
            .filter(|part| part.name != "simpleType")
            .collect();
        let Some(Simple::Atomic(atomic)) = self.simple.get(base) else {
            if !facets.is_empty() {
                self.fault(file, node, "facets on a union are not supported");
            }
            return base;
        };
        let mut atomic = atomic.as_ref().clone();
        self.apply(file, &facets, &mut atomic);
        self.add_simple(Simple::Atomic(Box::new(atomic)))
    }

    fn apply(&mut self, file: &File, facets: &[&Node], atomic: &mut Atomic) {
        let mut patterns: Vec<&str> = Vec::new();
        let mut codes = Vec::new();
        for facet in facets {
            self.allow(file, facet, &["value", "fixed"], &[]);
            let Some(value) = facet.attribute("value") else {
                self.fault(file, facet, format!("xs:{} without a value", facet.name));
                continue;
            };
            match facet.name.as_str() {
                "pattern" => patterns.push(value),
                "enumeration" => codes.push((value, facet.documentation())),
                name => {
                    if let Err(what) = apply_one(atomic, name, value) {
                        self.fault(file, facet, what);
                    }
                }
            }
        }
        if let (Some(first), false) = (facets.first(), codes.is_empty()) {
            if !matches!(atomic.primitive, Primitive::Text | Primitive::Address) {
                self.fault(file, first, "xs:enumeration is supported on texts only");
            }
            atomic.codes = crate::check::schema::values::Codes::default();
            for (code, meaning) in codes {
                atomic.codes.add(&atomic.white.apply(code), &meaning);
            }
        }
        if let (Some(first), false) = (facets.first(), patterns.is_empty()) {
            match pattern::compile(&patterns) {
                Ok(form) => atomic.patterns.push((form, patterns.join(" or ").into())),
                Err(what) => self.fault(file, first, what),
            }
        }
    }
}

/// Applies one facet that stands alone; the stricter of two holds.
fn apply_one(atomic: &mut Atomic, name: &str, value: &str) -> Result<(), String> {
    let is_number = matches!(atomic.primitive, Primitive::Decimal | Primitive::Integer);
    let is_text = matches!(atomic.primitive, Primitive::Text | Primitive::Address);
    let count = || -> Result<usize, String> {
        value
            .parse()
            .map_err(|_| format!("the value '{value}' of xs:{name} is not a whole number"))
    };
    let unfit = || Err(format!("xs:{name} is not supported on this type"));
    match name {
        "length" | "minLength" | "maxLength" if !is_text => unfit(),
        "totalDigits" | "fractionDigits" | "minInclusive" | "maxInclusive" if !is_number => unfit(),
        "length" => {
            atomic.length_min = atomic.length_min.max(Some(count()?));
            atomic.length_max = Some(stricter(atomic.length_max, count()?));
            Ok(())
        }
        "minLength" => {
            atomic.length_min = atomic.length_min.max(Some(count()?));
            Ok(())
        }
        "maxLength" => {
            atomic.length_max = Some(stricter(atomic.length_max, count()?));
            Ok(())
        }
        "totalDigits" => {
            atomic.digits = Some(stricter(atomic.digits, count()?));
            Ok(())
        }
        "fractionDigits" => {
            atomic.fraction = Some(stricter(atomic.fraction, count()?));
            Ok(())
        }
        "minInclusive" | "maxInclusive" => bound(atomic, name, value),
        "whiteSpace" => white(atomic, value),
        _ => Err(format!("xs:{name} is not supported")),
    }
}

/// The stricter of two upper limits.
fn stricter(known: Option<usize>, new: usize) -> usize {
    known.map_or(new, |known| known.min(new))
}

fn bound(atomic: &mut Atomic, name: &str, value: &str) -> Result<(), String> {
    // A bound outside the base's own range would loosen it, which no restriction may.
    if atomic.check(value) == Err(crate::check::schema::values::Misfit::Range) {
        return Err(format!(
            "the value '{value}' of xs:{name} lies outside the range of its base"
        ));
    }
    let bound = Bound::new(value.trim())
        .ok_or_else(|| format!("the value '{value}' of xs:{name} is not a number"))?;
    if name == "minInclusive" {
        atomic.least = Some(bound);
    } else {
        atomic.most = Some(bound);
    }
    Ok(())
}

fn white(atomic: &mut Atomic, value: &str) -> Result<(), String> {
    let white = match value {
        "preserve" => White::Preserve,
        "replace" => White::Replace,
        "collapse" => White::Collapse,
        _ => return Err(format!("xs:whiteSpace cannot be '{value}'")),
    };
    if atomic.primitive != Primitive::Text && white != White::Collapse {
        return Err("xs:whiteSpace of this type is collapse".to_owned());
    }
    atomic.white = white;
    Ok(())
}

//! The types that XML Schema itself brings: every simple one.

use std::sync::Arc;

use crate::check::schema::calendar::Form;
use crate::check::schema::values::facets::{Bound, Facets};
use crate::check::schema::values::value::Primitive;
use crate::check::schema::values::white::White;
use crate::check::schema::values::{Atomic, Lexical, Role, Simple, Variety};

/// The type from which all others are derived.
pub(crate) const ANY: &str = "anySimpleType";

/// The primitive types.
const PRIMITIVES: &[(&str, Primitive)] = &[
    ("string", Primitive::Text),
    ("boolean", Primitive::Boolean),
    ("decimal", Primitive::Decimal),
    ("float", Primitive::Float),
    ("double", Primitive::Double),
    ("duration", Primitive::Duration),
    ("dateTime", Primitive::Moment(Form::DateTime)),
    ("time", Primitive::Moment(Form::Time)),
    ("date", Primitive::Moment(Form::Date)),
    ("gYearMonth", Primitive::Moment(Form::YearMonth)),
    ("gYear", Primitive::Moment(Form::Year)),
    ("gMonthDay", Primitive::Moment(Form::MonthDay)),
    ("gDay", Primitive::Moment(Form::Day)),
    ("gMonth", Primitive::Moment(Form::Month)),
    ("hexBinary", Primitive::Hex),
    ("base64Binary", Primitive::Base64),
    ("anyURI", Primitive::Address),
    ("QName", Primitive::QName),
    ("NOTATION", Primitive::Notation),
];

/// The kinds of text: each with its base, what becomes of blanks, its form, and what it names.
const TEXTS: &[(&str, &str, White, Lexical, Option<Role>)] = &[
    (
        "normalizedString",
        "string",
        White::Replace,
        Lexical::Any,
        None,
    ),
    (
        "token",
        "normalizedString",
        White::Collapse,
        Lexical::Any,
        None,
    ),
    (
        "language",
        "token",
        White::Collapse,
        Lexical::Language,
        None,
    ),
    (
        "NMTOKEN",
        "token",
        White::Collapse,
        Lexical::NameToken,
        None,
    ),
    ("Name", "token", White::Collapse, Lexical::Name, None),
    ("NCName", "Name", White::Collapse, Lexical::PlainName, None),
    (
        "ID",
        "NCName",
        White::Collapse,
        Lexical::PlainName,
        Some(Role::Id),
    ),
    (
        "IDREF",
        "NCName",
        White::Collapse,
        Lexical::PlainName,
        Some(Role::IdRef),
    ),
    (
        "ENTITY",
        "NCName",
        White::Collapse,
        Lexical::PlainName,
        Some(Role::Entity),
    ),
];

/// The whole numbers: each with its base and its range.
const INTEGERS: &[(&str, &str, &str, &str)] = &[
    ("integer", "decimal", "", ""),
    ("nonPositiveInteger", "integer", "", "0"),
    ("negativeInteger", "nonPositiveInteger", "", "-1"),
    (
        "long",
        "integer",
        "-9223372036854775808",
        "9223372036854775807",
    ),
    ("int", "long", "-2147483648", "2147483647"),
    ("short", "int", "-32768", "32767"),
    ("byte", "short", "-128", "127"),
    ("nonNegativeInteger", "integer", "0", ""),
    (
        "unsignedLong",
        "nonNegativeInteger",
        "0",
        "18446744073709551615",
    ),
    ("unsignedInt", "unsignedLong", "0", "4294967295"),
    ("unsignedShort", "unsignedInt", "0", "65535"),
    ("unsignedByte", "unsignedShort", "0", "255"),
    ("positiveInteger", "nonNegativeInteger", "1", ""),
];

/// The lists, each with the type of its entries.
const LISTS: &[(&str, &str)] = &[
    ("NMTOKENS", "NMTOKEN"),
    ("IDREFS", "IDREF"),
    ("ENTITIES", "ENTITY"),
];

/// The names of all of them.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let texts = TEXTS.iter().map(|(name, ..)| *name);
    let integers = INTEGERS.iter().map(|(name, ..)| *name);
    let lists = LISTS.iter().map(|(name, _)| *name);
    let primitives = PRIMITIVES.iter().map(|(name, _)| *name);
    [ANY]
        .into_iter()
        .chain(primitives)
        .chain(texts)
        .chain(integers)
        .chain(lists)
}

/// The built-in type of this name and the name of its base, which is empty for that of all types; `None`
/// if there is no such type.
pub(crate) fn simple(name: &str) -> Option<(Simple, &'static str)> {
    let (mut simple, base) = if name == ANY {
        (Simple::any(), "")
    } else if let Some((_, entry)) = LISTS.iter().find(|(known, _)| *known == name) {
        let (entry, _) = simple(entry)?;
        let mut facets = Facets::new(White::Collapse);
        facets.length_min = Some(1);
        (
            Simple::new(None, Variety::List(Arc::new(entry)), facets),
            ANY,
        )
    } else {
        let (atomic, facets, base) = atomic(name)?;
        (Simple::new(None, Variety::Atomic(atomic), facets), base)
    };
    simple.name = format!("xs:{name}").into();
    Some((simple, base))
}

fn atomic(name: &str) -> Option<(Atomic, Facets, &'static str)> {
    let made = |primitive, lexical, role| Atomic {
        primitive,
        lexical,
        role,
    };
    if let Some((_, primitive)) = PRIMITIVES.iter().find(|(known, _)| *known == name) {
        let white = match primitive {
            Primitive::Text => White::Preserve,
            _ => White::Collapse,
        };
        return Some((
            made(*primitive, Lexical::Any, None),
            Facets::new(white),
            ANY,
        ));
    }
    if let Some((_, base, white, lexical, role)) = TEXTS.iter().find(|(known, ..)| *known == name) {
        let atomic = made(Primitive::Text, *lexical, *role);
        return Some((atomic, Facets::new(*white), base));
    }
    let (_, base, least, most) = INTEGERS.iter().find(|(known, ..)| *known == name)?;
    let mut facets = Facets::new(White::Collapse);
    facets.fraction = Some(0);
    facets.fixed.push("fractionDigits");
    facets.least = Bound::number(least).map(Box::new);
    facets.most = Bound::number(most).map(Box::new);
    Some((made(Primitive::Decimal, Lexical::Whole, None), facets, base))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_the_recommendation_is_there_with_its_bases() {
        let texts = TEXTS.iter().map(|(name, ..)| *name);
        let names: Vec<&str> = PRIMITIVES
            .iter()
            .map(|(name, _)| *name)
            .chain(texts)
            .chain(INTEGERS.iter().map(|(name, ..)| *name))
            .chain(LISTS.iter().map(|(name, _)| *name))
            .collect();
        assert_eq!(names.len(), 44);
        for name in names {
            let mut at = name;
            let mut steps = 0;
            while at != ANY {
                at = simple(at).unwrap_or_else(|| panic!("{at}")).1;
                steps += 1;
                assert!(steps < 10, "{name}");
            }
        }
        assert!(simple("anyType").is_none());
        assert!(simple("dayTimeDuration").is_none());
    }
}

//! The types that XML Schema itself brings, as far as they are known here.

use crate::check::schema::values::{Atomic, Bound, Primitive, White};

/// The built-in type of this name; `None` if it is not known.
pub(crate) fn atomic(name: &str) -> Option<Atomic> {
    let (primitive, white) = match name {
        "string" => (Primitive::Text, White::Preserve),
        "normalizedString" => (Primitive::Text, White::Replace),
        "token" => (Primitive::Text, White::Collapse),
        "boolean" => (Primitive::Boolean, White::Collapse),
        "decimal" => (Primitive::Decimal, White::Collapse),
        "date" => (Primitive::Date, White::Collapse),
        "dateTime" => (Primitive::DateTime, White::Collapse),
        "anyURI" => (Primitive::Address, White::Collapse),
        "ID" => (Primitive::Id, White::Collapse),
        "base64Binary" => (Primitive::Base64, White::Collapse),
        _ => return integer(name),
    };
    Some(Atomic::new(primitive, white))
}

/// The whole numbers and their ranges.
fn integer(name: &str) -> Option<Atomic> {
    let (least, most) = match name {
        "integer" => (None, None),
        "nonNegativeInteger" => (Some("0"), None),
        "positiveInteger" => (Some("1"), None),
        "nonPositiveInteger" => (None, Some("0")),
        "negativeInteger" => (None, Some("-1")),
        "long" => (Some("-9223372036854775808"), Some("9223372036854775807")),
        "int" => (Some("-2147483648"), Some("2147483647")),
        "short" => (Some("-32768"), Some("32767")),
        "byte" => (Some("-128"), Some("127")),
        "unsignedLong" => (Some("0"), Some("18446744073709551615")),
        "unsignedInt" => (Some("0"), Some("4294967295")),
        "unsignedShort" => (Some("0"), Some("65535")),
        "unsignedByte" => (Some("0"), Some("255")),
        _ => return None,
    };
    let mut atomic = Atomic::new(Primitive::Integer, White::Collapse);
    atomic.least = least.and_then(Bound::new);
    atomic.most = most.and_then(Bound::new);
    Some(atomic)
}

//! Says in plain words what a value must be, and why one is not.

use std::fmt::Write;

use crate::check::found::shorten;
use crate::check::schema::calendar::Form;
use crate::check::schema::suggest::same_but_for_case;
use crate::check::schema::values::codes::Codes;
use crate::check::schema::values::facets::Facets;
use crate::check::schema::values::value::{Primitive, Unit};
use crate::check::schema::values::{Atomic, Lexical, Misfit, Nowhere, Role, Simple, Variety};

/// The most codes that are listed one by one.
const CODES_LISTED_MAX: usize = 30;

/// The deepest that types in types are described.
const DEPTH_MAX: usize = 4;

impl Misfit {
    /// The finding's code.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Type => "S03-type",
            Self::Code => "S03-enumeration",
            Self::Pattern => "S03-pattern",
            Self::Length(..) => "S03-length",
            Self::Digits => "S03-digits",
            Self::Range => "S03-range",
            Self::Entry(misfit) => misfit.code(),
        }
    }

    /// What is wrong with the value of `what`, such as `element 'Make'`.
    pub(crate) fn message(&self, what: &str) -> String {
        match self {
            Self::Entry(misfit) => {
                format!("An entry of the list in {what} {}.", misfit.wrong())
            }
            _ => format!("The value of {what} {}.", self.wrong()),
        }
    }

    fn wrong(&self) -> String {
        let wrong = match self {
            Self::Type => "is not of the right kind",
            Self::Code => "is not one of the codes allowed",
            Self::Pattern => "does not have the right form",
            Self::Length(0, _) => "is empty",
            Self::Length(count, unit) => {
                return format!("has {}", counted(*count, *unit));
            }
            Self::Digits => "has too many digits",
            Self::Range => "is out of range",
            Self::Entry(misfit) => return misfit.wrong(),
        };
        wrong.to_owned()
    }
}

/// What a value of this type must be.
pub(crate) fn expected(simple: &Simple) -> String {
    described(simple, DEPTH_MAX)
}

fn described(simple: &Simple, depth: usize) -> String {
    let facets = &simple.facets;
    if let Some(listed) = &facets.codes {
        return codes(listed);
    }
    let inside = |simple: &Simple| match depth.checked_sub(1) {
        Some(depth) => described(simple, depth),
        None => "another kind of value".to_owned(),
    };
    let mut text = match &simple.variety {
        Variety::Any => "text".to_owned(),
        Variety::Atomic(atomic) => kind(*atomic, facets),
        Variety::List(entry) => format!(
            "{} with blanks between them; each {}",
            lengths(facets, Unit::Items),
            inside(entry)
        ),
        Variety::Union(members) => {
            let parts: Vec<String> = members.iter().map(|(_, member)| inside(member)).collect();
            parts.join("; or ")
        }
    };
    for (_, form) in &facets.patterns {
        text.push_str(" of the form ");
        text.push_str(form);
    }
    text
}

/// What a value of one kind must be.
fn kind(atomic: Atomic, facets: &Facets) -> String {
    let whole = match (atomic.primitive, atomic.lexical, atomic.role) {
        (_, _, Some(Role::Id)) => "a name that begins with a letter and that nothing else has",
        (_, _, Some(Role::IdRef)) => "the name (ID) of an element of this document",
        (_, _, Some(Role::Entity)) => "the name of an entity; a document can declare none here",
        (_, Lexical::Language, _) => "the code of a language, such as en or en-GB",
        (_, Lexical::NameToken, _) => "letters, digits and . - _ : without blanks",
        (_, Lexical::Name, _) => "a name that begins with a letter",
        (_, Lexical::PlainName, _) => "a name that begins with a letter, without a colon",
        (Primitive::Boolean, ..) => "true or false",
        (Primitive::QName | Primitive::Notation, ..) => {
            "a name, with a prefix that is declared if it has one"
        }
        (Primitive::Text, ..) => return lengths(facets, Unit::Characters),
        (Primitive::Address, ..) => "an address (URI)",
        (Primitive::Hex, ..) => "hexadecimal digits in pairs",
        (Primitive::Base64, ..) => "Base64",
        (Primitive::Decimal, Lexical::Whole, _) => "a whole number",
        (Primitive::Decimal | Primitive::Float | Primitive::Double, ..) => "a number",
        (Primitive::Duration, ..) => "a length of time, such as P1Y2M3DT10H30M",
        (Primitive::Moment(form), ..) => moment(form),
    };
    let mut text = whole.to_owned();
    if facets.lengths() != (None, None)
        && let Some(unit) = atomic.primitive.unit()
    {
        text.push_str(", ");
        text.push_str(&lengths(facets, unit));
    }
    text.push_str(&range(facets, atomic));
    text
}

const fn moment(form: Form) -> &'static str {
    match form {
        Form::DateTime => "a date and time, such as 2026-07-31T09:30:00Z",
        Form::Time => "a time of day, such as 09:30:00",
        Form::Date => "a date that exists, such as 2026-07-31",
        Form::YearMonth => "a month of a year, such as 2026-07",
        Form::Year => "a year, such as 2026",
        Form::MonthDay => "a day of a month, such as --07-31",
        Form::Day => "a day, such as ---31",
        Form::Month => "a month, such as --07",
    }
}

/// A hint at a slip of the hand; empty if there is none to see.
pub(crate) fn hint(simple: &Simple, found: &str) -> String {
    hint_within(simple, found, DEPTH_MAX).unwrap_or_default()
}

fn hint_within(simple: &Simple, found: &str, depth: usize) -> Option<String> {
    if let Variety::Union(members) = &simple.variety {
        let depth = depth.checked_sub(1)?;
        return members
            .iter()
            .find_map(|(_, member)| hint_within(member, found, depth));
    }
    let facets = &simple.facets;
    let fits = |text: &str| simple.check(text, &Nowhere).is_ok();
    let codes = facets.codes.iter().flat_map(|codes| &codes.list);
    if let Some(code) = same_but_for_case(found, codes.map(|(code, _)| code.as_ref())) {
        return Some(format!(
            "Write '{code}', in exactly these letters and without blanks."
        ));
    }
    let trimmed = found.trim();
    if trimmed != found && fits(trimmed) {
        return Some(format!(
            "Write '{}' without blanks around it.",
            shorten(trimmed)
        ));
    }
    let is_formal = facets.codes.is_some() || !facets.patterns.is_empty();
    let strange = found.chars().find(|letter| !letter.is_ascii());
    if let Some(letter) = strange.filter(|_| is_formal) {
        let number = u32::from(letter);
        return Some(format!(
            "It holds the character U+{number:04X}, which may only look like a Latin letter."
        ));
    }
    if fits(&found.to_ascii_uppercase()) {
        return Some("Write it in capital letters.".to_owned());
    }
    let is_number = |atomic: &Atomic| atomic.primitive == Primitive::Decimal;
    if found.contains(',') && simple.may_be(&is_number) {
        return Some(
            "Write a point, not a comma, before decimals, and nothing between thousands."
                .to_owned(),
        );
    }
    None
}

fn codes(codes: &Codes) -> String {
    let shown: Vec<String> = codes
        .list
        .iter()
        .take(CODES_LISTED_MAX)
        .map(|(code, meaning)| {
            if meaning.is_empty() {
                code.to_string()
            } else {
                format!("{code} ({meaning})")
            }
        })
        .collect();
    let more = codes.list.len().saturating_sub(CODES_LISTED_MAX);
    let list = shown.join(", ");
    match (codes.list.len(), more) {
        (1, _) => list,
        (_, 0) => format!("one of: {list}"),
        _ => format!("one of: {list}, … ({more} more in the schema)"),
    }
}

fn lengths(facets: &Facets, unit: Unit) -> String {
    let all = |text: &str| match unit {
        Unit::Characters => format!("{text} characters"),
        Unit::Octets => format!("{text} octets"),
        Unit::Items => format!("{text} entries"),
        Unit::Nothing => String::new(),
    };
    match facets.lengths() {
        (None, None) if unit == Unit::Items => "values".to_owned(),
        (None, None) => "text".to_owned(),
        (None, Some(most)) => format!("at most {}", counted(most, unit)),
        (Some(least), None) => format!("at least {}", counted(least, unit)),
        (Some(least), Some(most)) if least == most => format!("exactly {}", counted(most, unit)),
        (Some(least), Some(most)) => all(&format!("{least} to {most}")),
    }
}

/// So many of these.
fn counted(count: usize, unit: Unit) -> String {
    let (one, more) = match unit {
        Unit::Characters | Unit::Nothing => ("character", "characters"),
        Unit::Octets => ("octet", "octets"),
        Unit::Items => ("entry", "entries"),
    };
    format!("{count} {}", if count == 1 { one } else { more })
}

fn range(facets: &Facets, atomic: Atomic) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    if let Some(least) = &facets.least {
        let from = if least.is_exclusive { "above" } else { "from" };
        let _ = write!(text, " {from} {}", least.text);
    }
    if let Some(most) = &facets.most {
        let to = match (most.is_exclusive, &facets.least) {
            (true, Some(_)) => "and below",
            (true, None) => "below",
            (false, Some(_)) => "to",
            (false, None) => "up to",
        };
        let _ = write!(text, " {to} {}", most.text);
    }
    if let Some(digits) = facets.digits {
        let _ = write!(text, ", at most {digits} digits");
    }
    if let Some(fraction) = facets.fraction.filter(|_| atomic.lexical != Lexical::Whole) {
        let _ = write!(text, ", at most {fraction} after the point");
    }
    text
}

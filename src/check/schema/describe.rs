//! Says in plain words what a value must be, and why one is not.

use std::fmt::Write;

use crate::check::found::shorten;
use crate::check::schema::suggest::same_but_for_case;
use crate::check::schema::values::{Atomic, Bound, Codes, Misfit, Primitive, Simple};

/// The most codes that are listed one by one.
const CODES_LISTED_MAX: usize = 30;

impl Misfit {
    /// The finding's code.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Type => "S03-type",
            Self::Code => "S03-enumeration",
            Self::Pattern => "S03-pattern",
            Self::Length(_) => "S03-length",
            Self::Digits => "S03-digits",
            Self::Range => "S03-range",
        }
    }

    /// What is wrong with the value of `what`, such as `element 'Make'`.
    pub(crate) fn message(self, what: &str) -> String {
        let wrong = match self {
            Self::Type => "is not of the right kind",
            Self::Code => "is not one of the codes allowed",
            Self::Pattern => "does not have the right form",
            Self::Length(0) => "is empty",
            Self::Length(1) => "has 1 character",
            Self::Length(count) => return format!("The value of {what} has {count} characters."),
            Self::Digits => "has too many digits",
            Self::Range => "is out of range",
        };
        format!("The value of {what} {wrong}.")
    }
}

/// What a value of this type must be.
pub(crate) fn expected(simple: &Simple) -> String {
    match simple {
        Simple::Atomic(atomic) => atomic_expected(atomic),
        Simple::Union(members) => {
            let parts: Vec<String> = members.iter().map(atomic_expected).collect();
            parts.join("; or ")
        }
    }
}

/// A hint at a slip of the hand; empty if there is none to see.
pub(crate) fn hint(simple: &Simple, found: &str) -> String {
    let atomics: &[Atomic] = match simple {
        Simple::Atomic(atomic) => std::slice::from_ref(atomic.as_ref()),
        Simple::Union(members) => members,
    };
    for atomic in atomics {
        let codes = atomic.codes.list.iter().map(|(code, _)| code.as_ref());
        if let Some(code) = same_but_for_case(found, codes) {
            return format!("Write '{code}', in exactly these letters and without blanks.");
        }
        let trimmed = found.trim();
        if trimmed != found && atomic.check(trimmed).is_ok() {
            return format!("Write '{}' without blanks around it.", shorten(trimmed));
        }
        let is_formal = !atomic.codes.list.is_empty() || !atomic.patterns.is_empty();
        let strange = found.chars().find(|letter| !letter.is_ascii());
        if let Some(letter) = strange.filter(|_| is_formal) {
            let number = u32::from(letter);
            return format!(
                "It holds the character U+{number:04X}, which may only look like a Latin letter."
            );
        }
        if atomic.check(&found.to_ascii_uppercase()).is_ok() {
            return "Write it in capital letters.".to_owned();
        }
        let is_number = matches!(atomic.primitive, Primitive::Decimal | Primitive::Integer);
        if is_number && found.contains(',') {
            return "Write a point, not a comma, before decimals, and nothing between thousands."
                .to_owned();
        }
    }
    String::new()
}

fn atomic_expected(atomic: &Atomic) -> String {
    if !atomic.codes.list.is_empty() {
        return codes(&atomic.codes);
    }
    let mut text = match atomic.primitive {
        Primitive::Text => lengths(atomic),
        Primitive::Address => "an address (URI)".to_owned(),
        Primitive::Boolean => "true or false".to_owned(),
        Primitive::Decimal => format!("a number{}", range(atomic)),
        Primitive::Integer => format!("a whole number{}", range(atomic)),
        Primitive::Date => "a date that exists, such as 2026-07-31".to_owned(),
        Primitive::DateTime => "a date and time, such as 2026-07-31T09:30:00Z".to_owned(),
        Primitive::Id => "a name that begins with a letter".to_owned(),
        Primitive::Base64 => "Base64".to_owned(),
    };
    for (_, form) in &atomic.patterns {
        text.push_str(" of the form ");
        text.push_str(form);
    }
    text
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

fn lengths(atomic: &Atomic) -> String {
    match (atomic.length_min, atomic.length_max) {
        (None, None) => "text".to_owned(),
        (None, Some(most)) => format!("at most {most} characters"),
        (Some(least), None) => format!("at least {least} characters"),
        (Some(least), Some(most)) if least == most => format!("exactly {most} characters"),
        (Some(least), Some(most)) => format!("{least} to {most} characters"),
    }
}

fn range(atomic: &Atomic) -> String {
    let mut text = match (
        atomic.least.as_ref().map(Bound::as_str),
        atomic.most.as_ref().map(Bound::as_str),
    ) {
        (None, None) => String::new(),
        (None, Some(most)) => format!(" up to {most}"),
        (Some(least), None) => format!(" from {least}"),
        (Some(least), Some(most)) => format!(" from {least} to {most}"),
    };
    // Writing to a String cannot fail.
    if let Some(digits) = atomic.digits {
        let _ = write!(text, ", at most {digits} digits");
    }
    if let Some(fraction) = atomic
        .fraction
        .filter(|_| atomic.primitive == Primitive::Decimal)
    {
        let _ = write!(text, ", at most {fraction} after the point");
    }
    text
}

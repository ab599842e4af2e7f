//! Is this text a value of this type, and which value? Exact, and without copying a good value.
//!
//! A value is checked by [`Simple::check`]. What it says of other places in the document is told by
//! [`Simple::names`]; whether two texts are one value by their [`Simple::key`].

mod address;
mod binary;
pub(crate) mod codes;
mod duration;
pub(crate) mod facets;
mod floating;
mod names;
pub(crate) mod number;
pub(crate) mod value;
pub(crate) mod white;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::check::schema::values::codes::Codes;
use crate::check::schema::values::facets::Facets;
use crate::check::schema::values::names::{is_language, is_name, is_name_token};
use crate::check::schema::values::value::{Primitive, Unit, Value};
use crate::check::schema::values::white::{White, words};
use crate::check::xml::Reader;
use crate::check::xml::chars::is_plain_name;

/// A type of values.
#[derive(Debug, Clone)]
pub(crate) struct Simple {
    /// The number of the type it is derived from; `None` for `xs:anySimpleType`.
    pub(crate) base: Option<usize>,
    /// How its values are made up.
    pub(crate) variety: Variety,
    /// What restricts them.
    pub(crate) facets: Facets,
    /// The kinds of derivation that may not begin here.
    pub(crate) finals: Finals,
    /// Its name, for sentences; empty if it has none.
    pub(crate) name: Arc<str>,
}

/// How the values of a type are made up.
#[derive(Debug, Clone)]
pub(crate) enum Variety {
    /// Any text: `xs:anySimpleType`.
    Any,
    /// One value.
    Atomic(Atomic),
    /// Values of one type with blanks between them.
    List(Arc<Simple>),
    /// A value of the first of these types that takes it; with their numbers.
    Union(Vec<(usize, Arc<Simple>)>),
}

/// One kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Atomic {
    /// The primitive type it comes from.
    pub(crate) primitive: Primitive,
    /// The built-in form of its text.
    pub(crate) lexical: Lexical,
    /// What it says of other places in the document.
    pub(crate) role: Option<Role>,
}

/// The forms that derived types which XML Schema brings ask of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lexical {
    /// The primitive type's own.
    Any,
    Whole,
    Language,
    NameToken,
    Name,
    /// A name without a colon.
    PlainName,
}

/// What a name says of other places in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It names this element.
    Id,
    /// It means the element of this name.
    IdRef,
    /// It means an entity that a DOCTYPE declares.
    Entity,
}

/// The kinds of derivation that may not begin at a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Finals {
    pub(crate) restriction: bool,
    pub(crate) list: bool,
    pub(crate) union: bool,
}

/// What a value may ask of the place where it stands.
pub(crate) trait Surroundings {
    /// The namespace that a prefix stands for, empty for none; `None` if the prefix was never declared.
    fn namespace(&self, prefix: &str) -> Option<&str>;

    /// Is there an entity of this name that is not to be parsed?
    fn has_entity(&self, _name: &str) -> bool {
        // Only a DOCTYPE could declare one, and no document may have one here.
        false
    }
}

impl Surroundings for Reader<'_> {
    fn namespace(&self, prefix: &str) -> Option<&str> {
        self.resolve(prefix)
    }
}

/// Where no prefix means anything.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Nowhere;

impl Surroundings for Nowhere {
    fn namespace(&self, prefix: &str) -> Option<&str> {
        prefix.is_empty().then_some("")
    }
}

/// Why a text is not a value of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Misfit {
    Type,
    Code,
    Pattern,
    /// With the length that it has.
    Length(usize, Unit),
    Digits,
    Range,
    /// An entry of a list does not fit.
    Entry(Box<Misfit>),
}

impl Simple {
    /// A type that takes any text.
    pub(crate) fn any() -> Self {
        Self::new(None, Variety::Any, Facets::new(White::Preserve))
    }

    /// A type without a name that ends no derivation.
    pub(crate) fn new(base: Option<usize>, variety: Variety, facets: Facets) -> Self {
        Self {
            base,
            variety,
            facets,
            finals: Finals::default(),
            name: "".into(),
        }
    }

    /// Checks a text as it stands in a document.
    pub(crate) fn check(&self, text: &str, around: &dyn Surroundings) -> Result<(), Misfit> {
        match &self.variety {
            Variety::Any => Ok(()),
            Variety::Atomic(atomic) => self.check_atomic(*atomic, text, around),
            Variety::List(entry) => self.check_list(entry, text, around),
            Variety::Union(members) => {
                let member = active(members, text, around).ok_or(Misfit::Type)?;
                if let Some(codes) = &self.facets.codes {
                    check_key(codes, |key| member.write_key(text, around, key))?;
                }
                if self.facets.patterns.is_empty() {
                    return Ok(());
                }
                self.facets.check_patterns(&self.facets.white.apply(text))
            }
        }
    }

    fn check_atomic(
        &self,
        atomic: Atomic,
        text: &str,
        around: &dyn Surroundings,
    ) -> Result<(), Misfit> {
        let facets = &self.facets;
        let text = facets.white.apply(text);
        let text = text.as_ref();
        if !atomic.lexical.takes(text) {
            return Err(Misfit::Type);
        }
        let value = atomic.primitive.parse(text, around).ok_or(Misfit::Type)?;
        if atomic.role == Some(Role::Entity) && !around.has_entity(text) {
            return Err(Misfit::Type);
        }
        if let Some(codes) = &facets.codes {
            // What a name means depends on where it stands, never on its letters alone.
            let is_name = matches!(value, Value::QName(..));
            if is_name || !codes.has(text) {
                check_key(codes, |key| value.write_key(key))?;
            }
        }
        if let Some(unit) = atomic.primitive.unit() {
            facets.check_length(|| value.length().unwrap_or(0), unit)?;
        }
        facets.check_patterns(text)?;
        facets.check_size(&value)
    }

    fn check_list(
        &self,
        entry: &Simple,
        text: &str,
        around: &dyn Surroundings,
    ) -> Result<(), Misfit> {
        for word in words(text) {
            entry
                .check(word, around)
                .map_err(|misfit| Misfit::Entry(Box::new(misfit)))?;
        }
        let facets = &self.facets;
        if let Some(codes) = &facets.codes {
            check_key(codes, |key| write_list_key(entry, text, around, key))?;
        }
        facets.check_length(|| words(text).count(), Unit::Items)?;
        if facets.patterns.is_empty() {
            return Ok(());
        }
        facets.check_patterns(&facets.white.apply(text))
    }

    /// A text that all forms of the value share and no other value has: for `fixed` and for identity
    /// constraints. `None` if `text` is no value of this type.
    pub(crate) fn key(&self, text: &str, around: &dyn Surroundings) -> Option<String> {
        self.check(text, around).ok()?;
        let mut key = String::new();
        self.write_key(text, around, &mut key);
        Some(key)
    }

    /// Writes the key of a text that was checked.
    pub(crate) fn write_key(&self, text: &str, around: &dyn Surroundings, out: &mut String) {
        match &self.variety {
            Variety::Any => Value::Text(text.into()).write_key(out),
            Variety::Atomic(atomic) => {
                let text = self.facets.white.apply(text);
                if let Some(value) = atomic.primitive.parse(&text, around) {
                    value.write_key(out);
                }
            }
            Variety::List(entry) => write_list_key(entry, text, around, out),
            Variety::Union(members) => {
                if let Some(member) = active(members, text, around) {
                    member.write_key(text, around, out);
                }
            }
        }
    }

    /// Tells the names in a text that was checked which mean other places in the document.
    pub(crate) fn names(
        &self,
        text: &str,
        around: &dyn Surroundings,
        tell: &mut dyn FnMut(Role, &str),
    ) {
        match &self.variety {
            Variety::Any => {}
            Variety::Atomic(atomic) => {
                if let Some(role) = atomic.role {
                    tell(role, &self.facets.white.apply(text));
                }
            }
            Variety::List(entry) => {
                for word in words(text) {
                    entry.names(word, around, tell);
                }
            }
            Variety::Union(members) => {
                if let Some(member) = active(members, text, around) {
                    member.names(text, around, tell);
                }
            }
        }
    }

    /// May a value of this type be such a name, or hold some?
    pub(crate) fn may_be(&self, is_meant: &dyn Fn(&Atomic) -> bool) -> bool {
        match &self.variety {
            Variety::Any => false,
            Variety::Atomic(atomic) => is_meant(atomic),
            Variety::List(entry) => entry.may_be(is_meant),
            Variety::Union(members) => members.iter().any(|(_, member)| member.may_be(is_meant)),
        }
    }

    /// May a value of this type hold names that [`Simple::names`] tells?
    pub(crate) fn has_names(&self) -> bool {
        self.may_be(&|atomic| atomic.role.is_some())
    }

    /// Is this `xs:ID` or a restriction of it?
    pub(crate) fn is_id(&self) -> bool {
        matches!(&self.variety, Variety::Atomic(atomic) if atomic.role == Some(Role::Id))
    }
}

impl Lexical {
    /// Has `text` this form?
    fn takes(self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Whole => !text.contains('.'),
            Self::Language => is_language(text),
            Self::NameToken => is_name_token(text),
            Self::Name => is_name(text),
            Self::PlainName => is_plain_name(text),
        }
    }
}

/// Is the value with the key that `write` writes among the codes?
fn check_key(codes: &Codes, write: impl FnOnce(&mut String)) -> Result<(), Misfit> {
    if !codes.has_keys() {
        return Err(Misfit::Code);
    }
    let mut key = String::new();
    write(&mut key);
    if codes.has_key(&key) {
        Ok(())
    } else {
        Err(Misfit::Code)
    }
}

/// The first member that takes `text`.
fn active<'m>(
    members: &'m [(usize, Arc<Simple>)],
    text: &str,
    around: &dyn Surroundings,
) -> Option<&'m Simple> {
    members
        .iter()
        .map(|(_, member)| member.as_ref())
        .find(|member| member.check(text, around).is_ok())
}

fn write_list_key(entry: &Simple, text: &str, around: &dyn Surroundings, out: &mut String) {
    out.push_str("list");
    for word in words(text) {
        // No text of a document holds this character.
        out.push('\u{1}');
        entry.write_key(word, around, out);
    }
}

/// Is the type `derived` the type `base`, or derived from it? A union is a base of its members, and
/// `xs:anySimpleType` of all.
pub(crate) fn is_derived(types: &[Simple], derived: usize, base: usize) -> bool {
    // The types that will do: the base, and if it is a union its members, and theirs.
    let mut goals = vec![base];
    let mut next = 0;
    while let Some(goal) = goals.get(next) {
        if let Some(Simple {
            variety: Variety::Union(members),
            ..
        }) = types.get(*goal)
        {
            let new: Vec<usize> = members
                .iter()
                .map(|(member, _)| *member)
                .filter(|member| !goals.contains(member))
                .collect();
            goals.extend(new);
        }
        next += 1;
    }
    let mut at = Some(derived);
    // No chain is longer than there are types.
    for _ in 0..=types.len() {
        let Some(number) = at else { return false };
        if goals.contains(&number) {
            return true;
        }
        at = types.get(number).and_then(|simple| simple.base);
    }
    false
}

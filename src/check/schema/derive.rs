//! Which type is made from which, and may therefore stand in its place.

use crate::check::schema::values::{Simple, is_derived};
use crate::check::schema::{Compiled, Complex, Kind};

/// Ways to make a type from another, or to stand in for an element: a set of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Methods(u8);

impl Methods {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const EXTENSION: Self = Self(1);
    pub(crate) const RESTRICTION: Self = Self(2);
    pub(crate) const SUBSTITUTION: Self = Self(4);

    /// All of both.
    pub(crate) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Is one of `other` among them?
    pub(crate) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// The types of a schema, done or in the making.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Types<'t> {
    pub(crate) complex: &'t [Complex],
    pub(crate) simple: &'t [Simple],
}

impl Types<'_> {
    /// How `derived` was made from `base`, all steps together; `None` if it was not.
    pub(crate) fn way(self, derived: Kind, base: Kind) -> Option<Methods> {
        let mut way = Methods::NONE;
        let mut at = derived;
        // No chain is longer than there are types; a circle is a fault of its own.
        for _ in 0..=self.complex.len() {
            if at == base {
                return Some(way);
            }
            match (at, base) {
                (Kind::ANY, _) | (Kind::Simple(_), Kind::Complex(1..)) => return None,
                (Kind::Complex(number), _) => {
                    let complex = self.complex.get(number)?;
                    way = way.with(complex.method);
                    at = complex.base;
                }
                (Kind::Simple(_), Kind::Complex(_)) => return Some(way.with(Methods::RESTRICTION)),
                (Kind::Simple(own), Kind::Simple(base)) => {
                    return is_derived(self.simple, own, base)
                        .then(|| way.with(Methods::RESTRICTION));
                }
            }
        }
        None
    }
}

impl Compiled {
    /// How `derived` was made from `base`; `None` if it was not.
    pub(crate) fn way(&self, derived: Kind, base: Kind) -> Option<Methods> {
        let types = Types {
            complex: &self.complex,
            simple: &self.simple,
        };
        types.way(derived, base)
    }
}

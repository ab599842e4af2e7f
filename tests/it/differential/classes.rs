//! Known differences: who is right, and why. What is not listed here fails the test.

use crate::differential::judges::{Said, Verdict};

/// Somebody who judges beside us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Oracle {
    /// `xmllint --schema`, libxml2.
    Libxml2,
    /// `javax.xml.validation`, Xerces in the JDK.
    Java,
    /// The crate `xsd-schema`.
    XsdSchema,
}

/// A variant that we and another judge differently.
#[derive(Debug)]
pub(crate) struct Difference<'a> {
    pub(crate) oracle: Oracle,
    pub(crate) ours: &'a Said,
    pub(crate) theirs: &'a Said,
    pub(crate) octets: &'a [u8],
}

impl Difference<'_> {
    fn is(&self, ours: Verdict, theirs: Verdict) -> bool {
        self.ours.verdict == ours && self.theirs.verdict == theirs
    }
}

/// A kind of difference that is understood.
pub(crate) struct Class {
    /// Its name; docs/validation.md has the same.
    pub(crate) name: &'static str,
    /// Whose verdict differs from ours.
    pub(crate) oracles: &'static [Oracle],
    /// Is this one of them? As narrow as can be.
    pub(crate) fits: fn(&Difference<'_>) -> bool,
    /// Who is right, and why.
    pub(crate) why: &'static str,
}

/// All of them.
pub(crate) const CLASSES: &[Class] = &[];

/// The class that a difference belongs to.
pub(crate) fn class_of(difference: &Difference<'_>) -> Option<&'static Class> {
    CLASSES
        .iter()
        .find(|class| class.oracles.contains(&difference.oracle) && (class.fits)(difference))
}

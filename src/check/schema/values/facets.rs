//! The facets of a type, as they stand after all steps of its derivation.

use std::cmp::Ordering;
use std::sync::Arc;

use regex::Regex;

use crate::check::schema::values::Misfit;
use crate::check::schema::values::codes::Codes;
use crate::check::schema::values::number::Number;
use crate::check::schema::values::value::{Unit, Value};
use crate::check::schema::values::white::White;

/// What a restriction may say about the values of its base.
#[derive(Debug, Clone)]
pub(crate) struct Facets {
    /// What becomes of blanks before anything is checked.
    pub(crate) white: White,
    /// The codes allowed; `None` if any.
    pub(crate) codes: Option<Arc<Codes>>,
    /// The forms that a value must have, all of them, with the text of each in the schema.
    pub(crate) patterns: Vec<(Regex, Arc<str>)>,
    /// The length.
    pub(crate) length: Option<usize>,
    /// The least length.
    pub(crate) length_min: Option<usize>,
    /// The greatest length.
    pub(crate) length_max: Option<usize>,
    /// The most digits in all.
    pub(crate) digits: Option<usize>,
    /// The most digits after the point.
    pub(crate) fraction: Option<usize>,
    /// The least value.
    pub(crate) least: Option<Box<Bound>>,
    /// The greatest value.
    pub(crate) most: Option<Box<Bound>>,
    /// The names of those that no further step may change.
    pub(crate) fixed: Vec<&'static str>,
}

/// The end of a range.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Bound {
    /// As it stands in the schema.
    pub(crate) text: Box<str>,
    /// What it means.
    pub(crate) value: Value<'static>,
    /// Is the end itself left out?
    pub(crate) is_exclusive: bool,
}

impl Bound {
    /// A number as a bound that is part of the range; `None` if it is no number.
    pub(crate) fn number(text: &str) -> Option<Self> {
        Some(Self {
            text: text.into(),
            value: Value::Decimal(Number::parse(text)?).into_owned(),
            is_exclusive: false,
        })
    }

    /// Is `value` on the side of the range, given the order of those that are?
    fn takes(&self, value: &Value<'_>, inside: Ordering) -> bool {
        match value.compare(&self.value) {
            Some(Ordering::Equal) => !self.is_exclusive,
            order => order == Some(inside),
        }
    }
}

impl Facets {
    /// None but what becomes of blanks.
    pub(crate) fn new(white: White) -> Self {
        Self {
            white,
            codes: None,
            patterns: Vec::new(),
            length: None,
            length_min: None,
            length_max: None,
            digits: None,
            fraction: None,
            least: None,
            most: None,
            fixed: Vec::new(),
        }
    }

    /// The shortest and the longest that a value may be.
    pub(crate) fn lengths(&self) -> (Option<usize>, Option<usize>) {
        (
            self.length.max(self.length_min),
            self.length.or(self.length_max),
        )
    }

    /// Has a value this length?
    pub(crate) fn check_length(
        &self,
        length: impl FnOnce() -> usize,
        unit: Unit,
    ) -> Result<(), Misfit> {
        let (least, most) = self.lengths();
        if least.is_none() && most.is_none() || unit == Unit::Nothing {
            return Ok(());
        }
        let length = length();
        if least.is_some_and(|least| length < least) || most.is_some_and(|most| length > most) {
            return Err(Misfit::Length(length, unit));
        }
        Ok(())
    }

    /// Does `text`, blanks treated, have every form?
    pub(crate) fn check_patterns(&self, text: &str) -> Result<(), Misfit> {
        if self.patterns.iter().all(|(form, _)| form.is_match(text)) {
            Ok(())
        } else {
            Err(Misfit::Pattern)
        }
    }

    /// Has `value` few enough digits, and does it lie in the range?
    pub(crate) fn check_size(&self, value: &Value<'_>) -> Result<(), Misfit> {
        if let Value::Decimal(number) = value
            && (self.digits.is_some_and(|most| number.digits() > most)
                || self
                    .fraction
                    .is_some_and(|most| number.fraction_digits() > most))
        {
            return Err(Misfit::Digits);
        }
        let is_in = |bound: &Option<Box<Bound>>, inside| {
            bound
                .as_ref()
                .is_none_or(|bound| bound.takes(value, inside))
        };
        if is_in(&self.least, Ordering::Greater) && is_in(&self.most, Ordering::Less) {
            Ok(())
        } else {
            Err(Misfit::Range)
        }
    }
}

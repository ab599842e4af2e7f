//! Finds, by name and wherever they stand, the values that we keep and that the rules need.
//!
//! Needs no schema. What lies inside an element of another namespace than the root's is not looked
//! at: a signature may carry anything, and nothing in it may pass for the certificate's own values.

mod gather;
mod known;
mod nodes;

use crate::check::facts::nodes::Nodes;
use crate::check::found::Placed;
use crate::check::xml::chars::trimmed;
use crate::domain::outcome::{Layer, Place};
use crate::domain::record::Facts;

pub(crate) use gather::Gatherer;
pub(crate) use known::Known;

/// One element that we looked for and found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Value<'v> {
    /// Which.
    pub(crate) known: Known,
    /// Its text, cut to 100 characters; empty for a group.
    pub(crate) text: &'v str,
    /// Where its start tag stands.
    pub(crate) place: Place,
    /// Did the schema find fault with it? Then it is there, but says nothing.
    is_wrong: bool,
    /// The node of its parent.
    parent: u32,
    position: u32,
    /// Its number among the values; those in a group follow it.
    number: u16,
    /// Of a group: before which number the values in it end.
    end: u16,
}

/// What was found in one document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Values {
    /// In the order of the document: a group comes before what lies in it.
    list: Vec<Kept>,
    /// The texts of all values, one after the other.
    texts: String,
    nodes: Nodes,
    /// The numbers of the values, one known name after the other, in the document's order.
    order: Vec<u16>,
    /// Where in `order` each known name begins.
    starts: Vec<u16>,
    /// Is something missing here, or not in its place? Then nothing may be counted, and nothing
    /// said to be missing.
    pub(crate) is_cut: bool,
}

/// A value as it is kept: small, since there are many, and without memory of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Kept {
    known: Known,
    is_wrong: bool,
    /// Of a group: before which number the values in it end.
    end: u16,
    /// Where the next value's text begins.
    text_end: u32,
    /// Its place. While the document is read, the offset in place of the line.
    line: u32,
    column: u32,
    parent: u32,
    position: u32,
}

impl Values {
    /// The first of this name.
    pub(crate) fn first(&self, known: Known) -> Option<Value<'_>> {
        self.all(known).next()
    }

    /// Is there one of this name?
    pub(crate) fn has(&self, known: Known) -> bool {
        !self.numbers(known).is_empty()
    }

    /// How many there are of this name.
    pub(crate) fn count(&self, known: Known) -> usize {
        self.numbers(known).len()
    }

    /// All of this name, in the document's order.
    pub(crate) fn all(&self, known: Known) -> impl DoubleEndedIterator<Item = Value<'_>> + Clone {
        self.get(self.numbers(known))
    }

    /// All of this name that lie in a group.
    pub(crate) fn all_in(
        &self,
        group: Value<'_>,
        known: Known,
    ) -> impl DoubleEndedIterator<Item = Value<'_>> + Clone {
        let numbers = self.numbers(known);
        let before = numbers.partition_point(|number| *number <= group.number);
        let up_to = numbers.partition_point(|number| *number < group.end);
        self.get(numbers.get(before..up_to).unwrap_or_default())
    }

    /// The first of this name in a group.
    pub(crate) fn first_in(&self, group: Value<'_>, known: Known) -> Option<Value<'_>> {
        self.all_in(group, known).next()
    }

    fn get<'v>(&'v self, numbers: &'v [u16]) -> impl DoubleEndedIterator<Item = Value<'v>> + Clone {
        numbers.iter().filter_map(|number| self.value(*number))
    }

    /// The value with this number.
    fn value(&self, number: u16) -> Option<Value<'_>> {
        let place = usize::from(number);
        let kept = self.list.get(place)?;
        let before = place.checked_sub(1).and_then(|place| self.list.get(place));
        let from = before.map_or(0, |before| before.text_end);
        Some(Value {
            known: kept.known,
            text: self
                .texts
                .get(index(from)..index(kept.text_end))
                .unwrap_or_default(),
            place: Place {
                line: kept.line,
                column: kept.column,
            },
            is_wrong: kept.is_wrong,
            parent: kept.parent,
            position: kept.position,
            number,
            end: kept.end,
        })
    }

    fn numbers(&self, known: Known) -> &[u16] {
        let from = self.starts.get(known.place()).copied();
        let to = self.starts.get(known.place() + 1).copied();
        self.order
            .get(usize::from(from.unwrap_or(0))..usize::from(to.unwrap_or(0)))
            .unwrap_or_default()
    }

    /// Sorts the values by name, once there are all.
    fn sort(&mut self) {
        let mut starts = vec![0_u16; Known::ALL.len() + 1];
        for value in &self.list {
            if let Some(count) = starts.get_mut(value.known.place() + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        self.order = vec![0; self.list.len()];
        // Each start moves on to where the next name begins, which is where that one began.
        for (number, value) in (0_u16..).zip(&self.list) {
            let Some(slot) = starts.get_mut(value.known.place()) else {
                continue;
            };
            if let Some(place) = self.order.get_mut(usize::from(*slot)) {
                *place = number;
            }
            *slot += 1;
        }
        starts.rotate_right(1);
        if let Some(first) = starts.first_mut() {
            *first = 0;
        }
        self.starts = starts;
    }

    /// Takes note of what the schema found: a value at fault says nothing any more, and where
    /// elements are missing or out of place, nothing may be counted.
    pub(crate) fn doubt(&mut self, placed: &Placed) {
        let of_schema = placed
            .findings
            .iter()
            .filter(|finding| finding.layer == Layer::Schema);
        self.is_cut |= placed.unlisted > 0;
        let mut wrong: Vec<Place> = Vec::new();
        for finding in of_schema {
            if finding.code.starts_with("S03") {
                wrong.extend(finding.place);
            } else {
                self.is_cut = true;
            }
        }
        if wrong.is_empty() && placed.doubtful_from.is_none() {
            return;
        }
        wrong.sort_unstable();
        for value in &mut self.list {
            let place = Place {
                line: value.line,
                column: value.column,
            };
            let is_past = placed.doubtful_from.is_some_and(|from| from <= place);
            value.is_wrong = is_past || wrong.binary_search(&place).is_ok();
        }
    }

    /// The path of a value.
    pub(crate) fn path(&self, value: Value<'_>) -> String {
        self.nodes
            .path(value.parent, (value.known.name(), value.position))
    }

    /// The facts among the values.
    pub(crate) fn facts(&self) -> Facts {
        let text = |known| self.first(known).map(|value| value.text.to_string());
        Facts {
            vin: text(Known::VehicleIdentificationNumber),
            ivi_reference_id: text(Known::IviReferenceId),
            ivi_version_number: self
                .first(Known::IviVersionNumber)
                .and_then(Value::two_digits),
            manufacturer_stage_number: self.stage(),
            type_approval_number: text(Known::TypeApprovalNumber),
            vehicle_category: text(Known::VehicleCategory),
            vehicle_type: text(Known::Type),
            variant: text(Known::Variant),
            version: text(Known::Version),
        }
    }

    /// The highest stage number, if each is one. This choice is made here and nowhere else.
    fn stage(&self) -> Option<u32> {
        let stages: Option<Vec<u32>> = self
            .all(Known::ManufacturerStageNumber)
            .map(Value::two_digits)
            .collect();
        stages?.into_iter().max()
    }
}

/// A number, small to be kept, as an index.
fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// An index as a number to be kept.
fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

impl<'v> Value<'v> {
    /// What it says; `None` if the schema found fault with it.
    pub(crate) fn said(self) -> Option<&'v str> {
        (!self.is_wrong).then_some(self.text)
    }

    /// Does it say just this?
    pub(crate) fn says(self, text: &str) -> bool {
        self.said() == Some(text)
    }

    /// The value as a whole number, if it is one that fits.
    pub(crate) fn number(self) -> Option<u64> {
        let digits = trimmed(self.said()?);
        digits.strip_prefix('+').unwrap_or(digits).parse().ok()
    }

    /// The value as a whole number from 0 to 99.
    fn two_digits(self) -> Option<u32> {
        u32::try_from(self.number()?)
            .ok()
            .filter(|number| *number <= 99)
    }
}

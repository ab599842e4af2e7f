//! Ways to change a document. Each may break it, or leave it as right as it was; which of both is
//! for the validators to say.

#![expect(
    clippy::unnecessary_wraps,
    reason = "all changes have one face, though some can always be made"
)]
#![expect(
    clippy::explicit_auto_deref,
    reason = "without the star the type of what is picked would be one without a size"
)]

mod coding;
mod markup;
mod names;
mod tree;
mod values;

use crate::differential::corpus::Corpus;
use crate::differential::dice::Dice;
use crate::differential::outline::{Element, outline};

/// A changed document.
#[derive(Debug)]
pub(crate) struct Variant {
    /// The document it was made from.
    pub(crate) document: String,
    /// What was done to it.
    pub(crate) changes: Vec<&'static str>,
    /// What came of it.
    pub(crate) octets: Vec<u8>,
}

/// A document while it is changed.
pub(crate) struct Scene<'a> {
    text: &'a str,
    elements: Vec<Element>,
    corpus: &'a Corpus,
}

/// Changes the text, if there is something in it that it can change.
type Change = fn(&Scene<'_>, &mut Dice) -> Option<String>;

/// Every change of the text, by name and weight.
const CHANGES: &[(&str, usize, Change)] = &[
    ("drop an element", 8, tree::drop),
    ("double an element", 6, tree::double),
    ("swap two siblings", 6, tree::swap),
    ("move an element", 4, tree::transplant),
    ("put in an element", 4, tree::insert),
    ("empty an element", 3, tree::empty),
    ("rename an element", 5, names::rename),
    ("change a value", 40, values::change),
    ("change an attribute", 5, names::attribute),
    ("add an attribute", 5, names::add_attribute),
    ("change a namespace", 4, names::namespace),
    ("add or change a prefix", 4, names::prefix),
    ("add one of the attributes of xsi", 6, names::xsi),
    ("put markup between tags", 6, markup::between),
    ("put markup into a value", 6, markup::inside),
    ("write a value another way", 5, markup::rewrite),
    ("cut", 2, markup::cut),
    ("break a tag", 4, markup::break_tag),
    ("change line ends", 2, markup::line_ends),
];

/// Makes the variant of this number.
pub(crate) fn variant(corpus: &Corpus, number: u64) -> Variant {
    let dice = &mut Dice::new(number);
    let (document, text) = dice.pick(&corpus.documents);
    let mut text = text.clone();
    let mut changes = Vec::new();
    // Most have one change only: a second fault would hide what becomes of the first.
    let count = *dice.pick(&[0, 1, 1, 1, 1, 1, 1, 1, 2, 3]);
    for _ in 0..count {
        if let Some((name, changed)) = change(corpus, &text, dice) {
            changes.push(name);
            text = changed;
        }
    }
    let (name, octets) = if count == 0 || dice.chance(5) {
        coding::encode(&text, dice)
    } else {
        ("", text.into_bytes())
    };
    changes.extend(Some(name).filter(|name| !name.is_empty()));
    Variant {
        document: document.clone(),
        changes,
        octets,
    }
}

fn change(corpus: &Corpus, text: &str, dice: &mut Dice) -> Option<(&'static str, String)> {
    let scene = Scene {
        text,
        elements: outline(text),
        corpus,
    };
    if scene.elements.is_empty() {
        return None;
    }
    let whole: usize = CHANGES.iter().map(|(_, weight, _)| weight).sum();
    // Not every change fits every document; a few trials find one that does.
    (0..5).find_map(|_| {
        let mut left = dice.roll(whole);
        let chosen = CHANGES.iter().find(|(_, weight, _)| {
            let is_it = left < *weight;
            left = left.saturating_sub(*weight);
            is_it
        });
        let (name, _, change) = chosen?;
        let changed = change(&scene, dice)?;
        (changed != text).then_some((*name, changed))
    })
}

impl Scene<'_> {
    /// Any element but the root, if there is one.
    fn below_root(&self, dice: &mut Dice) -> Option<&Element> {
        (self.elements.len() > 1).then(|| &self.elements[1 + dice.roll(self.elements.len() - 1)])
    }

    fn any(&self, dice: &mut Dice) -> &Element {
        dice.pick(&self.elements)
    }

    /// An element that holds text or nothing.
    fn leaf(&self, dice: &mut Dice) -> Option<&Element> {
        let leaves: Vec<&Element> = self
            .elements
            .iter()
            .filter(|element| element.is_leaf && !element.is_empty_tag())
            .collect();
        (!leaves.is_empty()).then(|| *dice.pick(&leaves))
    }

    fn part(&self, range: std::ops::Range<usize>) -> &str {
        &self.text[range]
    }

    /// The text with a part of it replaced.
    fn with(&self, range: std::ops::Range<usize>, new: &str) -> String {
        let mut text = self.text.to_owned();
        text.replace_range(range, new);
        text
    }

    /// The text with something put in after the name in a start tag.
    fn with_in_tag(&self, element: &Element, new: &str) -> String {
        self.with(element.name.end..element.name.end, new)
    }
}

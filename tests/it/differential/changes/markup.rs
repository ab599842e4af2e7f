//! Comments, sections, instructions, references and stray text; tags broken, documents cut.

use crate::differential::changes::Scene;
use crate::differential::dice::Dice;

/// Put between tags or into values; a good half of them is legal somewhere.
const MARKUP: &[&str] = &[
    "<!-- a comment -->",
    "<!---->",
    "<!-- -- -->",
    "<!--->",
    "<!-- --->",
    "<!-- \u{1} -->",
    "<!--",
    "-->",
    "<?target data?>",
    "<?target?>",
    "<?xml version=\"1.0\"?>",
    "<?XML x?>",
    "<?xml-stylesheet href=\"a\"?>",
    "<??>",
    "<? a?>",
    "<?a",
    "<?a:b c?>",
    "<?1?>",
    "<![CDATA[]]>",
    "<![CDATA[ ]]>",
    "<![CDATA[text]]>",
    "<![CDATA[]]]]>",
    "<![CDATA[",
    "<![cdata[]]>",
    "]]>",
    "]]&gt;",
    "text",
    " ",
    "\n",
    "\t",
    "\r",
    "\r\n",
    "\u{A0}",
    "\u{FEFF}",
    "\u{1D11E}",
    "\u{FFFE}",
    "\u{FFFF}",
    "\u{1}",
    "\u{0}",
    "\u{7F}",
    "\u{85}",
    "&amp;",
    "&lt;",
    "&#65;",
    "&#x41;",
    "&#32;",
    "&#x20;",
    "&#0;",
    "&#x1;",
    "&#xFFFE;",
    "&#x110000;",
    "&#xD800;",
    "&nbsp;",
    "&#;",
    "&#x;",
    "&",
    "& ",
    "&amp",
    "&;",
    "&#X41;",
    "&quot;",
    "&apos;",
    "&gt;",
    "&#13;",
    "&#10;",
    "<",
    "< a/>",
    ">",
    "<>",
    "</>",
    "<!DOCTYPE a>",
    "<!ELEMENT a ANY>",
    "<!>",
    "<!a>",
    "<a b=\"1\"/>",
    "<a></a>",
    "<a>",
    "</a>",
    "<a/ >",
    "<a / >",
    "<a\n/>",
];

/// Puts markup between two tags, or outside the root.
pub(crate) fn between(scene: &Scene<'_>, dice: &mut Dice) -> Option<String> {
    let root = scene.elements.first()?;
    let element = scene.any(dice);
    let at = match dice.roll(8) {
        0 => 0,
        1 => scene.text.len(),
        2 => root.whole.start,
        3 => root.whole.end,
        4 => element.whole.end,
        5 => element.inner.start,
        _ => element.whole.start,
    };
    Some(scene.with(at..at, *dice.pick(MARKUP)))
}

/// Puts markup into a value.
pub(crate) fn inside(scene: &Scene<'_>, dice: &mut Dice) -> Option<String> {
    let element = scene.leaf(dice)?;
    let places: Vec<usize> = element
        .inner
        .clone()
        .chain([element.inner.end])
        .filter(|at| scene.text.is_char_boundary(*at))
        .collect();
    let at = *dice.pick(&places);
    Some(scene.with(at..at, *dice.pick(MARKUP)))
}

/// Writes a value in other octets that mean the same.
pub(crate) fn rewrite(scene: &Scene<'_>, dice: &mut Dice) -> Option<String> {
    let element = scene.leaf(dice)?;
    let old = scene.part(element.inner.clone());
    if old.contains(['&', '<']) {
        return None;
    }
    let new = match dice.roll(4) {
        0 => format!("<![CDATA[{old}]]>"),
        1 => old.chars().fold(String::new(), |whole, letter| {
            format!("{whole}&#{};", u32::from(letter))
        }),
        2 => old.chars().fold(String::new(), |whole, letter| {
            format!("{whole}<!---->{letter}")
        }),
        _ => {
            let half = old.chars().count() / 2;
            let head: String = old.chars().take(half).collect();
            let tail: String = old.chars().skip(half).collect();
            format!("{head}<![CDATA[{tail}]]><?x?>")
        }
    };
    Some(scene.with(element.inner.clone(), &new))
}

/// Leaves out what stands before, behind or between two places.
pub(crate) fn cut(scene: &Scene<'_>, dice: &mut Dice) -> Option<String> {
    let mut at = |from: usize| {
        let mut at = from + dice.roll(scene.text.len() - from + 1);
        while !scene.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let first = at(0);
    let second = at(first).max(first);
    Some(match dice.roll(4) {
        0 => scene.part(first..scene.text.len()).to_owned(),
        1 => scene.with(first..second, ""),
        2 => {
            let end = scene.elements.first()?.whole.end;
            let few = dice.roll(12).min(end);
            scene.part(0..(end - few)).to_owned()
        }
        _ => scene.part(0..first).to_owned(),
    })
}

/// Spoils one tag, or writes it in an unusual way that is right.
pub(crate) fn break_tag(scene: &Scene<'_>, dice: &mut Dice) -> Option<String> {
    let element = scene.any(dice);
    let (open, close) = (element.tag.start, element.tag.end);
    let end_tag = element.inner.end..element.whole.end;
    Some(match dice.roll(11) {
        0 => scene.with(open..open + 1, ""),
        1 => scene.with(close - 1..close, ""),
        2 => scene.with(open + 1..open + 1, " "),
        3 => scene.with(close - 1..close - 1, " \n\t"),
        4 => scene.with(close - 1..close - 1, "/"),
        5 if !element.is_empty_tag() => scene.with(end_tag, ""),
        6 if !element.is_empty_tag() => scene.with(end_tag.end - 1..end_tag.end - 1, " \n"),
        7 if !element.is_empty_tag() => scene.with(end_tag.start + 2..end_tag.start + 2, " "),
        8 if !element.is_empty_tag() => scene.with(end_tag.end - 1..end_tag.end - 1, " a=\"1\""),
        9 => scene.with(open..open, "<"),
        _ => scene.with(close..close, ">"),
    })
}

/// Writes all line ends in another way.
pub(crate) fn line_ends(scene: &Scene<'_>, dice: &mut Dice) -> Option<String> {
    let plain = scene.text.replace("\r\n", "\n");
    Some(plain.replace('\n', *dice.pick(&["\r\n", "\r", "", " ", "\n\n"])))
}

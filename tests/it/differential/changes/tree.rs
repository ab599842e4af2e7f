//! Elements dropped, doubled, swapped, moved, put in and emptied.

use crate::differential::changes::Scene;
use crate::differential::dice::Dice;

/// Leaves an element out.
pub(crate) fn drop(scene: &Scene<'_>, dice: &mut Dice) -> Option<String> {
    let element = scene.below_root(dice)?;
    Some(scene.with(element.whole.clone(), ""))
}

/// Puts an element there twice, or many times.
pub(crate) fn double(scene: &Scene<'_>, dice: &mut Dice) -> Option<String> {
    let element = scene.below_root(dice)?;
    let times = *dice.pick(&[2, 2, 2, 3, 20]);
    let again = scene.part(element.whole.clone()).repeat(times);
    Some(scene.with(element.whole.clone(), &again))
}

/// Lets two children of one parent change places.
pub(crate) fn swap(scene: &Scene<'_>, dice: &mut Dice) -> Option<String> {
    let one = scene.below_root(dice)?;
    let siblings: Vec<_> = scene
        .elements
        .iter()
        .filter(|other| other.parent == one.parent && other.whole != one.whole)
        .collect();
    if siblings.is_empty() {
        return None;
    }
    let other = *dice.pick(&siblings);
    let (first, second) = if one.whole.start < other.whole.start {
        (one, other)
    } else {
        (other, one)
    };
    let between = scene.part(first.whole.end..second.whole.start);
    let swapped = format!(
        "{}{between}{}",
        scene.part(second.whole.clone()),
        scene.part(first.whole.clone())
    );
    Some(scene.with(first.whole.start..second.whole.end, &swapped))
}

/// Takes an element out, and puts it in elsewhere.
pub(crate) fn transplant(scene: &Scene<'_>, dice: &mut Dice) -> Option<String> {
    let from = scene.below_root(dice)?;
    let to = scene.below_root(dice)?;
    let at = to.whole.start;
    if from.whole.contains(&at) {
        return None;
    }
    let moved = scene.part(from.whole.clone()).to_owned();
    let (first, second) = if at < from.whole.start {
        ((at..at, moved.as_str()), (from.whole.clone(), ""))
    } else {
        ((from.whole.clone(), ""), (at..at, moved.as_str()))
    };
    // The later place first, so that the earlier one stays where it is.
    let mut text = scene.with(second.0, second.1);
    text.replace_range(first.0, first.1);
    Some(text)
}

/// Puts in an element that is known elsewhere, or nowhere.
pub(crate) fn insert(scene: &Scene<'_>, dice: &mut Dice) -> Option<String> {
    let place = scene.any(dice);
    let at = *dice.pick(&[
        place.whole.start,
        place.whole.end,
        place.inner.start,
        place.inner.end,
    ]);
    let name = if dice.chance(70) {
        dice.pick(&scene.corpus.names)
    } else {
        dice.pick(&["Unknown", "a", "é", "x:y", "xs:element"]) as &dyn AsRef<str>
    };
    let name = name.as_ref();
    let value = match scene.corpus.values.get(name) {
        Some(values) if !values.is_empty() => dice.pick(values).clone(),
        _ => String::new(),
    };
    let element = match dice.roll(4) {
        0 => format!("<{name}/>"),
        1 => format!("<{name} xmlns=\"\">{value}</{name}>"),
        _ => format!("<{name}>{value}</{name}>"),
    };
    Some(scene.with(at..at, &element))
}

/// Takes everything out of an element, or closes it in its start tag.
pub(crate) fn empty(scene: &Scene<'_>, dice: &mut Dice) -> Option<String> {
    let element = scene.any(dice);
    if element.is_empty_tag() {
        return None;
    }
    let tag = scene.part(element.tag.clone());
    let closed = format!("{}/>", tag.strip_suffix('>')?);
    Some(match dice.roll(3) {
        0 => scene.with(element.whole.clone(), &closed),
        1 => scene.with(element.inner.clone(), " \n\t"),
        _ => scene.with(element.inner.clone(), ""),
    })
}

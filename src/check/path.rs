//! Where in the tree the reader stands: depth, names, and the position among siblings of a name.

use std::collections::HashMap;
use std::fmt::Write;

use crate::check::xml::DEPTH_LIKELY;

/// Past this many different names in one parent the count moves from a list to a map.
const LISTED_MAX: usize = 256;

/// Few documents have more different names among the children of all open elements.
const SIBLINGS_LIKELY: usize = 128;

/// The open elements, outermost first.
#[derive(Debug, Default)]
pub(crate) struct Path<'a> {
    steps: Vec<Step<'a>>,
    /// Names and counts of the children so far, of all open elements one after the other.
    siblings: Vec<(u32, u32)>,
}

/// One open element.
#[derive(Debug)]
struct Step<'a> {
    local: &'a str,
    position: u32,
    children_from: usize,
    /// The counts of those children whose names the list has no room for.
    crowd: Option<Box<Crowd>>,
}

/// Counts by the numbers of names. Rare: a step is moved for every element, and is small without.
#[derive(Debug, Default)]
struct Crowd(HashMap<u32, u32>);

impl<'a> Path<'a> {
    /// At the root's door, with room for the elements that are likely open at a time.
    pub(crate) fn new() -> Self {
        Self {
            steps: Vec::with_capacity(DEPTH_LIKELY),
            siblings: Vec::with_capacity(SIBLINGS_LIKELY),
        }
    }

    /// Goes into a child of this name. `number` is the name's.
    pub(crate) fn enter(&mut self, local: &'a str, number: u32) {
        let position = self.count(number);
        self.steps.push(Step {
            local,
            position,
            children_from: self.siblings.len(),
            crowd: None,
        });
    }

    /// Goes out of the innermost element.
    pub(crate) fn leave(&mut self) {
        if let Some(step) = self.steps.pop() {
            self.siblings.truncate(step.children_from);
        }
    }

    /// How many elements are open.
    pub(crate) fn depth(&self) -> usize {
        self.steps.len()
    }

    /// Name and position of the open element at `depth`, counted from 0.
    pub(crate) fn step(&self, depth: usize) -> Option<(&'a str, u32)> {
        self.steps
            .get(depth)
            .map(|step| (step.local, step.position))
    }

    /// The name of the innermost open element.
    pub(crate) fn name(&self) -> &'a str {
        self.steps.last().map_or("", |step| step.local)
    }

    /// As `XPath`, with positions below the root.
    pub(crate) fn render(&self) -> String {
        let lengths = self.steps.iter().map(|step| step.local.len() + 6);
        let mut text = String::with_capacity(lengths.sum::<usize>().min(PATH_BYTES_MAX));
        for (depth, step) in self.steps.iter().enumerate() {
            push_step(&mut text, depth, step.local, step.position);
        }
        text
    }

    fn count(&mut self, number: u32) -> u32 {
        let from = self.steps.last().map_or(0, |step| step.children_from);
        let listed = self.siblings.get_mut(from..).unwrap_or_default();
        let is_crowded = listed.len() >= LISTED_MAX;
        if let Some((_, count)) = listed.iter_mut().rev().find(|(known, _)| *known == number) {
            *count += 1;
            return *count;
        }
        if is_crowded && let Some(parent) = self.steps.last_mut() {
            let crowd = parent.crowd.get_or_insert_default();
            let count = crowd.0.entry(number).or_insert(0);
            *count += 1;
            return *count;
        }
        self.siblings.push((number, 1));
        1
    }
}

/// The longest path that is shown, in octets; the message's own have a quarter of it.
///
/// Reason: names may be long and nested deeply, and a path goes into every finding.
const PATH_BYTES_MAX: usize = 2000;

/// Adds one step to a path; the root has no position. A path that has no room for it ends in `/…`.
pub(crate) fn push_step(path: &mut String, depth: usize, local: &str, position: u32) {
    if path.len().saturating_add(local.len()) > PATH_BYTES_MAX {
        if !path.ends_with('…') {
            path.push_str("/…");
        }
        return;
    }
    // Writing to a String cannot fail.
    let _ = if depth == 0 {
        write!(path, "/{local}")
    } else {
        write!(path, "/{local}[{position}]")
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_siblings_of_one_name() {
        let mut path = Path::default();
        path.enter("root", 0);
        for _ in 0..2 {
            path.enter("row", 1);
            path.enter("a", 2);
            path.leave();
            path.leave();
        }
        path.enter("other", 3);
        path.leave();
        path.enter("row", 1);
        path.enter("a", 2);
        assert_eq!(path.render(), "/root/row[3]/a[1]");
    }

    #[test]
    fn a_path_of_long_names_is_cut() {
        let name = "n".repeat(900);
        let mut path = Path::default();
        for _ in 0..100 {
            path.enter(&name, 0);
        }
        let shown = path.render();
        assert_eq!(shown, format!("/{name}/{name}[1]/…"));
    }

    #[test]
    fn positions_are_right_in_a_crowd_too() {
        let mut path = Path::default();
        path.enter("root", 0);
        for number in 1..600 {
            path.enter("x", number);
            path.leave();
        }
        path.enter("x", 599);
        assert_eq!(path.render(), "/root/x[2]");
        path.leave();
        path.enter("x", 3);
        assert_eq!(path.render(), "/root/x[2]");
        path.leave();
        path.leave();
        path.enter("root", 0);
        path.enter("x", 599);
        assert_eq!(path.render(), "/root/x[1]");
    }
}

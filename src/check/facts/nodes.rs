//! The elements above the values that are kept: the steps of their paths.

use crate::check::facts::{Known, index, number};
use crate::check::path::push_step;

/// How many names of elements that we do not look for are searched before one is kept again. A
/// message has about a dozen of them.
const SEARCHED_MAX: usize = 32;

/// Elements with something below them that was kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Nodes {
    list: Vec<Node>,
    /// The names of those that we do not look for.
    others: Vec<Box<str>>,
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Node {
    /// The node above it; past all of them for the root, which has none.
    parent: u32,
    /// The number of its name: those that we look for come first.
    name: u32,
    position: u32,
}

impl Nodes {
    /// The parent of the root: no node has this number.
    pub(super) const NONE: u32 = u32::MAX;

    /// Adds the element `local` below `parent`; `known` if it is one that we look for. Gives its number.
    pub(super) fn add(
        &mut self,
        parent: u32,
        known: Option<Known>,
        local: &str,
        position: u32,
    ) -> u32 {
        let name = match known {
            Some(known) => known.place(),
            None => Known::ALL.len() + self.other(local),
        };
        self.list.push(Node {
            parent,
            name: number(name),
            position,
        });
        number(self.list.len() - 1)
    }

    /// Gives back the room that is not needed.
    pub(super) fn shrink_to_fit(&mut self) {
        self.list.shrink_to_fit();
    }

    /// The number of a name that we do not look for.
    fn other(&mut self, local: &str) -> usize {
        let count = self.others.len();
        let recent = count.saturating_sub(SEARCHED_MAX);
        let known = self.others.get(recent..).unwrap_or_default();
        if let Some(found) = known.iter().rposition(|name| **name == *local) {
            return recent + found;
        }
        self.others.push(local.into());
        count
    }

    fn name(&self, number: u32) -> &str {
        let number = index(number);
        match Known::ALL.get(number) {
            Some(known) => known.name(),
            None => self
                .others
                .get(number - Known::ALL.len())
                .map_or("", |name| name),
        }
    }

    /// The path of what lies in the node `above`.
    pub(super) fn path(&self, above: u32, last: (&str, u32)) -> String {
        let mut steps = vec![last];
        let mut at = above;
        while let Some(node) = self.list.get(index(at)) {
            steps.push((self.name(node.name), node.position));
            at = node.parent;
        }
        let lengths = steps.iter().map(|(local, _)| local.len() + 6);
        let mut path = String::with_capacity(lengths.sum());
        for (depth, (local, position)) in steps.iter().rev().enumerate() {
            push_step(&mut path, depth, local, *position);
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_names_all_that_lies_above() {
        let mut nodes = Nodes::default();
        let root = nodes.add(Nodes::NONE, None, "Root", 1);
        for row in 1..=3 {
            let axle = nodes.add(root, Some(Known::AxleGroup), "AxleGroup", row);
            let inner = nodes.add(axle, None, "Other", 1);
            assert_eq!(
                nodes.path(inner, ("Leaf", 2)),
                format!("/Root/AxleGroup[{row}]/Other[1]/Leaf[2]")
            );
        }
        assert_eq!(nodes.others.len(), 2, "each name is kept once");
    }

    #[test]
    fn names_without_end_are_each_kept_and_found_again() {
        let mut nodes = Nodes::default();
        let mut above = Nodes::NONE;
        for number in 0..100 {
            above = nodes.add(above, None, &format!("n{number}"), 1);
        }
        let path = nodes.path(above, ("x", 1));
        assert!(path.starts_with("/n0/n1[1]/") && path.ends_with("/n99[1]/x[1]"));
    }
}

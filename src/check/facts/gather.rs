//! Gathers the values while a document is read: one look at a number an element, no more.

use std::borrow::Cow;

use crate::check::facts::{Known, Node, Value, Values, index, number};
use crate::check::path::Path;
use crate::check::place::places_in_order;
use crate::check::xml::namespaces::Namespace;
use crate::domain::outcome::Place;

/// The longest value that is kept, in characters. The longest that a fact may have is 35.
const VALUE_CHARS_MAX: usize = 100;

/// The most values kept. An ordinary message has under 200; past it, rules that count are silent.
///
/// Reason: they are kept until the rules are applied, and take about 60 octets each.
const VALUES_MAX: usize = 600;

/// Gathers values while a document is read.
#[derive(Debug)]
pub(crate) struct Gatherer {
    values: Values,
    /// Where each value stands; they come in the order of the text.
    offsets: Vec<u32>,
    open: Vec<Open>,
    root: Namespace,
    /// The depth at which a foreign element was entered.
    foreign_from: Option<usize>,
}

/// An open element.
#[derive(Debug, Clone, Copy)]
struct Open {
    at: usize,
    /// The number of its name.
    number: u32,
    has_child: bool,
    /// Its node, if it has one yet.
    node: Option<u32>,
    /// Its number among the values, if it is a group that was kept.
    group: Option<usize>,
}

impl Gatherer {
    /// Nothing gathered yet.
    pub(crate) fn new() -> Self {
        Self {
            values: Values::default(),
            offsets: Vec::new(),
            open: Vec::new(),
            root: Namespace::NONE,
            foreign_from: None,
        }
    }

    /// An element began; `path` ends in it.
    pub(crate) fn start(&mut self, path: &Path<'_>, number: u32, namespace: Namespace, at: usize) {
        match self.open.last_mut() {
            Some(parent) => parent.has_child = true,
            None => self.root = namespace,
        }
        if self.foreign_from.is_none() && namespace != self.root {
            self.foreign_from = Some(self.open.len());
        }
        self.open.push(Open {
            at,
            number,
            has_child: false,
            node: None,
            group: None,
        });
        if let Some(known) = Known::of(number).filter(|known| known.is_group()) {
            let group = self.keep(path, known, "", at);
            if let Some(open) = self.open.last_mut() {
                open.group = group;
            }
        }
    }

    /// The innermost element ends; `path` still ends in it. `text` is what stands before its end.
    pub(crate) fn end(&mut self, path: &Path<'_>, name: u32, text: &str) {
        let Some(open) = self.open.last().copied() else {
            return;
        };
        if let Some(group) = open.group {
            let end = number(self.values.list.len());
            if let Some(value) = self.values.list.get_mut(group) {
                value.inside.1 = end;
            }
        } else if !open.has_child
            && let Some(known) = Known::of(name).filter(|known| !known.is_group())
        {
            self.keep(path, known, text, open.at);
        }
        self.open.pop();
        if self
            .foreign_from
            .is_some_and(|depth| depth >= self.open.len())
        {
            self.foreign_from = None;
        }
    }

    /// Everything gathered, with places.
    pub(crate) fn finish(mut self, text: &str) -> Values {
        let places = places_in_order(text, self.offsets.iter().map(|at| index(*at)));
        for (value, place) in self.values.list.iter_mut().zip(places) {
            value.place = place;
        }
        self.values.sort();
        self.values
    }

    /// Keeps an element, and gives its number among the values.
    fn keep(&mut self, path: &Path<'_>, known: Known, text: &str, at: usize) -> Option<usize> {
        if self.foreign_from.is_some() {
            return None;
        }
        let count = self.values.list.len();
        if count >= VALUES_MAX {
            self.values.is_cut = true;
            return None;
        }
        let depth = path.depth().saturating_sub(1);
        let parent = self.node(path, depth);
        let text = match text.char_indices().nth(VALUE_CHARS_MAX) {
            Some((end, _)) => text.get(..end).unwrap_or_default(),
            None => text,
        };
        self.values.list.push(Value {
            known,
            text: text.into(),
            place: Place { line: 1, column: 1 },
            is_wrong: false,
            parent,
            position: path.step(depth).map_or(1, |(_, position)| position),
            inside: (number(count + 1), number(count + 1)),
        });
        self.offsets.push(number(at));
        Some(count)
    }

    /// The node of the parent of the element at `depth`, made with those above it if need be.
    fn node(&mut self, path: &Path<'_>, depth: usize) -> u32 {
        let made = (0..depth).rev().find_map(|depth| {
            let node = self.open.get(depth)?.node?;
            Some((depth, node))
        });
        let mut parent = made.map(|(_, node)| node);
        for depth in made.map_or(0, |(depth, _)| depth + 1)..depth {
            let (local, position) = path.step(depth).unwrap_or(("", 1));
            let known = self.open.get(depth).and_then(|open| Known::of(open.number));
            self.values.nodes.push(Node {
                parent: parent.unwrap_or(u32::MAX),
                local: known.map_or_else(
                    || Cow::Owned(local.to_owned()),
                    |known| Cow::Borrowed(known.name()),
                ),
                position,
            });
            parent = Some(number(self.values.nodes.len() - 1));
            if let Some(open) = self.open.get_mut(depth) {
                open.node = parent;
            }
        }
        // The root itself has no parent; no node has this number.
        parent.unwrap_or(u32::MAX)
    }
}

//! Gathers the values while a document is read: one look at a number an element, no more.

use crate::check::facts::nodes::Nodes;
use crate::check::facts::{Kept, Known, Values, index, number};
use crate::check::path::Path;
use crate::check::place::Cursor;
use crate::check::xml::{DEPTH_LIKELY, Namespace, Reader};

/// The longest value that is kept, in characters. The longest that a fact may have is 35.
const VALUE_CHARS_MAX: usize = 100;

/// The most values kept; past it, rules that count are silent. Ordinary certificates have under 200;
/// one of six axles with fourteen tyres each that are fitted alike has about 580.
///
/// Reason: they are kept until the rules are applied, and take about 40 octets each, and what rules find
/// in them takes more, of 64 kB that a document may take beyond its own octets.
const VALUES_MAX: usize = 620;

/// At least so many octets of a document go to each value: room for them is made at once.
const OCTETS_EACH: usize = 80;

/// Gathers values while a document is read.
#[derive(Debug)]
pub(crate) struct Gatherer {
    values: Values,
    open: Vec<Open>,
    root: Namespace,
    /// The depth at which a foreign element was entered.
    foreign_from: Option<usize>,
}

/// An open element.
#[derive(Debug, Clone, Copy)]
struct Open {
    at: usize,
    known: Option<Known>,
    has_child: bool,
    /// Its node, if it has one yet.
    node: Option<u32>,
    /// Its number among the values, if it is a group that was kept.
    group: Option<u16>,
}

impl Gatherer {
    /// Nothing gathered yet of `text`.
    pub(crate) fn new(text: &str) -> Self {
        let likely = (text.len() / OCTETS_EACH).min(VALUES_MAX);
        Self {
            values: Values {
                list: Vec::with_capacity(likely),
                texts: String::with_capacity(likely * 6),
                ..Values::default()
            },
            open: Vec::with_capacity(DEPTH_LIKELY),
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
        let known = Known::of(number);
        let group = known
            .filter(|known| known.is_group())
            .and_then(|known| self.keep(path, known, "", at));
        self.open.push(Open {
            at,
            known,
            has_child: false,
            node: None,
            group,
        });
    }

    /// The innermost element ends; `path` still ends in it. `text` is what stands before its end.
    pub(crate) fn end(&mut self, path: &Path<'_>, text: &str) {
        let Some(open) = self.open.pop() else {
            return;
        };
        if let Some(group) = open.group {
            let end = self.count();
            if let Some(value) = self.values.list.get_mut(usize::from(group)) {
                value.end = end;
            }
        } else if !open.has_child
            && let Some(known) = open.known.filter(|known| !known.is_group())
        {
            self.keep(path, known, text, open.at);
        }
        if self
            .foreign_from
            .is_some_and(|depth| depth >= self.open.len())
        {
            self.foreign_from = None;
        }
    }

    /// Everything gathered, with places.
    pub(crate) fn finish(mut self, reader: &Reader<'_>) -> Values {
        let mut cursor = Cursor::new(reader.has_returns());
        for value in &mut self.values.list {
            let place = cursor.place(reader.whole(), index(value.line));
            (value.line, value.column) = (place.line, place.column);
        }
        self.values.texts.shrink_to_fit();
        self.values.nodes.shrink_to_fit();
        self.values.sort();
        self.values
    }

    /// How many values there are.
    fn count(&self) -> u16 {
        u16::try_from(self.values.list.len()).unwrap_or(u16::MAX)
    }

    /// Keeps an element whose parent is the innermost open one, and gives its number among the values.
    fn keep(&mut self, path: &Path<'_>, known: Known, text: &str, at: usize) -> Option<u16> {
        if self.foreign_from.is_some() {
            return None;
        }
        let count = self.count();
        if usize::from(count) >= VALUES_MAX {
            self.values.is_cut = true;
            return None;
        }
        let depth = path.depth().saturating_sub(1);
        let parent = self.node(path, depth);
        let text = match text.char_indices().nth(VALUE_CHARS_MAX) {
            Some((end, _)) => text.get(..end).unwrap_or_default(),
            None => text,
        };
        self.values.texts.push_str(text);
        self.values.list.push(Kept {
            known,
            is_wrong: false,
            end: count.saturating_add(1),
            text_end: number(self.values.texts.len()),
            line: number(at),
            column: 1,
            parent,
            position: path.step(depth).map_or(1, |(_, position)| position),
        });
        Some(count)
    }

    /// The node of the parent of the element at `depth`, made with those above it if need be.
    fn node(&mut self, path: &Path<'_>, depth: usize) -> u32 {
        let made = (0..depth).rev().find_map(|depth| {
            let node = self.open.get(depth)?.node?;
            Some((depth, node))
        });
        let mut parent = made.map_or(Nodes::NONE, |(_, node)| node);
        for depth in made.map_or(0, |(depth, _)| depth + 1)..depth {
            let (local, position) = path.step(depth).unwrap_or(("", 1));
            let known = self.open.get(depth).and_then(|open| open.known);
            parent = self.values.nodes.add(parent, known, local, position);
            if let Some(open) = self.open.get_mut(depth) {
                open.node = Some(parent);
            }
        }
        parent
    }
}

//! Children in an order: sequences, choices and wildcards as a small deterministic automaton.

use std::collections::VecDeque;

use crate::check::schema::QName;
use crate::check::schema::wildcard::{Process, Wildcard};

/// An automaton. State 0 is the start.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    pub(crate) states: Vec<State>,
}

/// What may come next.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    /// Sorted by name: the element and the state after it.
    pub(crate) named: Vec<(QName, usize, usize)>,
    pub(crate) any: Vec<(Wildcard, usize)>,
    pub(crate) may_end: bool,
    /// Set if how often this state was reached in a row is counted.
    pub(crate) counter: Option<Counter>,
}

/// How often the same thing stands in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counter {
    pub(crate) least: u32,
    /// `None` for unbounded.
    pub(crate) most: Option<u32>,
    /// May it begin anew once it is full?
    pub(crate) restarts: bool,
}

/// Where a document stands in an automaton.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Cursor {
    state: usize,
    /// How often the state was reached in a row, where that is counted.
    count: u32,
}

/// Where a child leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// To a declared element.
    Element { element: usize, next: Cursor },
    /// To something that a wildcard lets in.
    Any { process: Process, next: Cursor },
}

impl Model {
    /// Where the child named `name` leads from `cursor`.
    pub(crate) fn step(&self, cursor: Cursor, name: QName) -> Option<Step> {
        let state = self.states.get(cursor.state)?;
        if let Ok(found) = state
            .named
            .binary_search_by_key(&name, |(known, _, _)| *known)
        {
            let (_, element, next) = *state.named.get(found)?;
            let next = state.next(cursor, next)?;
            return Some(Step::Element { element, next });
        }
        let (wildcard, next) = state
            .any
            .iter()
            .find(|(any, _)| any.namespaces.takes(name.namespace))?;
        Some(Step::Any {
            process: wildcard.process,
            next: state.next(cursor, *next)?,
        })
    }

    /// May the parent end here?
    pub(crate) fn may_end(&self, cursor: Cursor) -> bool {
        self.states
            .get(cursor.state)
            .is_some_and(|state| state.may_end && state.is_full(cursor))
    }

    /// The elements that may come next.
    pub(crate) fn expected(&self, cursor: Cursor) -> impl Iterator<Item = usize> {
        self.states
            .get(cursor.state)
            .into_iter()
            .flat_map(move |state| {
                state
                    .named
                    .iter()
                    .filter(move |(.., next)| state.next(cursor, *next).is_some())
                    .map(|(_, element, _)| *element)
            })
    }

    /// The declaration of `name` anywhere in this model.
    pub(crate) fn declaration(&self, name: QName) -> Option<usize> {
        self.elements()
            .find(|(known, _)| *known == name)
            .map(|(_, element)| element)
    }

    /// Every element of this model, some more than once.
    pub(crate) fn elements(&self) -> impl Iterator<Item = (QName, usize)> {
        self.states.iter().flat_map(|state| {
            state
                .named
                .iter()
                .map(|(name, element, _)| (*name, *element))
        })
    }

    /// The fewest elements to skip before `name` may come, and the step it then is.
    pub(crate) fn ahead(&self, cursor: Cursor, name: QName) -> Option<(Vec<Option<usize>>, Step)> {
        self.search(cursor.state, |state| {
            let found = self.step(self.ready(state), name)?;
            matches!(found, Step::Element { .. }).then_some(found)
        })
    }

    /// The fewest elements that are missing before the parent may end; `None` for one that only a
    /// wildcard names.
    pub(crate) fn missing(&self, cursor: Cursor) -> Vec<Option<usize>> {
        let own = self
            .states
            .get(cursor.state)
            .filter(|state| !state.is_full(cursor));
        if let Some(state) = own {
            let again = state.named.iter().find(|(.., next)| *next == cursor.state);
            return vec![again.map(|(_, element, _)| *element)];
        }
        self.search(cursor.state, |state| {
            self.may_end(self.ready(state)).then_some(())
        })
        .map_or_else(Vec::new, |(skipped, ())| skipped)
    }

    /// A state, reached often enough to go on.
    fn ready(&self, state: usize) -> Cursor {
        let counter = self.states.get(state).and_then(|state| state.counter);
        Cursor {
            state,
            count: counter.map_or(0, |counter| counter.least),
        }
    }

    /// Looks ahead, nearest first, for a state that `wanted` takes; the elements on the way there.
    fn search<T>(
        &self,
        from: usize,
        wanted: impl Fn(usize) -> Option<T>,
    ) -> Option<(Vec<Option<usize>>, T)> {
        let mut came_from: Vec<Option<(usize, Option<usize>)>> = vec![None; self.states.len()];
        let mut queue = VecDeque::from([from]);
        while let Some(state) = queue.pop_front() {
            if let Some(found) = wanted(state) {
                let mut skipped = Vec::new();
                let mut at = state;
                while at != from
                    && let Some((before, element)) = came_from.get(at).copied().flatten()
                {
                    skipped.push(element);
                    at = before;
                }
                skipped.reverse();
                return Some((skipped, found));
            }
            let Some(here) = self.states.get(state) else {
                continue;
            };
            let named = here
                .named
                .iter()
                .map(|(_, element, next)| (Some(*element), *next));
            let any = here.any.iter().map(|(_, next)| (None, *next));
            for (element, next) in named.chain(any) {
                if next != from
                    && let Some(slot @ None) = came_from.get_mut(next)
                {
                    *slot = Some((state, element));
                    queue.push_back(next);
                }
            }
        }
        None
    }
}

impl State {
    /// Where `next` leads, with the count; `None` if the count forbids it.
    fn next(&self, cursor: Cursor, next: usize) -> Option<Cursor> {
        let Some(counter) = self.counter else {
            return Some(Cursor {
                state: next,
                count: 1,
            });
        };
        if next != cursor.state {
            return (cursor.count >= counter.least).then_some(Cursor {
                state: next,
                count: 1,
            });
        }
        if counter.most.is_none_or(|most| cursor.count < most) {
            let count = cursor.count.saturating_add(1);
            return Some(Cursor { state: next, count });
        }
        counter.restarts.then_some(Cursor {
            state: next,
            count: 1,
        })
    }

    fn is_full(&self, cursor: Cursor) -> bool {
        self.counter
            .is_none_or(|counter| cursor.count >= counter.least)
    }
}

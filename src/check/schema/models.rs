//! Builds the automata of complex types, once all types and elements are known.

use crate::check::schema::automaton;
use crate::check::schema::build::{Builder, Global};
use crate::check::schema::model::Model;
use crate::check::schema::particles::{Occurring, Particle};
use crate::check::schema::{All, Bits, Content, Kind, QName};

impl<'n> Builder<'n> {
    /// Builds the contents of all complex types.
    pub(crate) fn build_models(&mut self) {
        let mut numbers: Vec<usize> = self.particles.keys().copied().collect();
        numbers.sort_unstable();
        for number in numbers {
            let Some((at, children)) = self.particles.get(&number).cloned() else {
                continue;
            };
            let content = match children.particle.as_ref() {
                Particle::All(members) => Content::All(self.all(at, &children, members)),
                _ => self.ordered(at, &children),
            };
            if let Some(complex) = self.complex.get_mut(number) {
                complex.content = content;
            }
        }
    }

    fn ordered(&mut self, at: Global<'n>, children: &Occurring) -> Content {
        let substitutes = |name: QName, element: usize| self.substitutes(name, element);
        match automaton::build(children, &substitutes) {
            Ok(model) => {
                self.check_consistent(at, &model);
                Content::Model(model)
            }
            Err(what) => {
                self.fault(at.file, at.node, format!("{what} is not supported"));
                Content::Empty
            }
        }
    }

    /// One name in one model must mean one type.
    fn check_consistent(&mut self, at: Global<'n>, model: &Model) {
        let mut all: Vec<(QName, Kind)> = model
            .elements()
            .filter_map(|(name, element)| Some((name, self.elements.get(element)?.kind)))
            .collect();
        all.sort_unstable();
        all.dedup();
        let twice = |pair: &[(QName, Kind)]| matches!(pair, [(one, _), (other, _)] if one == other);
        if all.windows(2).any(twice) {
            let what = "one name stands for two types in a content model";
            self.fault(at.file, at.node, what);
        }
    }

    fn all(&mut self, at: Global<'n>, whole: &Occurring, parts: &[Occurring]) -> All {
        let mut all = All {
            is_optional: whole.least == 0,
            ..All::default()
        };
        let mut members: Vec<(QName, usize, bool)> = parts
            .iter()
            .filter_map(|part| match part.particle.as_ref() {
                Particle::Element(_, name, element) => Some((*name, *element, part.least > 0)),
                _ => None,
            })
            .collect();
        members.sort_unstable_by_key(|(name, ..)| *name);
        let mut is_twice = false;
        for (index, (name, element, is_required)) in members.into_iter().enumerate() {
            all.members.push(element);
            if is_required {
                all.required.set(index);
            }
            for (name, element) in self.substitutes(name, element) {
                is_twice |= all.names.insert(name, (index, element)).is_some();
            }
        }
        if is_twice {
            self.fault(at.file, at.node, "one name stands twice in xs:all");
        }
        all
    }
}

impl All {
    /// Place and element of the member with this name.
    pub(crate) fn find(&self, name: QName) -> Option<(usize, usize)> {
        self.names.get(&name).copied()
    }
}

impl Bits {
    /// Sets a bit.
    pub(crate) fn set(&mut self, index: usize) {
        let bit = 1 << (index % 64);
        let word = index / 64;
        if let Some(low) = self.low.get_mut(word) {
            *low |= bit;
            return;
        }
        let word = word - self.low.len();
        let high = &mut self.high.get_or_insert_default().0;
        if high.len() <= word {
            high.resize(word + 1, 0);
        }
        if let Some(word) = high.get_mut(word) {
            *word |= bit;
        }
    }

    /// Is a bit set?
    pub(crate) fn has(&self, index: usize) -> bool {
        self.word(index / 64) & (1 << (index % 64)) != 0
    }

    /// Are all bits of `other` set here too?
    pub(crate) fn has_all(&self, other: &Self) -> bool {
        let high = other.high.as_ref().map_or(0, |high| high.0.len());
        (0..self.low.len() + high).all(|word| other.word(word) & !self.word(word) == 0)
    }

    fn word(&self, word: usize) -> u64 {
        if let Some(low) = self.low.get(word) {
            return *low;
        }
        let high = self.high.as_ref();
        high.and_then(|high| high.0.get(word - self.low.len()).copied())
            .unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_kept_past_the_first_hundred_too() {
        let mut bits = Bits::default();
        let mut wanted = Bits::default();
        for index in [0, 127, 128, 300] {
            assert!(!bits.has(index));
            wanted.set(index);
        }
        assert!(!bits.has_all(&wanted));
        for index in [0, 127, 128, 300] {
            bits.set(index);
            assert!(bits.has(index) && !bits.has(index + 1));
        }
        assert!(bits.has_all(&wanted) && wanted.has_all(&bits));
    }
}

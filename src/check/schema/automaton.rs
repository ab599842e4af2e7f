//! From sequences and choices to an automaton: places, what follows each, and the sets of places
//! that can be told apart.

use std::collections::HashMap;

use crate::check::schema::QName;
use crate::check::schema::model::{Counter, Model, State};
use crate::check::schema::particles::{Occurring, Particle};
use crate::check::schema::wildcard::Wildcard;

/// The most places in one content model, after `maxOccurs` is written out.
const PLACES_MAX: usize = 4000;

/// The most states of one automaton, and the most ways that lead out of all of them.
const STATES_MAX: usize = 5000;
const WAYS_MAX: usize = 500_000;

/// How often an element is written out; past that it is counted.
const WRITTEN_OUT_MAX: u32 = 50;

/// The most steps in building one automaton, so that groups of groups of nothing end too.
const STEPS_MAX: usize = 200_000;

/// What a child can mean.
#[derive(Debug, Clone)]
enum What {
    /// One of these elements: itself, or what may stand in its place.
    Elements(Vec<(QName, usize)>),
    Any(Wildcard),
}

/// One place in the model. Copies of one place have its number.
#[derive(Debug, Clone)]
struct Place {
    leaf: u32,
    what: What,
    counter: Option<Counter>,
}

/// A part of a model: where it may begin and end.
#[derive(Debug, Clone, Default)]
struct Fragment {
    is_empty_too: bool,
    first: Vec<usize>,
    last: Vec<usize>,
}

/// All elements that may stand where an element is named.
pub(crate) type Substitutes<'s> = &'s dyn Fn(QName, usize) -> Vec<(QName, usize)>;

struct Builder<'s> {
    substitutes: Substitutes<'s>,
    places: Vec<Place>,
    follow: Vec<Vec<usize>>,
    steps: usize,
    /// How many parts around are written out more than once.
    copying: usize,
}

/// Builds the automaton; the error says what cannot be checked.
pub(crate) fn build(whole: &Occurring, substitutes: Substitutes<'_>) -> Result<Model, String> {
    let mut builder = Builder {
        substitutes,
        places: Vec::new(),
        follow: Vec::new(),
        steps: 0,
        copying: 0,
    };
    let fragment = builder.occurring(whole)?;
    builder.settle()?;
    builder.states(&fragment)
}

impl Builder<'_> {
    fn step(&mut self) -> Result<(), String> {
        self.steps += 1;
        if self.steps > STEPS_MAX {
            return Err(too_large());
        }
        Ok(())
    }

    fn occurring(&mut self, part: &Occurring) -> Result<Fragment, String> {
        self.step()?;
        if self.is_counted(part) {
            return self.counted(part);
        }
        let copies = part.most.unwrap_or(part.least);
        self.copying += usize::from(copies > 1);
        let whole = self.written_out(part);
        self.copying -= usize::from(copies > 1);
        whole
    }

    fn written_out(&mut self, part: &Occurring) -> Result<Fragment, String> {
        let mut whole = if let Some(most) = part.most {
            // a{2,4} is a a (a (a)?)?: built from its inside.
            let mut inner = empty();
            for _ in part.least..most {
                let one = self.particle(&part.particle)?;
                inner = self.then(one, &inner)?;
                inner.is_empty_too = true;
            }
            inner
        } else {
            let mut many = self.particle(&part.particle)?;
            self.connect(&many.last.clone(), &many.first.clone())?;
            many.is_empty_too |= part.least == 0;
            many
        };
        let before = part.least.saturating_sub(u32::from(part.most.is_none()));
        for _ in 0..before {
            let one = self.particle(&part.particle)?;
            whole = self.then(one, &whole)?;
        }
        Ok(whole)
    }

    /// Can this be counted in place of being written out, and is that worth it?
    fn is_counted(&self, part: &Occurring) -> bool {
        let is_one = matches!(*part.particle, Particle::Element(..) | Particle::Any(..));
        let is_many =
            part.least > WRITTEN_OUT_MAX || part.most.is_some_and(|most| most > WRITTEN_OUT_MAX);
        is_one && is_many && self.copying == 0
    }

    fn counted(&mut self, part: &Occurring) -> Result<Fragment, String> {
        let mut one = self.particle(&part.particle)?;
        one.is_empty_too = part.least == 0;
        if let Some(place) = self.places.last_mut() {
            place.counter = Some(Counter {
                least: part.least,
                most: part.most,
                restarts: false,
            });
        }
        Ok(one)
    }

    fn particle(&mut self, particle: &Particle) -> Result<Fragment, String> {
        self.step()?;
        match particle {
            Particle::Element(leaf, name, element) => {
                let what = What::Elements((self.substitutes)(*name, *element));
                self.place(*leaf, what)
            }
            Particle::Any(leaf, wildcard) => self.place(*leaf, What::Any(wildcard.clone())),
            Particle::Sequence(parts) => {
                let mut whole = empty();
                for part in parts {
                    let next = self.occurring(part)?;
                    whole = self.then(whole, &next)?;
                }
                Ok(whole)
            }
            Particle::Choice(parts) => {
                let mut whole = Fragment::default();
                for part in parts {
                    let one = self.occurring(part)?;
                    whole.is_empty_too |= one.is_empty_too;
                    whole.first.extend(one.first);
                    whole.last.extend(one.last);
                }
                Ok(whole)
            }
            Particle::All(_) => Err("xs:all must be all that a type holds: it is not allowed inside another group, nor extended".to_owned()),
        }
    }

    fn place(&mut self, leaf: u32, what: What) -> Result<Fragment, String> {
        let place = self.places.len();
        if place >= PLACES_MAX {
            return Err(too_large());
        }
        self.places.push(Place {
            leaf,
            what,
            counter: None,
        });
        self.follow.push(Vec::new());
        Ok(Fragment {
            is_empty_too: false,
            first: vec![place],
            last: vec![place],
        })
    }

    fn then(&mut self, one: Fragment, next: &Fragment) -> Result<Fragment, String> {
        self.connect(&one.last, &next.first)?;
        let mut whole = one;
        if whole.is_empty_too {
            whole.first.extend(&next.first);
        }
        if next.is_empty_too {
            whole.last.extend(&next.last);
        } else {
            whole.last.clone_from(&next.last);
        }
        whole.is_empty_too &= next.is_empty_too;
        Ok(whole)
    }

    fn connect(&mut self, from: &[usize], to: &[usize]) -> Result<(), String> {
        self.steps += from.len().saturating_mul(to.len()) / 20;
        self.step()?;
        for place in from {
            if let Some(follow) = self.follow.get_mut(*place) {
                follow.extend(to);
            }
        }
        Ok(())
    }

    /// Sorts what follows each place, and looks at the places that are counted.
    fn settle(&mut self) -> Result<(), String> {
        for (number, follow) in self.follow.iter_mut().enumerate() {
            follow.sort_unstable();
            follow.dedup();
            let Some(counter) = self
                .places
                .get_mut(number)
                .and_then(|place| place.counter.as_mut())
            else {
                continue;
            };
            counter.restarts = follow.contains(&number);
            if counter.restarts && counter.most != Some(counter.least) {
                return Err(too_large());
            }
            if !counter.restarts && counter.most != Some(1) {
                follow.push(number);
                follow.sort_unstable();
            }
        }
        Ok(())
    }

    /// The states: sets of places that a document can have just passed.
    fn states(&self, whole: &Fragment) -> Result<Model, String> {
        let mut sets: Vec<Vec<usize>> = vec![Vec::new()];
        let mut numbers: HashMap<Vec<usize>, usize> = HashMap::new();
        let mut states = Vec::new();
        let mut ways = 0;
        while states.len() < sets.len() {
            let set = sets.get(states.len()).cloned().unwrap_or_default();
            let is_start = states.is_empty();
            let mut next: Vec<usize> = if is_start {
                whole.first.clone()
            } else {
                set.iter()
                    .flat_map(|place| self.follow.get(*place).into_iter().flatten())
                    .copied()
                    .collect()
            };
            next.sort_unstable();
            next.dedup();
            let mut state = self.state(&next, |places| {
                *numbers.entry(places).or_insert_with_key(|places| {
                    sets.push(places.clone());
                    sets.len() - 1
                })
            })?;
            state.may_end = if is_start {
                whole.is_empty_too
            } else {
                set.iter().any(|place| whole.last.contains(place))
            };
            if let [place] = set.as_slice() {
                state.counter = self.places.get(*place).and_then(|place| place.counter);
            }
            ways += state.named.len();
            states.push(state);
            if sets.len() > STATES_MAX || ways > WAYS_MAX {
                return Err(too_large());
            }
        }
        Ok(Model { states })
    }

    /// The state from which these places can be reached; refused if a child could mean two of them.
    fn state(
        &self,
        next: &[usize],
        mut number: impl FnMut(Vec<usize>) -> usize,
    ) -> Result<State, String> {
        let mut by_leaf: Vec<(u32, Vec<usize>)> = Vec::new();
        for place in next {
            let leaf = self.places.get(*place).map_or(0, |place| place.leaf);
            match by_leaf.binary_search_by_key(&leaf, |(leaf, _)| *leaf) {
                Ok(found) => {
                    if let Some((_, places)) = by_leaf.get_mut(found) {
                        places.push(*place);
                    }
                }
                Err(at) => by_leaf.insert(at, (leaf, vec![*place])),
            }
        }
        let mut state = State::default();
        for (_, places) in by_leaf {
            let Some(what) = places.first().and_then(|first| self.places.get(*first)) else {
                continue;
            };
            let next = number(places);
            match &what.what {
                What::Elements(elements) => state.named.extend(
                    elements
                        .iter()
                        .map(|(name, element)| (*name, *element, next)),
                ),
                What::Any(wildcard) => state.any.push((wildcard.clone(), next)),
            }
        }
        state.named.sort_unstable();
        let twice = state
            .named
            .windows(2)
            .any(|pair| matches!(pair, [(one, ..), (other, ..)] if one == other));
        let by_two = state.any.iter().enumerate().any(|(index, (any, _))| {
            let mut named = state.named.iter();
            let mut others = state.any.iter().skip(index + 1);
            named.any(|(name, ..)| any.namespaces.takes(name.namespace))
                || others.any(|(other, _)| any.namespaces.overlaps(&other.namespaces))
        });
        if twice || by_two {
            return Err("a content model in which a child can mean two things".to_owned());
        }
        Ok(state)
    }
}

fn too_large() -> String {
    format!(
        "a content model with more than {PLACES_MAX} places: lower its maxOccurs, or use unbounded"
    )
}

fn empty() -> Fragment {
    Fragment {
        is_empty_too: true,
        ..Fragment::default()
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::check::schema::model::{Cursor, Step};
    use crate::check::schema::wildcard::{AnyOf, Process};

    /// A number that no other place has.
    fn leaf() -> u32 {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(1);
        NEXT.fetch_add(1, Ordering::Relaxed)
    }

    fn automaton(whole: &Occurring) -> Result<Model, String> {
        build(whole, &|name, element| vec![(name, element)])
    }

    fn element(name: u32, least: u32, most: Option<u32>) -> Occurring {
        let name = QName { namespace: 1, name };
        Occurring {
            particle: Rc::new(Particle::Element(
                leaf(),
                name,
                usize::try_from(name.name).unwrap(),
            )),
            least,
            most,
        }
    }

    fn group(particle: Particle, least: u32, most: Option<u32>) -> Occurring {
        Occurring {
            particle: Rc::new(particle),
            least,
            most,
        }
    }

    fn takes(model: &Model, names: &[u32]) -> bool {
        let mut state = Cursor::default();
        for name in names {
            match model.step(
                state,
                QName {
                    namespace: 1,
                    name: *name,
                },
            ) {
                Some(Step::Element { next, .. } | Step::Any { next, .. }) => state = next,
                None => return false,
            }
        }
        model.may_end(state)
    }

    #[test]
    fn occurrences_are_counted() {
        let model = automaton(&element(7, 2, Some(4))).unwrap();
        let counts: Vec<bool> = (0..6).map(|count| takes(&model, &vec![7; count])).collect();
        assert_eq!(counts, [false, false, true, true, true, false]);
        let many = automaton(&element(7, 2, None)).unwrap();
        assert!(!takes(&many, &[7]));
        assert!(takes(&many, &[7; 100]));
        assert!(takes(&automaton(&element(7, 0, Some(0))).unwrap(), &[]));
    }

    #[test]
    fn sequences_and_choices_nest() {
        // (1, (2 | 3)*, 4?)
        let choice = Particle::Choice(vec![element(2, 1, Some(1)), element(3, 1, Some(1))]);
        let parts = vec![
            element(1, 1, Some(1)),
            group(choice, 0, None),
            element(4, 0, Some(1)),
        ];
        let model = automaton(&group(Particle::Sequence(parts), 1, Some(1))).unwrap();
        for good in [&[1][..], &[1, 4], &[1, 2, 3, 2], &[1, 3, 4]] {
            assert!(takes(&model, good), "{good:?}");
        }
        for bad in [&[][..], &[2], &[1, 4, 4], &[1, 4, 2], &[1, 1]] {
            assert!(!takes(&model, bad), "{bad:?}");
        }
        let (skipped, step) = model
            .ahead(
                Cursor::default(),
                QName {
                    namespace: 1,
                    name: 4,
                },
            )
            .unwrap();
        assert_eq!(skipped, [Some(1)]);
        assert!(matches!(step, Step::Element { element: 4, .. }));
        assert_eq!(model.missing(Cursor::default()), [Some(1)]);
    }

    #[test]
    fn a_model_that_is_not_certain_is_refused() {
        let any = Wildcard {
            namespaces: AnyOf::All,
            process: Process::Lax,
        };
        let parts = vec![
            group(Particle::Any(leaf(), any), 0, None),
            element(1, 1, Some(1)),
        ];
        assert!(automaton(&group(Particle::Sequence(parts), 1, Some(1))).is_err());
        let parts = vec![element(1, 0, Some(1)), element(1, 1, Some(1))];
        assert!(automaton(&group(Particle::Sequence(parts), 1, Some(1))).is_err());
    }

    #[test]
    fn large_numbers_are_counted() {
        let many = automaton(&element(7, 1000, Some(2000))).unwrap();
        for (count, is_right) in [(999, false), (1000, true), (2000, true), (2001, false)] {
            assert_eq!(takes(&many, &vec![7; count]), is_right, "{count}");
        }
        let parts = vec![element(7, 0, Some(1_000_000)), element(8, 1, Some(1))];
        let both = automaton(&group(Particle::Sequence(parts), 1, Some(1))).unwrap();
        assert!(takes(&both, &[8]) && takes(&both, &[7, 7, 8]) && !takes(&both, &[7]));
        // Thousands of groups are neither written out nor counted.
        let inside = Particle::Sequence(vec![element(7, 1, Some(1)), element(8, 1, Some(1))]);
        assert!(automaton(&group(inside, 0, Some(1_000_000))).is_err());
    }

    #[test]
    fn copies_of_one_place_are_no_conflict() {
        // (7?, 8?){0,3}
        let inside = Particle::Sequence(vec![element(7, 0, Some(1)), element(8, 0, Some(1))]);
        let model = automaton(&group(inside, 0, Some(3))).unwrap();
        for good in [&[][..], &[7], &[8, 8, 8], &[7, 8, 7, 8, 7, 8], &[7, 7, 8]] {
            assert!(takes(&model, good), "{good:?}");
        }
        for bad in [&[8, 8, 8, 8][..], &[7, 7, 7, 7], &[8, 7, 8, 7, 8, 7]] {
            assert!(!takes(&model, bad), "{bad:?}");
        }
    }
}

//! Children in an order: sequences, choices and wildcards as a small deterministic automaton.

use std::collections::VecDeque;

use crate::check::schema::{QName, UNKNOWN_NAMESPACE};

/// The most places in one content model, after `maxOccurs` is written out.
const PLACES_MAX: usize = 2000;

/// What a content model is made of.
#[derive(Debug, Clone)]
pub(crate) enum Particle {
    /// An element: its name and its number.
    Element(QName, usize),
    /// Any element of some namespaces.
    Any(Wildcard),
    /// One after the other.
    Sequence(Vec<Occurring>),
    /// One of them.
    Choice(Vec<Occurring>),
}

/// A particle and how often.
#[derive(Debug, Clone)]
pub(crate) struct Occurring {
    pub(crate) particle: Particle,
    pub(crate) least: u32,
    /// `None` for unbounded.
    pub(crate) most: Option<u32>,
}

/// Which elements `xs:any` stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wildcard {
    pub(crate) namespaces: AnyOf,
    /// Is what it stands for checked, if its declaration is known?
    pub(crate) is_lax: bool,
}

/// The namespaces of a wildcard, by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AnyOf {
    All,
    /// Some namespace, but not this one.
    Other(u32),
    Listed(Vec<u32>),
}

/// An automaton. State 0 is the start; state n+1 is "just after place n".
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    states: Vec<State>,
}

#[derive(Debug, Clone, Default)]
struct State {
    /// Sorted by name: the element and the state after it.
    named: Vec<(QName, usize, usize)>,
    any: Vec<(Wildcard, usize)>,
    may_end: bool,
}

/// Where a child leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// To a declared element.
    Element { element: usize, next: usize },
    /// To something that a wildcard lets in.
    Any { is_lax: bool, next: usize },
}

impl Wildcard {
    fn takes(&self, namespace: u32) -> bool {
        match &self.namespaces {
            AnyOf::All => true,
            AnyOf::Other(target) => namespace != *target && namespace != 0,
            AnyOf::Listed(list) => namespace != UNKNOWN_NAMESPACE && list.contains(&namespace),
        }
    }

    fn overlaps(&self, other: &Self) -> bool {
        match (&self.namespaces, &other.namespaces) {
            (AnyOf::Listed(list), _) => list.iter().any(|namespace| other.takes(*namespace)),
            (_, AnyOf::Listed(list)) => list.iter().any(|namespace| self.takes(*namespace)),
            _ => true,
        }
    }
}

impl Model {
    /// Where the child named `name` leads from `state`.
    pub(crate) fn step(&self, state: usize, name: QName) -> Option<Step> {
        let state = self.states.get(state)?;
        if let Ok(found) = state
            .named
            .binary_search_by_key(&name, |(known, _, _)| *known)
        {
            let (_, element, next) = *state.named.get(found)?;
            return Some(Step::Element { element, next });
        }
        let (wildcard, next) = state
            .any
            .iter()
            .find(|(any, _)| any.takes(name.namespace))?;
        Some(Step::Any {
            is_lax: wildcard.is_lax,
            next: *next,
        })
    }

    /// May the parent end in `state`?
    pub(crate) fn may_end(&self, state: usize) -> bool {
        self.states.get(state).is_some_and(|state| state.may_end)
    }

    /// The elements that may come next.
    pub(crate) fn expected(&self, state: usize) -> impl Iterator<Item = usize> {
        self.states
            .get(state)
            .into_iter()
            .flat_map(|state| state.named.iter().map(|(_, element, _)| *element))
    }

    /// The declaration of `name` anywhere in this model.
    pub(crate) fn declaration(&self, name: QName) -> Option<usize> {
        self.states
            .iter()
            .flat_map(|state| &state.named)
            .find(|(known, _, _)| *known == name)
            .map(|(_, element, _)| *element)
    }

    /// Every element of this model.
    pub(crate) fn elements(&self) -> impl Iterator<Item = (QName, usize)> {
        self.states.iter().flat_map(|state| {
            state
                .named
                .iter()
                .map(|(name, element, _)| (*name, *element))
        })
    }

    /// The fewest elements to skip before `name` may come, and the step it then is.
    pub(crate) fn ahead(&self, state: usize, name: QName) -> Option<(Vec<Option<usize>>, Step)> {
        self.search(state, |state| {
            let found = self.step(state, name)?;
            matches!(found, Step::Element { .. }).then_some(found)
        })
    }

    /// The fewest elements that are missing before the parent may end; `None` for one that only a
    /// wildcard names.
    pub(crate) fn missing(&self, state: usize) -> Vec<Option<usize>> {
        self.search(state, |state| self.may_end(state).then_some(()))
            .map_or_else(Vec::new, |(skipped, ())| skipped)
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

    /// Builds the automaton; the error says what cannot be checked.
    pub(crate) fn new(whole: &Occurring) -> Result<Self, String> {
        let mut builder = Builder::default();
        let fragment = builder.occurring(whole)?;
        let mut states = vec![builder.state(&fragment.first, fragment.is_empty_too)?];
        for place in 0..builder.places.len() {
            let follow = builder.follow.get(place).cloned().unwrap_or_default();
            states.push(builder.state(&follow, fragment.last.contains(&place))?);
        }
        Ok(Self { states })
    }
}

/// A part of a model: where it may begin and end.
#[derive(Debug, Clone, Default)]
struct Fragment {
    is_empty_too: bool,
    first: Vec<usize>,
    last: Vec<usize>,
}

#[derive(Debug, Default)]
struct Builder {
    places: Vec<Particle>,
    follow: Vec<Vec<usize>>,
}

impl Builder {
    fn occurring(&mut self, part: &Occurring) -> Result<Fragment, String> {
        let mut whole = if let Some(most) = part.most {
            // a{2,4} is a a (a (a)?)?: built from its inside.
            let mut inner = empty();
            for _ in part.least..most {
                let one = self.particle(&part.particle)?;
                inner = self.then(one, &inner);
                inner.is_empty_too = true;
            }
            inner
        } else {
            let mut many = self.particle(&part.particle)?;
            self.connect(&many.last.clone(), &many.first.clone());
            many.is_empty_too |= part.least == 0;
            many
        };
        let before = part.least.saturating_sub(u32::from(part.most.is_none()));
        for _ in 0..before {
            let one = self.particle(&part.particle)?;
            whole = self.then(one, &whole);
        }
        Ok(whole)
    }

    fn particle(&mut self, particle: &Particle) -> Result<Fragment, String> {
        match particle {
            Particle::Element(..) | Particle::Any(_) => {
                let place = self.places.len();
                if place >= PLACES_MAX {
                    return Err(format!(
                        "a content model with more than {PLACES_MAX} places: lower its maxOccurs, or use unbounded"
                    ));
                }
                self.places.push(particle.clone());
                self.follow.push(Vec::new());
                Ok(Fragment {
                    is_empty_too: false,
                    first: vec![place],
                    last: vec![place],
                })
            }
            Particle::Sequence(parts) => {
                let mut whole = empty();
                for part in parts {
                    let next = self.occurring(part)?;
                    whole = self.then(whole, &next);
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
        }
    }

    fn then(&mut self, one: Fragment, next: &Fragment) -> Fragment {
        self.connect(&one.last, &next.first);
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
        whole
    }

    fn connect(&mut self, from: &[usize], to: &[usize]) {
        for place in from {
            if let Some(follow) = self.follow.get_mut(*place) {
                follow.extend(to);
                follow.sort_unstable();
                follow.dedup();
            }
        }
    }

    /// The state whose next places are these; refused if a child could lead to two of them.
    fn state(&self, next: &[usize], may_end: bool) -> Result<State, String> {
        let mut state = State {
            may_end,
            ..State::default()
        };
        for place in next {
            match self.places.get(*place) {
                Some(Particle::Element(name, element)) => {
                    state.named.push((*name, *element, place + 1));
                }
                Some(Particle::Any(wildcard)) => state.any.push((wildcard.clone(), place + 1)),
                _ => {}
            }
        }
        state.named.sort_unstable();
        let twice = state
            .named
            .windows(2)
            .any(|pair| matches!(pair, [(one, ..), (other, ..)] if one == other));
        let by_two = state.any.iter().enumerate().any(|(index, (any, _))| {
            state
                .named
                .iter()
                .any(|(name, ..)| any.takes(name.namespace))
                || state
                    .any
                    .iter()
                    .skip(index + 1)
                    .any(|(other, _)| any.overlaps(other))
        });
        if twice || by_two {
            return Err("a content model in which a child can mean two things".to_owned());
        }
        Ok(state)
    }
}

fn empty() -> Fragment {
    Fragment {
        is_empty_too: true,
        ..Fragment::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(name: u32, least: u32, most: Option<u32>) -> Occurring {
        let name = QName { namespace: 1, name };
        Occurring {
            particle: Particle::Element(name, usize::try_from(name.name).unwrap()),
            least,
            most,
        }
    }

    fn group(particle: Particle, least: u32, most: Option<u32>) -> Occurring {
        Occurring {
            particle,
            least,
            most,
        }
    }

    fn takes(model: &Model, names: &[u32]) -> bool {
        let mut state = 0;
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
        let model = Model::new(&element(7, 2, Some(4))).unwrap();
        let counts: Vec<bool> = (0..6).map(|count| takes(&model, &vec![7; count])).collect();
        assert_eq!(counts, [false, false, true, true, true, false]);
        let many = Model::new(&element(7, 2, None)).unwrap();
        assert!(!takes(&many, &[7]));
        assert!(takes(&many, &[7; 100]));
        assert!(takes(&Model::new(&element(7, 0, Some(0))).unwrap(), &[]));
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
        let model = Model::new(&group(Particle::Sequence(parts), 1, Some(1))).unwrap();
        for good in [&[1][..], &[1, 4], &[1, 2, 3, 2], &[1, 3, 4]] {
            assert!(takes(&model, good), "{good:?}");
        }
        for bad in [&[][..], &[2], &[1, 4, 4], &[1, 4, 2], &[1, 1]] {
            assert!(!takes(&model, bad), "{bad:?}");
        }
        let (skipped, step) = model
            .ahead(
                0,
                QName {
                    namespace: 1,
                    name: 4,
                },
            )
            .unwrap();
        assert_eq!(skipped, [Some(1)]);
        assert!(matches!(step, Step::Element { element: 4, .. }));
        assert_eq!(model.missing(0), [Some(1)]);
    }

    #[test]
    fn a_model_that_is_not_certain_is_refused() {
        let any = Wildcard {
            namespaces: AnyOf::All,
            is_lax: true,
        };
        let parts = vec![group(Particle::Any(any), 0, None), element(1, 1, Some(1))];
        assert!(Model::new(&group(Particle::Sequence(parts), 1, Some(1))).is_err());
        let parts = vec![element(1, 0, Some(1)), element(1, 1, Some(1))];
        assert!(Model::new(&group(Particle::Sequence(parts), 1, Some(1))).is_err());
        assert!(Model::new(&element(1, 0, Some(1_000_000))).is_err());
    }

    #[test]
    fn wildcards_take_the_namespaces_they_name() {
        let other = Wildcard {
            namespaces: AnyOf::Other(1),
            is_lax: false,
        };
        assert!(other.takes(2) && other.takes(UNKNOWN_NAMESPACE));
        assert!(!other.takes(1) && !other.takes(0));
        let listed = Wildcard {
            namespaces: AnyOf::Listed(vec![0, 2]),
            is_lax: false,
        };
        assert!(listed.takes(0) && listed.takes(2) && !listed.takes(1));
        assert!(!listed.takes(UNKNOWN_NAMESPACE));
        assert!(listed.overlaps(&other));
    }
}

//! Wildcards, of elements and of attributes: which namespaces they take, and what they check.

use crate::check::schema::UNKNOWN_NAMESPACE;
use crate::check::schema::build::{Builder, Global};

/// What a wildcard stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wildcard {
    pub(crate) namespaces: AnyOf,
    pub(crate) process: Process,
}

/// How far that for which a wildcard stands is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Process {
    /// Not at all.
    Skip,
    /// If its declaration is known.
    Lax,
    /// Its declaration must be known.
    Strict,
}

/// The namespaces of a wildcard, by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AnyOf {
    All,
    /// Some namespace, but not this one.
    Other(u32),
    Listed(Vec<u32>),
}

impl AnyOf {
    /// Is this namespace among them?
    pub(crate) fn takes(&self, namespace: u32) -> bool {
        match self {
            Self::All => true,
            Self::Other(target) => namespace != *target && namespace != 0,
            Self::Listed(list) => namespace != UNKNOWN_NAMESPACE && list.contains(&namespace),
        }
    }

    /// Is there a namespace that both take?
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Listed(list), _) => list.iter().any(|namespace| other.takes(*namespace)),
            (_, Self::Listed(list)) => list.iter().any(|namespace| self.takes(*namespace)),
            _ => true,
        }
    }

    /// Are all of these among the others?
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        match (self, other) {
            (_, Self::All) => true,
            (Self::Listed(list), _) => list.iter().all(|namespace| other.takes(*namespace)),
            (Self::Other(one), Self::Other(two)) => one == two || *two == 0,
            _ => false,
        }
    }

    /// What both take; `None` if no wildcard can say it.
    pub(crate) fn both(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::All, rest) | (rest, Self::All) => Some(rest.clone()),
            (Self::Listed(list), rest) | (rest, Self::Listed(list)) => {
                let both = list
                    .iter()
                    .copied()
                    .filter(|namespace| rest.takes(*namespace));
                Some(Self::Listed(both.collect()))
            }
            (Self::Other(one), Self::Other(two)) if one == two || *two == 0 => {
                Some(Self::Other(*one))
            }
            (Self::Other(0), Self::Other(two)) => Some(Self::Other(*two)),
            _ => None,
        }
    }

    /// What either takes; `None` if no wildcard can say it.
    pub(crate) fn either(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::All, _) | (_, Self::All) => Some(Self::All),
            (Self::Listed(one), Self::Listed(two)) => {
                let mut all = one.clone();
                all.extend(
                    two.iter()
                        .copied()
                        .filter(|namespace| !one.contains(namespace)),
                );
                Some(Self::Listed(all))
            }
            (Self::Other(one), Self::Other(two)) => {
                Some(Self::Other(if one == two { *one } else { 0 }))
            }
            (Self::Other(target), Self::Listed(list))
            | (Self::Listed(list), Self::Other(target)) => {
                match (list.contains(target), list.contains(&0)) {
                    (true, true) => Some(Self::All),
                    (true, false) => Some(Self::Other(0)),
                    (false, false) => Some(Self::Other(*target)),
                    (false, true) => None,
                }
            }
        }
    }
}

impl<'n> Builder<'n> {
    /// Compiles `xs:any` or `xs:anyAttribute`.
    pub(crate) fn wildcard(&mut self, at: Global<'n>, attributes: &[&str]) -> Wildcard {
        let Global { file, node } = at;
        self.allow(file, node, attributes, &[]);
        let process = match node.attribute("processContents") {
            None | Some("strict") => Process::Strict,
            Some("lax") => Process::Lax,
            Some("skip") => Process::Skip,
            Some(_) => {
                let what = "processContents must be strict, lax or skip";
                self.fault(file, node, what);
                Process::Strict
            }
        };
        let target = self.namespace(&file.target);
        let namespaces = match node.attribute("namespace").unwrap_or("##any").trim() {
            "##any" => AnyOf::All,
            "##other" => AnyOf::Other(target),
            list => AnyOf::Listed(
                list.split_whitespace()
                    .map(|uri| match uri {
                        "##targetNamespace" => target,
                        "##local" => 0,
                        uri => {
                            if uri.starts_with("##") {
                                let what = format!("'{uri}' cannot stand in a list of namespaces");
                                self.fault(file, node, what);
                            }
                            self.namespace(uri)
                        }
                    })
                    .collect(),
            ),
        };
        Wildcard {
            namespaces,
            process,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_take_the_namespaces_they_name() {
        let other = AnyOf::Other(1);
        assert!(other.takes(2) && other.takes(UNKNOWN_NAMESPACE));
        assert!(!other.takes(1) && !other.takes(0));
        let listed = AnyOf::Listed(vec![0, 2]);
        assert!(listed.takes(0) && listed.takes(2) && !listed.takes(1));
        assert!(!listed.takes(UNKNOWN_NAMESPACE));
        assert!(listed.overlaps(&other));
        assert!(!AnyOf::Listed(vec![0, 1]).overlaps(&other));
    }

    #[test]
    fn wildcards_are_joined_and_cut() {
        let listed = |list: &[u32]| AnyOf::Listed(list.to_vec());
        assert_eq!(
            AnyOf::Other(1).both(&listed(&[0, 1, 2])),
            Some(listed(&[2]))
        );
        assert_eq!(AnyOf::Other(1).either(&listed(&[0, 1])), Some(AnyOf::All));
        assert_eq!(AnyOf::Other(1).either(&listed(&[0])), None);
        assert_eq!(
            AnyOf::Other(1).either(&AnyOf::Other(2)),
            Some(AnyOf::Other(0))
        );
        assert_eq!(AnyOf::Other(1).both(&AnyOf::Other(2)), None);
        assert!(listed(&[2, 3]).is_within(&AnyOf::Other(1)));
        assert!(!AnyOf::All.is_within(&AnyOf::Other(1)));
    }
}

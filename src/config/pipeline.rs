//! The section `[pipeline]`: how many submissions are judged at once, and how often one is tried.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::problem::Faults;

/// How many submissions are judged at once, and how often one is tried.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pipeline {
    /// Submissions judged at once; 0 for as many as there are cores.
    pub workers: u32,
    /// A submission is held when judging it was begun so often without an end.
    pub attempts_max: u32,
    /// A claimed submission belongs to its node for so long; then another may claim it.
    #[serde(with = "crate::config::duration")]
    pub lease: Duration,
    /// How often the store is asked for work that nobody announced.
    #[serde(with = "crate::config::duration")]
    pub look_every: Duration,
}

impl Pipeline {
    /// Says what of the values makes no sense.
    pub(crate) fn faults(&self, faults: &mut Faults) {
        faults.between("workers", self.workers.into(), 0, 1024);
        faults.between("attempts-max", self.attempts_max.into(), 1, 100);
        faults.length("lease", self.lease);
        faults.length("look-every", self.look_every);
    }
}

impl Default for Pipeline {
    fn default() -> Self {
        Self {
            workers: 0,
            attempts_max: 3,
            lease: Duration::from_mins(1),
            look_every: Duration::from_secs(5),
        }
    }
}

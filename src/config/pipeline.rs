//! The section `[pipeline]`: how many submissions are judged at once, and how often one is tried.

use std::time::Duration;

use serde::Deserialize;

/// How many submissions are judged at once, and how often one is tried.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
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

impl Default for Pipeline {
    fn default() -> Self {
        Self {
            workers: 0,
            attempts_max: 3,
            lease: Duration::from_secs(60),
            look_every: Duration::from_secs(5),
        }
    }
}
